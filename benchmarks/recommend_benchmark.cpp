// SPDX-License-Identifier: MIT
// One recommendation at the till: score a basket of ten, leave out what is sold out, take the best
// ten, say why; in shops of 1,000 to 100,000 items. Beside it the nearest neighbours of one item by
// a scan of all vectors. Every call has another basket, so that neither caches nor branch
// predictors learn the answer.
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include <benchmark/benchmark.h>

#include <bodega/collaborative/item_item.hpp>
#include <bodega/collaborative/popularity.hpp>
#include <bodega/compress/quantize.hpp>
#include <bodega/embedding/item_vectors.hpp>
#include <bodega/hybrid/blend.hpp>
#include <bodega/hybrid/slate.hpp>
#include <bodega/inventory/stock.hpp>

#include "measure.hpp"
#include "synthetic_shop.hpp"

namespace {

using namespace bodega;

constexpr std::size_t basket_items = 10, neighbours = 50, picks = 10;
constexpr std::size_t dimensions = 64, similar = 20, baskets = 1024;

struct Shop {
  explicit Shop(std::size_t items)
      : stock(items),
        item_item(bodega_benchmark::SyntheticShop(items).neighbours(neighbours)),
        item_item_int8(quantize(item_item)),
        vectors(quantize(
            ItemVectors<>(bodega_benchmark::SyntheticShop(items).vectors(dimensions)))),
        popularity(items) {
    const bodega_benchmark::SyntheticShop synthetic(items);
    synthetic.fill(stock);
    for (std::uint64_t i = 0; i < baskets; ++i)
      basket.push_back(synthetic.basket(basket_items, i));
    for (std::uint64_t i = 0; i < items; ++i)
      for (const ItemIndex item : synthetic.basket(basket_items, baskets + i))
        popularity.observe(item, Day(20'000));
  }

  Stock stock;
  ItemItem<> item_item;
  ItemItem<QuantizedCsrMatrix> item_item_int8;
  ItemVectors<QuantizedMatrix> vectors;
  Popularity popularity;
  std::vector<std::vector<ItemIndex>> basket;
};

const Shop& shop(const benchmark::State& state) {
  static std::map<std::size_t, std::unique_ptr<Shop>> shops;
  const auto items = static_cast<std::size_t>(state.range(0));
  auto& wanted = shops[items];
  if (!wanted) wanted = std::make_unique<Shop>(items);
  return *wanted;
}

template <Scorer S>
void recommend(benchmark::State& state, const Shop& s, const S& scorer) {
  Workspace workspace(scorer.items());
  bodega_benchmark::latency(state, [&](std::size_t i) {
    const Query query{.basket = s.basket[i % baskets]};
    return select_slate(scorer, query, s.stock, picks, workspace).size();
  });
}

void recommend_float(benchmark::State& state) {
  recommend(state, shop(state), shop(state).item_item);
}
void recommend_int8(benchmark::State& state) {
  recommend(state, shop(state), shop(state).item_item_int8);
}

/// As a till does it: with popularity nearly every item has a score.
void recommend_int8_and_popularity(benchmark::State& state) {
  const Shop& s = shop(state);
  recommend(state, s, blend(s.item_item_int8, 1.0f, s.popularity, 0.3f));
}

void similar_items_int8(benchmark::State& state) {
  const Shop& s = shop(state);
  TopK best(similar);
  bodega_benchmark::latency(state, [&](std::size_t i) {
    best.reset(similar);
    s.vectors.nearest(s.basket[i % baskets][0], s.stock, best);
    return best.sorted().size();
  });
}

/// Against the scan's kernel without mask and selection, and reading the table.
void similar_items_int8_against_limit(benchmark::State& state) {
  using bodega_benchmark::Against;
  const Shop& s = shop(state);
  TopK best(similar);
  const auto& table = s.vectors.vectors().stored();
  std::vector<std::int32_t> products(table.rows());
  bodega_benchmark::compare(
      state, table.size(),
      [&] {
        best.reset(similar);
        s.vectors.nearest(s.basket[0][0], s.stock, best);
        return best.sorted().size();
      },
      Against{"of_scan", [&] {
        simd::scan(table.data(), table.rows(), table.columns(), table.row(0).data(),
                   products.data());
      }},
      Against{"of_limit",
              [&] { return bodega_benchmark::sum_of_bytes<std::int8_t>(table.values()); }});
}

void shops(benchmark::internal::Benchmark* benchmark) {
  benchmark->Arg(1'000)->Arg(10'000)->Arg(100'000)->UseManualTime();
}

}  // namespace

BENCHMARK(recommend_float)->Apply(shops);
BENCHMARK(recommend_int8)->Apply(shops);
BENCHMARK(recommend_int8_and_popularity)->Apply(shops);
BENCHMARK(similar_items_int8)->Apply(shops);
BENCHMARK(similar_items_int8_against_limit)->Apply(shops);

int main(int argc, char** argv) {
  benchmark::AddCustomContext("instruction set", bodega::simd::architecture());
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
