// SPDX-License-Identifier: MIT
// A search as it is typed, in shops of 1,000 to 100,000 items: match, taste by what the shop sells,
// mask, best ten, reasons. Names have four words of a vocabulary that is used as words are, few of
// them often. Beside it the plain way: looking for the text in every name.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>

#include <bodega/collaborative/shop/popularity.hpp>
#include <bodega/compress/quantize.hpp>
#include <bodega/content/search_index.hpp>
#include <bodega/core/random.hpp>
#include <bodega/data/catalog.hpp>
#include <bodega/hybrid/search.hpp>
#include <bodega/inventory/stock.hpp>

#include "support/measure.hpp"
#include "support/synthetic_shop.hpp"

namespace {

using namespace bodega;
using bodega_benchmark::shop_of;
using bodega_benchmark::shop_sizes;

constexpr std::size_t picks = 10, texts = 1024;

struct Shop {
  explicit Shop(std::size_t items) : stock(items), popularity(items) {
    const bodega_benchmark::SyntheticShop synthetic(items);
    synthetic.fill(stock);
    for (std::uint64_t i = 0; i < items; ++i)
      for (const ItemIndex item : synthetic.basket(10, i)) popularity.add(item, Day(20'000));
    const std::size_t vocabulary = items / 2;
    std::vector<std::string> words;
    for (std::uint64_t w = 0; w < vocabulary; ++w) {
      std::string word;
      for (std::uint64_t c = 0; c < 4 + random.below(6, w, 0);
           ++c)  // letters as in English, roughly
        word += "eeeeaaatttoooiiinnnsssrrrhhlldduccmmfwgpybvkxjqz"[random.below(48, w, c + 1)];
      words.push_back(std::move(word));
    }
    for (std::uint64_t i = 0; i < items; ++i) {
      names.emplace_back();
      for (std::uint64_t w = 0; w < 4; ++w) {
        const double at = std::pow(static_cast<double>(vocabulary), double{random.uniform(i, w)});
        names.back() += (w > 0 ? " " : "") + words[static_cast<std::size_t>(at) - 1];
      }
    }
    Catalog catalog;
    for (std::size_t i = 0; i < items; ++i)
      catalog.add({.id = std::to_string(10'000 + i), .description = names[i]});
    index = quantize(SearchIndex(catalog));
  }

  /// The beginning of one word of some item's name; with a wrong letter, the third.
  std::vector<std::string> typed(std::size_t letters, bool typo) const {
    std::vector<std::string> result;
    for (std::uint64_t i = 0; i < texts; ++i) {
      const std::string& name =
          names[random.below(static_cast<std::uint32_t>(names.size()), i, 99)];
      std::size_t begin = 0;
      for (std::uint32_t word = random.below(4, i, 98); word > 0; --word)
        begin = name.find(' ', begin) + 1;
      result.push_back(name.substr(begin, std::min(letters, name.find(' ', begin) - begin)));
      if (typo) result.back()[2] = result.back()[2] == 'q' ? 'z' : 'q';
    }
    return result;
  }

  CounterRandom random{7};
  Stock stock;
  Popularity popularity;
  std::vector<std::string> names;
  SearchIndex<QuantizedCsrMatrix> index;
};

void search_for(benchmark::State& state, std::size_t letters, bool typo) {
  const Shop& s = shop_of<Shop>(state);
  const std::vector<std::string> text = s.typed(letters, typo);
  SearchWorkspace workspace(s.index.items());
  bodega_benchmark::latency(state, [&](std::size_t i) {
    return search(s.index, text[i % texts], s.popularity, {}, s.stock, picks, workspace).size();
  });
}

void search_1_letter(benchmark::State& state) { search_for(state, 1, false); }
void search_3_letters(benchmark::State& state) { search_for(state, 3, false); }
void search_6_letters(benchmark::State& state) { search_for(state, 6, false); }
void search_6_letters_with_a_typo(benchmark::State& state) { search_for(state, 6, true); }

void search_3_letters_against_every_name(benchmark::State& state) {
  const Shop& s = shop_of<Shop>(state);
  const std::vector<std::string> text = s.typed(3, false);
  SearchWorkspace workspace(s.index.items());
  std::size_t ours = 0, theirs = 0;
  bodega_benchmark::compare(
      state, 0,
      [&] {
        return search(s.index, text[ours++ % texts], s.popularity, {}, s.stock, picks, workspace)
            .size();
      },
      bodega_benchmark::Against{"times_as_fast_as_every_name", [&] {
                                  const std::string_view wanted = text[theirs++ % texts];
                                  std::size_t found = 0;
                                  for (const std::string& name : s.names)
                                    found += name.find(wanted) != std::string::npos;
                                  return found;
                                }});
}

}  // namespace

BENCHMARK(search_1_letter)->Apply(shop_sizes);
BENCHMARK(search_3_letters)->Apply(shop_sizes);
BENCHMARK(search_6_letters)->Apply(shop_sizes);
BENCHMARK(search_6_letters_with_a_typo)->Apply(shop_sizes);
BENCHMARK(search_3_letters_against_every_name)->Apply(shop_sizes);

BENCHMARK_MAIN();
