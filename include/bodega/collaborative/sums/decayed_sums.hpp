// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <type_traits>

#include <bodega/collaborative/sums/decay_clock.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/units.hpp>

namespace bodega::inline BODEGA_ABI {

/// What all sums over receipts have in common: they fade by one clock, a receipt adds to them what
/// its day weighs, and the sums of two stores are brought to one day before they are added. The
/// sums themselves are their owner's, who names them in each call: numbers, and ranges of numbers.
class DecayedSums {
 public:
  DecayedSums() = default;
  /// Error (invalid_argument) where the half-life is neither 0 nor a finite number above 0.
  DecayedSums(double half_life_days, const std::string& where) : clock_(half_life_days, where) {}

  double half_life_days() const noexcept { return clock_.half_life_days(); }
  /// The latest day seen: sums are read as of this day. 1970-01-01 before the first receipt.
  Day day() const noexcept { return clock_.day(); }
  /// Stored sums times this are the sums as of `day()`: a receipt of today counts 1.
  double present() const noexcept { return clock_.present(); }

  /// Lets time pass; an earlier day changes nothing. Cost: a pass over the sums once in 32
  /// half-lives.
  template <class... Sums>
  void decay_to(Day day, Sums&&... sums) noexcept {
    if (const int shift = clock_.advance(day); shift != 0) (scale(sums, shift), ...);
  }

  /// Lets time pass until `day` and returns what a receipt of that day, counted `weight` times,
  /// adds to a stored sum.
  template <class... Sums>
  double weigh(Day day, double weight, Sums&&... sums) noexcept {
    decay_to(day, sums...);
    return clock_.weight(day) * weight;
  }

  /// Goes to the later day of both. Returns what the other's stored sums times are to be added.
  template <class... Sums>
  double join(const DecayedSums& other, Sums&&... sums) noexcept {
    const auto shifts = clock_.join(other.clock_);
    if (shifts.mine != 0) (scale(sums, shifts.mine), ...);
    return std::ldexp(1.0, shifts.others);
  }

  /// Adds `factor` times the numbers of `from`, which may be `to` itself.
  template <class T>
  static void add(std::span<T> to, std::span<const T> from, double factor) noexcept {
    const auto times = static_cast<T>(factor);
    for (std::size_t i = 0; i < from.size(); ++i) to[i] += times * from[i];
  }

  /// Error (shape, invalid_argument) where sums over `others` items cannot be added to sums over
  /// `items` items: the catalogues differ in size, or the half-lives. The caller must ensure that
  /// both catalogues list the same items in the same order.
  void check_merge(const DecayedSums& other, std::size_t items, std::size_t others,
                   const std::string& where) const;

  /// A weight that a receipt may have.
  static bool is_weight(double weight) noexcept { return weight > 0 && std::isfinite(weight); }

  /// Error (invalid_argument) on a weight that is not a finite number above 0.
  static void check_weight(double weight, const std::string& where);

  /// Error (out_of_range) on an item outside a catalogue of `items`.
  static void check_item(ItemIndex item, std::size_t items, const std::string& where);

  /// Error (not_finite, out_of_range) on what is no sum.
  static void validate_sum(double sum, const std::string& where);
  template <class T>
  static void validate_sums(std::span<const T> sums, const std::string& where) {
    for (std::size_t i = 0; i < sums.size(); ++i)
      if (!(sums[i] >= 0) || !std::isfinite(sums[i]))
        validate_sum(sums[i], where + ", number " + std::to_string(i));
  }

  void validate(const std::string& where) const { clock_.validate(where); }

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    DecayClock::parameters(self.clock_, visit);
  }

  bool operator==(const DecayedSums&) const = default;

 private:
  template <class Sums>
  static void scale(Sums& sums, int shift) noexcept {
    if constexpr (std::is_arithmetic_v<Sums>) {
      sums = std::ldexp(sums, shift);
    } else {
      const auto factor = std::ldexp(std::remove_cvref_t<decltype(sums[0])>(1), shift);
      for (auto& sum : sums) sum *= factor;
    }
  }

  DecayClock clock_;
};

#if BODEGA_BODIES

BODEGA_INLINE void DecayedSums::check_merge(const DecayedSums& other, std::size_t items,
                                            std::size_t others, const std::string& where) const {
  if (others != items)
    throw Error(ErrorCode::shape, where,
                "sums over the same catalogue of " + std::to_string(items) + " items",
                std::to_string(others) + " items");
  if (other.half_life_days() != half_life_days())
    throw Error(ErrorCode::invalid_argument, where,
                "the same half-life of " + std::to_string(half_life_days()) + " days",
                std::to_string(other.half_life_days()));
}

BODEGA_INLINE void DecayedSums::check_weight(double weight, const std::string& where) {
  if (!is_weight(weight))
    throw Error(ErrorCode::invalid_argument, where + ", weight of a receipt",
                "a finite number above 0", std::to_string(weight));
}

BODEGA_INLINE void DecayedSums::check_item(ItemIndex item, std::size_t items,
                                           const std::string& where) {
  if (item.value() >= items)
    throw Error(ErrorCode::out_of_range, where + ", item of a receipt",
                "an item below " + std::to_string(items), std::to_string(item.value()));
}

BODEGA_INLINE void DecayedSums::validate_sum(double sum, const std::string& where) {
  if (!std::isfinite(sum))
    throw Error(ErrorCode::not_finite, where, "finite sums", std::to_string(sum));
  if (sum < 0)
    throw Error(ErrorCode::out_of_range, where, "sums of 0 or more", std::to_string(sum));
}

#endif

}  // namespace bodega::inline BODEGA_ABI
