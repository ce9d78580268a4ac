// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <bodega/collaborative/customers/forgetting.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/units.hpp>

namespace bodega::inline BODEGA_ABI {

/// How what customers bought before a model was fitted fades as later baskets come. The fitted sums
/// no longer tell one basket from the other: all of a customer's fade alike, by as much as their
/// sum would if each had been kept. The sum is exact, to rounding, where baskets of every size
/// count the same; which items it is made of is exact where a step of age takes the same share of
/// every basket (a power of 0), and else leans to the older habits a little.
class Fading {
 public:
  /// Nothing is forgotten.
  Fading() { restore(0); }
  /// `as_of`: the latest day of the baskets that were fitted. `mean_basket`: their mean number of
  /// distinct items. `ages`: of each customer, the mean age in days of the baskets, each by its
  /// weight; wanted where age in days is forgotten by a power. Throws what `validate` does.
  Fading(const Forgetting& forgetting, Day as_of, double mean_basket, std::vector<float> ages = {});

  const Forgetting& forgetting() const noexcept { return forgetting_; }
  /// The latest day of what was fitted; nothing where it is not known.
  std::optional<Day> as_of() const noexcept {
    if (as_of_ == never) return std::nullopt;
    return Day::nearest(as_of_);
  }
  bool forgets() const noexcept { return forgetting_.power != 0 || forgetting_.per_step != 1; }

  /// What a later basket of so many distinct items counts, `baskets` baskets of the customer ago,
  /// and `days` days.
  double later(std::size_t baskets, std::int64_t days, std::size_t items) const noexcept;

  /// What is left of the customer's fitted sum `sum`, as a share, after so many later baskets, and
  /// `days` days.
  double left(std::size_t customer, double sum, std::size_t baskets,
              std::int64_t days) const noexcept;

  /// Throws Error(invalid_argument, out_of_range, not_finite, shape) on a bad option of forgetting,
  /// a day beyond the years 1 to 9999, a mean that is no size of a basket, and ages that are no
  /// ages.
  void validate(const std::string& where) const;

  /// Makes the sums of weights by age, up to those that the largest fitted sum may be made of.
  void restore(double largest_sum);

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("age", self.age_);
    visit("power", self.forgetting_.power);
    visit("scale", self.forgetting_.scale);
    visit("per_step", self.forgetting_.per_step);
    visit("size", self.forgetting_.size);
    visit("as_of", self.as_of_);
    visit("mean_basket", self.mean_basket_);
    visit("ages", self.ages_);
  }

  bool operator==(const Fading& other) const noexcept {
    return forgetting_ == other.forgetting_ && as_of_ == other.as_of_ &&
           mean_basket_ == other.mean_basket_ && ages_ == other.ages_;
  }

 private:
  static constexpr std::int32_t never = std::numeric_limits<std::int32_t>::min();

  /// From 0 to `most`, whatever an odd option makes of it.
  static double within(double number, double most) noexcept {
    return number > 0 ? std::min(number, most) : 0;
  }
  bool in_days() const noexcept { return forgetting_.age == Forgetting::Age::days; }

  /// How many baskets the sum is made of: the number that would give it.
  double baskets_of(double sum) const noexcept;
  /// The sum of the weights of so many baskets; between two by what lies between.
  double sum_to(double baskets) const noexcept;

  std::uint8_t age_ = 0;  // a Forgetting::Age
  Forgetting forgetting_;
  std::int32_t as_of_ = never;
  double mean_basket_ = 1;
  std::vector<float> ages_;
  std::vector<double> sums_;  // of the weights of the newest 0, 1, 2, ... baskets; by restore()
};

#if BODEGA_BODIES

BODEGA_INLINE Fading::Fading(const Forgetting& forgetting, Day as_of, double mean_basket,
                             std::vector<float> ages)
    : age_(static_cast<std::uint8_t>(forgetting.age)),
      forgetting_(forgetting),
      as_of_(as_of.days_since_1970()),
      mean_basket_(mean_basket),
      ages_(std::move(ages)) {
  validate("Fading");
  restore(0);
}

BODEGA_INLINE double Fading::later(std::size_t baskets, std::int64_t days,
                                   std::size_t items) const noexcept {
  const double age = in_days() ? static_cast<double>(std::max<std::int64_t>(days, 0))
                               : static_cast<double>(baskets);
  if (!forgets() && forgetting_.size == 0) return 1;
  return within(forgetting_.weight(age, static_cast<double>(items) / mean_basket_), 1e6);
}

BODEGA_INLINE double Fading::left(std::size_t customer, double sum, std::size_t baskets,
                                  std::int64_t days) const noexcept {
  if (!forgets() || !(sum > 0)) return 1;
  if (in_days()) {
    if (days <= 0) return 1;
    const double age = customer < ages_.size() ? double{ages_[customer]} : 0.0;
    const double then = forgetting_.weight(age, 1);
    return within(forgetting_.weight(age + static_cast<double>(days), 1) / then, 1);
  }
  if (baskets == 0) return 1;
  const double fitted = baskets_of(sum);
  const double now =
      sum_to(fitted + static_cast<double>(baskets)) - sum_to(static_cast<double>(baskets));
  return within(now / sum_to(fitted), 1);
}

BODEGA_INLINE void Fading::validate(const std::string& where) const {
  forgetting_.validate(where);
  const auto want = [&](bool good, const char* what, const char* expected, double found) {
    if (!good)
      throw Error(std::isfinite(found) ? ErrorCode::out_of_range : ErrorCode::not_finite,
                  where + ", " + what, expected, std::to_string(found));
  };
  want(age_ <= 1, "age", "0 or 1", age_);
  want(as_of_ == never || (as_of_ >= Day::first_number && as_of_ <= Day::last_number), "as_of",
       "a day of the years 1 to 9999", as_of_);
  want(mean_basket_ > 0 && std::isfinite(mean_basket_), "mean_basket", "a number above 0",
       mean_basket_);
  for (const float age : ages_)
    want(age >= 0 && std::isfinite(age), "ages", "days of 0 or more", double{age});
}

BODEGA_INLINE void Fading::restore(double largest_sum) {
  forgetting_.age = static_cast<Forgetting::Age>(age_);
  sums_.assign(1, 0.0);
  if (!forgets() || in_days()) return;
  std::size_t most = 1u << 16;
  while (sums_.size() < most) {
    const double weight = forgetting_.weight(static_cast<double>(sums_.size() - 1), 1);
    if (!(weight > 1e-12 * sums_.back())) break;
    sums_.push_back(sums_.back() + weight);
    if (sums_.back() >= largest_sum) most = std::min(most, sums_.size() + 256);
  }
}

BODEGA_INLINE double Fading::baskets_of(double sum) const noexcept {
  const auto at = std::lower_bound(sums_.begin(), sums_.end(), sum);
  if (at == sums_.end()) return static_cast<double>(sums_.size() - 1);
  if (at == sums_.begin()) return 0;
  return static_cast<double>(at - sums_.begin()) - (*at - sum) / (*at - *(at - 1));
}

BODEGA_INLINE double Fading::sum_to(double baskets) const noexcept {
  const auto whole = static_cast<std::size_t>(baskets);
  if (whole + 1 >= sums_.size()) {  // a little more is not worth a table
    const double beyond = baskets - static_cast<double>(sums_.size() - 1);
    return sums_.back() + beyond * forgetting_.weight(static_cast<double>(sums_.size() - 1), 1);
  }
  const double part = baskets - static_cast<double>(whole);
  return sums_[whole] + part * (sums_[whole + 1] - sums_[whole]);
}

#endif

}  // namespace bodega::inline BODEGA_ABI
