// SPDX-License-Identifier: MIT
#include <array>
#include <cmath>

#include <bodega/collaborative/shop/context_lift_trainer.hpp>

#include "catch.hpp"
#include "check_error.hpp"

using namespace bodega;
using Catch::Matchers::WithinAbs;

namespace {
Context at(int weekday, int hour) {
  return {StoreId(), static_cast<std::int8_t>(weekday), static_cast<std::int8_t>(hour)};
}
void sell(ContextCounts& counts, const Context& context, std::uint32_t item, int times) {
  const std::array<ItemIndex, 1> sold = {ItemIndex(item)};
  for (int i = 0; i < times; ++i) counts.add(context, Day(20000), sold);
}
}  // namespace

TEST_CASE("What sells more at an hour has a lift above 0, less where little is known") {
  ContextCounts counts(3);
  sell(counts, at(0, 7), 0, 90);  // bread in the morning
  sell(counts, at(0, 16), 0, 10);
  sell(counts, at(0, 7), 1, 100);  // milk all day
  sell(counts, at(0, 16), 1, 100);
  sell(counts, at(0, 16), 2, 1);  // once, in the afternoon
  const ContextLift<> lift = fit_context_lift(counts, {.shrinkage = 10});
  const auto& table = lift.by_moment();
  const std::size_t morning = ContextCounts::moment(at(0, 7)),
                    noon = ContextCounts::moment(at(0, 16));
  const double expected = 190.0 * 100 / 301;
  CHECK_THAT(table(morning, 0), WithinAbs(std::log((90 + 10) / (expected + 10)), 1e-5));
  CHECK(table(morning, 0) > 0.2f);
  CHECK(table(noon, 0) < -0.5f);
  CHECK(std::abs(table(noon, 2)) < 0.1f);
  CHECK(table(0, 0) == 0);  // nothing was sold then
  CHECK(fit_context_lift(ContextCounts(2)).by_moment()(0, 0) == 0);
}

TEST_CASE("The unit of counting by time does not matter: faded counts are read as of today") {
  ContextCounts counts(1, {.half_life_days = 30});
  sell(counts, at(0, 7), 0, 100);
  const auto before = fit_context_lift(counts).by_moment();
  CHECK_THAT(before(2, 0), WithinAbs(0, 1e-6));
  CHECK_ERROR(fit_context_lift(counts, {.shrinkage = 0}), ErrorCode::invalid_argument, "shrinkage");
}
