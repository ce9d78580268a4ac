// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <bodega/collaborative/sums/cooccurrence.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "contract/failing_allocations.hpp"
#include "reload.hpp"
#include "toy_shop.hpp"

using namespace bodega;
using bodega_test::Approx;
using bodega_test::toy_baskets;
using bodega_test::toy_items;

namespace {

const Day today(15000);

ItemIndex item(std::size_t i) { return ItemIndex(static_cast<std::uint32_t>(i)); }

std::vector<ItemIndex> basket(std::initializer_list<std::size_t> items) {
  std::vector<ItemIndex> result;
  for (const std::size_t i : items) result.push_back(item(i));
  return result;
}

/// What the sums mean, in the plainest way: a dense matrix, pair by pair.
struct Dense {
  explicit Dense(std::size_t items) : pairs(items, std::vector<double>(items, 0.0)) {}
  void add(std::span<const ItemIndex> items, double weight) {
    for (const ItemIndex a : items)
      for (const ItemIndex b : items) pairs[a.value()][b.value()] += weight;
  }
  std::vector<std::vector<double>> pairs;  // counts in the diagonal
};

void check_equal(const Cooccurrence& found, const Dense& expected) {
  const CsrMatrix<float> pairs = found.pairs();
  REQUIRE(pairs.rows() == expected.pairs.size());
  for (std::size_t i = 0; i < pairs.rows(); ++i) {
    CHECK(found.count(item(i)) == Approx(expected.pairs[i][i]));
    for (std::size_t j = 0; j < pairs.rows(); ++j) {
      INFO("items " << i << " and " << j);
      const double wanted = i == j ? 0 : expected.pairs[i][j];
      REQUIRE(pairs.at(i, j) == Approx(wanted));
      REQUIRE(found.pair(item(i), item(j)) == Approx(wanted));
    }
  }
}

}  // namespace

TEST_CASE("items and pairs of a few receipts") {
  Cooccurrence counts(4);
  counts.add(basket({0, 2}), today);
  counts.add(basket({2, 0, 1}), today);
  counts.add(basket({2}), today);
  CHECK(counts.baskets() == 3);
  CHECK(counts.count(item(0)) == 2);
  CHECK(counts.count(item(1)) == 1);
  CHECK(counts.count(item(2)) == 3);
  CHECK(counts.count(item(3)) == 0);
  CHECK(counts.pair(item(0), item(2)) == 2);
  CHECK(counts.pair(item(2), item(0)) == 2);
  CHECK(counts.pair(item(1), item(0)) == 1);
  CHECK(counts.pair(item(2), item(2)) == 0);
  CHECK(counts.pair(item(3), item(0)) == 0);
  CHECK(counts.day() == today);

  SECTION("outside the catalogue there is nothing") {
    CHECK(counts.count(item(4)) == 0);
    CHECK(counts.count(ItemIndex::none()) == 0);
    CHECK(counts.pair(item(0), item(4)) == 0);
    CHECK(counts.pair(ItemIndex::none(), item(0)) == 0);
  }
  SECTION("an item on several lines counts once") {
    counts.add(basket({3, 1, 3, 3, 1}), today);
    CHECK(counts.count(item(3)) == 1);
    CHECK(counts.pair(item(1), item(3)) == 1);
  }
  SECTION("an empty basket says nothing") {
    counts.add({}, today + 5);
    CHECK(counts.baskets() == 3);
    CHECK(counts.day() == today);
  }
  SECTION("a weight counts so many times") {
    counts.add(basket({0, 2}), today, 2.5f);
    CHECK(counts.baskets() == 5.5);
    CHECK(counts.count(item(0)) == 4.5f);
    CHECK(counts.pair(item(0), item(2)) == 4.5f);
  }
}

TEST_CASE("a receipt is the basket of what it sells") {
  Cooccurrence counts(4), expected(4);
  static_assert(Listener<Cooccurrence>);
  const auto line = [](std::size_t i, std::int64_t units) {
    return ReceiptLine{item(i), Quantity::from_whole(units), Money()};
  };
  const ReceiptLine lines[] = {line(2, 1), line(0, 2), line(1, -1), line(2, 3)};
  const ReceiptLine returned[] = {line(3, -1)}, unknown[] = {line(0, 1), line(4, 1)};
  counts.observe({.when = Moment(today, 3600), .lines = lines});
  counts.observe({.when = Moment(today + 1), .lines = returned});
  CHECK_ERROR(counts.observe({.when = Moment(today), .lines = unknown}), ErrorCode::out_of_range,
              "item");
  expected.add(basket({0, 2}), today);
  CHECK(counts == expected);
}

