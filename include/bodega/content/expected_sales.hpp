// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <bodega/content/content_model.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

/// Returns what each item may sell by what items like it sell: the mean of `sold` (one number an
/// item) over the others that were sold, each weighed by the square of its likeness, and beside
/// them a `leaning` of the mean of all. For the items that are new; what is known of an item itself
/// is left out. Throws Error(shape, not_finite, invalid_argument) unless each item has one finite
/// number of 0 or more, and the leaning is a finite number above 0. Complexity: a query for each
/// item.
template <WeightFormat W>
std::vector<float> expected_sales(const ContentModel<W>& model, std::span<const float> sold,
                                  double leaning = 0.1) {
  validate_size(sold.size(), model.items(), "expected_sales, sold");
  validate_finite(sold, "expected_sales, sold");
  if (!(leaning > 0) || !std::isfinite(leaning))
    throw Error(ErrorCode::invalid_argument, "expected_sales, leaning", "a finite number above 0",
                std::to_string(leaning));
  double all = 0, items_sold = 0;
  for (const float number : sold) {
    if (number < 0)
      throw Error(ErrorCode::invalid_argument, "expected_sales, sold", "numbers of 0 or more",
                  std::to_string(number));
    all += double{number};
    items_sold += number > 0;
  }
  const double mean = items_sold > 0 ? all / items_sold : 0;
  std::vector<float> expected(sold.size()), likeness(sold.size());
  for (std::uint32_t i = 0; i < sold.size(); ++i) {
    std::fill(likeness.begin(), likeness.end(), 0.0f);
    const ItemIndex item(i);
    model.add_scores({.basket = {&item, 1}}, 1, likeness);
    likeness[i] = 0;
    double sum = leaning * mean, weights = leaning;
    for (std::size_t j = 0; j < sold.size(); ++j) {
      if (!(sold[j] > 0)) continue;
      const double weight = double{likeness[j]} * double{likeness[j]};
      sum += weight * double{sold[j]};
      weights += weight;
    }
    expected[i] = static_cast<float>(sum / weights);
  }
  return expected;
}

}  // namespace bodega::inline BODEGA_ABI
