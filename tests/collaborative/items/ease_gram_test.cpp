// SPDX-License-Identifier: MIT
#include <bodega/collaborative/items/ease_gram.hpp>

#include <cmath>
#include <cstdint>
#include <vector>

#include "catch.hpp"
#include "check_error.hpp"

using namespace bodega;
using bodega_test::Approx;

namespace {
/// Item 0 in three baskets, 1 in two, 2 in one; 0 and 1 twice together, 0 and 2 once.
Cooccurrence counts() {
  Cooccurrence result(3);
  result.add(std::vector{ItemIndex(0), ItemIndex(1)}, Day(0));
  result.add(std::vector{ItemIndex(0), ItemIndex(1)}, Day(0));
  result.add(std::vector{ItemIndex(0), ItemIndex(2)}, Day(0));
  return result;
}
}  // namespace

TEST_CASE("the normal equations are the counts and the penalty") {
  const detail::EaseGram gram(counts());
  const Matrix<double> a = gram.dense<double>(0.5);
  const double expected[3][3] = {{3.5, 2, 1}, {2, 2.5, 0}, {1, 0, 1.5}};
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 3; ++j) CHECK(a(i, j) == expected[i][j]);
  const std::vector<std::uint32_t> support{0, 2};
  const Matrix<float> part = gram.part<float>(support, 0.5);
  CHECK(part(0, 0) == 3.5f);
  CHECK(part(0, 1) == 1.0f);
  CHECK(part(1, 0) == 1.0f);
  CHECK(part(1, 1) == 1.5f);
  CHECK(gram.with<double>(1, support) == std::vector<double>{2, 0});
  CHECK(gram.baskets() == 3);
}

TEST_CASE("an answer is fitted over its support alone") {
  // Item 0 from 1 and 2: 2 / 2.5 and 1 / 1.5, since these are never together; 1 from 0; 2 from
  // none.
  const auto weights = detail::fit_on_support(
      detail::EaseGram(counts()), SparsePattern(3, {0, 2, 3, 3}, {1, 2, 0}), 0.5, 1, {});
  CHECK(weights.at(1, 0) == Approx(2 / 2.5));
  CHECK(weights.at(2, 0) == Approx(1 / 1.5));
  CHECK(weights.at(0, 1) == Approx(2 / 3.5));
  CHECK(weights.at(0, 2) == 0);
}

TEST_CASE("a penalty is a finite number above 0") {
  CHECK_NOTHROW(detail::check_penalty(1, "test"));
  for (const double bad : {0.0, -1.0, double{NAN}, double{INFINITY}})
    CHECK_ERROR(detail::check_penalty(bad, "test, l2"), ErrorCode::invalid_argument, "l2");
}