TEST_CASE("counting at once, receipt by receipt, or store by store gives the same") {
  const Baskets baskets = toy_baskets(20000);  // enough lines that waiting receipts are counted
  const Cooccurrence at_once(baskets);
  Cooccurrence one_by_one(toy_items), store(toy_items), other_store(toy_items);
  Dense expected(toy_items);
  for (std::size_t i = 0; i < baskets.size(); ++i) {
    one_by_one.add(baskets[i], baskets.day(i));
    (i % 3 == 0 ? store : other_store).add(baskets[i], baskets.day(i));
    expected.add(baskets[i], 1);
  }
  store.merge(other_store);
  check_equal(at_once, expected);
  CHECK(at_once.pairs() == one_by_one.pairs());
  CHECK(at_once.pairs() == store.pairs());
  CHECK(store.baskets() == 20000);
  CHECK(store.day() == at_once.day());
}

TEST_CASE("a receipt loses half its weight each half-life") {
  Cooccurrence counts(3, {.half_life_days = 10});
  counts.add(basket({0, 1}), today);
  counts.add(basket({0, 2}), today + 10);
  CHECK(counts.count(item(0)) == Approx(1.5));
  CHECK(counts.pair(item(0), item(1)) == Approx(0.5));
  CHECK(counts.baskets() == Approx(1.5));
  counts.decay_to(today + 20);
  CHECK(counts.count(item(0)) == Approx(0.75));
  CHECK(counts.pair(item(0), item(2)) == Approx(0.5));
  counts.decay_to(today);  // an earlier day changes nothing
  CHECK(counts.count(item(0)) == Approx(0.75));
  counts.add(basket({1, 2}), today);  // a receipt that comes late is as old as it is
  CHECK(counts.pair(item(1), item(2)) == Approx(0.25));
  counts.decay_to(today + 100000);
  counts.add(basket({1, 2}), today + 100000);
  CHECK(counts.count(item(0)) == 0);
  CHECK(counts.count(item(1)) == 1);
}

TEST_CASE("decayed sums over years are those of the formula") {
  const Baskets baskets = toy_baskets(3000);  // 750 days
  const double half_life = 9;                 // so the epoch moves twice
  const Day last = baskets.day(baskets.size() - 1);
  Dense expected(toy_items);
  for (std::size_t i = 0; i < baskets.size(); ++i)
    expected.add(baskets[i], std::exp2(-(last - baskets.day(i)) / half_life));
  const Cooccurrence counts(baskets, {.half_life_days = half_life});
  check_equal(counts, expected);

  SECTION("also when two stores are merged, in either order") {
    Cooccurrence early(toy_items, {.half_life_days = half_life}), late = early;
    for (std::size_t i = 0; i < baskets.size(); ++i)
      (i < 1000 ? early : late).add(baskets[i], baskets.day(i));
    Cooccurrence both = early;
    both.merge(late);
    check_equal(both, expected);
    late.merge(early);
    CHECK(both.pairs() == late.pairs());
    CHECK(both.baskets() == late.baskets());
    CHECK(both.day() == last);
  }
}

TEST_CASE("merging with nothing and with itself") {
  const Baskets baskets = toy_baskets();
  const Cooccurrence counts(baskets, {.half_life_days = 30});
  Cooccurrence empty(toy_items, {.half_life_days = 30});
  empty.merge(counts);
  CHECK(empty.pairs() == counts.pairs());
  CHECK(empty.day() == counts.day());
  Cooccurrence same = counts;
  same.merge(Cooccurrence(toy_items, {.half_life_days = 30}));
  CHECK(same.pairs() == counts.pairs());
  same.merge(same);
  CHECK(same.baskets() == Approx(2 * counts.baskets()));
  CHECK(same.pair(item(0), item(5)) == Approx(2 * counts.pair(item(0), item(5))));
  CHECK(counts.pair(item(0), item(5)) > 0);
}

TEST_CASE("of a giant basket the first distinct items make pairs, all count") {
  Cooccurrence counts(6, {.max_basket = 3});
  counts.add(basket({5, 5, 0, 5, 3, 1, 2}), today);
  CHECK(counts.count(item(1)) == 1);
  CHECK(counts.count(item(2)) == 1);
  CHECK(counts.pair(item(0), item(5)) == 1);
  CHECK(counts.pair(item(3), item(5)) == 1);
  CHECK(counts.pair(item(0), item(3)) == 1);
  CHECK(counts.pair(item(1), item(5)) == 0);
  CHECK(counts.pairs().size() == 6);
}

TEST_CASE("sums are the same after a file, with receipts waiting") {
  Cooccurrence counts(toy_baskets(), {.half_life_days = 30});
  counts.add(basket({1, 2, 3}), today + 200);
  const Cooccurrence copy = bodega_test::reload(counts);
  CHECK(copy == counts);
  CHECK(copy.pairs() == counts.pairs());
}

