// SPDX-License-Identifier: MIT
// Recommending items that were never sold: a tenth of the items is held out for choosing, another
// for measuring; of each receipt (or customer) that has some of them, the other items are the
// query, and the new ones it holds should be among the first ten of all new ones, by
// `ContentModel`.
//
// --value is a price per unit, or with --quantity what the line cost in all. --pack names the
// attribute that tells the size (else the text does), --within the one that names the category of a
// price band. A group's first 30 items count.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/content/content_model.hpp>
#include <bodega/content/content_model_trainer.hpp>
#include <bodega/content/expected_sales.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/random.hpp>
#include <bodega/data/catalog.hpp>
#include <bodega/data/csv.hpp>
#include <bodega/data/string_table.hpp>
#include <bodega/hybrid/mask.hpp>
#include <bodega/hybrid/slate.hpp>
#include <bodega/metrics/estimate.hpp>
#include <bodega/metrics/list_metrics.hpp>

#include "support/arguments.hpp"
#include "support/report_lines.hpp"
#include "support/telling.hpp"
#include "support/text.hpp"

namespace {

using namespace bodega;
using bodega_benchmark::fixed;
using bodega_benchmark::number;
using bodega_benchmark::ReportLines;
using bodega_benchmark::tell;

constexpr std::size_t k = 10, most_of_a_group = 30;

/// The command line: files and the names of their columns.
struct Settings {
  std::string sales, group, item, value, quantity, items, id, text, pack, within, json;
  std::vector<std::string> attributes;
};

struct Shop {
  Catalog catalog;
  std::vector<std::vector<ItemIndex>> groups;  ///< distinct items, in order
};

/// Calls `visit(csv)` for each record.
template <class Begin>
void read(const std::string& path, Begin&& begin) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(ErrorCode::io, path, "a file to read", "none");
  CsvReader csv(file, path);
  const CsvHeader header(csv);
  const auto visit = begin(header);
  while (csv.next()) {
    header.check(csv);
    visit(csv.fields());
  }
}

Shop read_shop(const Settings& settings) {
  StringSet ids, groups;
  std::vector<double> value, quantity;
  Shop shop;
  const auto number = [](std::string_view text) {
    const auto parsed = Money::parse(text);
    return parsed ? parsed->value() : 0.0;
  };
  read(settings.sales, [&](const CsvHeader& header) {
    const std::size_t group = header.need(settings.group), item = header.need(settings.item),
                      of_value = header.need(settings.value),
                      of_quantity = header.find(settings.quantity);
    return [=, &ids, &groups, &value, &quantity, &shop](auto fields) {
      const double price = number(fields[of_value]);
      const double units = of_quantity == CsvHeader::absent ? 1 : number(fields[of_quantity]);
      if (!(price > 0) || !(units > 0) || fields[group].empty()) return;
      const std::uint32_t i = ids.add(fields[item]), g = groups.add(fields[group]);
      if (i == value.size()) {
        value.push_back(0);
        quantity.push_back(0);
      }
      value[i] += price;
      quantity[i] += units;
      if (g == shop.groups.size()) shop.groups.emplace_back();
      auto& items = shop.groups[g];
      if (items.size() < most_of_a_group &&
          std::find(items.begin(), items.end(), ItemIndex(i)) == items.end())
        items.push_back(ItemIndex(i));
    };
  });
  std::vector<Item> items(ids.size());
  read(settings.items, [&](const CsvHeader& header) {
    const std::size_t id = header.need(settings.id), text = header.find(settings.text);
    std::vector<std::pair<std::string, std::size_t>> attributes;
    for (const std::string& name : settings.attributes)
      attributes.emplace_back(name, header.need(name));
    return [=, &ids, &items](auto fields) {
      const std::uint32_t i = ids.find(fields[id]);
      if (i == StringSet::none || !items[i].id.empty()) return;
      if (text != CsvHeader::absent && fields[text].empty()) return;  // another line may tell
      items[i].id = fields[id];
      if (text != CsvHeader::absent) items[i].description = fields[text];
      for (const auto& [name, column] : attributes)
        if (!fields[column].empty()) items[i].attributes.emplace_back(name, fields[column]);
    };
  });
  for (std::size_t i = 0; i < items.size(); ++i) {
    items[i].id = ids[i];
    items[i].price = Money::from_raw(static_cast<std::int64_t>(
        std::min(1e6, value[i] / quantity[i]) * static_cast<double>(Money::scale)));
    shop.catalog.add(items[i]);
  }
  return shop;
}

