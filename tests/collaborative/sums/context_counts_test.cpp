// SPDX-License-Identifier: MIT
#include <array>

#include <bodega/collaborative/sums/context_counts.hpp>
#include <bodega/data/receipt.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "reload.hpp"

using namespace bodega;

static_assert(Listener<ContextCounts>);

namespace {
Moment at(int day, int hour) { return Moment(*Day::from_civil(2026, 3, day), hour * 3600); }
constexpr std::array<ItemIndex, 2> both = {ItemIndex(0), ItemIndex(1)};
}  // namespace

TEST_CASE("Contexts are blocks of hours of a weekday, and kinds of checkouts") {
  using C = ContextCounts;
  CHECK(C::moment({StoreId(), 0, 0}) == 0);
  CHECK(C::moment({StoreId(), 0, 2}) == 0);
  CHECK(C::moment({StoreId(), 0, 3}) == 1);
  CHECK(C::moment({StoreId(), 6, 23}) == C::moments - 1);
  CHECK(C::moment({StoreId(), -1, 3}) == C::none);
  CHECK(C::moment({StoreId(), 3, 24}) == C::none);
  CHECK(C::checkout({StoreId(), -1, -1, Channel::kiosk, Rush::quiet}) == 0);
  CHECK(C::checkout({StoreId(), -1, -1, Channel::assisted, Rush::busy}) == 3);
  CHECK(C::checkout({StoreId(), -1, -1, Channel::kiosk}) == C::none);
}

TEST_CASE("A receipt counts in its block of hours, its returns and foreign items do not") {
  ContextCounts counts(2);
  const std::array<ReceiptLine, 3> lines = {{{ItemIndex(0), Quantity::from_whole(3), {}},
                                             {ItemIndex(1), Quantity::from_whole(-1), {}},
                                             {ItemIndex(7), Quantity::from_whole(1), {}}}};
  counts.observe({.when = at(2, 8), .lines = lines});  // a Monday
  CHECK(counts.by_moment()(2, 0) == 1);
  CHECK(counts.by_moment()(2, 1) == 0);
  counts.add({StoreId(), -1, -1, Channel::kiosk, Rush::busy}, at(2, 8).day(), both);
  CHECK(counts.by_checkout()(1, 1) == 1);
  CHECK(bodega_test::reload(counts) == counts);
}

TEST_CASE("Old sales fade, and merging is adding") {
  ContextCounts first(2, {.half_life_days = 7}), second(2, {.half_life_days = 7}),
      together(2, {.half_life_days = 7});
  const auto add = [](ContextCounts& to, int day) {
    to.add({StoreId(), at(day, 9)}, at(day, 9).day(), both);
  };
  add(first, 2);
  add(second, 9);
  add(together, 2);
  add(together, 9);
  first.merge(second);
  CHECK_THAT(double{first.by_moment()(3, 0)} * first.present(),
             Catch::Matchers::WithinAbs(1.5, 1e-6));
  CHECK_THAT(double{together.by_moment()(3, 0)} * together.present(),
             Catch::Matchers::WithinAbs(1.5, 1e-6));
  CHECK_ERROR(first.merge(ContextCounts(3, {.half_life_days = 7})), ErrorCode::shape, "merge");
  CHECK_ERROR(first.merge(ContextCounts(2)), ErrorCode::invalid_argument, "merge");
}
