// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include <bodega/core/error.hpp>
#include <bodega/data/baskets.hpp>

namespace bodega {

/// How much less a customer's older baskets say about the next one: a basket of age a and n items
/// counts
///
///   per_step^a (1 + a / scale)^-power (n / mean n)^-size
///
/// times. A power of 0 and a step of 1 forget nothing. A power law forgets the last weeks fast and
/// the years slowly, as habits do; a step of 0.95 forgets all at one rate.
/// Source: Anderson, Schooler, "Reflections of the environment in memory", Psychological Science
/// 1991 (power law).
struct Forgetting {
  enum class Age {
    baskets,  ///< the customer's own baskets since then: 0 for the latest
    days      ///< days from then to the latest basket of any customer
  };
  Age age = Age::baskets;
  double power = 0;
  double scale = 10;    ///< an age, above 0
  double per_step = 1;  ///< above 0, at most 1
  double size = 0;      ///< how far large baskets count less: 1 = every line counts the same

  /// What a basket counts of that age, `times_mean` as large as the mean basket.
  double weight(double basket_age, double times_mean) const {
    return std::pow(per_step, basket_age) * std::pow(1 + basket_age / scale, -power) *
           std::pow(times_mean, -size);
  }

  /// Error (invalid_argument) on a bad option.
  void validate(const std::string& where) const {
    const auto check = [&](bool good, const char* option, const char* expected, double found) {
      if (!good || !std::isfinite(found))
        throw Error(ErrorCode::invalid_argument, where + ", option " + option, expected,
                    std::to_string(found));
    };
    check(power >= 0, "power", "a finite number of 0 or more", power);
    check(scale > 0, "scale", "a finite number above 0", scale);
    check(per_step > 0 && per_step <= 1, "per_step", "above 0, at most 1", per_step);
    check(size >= 0, "size", "a finite number of 0 or more", size);
  }
};

/// The weight of each basket, in the order of the baskets; those without a customer get 0. A
/// customer's baskets of the same moment are in the order they were added.
/// Error (invalid_argument) on a bad option. Cost: the sort of each customer's baskets.
inline std::vector<float> forgetting_weights(const Baskets& baskets, const Forgetting& forgetting) {
  forgetting.validate("Forgetting");

  std::vector<std::uint32_t> known;
  double lines = 0;
  std::int32_t latest = 0;
  for (std::uint32_t b = 0; b < baskets.size(); ++b) {
    if (baskets.customer(b).is_none()) continue;
    latest = std::max(known.empty() ? baskets.day(b).days_since_1970() : latest,
                      baskets.day(b).days_since_1970());
    known.push_back(b);
    lines += static_cast<double>(baskets[b].size());
  }
  const double mean_size = lines / static_cast<double>(std::max<std::size_t>(known.size(), 1));
  std::stable_sort(known.begin(), known.end(), [&](std::uint32_t a, std::uint32_t b) {
    return baskets.customer(a) != baskets.customer(b) ? baskets.customer(a) < baskets.customer(b)
                                                      : baskets.when(a) < baskets.when(b);
  });
  std::vector<float> weights(baskets.size(), 0.0f);
  double baskets_since = 0;
  for (std::size_t k = known.size(); k-- > 0;) {
    const std::uint32_t b = known[k];
    baskets_since = k + 1 < known.size() && baskets.customer(b) == baskets.customer(known[k + 1])
                        ? baskets_since + 1
                        : 0;
    const double age = forgetting.age == Forgetting::Age::baskets
                           ? baskets_since
                           : static_cast<double>(latest) - baskets.day(b).days_since_1970();
    weights[b] = static_cast<float>(
        forgetting.weight(age, static_cast<double>(baskets[b].size()) / mean_size));
  }
  return weights;
}

/// The sum of the weights of each customer's baskets: how many of today's baskets the customer's
/// history is worth. Error (shape) where there is not one weight a basket.
inline std::vector<float> baskets_of_customers(const Baskets& baskets,
                                               const std::vector<float>& weights) {
  if (weights.size() != baskets.size())
    throw Error(ErrorCode::shape, "baskets_of_customers, weights", std::to_string(baskets.size()),
                std::to_string(weights.size()));
  std::vector<double> sum(baskets.customers(), 0.0);
  for (std::size_t b = 0; b < baskets.size(); ++b)
    if (!baskets.customer(b).is_none()) sum[baskets.customer(b).value()] += double{weights[b]};
  return {sum.begin(), sum.end()};
}

}  // namespace bodega
