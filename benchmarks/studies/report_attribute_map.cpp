// SPDX-License-Identifier: MIT
// Items never sold, placed by their names: one item in ten is taken out of all baskets, the product
// vectors and the map from words to vectors are learnt from the others, and the mapped vector of
// each item taken out should find the twenty items that were really bought with it.
//
// The penalty of the map is chosen on another tenth of the items, whose sales are known again when
// the test items are asked for. Two truths: the items in most baskets together with it, and those
// beyond chance (log-likelihood ratio).
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include <bodega/collaborative/items/item_neighbours_trainer.hpp>
#include <bodega/collaborative/sums/cooccurrence.hpp>
#include <bodega/compress/quantize.hpp>
#include <bodega/compress/size_report.hpp>
#include <bodega/content/content_model.hpp>
#include <bodega/content/content_model_trainer.hpp>
#include <bodega/core/random.hpp>
#include <bodega/data/baskets.hpp>
#include <bodega/embedding/attribute_map_trainer.hpp>
#include <bodega/embedding/item_vectors_trainer.hpp>
#include <bodega/hybrid/mask.hpp>
#include <bodega/metrics/estimate.hpp>
#include <bodega/tensor/top_k.hpp>

#include "support/named_items.hpp"

namespace {

using namespace bodega;
using bodega_benchmark::Cases;
using bodega_benchmark::ReportLines;

constexpr std::size_t k = 20, fewest_baskets = 20;

Baskets baskets_without(const Cases& cases, const ItemMask& kept) {
  Baskets baskets(cases.items.size());
  std::vector<ItemIndex> items;
  for (const auto& history : cases.train) {
    items.clear();
    for (const ItemIndex item : history.items)
      if (kept.allows(item)) items.push_back(item);
    baskets.add({}, {}, items);
  }
  return baskets;
}

using List = std::vector<std::uint32_t>;

List list(TopK& best) {
  List items;
  for (const ScoredIndex& one : best.sorted()) items.push_back(one.index);
  return items;
}

/// The k best of one row of a table among the items kept.
List best_of_row(const CsrMatrix<float>& table, std::size_t item, const ItemMask& kept) {
  TopK best(k);
  const auto row = table.row(item);
  for (std::size_t e = 0; e < row.size(); ++e)
    if (kept.allows(ItemIndex(row.columns[e]))) best.offer(row.values[e], row.columns[e]);
  return list(best);
}

/// The share of the truth that the lists found: a mean over the items.
Estimate recall(const std::vector<List>& found, const std::vector<List>& truth) {
  return estimate(
      truth.size(),
      [&](std::size_t i) {
        double hits = 0;
        for (const std::uint32_t item : found[i])
          hits += static_cast<double>(std::count(truth[i].begin(), truth[i].end(), item));
        return truth[i].empty() ? std::nan("") : hits / static_cast<double>(truth[i].size());
      },
      [](std::size_t i) { return i; });
}

/// What all baskets say.
struct Shop {
  explicit Shop(const Cases& all_cases)
      : cases(all_cases),
        everything(cases.items.size()),
        counts(baskets_without(cases, everything)),
        pairs(counts.pairs()),
        beyond_chance(
            fit_item_neighbours(counts, {.similarity = Similarity::log_likelihood, .neighbours = 0})
                .weights()),
        vectors(fit_item_vectors(pairs)) {}
  const Cases& cases;
  ItemMask everything;
  Cooccurrence counts;
  CsrMatrix<float> pairs, beyond_chance;
  ItemVectors<> vectors;
};

/// The shop without some of its items.
struct Cold {
  Cold(const Shop& shop, const ContentModel<>& content, std::vector<std::uint32_t> taken_out)
      : out(std::move(taken_out)), kept(shop.everything) {
    for (const std::uint32_t item : out) kept.forbid(ItemIndex(item));
    const Cooccurrence counts(baskets_without(shop.cases, kept));
    vectors = fit_item_vectors(counts.pairs());
    for (const std::uint32_t item : out) {
      most.push_back(best_of_row(shop.pairs, item, kept));
      beyond.push_back(best_of_row(shop.beyond_chance, item, kept));
      own.push_back(nearest(shop.vectors, shop.vectors.vectors().row(item)));
      TopK selling(k), alike(k);
      std::vector<float> scores(content.items(), 0.0f);
      const std::array basket{ItemIndex(item)};
      content.add_scores({.basket = basket}, 1, scores);
      for (std::uint32_t i = 0; i < content.items(); ++i)
        if (kept.allows(ItemIndex(i))) {
          selling.offer(counts.count(ItemIndex(i)), i);
          if (scores[i] > 0) alike.offer(scores[i], i);
        }
      popular.push_back(list(selling));
      // The mean of the vectors of the five that are most alike, by how much they are.
      std::vector<float> mean(vectors.dimensions(), 0.0f);
      const auto sorted = alike.sorted();
      for (const ScoredIndex& like : sorted.first(std::min<std::size_t>(5, sorted.size())))
        add_row(vectors.vectors(), like.index, like.score, mean);
      of_alike.push_back(nearest(vectors, mean));
      List names;
      for (const ScoredIndex& like : sorted) names.push_back(like.index);
      named_alike.push_back(std::move(names));
    }
  }

