// SPDX-License-Identifier: MIT
#include <bodega/metrics/list_metrics.hpp>

#include <cmath>
#include <vector>

#include "catch.hpp"

using namespace bodega;
using bodega_test::Approx;

namespace {
std::vector<ItemIndex> items_of(std::vector<std::uint32_t> indices) {
  std::vector<ItemIndex> items;
  for (const std::uint32_t index : indices) items.emplace_back(index);
  return items;
}
}  // namespace

TEST_CASE("Metrics of a list with several targets") {
  const auto list = items_of({4, 1, 7, 2, 9}), target = items_of({2, 1, 8, 5});
  CHECK(recall_at(3, list, target) == Approx(1.0 / 4));
  CHECK(recall_at(99, list, target) == Approx(2.0 / 4));  // of all targets, not of min(k, targets)
  CHECK(reciprocal_rank_at(5, list, target) == Approx(1.0 / 2));
  CHECK(reciprocal_rank_at(1, list, target) == 0.0);
  const double best = 1 + 1 / std::log2(3.0) + 1 / std::log2(4.0) + 1 / std::log2(5.0);
  CHECK(ndcg_at(5, list, target) == Approx((1 / std::log2(3.0) + 1 / std::log2(5.0)) / best));
  CHECK(ndcg_at(2, list, target) == Approx(1 / std::log2(3.0) / (1 + 1 / std::log2(3.0))));
  CHECK(average_precision_at(5, list, target) == Approx((1.0 / 2 + 2.0 / 4) / 4));
  CHECK(average_precision_at(2, list, target) == Approx(1.0 / 2 / 2));
  for (const std::size_t k : {0, 1, 10}) {
    CHECK(recall_at(k, {}, target) == 0.0);
    CHECK(ndcg_at(k, list, {}) == 0.0);
    CHECK(average_precision_at(k, list, {}) == 0.0);
  }
  const auto perfect = items_of({8, 5, 2, 1});
  CHECK(ndcg_at(4, perfect, target) == Approx(1.0));
  CHECK(average_precision_at(4, perfect, target) == Approx(1.0));
}
