// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/string_table.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

/// Covariates that a forecaster may have: enough for a shop, and a window of them fits on a stack.
inline constexpr std::size_t max_covariates = 16;

/// What is known of a day before it comes, in named columns: holiday, promotion, price. The same
/// for all items, or of each item. 0 stands for the usual day, so give a price as the logarithm of
/// it over the item's usual price: its effect is then the price elasticity. Const calls may run
/// from many threads.
class Covariates {
 public:
  static constexpr std::string_view kind = "covariates";

  Covariates() = default;
  /// Zeros for `days` calendar days from `first_day`, for all items alike (`items` 0) or for each.
  /// Errors: invalid_argument (a name that is empty), duplicate (one twice), out_of_range (more
  /// than max_covariates, or more than 2^28 numbers).
  Covariates(const std::vector<std::string>& names, Day first_day, std::size_t days,
             std::size_t items = 0);

  std::size_t count() const noexcept { return names_.size(); }
  std::string_view name(std::size_t column) const noexcept { return names_[column]; }
  /// 0: the same for all items.
  std::size_t items() const noexcept { return of_items_ != 0 ? values_.rows() : 0; }
  Day first_day() const noexcept { return Day::nearest(first_day_); }
  std::size_t days() const noexcept { return count() > 0 ? values_.columns() / count() : 0; }
  /// The table has a row for the day.
  bool covers(Day day) const noexcept {
    return day >= first_day() && static_cast<std::size_t>(day - first_day()) < days();
  }

  /// Error (missing), which tells the names that are there.
  std::size_t column(std::string_view name) const;

  /// The day's value for every item. A day after the last one is appended, with zeros between.
  /// Errors: missing (name), out_of_range (a day before the first, or too far ahead), not_finite.
  void set(std::string_view name, Day day, float value) {
    const std::size_t at = place(name, day, value);
    for (std::size_t i = 0; i < values_.rows(); ++i) values_(i, at) = value;
  }
  /// The same for one item. Error (out_of_range) also where the table is not of items, or has not
  /// this one.
  void set(std::string_view name, ItemIndex item, Day day, float value);

  /// One number for each column; empty where the table does not cover the day or has not the item.
  std::span<const float> at(ItemIndex item, Day day) const noexcept;

  /// Those of several days side by side: as many times `count()` numbers, with zeros for a day that
  /// the table does not cover. Precondition: `to` has room for them.
  void copy(ItemIndex item, std::span<const Day> days, std::span<float> to) const noexcept;

  /// Only these columns, in this order. Errors as for `column` and the constructor.
  Covariates select(const std::vector<std::string>& names) const;

  void validate(const std::string& where) const;

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("names", self.names_);
    visit("first_day", self.first_day_);
    visit("of_items", self.of_items_);
    visit("values", self.values_);
  }

  bool operator==(const Covariates&) const = default;

 private:
  void validate_names(const std::string& where) const;

  /// The column of `values_`, after the checks, so that a refused value changes nothing.
  std::size_t place(std::string_view name, Day day, float value);

  void resize(std::size_t rows, std::size_t days);

  StringTable names_;
  std::int32_t first_day_ = 0;  // since 1970-01-01
  std::uint8_t of_items_ = 0;
  Matrix<float> values_;  // 1 or items x (days x count)
};

#if BODEGA_BODIES

BODEGA_INLINE Covariates::Covariates(const std::vector<std::string>& names, Day first_day,
                                     std::size_t days, std::size_t items)
    : first_day_(first_day.days_since_1970()), of_items_(items > 0) {
  if (names.size() > max_covariates)
    throw Error(ErrorCode::out_of_range, "Covariates, names",
                "at most " + std::to_string(max_covariates), std::to_string(names.size()));
  for (const std::string& name : names) names_.add(name);
  validate_names("Covariates");
  resize(std::max<std::size_t>(items, 1), days);
}

BODEGA_INLINE std::size_t Covariates::column(std::string_view name) const {
  for (std::size_t c = 0; c < count(); ++c)
    if (names_[c] == name) return c;
  std::string known;
  for (std::size_t c = 0; c < count(); ++c) known.append(c > 0 ? ", " : "").append(names_[c]);
  throw Error(ErrorCode::missing, "Covariates", "one of: " + known, "'" + std::string(name) + "'");
}

BODEGA_INLINE void Covariates::set(std::string_view name, ItemIndex item, Day day, float value) {
  if (item.value() >= items())
    throw Error(ErrorCode::out_of_range, "Covariates, item",
                items() == 0 ? "none: they are the same for all items"
                             : "an item below " + std::to_string(items()),
                item.is_none() ? "none" : std::to_string(item.value()));
  values_(item.value(), place(name, day, value)) = value;
}

