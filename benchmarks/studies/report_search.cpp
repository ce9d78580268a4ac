// SPDX-License-Identifier: MIT
// Known-item search: for each case of a case folder the first letters of a word of the hidden
// item's name are typed, and the item should be among the first ten found: by match alone, and by
// match and taste (what the shop sells, what goes with the basket, what the customer buys).
//
// The items' file may name an item on several lines; its first texts that are not empty count. How
// much taste counts is chosen on the valid cases by MRR@10, over all lengths together.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <bodega/collaborative/customers/repeat_purchase_trainer.hpp>
#include <bodega/collaborative/items/ease_trainer.hpp>
#include <bodega/collaborative/shop/popularity.hpp>
#include <bodega/compress/quantize.hpp>
#include <bodega/compress/size_report.hpp>
#include <bodega/content/search_index.hpp>
#include <bodega/core/random.hpp>
#include <bodega/data/baskets.hpp>
#include <bodega/data/catalog.hpp>
#include <bodega/hybrid/blend.hpp>
#include <bodega/hybrid/search.hpp>
#include <bodega/metrics/estimate.hpp>
#include <bodega/metrics/list_metrics.hpp>

#include "support/named_items.hpp"
#include "support/telling.hpp"
#include "support/text.hpp"

namespace {

using namespace bodega;
using bodega_benchmark::Case;
using bodega_benchmark::Cases;
using bodega_benchmark::fixed;
using bodega_benchmark::number;
using bodega_benchmark::ReportLines;
using bodega_benchmark::tell;

constexpr std::size_t k = 10;

/// What is typed to find an item.
struct Typing {
  const char* name;
  std::size_t words, letters;
  bool typo;
};
constexpr Typing typings[] = {{"2 letters", 1, 2, false},
                              {"3 letters", 1, 3, false},
                              {"4 letters", 1, 4, false},
                              {"6 letters", 1, 6, false},
                              {"6 letters, two swapped", 1, 6, true},
                              {"two words, 3 letters of each", 2, 3, false}};

/// The beginnings of words of at least four bytes of the item's name, empty where it has too few.
std::string typed(std::string_view name, const Typing& typing, std::uint64_t number) {
  const CounterRandom random(4);
  std::vector<std::string> words;
  for_each_word(name, 4, [&](std::string_view word) { words.emplace_back(word); });
  if (words.size() < typing.words) return {};
  random.shuffle(std::span(words), number);
  std::string text;
  for (std::size_t w = 0; w < typing.words; ++w) {
    std::string word = words[w].substr(0, typing.letters);
    if (typing.typo) {  // not the first letter
      const std::uint32_t at =
          1 + random.below(static_cast<std::uint32_t>(word.size() - 2), number, 1);
      std::swap(word[at], word[at + 1]);
    }
    text += (w > 0 ? " " : "") + word;
  }
  return text;
}

struct Reached {
  Estimate hits, ranks;
  double microseconds = 0;
};

template <Scorer S>
Reached measure(const SearchIndex<QuantizedCsrMatrix>& index, const S& scorer,
                const Catalog& catalog, std::span<const Case> cases, const Typing& typing,
                const SearchOptions& options) {
  SearchWorkspace workspace(index.items(), k);
  const ItemMask all(index.items());
  std::vector<double> rank(cases.size(), std::numeric_limits<double>::quiet_NaN());
  double seconds = 0, asked = 0;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Case& one = cases[i];
    const std::string text = typed(catalog.description(one.target.front()), typing, i);
    if (text.empty()) continue;
    const auto start = std::chrono::steady_clock::now();
    const auto picks = search(index, text, scorer, {.basket = one.query, .customer = one.customer},
                              all, k, workspace, options, QueryItems::excluded);
    seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    ++asked;
    std::vector<ItemIndex> list;
    for (const Pick& pick : picks) list.push_back(pick.item);
    rank[i] = reciprocal_rank_at(k, list, one.target);
  }
  const auto group = [&](std::size_t i) { return cases[i].group(); };
  return {estimate(
              cases.size(), [&](std::size_t i) { return rank[i] > 0 ? 1.0 : 0 * rank[i]; }, group),
          estimate(
              cases.size(), [&](std::size_t i) { return rank[i]; }, group),
          asked > 0 ? 1e6 * seconds / asked : 0};
}

