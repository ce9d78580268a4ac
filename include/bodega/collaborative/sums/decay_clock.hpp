// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/units.hpp>

namespace bodega::inline BODEGA_ABI {

/// Exponential decay of sums without touching them each day: instead of shrinking what is old, new
/// receipts are stored with a larger weight, 2^(day / half-life - epoch). The epoch is a whole
/// number of half-lives, so moving it, or bringing the sums of two stores to one epoch, multiplies
/// by a power of two, which is exact. A half-life of 0 means no decay: every weight is 1.
class DecayClock {
 public:
  DecayClock() = default;
  /// Error (invalid_argument) where the half-life is neither 0 nor a finite number above 0.
  explicit DecayClock(double half_life_days, const std::string& where)
      : half_life_days_(half_life_days) {
    validate(where);
  }

  double half_life_days() const noexcept { return half_life_days_; }
  bool started() const noexcept { return day_ != never; }
  /// The latest day seen: sums are read as of this day.
  Day day() const noexcept { return Day::nearest(started() ? day_ : 0); }

  /// Notes that `day` has come; earlier days change nothing. Stored sums must be multiplied by
  /// 2^result; the result is 0 but for once in 32 half-lives.
  [[nodiscard]] int advance(Day day) noexcept;

  /// Goes to the later of both clocks' days and epochs; the sums stored by this clock must be
  /// multiplied by 2^mine, the other's by 2^others.
  struct Shifts {
    int mine = 0, others = 0;
  };
  [[nodiscard]] Shifts join(const DecayClock& other) noexcept;

  /// What a receipt of `day` adds to a stored sum.
  double weight(Day day) const noexcept;

  /// Stored sums times this are the sums as of `day()`: a receipt of today counts 1.
  double present() const noexcept { return started() ? 1 / weight(day()) : 1; }

  void validate(const std::string& where) const;

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("half_life_days", self.half_life_days_);
    visit("epoch", self.epoch_);
    visit("day", self.day_);
  }

  bool operator==(const DecayClock&) const = default;

 private:
  static constexpr double shortest = 1e-3, longest = 1e9;  // half-lives
  static constexpr std::int32_t never = std::numeric_limits<std::int32_t>::min();

  /// Beyond +-2000 a double is 0 or infinite anyway.
  static int exponent(double e) noexcept {
    return static_cast<int>(std::clamp(e, -2000.0, 2000.0));
  }

  int set_epoch(double epoch) noexcept;

  double half_life_days_ = 0;
  double epoch_ = 0;  ///< in half-lives since 1970-01-01
  std::int32_t day_ = never;
};

#if BODEGA_BODIES

BODEGA_INLINE int DecayClock::advance(Day day) noexcept {
  if (started() && day.days_since_1970() <= day_) return 0;
  const bool first = !started();
  day_ = day.days_since_1970();
  if (half_life_days_ == 0) return 0;
  const double now = std::floor(day_ / half_life_days_);
  if (!first && now - epoch_ <= 32) return 0;
  const int shift = set_epoch(now);
  return first ? 0 : shift;  // nothing is stored before the first day
}

BODEGA_INLINE DecayClock::Shifts DecayClock::join(const DecayClock& other) noexcept {
  if (!other.started()) return {};
  if (!started()) {
    *this = other;
    return {};
  }
  day_ = std::max(day_, other.day_);
  const double others = other.epoch_ - std::max(epoch_, other.epoch_);
  const int mine = set_epoch(std::max(epoch_, other.epoch_));
  return {mine, exponent(others)};
}

BODEGA_INLINE double DecayClock::weight(Day day) const noexcept {
  if (half_life_days_ == 0) return 1;
  const double age = day.days_since_1970() / half_life_days_;
  const double whole = std::floor(age);
  return std::ldexp(std::exp2(age - whole), exponent(whole - epoch_));
}

BODEGA_INLINE void DecayClock::validate(const std::string& where) const {
  if (half_life_days_ != 0 && !(half_life_days_ >= shortest && half_life_days_ <= longest))
    throw Error(ErrorCode::invalid_argument, where + ", half_life_days",
                "0 (no decay) or a number of days from 0.001 to 1e9",
                std::to_string(half_life_days_));
  if (started() && (day_ < Day::first_number || day_ > Day::last_number))
    throw Error(ErrorCode::out_of_range, where + ", day", "a day of the years 1 to 9999",
                std::to_string(day_) + " since 1970-01-01");
  if (!std::isfinite(epoch_) || epoch_ != std::floor(epoch_))
    throw Error(ErrorCode::out_of_range, where + ", epoch", "a whole number",
                std::to_string(epoch_));
  if (started() && half_life_days_ != 0 &&
      std::abs(epoch_ - std::floor(day_ / half_life_days_)) > 64)  // `advance` keeps it within 32
    throw Error(ErrorCode::out_of_range, where + ", epoch", "near the half-lives of the day",
                std::to_string(epoch_));
}

BODEGA_INLINE int DecayClock::set_epoch(double epoch) noexcept {
  const int shift = exponent(epoch_ - epoch);
  epoch_ = epoch;
  return shift;
}

#endif

}  // namespace bodega::inline BODEGA_ABI
