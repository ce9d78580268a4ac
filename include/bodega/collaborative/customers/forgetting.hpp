// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <string>

#include <bodega/core/abi.hpp>
#include <bodega/core/enum_names.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/options.hpp>

namespace bodega::inline BODEGA_ABI {

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
  double scale = 10;
  double per_step = 1;
  double size = 0;

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("age", self.age, "What the age of a basket is counted in.");
    visit("power", self.power, "A basket of age a counts (1 + a / scale)^-power.");
    visit("scale", self.scale, "An age, above 0.");
    visit("per_step", self.per_step, "And per_step^a; above 0, at most 1.");
    visit("size", self.size, "How far large baskets count less; 1 = every line counts the same.");
  }

  /// What a basket counts of that age, `times_mean` as large as the mean basket.
  double weight(double basket_age, double times_mean) const {
    return std::pow(per_step, basket_age) * std::pow(1 + basket_age / scale, -power) *
           std::pow(times_mean, -size);
  }

  bool operator==(const Forgetting&) const = default;

  /// Error (invalid_argument) on a bad option.
  void validate(const std::string& where) const;
};
constexpr auto enum_names(Forgetting::Age) noexcept {
  using enum Forgetting::Age;
  return std::to_array<EnumName<Forgetting::Age>>({{baskets, "baskets"}, {days, "days"}});
}

#if BODEGA_BODIES

BODEGA_INLINE void Forgetting::validate(const std::string& where) const {
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

#endif

}  // namespace bodega::inline BODEGA_ABI
