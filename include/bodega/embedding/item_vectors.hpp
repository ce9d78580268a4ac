// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/query.hpp>
#include <bodega/tensor/coarse_rows.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/tensor/quantized.hpp>
#include <bodega/tensor/row_products.hpp>
#include <bodega/tensor/rows.hpp>
#include <bodega/tensor/top_k.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

/// One vector of length 1 for each item (zero for an item nothing is known of): near in direction
/// means bought in the same company, so it finds items alike, also such as are never bought
/// together. The dot product of two vectors is their cosine. Shape: items x dimensions, up to 512.
///
/// As a Scorer: the sum over the query's items of their cosine with item j. Neighbours are exact: a
/// rough copy of the table (`CoarseRows`: a byte a number, or half of one, in memory alone) says
/// which few items can be among them, and those are multiplied exactly. Below a million items that
/// is faster than an index. Thread rule: immutable, any number of readers. Cost: items x
/// dimensions.
template <WeightFormat W = Matrix<float>>
requires(std::same_as<W, Matrix<float>> || std::same_as<W, QuantizedMatrix>) class ItemVectors {
 public:
  static constexpr std::string_view kind = "item_vectors";
  static constexpr std::size_t most_dimensions = RowProducts<W>::most_columns;  // on the stack
  template <WeightFormat V>
  using with_weights = ItemVectors<V>;

  ItemVectors() = default;
  /// Takes the rows as they are. Error (shape, not_finite) beyond 512 dimensions or on a NaN.
  explicit ItemVectors(W vectors) : vectors_(std::move(vectors)) {
    validate("ItemVectors");
    restore();
  }

  std::size_t items() const noexcept { return vectors_.rows(); }
  static constexpr QueryParts uses() noexcept { return QueryParts::items(); }
  std::size_t dimensions() const noexcept { return vectors_.columns(); }
  const W& vectors() const noexcept { return vectors_; }

  void add_scores(const Query& query, float weight, std::span<float> scores) const noexcept {
    std::array<float, most_dimensions> sum{};
    bool known = false;
    for_each_query_item(query, items(), [&](ItemIndex item) {
      add_row(vectors_, item.value(), 1.0f, {sum.data(), dimensions()});
      known = true;
    });
    if (!known) return;
    const RowProducts<W> wanted({sum.data(), dimensions()});
    for (std::size_t i = 0; i < items(); ++i) scores[i] += weight * wanted.product(vectors_, i);
  }

  void explain(const Query& query, float weight, ItemIndex item, Reasons& reasons) const noexcept {
    if (item.value() >= items()) return;
    for_each_query_item(query, items(), [&](ItemIndex like) {
      reasons.offer({Reason::Kind::alike, like, Reason::no_term, weight * cosine(like, item)});
    });
  }

  /// Cosine of two items' vectors; 0 for an index outside the catalogue.
  float cosine(ItemIndex a, ItemIndex b) const noexcept {
    if (a.value() >= items() || b.value() >= items()) return 0;
    return RowProducts<W>(vectors_, a.value()).product(vectors_, b.value());
  }

  /// Offers to `best`, which holds nothing yet, the items that the mask allows
  /// (`mask.allows(item)`), but for `item` itself, with their cosines: exactly those of the vectors
  /// as they are stored. The mask is asked only about those that could earn a place, or, where it
  /// allows few, about all. Allocates nothing. An index outside the catalogue offers nothing.
  template <class Mask>
  requires requires(const Mask& mask, ItemIndex i) {
    { mask.allows(i) } -> std::same_as<bool>;
  }
  void nearest(ItemIndex item, const Mask& mask, TopK& best) const noexcept {
    if (item.value() < items()) search(RowProducts<W>(vectors_, item.value()), item, mask, best);
  }

  /// The same for any vector, such as a customer's: `dimensions()` finite numbers, else nothing is
  /// offered. With INT8 weights it is rounded to 16 bits first.
  template <class Mask>
  requires requires(const Mask& mask, ItemIndex i) {
    { mask.allows(i) } -> std::same_as<bool>;
  }
  void nearest(std::span<const float> vector, const Mask& mask, TopK& best) const noexcept {
    if (vector.size() == dimensions())
      search(RowProducts<W>(vector), ItemIndex::none(), mask, best);
  }

  /// The k items nearest to `item`, nearest first; equal cosines by lower index.
  std::vector<ScoredIndex> nearest(ItemIndex item, std::size_t k) const {
    struct All {
      bool allows(ItemIndex) const noexcept { return true; }
    };
    TopK best(std::min(k, items()));
    nearest(item, All{}, best);
    const auto sorted = best.sorted();
    return {sorted.begin(), sorted.end()};
  }

  void validate(const std::string& where) const {
    validate_weights(vectors_, where + ", vectors");
    if constexpr (std::same_as<W, QuantizedMatrix>)  // a scan has one scale for a whole row
      validate_size(vectors_.scale().blocks(), 1, where + ", vectors, columns of scale");
    if (dimensions() > most_dimensions)
      throw Error(ErrorCode::shape, where + ", vectors",
                  "at most " + std::to_string(most_dimensions) + " dimensions",
                  std::to_string(dimensions()));
  }

  /// The rough copy.
  void restore() { coarse_ = CoarseRows(vectors_); }

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("vectors", self.vectors_, Role::weight);
  }

  bool operator==(const ItemVectors&) const = default;

 private:
  template <class Mask>
  void search(const RowProducts<W>& query, ItemIndex but_for, const Mask& mask,
              TopK& best) const noexcept {
    if (items() == 0) return;
    const auto offer = [&](std::span<const std::uint32_t> rows) {
      offer_allowed(query, rows, but_for, mask, best);
    };
    constexpr std::size_t at_once = CoarseRows::most_listed;
    if (allows_few(mask)) {  // then their products cost less than a look at all rough rows
      std::array<std::uint32_t, at_once> rows;
      for (std::size_t first = 0; first < items(); first += at_once) {
        const std::size_t count = std::min(at_once, items() - first);
        std::iota(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(count),
                  static_cast<std::uint32_t>(first));
        offer({rows.data(), count});
      }
      return;
    }
    std::array<float, most_dimensions> numbers;
    for (std::size_t d = 0; d < dimensions(); ++d) numbers[d] = query.number(d);
    constexpr float any = -std::numeric_limits<float>::infinity();
    coarse_.visit_above(
        {numbers.data(), dimensions()}, [&] { return best.threshold(any); }, offer);
  }

  /// Whether it seems to allow less than one item in twelve, by a sample in which no period of the
  /// items shows.
  template <class Mask>
  bool allows_few(const Mask& mask) const noexcept {
    constexpr std::uint32_t sample = 120;
    std::uint32_t allowed = 0;
    for (std::uint32_t i = 0; i < sample; ++i) {
      const std::uint64_t part = (i + 1) * 2654435769u;  // of 2^32; multiples of the golden ratio
      allowed += mask.allows(ItemIndex(static_cast<std::uint32_t>(part * items() >> 32)));
    }
    return 12 * allowed < sample;
  }

  /// Of rising rows, at most `most_listed`. In three passes, so that none waits for another's guess
  /// or memory.
  template <class Mask>
  void offer_allowed(const RowProducts<W>& query, std::span<const std::uint32_t> rows,
                     ItemIndex but_for, const Mask& mask, TopK& best) const noexcept {
    std::array<std::uint32_t, CoarseRows::most_listed> allowed;
    std::array<float, CoarseRows::most_listed> scores;
    std::size_t count = 0;
    for (const std::uint32_t row : rows) {
      allowed[count] = row;
      count += static_cast<unsigned>(mask.allows(ItemIndex(row))) &
               static_cast<unsigned>(row != but_for.value());
    }
    for (std::size_t k = 0; k < count; ++k) prefetch_row(vectors_, allowed[k]);
    for (std::size_t k = 0; k < count; ++k) scores[k] = query.product(vectors_, allowed[k]);
    for (std::size_t k = 0; k < count; ++k) best.offer(scores[k], allowed[k]);
  }

  W vectors_;
  CoarseRows coarse_;  // implied by the vectors
};

}  // namespace bodega::inline BODEGA_ABI