TEST_CASE("what does not fit is an Error and changes nothing") {
  Cooccurrence counts(toy_baskets(), {.half_life_days = 30});
  const Cooccurrence before = counts;
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK_ERROR(counts.add(basket({1, toy_items}), today), ErrorCode::out_of_range, "item");
  CHECK_ERROR(counts.add(std::vector{ItemIndex::none()}, today), ErrorCode::out_of_range, "item");
  CHECK_ERROR(counts.add(basket({1, 2}), today, 0), ErrorCode::invalid_argument, "weight");
  CHECK_ERROR(counts.add(basket({1, 2}), today, nan), ErrorCode::invalid_argument, "weight");
  CHECK_ERROR(counts.merge(Cooccurrence(toy_items + 1, {.half_life_days = 30})), ErrorCode::shape,
              "merge");
  CHECK_ERROR(counts.merge(Cooccurrence(toy_items)), ErrorCode::invalid_argument, "merge");
  CHECK(counts == before);
  CHECK_ERROR(Cooccurrence(3, {.half_life_days = -1}), ErrorCode::invalid_argument, "half_life");
  CHECK_ERROR(Cooccurrence(3, {.max_basket = 1}), ErrorCode::invalid_argument, "max_basket");
}

TEST_CASE("sums that a file may not hold are refused") {
  Cooccurrence counts(toy_baskets());
  counts.add(basket({1, 2, 3}), today);
  const auto with = [&](const std::string& spoilt, const auto& spoil) {
    return bodega_test::reload(counts, [&](const std::string& name, auto& leaf, Role) {
      if constexpr (requires { spoil(leaf); })
        if (name == spoilt) spoil(leaf);
    });
  };
  using Floats = std::vector<float>;
  using Doubles = std::vector<double>;
  using Indices = std::vector<std::uint32_t>;
  CHECK_ERROR(with("counts", [](Doubles& x) { x.pop_back(); }), ErrorCode::shape, "pairs");
  CHECK_ERROR(with("counts", [](Doubles& x) { x[3] = -1; }), ErrorCode::out_of_range, "counts");
  CHECK_ERROR(with("pairs.values", [](Floats& x) { x[3] = NAN; }), ErrorCode::not_finite, "pairs");
  CHECK_ERROR(with("pairs.pattern.column", [](Indices& x) { x[0] = 0; }), ErrorCode::format,
              "pairs");
  CHECK_ERROR(with("waiting.column", [](Indices& x) { x.back() = toy_items; }),
              ErrorCode::out_of_range, "waiting");
  CHECK_ERROR(with("waiting_weight", [](Floats& x) { x.clear(); }), ErrorCode::shape,
              "waiting_weight");
  CHECK_ERROR(with("clock.epoch", [](double& x) { x = 0.5; }), ErrorCode::out_of_range, "epoch");
}

TEST_CASE("counting reports progress and can be cancelled") {
  std::vector<Progress> seen;
  const Cooccurrence counts(toy_baskets(), {.progress = [&](const Progress& progress) {
                              seen.push_back(progress);
                              return true;
                            }});
  REQUIRE(seen.size() >= 2);
  CHECK(seen.front().done == 0);
  CHECK(seen.back().done == toy_items);
  CHECK(seen.back().total == toy_items);
  CHECK_ERROR(Cooccurrence(toy_baskets(), {.progress = [](const Progress&) { return false; }}),
              ErrorCode::cancelled, "counting pairs");
}

TEST_CASE("baskets with weights count as often as their weight says") {
  const Baskets baskets = bodega_test::toy_baskets(60);
  std::vector<float> weights(baskets.size());
  Cooccurrence expected(baskets.items());
  for (std::size_t b = 0; b < baskets.size(); ++b) {
    weights[b] = static_cast<float>(b % 4);  // 0 leaves it out
    if (weights[b] > 0) expected.add(baskets[b], baskets.day(b), weights[b]);
  }
  const Cooccurrence counts(baskets, {.weights = weights});
  CHECK(counts.pairs() == expected.pairs());
  CHECK(counts.baskets() == expected.baskets());
  CHECK(counts.count(ItemIndex(0)) == expected.count(ItemIndex(0)));

  weights[7] = -1;
  CHECK_ERROR(Cooccurrence(baskets, {.weights = weights}), ErrorCode::invalid_argument, "basket 7");
  weights[7] = NAN;
  CHECK_ERROR(Cooccurrence(baskets, {.weights = weights}), ErrorCode::invalid_argument, "basket 7");
  weights.resize(7);
  CHECK_ERROR(Cooccurrence(baskets, {.weights = weights}), ErrorCode::shape, "weights");
}

TEST_CASE("half-done objects: a basket is counted whole or not at all") {
  Cooccurrence counts(8, {.max_basket = 4});
  for (int b = 0; b < 30; ++b) {
    std::vector<ItemIndex> basket;
    for (int k = 0; k <= b % 7; ++k)
      basket.push_back(ItemIndex(static_cast<std::uint32_t>((b + 3 * k) % 8)));
    const auto add = [&](Cooccurrence& c) { c.add(basket, Day(100 + b)); };
    bodega_test::check_failing_allocations(
        counts, add, [](const Cooccurrence& c) { CHECK_NOTHROW(c.validate("c")); });
    add(counts);
  }
}
