// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/units.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

/// Decides which days of receipts a till believes, so that one wrong clock does not own its
/// memories. A day up to 30 after the last known is believed. A later one is held back until three
/// receipts in a row agree on it within two days: then the shop was closed, or the file is old, or
/// the first day of all was wrong. If the clock moved on so far, and then twenty receipts in a row
/// agree within two days on an earlier time while no more than three days have traded since, the
/// move was wrong and is taken back. A day that is not of the years 1900 to 2199 is never believed.
/// Everything heals by itself.
class TillClock {
 public:
  static constexpr int longest_pause = 30;  ///< days that are believed to have passed

  enum class Verdict {
    believe,
    hold,      ///< no memory learns the day
    go_ahead,  ///< believe it, though it is far from the last one
    go_back    ///< believe it, and forget the days after it
  };

  /// Says what to do with a receipt of `day`, where `last` is the last day known.
  Verdict hear(Day day, std::optional<Day> last) noexcept {
    if (day.days_since_1970() < plausible::first_day || day.days_since_1970() > plausible::last_day)
      return Verdict::hold;
    if (!last) return moved_to(Verdict::believe);
    const int ahead = day - *last;
    if (ahead > longest_pause) {
      if (agree(day) < agreeing) return Verdict::hold;
      return moved_to(Verdict::go_ahead);
    }
    if (ahead < -longest_pause && jumped_ != 0 && days_since_ <= few_days) {
      if (agree(day) < certain) return Verdict::hold;
      return moved_to(Verdict::go_back);
    }
    if (ahead > 0 && jumped_ != 0 && ++days_since_ > few_days) jumped_ = 0;
    in_a_row_ = 0;
    return Verdict::believe;
  }

  /// It has moved far ahead lately, and may yet go back.
  bool jumped() const noexcept { return jumped_ != 0; }

  void validate(const std::string& where) const {
    if (candidate_ < Day::first_number || candidate_ > Day::last_number || jumped_ > 1 ||
        days_since_ < 0 || days_since_ > few_days + 1)
      throw Error(ErrorCode::out_of_range, where, "a clock as receipts move it", "another");
  }
  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("candidate", self.candidate_);
    visit("in_a_row", self.in_a_row_);
    visit("jumped", self.jumped_);
    visit("days_since", self.days_since_);
  }

 private:
  static constexpr int close_by = 2, few_days = 3;
  static constexpr std::uint32_t agreeing = 3, certain = 20;

  Verdict moved_to(Verdict verdict) noexcept {
    in_a_row_ = 0;
    jumped_ = verdict == Verdict::go_ahead;
    days_since_ = 0;
    return verdict;
  }

  /// How many receipts in a row have agreed on a day that is not believed.
  std::uint32_t agree(Day day) noexcept {
    const int apart = day.days_since_1970() - candidate_;
    in_a_row_ = in_a_row_ > 0 && apart >= -close_by && apart <= close_by ? in_a_row_ + 1 : 1;
    candidate_ = day.days_since_1970();
    return in_a_row_;
  }

  std::int32_t candidate_ = 0;  // since 1970-01-01
  std::uint32_t in_a_row_ = 0;
  std::uint8_t jumped_ = 0;  // far ahead, lately
  std::int32_t days_since_ = 0;
};

}  // namespace bodega::inline BODEGA_ABI
