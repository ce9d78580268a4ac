// SPDX-License-Identifier: MIT
#include <bodega/tensor/coding/decoding.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <bodega/core/random.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "tensor/coding/leaves.hpp"
#include "toy_models.hpp"

using namespace bodega;
using namespace bodega_test;

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
  ToyTable back;
  decode(back, "t", source);
  CHECK(back == table);
  CHECK(std::signbit(back.units[1]));
  Tensors again;
  encode(back, "t", again);
  CHECK(again == tensors);
}

TEST_CASE("a smaller type stands for a larger one where it loses nothing") {
  using detail::may_stand_for;
  const DType all[] = {DType::BOOL, DType::U8,  DType::I8,  DType::U16, DType::I16, DType::F16,
                       DType::U32,  DType::I32, DType::F32, DType::U64, DType::I64, DType::F64};
  const auto stand = [&](DType wanted) {
    std::string names;
    for (const DType stored : all)
      if (may_stand_for(stored, wanted)) names += std::string(name(stored)) + " ";
    return names;
  };
  CHECK(stand(DType::BOOL) == "BOOL ");
  CHECK(stand(DType::U8) == "U8 ");
  CHECK(stand(DType::I8) == "I8 ");
  CHECK(stand(DType::I16) == "U8 I8 I16 ");
  CHECK(stand(DType::U32) == "U8 U16 U32 ");
  CHECK(stand(DType::F32) == "U8 I8 U16 I16 F16 F32 ");
  CHECK(stand(DType::U64) == "U8 U16 U32 U64 ");
  CHECK(stand(DType::I64) == "U8 I8 U16 I16 U32 I32 I64 ");
  CHECK(stand(DType::F64) == "U8 I8 U16 I16 U32 I32 F64 ");
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

TEST_CASE("codes that do not fit are refused before anything large is allocated") {
  using I8 = Matrix<std::int8_t>;
  const CounterRandom random(5);
  I8 m(8, 40);
  for (std::int8_t& v : m.values())
    v = static_cast<std::int8_t>(20 * random.uniform(static_cast<std::uint64_t>(&v - m.data()), 0));
  const auto good = stored(m);
  REQUIRE(good.size() == 1);
  REQUIRE(good[0].name == "x.coded");
  const auto refused = [&]<class Leaf>(Leaf, auto change, ErrorCode code) {
    auto tensors = good;
    change(tensors[0]);
    if (tensors[0].shape.size() == 1) tensors[0].shape[0] = tensors[0].bytes.size();
    CHECK_ERROR(read<Leaf>(tensors), code, "tensor x");
  };
  const auto code_of = [](std::uint64_t rows, std::uint64_t columns, std::size_t least) {
    ArithmeticEncoder encoder;
    coded::Sides{rows, columns}.code(encoder);
    std::vector<std::byte> code;
    for (const std::uint8_t byte : encoder.finish(least)) code.push_back(std::byte{byte});
    return code;
  };
  refused(
      I8(), [](StoredTensor& t) { t.bytes.clear(); }, ErrorCode::shape);
  refused(
      I8(), [](StoredTensor& t) { t.bytes.push_back(std::byte{1}); }, ErrorCode::format);
  refused(
      I8(),
      [](StoredTensor& t) {
        t.shape = {t.bytes.size(), 1, 2};
      },
      ErrorCode::shape);
  refused(
      I8(), [](StoredTensor& t) { t.dtype = DType::I8; }, ErrorCode::format);
  refused(
      std::vector<std::int8_t>(), [](StoredTensor&) {}, ErrorCode::shape);
  refused(
      I8(), [](StoredTensor& t) { t.name = "x.gaps"; }, ErrorCode::missing);
  for (const auto& [rows, columns] : {std::pair<std::uint64_t, std::uint64_t>{0, 5},
                                      {5, 0},
                                      {1'000'000, 1'000'000},
                                      {~0ull, ~0ull},
                                      {1, 6401}})
    refused(
        I8(), [&, r = rows, c = columns](StoredTensor& t) { t.bytes = code_of(r, c, 100); },
        ErrorCode::shape);  // Clang 14 lets no lambda capture the names of a binding

  SECTION("numbers beyond the type") {
    const auto large = stored(std::vector<std::int32_t>(100, 300));
    REQUIRE(large[0].name == "x.coded");
    CHECK_ERROR(read<std::vector<std::int8_t>>(large), ErrorCode::out_of_range, "tensor x");
    CHECK_ERROR(read<std::vector<std::uint8_t>>(large), ErrorCode::out_of_range, "tensor x");
    CHECK(read<std::vector<float>>(large) == std::vector<float>(100, 300.0f));
    const auto odd = stored(std::vector<std::int32_t>(100, (1 << 24) + 1));
    REQUIRE(odd[0].name == "x.coded");
    CHECK_ERROR(read<std::vector<float>>(odd), ErrorCode::out_of_range, "tensor x");
    const auto rising = stored(std::vector<std::uint32_t>(100, 70'000));
    REQUIRE(rising[0].name == "x.gaps");
    CHECK_ERROR(read<std::vector<std::uint16_t>>(rising), ErrorCode::out_of_range, "tensor x");
    CHECK_ERROR(read<std::vector<std::int32_t>>(rising), ErrorCode::missing, "tensor x");
  }
  SECTION("masks") {
    std::vector<float> weights(400);
    for (std::size_t i = 0; i < weights.size(); i += 3) weights[i] = 0.1f;
    const auto both = stored(weights);
    REQUIRE(both.size() == 2);
    CHECK_ERROR(read<std::vector<float>>({both[0]}), ErrorCode::missing, "x.nonzero");
    auto fewer = both;
    fewer[1].shape = {fewer[1].shape[0] - 1};
    fewer[1].bytes.resize(fewer[1].bytes.size() - 4);
    CHECK_ERROR(read<std::vector<float>>(fewer), ErrorCode::shape, "x.nonzero");
  }
  SECTION("any bytes are an Error or numbers") {
    for (std::uint64_t trial = 0; trial < 300; ++trial) {
      auto tensors = good;
      tensors[0].bytes.resize(1 + trial % 40);
      tensors[0].shape = {tensors[0].bytes.size()};
      for (std::size_t i = 0; i < tensors[0].bytes.size(); ++i)
        tensors[0].bytes[i] = static_cast<std::byte>(256 * random.uniform(trial, i));
      for (const char* const way : {"x.coded", "x.gaps", "x.mask"}) {
        tensors[0].name = way;
        const auto count = [&]<class Leaf>(Leaf) -> std::size_t {
          try {
            return read<Leaf>(tensors).size();
          } catch (const Error&) {
            return 0;
          }
        };
        CHECK(count(std::vector<std::uint64_t>()) <= 64 * 40);
        CHECK(count(std::vector<float>()) <= 64 * 40);
        CHECK(count(I8()) <= 64 * 40);
      }
    }
  }
}
