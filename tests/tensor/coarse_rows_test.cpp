// SPDX-License-Identifier: MIT
#include <bodega/tensor/coarse_rows.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <bodega/core/random.hpp>
#include <bodega/tensor/matrix.hpp>

#include "catch.hpp"

using namespace bodega;

namespace {

/// Rows of all lengths, some of zeros.
Matrix<float> uneven_rows(std::size_t rows, std::size_t columns) {
  const CounterRandom random(columns);
  Matrix<float> table(rows, columns);
  for (std::size_t i = 0; i < rows; ++i)
    for (float& x : table.row(i))
      x = i % 50 == 7 ? 0.0f
                      : std::exp(2 * random.normal(1, i)) *
                            random.normal(i, static_cast<std::uint64_t>(&x - table.row(i).data()));
  return table;
}

double product(const Matrix<float>& table, std::size_t row, const std::vector<float>& query) {
  double sum = 0;
  for (std::size_t d = 0; d < query.size(); ++d) sum += double{table(row, d)} * double{query[d]};
  return sum;
}

std::vector<std::uint32_t> visited(const CoarseRows& rough, const std::vector<float>& query,
                                   double least) {
  std::vector<std::uint32_t> rows;
  rough.visit_above(
      query, [&] { return least; },
      [&](std::span<const std::uint32_t> some) {
        CHECK(some.size() <= CoarseRows::most_listed);
        rows.insert(rows.end(), some.begin(), some.end());
      });
  std::sort(rows.begin(), rows.end());
  CHECK(std::adjacent_find(rows.begin(), rows.end()) == rows.end());
  return rows;
}

/// No row above a bound is missed, and how many of those below were left out.
double left_out(const Matrix<float>& table, const std::vector<float>& query, double share) {
  std::vector<double> products;
  for (std::size_t i = 0; i < table.rows(); ++i) products.push_back(product(table, i, query));
  std::vector<double> sorted = products;
  std::sort(sorted.begin(), sorted.end());
  const double least =
      sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
  const auto rows = visited(CoarseRows(table), query, least);
  std::vector<char> seen(table.rows(), 0);
  for (const std::uint32_t row : rows) seen[row] = 1;
  double below = 0, out = 0;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    if (products[i] > least && seen[i] == 0)
      FAIL("row " << i << " of " << table.rows() << " missed");
    below += products[i] <= least;
    out += products[i] <= least && seen[i] == 0;
  }
  return out / below;
}

}  // namespace

TEST_CASE("no row above the bound is left out, and few others are visited") {
  const CounterRandom random(3);
  for (const std::size_t columns : {1, 7, 16, 64, 200})
    for (const std::size_t rows : {1, 15, 16, 100, 1200}) {
      CAPTURE(columns, rows);
      const Matrix<float> table = uneven_rows(rows, columns);
      std::vector<float> query(columns);
      for (std::size_t d = 0; d < columns; ++d) query[d] = random.normal(d, rows);
      for (const double share : {0.0, 0.5, 0.9, 0.99, 1.0}) {
        const double out = left_out(table, query, share);
        if (rows == 1200 && columns == 64 && share >= 0.99) CHECK(out > 0.8);
      }
    }
}

TEST_CASE("a large table keeps half a byte a number, and still misses nothing") {
  const std::size_t rows = 2100, columns = 500;
  REQUIRE(rows * columns < CoarseRows::most_bytes);
  CHECK(CoarseRows(Matrix<float>(rows, columns)).bytes() > rows * columns);
  const Matrix<float> table = uneven_rows(2 * rows, columns);
  REQUIRE(table.size() > CoarseRows::most_bytes);
  const CoarseRows rough(table);
  CHECK(rough.bytes() < table.size() * 55 / 100);
  std::vector<float> query(columns);
  for (std::size_t d = 0; d < columns; ++d) query[d] = table(4, d) - 0.5f * table(9, d);
  CHECK(left_out(table, query, 0.99) > 0.2);  // rows of all lengths share steps
}

TEST_CASE("odd queries and tables") {
  const Matrix<float> table = uneven_rows(100, 8);
  const CoarseRows rough(table);
  constexpr double infinity = std::numeric_limits<double>::infinity();
  CHECK(visited(rough, std::vector<float>(8, 1.0f), -infinity).size() == 100);
  CHECK(visited(rough, std::vector<float>(8, 1.0f), infinity).size() <= 7);  // one in each 16
  CHECK(visited(rough, std::vector<float>(8, 0.0f), -infinity).size() == 100);
  CHECK(visited(rough, std::vector<float>(8, 0.0f), 1e6).size() <= 7);
  CHECK(visited(rough, std::vector<float>(8, 1e30f), 1e30).size() >= 40);  // its length is infinite
  CHECK(visited(CoarseRows(), {}, -infinity).empty());
  CHECK(CoarseRows(Matrix<float>(3, CoarseRows::most_columns + 1)).rows() == 0);
  CHECK(CoarseRows(table) == rough);
}

TEST_CASE("rows of zeros are found where products below zero are asked for, and not otherwise") {
  Matrix<float> table(64, 16, 0.0f);
  for (float& x : table.row(20)) x = -1;
  for (const float sign : {1.0f, -1.0f}) {
    const std::vector<float> query(16, sign);
    const CoarseRows rough(table);
    CHECK(visited(rough, query, -0.001).size() >= 63);
    CHECK(visited(rough, query, 0.001).size() <= 32);
  }
}

TEST_CASE("the bound is asked for again as it rises") {
  Matrix<float> table(4000, 4, 0.0f);
  for (std::size_t i = 0; i < table.rows(); ++i) table(i, 0) = static_cast<float>(i % 100);
  std::size_t asked = 0, seen = 0;
  float best = -1;
  CoarseRows(table).visit_above(
      std::vector<float>{1, 0, 0, 0}, [&] { return ++asked, best; },
      [&](std::span<const std::uint32_t> rows) {
        seen += rows.size();
        for (const std::uint32_t row : rows) best = std::max(best, table(row, 0));
      });
  CHECK(best == 99);
  CHECK(asked >= 5);
  CHECK(seen < 400);
}
