// SPDX-License-Identifier: MIT
// From the shipped receipts of a real shop to a till, end to end.
#include <algorithm>
#include <array>
#include <bit>
#include <filesystem>
#include <string>

#include <bodega/collaborative/items/ease_trainer.hpp>
#include <bodega/compress/prune.hpp>
#include <bodega/compress/quantize.hpp>
#include <bodega/content/content_model_trainer.hpp>
#include <bodega/data/split.hpp>
#include <bodega/evaluate/ranking.hpp>
#include <bodega/forecast/recurrent/recurrent_trainer.hpp>
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
  REQUIRE(till.catalog().size() == all);

  const TillWeights weights;
  const auto in_memory =
      blend(items, weights.items, content, weights.content, popularity, weights.popularity);
  Workspace workspace(all);
  std::size_t different = 0, slates = 0;
  for (std::size_t b = 0; b < std::min<std::size_t>(baskets.test.size(), 300); ++b) {
    Query query;
    query.basket = baskets.test[b];
    const auto expected = select_slate(in_memory, query, ItemMask(all), 10, workspace);
    const Slate slate = till.recommend(query, 10);
    ++slates;
    different += !std::equal(slate.begin(), slate.end(), expected.begin(), expected.end(),
                             [](const Pick& served, const Pick& wanted) {
                               return served.item == wanted.item && served.score == wanted.score &&
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
    const Forecast forecast = till.forecast(ItemIndex(i));
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
  const auto gain = ranking_difference(evaluate_ranking(till.scoring(), cases),
                                       evaluate_ranking(popularity, cases), cases);
  CHECK(gain.hit_rate.mean - gain.hit_rate.half_width > 0.05);

  for (std::size_t r = 0; r < receipts.size(); ++r)
    if (receipts[r].when.day() >= from) till.observe(receipts[r]);
  till.close_day();
  const RecentSales later(receipts.daily_sales());
  REQUIRE(std::equal(till.sales().days().begin(), till.sales().days().end(), later.days().begin(),
                     later.days().end()));
  for (std::uint32_t i = 0; i < all; ++i)
    CHECK(std::ranges::equal(till.sales().sales(ItemIndex(i)), later.sales(ItemIndex(i))));
}
