// SPDX-License-Identifier: MIT
// What it is worth that models of customers hear receipts: each is fitted without every customer's
// last baskets but one, then hears them one by one (`observe`), then is fitted to all of them; each
// time it is asked for the very last baskets. `CustomerBaskets` are asked with the first half of
// the basket for the second, the others for all of it.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <bodega/collaborative/customers/customer_baskets_trainer.hpp>
#include <bodega/collaborative/customers/purchase_cycle_trainer.hpp>
#include <bodega/collaborative/customers/repeat_purchase_trainer.hpp>
#include <bodega/data/baskets.hpp>
#include <bodega/data/item_mask.hpp>
#include <bodega/data/receipt.hpp>
#include <bodega/hybrid/slate.hpp>

#include "support/arguments.hpp"
#include "support/cases.hpp"
#include "support/report_lines.hpp"

namespace {

using namespace bodega;
using bodega_benchmark::Cases;
using bodega_benchmark::History;
using bodega_benchmark::ReportLines;

constexpr std::size_t k = 10;
const Day last_day(20000);

/// The command line.
struct Settings {
  std::string cases, json;
  std::size_t heard = 11;
};

/// A customer's basket, of the cases, and its day: all customers' last baskets are of one day.
struct Basket {
  const History* basket;
  Day day;
};

struct Parts {
  std::size_t items = 0;
  Baskets early, all;
  std::vector<Basket> later, asked;  ///< later: by day
};

Parts parts_of(const Cases& cases, std::size_t heard) {
  Parts parts{cases.items.size(), Baskets(cases.items.size()), Baskets(cases.items.size()), {}, {}};
  std::vector<std::vector<const History*>> of(cases.customers.size());
  for (const History& one : cases.train)
    if (!one.customer.is_none() && !one.items.empty()) of[one.customer.value()].push_back(&one);
  for (const auto& history : of)
    for (std::size_t b = 0; b < history.size(); ++b) {
      const std::size_t left = history.size() - 1 - b;
      const Day day = last_day - static_cast<int>(left);
      if (left == 0) {
        parts.asked.push_back({history[b], day});
        continue;
      }
      parts.all.add(Moment(day), history[b]->customer, history[b]->items);
      if (left > heard)
        parts.early.add(Moment(day), history[b]->customer, history[b]->items);
      else
        parts.later.push_back({history[b], day});
    }
  std::stable_sort(parts.later.begin(), parts.later.end(),
                   [](const Basket& a, const Basket& b) { return a.day < b.day; });
  return parts;
}

class Study {
 public:
  Study(Parts parts, ReportLines& report)
      : parts_(std::move(parts)), report_(report), workspace_(parts_.items) {}

  /// `halves`: whether the first half of a basket is given.
  template <class Fit>
  void measure(const std::string& name, bool halves, Fit&& fit) {
    auto model = fit(parts_.early);
    show(name, "before", quality(model, halves), 0);
    const std::clock_t start = std::clock();
    hear(model);
    const double took = 1e6 * static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    show(name, "heard", quality(model, halves), took / static_cast<double>(parts_.later.size()));
    show(name, "fitted to all", quality(fit(parts_.all), halves), 0);
  }

 private:
  struct Quality {
    double ndcg = 0, recall = 0;
  };

  template <class Model>
  void hear(Model& model) const {
    std::vector<ReceiptLine> lines;
    for (const Basket& one : parts_.later) {
      lines.clear();
      for (const ItemIndex item : one.basket->items)
        lines.push_back({item, Quantity::from_whole(1), Money()});
      model.observe({.when = Moment(one.day), .customer = one.basket->customer, .lines = lines});
    }
    if constexpr (requires { model.close_day(last_day - 1); }) model.close_day(last_day - 1);
  }

