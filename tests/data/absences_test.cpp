// SPDX-License-Identifier: MIT
#include <bodega/data/absences.hpp>

#include <cstdint>
#include <vector>

#include <bodega/core/random.hpp>

#include "catch.hpp"
#include "check_error.hpp"

using namespace bodega;

namespace {
constexpr ItemIndex a(0);

/// A shop that trades every day; row i is what item i sells.
DailySales table(const std::vector<std::vector<float>>& rows) {
  DailySales sales(rows.size(), Day(20000), rows.front().size());
  for (std::size_t c = 0; c < rows.front().size(); ++c) {
    sales.open(sales.day(c));
    for (std::uint32_t i = 0; i < rows.size(); ++i)
      sales.add(ItemIndex(i), sales.day(c), static_cast<double>(rows[i][c]));
  }
  return sales;
}

/// `units` on every `step`-th day of [first, last) of `days`.
std::vector<float> sold(std::size_t days, std::size_t first, std::size_t last, float units = 10,
                        std::size_t step = 1) {
  std::vector<float> row(days, 0.0f);
  for (std::size_t d = first; d < last; d += step) row[d] = units;
  return row;
}
std::size_t known(const DailySales& sales, ItemIndex item) {
  std::size_t days = 0;
  for (std::size_t c = 0; c < sales.days(); ++c) days += sales.known(item, c);
  return days;
}
}  // namespace

TEST_CASE("zeros that are no demand: an item that left is unknown from then on") {
  DailySales sales = table({sold(60, 0, 30), sold(60, 0, 60), sold(60, 0, 55)});
  CHECK(known(sales, a) == 60);  // nobody has looked yet
  const AbsenceReport report = mark_absences(sales);
  CHECK(report.left == 1);
  CHECK(report.first_left == std::vector{a});
  CHECK(report.came_back == 0);
  CHECK(report.days_absent == 30);
  CHECK(known(sales, a) == 30);
  CHECK(sales.gone(a));
  CHECK_FALSE(sales.gone(ItemIndex(1)));
  CHECK_FALSE(sales.gone(ItemIndex(2)));  // five days without a sale are no absence
  CHECK(absences(sales) == report);
  sales.validate("s");
  CHECK(sales.tail(14).gone(a));
  CHECK(sales.trading_days().gone(a));
  // It comes back: the day of its return says nothing of how often.
  sales.add(a, sales.last_day() + 1, 7);
  CHECK_FALSE(sales.gone(a));
  CHECK(sales.first_sale(a, sales.days() - 1));
}

TEST_CASE("zeros that are no demand: an item that came back after months") {
  std::vector<float> row = sold(400, 0, 90);
  for (std::size_t d = 300; d < 400; ++d) row[d] = 10;
  DailySales sales = table({row, sold(400, 0, 400)});
  const AbsenceReport report = mark_absences(sales);
  CHECK(report.came_back == 1);
  CHECK(report.first_back == std::vector{a});
  CHECK(report.left == 0);
  CHECK(report.days_absent == 210);
  CHECK(known(sales, a) == 190);
  CHECK(sales.first_sale(a, 300));
  CHECK_FALSE(sales.first_sale(a, 301));
  CHECK_FALSE(sales.first_sale(a, 0));  // the table's first day
}

TEST_CASE("zeros that are no demand: a seasonal item is away between its seasons") {
  std::vector<float> row(3 * 365, 0.0f);
  for (std::size_t year = 0; year < 3; ++year)
    for (std::size_t d = 0; d < 40; d += 2) row[365 * year + 300 + d] = 6;
  DailySales sales = table({row, sold(row.size(), 0, row.size(), 1)});
  const AbsenceReport report = mark_absences(sales);
  CHECK(report.came_later == 1);
  CHECK(report.came_back == 1);
  CHECK(known(sales, a) > 110);
  CHECK(known(sales, a) < 150);
}

TEST_CASE("zeros that are no demand: slow items and those sold once stay") {
  DailySales sales = table({sold(600, 10, 600, 1, 60), sold(600, 100, 101), sold(600, 0, 600),
                            std::vector<float>(600, 0.0f)});
  const AbsenceReport report = mark_absences(sales);
  CHECK(report.left == 0);
  CHECK(report.came_back == 0);
  CHECK(report.never_sold == 1);
  CHECK(report.came_later == 2);
  CHECK(report.days_absent == 10 + 100 + 600);
}

TEST_CASE("zeros that are no demand: steady chance is hardly ever taken for absence") {
  const CounterRandom random(5);
  for (const float chance : {0.02f, 0.05f, 0.2f, 0.7f}) {
    std::vector<std::vector<float>> rows(200, std::vector<float>(730));
    for (std::size_t i = 0; i < rows.size(); ++i)
      for (std::size_t d = 0; d < 730; ++d) rows[i][d] = random.uniform(i, d) < chance;
    DailySales sales = table(rows);
    const AbsenceReport report = mark_absences(sales);
    INFO("chance " << chance);
    CHECK(report.left + report.came_back <= 4);
  }
}

TEST_CASE("zeros that are no demand: absence is an option") {
  DailySales sales = table({sold(60, 0, 30), sold(60, 0, 60)});
  CHECK(mark_absences(sales, {.least_days = 0}).left == 0);
  CHECK(mark_absences(sales, {.least_days = 31}).left == 0);
  CHECK(mark_absences(sales, {.chance = 0}).left == 0);
  CHECK_ERROR(mark_absences(sales, {.chance = 2}), ErrorCode::invalid_argument, "chance");
  // Days on which it was sold out are no days without demand.
  for (std::size_t c = 30; c < 45; ++c) sales.mark_unknown(a, sales.day(c));
  CHECK(mark_absences(sales).left == 0);
}
