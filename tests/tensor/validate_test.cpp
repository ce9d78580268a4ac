// SPDX-License-Identifier: MIT
#include <bodega/tensor/validate.hpp>

#include <cmath>
#include <vector>

#include "catch.hpp"
#include "check_error.hpp"

using namespace bodega;

TEST_CASE("NaN and infinity are found and named, in every weight format") {
  CHECK_NOTHROW(validate_finite({}, "x"));
  CHECK_ERROR(validate_finite(std::vector<float>{1, std::nanf("")}, "x"), ErrorCode::not_finite,
              "x, number 1");
  Matrix<float> dense(2, 2);
  CHECK_NOTHROW(validate_weights(dense, "w"));
  dense(1, 0) = INFINITY;
  CHECK_ERROR(validate_weights(dense, "w"), ErrorCode::not_finite, "w, number 2");
  CsrMatrix<float> sparse(SparsePattern(2, {0, 1}, {1}), {1.0f});
  CHECK_NOTHROW(validate_weights(sparse, "w"));
  sparse.values()[0] = -INFINITY;
  CHECK_ERROR(validate_weights(sparse, "w"), ErrorCode::not_finite, "w, number 0");
}

TEST_CASE("sizes that must agree") {
  CHECK_NOTHROW(validate_size(3, 3, "rows"));
  CHECK_ERROR(validate_size(2, 3, "rows"), ErrorCode::shape, "rows");
}