  template <class Model>
  Quality quality(const Model& model, bool halves) {
    Quality sum;
    std::size_t cases = 0;
    for (const Basket& one : parts_.asked) {
      const std::span<const ItemIndex> items = one.basket->items;
      const std::size_t given = halves ? items.size() / 2 : 0;
      std::vector<ItemIndex> wanted(items.begin() + static_cast<std::ptrdiff_t>(given),
                                    items.end());
      std::sort(wanted.begin(), wanted.end());
      wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
      if (wanted.empty()) continue;
      std::size_t hits = 0, place = 0;
      double gain = 0, best = 0;
      for (const Pick& pick :
           select_slate(model, {.basket = items.first(given), .customer = one.basket->customer},
                        ItemMask(parts_.items), k, workspace_)) {
        const double here = 1 / std::log2(static_cast<double>(place++) + 2);
        if (!std::binary_search(wanted.begin(), wanted.end(), pick.item)) continue;
        ++hits;
        gain += here;
      }
      for (std::size_t p = 0; p < std::min(k, wanted.size()); ++p)
        best += 1 / std::log2(static_cast<double>(p) + 2);
      sum.ndcg += gain / best;
      sum.recall += static_cast<double>(hits) / static_cast<double>(wanted.size());
      ++cases;
    }
    const auto of = static_cast<double>(std::max<std::size_t>(cases, 1));
    return {sum.ndcg / of, sum.recall / of};
  }

  void show(const std::string& name, const char* when, const Quality& found, double each) {
    std::printf("| %s | %s | %.4f | %.4f |", name.c_str(), when, found.ndcg, found.recall);
    if (each > 0)
      std::printf(" %.2f us |\n", each);
    else
      std::printf(" |\n");
    std::fflush(stdout);
    report_.add(name + ", " + when + ", NDCG@10", found.ndcg);
    report_.add(name + ", " + when + ", R@10", found.recall);
  }

  Parts parts_;
  ReportLines& report_;
  Workspace workspace_;
};

void report(const Settings& settings) {
  const Cases cases = bodega_benchmark::read_cases(settings.cases, "next");
  Parts parts = parts_of(cases, settings.heard);
  std::printf("%zu baskets, %zu of them heard, %zu asked for\n\n", parts.all.size(),
              parts.later.size(), parts.asked.size());
  std::printf(
      "| model | receipts | NDCG@10 | R@10 | CPU a receipt |\n| --- | --- | ---: | ---: | ---: "
      "|\n");
  ReportLines lines;
  Study study(std::move(parts), lines);
  study.measure("customer's baskets", true, [](const Baskets& baskets) {
    return fit_customer_baskets(
        baskets, {.forgetting = {.power = 1, .scale = 10, .size = 0.25}, .unlike = 0.01f});
  });
  study.measure("repeat purchase, per step .95, prior .3", false, [](const Baskets& baskets) {
    return fit_repeat_purchase(baskets, {.forgetting = {.per_step = 0.95}, .prior = 0.3});
  });
  study.measure(
      "repeat purchase, power 1.25, size .5, prior .1", false, [](const Baskets& baskets) {
        return fit_repeat_purchase(
            baskets, {.forgetting = {.power = 1.25, .per_step = 0.995, .size = 0.5}, .prior = 0.1});
      });
  study.measure("purchase cycle", false,
                [](const Baskets& baskets) { return fit_purchase_cycle(baskets); });
  study.measure("purchase cycle, keep_counts", false, [](const Baskets& baskets) {
    return fit_purchase_cycle(baskets, {.keep_counts = true});
  });
  lines.save(settings.json);
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  bodega_benchmark::Arguments arguments(
      "What it is worth that models of customers hear receipts until they are fitted again.");
  arguments.need("--cases", "FOLDER", "made by make_cases.py next", settings.cases);
  arguments.number("--heard", "N", "baskets of each customer heard after the fit", settings.heard,
                   1, 1000);
  arguments.take("--json", "FILE", "the numbers, for other programs", settings.json);
  return arguments.run(argc, argv, [&] { report(settings); });
}