enum class Part { known, valid, test };

Part part_of(ItemIndex item) {
  const std::uint32_t draw = CounterRandom(9).below(10, item.value(), 0);
  return draw == 0 ? Part::valid : draw == 1 ? Part::test : Part::known;
}

struct Reached {
  Estimate hits, ranks;
  std::vector<double> rank;  ///< 1 / place of each new item that was bought, 0 beyond the tenth
};

Reached measure(const Shop& shop, const ContentModelOptions& options, Part part) {
  const ContentModel<> model = fit_content_model(shop.catalog, options);
  ItemMask is_new(model.items(), false);
  for (std::uint32_t i = 0; i < model.items(); ++i)
    if (part_of(ItemIndex(i)) == part) is_new.allow(ItemIndex(i));
  Workspace workspace(model.items(), k);
  std::vector<double> hit, rank;
  std::vector<ItemIndex> query, target, list;
  for (std::size_t g = 0; g < shop.groups.size(); ++g) {
    query.clear();
    target.clear();
    for (const ItemIndex item : shop.groups[g]) {
      if (part_of(item) == Part::known) query.push_back(item);
      if (part_of(item) == part) target.push_back(item);
    }
    if (query.empty() || target.empty()) continue;
    list.clear();
    for (const Pick& pick : select_picks(model, {.basket = query}, is_new, k, workspace))
      list.push_back(pick.item);
    for (const ItemIndex one_target : target) {
      const double reached = reciprocal_rank_at(k, list, std::vector<ItemIndex>{one_target});
      hit.push_back(reached > 0);
      rank.push_back(reached);
    }
  }
  const auto alone = [](std::size_t i) { return i; };
  return {estimate(
              hit.size(), [&](std::size_t i) { return hit[i]; }, alone),
          estimate(
              rank.size(), [&](std::size_t i) { return rank[i]; }, alone),
          rank};
}

/// How the sales of the new items share out among them, foreseen by what items like them sell.
void expect_sales(const Shop& shop, const ContentModelOptions& options, ReportLines& lines) {
  const ContentModel<> model = fit_content_model(shop.catalog, options);
  std::vector<float> sold(model.items(), 0.0f), known(model.items(), 0.0f);
  for (const auto& group : shop.groups)
    for (const ItemIndex item : group) ++sold[item.value()];
  for (std::uint32_t i = 0; i < sold.size(); ++i)
    if (part_of(ItemIndex(i)) == Part::known) known[i] = sold[i];
  const auto log_loss = [&](Part part, const std::vector<float>& expected) {
    double all = 0, of_part = 0, loss = 0;
    for (std::uint32_t i = 0; i < sold.size(); ++i)
      if (part_of(ItemIndex(i)) == part) {
        all += double{expected[i]};
        of_part += double{sold[i]};
      }
    for (std::uint32_t i = 0; i < sold.size(); ++i)
      if (part_of(ItemIndex(i)) == part && sold[i] > 0)
        loss -= double{sold[i]} / of_part * std::log(double{expected[i]} / all);
    return loss;
  };
  double best = 0, chosen = 0;
  for (const double leaning : {0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0}) {
    const double reached = log_loss(Part::valid, expected_sales(model, known, leaning));
    tell("  expected sales, leaning " + number(leaning) + ": valid log loss " + fixed(reached, 4));
    if (chosen == 0 || reached < best) {
      best = reached;
      chosen = leaning;
    }
  }
  const double alike = log_loss(Part::test, std::vector<float>(sold.size(), 1.0f));
  const double expected = log_loss(Part::test, expected_sales(model, known, chosen));
  const double own = log_loss(Part::test, sold);
  std::printf(
      "\nsales of new items among them, nats a sale: all alike %.4f, as items like them %.4f "
      "(leaning %g), their own shares %.4f\n",
      alike, expected, chosen, own);
  lines.add("sales of new items, all alike: nats", alike);
  lines.add("sales of new items, as items like them: nats", expected);
  lines.add("sales of new items, their own shares: nats", own);
}