BODEGA_INLINE std::span<const float> Covariates::at(ItemIndex item, Day day) const noexcept {
  const std::size_t row = of_items_ != 0 ? item.value() : 0;
  if (!covers(day) || row >= values_.rows()) return {};
  return values_.row(row).subspan(static_cast<std::size_t>(day - first_day()) * count(), count());
}

BODEGA_INLINE void Covariates::copy(ItemIndex item, std::span<const Day> days,
                                    std::span<float> to) const noexcept {
  std::fill_n(to.begin(), days.size() * count(), 0.0f);
  for (std::size_t d = 0; d < days.size(); ++d) {
    const std::span<const float> values = at(item, days[d]);
    std::copy(values.begin(), values.end(), to.subspan(d * count()).begin());
  }
}

BODEGA_INLINE Covariates Covariates::select(const std::vector<std::string>& names) const {
  std::vector<std::size_t> columns;
  for (const std::string& name : names) columns.push_back(column(name));
  Covariates part(names, first_day(), days(), items());
  for (std::size_t i = 0; i < part.values_.rows(); ++i)
    for (std::size_t d = 0; d < part.days(); ++d)
      for (std::size_t c = 0; c < columns.size(); ++c)
        part.values_(i, d * columns.size() + c) = values_(i, d * count() + columns[c]);
  return part;
}

BODEGA_INLINE void Covariates::validate(const std::string& where) const {
  names_.validate(where + ", names");
  validate_names(where);
  if (of_items_ > 1)
    throw Error(ErrorCode::out_of_range, where + ", of_items", "0 or 1", std::to_string(of_items_));
  if (count() > max_covariates)
    throw Error(ErrorCode::out_of_range, where + ", names",
                "at most " + std::to_string(max_covariates), std::to_string(count()));
  if (count() > 0 ? values_.columns() % count() != 0 : values_.columns() != 0)
    throw Error(ErrorCode::shape, where + ", columns of values",
                "a multiple of " + std::to_string(count()), std::to_string(values_.columns()));
  if (of_items_ == 0 && values_.rows() > 1)
    throw Error(ErrorCode::shape, where + ", rows of values", "1", std::to_string(values_.rows()));
  const std::int64_t last = std::int64_t{first_day_} + static_cast<std::int64_t>(days());
  if (first_day_ < -1'000'000 || last > 4'000'000)
    throw Error(ErrorCode::out_of_range, where + ", first_day", "a day of the years 1 to 9999",
                std::to_string(first_day_));
  validate_finite(values_.values(), where + ", values");
}

BODEGA_INLINE void Covariates::validate_names(const std::string& where) const {
  for (std::size_t c = 0; c < count(); ++c) {
    if (names_[c].empty())
      throw Error(ErrorCode::invalid_argument, where + ", name " + std::to_string(c), "a name",
                  "none");
    for (std::size_t b = 0; b < c; ++b)
      if (names_[b] == names_[c])
        throw Error(ErrorCode::duplicate, where + ", name " + std::to_string(c), "distinct names",
                    "'" + std::string(names_[c]) + "' twice");
  }
}

BODEGA_INLINE std::size_t Covariates::place(std::string_view name, Day day, float value) {
  const std::size_t c = column(name);
  const std::string where = "Covariates, " + std::string(name) + ", " + day.to_string();
  if (!std::isfinite(value))
    throw Error(ErrorCode::not_finite, where, "a finite number", std::to_string(value));
  if (day < first_day())
    throw Error(ErrorCode::out_of_range, where, "a day from " + first_day().to_string(),
                day.to_string());
  const auto d = static_cast<std::size_t>(day - first_day());
  if (d >= days()) resize(values_.rows(), d + 1);
  return d * count() + c;
}

BODEGA_INLINE void Covariates::resize(std::size_t rows, std::size_t days) {
  if (days > (std::size_t{1} << 28) / std::max<std::size_t>(rows * count(), 1))
    throw Error(ErrorCode::out_of_range, "Covariates", "at most 2^28 numbers",
                std::to_string(days) + " days x " + std::to_string(rows * count()));
  Matrix<float> wider(rows, days * count());
  for (std::size_t i = 0; i < std::min(rows, values_.rows()); ++i)
    std::copy(values_.row(i).begin(), values_.row(i).end(), wider.row(i).begin());
  values_ = std::move(wider);
}

#endif

}  // namespace bodega::inline BODEGA_ABI
