// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstdint>
#include <vector>

#include <bodega/collaborative/customers/purchase_cycle.hpp>

#include "catch.hpp"
#include "check_error.hpp"

using namespace bodega;
using bodega_test::Approx;

namespace {
/// Customer 0 buys item 1 of two every 8 days, last on day 103; the hazard is 0.5 up to a gap, 2 in
/// the step after it, then 1.
PurchaseCycle<> one_habit(Day day) {
  std::vector<float> hazard(PurchaseCycle<>::steps, 1.0f);
  for (std::size_t step = 0; step < PurchaseCycle<>::steps_per_gap; ++step) hazard[step] = 0.5f;
  hazard[PurchaseCycle<>::steps_per_gap] = 2;
  return {CsrMatrix<float>(SparsePattern(2, {0, 1}, {1}), {std::log2(1024.0f / 8)}),
          CsrMatrix<std::uint16_t>(SparsePattern(2, {0, 1}, {1}), {3}), hazard, Day(100), day};
}

float score_of(const PurchaseCycle<>& model, std::uint32_t customer, std::uint32_t item) {
  std::vector<float> scores(model.items(), 0.0f);
  model.add_scores({.customer = CustomerIndex(customer)}, 1, scores);
  return scores[item];
}

Reason::Kind reason_of(const PurchaseCycle<>& model) {
  Reasons reasons;
  model.explain({.customer = CustomerIndex(0)}, 1, ItemIndex(1), reasons);
  REQUIRE(reasons.size() == 1);
  return reasons[0].kind;
}
}  // namespace

TEST_CASE("The score is the hazard after so many gaps, by the gap") {
  CHECK(score_of(one_habit(Day(103)), 0, 1) == Approx(0.5 / 8));
  CHECK(score_of(one_habit(Day(111)), 0, 1) == Approx(2.0 / 8));
  CHECK(score_of(one_habit(Day(999)), 0, 1) == Approx(1.0 / 8));
  CHECK(score_of(one_habit(Day(90)), 0, 1) == Approx(0.5 / 8));  // a clock that is behind
  CHECK(score_of(one_habit(Day(111)), 0, 0) == 0);
  CHECK(score_of(one_habit(Day(111)), 1, 1) == 0);
}

TEST_CASE("An item is due from three quarters of its gap on") {
  CHECK(reason_of(one_habit(Day(108))) == Reason::Kind::bought_before);
  CHECK(reason_of(one_habit(Day(109))) == Reason::Kind::due);
}

TEST_CASE("Days pass, and do not come back") {
  PurchaseCycle<> model = one_habit(Day(103));
  CHECK(model.day() == Day(102));  // as of the morning after
  model.close_day(Day(110));
  CHECK(model == one_habit(Day(111)));
  model.close_day(Day(104));
  CHECK(model.today() == Day(111));
  model.observe({.when = Moment(Day(112), 36000)});
  CHECK(model.today() == Day(112));
  CHECK(model.day() == Day(112));
  model.observe({.when = Moment(Day(106), 36000)});
  CHECK(model == one_habit(Day(112)));
}

namespace {
void hear(PurchaseCycle<>& model, std::uint32_t customer, int day,
          std::vector<std::uint32_t> items) {
  std::vector<ReceiptLine> lines;
  for (const std::uint32_t item : items)
    lines.push_back({ItemIndex(item), Quantity::from_whole(1), Money()});
  model.observe(
      {.when = Moment(Day(day), 36000), .customer = CustomerIndex(customer), .lines = lines});
}
}  // namespace

TEST_CASE("A purchase begins the gap anew") {
  PurchaseCycle<> model = one_habit(Day(111));
  CHECK(reason_of(model) == Reason::Kind::due);
  hear(model, 0, 111, {1});
  CHECK(score_of(model, 0, 1) == Approx(0.5 / 8));
  CHECK(reason_of(model) == Reason::Kind::bought_before);
  // A fitted gap of 8 counts as one of 3 days, so 8, 8, 8 and 12 days are a mean gap of 9.
  hear(model, 0, 123, {1});
  CHECK(score_of(model, 0, 1) == Approx(0.5 / 9));
  hear(model, 0, 123, {1, 1});  // the same day counts once
  CHECK(score_of(model, 0, 1) == Approx(0.5 / 9));
}

TEST_CASE("A customer never seen has a gap after as many days as are believed") {
  PurchaseCycle<> model = one_habit(Day(103));
  for (const int day : {110, 115}) hear(model, 7, day, {0, 99});
  CHECK(score_of(model, 7, 0) == 0);
  CHECK(model.customers() == 8);
  hear(model, 7, 120, {0});
  model.close_day(Day(124));
  CHECK(score_of(model, 7, 0) == Approx(2.0 / 5));  // 5 days later, where the hazard is 2
  CHECK(score_of(model, 0, 1) == Approx(1.0 / 8));
}

TEST_CASE("Returns, and a customer beyond all that can be known, are left out") {
  PurchaseCycle<> model = one_habit(Day(103));
  const std::vector<ReceiptLine> lines{{ItemIndex(0), -Quantity::from_whole(1), Money()}};
  model.observe({.when = Moment(Day(102)), .customer = CustomerIndex(0), .lines = lines});
  hear(model, most_customers, 102, {1});
  CHECK(model == one_habit(Day(103)));
  CHECK(model.customers() == 1);
}

TEST_CASE("A late receipt is counted, and moves no day back") {
  PurchaseCycle<> model = one_habit(Day(103));
  for (const int day : {110, 130, 120, 100}) hear(model, 3, day, {0});
  model.close_day(Day(139));
  CHECK(score_of(model, 3, 0) == Approx(2.0 / 10));  // gaps of 10 days, the last of them over
}

TEST_CASE("A purchase cycle refuses what is not a hazard or a day for each gap") {
  const std::vector<float> hazard(PurchaseCycle<>::steps, 1.0f);
  const CsrMatrix<float> one(SparsePattern(1, {0, 1}, {0}), {2.0f});
  const CsrMatrix<std::uint16_t> last(SparsePattern(1, {0, 1}, {0}), {3});
  CHECK_NOTHROW(PurchaseCycle<>(one, last, hazard, Day(0), Day(9)));
  CHECK_ERROR(PurchaseCycle<>(one, last, {1.0f}, Day(0), Day(9)), ErrorCode::shape, "hazard");
  CHECK_ERROR(PurchaseCycle<>(one, CsrMatrix<std::uint16_t>(1), hazard, Day(0), Day(9)),
              ErrorCode::shape, "last");
  std::vector<float> below = hazard;
  below[3] = -1;
  CHECK_ERROR(PurchaseCycle<>(one, last, below, Day(0), Day(9)), ErrorCode::out_of_range, "hazard");
}
