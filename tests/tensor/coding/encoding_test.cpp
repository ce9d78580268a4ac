// SPDX-License-Identifier: MIT
#include <bodega/tensor/coding/encoding.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include <bodega/core/random.hpp>

#include "catch.hpp"
#include "tensor/coding/leaves.hpp"
#include "toy_models.hpp"

using namespace bodega;
using namespace bodega_test;

namespace {

/// Reads back what was written, bit for bit, and returns how it was stored: "U8", "U8 delta", ...
template <class T>
std::string way(const std::vector<T>& leaf) {
  const auto tensors = stored(leaf);
  CHECK(same_bits(read<std::vector<T>>(tensors), leaf));
  std::string text;
  for (const auto& tensor : tensors)
    text += (text.empty() ? "" : ", ") + std::string(name(tensor.dtype)) + tensor.name.substr(1);
  return text;
}

std::size_t bytes(const Tensors& tensors) {
  std::size_t sum = 0;
  for (const auto& tensor : tensors) sum += tensor.bytes.size();
  return sum;
}

}  // namespace

TEST_CASE("integers are stored in the smallest type that holds them all") {
  using U32 = std::vector<std::uint32_t>;
  CHECK(way(U32{9, 255, 3}) == "U8");
  CHECK(way(U32{9, 256, 3}) == "U16");
  CHECK(way(U32{9, 65'535, 3}) == "U16");
  CHECK(way(U32{9, 65'536, 3}) == "U32");
  CHECK(way(std::vector<std::size_t>{1ull << 32, 1}) == "U64");
  CHECK(way(std::vector<std::uint16_t>{300, 1}) == "U16");
  CHECK(way(std::vector<std::int64_t>{-1, 127}) == "I8");
  CHECK(way(std::vector<std::int64_t>{0, 255}) == "U8");
  CHECK(way(std::vector<std::int64_t>{-1, 255}) == "I16");
  CHECK(way(std::vector<std::int64_t>{std::numeric_limits<std::int64_t>::min(), 0}) == "I64");
  CHECK(way(std::vector<std::int32_t>{-40'000}) == "I32");
  CHECK(way(std::vector<std::uint8_t>{1, 2}) == "U8");
  CHECK(way(U32{}) == "U8");
}

TEST_CASE("floats are stored as integers only where not a bit is lost") {
  using F = std::vector<float>;
  CHECK(way(F{0, 1, 255}) == "U8");
  CHECK(way(F{-128, 127}) == "I8");
  CHECK(way(F{300, 2}) == "U16");
  CHECK(way(F{-300, 2}) == "I16");
  CHECK(way(F{65'536}) == "F32");
  CHECK(way(F{0.1f}) == "F32");
  CHECK(way(F{0.5f, -0.0f, 65'504, -3e-5f * 0, 0x1p-24f}) == "F16");
  CHECK(way(F{0.5f, 0x1p-25f}) == "F32");
  CHECK(way(F{std::nanf("7"), INFINITY}) == "F32");
  CHECK(way(std::vector<double>{65'536, 1e9}) == "U32");
  CHECK(way(std::vector<double>{1.0 / 3}) == "F64");
}

TEST_CASE("rising numbers are stored as gaps") {
  std::vector<std::uint32_t> starts{0};
  for (std::uint32_t i = 0; i < 1000; ++i) starts.push_back(starts.back() + 40 + i % 20);
  CHECK(way(starts) == "U8.gaps");
  CHECK(bytes(stored(starts)) < 1001 * 5 / 8);
  std::vector<std::uint32_t> rows;  // of a sparse matrix, one after the other
  for (std::uint32_t i = 0; i < 100; ++i)
    for (std::uint32_t k = 0; k < 20; ++k) rows.push_back(k * 50 + (i * 7 + k * 13) % 50);
  CHECK(way(rows) == "U8.gaps");
  CHECK(bytes(stored(rows)) < rows.size());
  CHECK(way(std::vector<std::uint64_t>{~0ull, 5, ~0ull - 9, 1ull << 63}) == "U64");
  CHECK(way(std::vector<std::uint32_t>{0, 300, 200}) == "U16");  // no smaller by any other way
}

TEST_CASE("whole numbers cost about their entropy") {
  const CounterRandom random(3);
  const std::size_t n = 20'000;
  // Normal numbers of deviation 8 have log2(8 sqrt(2 pi e)) = 5.05 bits.
  std::vector<std::int8_t> weights(n);
  for (std::size_t i = 0; i < n; ++i) {
    float sum = -6;
    for (std::size_t k = 0; k < 12; ++k) sum += random.uniform(i, k);
    weights[i] = static_cast<std::int8_t>(std::lround(8 * sum));
  }
  CHECK(way(weights) == "U8.coded");
  CHECK(8.0 * static_cast<double>(bytes(stored(weights))) / static_cast<double>(n) < 5.05 * 1.02);
  // Nine of ten are 0: 0.469 bits a number for which, and 5.05 for what is left.
  for (std::size_t i = 0; i < n; ++i)
    if (random.uniform(i, 20) < 0.9f) weights[i] = 0;
  CHECK(8.0 * static_cast<double>(bytes(stored(weights))) / static_cast<double>(n) <
        (0.469 + 0.505) * 1.05);
  // Numbers of 4 bits that are all as likely: not less, and little more.
  for (std::size_t i = 0; i < n; ++i)
    weights[i] = static_cast<std::int8_t>(static_cast<int>(16 * random.uniform(i, 30)) - 8);
  CHECK(bytes(stored(weights)) >= n / 2 - n / 200);
  CHECK(bytes(stored(weights)) <= n / 2 + n / 200);
  // A few 4-bit weights, as a network of four units has them, are no larger than two a byte.
  weights.clear();
  for (std::size_t i = 0; i < 64; ++i)
    weights.push_back(static_cast<std::int8_t>(std::lround(
        14 * (random.uniform(i, 0) + random.uniform(i, 1) + random.uniform(i, 2)) / 3 - 7)));
  CHECK(bytes(stored(weights)) <= 32);
}

TEST_CASE("an item-item model of 50 neighbours costs less than 2 bytes a weight") {
  const std::uint32_t items = 2000;
  const CounterRandom random(7);
  CsrMatrix<std::int8_t> values(items);
  for (std::uint32_t i = 0; i < items; ++i) {
    std::vector<std::uint32_t> columns(50);
    std::vector<std::int8_t> row(50);
    for (std::uint32_t k = 0; k < 50; ++k) {
      columns[k] = k * 40 + static_cast<std::uint32_t>(40 * random.uniform(i, k));
      row[k] = static_cast<std::int8_t>(256 * random.uniform(i, 50 + k) - 128);
    }
    values.add_row(columns, row);
  }
  const ToyItems<QuantizedCsrMatrix> model{
      QuantizedCsrMatrix(std::move(values), QuantizationScale({0.001f}, {}))};
  Tensors tensors;
  encode(model, "items", tensors);
  CHECK(bytes(tensors) < items * 50 * 2);
  const auto by_name = sorted(tensors);
  ToyItems<QuantizedCsrMatrix> back;
  decode(back, "items", TensorSource(by_name, "file"));
  CHECK(back.weights == model.weights);
}

TEST_CASE("floats of which many are 0 are stored as a mask and the others") {
  std::vector<float> weights(1000);
  for (std::size_t i = 0; i < weights.size(); i += 5) weights[i] = 0.1f + static_cast<float>(i);
  CHECK(way(weights) == "U8.mask, F32.nonzero");
  CHECK(bytes(stored(weights)) < 8 + 125 + 200 * 4);  // less than a bit each
  weights[1] = -0.0f;                                 // not 0
  CHECK(way(weights) == "U8.mask, F32.nonzero");
  weights.assign(1000, 0.1f);
  CHECK(way(weights) == "F32");
  weights.assign(12, 0.0f);
  weights[0] = 0.1f;
  CHECK(way(weights) == "F32");  // saves less than another tensor costs in the header

  SECTION("matrices keep their shape") {
    for (const auto& [rows, columns] : {std::pair{40, 7}, {1, 280}, {280, 1}}) {
      Matrix<float> m(static_cast<std::size_t>(rows), static_cast<std::size_t>(columns));
      m(0, 0) = 0.3f;
      m.values().back() = -0.3f;
      const auto tensors = stored(m);
      CHECK(tensors.size() == 2);
      CHECK(read<Matrix<float>>(tensors) == m);
      for (float& v : m.values()) v = 10 * v;  // whole numbers
      CHECK(read<Matrix<float>>(stored(m)) == m);
    }
  }
  SECTION("INT8 rows may have another value each that stands for 0") {
    Matrix<std::int8_t> m(4, 500);
    for (std::size_t i = 0; i < 4; ++i)
      for (std::size_t j = 0; j < 500; ++j)
        m(i, j) = static_cast<std::int8_t>(j % 10 == 0 ? j / 10 : 100 + i);
    const auto tensors = stored(m);
    REQUIRE(tensors.size() == 1);
    CHECK(tensors[0].name == "x.coded");
    CHECK(tensors[0].bytes.size() < 2000 / 8 + 200);
    CHECK(read<Matrix<std::int8_t>>(tensors) == m);
  }
  SECTION("a tensor of zeros") {
    const Matrix<float> zeros(100, 100);
    CHECK(read<Matrix<float>>(stored(zeros)) == zeros);
    CHECK(bytes(stored(zeros)) == (10'000 + 63) / 64);
  }
}

TEST_CASE("empty vectors and matrices keep their sides") {
  CHECK(read<std::vector<float>>(stored(std::vector<float>{})).empty());
  const Matrix<float> no_rows(0, 64);
  CHECK(read<Matrix<float>>(stored(no_rows)) == no_rows);
}
