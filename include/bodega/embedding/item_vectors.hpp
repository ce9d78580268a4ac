// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/core/error.hpp>
#include <bodega/core/query.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/tensor/quantized.hpp>
#include <bodega/tensor/rows.hpp>
#include <bodega/tensor/select.hpp>
#include <bodega/tensor/simd.hpp>
#include <bodega/tensor/top_k.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega {

namespace detail {

inline constexpr std::size_t kMostDimensions = 512;  // so that a query vector fits on the stack

/// A query vector in the form that the kernel of its table multiplies, and that kernel.
template <class W>
class VectorQuery;

template <>
class VectorQuery<Matrix<float>> {
 public:
  explicit VectorQuery(std::span<const float> vector) noexcept : vector_(vector) {}
  /// out[k] = table row (first + k) x the query.
  void scan(const Matrix<float>& table, std::size_t first, std::span<float> out) const noexcept {
    simd::gemv(table.row(first).data(), out.size(), table.columns(), vector_.data(), out.data());
  }

 private:
  std::span<const float> vector_;
};

/// The query is rounded to INT8 as well (symmetric), so that the scan is done in integers; the
/// zero-point of the table is taken out by the sum of the query's numbers.
template <>
class VectorQuery<QuantizedMatrix> {
 public:
  explicit VectorQuery(std::span<const float> vector) noexcept {
    float largest = 0;
    for (const float x : vector) largest = std::max(largest, std::abs(x));
    if (!(largest > 0)) return;
    scale_ = largest / 127;
    for (std::size_t d = 0; d < vector.size(); ++d) {
      stored_[d] = static_cast<std::int8_t>(std::lround(vector[d] / scale_));
      sum_ += stored_[d];
    }
  }
  void scan(const QuantizedMatrix& table, std::size_t first, std::span<float> out) const noexcept {
    std::array<std::int32_t, 64> products;
    for (std::size_t done = 0; done < out.size(); done += products.size()) {
      const std::size_t rows = std::min(products.size(), out.size() - done);
      simd::scan(table.stored().row(first + done).data(), rows, table.columns(), stored_.data(),
                 products.data());
      to_real(table.scale(), first + done, {products.data(), rows}, out.data() + done);
    }
  }

 private:
  /// Without a branch per row, so that it is vectorised.
  void to_real(const QuantizationScale& scale, std::size_t first, std::span<std::int32_t> products,
               float* out) const noexcept {
    if (!scale.symmetric())
      for (std::size_t k = 0; k < products.size(); ++k)
        products[k] -= scale.zero_point(first + k) * sum_;
    const float factor = scale.per_row() ? scale_ : scale_ * scale.scale(0);
    for (std::size_t k = 0; k < products.size(); ++k)
      out[k] = factor * static_cast<float>(products[k]);
    if (!scale.per_row()) return;
    const float* scales = scale.scales().data() + first;
    for (std::size_t k = 0; k < products.size(); ++k) out[k] *= scales[k];
  }

  std::array<std::int8_t, kMostDimensions> stored_{};
  float scale_ = 0;
  std::int32_t sum_ = 0;
};

}  // namespace detail

/// One vector of length 1 for each item (zero for an item nothing is known of): near in direction
/// means bought in the same company, so it finds items alike, also such as are never bought
/// together. The dot product of two vectors is their cosine. Shape: items x dimensions, up to 512.
///
/// As a Scorer: the sum over the query's items of their cosine with item j. Neighbours are exact,
/// by a scan of the whole table: below a million items that is faster than it sounds.
/// Thread rule: immutable, any number of readers. Cost: items x dimensions.
template <WeightFormat W = Matrix<float>>
  requires(std::same_as<W, Matrix<float>> || std::same_as<W, QuantizedMatrix>)
class ItemVectors {
 public:
  static constexpr std::string_view kind = "item_vectors";
  static constexpr std::size_t most_dimensions = detail::kMostDimensions;
  template <WeightFormat V>
  using with_weights = ItemVectors<V>;

  ItemVectors() = default;
  /// Takes the rows as they are. Error (shape, not_finite) beyond 512 dimensions or on a NaN.
  explicit ItemVectors(W vectors) : vectors_(std::move(vectors)) { validate("ItemVectors"); }

  std::size_t items() const noexcept { return vectors_.rows(); }
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
    scan({sum.data(), dimensions()}, [&](std::size_t first, std::span<const float> products) {
      for (std::size_t k = 0; k < products.size(); ++k) scores[first + k] += weight * products[k];
    });
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
    float sum = 0;
    for (std::size_t d = 0; d < dimensions(); ++d)
      sum += entry(vectors_, a.value(), d) * entry(vectors_, b.value(), d);
    return sum;
  }

  /// Offers to `best`, which holds nothing yet, the items that the mask allows (`mask.allows(item)`),
  /// but for `item` itself, with their cosines. The mask is asked only about those that would earn
  /// a place. Allocates nothing. An index outside the catalogue offers nothing.
  template <class Mask>
    requires requires(const Mask& mask, ItemIndex i) { { mask.allows(i) } -> std::same_as<bool>; }
  void nearest(ItemIndex item, const Mask& mask, TopK& best) const noexcept {
    if (item.value() >= items()) return;
    std::array<float, most_dimensions> vector{};
    add_row(vectors_, item.value(), 1.0f, {vector.data(), dimensions()});
    constexpr float any = -std::numeric_limits<float>::infinity();
    scan({vector.data(), dimensions()}, [&](std::size_t first, std::span<const float> cosines) {
      offer_above(cosines, first, any, best, [&](std::uint32_t index) {
        return index != item.value() && mask.allows(ItemIndex(index));
      });
    });
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

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("vectors", self.vectors_, Role::weight);
  }

  bool operator==(const ItemVectors&) const = default;

 private:
  /// Calls `visit(first, products)` for blocks of items, so that the products stay in cache.
  template <class Visit>
  void scan(std::span<const float> vector, Visit&& visit) const noexcept {
    const detail::VectorQuery<W> query(vector);
    std::array<float, 256> products;
    for (std::size_t first = 0; first < items(); first += products.size()) {
      const std::size_t rows = std::min(products.size(), items() - first);
      query.scan(vectors_, first, {products.data(), rows});
      visit(first, std::span<const float>(products.data(), rows));
    }
  }

  W vectors_;
};

}  // namespace bodega