  List nearest(const ItemVectors<>& of, std::span<const float> vector) const {
    TopK best(k);
    of.nearest(vector, kept, best);
    return list(best);
  }
  template <class Map>
  std::vector<List> mapped(const Map& map, const ContentModel<>& content) const {
    std::vector<List> lists;
    std::vector<float> vector(map.dimensions());
    for (const std::uint32_t item : out) {
      map.vector(content.item_terms().row(item), vector);
      lists.push_back(nearest(vectors, vector));
    }
    return lists;
  }

  std::vector<std::uint32_t> out;
  ItemMask kept;
  ItemVectors<> vectors;
  std::vector<List> most, beyond;  // truths
  std::vector<List> own, popular, of_alike, named_alike;
};

void print(const char* name, const std::vector<List>& found, const Cold& cold, ReportLines& lines) {
  const Estimate most = recall(found, cold.most), beyond = recall(found, cold.beyond);
  lines.add(name + std::string(": recall@20, in most baskets"), most.mean);
  lines.add(name + std::string(": recall@20, beyond chance"), beyond.mean);
  std::printf("| %s | %.3f +- %.3f | %.3f +- %.3f |\n", name, most.mean, most.half_width,
              beyond.mean, beyond.half_width);
}

void run(const Cases& cases, const Catalog& catalog, ReportLines& lines) {
  const ContentModel<> content = fit_content_model(catalog);
  const Shop shop(cases);
  std::vector<std::uint32_t> sold;
  for (std::uint32_t i = 0; i < cases.items.size(); ++i)
    if (shop.counts.count(ItemIndex(i)) >= fewest_baskets) sold.push_back(i);
  CounterRandom(11).shuffle(std::span(sold), 0);
  const auto tenth = static_cast<std::ptrdiff_t>(sold.size() / 10);
  const Cold valid(shop, content, {sold.begin(), sold.begin() + tenth});
  const Cold test(shop, content, {sold.begin() + tenth, sold.begin() + 2 * tenth});
  std::printf("%zu items, %zu terms, %zu and %zu items taken out\n\n", cases.items.size(),
              content.terms().size(), valid.out.size(), test.out.size());

  double chosen = 0, best = -1;
  for (const double l2 : {0.1, 0.3, 1.0, 3.0, 10.0, 30.0}) {
    const auto map = fit_attribute_map(content.item_terms(), valid.vectors.vectors(), {.l2 = l2});
    const double reached = recall(valid.mapped(map, content), valid.beyond).mean;
    std::printf("l2 %g: %.4f on the valid items\n", l2, reached);
    if (reached > best) best = reached, chosen = l2;
  }
  const auto map = fit_attribute_map(content.item_terms(), test.vectors.vectors(), {.l2 = chosen});
  const auto small = quantize(map);
  std::printf(
      "\n| recall@20 of the items bought with one never sold | in most baskets | beyond chance |\n"
      "| --- | --- | --- |\n");
  const double chance = static_cast<double>(k) / static_cast<double>(cases.items.size());
  std::printf("| any items | %.3f | %.3f |\n", chance, chance);
  print("what sells most", test.popular, test, lines);
  print("the items of most similar name", test.named_alike, test, lines);
  print("mean vector of the 5 of most similar name", test.of_alike, test, lines);
  print("mapped vector", test.mapped(map, content), test, lines);
  print("mapped vector, map in INT8", test.mapped(small, content), test, lines);
  print("vector of its own sales, were it sold", test.own, test, lines);
  std::printf("\nmap: %zu bytes in the file, %zu in INT8\n", size_report(map).bytes,
              size_report(small).bytes);
  lines.add("map, bytes", static_cast<double>(size_report(map).bytes));
  lines.add("map in INT8, bytes", static_cast<double>(size_report(small).bytes));
}

}  // namespace

int main(int argc, char** argv) {
  return bodega_benchmark::report_on_named_items(
      argc, argv,
      "Places items that were never sold by their names, and counts how many of the items really "
      "bought with them are found.",
      run);
}
