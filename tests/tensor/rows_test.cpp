// SPDX-License-Identifier: MIT
#include <bodega/tensor/rows.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "catch.hpp"
#include "toy_models.hpp"

// The same matrix in each weight format: all operations see the same numbers, those of `entry`.

using namespace bodega;

namespace {

constexpr std::size_t rows = 5, columns = 19;

CsrMatrix<std::int8_t> int8_pattern() {
  CsrMatrix<std::int8_t> m(columns);
  const CsrMatrix<float> from = bodega_test::random_sparse(rows, columns, 0.5f, 2);
  for (std::size_t i = 0; i < rows; ++i) {
    std::vector<std::int8_t> values;
    for (const float v : from.row(i).values) values.push_back(static_cast<std::int8_t>(120 * v));
    m.add_row(from.row(i).columns, values);
  }
  return m;
}

Matrix<std::int8_t> int8_matrix() {
  Matrix<std::int8_t> m(rows, columns);
  for (std::size_t k = 0; k < m.size(); ++k)
    m.data()[k] = static_cast<std::int8_t>(static_cast<int>(k * 37 % 256) - 128);
  return m;
}

const QuantizationScale scale({0.5f, 0.25f, 1, 2, 0.125f}, {0, -128, 127, 3, -5});

template <class W>
void check_format(const W& w) {
  std::vector<float> x(columns), by_rows(rows);
  for (std::size_t j = 0; j < columns; ++j) x[j] = static_cast<float>(j) - 7.5f;
  for (std::size_t i = 0; i < rows; ++i) by_rows[i] = 0.5f * static_cast<float>(i) - 1;

  std::vector<float> product(rows, 99), sum(columns, 1), sum_of_entries(columns, 1);
  multiply(w, x, product);
  add_rows(w, by_rows, sum);
  for (std::size_t i = 0; i < rows; ++i) {
    CAPTURE(i);
    double expected = 0;
    std::vector<float> row(columns, 2.0f), walked(columns, 0.0f);
    add_row(w, i, -3.0f, row);
    std::uint32_t next = 0;
    for_each_entry(w, i, [&](std::uint32_t column, float value) {
      CHECK(column >= next);  // rising
      next = column + 1;
      walked[column] = value;
    });
    for (std::size_t j = 0; j < columns; ++j) {
      expected += double{entry(w, i, j)} * x[j];
      sum_of_entries[j] += by_rows[i] * entry(w, i, j);
      CHECK(row[j] == bodega_test::Approx(2.0f - 3 * entry(w, i, j)).margin(1e-4));
      CHECK(walked[j] == entry(w, i, j));
    }
    CHECK(product[i] == bodega_test::Approx(expected).margin(1e-3));
    if constexpr (requires { add_row_part(w, i, 0, 1.0f, row); })
      for (std::size_t first = 0; first < columns; first += 7) {
        std::vector<float> part(std::min<std::size_t>(7, columns - first), 2.0f);
        add_row_part(w, i, first, -3.0f, part);
        for (std::size_t j = 0; j < part.size(); ++j)
          CHECK(part[j] == bodega_test::Approx(row[first + j]).margin(1e-4));
      }
  }
  for (std::size_t j = 0; j < columns; ++j)
    CHECK(sum[j] == bodega_test::Approx(sum_of_entries[j]).margin(1e-3));
}

}  // namespace

TEST_CASE("dense float rows") { check_format(bodega_test::random_matrix(rows, columns, 1)); }
TEST_CASE("sparse float rows") { check_format(bodega_test::random_sparse(rows, columns, 0.3f, 1)); }
TEST_CASE("dense INT8 rows") {
  check_format(QuantizedMatrix(int8_matrix(), scale));
  check_format(QuantizedMatrix(int8_matrix(), QuantizationScale({0.5f}, {})));
  check_format(QuantizedMatrix(int8_matrix(), QuantizationScale({0.5f}, {7})));
}
TEST_CASE("dense INT8 rows with a scale for each block of columns") {
  std::vector<float> each(columns);
  std::vector<std::int8_t> zero(columns);
  for (std::size_t j = 0; j < columns; ++j) {
    each[j] = 0.125f * static_cast<float>(1 + j % 5);
    zero[j] = static_cast<std::int8_t>(10 * j - 90);
  }
  check_format(QuantizedMatrix(int8_matrix(), QuantizationScale(each, {}, columns)));
  check_format(QuantizedMatrix(int8_matrix(), QuantizationScale(each, zero, columns)));
  std::vector<float> grid(rows * columns, 0.25f);
  grid[columns + 1] = 3;
  check_format(QuantizedMatrix(int8_matrix(), QuantizationScale(grid, {}, columns)));
  // Wider than what is added up at a time.
  Matrix<std::int8_t> wide(2, 900);
  for (std::size_t k = 0; k < wide.size(); ++k)
    wide.data()[k] = static_cast<std::int8_t>(static_cast<int>(k * 91 % 256) - 128);
  const QuantizedMatrix w(wide, QuantizationScale({0.5f, 0.25f, 1}, {3, -7, 0}, 3));
  std::vector<float> sum(900, 1);
  const std::vector<float> x = {2, -0.5f};
  add_rows(w, x, sum);
  for (std::size_t j = 0; j < 900; ++j)
    CHECK(sum[j] == bodega_test::Approx(1 + 2 * w.at(0, j) - 0.5f * w.at(1, j)).margin(1e-4));
}
TEST_CASE("sparse INT8 rows") {
  check_format(QuantizedCsrMatrix(int8_pattern(), scale));
  check_format(QuantizedCsrMatrix(int8_pattern(), QuantizationScale({0.5f}, {})));
}
