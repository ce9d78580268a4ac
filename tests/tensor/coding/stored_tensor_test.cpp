// SPDX-License-Identifier: MIT
#include <bodega/tensor/coding/stored_tensor.hpp>

#include <cstddef>
#include <limits>
#include <tuple>
#include <vector>

#include "catch.hpp"
#include "check_error.hpp"

using namespace bodega;

TEST_CASE("element types have the names and sizes of safetensors") {
  for (const auto& [dtype, text, size] : {std::tuple{DType::BOOL, "BOOL", 1},
                                          {DType::U8, "U8", 1},
                                          {DType::I16, "I16", 2},
                                          {DType::F32, "F32", 4},
                                          {DType::I64, "I64", 8},
                                          {DType::F64, "F64", 8}}) {
    CHECK(name(dtype) == text);
    CHECK(size_of(dtype) == static_cast<std::size_t>(size));
    CHECK(parse_dtype(text) == dtype);
  }
  CHECK(size_of(DType::F16) == 2);
  CHECK_FALSE(parse_dtype("BF16"));
  CHECK_FALSE(parse_dtype(""));
}

TEST_CASE("tensors are found by name, and errors name file and tensor") {
  std::vector<StoredTensor> tensors(3);
  tensors[0].name = "a";
  tensors[1].name = "b.c";
  tensors[2].name = "d";
  const TensorSource source(tensors, "shop.bodega");
  CHECK(source.find("b.c") == &tensors[1]);
  CHECK(source.find("b") == nullptr);
  CHECK(source.find("") == nullptr);
  CHECK(source.find("e") == nullptr);
  CHECK_ERROR(source.fail(ErrorCode::missing, "x", "this tensor", "none"), ErrorCode::missing,
              "shop.bodega, tensor x");
}

TEST_CASE("shapes that no memory holds have no number of elements") {
  using Shape = std::vector<std::size_t>;
  const std::size_t huge = std::numeric_limits<std::size_t>::max();
  CHECK(detail::element_count(Shape{}) == 1);
  CHECK(detail::element_count(Shape{3, 4}) == 12);
  CHECK(detail::element_count(Shape{0, 4}) == 0);
  CHECK_FALSE(detail::element_count(Shape{huge, 2}));
  CHECK_FALSE(detail::element_count(Shape{huge, 0}));
}
