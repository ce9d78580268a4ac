// SPDX-License-Identifier: MIT
// The whole ranking report against what independent programs (Python: cases, numpy: models, scorer)
// got on the groceries receipts. Left out where the data are not there.
#include <cstdio>
#include <map>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <bodega/collaborative/items/ease_trainer.hpp>
#include <bodega/collaborative/shop/popularity.hpp>
#include <bodega/data/csv.hpp>
#include <bodega/evaluate/ranking.hpp>

#include "catch.hpp"
#include "shared_data.hpp"

using namespace bodega;
using bodega_test::Approx;

namespace {

struct Parts {
  Baskets train, test;
};

/// All 169 item groups, in the order they first occur; the first 80 % and the last 10 % of baskets.
std::optional<Parts> groceries() {
  const auto file = bodega_test::shared_data("groceries/baskets.csv.gz");
  if (!file) return std::nullopt;
  std::FILE* pipe = popen(("gzip -dc '" + file->string() + "'").c_str(), "r");
  REQUIRE(pipe != nullptr);
  std::stringstream text;
  char buffer[1 << 16];
  while (const std::size_t size = std::fread(buffer, 1, sizeof buffer, pipe))
    text.write(buffer, static_cast<std::streamsize>(size));
  REQUIRE(pclose(pipe) == 0);

  std::map<std::string, ItemIndex, std::less<>> index;
  std::vector<std::vector<ItemIndex>> baskets;
  std::string basket_before;
  CsvReader csv(text, "groceries");
  REQUIRE(csv.next());  // basket_id,item_id,count
  while (csv.next()) {
    if (csv.fields()[0] != basket_before) baskets.emplace_back();
    basket_before = csv.fields()[0];
    const ItemIndex next(static_cast<std::uint32_t>(index.size()));
    baskets.back().push_back(index.emplace(csv.fields()[1], next).first->second);
  }
  Parts parts{Baskets(index.size()), Baskets(index.size())};
  for (std::size_t b = 0; b < baskets.size(); ++b) {
    if (b < baskets.size() * 8 / 10) parts.train.add({}, {}, baskets[b]);
    if (b >= baskets.size() * 9 / 10) parts.test.add({}, {}, baskets[b]);
  }
  return parts;
}

void check(const RankingReport& report, Estimate hit_rate, Estimate reciprocal, Estimate ndcg,
           double coverage) {
  const auto near = [](double value) { return Approx(value).margin(0.0006).epsilon(0); };
  CHECK(report.hit_rate.mean == near(hit_rate.mean));
  CHECK(report.hit_rate.half_width == near(hit_rate.half_width));
  CHECK(report.reciprocal_rank.mean == near(reciprocal.mean));
  CHECK(report.reciprocal_rank.half_width == near(reciprocal.half_width));
  CHECK(report.ndcg.mean == near(ndcg.mean));
  CHECK(report.ndcg.half_width == near(ndcg.half_width));
  CHECK(report.coverage == Approx(coverage).margin(0.006).epsilon(0));
}

}  // namespace

TEST_CASE("The report agrees with the reference on the groceries receipts") {
  const auto parts = groceries();
  if (!parts) return;
  const LeaveOneOut cases(parts->test, items_in_baskets(parts->train, 5));
  CHECK(cases.catalogue().count() == 164);
  REQUIRE(cases.size() == 4393);
  const RankingReport popular =
      evaluate_ranking(Popularity(parts->train, {.half_life_days = 0}), cases);
  CHECK(popular.hit_rate.mean == Approx(0.3772).margin(0.0006));
  CHECK(popular.reciprocal_rank.mean == Approx(0.1618).margin(0.0006));
  CHECK(popular.coverage == Approx(0.13).margin(0.006));
  const RankingReport ease =
      evaluate_ranking(fit_ease(Cooccurrence(parts->train), {.l2 = 300, .neighbours = 0}), cases);
  check(ease, {0.4136, 0.0159}, {0.1754, 0.0095}, {0.2310, 0.0102}, 0.57);
  const RankingDifference better = ranking_difference(ease, popular, cases);
  CHECK(better.hit_rate.mean == Approx(0.036).margin(0.0006));
  CHECK(better.hit_rate.half_width == Approx(0.013).margin(0.0006));
}
