// SPDX-License-Identifier: MIT
#include <cmath>
#include <vector>

#include <bodega/session/sequential_rules.hpp>

#include "catch.hpp"
#include "check_error.hpp"

using namespace bodega;
using bodega_test::Approx;

namespace {
/// 1 comes after 0, 2 after 1 twice as surely.
SequentialRules<> chain(float view_decay) {
  return SequentialRules<>(CsrMatrix<float>(SparsePattern(3, {0, 1, 2, 2}, {1, 2}), {1, 2}),
                           view_decay);
}

std::vector<float> scores_of(const SequentialRules<>& model, const Query& query) {
  std::vector<float> scores(model.items(), 0.0f);
  model.add_scores(query, 1, scores);
  return scores;
}
}  // namespace

TEST_CASE("The view before the last one counts its decay") {
  const std::vector session{ItemIndex(0), ItemIndex(1)};
  CHECK(scores_of(chain(0), {.basket = session}) == std::vector<float>{0, 0, 2});
  CHECK(scores_of(chain(0.5f), {.basket = session}) == std::vector<float>{0, 0.5f, 2});
  CHECK(scores_of(chain(0), {}) == std::vector<float>(3, 0.0f));
  Reasons reasons;
  chain(0.5f).explain({.basket = session}, 1, ItemIndex(1), reasons);
  REQUIRE(reasons.size() == 1);
  CHECK(reasons[0].item == ItemIndex(0));
  CHECK(reasons[0].contribution == 0.5f);
}

TEST_CASE("Views beyond the last ten are not looked at") {
  std::vector<ItemIndex> session{ItemIndex(0)};
  session.resize(SequentialRules<>::last_views, ItemIndex(2));
  CHECK(scores_of(chain(1), {.basket = session})[1] == 1);
  session.emplace_back(2);
  CHECK(scores_of(chain(1), {.basket = session})[1] == 0);
}

TEST_CASE("Rules are of one catalogue and fade") {
  CHECK_ERROR(SequentialRules<>(CsrMatrix<float>(SparsePattern(3, {0, 1, 1}, {0}), {1.0f})),
              ErrorCode::shape, "columns of weights");
  CHECK_ERROR(chain(1.5f), ErrorCode::out_of_range, "view_decay");
  CHECK_ERROR(chain(-0.1f), ErrorCode::out_of_range, "view_decay");
}
