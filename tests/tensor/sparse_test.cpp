// SPDX-License-Identifier: MIT
#include <bodega/tensor/sparse.hpp>

#include <cstdint>
#include <vector>

#include "catch.hpp"
#include "check_error.hpp"
#include "toy_models.hpp"

using namespace bodega;
using Starts = std::vector<std::uint32_t>;

TEST_CASE("a sparse matrix gives its rows and entries") {
  // 0 5 0 7
  // 0 0 0 0
  // 2 0 0 0
  const CsrMatrix<float> m(SparsePattern(4, Starts{0, 2, 2, 3}, Starts{1, 3, 0}), {5, 7, 2});
  CHECK(m.rows() == 3);
  CHECK(m.columns() == 4);
  CHECK(m.size() == 3);
  CHECK(m.at(0, 3) == 7);
  CHECK(m.at(0, 2) == 0);
  CHECK(m.at(1, 1) == 0);
  CHECK(m.row(1).size() == 0);
  CHECK(m.row(2).columns[0] == 0);
  CHECK(m.row(2).values[0] == 2);
  CHECK(m.pattern().find(0, 3) == 1);
  CHECK(m.pattern().find(0, 0) == m.pattern().size());
}

TEST_CASE("rows can be appended") {
  CsrMatrix<float> m(4);
  CHECK(m.rows() == 0);
  m.add_row(Starts{1, 3}, std::vector<float>{5, 7});
  m.add_row({}, {});
  CHECK(m.rows() == 2);
  CHECK(m.at(0, 1) == 5);
  CHECK_NOTHROW(m.validate("m"));
  m.row(0).values[0] = 6;
  CHECK(m.at(0, 1) == 6);
}

TEST_CASE("transposing moves every entry, twice gives the matrix again") {
  const auto m = bodega_test::random_sparse(7, 5, 0.4f, 3);
  const auto t = m.transposed();
  REQUIRE(t.rows() == 5);
  REQUIRE(t.columns() == 7);
  CHECK(t.size() == m.size());
  for (std::size_t i = 0; i < 7; ++i)
    for (std::size_t j = 0; j < 5; ++j) CHECK(t.at(j, i) == m.at(i, j));
  CHECK(t.transposed() == m);
}

TEST_CASE("a pattern that is none is refused") {
  CHECK_ERROR(SparsePattern(4, Starts{}, Starts{}), ErrorCode::shape, "row_begin");
  CHECK_ERROR(SparsePattern(4, Starts{1, 2}, Starts{0, 1}), ErrorCode::shape, "row_begin");
  CHECK_ERROR(SparsePattern(4, Starts{0, 1}, Starts{0, 1}), ErrorCode::shape, "row_begin");
  CHECK_ERROR(SparsePattern(4, Starts{0, 2, 1, 2}, Starts{0, 1}), ErrorCode::format, "row 1");
  CHECK_ERROR(SparsePattern(4, Starts{0, 9, 2}, Starts{0, 1}), ErrorCode::format, "row 0");
  CHECK_ERROR(SparsePattern(4, Starts{0, 0, 1}, Starts{4}), ErrorCode::out_of_range, "row 1");
  CHECK_ERROR(SparsePattern(4, Starts{0, 2}, Starts{1, 1}), ErrorCode::format, "row 0");
  CHECK_ERROR(SparsePattern(4, Starts{0, 2}, Starts{2, 1}), ErrorCode::format, "row 0");
  CHECK_ERROR(CsrMatrix<float>(SparsePattern(4, Starts{0, 1}, Starts{1}), {1, 2}), ErrorCode::shape,
              "values");
}
