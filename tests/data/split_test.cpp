// SPDX-License-Identifier: MIT
#include <bodega/data/split.hpp>

#include "check_error.hpp"

using namespace bodega;

namespace {
/// One basket on each of days 0 to 9, two more on day 7, the latest first.
Baskets ten_days() {
  Baskets baskets(2);
  for (int d = 9; d >= 0; --d)
    for (int n = 0; n < (d == 7 ? 3 : 1); ++n)
      baskets.add(Moment(Day(d), 3600), CustomerIndex(static_cast<std::uint32_t>(d)),
                  std::vector<ItemIndex>{ItemIndex(1)});
  return baskets;
}
}  // namespace

TEST_CASE("Baskets are cut at days, in their order") {
  const auto parts = split_by_time(ten_days(), TimeCut{Day(7), Day(9)});
  CHECK(parts.train.size() == 7);
  CHECK(parts.valid.size() == 4);
  REQUIRE(parts.test.size() == 1);
  CHECK(parts.valid.day(0) == Day(8));
  CHECK(parts.valid.day(3) == Day(7));
  CHECK(parts.test.customer(0) == CustomerIndex(9));
  CHECK(parts.test.items() == 2);
}

TEST_CASE("Fractions are cut at whole days, never with less than asked") {
  const Baskets baskets = ten_days();  // 12 baskets
  const TimeCut cut = time_cut(baskets, 0.25, 1.0 / 12);
  CHECK(cut.test_from == Day(9));
  CHECK(cut.valid_from == Day(7));  // 3 baskets were asked for, day 7 has 3 by itself
  const auto parts = split_by_time(baskets, 0.25, 1.0 / 12);
  CHECK(parts.valid.size() == 4);
  CHECK(split_by_time(baskets, 0.0, 0.0).train.size() == 12);
  CHECK(time_cut(baskets, 0.0, 0.1 + 0.2 - 0.05).test_from == Day(7));
  CHECK(time_cut(baskets, 0.0, 1.0 / 6).test_from == Day(8));
  CHECK(split_by_time(Baskets(3), 0.1, 0.1).test.empty());
}

TEST_CASE("Fractions and cuts that make no sense are refused") {
  const Baskets baskets = ten_days();
  CHECK_ERROR(time_cut(baskets, -0.1, 0.1), ErrorCode::invalid_argument, "time_cut");
  CHECK_ERROR(time_cut(baskets, 0.5, 0.5), ErrorCode::invalid_argument, "time_cut");
  CHECK_ERROR(time_cut(baskets, 0.1, std::nan("")), ErrorCode::invalid_argument, "time_cut");
  CHECK_ERROR(split_by_time(baskets, TimeCut{Day(5), Day(4)}), ErrorCode::invalid_argument,
              "split_by_time");
}

TEST_CASE("Daily sales are cut at the same days, also where these have no column") {
  DailySales sales(1, Day(0), 10);
  for (const int d : {0, 1, 2, 5, 6, 9}) sales.add(ItemIndex(0), Day(d), static_cast<float>(d + 1));
  const auto parts = split_by_time(sales, TimeCut{Day(4), Day(7)});
  CHECK(parts.train.days() == 4);
  CHECK(parts.valid.days() == 3);
  CHECK(parts.test.first_day() == Day(7));
  const auto trading = split_by_time(sales.trading_days(), TimeCut{Day(4), Day(7)});
  CHECK(trading.train.days() == 3);
  CHECK(trading.valid.at(ItemIndex(0), 0) == 6);
  CHECK(trading.test.days() == 1);
  CHECK_ERROR(split_by_time(sales, TimeCut{Day(5), Day(4)}), ErrorCode::invalid_argument,
              "split_by_time");
}

TEST_CASE("The last baskets of each customer are held out") {
  Baskets baskets(10);
  const auto add = [&](std::uint32_t customer, std::uint32_t item) {
    baskets.add(Moment(), CustomerIndex(customer), std::vector{ItemIndex(item)});
  };
  for (std::uint32_t i = 0; i < 5; ++i) add(0, i);
  for (std::uint32_t i = 5; i < 9; ++i) add(2, i);  // too few
  baskets.add(Moment(), CustomerIndex::none(), std::vector{ItemIndex(9)});
  const auto parts = split_last_baskets(baskets, 2);
  CHECK(parts.train.size() == 1);
  REQUIRE(parts.valid.size() == 2);
  REQUIRE(parts.test.size() == 2);
  CHECK(parts.valid[0].front() == ItemIndex(1));
  CHECK(parts.test[1].front() == ItemIndex(4));
  CHECK(split_last_baskets(baskets).train.size() == 5);
  CHECK_ERROR(split_last_baskets(baskets, 0), ErrorCode::invalid_argument, "last");
}