void run(const Settings& settings) {
  const Shop shop = read_shop(settings);
  ReportLines lines;
  const std::string &pack = settings.pack, &within = settings.within;
  const ContentModelOptions plain;
  const std::vector<double> base = measure(shop, plain, Part::test).rank;
  std::printf(
      "%zu items, %zu groups\n\n| known of an item | settings | HR@10 | MRR@10 | MRR@10 against "
      "words and attributes |\n"
      "| --- | --- | ---: | ---: | ---: |\n",
      shop.catalog.size(), shop.groups.size());
  const auto report = [&](const char* name,
                          const std::vector<std::pair<std::string, ContentModelOptions>>& tried) {
    double best = -1;
    std::size_t chosen = 0;
    for (std::size_t t = 0; t < tried.size() && tried.size() > 1; ++t) {
      const double reached = measure(shop, tried[t].second, Part::valid).ranks.mean;
      tell("  " + std::string(name) + ", " + tried[t].first + ": valid MRR@10 " +
           fixed(reached, 4));
      if (reached > best) {
        best = reached;
        chosen = t;
      }
    }
    const Reached reached = measure(shop, tried[chosen].second, Part::test);
    const Estimate more = estimate(
        base.size(), [&](std::size_t i) { return reached.rank[i] - base[i]; },
        [](std::size_t i) { return i; });
    std::printf("| %s | %s | %.4f +- %.4f | %.4f +- %.4f | %+.4f +- %.4f |\n", name,
                tried[chosen].first.c_str(), reached.hits.mean, reached.hits.half_width,
                reached.ranks.mean, reached.ranks.half_width, more.mean, more.half_width);
    lines.add(name + std::string(": HR@10"), reached.hits.mean);
    lines.add(name + std::string(": MRR@10"), reached.ranks.mean);
    lines.add(name + std::string(": MRR@10 against words and attributes"), more.mean);
    return tried[chosen].second;
  };
  report("words and attributes", {{"", plain}});
  std::vector<std::pair<std::string, ContentModelOptions>> prices;
  for (const std::size_t bands : {5u, 10u, 20u, 40u})
    for (const float weight : {0.5f, 1.0f, 2.0f})
      for (const bool by_category : {false, true}) {
        if (by_category && within.empty()) continue;
        ContentModelOptions options = plain;
        options.price_bands = bands;
        options.price_weight = weight;
        if (by_category) options.price_within = within;
        prices.emplace_back(std::to_string(bands) +
                                (by_category ? " bands within " + within : " bands") +
                                " of weight " + std::to_string(weight).substr(0, 4),
                            options);
      }
  const ContentModelOptions priced = report("and the price", prices);
  const auto with_packs = [&](const ContentModelOptions& without) {
    std::vector<std::pair<std::string, ContentModelOptions>> tried;
    for (const float weight : {0.25f, 0.5f, 1.0f}) {
      ContentModelOptions options = without;
      options.pack_weight = weight;
      options.pack_attribute = pack;
      tried.emplace_back("weight " + std::to_string(weight).substr(0, 4), options);
    }
    return tried;
  };
  report("and the pack size", with_packs(plain));
  report("and both", with_packs(priced));
  expect_sales(shop, priced, lines);
  lines.save(settings.json);
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  bodega_benchmark::Arguments arguments(
      "Recommends items that were never sold, by what is known of them.");
  arguments.need("--sales", "FILE.csv", "what was sold, a line each", settings.sales);
  arguments.need("--group", "COLUMN", "its receipt or customer", settings.group);
  arguments.need("--item", "COLUMN", "what", settings.item);
  arguments.need("--value", "COLUMN", "price of a unit, or with --quantity of the line",
                 settings.value);
  arguments.take("--quantity", "COLUMN", "units", settings.quantity);
  arguments.need("--items", "FILE.csv", "the catalogue", settings.items);
  arguments.need("--id", "COLUMN", "the item in it", settings.id);
  arguments.take("--text", "COLUMN", "its name", settings.text);
  arguments.each("--attribute", "COLUMN", "what else is known of it", settings.attributes);
  arguments.take("--pack", "COLUMN", "the attribute that tells the size; else the text does",
                 settings.pack);
  arguments.take("--within", "COLUMN", "the attribute that names the category of a price band",
                 settings.within);
  arguments.take("--json", "FILE", "where what was measured goes, an object a line", settings.json);
  return arguments.run(argc, argv, [&] { run(settings); });
}
