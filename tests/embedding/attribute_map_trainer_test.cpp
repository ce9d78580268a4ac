// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <bodega/compress/quantize.hpp>
#include <bodega/core/random.hpp>
#include <bodega/embedding/attribute_map_trainer.hpp>
#include <bodega/tensor/solve.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "reload.hpp"

using namespace bodega;
using bodega_test::Approx;

namespace {

/// Items with two of ten terms each, 1.0 of the one and 0.5 of the other.
CsrMatrix<float> two_terms_each(std::size_t items) {
  CsrMatrix<float> features(10);
  for (std::uint32_t i = 0; i < items; ++i) {
    const std::uint32_t a = i % 10, b = (i + 1 + i / 10 % 8) % 10;
    const std::vector<std::uint32_t> columns{std::min(a, b), std::max(a, b)};
    features.add_row(columns,
                     std::vector<float>(a < b ? std::vector{1.0f, 0.5f} : std::vector{0.5f, 1.0f}));
  }
  return features;
}

/// The vectors that the features give with vectors of the terms drawn at random.
Matrix<float> vectors_of(const CsrMatrix<float>& features, std::size_t dimensions) {
  const CounterRandom random(2);
  Matrix<float> terms(features.columns(), dimensions);
  for (std::size_t t = 0; t < terms.rows(); ++t)
    for (std::size_t d = 0; d < dimensions; ++d) terms(t, d) = random.normal(t, d);
  Matrix<float> vectors(features.rows(), dimensions);
  const AttributeMap<> map(terms);
  for (std::size_t i = 0; i < features.rows(); ++i) map.vector(features.row(i), vectors.row(i));
  return vectors;
}

}  // namespace

TEST_CASE("ridge regression by hand") {
  // One term of value 2 in both items: t = 2 (v1 + v2) / (8 + l2).
  const CsrMatrix<float> features(SparsePattern(2, {0, 1, 2}, {0, 0}), {2, 2});
  const auto map = fit_attribute_map(features, Matrix<float>(2, 2, {1, 0, 0.6f, 0.8f}), {.l2 = 2});
  CHECK(map.term_vectors()(0, 0) == Approx(0.32));
  CHECK(map.term_vectors()(0, 1) == Approx(0.16));
  CHECK(map.term_vectors()(1, 0) == 0);  // a term of no item
  std::vector<float> vector(2);
  map.vector(features.row(0), vector);
  CHECK(vector[0] == Approx(2 / std::sqrt(5.0)));
  CHECK(vector[1] == Approx(1 / std::sqrt(5.0)));
}

TEST_CASE("vectors that follow from the terms are found again for items never sold") {
  const CsrMatrix<float> features = two_terms_each(80);
  const Matrix<float> truth = vectors_of(features, 16);
  Matrix<float> sold = truth;
  for (const std::size_t unsold : {3u, 40u, 77u})
    for (float& x : sold.row(unsold)) x = 0;
  const auto map = fit_attribute_map(features, sold, {.l2 = 0.01});
  const ItemVectors<> all = with_unsold_items(ItemVectors<>(sold), map, features);
  const auto small = quantize(map);
  for (const std::size_t unsold : {3u, 40u, 77u}) {
    double cosine = 0, of_small = 0;
    std::vector<float> vector(16);
    small.vector(features.row(unsold), vector);
    for (std::size_t d = 0; d < 16; ++d) {
      cosine += double{all.vectors()(unsold, d)} * double{truth(unsold, d)};
      of_small += double{vector[d]} * double{truth(unsold, d)};
    }
    CHECK(cosine > 0.97);  // not 1: the vectors' lengths were lost when they were brought to 1
    CHECK(of_small > 0.97);
  }
  CHECK(all.vectors()(5, 2) == sold(5, 2));
  CHECK(bodega_test::reload(map) == map);
  CHECK(bodega_test::reload(small) == small);
}

TEST_CASE("maps that make no sense are Errors") {
  const CsrMatrix<float> features(SparsePattern(2, {0, 1, 2}, {0, 1}), {1, 1});
  CHECK_ERROR(fit_attribute_map(features, Matrix<float>(3, 2)), ErrorCode::shape, "vectors");
  CHECK_ERROR(fit_attribute_map(features, Matrix<float>(2, 2), {.l2 = 0}),
              ErrorCode::invalid_argument, "l2");
  CHECK_ERROR(fit_attribute_map(features, Matrix<float>(2, 1, NAN)), ErrorCode::not_finite,
              "vectors");
  const auto nothing = fit_attribute_map(features, Matrix<float>(2, 3));  // nothing sold
  CHECK(nothing.term_vectors() == Matrix<float>(2, 3));
}

TEST_CASE("linear algebra is guarded: ridge over features of very different sizes") {
  for (const float size : {1e-4f, 1.0f, 1e4f})
    for (const double l2 : {1e-3, 1.0}) {
      CAPTURE(size, l2);
      CsrMatrix<float> features(10);
      const CsrMatrix<float> even = two_terms_each(80);
      for (std::size_t i = 0; i < even.rows(); ++i) {
        std::vector<float> values(even.row(i).values.begin(), even.row(i).values.end());
        for (std::size_t k = 0; k < values.size(); ++k)  // terms 0, 3, 6, 9 are of that size
          if (even.row(i).columns[k] % 3 == 0) values[k] *= size;
        features.add_row(even.row(i).columns, values);
      }
      const Matrix<float> vectors = vectors_of(even, 3);
      const auto map = fit_attribute_map(features, vectors, {.l2 = l2, .most_steps = 20});
      for (std::size_t d = 0; d < 3; ++d) {  // the closed form
        Matrix<double> a(10, 10);
        std::vector<double> b(10, 0.0);
        for (std::size_t t = 0; t < 10; ++t) a(t, t) = l2;
        for (std::size_t i = 0; i < features.rows(); ++i) {
          const auto row = features.row(i);
          for (std::size_t k = 0; k < row.size(); ++k) {
            b[row.columns[k]] += double{row.values[k]} * double{vectors(i, d)};
            for (std::size_t m = 0; m < row.size(); ++m)
              a(row.columns[k], row.columns[m]) += double{row.values[k]} * double{row.values[m]};
          }
        }
        solve_positive_definite(a, std::span<double>(b));
        double squares = 0, length = 0;  // of what they say of the items
        for (std::size_t i = 0; i < features.rows(); ++i) {
          const auto row = features.row(i);
          double found = 0, wanted = 0;
          for (std::size_t k = 0; k < row.size(); ++k) {
            found += double{row.values[k]} * double{map.term_vectors()(row.columns[k], d)};
            wanted += double{row.values[k]} * b[row.columns[k]];
          }
          squares += (found - wanted) * (found - wanted);
          length += wanted * wanted;
        }
        CHECK(squares < 1e-4 * length);
      }
    }
}
