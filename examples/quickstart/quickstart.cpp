// SPDX-License-Identifier: MIT
//
// One shop from receipts to answers: reads a slice of real receipts, learns who goes with whom and
// what sells tomorrow, makes it small, puts it into one file, and opens that file at a till.
//
//   quickstart [DATA FOLDER] [OUTPUT FILE]

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/bodega.hpp>

namespace {

using namespace bodega;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void title(std::string_view text) {
  std::printf("\n%.*s\n", static_cast<int>(text.size()), text.data());
  std::printf("%s\n", std::string(text.size(), '-').c_str());
}

/// One line that fills up, on the error stream so that the answers can be sent to a file; redrawn
/// when the percentage moves.
bool show(const Progress& progress) {
  static std::string last;
  const double share =
      progress.total > 0 ? static_cast<double>(progress.done) / static_cast<double>(progress.total)
                         : 0;
  const auto filled = static_cast<std::size_t>(24 * std::min(share, 1.0));
  std::string bar(24, '.');
  bar.replace(0, filled, filled, '#');
  char line[120];
  int used = std::snprintf(line, sizeof line, "  %-28.*s [%s] %3.0f %%",
                           static_cast<int>(progress.task.size()), progress.task.data(),
                           bar.c_str(), 100 * share);
  if (progress.loss > 0)
    std::snprintf(line + used, sizeof line - static_cast<std::size_t>(used),
                  "  validation loss %.4f", progress.loss);
  if (last == line) return true;
  last = line;
  std::fprintf(stderr, "\r%s%s", line, share >= 1 ? "\n" : "");
  return true;
}

std::string label(const Catalog& catalog, ItemIndex item) {
  const std::string_view text = catalog.description(item);
  return std::string(text.empty() ? catalog.id(item) : text);
}

void print_slate(const Till& till, const Slate& slate) {
  for (const Pick& pick : slate) {
    std::string because;
    for (const Reason& reason : pick.because)
      because += (because.empty() ? "" : "; ") + till.describe(reason);
    std::printf("    %-36s %6.3f  %s\n", label(till.catalog(), pick.item).c_str(),
                static_cast<double>(pick.score), because.c_str());
  }
  if (slate.empty()) std::printf("    nothing: no item with evidence is in stock\n");
}

void print_ranking(const char* model, const RankingReport& report, std::size_t bytes) {
  std::printf("  %-34s %.3f +- %.3f   %.3f +- %.3f   %8.3f", model, report.hit_rate.mean,
              report.hit_rate.half_width, report.reciprocal_rank.mean,
              report.reciprocal_rank.half_width, report.coverage);
  if (bytes > 0) std::printf("   %9zu", bytes);
  std::printf("\n");
}

template <class Model>
void print_forecaster(const char* name, const Model& model, const SalesWindows& test,
                      std::size_t bytes) {
  const ForecastErrors errors = evaluate_forecaster(model, test);
  std::printf("  %-34s %7.2f %%  %7.2f  %+7.1f %%", name, 100 * errors.wmape(), errors.rmse(),
              100 * errors.bias());
  if (bytes > 0) std::printf("   %9zu", bytes);
  std::printf("\n");
}

void run(const std::filesystem::path& folder, const std::string& file) {
  const auto start = Clock::now();

  title("1. Reading the shop's data");
  const Catalog catalog = read_catalog(folder / "online_retail_items.csv", {}, upper_case_trimmed);
  const Receipts receipts = read_receipts(
      folder / "online_retail_slice.csv",
      {.columns = {.receipt = "invoice", .description = ""},
       .malformed = Malformed::lenient,
       .returns = Returns::net,
       .free_lines = FreeLines::drop,
       .cancellation_prefix = "C",
       .normalise = upper_case_trimmed,
       // Postage, fees and samples have codes of letters; goods have five digits, then letters.
       .is_item =
           [](std::string_view id) {
             return id.size() >= 5 && std::all_of(id.begin(), id.begin() + 5,
                                                  [](char c) { return c >= '0' && c <= '9'; });
           },
       .progress = show},
      catalog);
  std::printf("%s", receipts.report().summary().c_str());
  const Baskets baskets = receipts.baskets();
  const DailySales sales = receipts.daily_sales();
  const TimeCut cut = time_cut(baskets, 0.1, 0.1);
  const auto history = split_by_time(baskets, cut);
  std::printf("learning from %zu receipts before %s; judged on the %zu from %s on\n",
              history.train.size() + history.valid.size(), cut.test_from.to_string().c_str(),
              history.test.size(), cut.test_from.to_string().c_str());

  title("2. What goes with what");
  const auto past = split_by_time(baskets, {cut.test_from, cut.test_from});
  const Cooccurrence counts(past.train, {}, show);
  // The ridge is chosen on the weeks before the test weeks, from models of the weeks before those.
  const Cooccurrence earlier(history.train);
  const LeaveOneOut valid(history.valid, items_in_baskets(history.train));
  double l2 = 0, best = -1;
  ItemItem<> earlier_ease;
  for (const double candidate : {30.0, 100.0, 300.0}) {
    auto fitted = fit_ease(earlier, {.l2 = candidate, .neighbours = 50});
    const auto report = evaluate_ranking(fitted, valid);
    if (report.hit_rate.mean > best) {
      best = report.hit_rate.mean;
      l2 = candidate;
      earlier_ease = std::move(fitted);
    }
  }
  const auto ease = fit_ease(counts, {.l2 = l2, .neighbours = 50, .progress = show});
  const auto half = prune(ease, {.sparsity = 0.5f});
  const auto ease_int8 = quantize(ease);
  const auto half_int8 = quantize(half);
  const ContentModel content(catalog);
  const Popularity popularity(past.train, {.half_life_days = 30});
  const Popularity plain_popularity(past.train, {.half_life_days = 0});
  // So is how much each part of a blend counts. The cases hold items that sell, so they cannot say
  // what content is worth for one that nobody has bought yet: the till keeps its own weights.
  const auto learnt = fit_blend_weights(valid, {.progress = show}, earlier_ease, content,
                                        Popularity(history.train, {.half_life_days = 30}));

  const LeaveOneOut test(history.test, items_in_baskets(past.train));
  std::printf(
      "\nEvery item of the last receipts hidden in turn: is it among the first 10? (%zu cases, "
      "ridge %.0f)\n\n  %-34s %-16s %-16s %8s   %9s\n",
      test.size(), l2, "", "hit rate@10", "MRR@10", "coverage", "bytes");
  const auto rank = [&](const char* name, const auto& model) {
    print_ranking(name, evaluate_ranking(model, test), size_report(model).bytes);
  };
  rank("popularity", plain_popularity);
  rank("popularity of the last weeks", popularity);
  rank("EASE, 50 neighbours, FP32", ease);
  rank("EASE, pruned by half, FP32", half);
  rank("EASE, 50 neighbours, INT8", ease_int8);
  rank("EASE, pruned by half, INT8", half_int8);
  const auto [of_ease, of_content, of_popularity] = learnt.weights;
  const auto blended = blend(ease_int8, of_ease, content, of_content, popularity, of_popularity);
  print_ranking("blend, weights learnt", evaluate_ranking(blended, test), 0);
  std::printf("  (EASE INT8 %.3g, content %.3g, popularity %.3g)\n", double{of_ease},
              double{of_content}, double{of_popularity});

  title("3. Tomorrow's demand");
  // Demand needs more days to be judged on than baskets do: the last quarter of them.
  const Day judged_from = SalesWindows(sales).last_part(0.25);
  const auto regulars = items_with_sale_days(sales, 60, judged_from);
  const SalesWindows windows(sales, regulars);
  const SalesWindows known = windows.before(judged_from), unseen = windows.from(judged_from);
  // A unit too many or too few costs the same whatever the item: windows count by their level.
  const ForecastTrainingOptions training{.seed = 1, .level_power = 1, .progress = show};
  const Lstm<16> lstm = train_lstm<16>(known, training);
  const PruneMask mask = prune_mask(lstm, {.sparsity = 0.5f});
  const auto hold = [&](Lstm<16>& model) { apply_mask(mask, model); };
  ForecastTrainingOptions tuning = training;
  tuning.epochs = 5;
  tuning.learning_rate = 0.001f;
  const Lstm<16> pruned = fine_tune(lstm, known, tuning, {.after_step = hold});
  const auto lstm_int8 = quantize(lstm);
  const auto pruned_int8 = quantize(pruned);
  const WeekdayMean weekdays = fit_weekday_mean(known);

  std::printf(
      "\n%zu items sold on 60 days or more; each of their %zu item days from %s on, foreseen\n"
      "from the %zu trading days before it\n\n  %-34s %9s  %7s  %9s   %9s\n",
      regulars.size(), unseen.size(), judged_from.to_string().c_str(), window_days, "", "WMAPE",
      "RMSE", "bias", "bytes");
  print_forecaster("last day", LastDay{}, unseen, 0);
  print_forecaster("same weekday", SameWeekday{}, unseen, 0);
  print_forecaster("mean of the window", WindowMean{}, unseen, 0);
  print_forecaster("mean x weekday", weekdays, unseen, size_report(weekdays).bytes);
  const auto foresee = [&](const char* name, const auto& model) {
    print_forecaster(name, model, unseen, size_report(model).bytes);
  };
  foresee("LSTM-16, FP32", lstm);
  foresee("LSTM-16, pruned by half, FP32", pruned);
  foresee("LSTM-16, INT8", lstm_int8);
  foresee("LSTM-16, pruned by half, INT8", pruned_int8);

  title("4. One file");
  Bundle bundle;
  bundle.add("catalog", catalog);
  bundle.add("items", ease_int8);
  bundle.add("content", quantize(content));
  bundle.add("popularity", popularity);
  bundle.add("demand", pruned_int8);
  bundle.add("demand_baseline", weekdays);
  bundle.add("history", sales.trading_days().tail(window_days));
  bundle.save(file);
  std::printf("%s, %ju bytes:", file.c_str(),
              static_cast<std::uintmax_t>(std::filesystem::file_size(file)));
  for (const std::string& name : bundle.names()) std::printf(" %s", name.c_str());
  std::printf("\n");

  title("5. At the till");
  Till till = Till::open(file);
  // Three of the last receipts, spread over the weeks: what the customer has so far, and the slate.
  std::vector<std::size_t> shown;
  for (std::size_t i = 0; i < history.test.size() && shown.size() < 3;
       i += 1 + history.test.size() / 5)
    for (std::size_t j = i; j < history.test.size(); ++j)
      if (history.test[j].size() >= 3 && history.test[j].size() <= 8) {
        shown.push_back(j);
        break;
      }
  for (const std::size_t i : shown) {
    const auto basket = history.test[i].first(2);
    std::printf("\n  in the basket (%s):\n", history.test.day(i).to_string().c_str());
    for (const ItemIndex item : basket) std::printf("    %s\n", label(catalog, item).c_str());
    std::printf("  we suggest\n");
    const Slate slate = till.recommend({.basket = basket}, 5);
    print_slate(till, slate);
    if (slate.empty()) continue;
    const ItemIndex first = slate[0].item;
    till.stock().set(first, 0);
    std::printf("  and now that %s is sold out\n", label(catalog, first).c_str());
    print_slate(till, till.recommend({.basket = basket}, 5));
    till.stock().forget(first);
  }

  for (std::uint32_t i = 0; i < catalog.size(); ++i) {
    const ItemIndex item(i);
    if (counts.count(item) > 0 || till.recommend({.viewed = item}, 1).empty()) continue;
    std::printf("\n  nobody has bought %s yet; who looks at it is shown\n",
                label(catalog, item).c_str());
    print_slate(till, till.recommend({.viewed = item}, 3));
    break;
  }

  std::vector<std::pair<double, ItemIndex>> sellers;
  for (const ItemIndex item : regulars) {
    double units = 0;
    for (const float sold : till.sales().sales(item)) units += static_cast<double>(sold);
    sellers.emplace_back(-units, item);
  }
  std::sort(sellers.begin(), sellers.end());
  if (const auto day = till.forecast_day()) {
    std::printf("\n  the ten best sellers of the last %zu trading days, and %s\n", window_days,
                day->to_string().c_str());
    std::printf("    %-36s %10s %10s %8s  %s\n", "", "sold", "a day", "tomorrow", "says");
    for (std::size_t i = 0; i < std::min<std::size_t>(10, sellers.size()); ++i) {
      const auto [units, item] = sellers[i];
      const Forecast forecast = till.forecast(item);
      std::printf("    %-36s %10.0f %10.1f %8.1f  %s\n", label(catalog, item).c_str(), -units,
                  -units / static_cast<double>(window_days), static_cast<double>(forecast.units),
                  std::string(name(forecast.answered_by)).c_str());
    }
  }

  std::vector<double> micros;
  for (int round = 0; round < 20; ++round)
    for (std::size_t i = 0; i < history.test.size(); ++i) {
      const auto asked = Clock::now();
      till.recommend({.basket = history.test[i]}, 10);
      micros.push_back(1e6 * seconds_since(asked));
    }
  std::sort(micros.begin(), micros.end());
  if (!micros.empty())
    std::printf("\n  %zu slates of 10, with reasons: p50 %.1f us, p99 %.1f us each\n",
                micros.size(), micros[micros.size() / 2], micros[micros.size() * 99 / 100]);
  std::printf("\nAll of it took %.1f seconds.\n", seconds_since(start));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run(argc > 1 ? argv[1] : BODEGA_EXAMPLE_DATA, argc > 2 ? argv[2] : "store.bodega");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "\nquickstart: %s\n", error.what());
    return 1;
  }
}