template <Scorer S>
void report(const char* name, const SearchIndex<QuantizedCsrMatrix>& index, const S& scorer,
            const Catalog& catalog, const Cases& cases, bool with_taste, ReportLines& lines) {
  std::vector<Case> some;  // every fourth basket of the valid cases
  std::string_view group;
  std::size_t groups = 0;
  for (const Case& one : cases.valid) {
    if (one.group() != group) ++groups;
    group = one.group();
    if (groups % 4 == 0) some.push_back(one);
  }
  SearchOptions chosen{.taste = 0};
  double best = -1;
  for (const float taste : {0.3f, 1.0f, 3.0f, 10.0f, 30.0f}) {
    if (!with_taste) break;
    double sum = 0;
    for (const Typing& typing : typings)
      sum += measure(index, scorer, catalog, some, typing, {.taste = taste}).ranks.mean;
    tell("  " + std::string(name) + ", taste " + number(double{taste}) + ": valid MRR@10 " +
         fixed(sum / std::size(typings), 4));
    if (sum > best) {
      best = sum;
      chosen.taste = taste;
    }
  }
  for (const Typing& typing : typings) {
    const Reached reached = measure(index, scorer, catalog, cases.test, typing, chosen);
    std::printf("| %s | %s | %g | %.4f +- %.4f | %.4f +- %.4f | %.1f |\n", typing.name, name,
                static_cast<double>(chosen.taste), reached.hits.mean, reached.hits.half_width,
                reached.ranks.mean, reached.ranks.half_width, reached.microseconds);
    const std::string what = typing.name + std::string(", ") + name;
    lines.add(what + ": HR@10", reached.hits.mean);
    lines.add(what + ": MRR@10", reached.ranks.mean);
    lines.add(what + ": microseconds", reached.microseconds);
  }
}

void run(const Cases& cases, const Catalog& catalog, ReportLines& lines) {
  Baskets baskets(catalog.size());
  std::int32_t day = 0;
  for (const auto& history : cases.train)  // an order of time and no dates
    baskets.add(Day(day++), history.customer, history.items);
  const auto index = quantize(SearchIndex(catalog));
  std::printf("%s: %zu items, %zu terms, index %zu bytes, %zu test cases\n\n",
              cases.dataset.c_str(), catalog.size(), index.terms(), size_report(index).bytes,
              cases.test.size());
  std::printf(
      "| typed | ranked by | taste | HR@10 | MRR@10 | us |\n| --- | --- | ---: | ---: | ---: | "
      "---: |\n");
  const Popularity popularity(baskets,
                              {.half_life_days = static_cast<double>(baskets.size()) / 10});
  const auto items = quantize(fit_ease(Cooccurrence(baskets), {.l2 = 30}));
  report("match", index, popularity, catalog, cases, false, lines);
  report("match, shop", index, popularity, catalog, cases, true, lines);
  report("match, basket", index, items, catalog, cases, true, lines);
  const auto both = blend(items, 1.0f, popularity, 3.0f);
  report("match, shop, basket", index, both, catalog, cases, true, lines);
  if (baskets.customers() == 0) return;
  const auto customer =
      quantize(fit_repeat_purchase(baskets, {.forgetting = {.power = 1}, .prior = 0.1}));
  report("match, customer", index, customer, catalog, cases, true, lines);
  report("match, shop, basket, customer", index, blend(both, 1.0f, customer, 1.0f), catalog, cases,
         true, lines);
}

}  // namespace

int main(int argc, char** argv) {
  return bodega_benchmark::report_on_named_items(argc, argv,
                                                 "Searches for items by the first letters of their "
                                                 "names, by match alone and by match and taste.",
                                                 run);
}
