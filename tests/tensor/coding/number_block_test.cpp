// SPDX-License-Identifier: MIT
#include <bodega/tensor/coding/number_block.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "catch.hpp"

using namespace bodega;
using namespace bodega::detail;

TEST_CASE("a block tells what a parameter is made of") {
  const Matrix<std::int16_t> matrix(2, 3);
  const NumberBlock block = block_of(matrix);
  CHECK(block.dtype == DType::I16);
  CHECK(block.count == 6);
  CHECK(block.shape() == std::vector<std::size_t>{2, 3});
  CHECK(block_of(std::vector<float>(4)).shape() == std::vector<std::size_t>{4});
  const std::uint64_t one = 1;
  CHECK(block_of(one).shape().empty());
  CHECK(block_of(std::vector<char>{'a'}).is_text);
  const std::vector<float> zeros{0.0f, -0.0f};
  CHECK(block_of(zeros).is_zero(0));
  CHECK_FALSE(block_of(zeros).is_zero(1));
}

TEST_CASE("whole numbers of every type are stored and loaded") {
  for (const DType dtype : {DType::U8, DType::I8, DType::U16, DType::I16, DType::U32, DType::I32,
                            DType::F32, DType::U64, DType::I64, DType::F64})
    for (const std::int64_t number : {0, 1, 100, -1, -128}) {
      if (number < 0 && is_unsigned(dtype)) continue;
      std::byte bytes[8] = {};
      store_whole(dtype, bytes, number);
      CHECK(load_whole(dtype, bytes) == number);
    }
}

TEST_CASE("a range is within the types that hold its ends") {
  constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
  CHECK(WholeRange{0, 255}.within(DType::U8));
  CHECK_FALSE(WholeRange{0, 256}.within(DType::U8));
  CHECK_FALSE(WholeRange{-1, 0}.within(DType::U64));
  CHECK(WholeRange{-128, 127}.within(DType::I8));
  CHECK_FALSE(WholeRange{-129, 0}.within(DType::I8));
  CHECK_FALSE(WholeRange{0, 128}.within(DType::I8));
  CHECK(WholeRange{least, ~0ull >> 1}.within(DType::I64));
  CHECK_FALSE(WholeRange{0, 1ull << 63}.within(DType::I64));
  CHECK(WholeRange{0, ~0ull}.within(DType::U64));
}

TEST_CASE("floats have a range only where all are whole and none is -0") {
  const auto range = [](std::vector<float> numbers) { return whole_range(block_of(numbers)); };
  REQUIRE(range({3, -4, 0}));
  CHECK(range({3, -4, 0})->least == -4);
  CHECK(range({3, -4, 0})->most == 3);
  CHECK(range({}));
  CHECK_FALSE(range({0.5f}));
  CHECK_FALSE(range({-0.0f}));
  CHECK_FALSE(range({1e20f}));
  CHECK_FALSE(range({std::numeric_limits<float>::quiet_NaN()}));
}
