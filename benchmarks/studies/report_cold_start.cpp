// SPDX-License-Identifier: MIT
// How well the sales of a store are foreseen where little is known of it: line by line, the share
// that `ShopPrior` gave the item that was sold.
//
// First the last fifth of the time by what was learnt before it, with and without the hour and the
// weekday. Then new stores: each of the busiest stores in turn is taken to open in the middle of
// the time, and its sales from 84 days later on are foreseen by what it sold itself in its first
// days, by its chain and cluster, and by both. With --names an item is what the second file calls
// it, such as its category. Strengths are estimated from what is learnt alone: those by which its
// first four fifths foresee its last fifth.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <map>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/collaborative/shop/shop_prior_trainer.hpp>
#include <bodega/collaborative/sums/store_sales.hpp>
#include <bodega/compress/quantize.hpp>
#include <bodega/compress/size_report.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/query.hpp>
#include <bodega/data/csv.hpp>
#include <bodega/data/string_table.hpp>
#include <bodega/tensor/top_k.hpp>

#include "support/arguments.hpp"
#include "support/report_lines.hpp"

namespace {

using namespace bodega;
using bodega_benchmark::ReportLines;

struct Sale {
  Moment when;
  std::uint32_t store, item;
};

struct Sales {
  std::vector<Sale> lines;  ///< oldest first
  StringSet stores, items;
  std::vector<std::pair<StoreId, std::uint32_t>> clusters;
};

/// The command line: files and the names of their columns.
struct Settings {
  std::string sales, store, time, item, clusters, names, id, name, json;
};

std::ifstream open(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(ErrorCode::io, path, "a file to read", "none");
  return file;
}

Sales read_sales(const Settings& settings) {
  std::map<std::string, std::string, std::less<>> names;
  if (!settings.names.empty()) {
    std::ifstream file = open(settings.names);
    CsvReader csv(file, settings.names);
    const CsvHeader header(csv);
    const std::size_t id = header.need(settings.id), name = header.need(settings.name);
    while (csv.next()) {
      header.check(csv);
      names.emplace(csv.fields()[id], csv.fields()[name]);
    }
  }
  Sales sales;
  std::ifstream file = open(settings.sales);
  CsvReader csv(file, settings.sales);
  const CsvHeader header(csv);
  const std::size_t store = header.need(settings.store), time = header.need(settings.time),
                    item = header.need(settings.item);
  while (csv.next()) {
    header.check(csv);
    const auto when = Moment::parse(csv.fields()[time]);
    if (!when)
      throw Error(ErrorCode::format, csv.where() + ", column " + settings.time,
                  "YYYY-MM-DD HH:MM:SS", "'" + std::string(csv.fields()[time]) + "'");
    std::string_view name = csv.fields()[item];
    if (!names.empty()) {
      const auto found = names.find(name);
      name = found == names.end() ? std::string_view() : std::string_view(found->second);
    }
    if (name.empty()) continue;  // not known what was sold
    sales.lines.push_back({*when, sales.stores.add(csv.fields()[store]), sales.items.add(name)});
  }
  std::stable_sort(sales.lines.begin(), sales.lines.end(),
                   [](const Sale& a, const Sale& b) { return a.when < b.when; });
  std::uint32_t cluster = 0;
  std::string of_cluster;
  for (const char c : settings.clusters + ";") {
    if (c != ',' && c != ';') {
      of_cluster += c;
      continue;
    }
    if (const std::uint32_t found = sales.stores.find(of_cluster); found != StringSet::none)
      sales.clusters.emplace_back(StoreId(found), cluster);
    of_cluster.clear();
    cluster += c == ';';
  }
  return sales;
}

/// Log loss a line, of shares that sum to 1, and how often the item was among the ten largest.
struct Loss {
  double log_loss = 0, hits = 0, lines = 0;
  void add(const Loss& other) {
    log_loss += other.log_loss;
    hits += other.hits;
    lines += other.lines;
  }
  void print(const std::string& name, ReportLines& report) const {
    std::printf("| %s | %.4f | %.4f |\n", name.c_str(), log_loss / lines, hits / lines);
    report.add(name + ": log loss", log_loss / lines);
    report.add(name + ": HR@10", hits / lines);
  }
};

/// `context(sale)` says what the model is told.
template <class Model, class ContextOf>
Loss loss(const Model& model, std::span<const Sale> lines, ContextOf&& context_of) {
  struct Answer {
    double sum = 0;
    std::vector<float> scores;
    std::vector<std::uint32_t> best;
  };
  std::map<std::array<int, 3>, Answer> answers;
  Loss loss;
  for (const Sale& sale : lines) {
    const Context context = context_of(sale);
    Answer& answer =
        answers[{static_cast<int>(context.store.value()), context.weekday, context.hour}];
    if (answer.scores.empty()) {
      answer.scores.assign(model.items(), 0.0f);
      model.add_scores({.context = context}, 1, answer.scores);
      answer.sum = std::accumulate(answer.scores.begin(), answer.scores.end(), 0.0);
      TopK best(10);
      for (std::uint32_t i = 0; i < answer.scores.size(); ++i) best.offer(answer.scores[i], i);
      for (const ScoredIndex& one : best.sorted()) answer.best.push_back(one.index);
    }
    loss.log_loss -= std::log(double{answer.scores[sale.item]} / answer.sum);
    loss.hits += std::find(answer.best.begin(), answer.best.end(), sale.item) != answer.best.end();
    ++loss.lines;
  }
  return loss;
}

/// Of the first four fifths of lines, and of the last.
struct Sums {
  StoreSales first, later;

