// SPDX-License-Identifier: MIT
#include <bodega/forecast/demand_factors.hpp>

#include <array>
#include <cmath>
#include <vector>

#include <bodega/compress/quantize.hpp>
#include <bodega/compress/size_report.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "forecast/sales_table.hpp"
#include "reload.hpp"

using namespace bodega;
using namespace bodega_test;

namespace {
/// Saturdays 2, Decembers 1.5, a first covariate that triples and a second that halves; two series.
DemandFactors<> example() {
  Matrix<float> effects(1, 21), series(1, 2);
  effects(0, 5) = std::log(2.0f);
  effects(0, 7 + 11) = std::log(1.5f);
  effects(0, 19) = std::log(3.0f);
  effects(0, 20) = std::log(0.5f);
  series(0, 0) = std::log(7.0f);
  series(0, 1) = std::log(0.25f);
  return {effects, series};
}
constexpr Day saturday_in_december = *Day::from_civil(2024, 12, 7);
}  // namespace

TEST_CASE("Without effects all days are alike") {
  const DemandFactors<> none;
  CHECK(none.factor(monday) == 1.0f);
  CHECK(none.covariates() == 0);
  CHECK(none.series() == 0);
  CHECK(none.series_level(ItemIndex(0)) == 0.0f);
  CHECK(size_report(none).bytes == 0);
}

TEST_CASE("Weekday, month and covariates multiply") {
  const DemandFactors<> factors = example();
  CHECK(factors.covariates() == 2);
  CHECK(factors.factor(monday) == Approx(1.0f));
  CHECK(factors.factor(monday + 5) == Approx(2.0f));
  CHECK(factors.factor(saturday_in_december) == Approx(3.0f));
  CHECK(factors.factor(saturday_in_december, std::array{1.0f, 0.0f}) == Approx(9.0f));
  CHECK(factors.factor(monday, std::array{0.0f, 2.0f}) == Approx(0.25f));
  CHECK(factors.factor(monday, std::array{1.0f}) == Approx(3.0f));
  CHECK(factors.factor(monday, std::array{0.0f, 0.0f, 5.0f}) == Approx(1.0f));
  CHECK(std::isfinite(factors.factor(monday, std::array{1e30f})));
  CHECK(factors.factor(monday, std::array{-1e30f}) > 0);
}

TEST_CASE("A series has its level, an unknown one has none") {
  const DemandFactors<> factors = example();
  CHECK(factors.series_level(ItemIndex(0)) == Approx(7.0f));
  CHECK(factors.series_level(ItemIndex(1)) == Approx(0.25f));
  CHECK(factors.series_level(ItemIndex(2)) == 0.0f);
  CHECK(factors.series_level(ItemIndex::none()) == 0.0f);
}

TEST_CASE("Factors go through files and formats like any model") {
  const DemandFactors<> factors = example();
  CHECK(reload(factors).factor(saturday_in_december) == factors.factor(saturday_in_december));
  const auto small = quantize(factors);
  CHECK(small.factor(saturday_in_december) ==
        Approx(factors.factor(saturday_in_december)).epsilon(0.01));
  CHECK(small.series_level(ItemIndex(0)) == Approx(7.0f).epsilon(0.02));
  CHECK(size_report(small).bytes < size_report(factors).bytes / 2);
  CHECK(DemandFactors<CsrMatrix<float>>().factor(monday) == 1.0f);
  CHECK(DemandFactors<QuantizedCsrMatrix>().series() == 0);
}

TEST_CASE("Factors of a wrong shape are refused") {
  using M = Matrix<float>;
  CHECK_ERROR(DemandFactors<>(M(1, 18), M(1, 0)), ErrorCode::shape, "columns of effects");
  CHECK_ERROR(DemandFactors<>(M(2, 19), M(1, 0)), ErrorCode::shape, "rows of effects");
  CHECK_ERROR(DemandFactors<>(M(1, 19), M(0, 0)), ErrorCode::shape, "rows of series");
  CHECK_ERROR(DemandFactors<>(M(1, 19, std::nanf("")), M(1, 0)), ErrorCode::not_finite, "effects");
  CHECK_ERROR(DemandFactors<>(M(1, 0), M(1, 1, std::nanf(""))), ErrorCode::not_finite, "series");
}

TEST_CASE("A window says which days it knows and what is known ahead") {
  const std::vector<float> units(window_days, 1.0f);
  std::vector<float> known_ahead(2 * (window_days + 1));
  for (std::size_t i = 0; i < known_ahead.size(); ++i) known_ahead[i] = static_cast<float>(i);
  SalesWindow window(std::span<const float, window_days>(units.data(), window_days), monday);
  CHECK(window.known == all_days_known);
  CHECK(window.covariate_count() == 0);
  CHECK(window.covariates_of(window_days).empty());
  CHECK(std::isnan(window.level));
  CHECK(window.series.is_none());
  window.known = all_days_known & ~DayMask{1u << 3};
  window.covariates = known_ahead;
  CHECK(window.knows(2));
  CHECK_FALSE(window.knows(3));
  CHECK(window.covariate_count() == 2);
  CHECK(window.covariates_of(1)[0] == 2.0f);
  CHECK(window.covariates_of(window_days)[1] == 29.0f);
}
