// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstdint>
#include <vector>

#include <bodega/embedding/attribute_map.hpp>

#include "catch.hpp"
#include "check_error.hpp"

using namespace bodega;
using bodega_test::Approx;

TEST_CASE("an item's vector is the sum of its terms', of length 1") {
  const AttributeMap<> map(Matrix<float>(2, 2, {3, 0, 0, 2}));
  const CsrMatrix<float> features(SparsePattern(2, {0, 2}, {0, 1}), {1, 2});
  std::vector<float> vector(2);
  map.vector(features.row(0), vector);
  CHECK(vector[0] == Approx(0.6));
  CHECK(vector[1] == Approx(0.8));
}

TEST_CASE("an item without known terms has no vector") {
  const AttributeMap<> map(Matrix<float>(2, 2, {1, 0, 0, 1}));
  const CsrMatrix<float> features(SparsePattern(9, {0, 0, 1}, {8}), {1});
  std::vector<float> vector{7, 7};
  map.vector(features.row(0), vector);
  CHECK(vector == std::vector<float>{0, 0});
  map.vector(features.row(1), vector);
  CHECK(vector == std::vector<float>{0, 0});
}

TEST_CASE("a map refuses vectors and items that do not fit") {
  const CsrMatrix<float> features(SparsePattern(2, {0, 1, 2}, {0, 1}), {1, 1});
  CHECK_ERROR(AttributeMap<>(Matrix<float>(1, 513)), ErrorCode::shape, "term_vectors");
  const AttributeMap<> map(Matrix<float>(2, 3));
  CHECK_ERROR(with_unsold_items(ItemVectors<>(Matrix<float>(2, 4)), map, features),
              ErrorCode::shape, "dimensions");
  CHECK_ERROR(with_unsold_items(ItemVectors<>(Matrix<float>(1, 3)), map, features),
              ErrorCode::shape, "features");
}
