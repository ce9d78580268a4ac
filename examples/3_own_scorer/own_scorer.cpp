// SPDX-License-Identifier: MIT
//
// To add a scorer: a type with three functions. It blends with every other scorer, under any mask,
// in a slate, in a search and in an evaluation; no header of the library is edited for it.
//
//   own_scorer

#include <array>
#include <cstddef>
#include <cstdio>
#include <span>
#include <utility>
#include <vector>

#include <bodega/collaborative/items/item_item.hpp>
#include <bodega/hybrid/blend.hpp>
#include <bodega/hybrid/slate.hpp>
#include <bodega/inventory/stock.hpp>

using namespace bodega;

namespace {

/// Promotes what the shop has too much of.
class Overstock {
 public:
  /// `surplus` has one number an item, 0 if there is none.
  explicit Overstock(std::vector<float> surplus) : surplus_(std::move(surplus)) {}

  std::size_t items() const noexcept { return surplus_.size(); }

  /// Adds its scores, so that composing scorers is addition.
  void add_scores(const Query&, float weight, std::span<float> scores) const noexcept {
    for (std::size_t i = 0; i < surplus_.size(); ++i) scores[i] += weight * surplus_[i];
  }

  /// Says which parts of the query caused the score of one item: none here.
  void explain(const Query&, float, ItemIndex, Reasons&) const noexcept {}

 private:
  std::vector<float> surplus_;
};
static_assert(Scorer<Overstock>);

}  // namespace

int main() {
  // Who buys item 0 buys item 1, less often item 2. Of items 2 and 3 there is too much.
  const ItemItem<> together(CsrMatrix<float>({4, {0, 2, 2, 2, 2}, {1, 2}}, {0.5f, 0.4f}));
  const Overstock overstock({0, 0, 3, 9});
  const auto scorer = blend(together, 1.0f, overstock, 0.05f);

  Stock stock(4);
  stock.set(ItemIndex(3), 0);  // ... but none of item 3 is on the shelf
  Workspace workspace(4);
  const std::array basket = {ItemIndex(0)};
  for (const Pick& pick : select_slate(scorer, {.basket = basket}, stock, 3, workspace))
    std::printf("item %u, score %.2f\n", pick.item.value(), static_cast<double>(pick.score));
}