  Sums(std::size_t items, std::span<const Sale> lines) : first(items), later(items) {
    for (std::size_t n = 0; n < lines.size(); ++n) {
      const ItemIndex item(lines[n].item);
      (n < lines.size() * 4 / 5 ? first : later)
          .add(StoreId(lines[n].store), lines[n].when, {&item, 1});
    }
  }
  ShopPrior<> fit(const ShopPriorOptions& options) const {
    return fit_shop_prior(first, later, options);
  }
};

void weekday_and_hour(const Sales& sales, ReportLines& report) {
  const std::size_t learnt = sales.lines.size() * 4 / 5;
  const std::span<const Sale> rest = std::span(sales.lines).subspan(learnt);
  const Sums sums(sales.items.size(), std::span(sales.lines).first(learnt));
  const auto model = sums.fit({.clusters = sales.clusters});
  const auto small = quantize(model);
  std::printf(
      "last fifth: %zu lines after %zu; %zu items, %zu stores; %zu bytes, %zu in INT8\n\n"
      "| foreseen by | log loss | HR@10 |\n| --- | ---: | ---: |\n",
      rest.size(), learnt, sales.items.size(), sales.stores.size(), size_report(model).bytes,
      size_report(small).bytes);
  const auto at = [](const Sale& sale, bool store, bool weekday, bool hour) {
    Context context(store ? StoreId(sale.store) : StoreId::none(), sale.when);
    if (!weekday) context.weekday = -1;
    if (!hour) context.hour = -1;
    return context;
  };
  loss(model, rest, [&](const Sale& s) {
    return at(s, false, false, false);
  }).print("chain", report);
  loss(model, rest, [&](const Sale& s) {
    return at(s, true, false, false);
  }).print("store", report);
  loss(model, rest, [&](const Sale& s) {
    return at(s, true, true, false);
  }).print("store, weekday", report);
  loss(model, rest, [&](const Sale& s) {
    return at(s, true, false, true);
  }).print("store, hour", report);
  loss(model, rest, [&](const Sale& s) {
    return at(s, true, true, true);
  }).print("store, weekday, hour", report);
  loss(small, rest, [&](const Sale& s) {
    return at(s, true, true, true);
  }).print("the same in INT8", report);
}

void new_stores(const Sales& sales, ReportLines& report) {
  constexpr int first_scored = 84;
  const Moment begin = sales.lines.front().when, end = sales.lines.back().when;
  const Day opening = begin.day() + (end.day() - begin.day()) / 2;
  std::vector<std::size_t> scored(sales.stores.size(), 0);
  for (const Sale& sale : sales.lines)
    scored[sale.store] += sale.when.day() - opening >= first_scored;
  std::vector<std::uint32_t> stores(sales.stores.size());
  std::iota(stores.begin(), stores.end(), 0u);
  std::stable_sort(stores.begin(), stores.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return scored[a] > scored[b]; });
  stores.resize(std::min<std::size_t>(stores.size(), 20));
  const std::size_t all = std::accumulate(scored.begin(), scored.end(), std::size_t{0});
  std::erase_if(stores, [&](std::uint32_t store) {  // too few to tell; or most of the chain itself
    return scored[store] < 50 || scored[store] > all / 5;
  });

