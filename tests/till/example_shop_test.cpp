// SPDX-License-Identifier: MIT
// From the shipped receipts of a real shop to a till, end to end.
#include <algorithm>
#include <bit>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <bodega/collaborative/items/ease_trainer.hpp>
#include <bodega/compress/prune.hpp>
#include <bodega/compress/quantize.hpp>
#include <bodega/content/content_model_trainer.hpp>
#include <bodega/data/split.hpp>
#include <bodega/evaluate/ranking.hpp>
#include <bodega/forecast/recurrent/recurrent_trainer.hpp>
#include <bodega/hybrid/blend.hpp>
#include <bodega/till/till.hpp>

#include "catch.hpp"
#include "example_shop.hpp"

using namespace bodega;

TEST_CASE("Receipts of a real shop become a file, and the till answers as the models did") {
  const Receipts receipts = bodega_test::example_receipts();
  const auto baskets = split_by_time(receipts.baskets(), 0.0, 0.2);
  const Day from = time_cut(receipts.baskets(), 0.0, 0.2).test_from;
  const auto sales = split_by_time(receipts.daily_sales(), {from, from});

  const auto items = quantize(prune(fit_ease(Cooccurrence(baskets.train)), {.sparsity = 0.25f}));
  const auto content = fit_content_model(receipts.catalog());
  const Popularity popularity(baskets.train);
  const auto demand =
      quantize(prune(train_lstm<16>(sales.train, {.epochs = 2, .threads = 1}), {.sparsity = 0.5f}));

  const std::string path =
      (std::filesystem::temp_directory_path() / "bodega-example-shop.bodega").string();
  {
    Bundle bundle;
    bundle.add("catalog", receipts.catalog());
    bundle.add("items", items);
    bundle.add("content", content);
    bundle.add("popularity", popularity);
    bundle.add("demand", demand);
    bundle.add("history", sales.train.tail(40));
    bundle.save(path);
  }
  Till till = Till::open(path);
  std::filesystem::remove(path);
  const std::size_t all = receipts.catalog().size();
  REQUIRE(till.report().items == all);
  Lane lane = till.lane();
  const Catalog& catalog = receipts.catalog();

  const TillWeights weights;
  const auto in_memory =
      blend(items, weights.items, content, weights.content, popularity, weights.popularity);
  Workspace workspace(all);
  std::size_t different = 0, slates = 0;
  for (std::size_t b = 0; b < std::min<std::size_t>(baskets.test.size(), 300); ++b) {
    Query query;
    query.basket = baskets.test[b];
    const auto expected = select_slate(in_memory, query, ItemMask(all), 10, workspace);
    std::vector<std::string_view> basket;
    for (const ItemIndex item : baskets.test[b]) basket.push_back(catalog.id(item));
    const TillSlate slate = lane.recommend({.basket = basket}, 10);
    ++slates;
    different += !std::equal(slate.begin(), slate.end(), expected.begin(), expected.end(),
                             [&](const TillPick& served, const Pick& wanted) {
                               return served.code == catalog.id(wanted.item) &&
                                      served.score == wanted.score &&
                                      served.because.size() == wanted.because.size();
                             });
  }
  CHECK(slates == 300);
  CHECK(different == 0);

  const RecentSales recent(sales.train);
  REQUIRE(recent.days().size() == window_days);
  CHECK(till.forecast_day() == from);
  for (std::uint32_t i = 0; i < all; ++i) {
    const SalesWindow window = recent.window(ItemIndex(i), from);
    const Forecast forecast = till.forecast(catalog.id(ItemIndex(i)));
    const int known = std::popcount(window.known);
    if (window.away) {
      CHECK(forecast.answered_by == rung::none);
      CHECK(forecast.units == 0);
    } else if (known >= 7) {
      CHECK(forecast.answered_by == "demand");
      CHECK(forecast.units == demand.forecast(window));
    } else {
      CHECK(forecast.answered_by == (known > 0 ? rung::last_day : rung::none));
    }
  }

  // It serves the weeks it has not seen far better than plain popularity would, learning as it
  // goes.
  const LeaveOneOut cases(baskets.test, items_in_baskets(baskets.train), {.max_cases = 3000});
  const auto gain = till.read([&](const TillModels& models, const TillState& state) {
    return ranking_difference(evaluate_ranking(models.blend(state.live()), cases),
                              evaluate_ranking(popularity, cases), cases);
  });
  CHECK(gain.hit_rate.mean - gain.hit_rate.half_width > 0.05);

  for (std::size_t r = 0; r < receipts.size(); ++r) {
    if (receipts[r].when.day() < from) continue;
    std::vector<TillReceiptLine> lines;
    for (const ReceiptLine& line : receipts[r].lines)
      lines.push_back({catalog.id(line.item), line.quantity, line.price});
    till.observe({.when = receipts[r].when, .lines = lines});
  }
  till.close_day();
  const RecentSales later(receipts.daily_sales());
  till.read([&](const TillModels&, const TillState& state) {
    const RecentSales& seen = state.demand().sales;
    REQUIRE(std::equal(seen.days().begin(), seen.days().end(), later.days().begin(),
                       later.days().end()));
    for (std::uint32_t i = 0; i < all; ++i)
      CHECK(std::ranges::equal(seen.sales(ItemIndex(i)), later.sales(ItemIndex(i))));
  });
}
