// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/embedding/item_vectors.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/tensor/quantized.hpp>
#include <bodega/tensor/rows.hpp>
#include <bodega/tensor/sparse.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

/// From what is known of an item before it is sold (words, attributes: any sparse features, such as
/// `ContentModel::item_terms()`) to its vector: the sum of its terms' vectors, each times the
/// term's value, brought to length 1; zeros for an item without known terms. `fit_attribute_map`
/// learns the terms' vectors from items that are sold. Shape: terms x dimensions, up to 512. Thread
/// rule: immutable, any number of readers. Cost of an item: its terms x dimensions.
template <WeightFormat W = Matrix<float>>
requires(std::same_as<W, Matrix<float>> || std::same_as<W, QuantizedMatrix>) class AttributeMap {
 public:
  static constexpr std::string_view kind = "attribute_map";
  template <WeightFormat V>
  using with_weights = AttributeMap<V>;

  AttributeMap() = default;
  /// Error (shape, not_finite) beyond 512 dimensions or on a NaN.
  explicit AttributeMap(W term_vectors) : term_vectors_(std::move(term_vectors)) {
    validate("AttributeMap");
  }

  std::size_t terms() const noexcept { return term_vectors_.rows(); }
  std::size_t dimensions() const noexcept { return term_vectors_.columns(); }
  const W& term_vectors() const noexcept { return term_vectors_; }

  /// The vector of an item with these features; terms outside the table are ignored. `out` has
  /// `dimensions()` numbers.
  void vector(SparseRow<const float> features, std::span<float> out) const noexcept {
    std::fill(out.begin(), out.end(), 0.0f);
    for (std::size_t k = 0; k < features.size(); ++k)
      if (features.columns[k] < terms())
        add_row(term_vectors_, features.columns[k], features.values[k], out);
    const float squares = simd::dot(out.data(), out.data(), out.size());
    if (!(squares > 0)) return;
    const float factor = 1 / std::sqrt(squares);
    for (float& x : out) x *= factor;
  }

  void validate(const std::string& where) const {
    validate_weights(term_vectors_, where + ", term_vectors");
    if (dimensions() > ItemVectors<W>::most_dimensions)
      throw Error(ErrorCode::shape, where + ", term_vectors",
                  "at most " + std::to_string(ItemVectors<W>::most_dimensions) + " dimensions",
                  std::to_string(dimensions()));
  }

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("term_vectors", self.term_vectors_, Role::weight);
  }

  bool operator==(const AttributeMap&) const = default;

 private:
  W term_vectors_;
};

/// The same vectors, and mapped ones for the items that have none, so that what was never sold is
/// found as well. `features`: items x terms. Error (shape) where items, terms or dimensions differ.
template <class W>
ItemVectors<Matrix<float>> with_unsold_items(const ItemVectors<Matrix<float>>& vectors,
                                             const AttributeMap<W>& map,
                                             const CsrMatrix<float>& features) {
  validate_size(features.rows(), vectors.items(), "with_unsold_items, rows of features");
  validate_size(features.columns(), map.terms(), "with_unsold_items, columns of features");
  validate_size(map.dimensions(), vectors.dimensions(), "with_unsold_items, dimensions of the map");
  Matrix<float> all = vectors.vectors();
  for (std::size_t i = 0; i < all.rows(); ++i)
    if (std::all_of(all.row(i).begin(), all.row(i).end(), [](float x) { return x == 0; }))
      map.vector(features.row(i), all.row(i));
  return ItemVectors<Matrix<float>>(std::move(all));
}

}  // namespace bodega::inline BODEGA_ABI
