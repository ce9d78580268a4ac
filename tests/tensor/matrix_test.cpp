// SPDX-License-Identifier: MIT
#include <bodega/tensor/matrix.hpp>

#include <vector>

#include "catch.hpp"
#include "check_error.hpp"

using namespace bodega;

TEST_CASE("a matrix lies row by row") {
  Matrix<int> m(2, 3, std::vector<int>{1, 2, 3, 4, 5, 6});
  CHECK(m.rows() == 2);
  CHECK(m.columns() == 3);
  CHECK(m.size() == 6);
  CHECK(m(1, 0) == 4);
  CHECK(std::vector<int>(m.row(1).begin(), m.row(1).end()) == std::vector<int>{4, 5, 6});
  m.row(0)[2] = 9;
  CHECK(m.data()[2] == 9);
  CHECK(m.values()[2] == 9);
}

TEST_CASE("a view reads and writes the matrix it was made from") {
  Matrix<float> m(2, 2, 1.0f);
  const MatrixView<float> view = m.view();
  view(1, 1) = 5;
  CHECK(m(1, 1) == 5.0f);
  const Matrix<float>& constant = m;
  CHECK(constant.view().row(1)[1] == 5.0f);
  CHECK(constant.view().size() == 4);
  CHECK(MatrixView<int>().size() == 0);
}

TEST_CASE("values that are not rows x columns are refused") {
  CHECK_ERROR(Matrix<float>(2, 3, std::vector<float>(5)), ErrorCode::shape, "Matrix");
}

TEST_CASE("matrices are equal with equal sizes and values") {
  CHECK(Matrix<int>(1, 4) == Matrix<int>(1, 4));
  CHECK_FALSE(Matrix<int>(1, 4) == Matrix<int>(2, 2));
  CHECK_FALSE(Matrix<int>(1, 4, 1) == Matrix<int>(1, 4, 2));
}
