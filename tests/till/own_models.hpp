// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <bodega/core/query.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/catalog.hpp>
#include <bodega/data/receipt.hpp>
#include <bodega/forecast/sales_window.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega_test {

/// A scorer that a caller of the library writes: counts lines sold, hears of all that a till tells,
/// grows, and has its own words.
class OwnScorer {
 public:
  static constexpr std::string_view kind = "own_scorer";
  static constexpr float usual_weight = 0.5f;

  OwnScorer() = default;
  explicit OwnScorer(std::size_t items) : sold_(items, 0.0f) {}

  std::size_t items() const noexcept { return sold_.size(); }
  static constexpr bodega::QueryParts uses() noexcept { return bodega::QueryPart::rush; }
  void add_scores(const bodega::Query& query, float weight, std::span<float> out) const noexcept {
    const bool busy = query.context.rush == bodega::Rush::busy;
    for (std::size_t i = 0; i < items(); ++i) out[i] += (busy ? 2 : 1) * weight * sold_[i];
  }
  void explain(const bodega::Query&, float weight, bodega::ItemIndex item,
               bodega::Reasons& reasons) const noexcept {
    if (item.value() < items())
      reasons.offer({bodega::Reason::Kind::popular, item, bodega::Reason::no_term,
                     weight * sold_[item.value()]});
  }
  std::string describe(const bodega::Reason& reason, const bodega::Catalog& catalog) const {
    return "the chef likes " + std::string(catalog.description(reason.item));
  }

  void observe(const bodega::Receipt& receipt) {
    day_ = receipt.when.day().days_since_1970();
    for (const bodega::ReceiptLine& line : receipt.lines)
      if (line.item.value() < items()) sold_[line.item.value()] += 1;
  }
  void close_day(bodega::Day day) { day_ = day.days_since_1970(); }
  bodega::Day day() const noexcept { return bodega::Day(day_); }
  void grow(std::size_t items) { sold_.resize(items, 0.0f); }

  void validate(const std::string& where) const {
    bodega::validate_finite(sold_, where + ", sold");
  }
  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("sold", self.sold_);
    visit("day", self.day_);
  }

 private:
  std::vector<float> sold_;
  std::int32_t day_ = 0;
};

/// A forecaster of the same kind: always so many.
struct OwnForecaster {
  static constexpr std::string_view kind = "own_forecaster";

  float units = 0;

  float forecast(const bodega::SalesWindow&) const noexcept { return units; }
  void validate(const std::string& where) const {
    bodega::validate_finite(std::span(&units, 1), where + ", units");
  }
  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("units", self.units);
  }
};

}  // namespace bodega_test
