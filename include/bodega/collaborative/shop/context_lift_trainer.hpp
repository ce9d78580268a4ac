// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include <bodega/collaborative/shop/context_lift.hpp>
#include <bodega/collaborative/sums/context_counts.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/options.hpp>
#include <bodega/tensor/matrix.hpp>

namespace bodega::inline BODEGA_ABI {

struct ContextLiftOptions {
  double shrinkage = 20;

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("shrinkage", self.shrinkage,
          "So many sales as on the whole are added to those of each item in each context.");
  }
};

namespace detail {
/// log((n + s) / (expected + s)) of each item in each context, 0 where nothing is known.
inline Matrix<float> log_lifts(const Matrix<float>& counts, double present, double shrinkage) {
  Matrix<float> lifts(counts.rows(), counts.columns());
  std::vector<double> item(counts.columns(), 0.0), context(counts.rows(), 0.0);
  double all = 0;
  for (std::size_t c = 0; c < counts.rows(); ++c)
    for (std::size_t i = 0; i < counts.columns(); ++i) {
      const double count = double{counts(c, i)} * present;
      item[i] += count;
      context[c] += count;
      all += count;
    }
  if (!(all > 0)) return lifts;
  for (std::size_t c = 0; c < counts.rows(); ++c)
    for (std::size_t i = 0; i < counts.columns(); ++i) {
      const double expected = context[c] * item[i] / all;
      lifts(c, i) = static_cast<float>(
          std::log((double{counts(c, i)} * present + shrinkage) / (expected + shrinkage)));
    }
  return lifts;
}
}  // namespace detail

/// Throws Error(invalid_argument) where the shrinkage is not a finite number above 0.
/// Complexity: some passes over the counts.
inline ContextLift<> fit_context_lift(const ContextCounts& counts,
                                      const ContextLiftOptions& options = {}) {
  if (!(options.shrinkage > 0) || !std::isfinite(options.shrinkage))
    throw Error(ErrorCode::invalid_argument, "fit_context_lift, option shrinkage",
                "a finite number above 0", std::to_string(options.shrinkage));
  return {detail::log_lifts(counts.by_moment(), counts.present(), options.shrinkage),
          detail::log_lifts(counts.by_checkout(), counts.present(), options.shrinkage)};
}

}  // namespace bodega::inline BODEGA_ABI