  const ShopPriorOptions no_time{.hour_strength = INFINITY, .weekday_strength = INFINITY};
  constexpr std::array days = {0, 1, 7, 28, 84};
  std::array<Loss, days.size()> own, chain, clustered, with_time;
  for (const std::uint32_t store : stores) {
    const auto in_days = [&](const Sale& sale) { return sale.when.day() - opening; };
    std::vector<Sale> asked;
    for (const Sale& sale : sales.lines)
      if (sale.store == store && in_days(sale) >= first_scored) asked.push_back(sale);
    for (std::size_t d = 0; d < days.size(); ++d) {
      std::vector<Sale> known, of_store;
      for (const Sale& sale : sales.lines) {
        if (in_days(sale) >= days[d]) break;
        if (sale.store == store && in_days(sale) < 0) continue;
        known.push_back(sale);
        if (sale.store == store) of_store.push_back(sale);
      }
      const Sums sums(sales.items.size(), known);
      const auto here = [](const Sale& sale) { return Context(StoreId(sale.store), -1, -1); };
      const auto now = [](const Sale& sale) { return Context(StoreId(sale.store), sale.when); };
      if (!of_store.empty()) {  // beside its own as much of every item as makes them likeliest
        StoreSales alone(sales.items.size());
        for (const Sale& sale : of_store) {
          const ItemIndex item(sale.item);
          alone.add(StoreId(store), sale.when, {&item, 1});
        }
        own[d].add(loss(fit_shop_prior(alone, no_time), asked, here));
      } else {
        const double items = static_cast<double>(sales.items.size());
        const double lines = static_cast<double>(asked.size());
        own[d].add({lines * std::log(items), lines * std::min(1.0, 10 / items), lines});
      }
      chain[d].add(loss(sums.fit(no_time), asked, here));
      const auto model = sums.fit({.clusters = sales.clusters});
      clustered[d].add(loss(model, asked, here));
      with_time[d].add(loss(model, asked, now));
    }
  }
  if (stores.empty()) return;
  std::printf(
      "\n%zu stores that open on %s, lines from day %d on: %.0f\n\n"
      "| after | foreseen by | log loss | HR@10 |\n| ---: | --- | ---: | ---: |\n",
      stores.size(), opening.to_string().c_str(), first_scored, chain[0].lines);
  for (std::size_t d = 0; d < days.size(); ++d) {
    const std::string after = std::to_string(days[d]) + " days | ";
    own[d].print(after + "its own sales", report);
    chain[d].print(after + "chain and store", report);
    if (!sales.clusters.empty()) clustered[d].print(after + "chain, cluster and store", report);
    with_time[d].print(after + "the same, weekday and hour", report);
  }
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  bodega_benchmark::Arguments arguments(
      "How well the sales of a store are foreseen where little is known of it.");
  arguments.need("--sales", "FILE.csv", "what was sold, a line each", settings.sales);
  arguments.need("--store", "COLUMN", "where", settings.store);
  arguments.need("--time", "COLUMN", "when, YYYY-MM-DD HH:MM:SS", settings.time);
  arguments.need("--item", "COLUMN", "what", settings.item);
  arguments.take("--clusters", "\"NAME,NAME;NAME\"", "stores alike, clusters of them apart by ';'",
                 settings.clusters);
  arguments.take("--names", "FILE.csv", "what an item counts as, such as its category",
                 settings.names);
  arguments.take("--id", "COLUMN", "the item in that file", settings.id);
  arguments.take("--name", "COLUMN", "what it counts as", settings.name);
  arguments.take("--json", "FILE", "where what was measured goes, an object a line", settings.json);
  return arguments.run(argc, argv, [&] {
    const Sales sales = read_sales(settings);
    if (sales.lines.empty())
      throw Error(ErrorCode::missing, settings.sales, "lines of sales", "none");
    ReportLines report;
    weekday_and_hour(sales, report);
    new_stores(sales, report);
    report.save(settings.json);
  });
}
