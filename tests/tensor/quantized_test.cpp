// SPDX-License-Identifier: MIT
#include <bodega/tensor/quantized.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <limits>
#include <string>
#include <vector>

#include <bodega/tensor/coding/decoding.hpp>
#include <bodega/tensor/coding/encoding.hpp>
#include <bodega/tensor/parameters.hpp>

#include "catch.hpp"
#include "check_error.hpp"

using namespace bodega;

namespace {
const Matrix<std::int8_t> stored(2, 2, std::vector<std::int8_t>{-128, 0, 10, 127});
}

TEST_CASE("INT8 numbers stand for scale x (stored - zero_point)") {
  SECTION("one scale") {
    const QuantizedMatrix m(stored, QuantizationScale({0.5f}, {}));
    CHECK_FALSE(m.scale().per_row());
    CHECK(m.scale().symmetric());
    CHECK(m.at(0, 0) == -64.0f);
    CHECK(m.at(1, 1) == 63.5f);
  }
  SECTION("a scale and zero-point for each row") {
    const QuantizedMatrix m(stored, QuantizationScale({0.5f, 2.0f}, {-128, 10}));
    CHECK(m.scale().per_row());
    CHECK(m.at(0, 0) == 0.0f);
    CHECK(m.at(0, 1) == 64.0f);
    CHECK(m.at(1, 0) == 0.0f);
    CHECK(m.at(1, 1) == 234.0f);
  }
  SECTION("a scale and zero-point for each block of columns") {
    const Matrix<std::int8_t> four(2, 4, std::vector<std::int8_t>{1, 2, 3, 4, 5, 6, 7, 8});
    const QuantizedMatrix m(four, QuantizationScale({0.5f, 2.0f}, {1, 3}, 2));
    CHECK_FALSE(m.scale().per_row());
    CHECK(m.scale().blocks() == 2);
    CHECK(m.at(0, 1) == 0.5f);
    CHECK(m.at(0, 2) == 0.0f);
    CHECK(m.at(1, 3) == 10.0f);
    const QuantizedMatrix rows(four, QuantizationScale({0.5f, 2.0f, 4.0f, 8.0f}, {}, 2));
    CHECK(rows.at(0, 0) == 0.5f);
    CHECK(rows.at(0, 3) == 8.0f);
    CHECK(rows.at(1, 0) == 20.0f);
    CHECK(rows.at(1, 3) == 64.0f);
  }
}

TEST_CASE("what is not stored in a sparse matrix is 0 whatever the zero-point") {
  const CsrMatrix<std::int8_t> values(SparsePattern(3, {0, 1, 2}, {2, 0}), {7, -5});
  const QuantizedCsrMatrix m(values, QuantizationScale({0.5f}, {3}));
  CHECK(m.at(0, 2) == 2.0f);
  CHECK(m.at(1, 0) == -4.0f);
  CHECK(m.at(0, 0) == 0.0f);
  CHECK(m.size() == 2);
}

TEST_CASE("scales that are none are refused") {
  const float infinity = std::numeric_limits<float>::infinity();
  for (const float bad : {0.0f, -1.0f, infinity, std::nanf("")})
    CHECK_ERROR(QuantizedMatrix(stored, QuantizationScale({1.0f, bad}, {})),
                ErrorCode::out_of_range, "scale 1");
  CHECK_ERROR(QuantizedMatrix(stored, QuantizationScale({1, 1, 1}, {})), ErrorCode::shape, "scale");
  CHECK_ERROR(QuantizedMatrix(stored, QuantizationScale({}, {})), ErrorCode::shape, "scale");
  CHECK_ERROR(QuantizedMatrix(stored, QuantizationScale({1, 1}, {0})), ErrorCode::shape,
              "zero_point");
  CHECK_ERROR(QuantizedMatrix(stored, QuantizationScale({1, 1, 1}, {}, 3)), ErrorCode::shape,
              "columns of scale");
  CHECK_ERROR(QuantizationScale({1, 1, 1}, {}, 2), ErrorCode::shape, "Matrix");
  CHECK_ERROR(QuantizationScale({1}, {}, 0), ErrorCode::shape, "blocks");
  const CsrMatrix<std::int8_t> sparse(SparsePattern(4, {0, 1}, {2}), {7});
  CHECK_ERROR(QuantizedCsrMatrix(sparse, QuantizationScale({1, 1}, {}, 2)), ErrorCode::shape,
              "columns of scale");
}

namespace {

struct Net {
  QuantizedMatrix w;
  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("w", self.w, Role::weight);
  }
};

/// Reads a net whose tensor of that name is another one.
QuantizedMatrix read_with(const std::string& name, DType dtype, std::vector<std::size_t> shape,
                          std::vector<std::byte> bytes) {
  const Net good{QuantizedMatrix(stored, QuantizationScale({0.5f, 2.0f}, {-128, 10}))};
  std::vector<StoredTensor> tensors;
  encode(good, "", tensors);
  for (StoredTensor& tensor : tensors)
    if (tensor.name == name) tensor = {name, dtype, shape, bytes};
  std::sort(tensors.begin(), tensors.end(),
            [](const StoredTensor& a, const StoredTensor& b) { return a.name < b.name; });
  Net net;
  decode(net, "", TensorSource(tensors, "file"));
  net.w.validate("file, w");
  return net.w;
}

template <class T>
std::vector<std::byte> bytes_of(std::initializer_list<T> values) {
  std::vector<std::byte> bytes(values.size() * sizeof(T));
  std::memcpy(bytes.data(), values.begin(), bytes.size());
  return bytes;
}

}  // namespace

TEST_CASE("a file's scales and zero-points are checked") {
  const std::string scale = "w.quantization.scale", zero = "w.quantization.zero_point";
  CHECK(read_with(scale, DType::F32, {2, 1}, bytes_of({0.25f, 4.0f})).at(1, 1) == 468.0f);
  for (const float bad : {0.0f, -1.0f, std::nanf(""), std::numeric_limits<float>::infinity()})
    CHECK_ERROR(read_with(scale, DType::F32, {2, 1}, bytes_of({1.0f, bad})),
                ErrorCode::out_of_range, "file, w, scale 1");
  CHECK_ERROR(read_with(scale, DType::F32, {3, 1}, bytes_of({1.0f, 1.0f, 1.0f})), ErrorCode::shape,
              "file, w, rows of scale");
  CHECK_ERROR(read_with(scale, DType::F32, {1, 3}, bytes_of({1.0f, 1.0f, 1.0f})), ErrorCode::shape,
              "file, w, columns of scale");
  CHECK_ERROR(read_with(scale, DType::F32, {0, 1}, {}), ErrorCode::shape, "rows of scale");
  CHECK_ERROR(read_with(scale, DType::F32, {1, 0}, {}), ErrorCode::shape, "columns of scale");
  CHECK(read_with(zero, DType::I8, {2, 1}, bytes_of<std::int8_t>({0, 0})).at(0, 0) == -64.0f);
  CHECK_ERROR(read_with(zero, DType::I16, {2, 1}, bytes_of<std::int16_t>({0, 300})),
              ErrorCode::format, "w.quantization.zero_point");
  CHECK_ERROR(read_with(zero, DType::I8, {1, 1}, bytes_of<std::int8_t>({0})), ErrorCode::shape,
              "zero_point");
}
