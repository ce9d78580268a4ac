// SPDX-License-Identifier: MIT
// The models against numbers that another implementation (numpy) got under the same protocol on
// the groceries receipts: leave one out of each basket of the last tenth, learn from the first
// eight. Left out where the data are not there.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <bodega/collaborative/items/ease_trainer.hpp>
#include <bodega/collaborative/items/item_neighbours_trainer.hpp>
#include <bodega/collaborative/shop/popularity.hpp>
#include <bodega/compress/quantize.hpp>

#include "catch.hpp"
#include "shared_data.hpp"

using namespace bodega;
using bodega_test::Approx;

namespace {

struct Cases {
  Baskets train;
  std::vector<std::vector<ItemIndex>> test;
};

/// Items of fewer than 5 training baskets are left out. The catalogue is in the order of sales, so
/// that equal scores go to what sells more, as in the reference.
std::optional<Cases> groceries() {
  const auto file = bodega_test::shared_data("groceries/baskets.csv.gz");
  if (!file) return std::nullopt;
  std::vector<std::vector<std::string>> receipts;
  {
    const std::string command = "gzip -dc '" + file->string() + "'";
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> lines(popen(command.c_str(), "r"),
                                                                pclose);
    if (!lines) return std::nullopt;
    char basket[64], item[64];
    std::string basket_before;
    int count = 0;
    if (std::fscanf(lines.get(), "%*[^\n]") != 0) return std::nullopt;  // basket_id,item_id,count
    while (std::fscanf(lines.get(), " %63[^,],%63[^,],%d", basket, item, &count) == 3) {
      if (basket != basket_before) receipts.emplace_back();
      receipts.back().push_back(item);
      basket_before = basket;
    }
  }
  const std::size_t train = receipts.size() * 8 / 10, test = receipts.size() * 9 / 10;
  std::map<std::string, int> sold;
  for (std::size_t b = 0; b < train; ++b)
    for (const std::string& item : receipts[b]) ++sold[item];
  std::vector<std::pair<int, std::string>> order;
  for (const auto& [item, baskets] : sold)
    if (baskets >= 5) order.emplace_back(-baskets, item);
  std::sort(order.begin(), order.end());
  std::map<std::string, ItemIndex> index;
  for (std::uint32_t i = 0; i < order.size(); ++i) index[order[i].second] = ItemIndex(i);

  Cases cases{Baskets(order.size()), {}};
  for (std::size_t b = 0; b < receipts.size(); ++b) {
    std::vector<ItemIndex> items;
    for (const std::string& item : receipts[b])
      if (index.count(item) > 0) items.push_back(index[item]);
    if (b < train) cases.train.add(Moment(Day(0)), CustomerIndex::none(), items);
    if (b >= test && items.size() >= 2) {
      items.resize(std::min<std::size_t>(items.size(), 30));
      cases.test.push_back(items);
    }
  }
  return cases;
}

struct Metrics {
  double hit_rate = 0, ndcg = 0;
  std::size_t cases = 0;
};

template <Scorer S>
Metrics leave_one_out(const S& scorer, const Cases& cases) {
  Metrics metrics;
  std::vector<float> scores(scorer.items());
  for (const auto& basket : cases.test)
    for (std::size_t hidden = 0; hidden < basket.size(); ++hidden) {
      std::vector<ItemIndex> rest = basket;
      rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(hidden));
      std::fill(scores.begin(), scores.end(), 0.0f);
      scorer.add_scores({.basket = rest}, 1, scores);
      for (const ItemIndex item : rest) scores[item.value()] = -INFINITY;
      const std::uint32_t target = basket[hidden].value();
      std::size_t rank = 1;
      for (std::uint32_t j = 0; j < scores.size(); ++j)
        rank += ranks_before({scores[j], j}, {scores[target], target});
      ++metrics.cases;
      if (rank > 10) continue;
      metrics.hit_rate += 1;
      metrics.ndcg += 1 / std::log2(static_cast<double>(rank) + 1);
    }
  metrics.hit_rate /= static_cast<double>(metrics.cases);
  metrics.ndcg /= static_cast<double>(metrics.cases);
  return metrics;
}

void check(const Metrics& found, double hit_rate, double ndcg) {
  CHECK(found.hit_rate == Approx(hit_rate).margin(0.002).epsilon(0));
  CHECK(found.ndcg == Approx(ndcg).margin(0.002).epsilon(0));
}

}  // namespace

TEST_CASE("models agree with the reference on the groceries receipts") {
  const auto cases = groceries();
  if (!cases) return;
  const Cooccurrence counts(cases->train);
  REQUIRE(counts.items() == 164);
  const Metrics popular = leave_one_out(Popularity(cases->train, {.half_life_days = 0}), *cases);
  REQUIRE(popular.cases == 4393);
  check(popular, 0.3772, 0.2119);
  check(leave_one_out(fit_item_neighbours(counts, {.neighbours = 200}), *cases), 0.3959, 0.2241);
  check(leave_one_out(fit_ease(counts, {.l2 = 300, .neighbours = 0}), *cases), 0.4136, 0.2310);
  check(leave_one_out(quantize(fit_ease(counts, {.l2 = 300, .neighbours = 50})), *cases), 0.4116,
        0.2304);
}
