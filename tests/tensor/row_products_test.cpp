// SPDX-License-Identifier: MIT
#include <bodega/tensor/row_products.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <bodega/core/random.hpp>

#include "catch.hpp"

using namespace bodega;
using bodega_test::Approx;

namespace {

QuantizedMatrix random_table(std::size_t rows, std::size_t columns, QuantizationScale scale) {
  const CounterRandom random(8);
  Matrix<std::int8_t> stored(rows, columns);
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < columns; ++j)
      stored(i, j) = static_cast<std::int8_t>(static_cast<int>(random.below(256, i, j)) - 128);
  return {stored, std::move(scale)};
}

template <class W>
double product(const W& table, std::size_t row, const std::vector<float>& query) {
  double sum = 0;
  for (std::size_t d = 0; d < query.size(); ++d)
    sum += double{entry(table, row, d)} * double{query[d]};
  return sum;
}

}  // namespace

TEST_CASE("products with rows of floats and of INT8, whatever the scale") {
  const CounterRandom random(1);
  for (const std::size_t columns : {2, 8, 66, 512}) {
    std::vector<float> query(columns);
    double length = 0;
    for (std::size_t d = 0; d < columns; ++d) {
      query[d] = random.normal(columns, d);
      length += double{query[d]} * double{query[d]};
    }
    length = std::sqrt(length);
    const QuantizationScale scales[] = {QuantizationScale({0.01f}, {}),
                                        QuantizationScale({0.01f}, {-5}),
                                        QuantizationScale({0.01f, 0.02f, 0.03f}, {1, -128, 127}),
                                        QuantizationScale({0.01f, 0.02f}, {}, 2)};
    for (const QuantizationScale& scale : scales) {
      const QuantizedMatrix table = random_table(3, columns, scale);
      const RowProducts<QuantizedMatrix> products(query);
      for (std::size_t row = 0; row < 3; ++row) {
        double size = 0;
        for (std::size_t d = 0; d < columns; ++d)
          size += double{table.at(row, d)} * table.at(row, d);
        // The query moves by half of a step of 65,534 at most in each number.
        CHECK(std::abs(double{products.product(table, row)} - product(table, row, query)) <
              1e-4 * std::sqrt(size) * length);
      }
    }
    Matrix<float> floats(2, columns, 0.5f);
    CHECK(RowProducts<Matrix<float>>(query).product(floats, 1) ==
          Approx(product(floats, 1, query)).margin(1e-4));
  }
}

TEST_CASE("a row of the table is multiplied as it is stored") {
  const QuantizedMatrix table =
      random_table(3, 512, QuantizationScale({0.5f, 0.25f, 2.0f}, {-128, 127, 3}));
  for (std::size_t a = 0; a < 3; ++a) {
    const RowProducts<QuantizedMatrix> products(table, a);
    for (std::size_t b = 0; b < 3; ++b) {
      double expected = 0;
      for (std::size_t d = 0; d < 512; ++d) expected += double{table.at(a, d)} * table.at(b, d);
      CHECK(products.product(table, b) == static_cast<float>(expected));  // scales are powers of 2
      CHECK(products.number(7) == table.at(a, 7));
    }
  }
}

TEST_CASE("a query of zeros has products of zero") {
  const QuantizedMatrix table = random_table(2, 8, QuantizationScale({1.0f}, {5}));
  CHECK(RowProducts<QuantizedMatrix>(std::vector<float>(8, 0.0f)).product(table, 1) == 0);
}
