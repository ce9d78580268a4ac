// SPDX-License-Identifier: MIT
// One recommendation at the till: score a basket of ten, leave out what is sold out, take the best
// ten, say why; in shops of 1,000 to 100,000 items. Beside it the nearest neighbours of one item by
// a scan of all vectors, exact, against reading the vectors once and, where BODEGA_HNSWLIB_DIR
// names a copy, against the graph of hnswlib. Every call has another basket, so that neither caches
// nor branch predictors learn the answer.
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <type_traits>
#include <vector>

#include <benchmark/benchmark.h>

#include <bodega/collaborative/items/item_item.hpp>
#include <bodega/collaborative/shop/popularity.hpp>
#include <bodega/compress/quantize.hpp>
#include <bodega/compress/size_report.hpp>
#include <bodega/embedding/item_vectors.hpp>
#include <bodega/hybrid/blend.hpp>
#include <bodega/hybrid/slate.hpp>
#include <bodega/inventory/stock.hpp>

#if defined(BODEGA_HNSWLIB)
#include <hnswlib/hnswlib.h>
#endif

#include "support/measure.hpp"
#include "support/synthetic_shop.hpp"

namespace {

using namespace bodega;
using bodega_benchmark::shop_of;
using bodega_benchmark::shop_sizes;

constexpr std::size_t basket_items = 10, neighbours = 50, picks = 10;
constexpr std::size_t dimensions = 64, similar = 20, baskets = 1024;

struct Shop {
  explicit Shop(std::size_t items)
      : stock(items),
        item_item(bodega_benchmark::SyntheticShop(items).neighbours(neighbours)),
        item_item_int8(quantize(item_item)),
        float_vectors(bodega_benchmark::SyntheticShop(items).vectors(dimensions)),
        vectors(quantize(float_vectors)),
        popularity(items) {
    const bodega_benchmark::SyntheticShop synthetic(items);
    synthetic.fill(stock);
    for (std::uint64_t i = 0; i < baskets; ++i) basket.push_back(synthetic.basket(basket_items, i));
    for (std::uint64_t i = 0; i < items; ++i)
      for (const ItemIndex item : synthetic.basket(basket_items, baskets + i))
        popularity.add(item, Day(20'000));
  }

  Stock stock;
  ItemItem<> item_item;
  ItemItem<QuantizedCsrMatrix> item_item_int8;
  ItemVectors<> float_vectors;
  ItemVectors<QuantizedMatrix> vectors;
  Popularity popularity;
  std::vector<std::vector<ItemIndex>> basket;
};

template <Scorer S>
void recommend(benchmark::State& state, const Shop& s, const S& scorer) {
  Workspace workspace(scorer.items());
  bodega_benchmark::latency(state, [&](std::size_t i) {
    const Query query{.basket = s.basket[i % baskets]};
    return select_slate(scorer, query, s.stock, picks, workspace).size();
  });
}

void recommend_float(benchmark::State& state) {
  recommend(state, shop_of<Shop>(state), shop_of<Shop>(state).item_item);
}
void recommend_int8(benchmark::State& state) {
  recommend(state, shop_of<Shop>(state), shop_of<Shop>(state).item_item_int8);
}

/// As a till does it: with popularity nearly every item has a score.
void recommend_int8_and_popularity(benchmark::State& state) {
  const Shop& s = shop_of<Shop>(state);
  recommend(state, s, blend(s.item_item_int8, 1.0f, s.popularity, 0.3f));
}

struct Everything {
  bool allows(ItemIndex) const noexcept { return true; }
};

/// One item in twenty.
struct FewItems {
  bool allows(ItemIndex item) const noexcept { return item.value() % 20 == 3; }
};

/// The nearest to another item in each call.
template <class Vectors, class Mask>
auto similar_to_next(const Shop& s, const Vectors& vectors, const Mask& mask, TopK& best) {
  return [&, i = std::size_t{0}]() mutable {
    best.reset(similar);
    vectors.nearest(s.basket[i++ % baskets][0], mask, best);
    return best.sorted().size();
  };
}

template <class Vectors>
void similar_items(benchmark::State& state, const Shop& s, const Vectors& vectors) {
  TopK best(similar);
  auto answer = similar_to_next(s, vectors, s.stock, best);
  state.SetLabel(byte_lanes::name(byte_lanes::best()));
  bodega_benchmark::latency(state, [&](std::size_t) { return answer(); });
}
void similar_items_float(benchmark::State& state) {
  similar_items(state, shop_of<Shop>(state), shop_of<Shop>(state).float_vectors);
}
void similar_items_int8(benchmark::State& state) {
  similar_items(state, shop_of<Shop>(state), shop_of<Shop>(state).vectors);
}

/// Against reading the table, and a slate of the item-item model against it.
void similar_items_int8_against_limit(benchmark::State& state) {
  using bodega_benchmark::Against;
  const Shop& s = shop_of<Shop>(state);
  TopK best(similar);
  const auto& table = s.vectors.vectors().stored();
  bodega_benchmark::compare(
      state, table.size(), similar_to_next(s, s.vectors, s.stock, best),
      Against{"of_limit",
              [&] { return bodega_benchmark::sum_of_bytes<std::int8_t>(table.values()); }});
}

void recommend_int8_against_similar_items(benchmark::State& state) {
  const Shop& s = shop_of<Shop>(state);
  TopK best(similar);
  Workspace workspace(s.stock.items());
  std::size_t i = 0;
  bodega_benchmark::compare(
      state, 0,
      [&] {
        const Query query{.basket = s.basket[i++ % baskets]};
        return select_slate(s.item_item_int8, query, s.stock, picks, workspace).size();
      },
      bodega_benchmark::Against{"x_similar", similar_to_next(s, s.vectors, s.stock, best)});
  state.counters["file_KB"] = static_cast<double>(size_report(s.item_item_int8).bytes) / 1000;
}

#if defined(BODEGA_HNSWLIB)

/// The same vectors as floats in a graph of M = 16 (ef_construction 200), searched with ef = 64.
struct Graph {
  explicit Graph(const Matrix<float>& vectors)
      : space(vectors.columns()), index(&space, vectors.rows(), 16, 200) {
    index.setEf(64);
    for (std::size_t i = 0; i < vectors.rows(); ++i) index.addPoint(vectors.row(i).data(), i);
  }
  hnswlib::InnerProductSpace space;
  hnswlib::HierarchicalNSW<float> index;
};

Graph& graph(const benchmark::State& state) {
  static std::map<std::size_t, std::unique_ptr<Graph>> graphs;
  auto& wanted = graphs[static_cast<std::size_t>(state.range(0))];
  if (!wanted) wanted = std::make_unique<Graph>(shop_of<Shop>(state).float_vectors.vectors());
  return *wanted;
}

/// Counter "x_hnswlib": how many times as fast. "recall": the share of the exact answer, of the
/// floats, that the graph finds; "own_recall": that the INT8 vectors find.
template <class Mask>
void similar_items_against_hnswlib(benchmark::State& state, const Mask& mask) {
  struct Filter : hnswlib::BaseFilterFunctor {
    explicit Filter(const Mask& which) : mask(which) {}
    bool operator()(hnswlib::labeltype label) override {
      return mask.allows(ItemIndex(static_cast<std::uint32_t>(label)));
    }
    const Mask& mask;
  };
  const Shop& s = shop_of<Shop>(state);
  Graph& g = graph(state);
  Filter filter(mask);
  hnswlib::BaseFilterFunctor* const asked = std::is_same_v<Mask, Everything> ? nullptr : &filter;
  const auto search = [&](ItemIndex item) {  // one more: it finds the item itself
    return g.index.searchKnn(s.float_vectors.vectors().row(item.value()).data(), similar + 1,
                             asked);
  };
  TopK best(similar);
  bodega_benchmark::compare(
      state, 0, similar_to_next(s, s.vectors, mask, best),
      bodega_benchmark::Against{"x_hnswlib", [&, i = std::size_t{0}]() mutable {
                                  return search(s.basket[i++ % baskets][0]).size();
                                }});
  double found = 0, own = 0, all = 0;
  for (std::size_t i = 0; i < 100; ++i) {
    const ItemIndex item = s.basket[i][0];
    const auto nearest = [&](const auto& vectors) {
      best.reset(similar);
      vectors.nearest(item, mask, best);
      std::set<std::size_t> set;
      for (const ScoredIndex& one : best.sorted()) set.insert(one.index);
      return set;
    };
    const std::set<std::size_t> exact = nearest(s.float_vectors);
    for (const std::size_t one : nearest(s.vectors)) own += static_cast<double>(exact.count(one));
    for (auto queue = search(item); !queue.empty(); queue.pop())
      found += static_cast<double>(exact.count(queue.top().second));
    all += static_cast<double>(exact.size());
  }
  state.counters["recall"] = found / all;
  state.counters["own_recall"] = own / all;
}
void similar_items_int8_against_hnswlib(benchmark::State& state) {
  similar_items_against_hnswlib(state, Everything{});
}
void similar_items_int8_of_few_against_hnswlib(benchmark::State& state) {
  similar_items_against_hnswlib(state, FewItems{});
}

#endif

}  // namespace

BENCHMARK(recommend_float)->Apply(shop_sizes);
BENCHMARK(recommend_int8)->Apply(shop_sizes);
BENCHMARK(recommend_int8_and_popularity)->Apply(shop_sizes);
BENCHMARK(recommend_int8_against_similar_items)->Apply(shop_sizes);
BENCHMARK(similar_items_float)->Apply(shop_sizes);
BENCHMARK(similar_items_int8)->Apply(shop_sizes);
BENCHMARK(similar_items_int8_against_limit)->Apply(shop_sizes);
#if defined(BODEGA_HNSWLIB)
BENCHMARK(similar_items_int8_against_hnswlib)->Apply(shop_sizes);
BENCHMARK(similar_items_int8_of_few_against_hnswlib)->Apply(shop_sizes);
#endif

int main(int argc, char** argv) {
  benchmark::AddCustomContext("instruction set", bodega::simd::architecture());
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
