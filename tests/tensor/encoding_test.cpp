// SPDX-License-Identifier: MIT
#include <bodega/tensor/encoding.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "catch.hpp"
#include "check_error.hpp"
#include "toy_models.hpp"

using namespace bodega;
using bodega_test::toy_table;

namespace {

using Tensors = std::vector<StoredTensor>;

/// The tensors sorted by name, as a source wants them.
Tensors sorted(Tensors tensors) {
  std::sort(tensors.begin(), tensors.end(),
            [](const StoredTensor& a, const StoredTensor& b) { return a.name < b.name; });
  return tensors;
}

template <class Leaf>
struct One {
  Leaf leaf{};
  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("x", self.leaf);
  }
};

template <class Leaf>
Tensors stored(const Leaf& leaf) {
  Tensors tensors;
  encode(One<Leaf>{leaf}, "", tensors);
  return tensors;
}

template <class Leaf>
Leaf read(const Tensors& tensors) {
  const Tensors by_name = sorted(tensors);
  One<Leaf> one;
  decode(one, "", TensorSource(by_name, "file"));
  return one.leaf;
}

template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
}

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

TEST_CASE("element types have the names and sizes of safetensors") {
  for (const auto& [dtype, text, size] :
       {std::tuple{DType::BOOL, "BOOL", 1}, {DType::U8, "U8", 1}, {DType::I16, "I16", 2},
        {DType::F32, "F32", 4}, {DType::I64, "I64", 8}, {DType::F64, "F64", 8}}) {
    CHECK(name(dtype) == text);
    CHECK(size_of(dtype) == static_cast<std::size_t>(size));
    CHECK(parse_dtype(text) == dtype);
  }
  CHECK_FALSE(parse_dtype("BF16"));
  CHECK_FALSE(parse_dtype(""));
}

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
  CHECK(way(F{0.5f}) == "F32");
  CHECK(way(F{-0.0f}) == "F32");
  CHECK(way(F{std::nanf("7"), INFINITY}) == "F32");
  CHECK(way(std::vector<double>{65'536, 1e9}) == "U32");
  CHECK(way(std::vector<double>{1.0 / 3}) == "F64");
}

TEST_CASE("row starts are stored as differences where that is smaller") {
  std::vector<std::uint32_t> starts{0};
  for (std::uint32_t i = 0; i < 1000; ++i) starts.push_back(starts.back() + 40 + i % 20);
  CHECK(way(starts) == "U8.delta");
  CHECK(bytes(stored(starts)) == 1001);
  CHECK(way(std::vector<std::uint64_t>{1ull << 60, (1ull << 60) + 1}) == "U64");
  CHECK(way(std::vector<std::uint32_t>{0, 300, 200}) == "U16");  // does not rise
  CHECK(way(std::vector<std::uint32_t>{7, 300, 300}) == "U16");  // a difference of 293
  CHECK(way(std::vector<std::uint32_t>{200, 300, 400}) == "U8.delta");
}

TEST_CASE("an item-item model of 50 neighbours costs 50 x (2 + 1) + 4 + 1 bytes an item") {
  const std::uint32_t items = 2000;
  CsrMatrix<std::int8_t> values(items);
  for (std::uint32_t i = 0; i < items; ++i) {
    std::vector<std::uint32_t> columns(50);
    for (std::uint32_t k = 0; k < 50; ++k) columns[k] = k * 39 + i % 39;
    values.add_row(columns, std::vector<std::int8_t>(50, static_cast<std::int8_t>(i)));
  }
  std::vector<float> scale(items);
  for (std::uint32_t i = 0; i < items; ++i) scale[i] = 0.001f * static_cast<float>(i + 1);
  const bodega_test::ToyItems<QuantizedCsrMatrix> model{
      QuantizedCsrMatrix(std::move(values), QuantizationScale(std::move(scale), {}))};
  Tensors tensors;
  encode(model, "items", tensors);
  // And a byte for one row start more than rows, two for the number of columns.
  CHECK(bytes(tensors) == items * (50 * (2 + 1) + 4 + 1) + 1 + 2);
}

TEST_CASE("a tensor in which one value prevails is stored as a mask and the others") {
  std::vector<float> weights(1000);
  for (std::size_t i = 0; i < weights.size(); i += 5) weights[i] = 0.1f + static_cast<float>(i);
  CHECK(way(weights) == "U8.mask, F32.other");
  CHECK(bytes(stored(weights)) == 8 + 125 + 200 * 4);
  weights[1] = -0.0f;  // not the value that prevails
  CHECK(way(weights) == "U8.mask, F32.other");
  weights.assign(1000, 0.1f);
  CHECK(way(weights) == "F32");
  weights.assign(12, 0.0f);
  weights[0] = 0.1f;
  CHECK(way(weights) == "F32");  // saves less than another tensor costs in the header

  SECTION("matrices keep their shape") {
    for (const auto& [rows, columns] : {std::pair{40, 7}, {1, 280}, {280, 1}}) {
      Matrix<float> m(static_cast<std::size_t>(rows), static_cast<std::size_t>(columns));
      m(0, 0) = 0.25f;
      m.values().back() = -0.25f;
      const auto tensors = stored(m);
      CHECK(tensors.size() == 2);
      CHECK(read<Matrix<float>>(tensors) == m);
    }
  }
  SECTION("INT8 rows may have another value each that prevails") {
    Matrix<std::int8_t> m(4, 500);
    for (std::size_t i = 0; i < 4; ++i)
      for (std::size_t j = 0; j < 500; ++j)
        m(i, j) = static_cast<std::int8_t>(j % 10 == 0 ? j / 10 : 100 + i);
    const auto tensors = stored(m);
    REQUIRE(tensors.size() == 3);
    CHECK(tensors[2].name == "x.fill");
    CHECK(tensors[2].bytes.size() == 4);
    CHECK(read<Matrix<std::int8_t>>(tensors) == m);
  }
  SECTION("a tensor of zeros") {
    const Matrix<float> zeros(100, 100);
    CHECK(read<Matrix<float>>(stored(zeros)) == zeros);
    CHECK(bytes(stored(zeros)) == 8 + 1250);
  }
}

TEST_CASE("a model of every kind of leaf comes back as it was") {
  const auto table = toy_table();
  Tensors tensors;
  encode(table, "t", tensors);
  const Tensors by_name = sorted(tensors);
  const TensorSource source(by_name, "file");
  CHECK(source.find("t.options.flag")->dtype == DType::BOOL);
  CHECK(source.find("t.options.flag")->shape.empty());
  CHECK(source.find("t.text")->dtype == DType::U8);
  CHECK(source.find("t.absent") == nullptr);
  bodega_test::ToyTable back;
  decode(back, "t", source);
  CHECK(back == table);
  CHECK(std::signbit(back.units[1]));
  Tensors again;
  encode(back, "t", again);
  CHECK(again == tensors);
}

TEST_CASE("empty vectors and matrices keep their sides") {
  CHECK(read<std::vector<float>>(stored(std::vector<float>{})).empty());
  const Matrix<float> no_rows(0, 64);
  CHECK(read<Matrix<float>>(stored(no_rows)) == no_rows);
}

TEST_CASE("tensors that do not fit are refused by name") {
  using F = std::vector<float>;
  const auto tensor = [](std::string name, DType dtype, std::vector<std::size_t> shape,
                         std::size_t size) {
    return StoredTensor{std::move(name), dtype, std::move(shape), std::vector<std::byte>(size)};
  };
  const std::size_t huge = std::numeric_limits<std::size_t>::max();
  CHECK_ERROR(read<F>({}), ErrorCode::missing, "file, tensor x");
  CHECK_ERROR(read<F>({tensor("x", DType::F64, {1}, 8)}), ErrorCode::format, "tensor x");
  CHECK_ERROR(read<F>({tensor("x", DType::U32, {1}, 4)}), ErrorCode::format, "tensor x");
  CHECK_ERROR(read<std::vector<std::uint32_t>>({tensor("x", DType::I8, {1}, 1)}), ErrorCode::format,
              "tensor x");
  CHECK_ERROR(read<F>({tensor("x", DType::F32, {2}, 4)}), ErrorCode::shape, "tensor x");
  CHECK_ERROR(read<F>({tensor("x", DType::F32, {1}, 5)}), ErrorCode::shape, "tensor x");
  CHECK_ERROR(read<F>({tensor("x", DType::F32, {1, 1}, 4)}), ErrorCode::shape, "tensor x");
  CHECK_ERROR(read<F>({tensor("x", DType::F32, {}, 4)}), ErrorCode::shape, "tensor x");
  CHECK_ERROR(read<float>({tensor("x", DType::F32, {1}, 4)}), ErrorCode::shape, "tensor x");
  CHECK_ERROR(read<Matrix<float>>({tensor("x", DType::F32, {1}, 4)}), ErrorCode::shape, "tensor x");
  CHECK_ERROR(read<F>({tensor("x", DType::U8, {huge, 2}, 4)}), ErrorCode::shape, "tensor x");
  CHECK_ERROR(read<F>({tensor("x", DType::F32, {huge / 4 + 2}, 4)}), ErrorCode::shape, "tensor x");
  CHECK_ERROR(read<Matrix<float>>({tensor("x", DType::F32, {huge, 0}, 0)}), ErrorCode::shape,
              "tensor x");
  StoredTensor two = tensor("x", DType::BOOL, {}, 1);
  two.bytes[0] = std::byte{2};
  CHECK_ERROR(read<bool>({two}), ErrorCode::format, "tensor x");
}

TEST_CASE("differences that sum to more than the type holds are refused") {
  auto tensors = stored(std::vector<std::uint16_t>{65'530, 65'531});
  tensors[0] = {"x.delta", DType::U16, {2}, tensors[0].bytes};
  CHECK_ERROR(read<std::vector<std::uint16_t>>(tensors), ErrorCode::out_of_range, "tensor x");
}

TEST_CASE("masks that do not fit are refused before anything large is allocated") {
  Matrix<std::int8_t> m(4, 500, std::int8_t{5});
  m(2, 2) = 9;
  const auto good = stored(m);
  REQUIRE(good.size() == 3);
  REQUIRE(read<Matrix<std::int8_t>>(good) == m);
  const auto refused = [&](auto change, ErrorCode code, const char* where) {
    auto tensors = good;
    change(tensors);
    CHECK_ERROR(read<Matrix<std::int8_t>>(tensors), code, where);
  };
  refused([](Tensors& t) { t.erase(t.begin() + 1); }, ErrorCode::missing, "x.other");
  refused([](Tensors& t) { t[0].bytes[3] = std::byte{0xFF}; }, ErrorCode::shape, "x.mask");
  refused([](Tensors& t) { std::fill_n(t[0].bytes.begin(), 8, std::byte{0xFF}); }, ErrorCode::shape,
          "x.mask");
  refused([](Tensors& t) { std::fill_n(t[0].bytes.begin() + 4, 4, std::byte{0}); },
          ErrorCode::shape, "x.mask");
  refused([](Tensors& t) { t[0].bytes[20] = std::byte{1}; }, ErrorCode::shape, "x.other");
  refused([](Tensors& t) { std::fill(t[0].bytes.begin() + 8, t[0].bytes.end(), std::byte{0}); },
          ErrorCode::shape, "x.other");
  refused(
      [](Tensors& t) {
        t[2].shape = {3};
        t[2].bytes.resize(3);
      },
      ErrorCode::shape, "x.fill");
  refused(
      [](Tensors& t) {
        t[0].shape = {7};
        t[0].bytes.resize(7);
      },
      ErrorCode::shape, "x.mask");
}
