// SPDX-License-Identifier: MIT
#include <bodega/collaborative/sums/decayed_sums.hpp>

#include <cmath>
#include <vector>

#include "catch.hpp"
#include "check_error.hpp"
#include "reload.hpp"

using namespace bodega;
using bodega_test::Approx;

namespace {

/// A clock with sums of every form.
struct Sums {
  DecayedSums clock{10, "Sums"};
  double all = 0;
  std::vector<float> floats{0, 0};
  std::vector<double> doubles{0};

  void add(Day day, double weight = 1) {
    const double stored = clock.weigh(day, weight, all, floats, std::span(doubles));
    all += stored;
    floats[1] += static_cast<float>(stored);
    doubles[0] += stored;
  }
  double factor_of(const Sums& other) {
    return clock.join(other.clock, all, floats, std::span(doubles));
  }
  void check(double expected) const {
    CHECK(all * clock.present() == Approx(expected));
    CHECK(floats[1] * clock.present() == Approx(expected));
    CHECK(doubles[0] * clock.present() == Approx(expected));
    CHECK(floats[0] == 0);
  }
};

}  // namespace

TEST_CASE("sums of every form fade alike, over many half-lives") {
  Sums sums;
  double expected = 0;
  for (int d = 0; d < 2000; d += 5) {
    sums.add(Day(15'000 + d), 2);
    expected = expected * std::exp2(-0.5) + 2;
  }
  CHECK(sums.clock.day() == Day(16'995));
  sums.check(expected);
  sums.clock.decay_to(Day(17'005), sums.all, sums.floats, sums.doubles);
  sums.check(expected / 2);
  sums.clock.decay_to(Day(10'000), sums.all, sums.floats, sums.doubles);
  sums.check(expected / 2);
}

TEST_CASE("the sums of two stores are added as of the later day") {
  for (const bool later : {false, true}) {
    Sums mine, others;
    mine.add(Day(later ? 15'400 : 15'000));
    others.add(Day(later ? 15'390 : 15'010), 3);
    const double factor = mine.factor_of(others);
    mine.all += factor * others.all;
    DecayedSums::add(std::span(mine.floats), std::span<const float>(others.floats), factor);
    DecayedSums::add(std::span(mine.doubles), std::span<const double>(others.doubles), factor);
    mine.check(later ? 1 + 1.5 : 0.5 + 3);
  }
  const DecayedSums month(30, "a"), week(7, "b");
  month.check_merge(month, 5, 5, "merge");
  CHECK_ERROR(month.check_merge(month, 5, 6, "merge"), ErrorCode::shape, "merge");
  CHECK_ERROR(month.check_merge(week, 5, 5, "merge"), ErrorCode::invalid_argument, "merge");
}

TEST_CASE("what is no weight, no item and no sum is an Error") {
  DecayedSums::check_weight(0.5, "x");
  for (const double weight : {0.0, -1.0, double{NAN}, double{INFINITY}})
    CHECK_ERROR(DecayedSums::check_weight(weight, "x"), ErrorCode::invalid_argument, "x, weight");
  DecayedSums::check_item(ItemIndex(2), 3, "x");
  CHECK_ERROR(DecayedSums::check_item(ItemIndex(3), 3, "x"), ErrorCode::out_of_range, "x, item");
  CHECK_ERROR(DecayedSums::check_item(ItemIndex(), 3, "x"), ErrorCode::out_of_range, "x, item");
  const std::vector<float> bad{1, -1}, worse{1, 0, NAN};
  CHECK_ERROR(DecayedSums::validate_sums(std::span(bad), "x"), ErrorCode::out_of_range, "number 1");
  CHECK_ERROR(DecayedSums::validate_sums(std::span(worse), "x"), ErrorCode::not_finite, "number 2");
  CHECK_ERROR(DecayedSums(-1, "x"), ErrorCode::invalid_argument, "x, half_life_days");
}

TEST_CASE("a file holds the clock alone") {
  Sums sums;
  sums.add(Day(15'000));
  CHECK(bodega_test::reload(sums.clock) == sums.clock);
}
