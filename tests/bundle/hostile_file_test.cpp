// SPDX-License-Identifier: MIT
// Files whose checksums are right and whose content was made to harm.
#include <bodega/bundle/bundle.hpp>

#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include <bodega/collaborative/items/item_item.hpp>
#include <bodega/collaborative/shop/popularity.hpp>
#include <bodega/compress/quantize.hpp>
#include <bodega/data/catalog.hpp>
#include <bodega/forecast/baselines.hpp>
#include <bodega/forecast/demand_factors.hpp>
#include <bodega/forecast/factor_mean.hpp>
#include <bodega/forecast/intermittent.hpp>
#include <bodega/forecast/pooled_level.hpp>
#include <bodega/forecast/recurrent/recurrent.hpp>
#include <bodega/till/till_weights.hpp>

#include "bundle/temporary_folder.hpp"
#include "catch.hpp"
#include "check_error.hpp"
#include "data/parameter_list.hpp"

using namespace bodega;
using namespace bodega_test;

namespace {

/// The bytes of a bundle with these tensors, its checksums right.
std::vector<std::byte> sealed(const std::vector<StoredTensor>& tensors) {
  const Bundle empty;
  std::vector<std::byte> file = empty.serialize();
  Metadata metadata = read_safetensors(file, "empty").metadata;
  for (auto& [key, value] : metadata)
    if (key == "bodega.tensor_crc32")
      for (const StoredTensor* tensor : file_order(tensors)) value += hex8(crc32(tensor->bytes));
  file = write_safetensors(metadata, tensors);
  const std::string_view key = "bodega.header_crc32\":\"";
  const std::size_t end = 8 + safetensors_header_size(file, "sealed");
  const std::size_t at =
      std::string_view(reinterpret_cast<const char*>(file.data()), end).find(key) + key.size();
  std::memcpy(file.data() + at, "00000000", 8);
  std::memcpy(file.data() + at, hex8(crc32(std::span(file).first(end))).data(), 8);
  return file;
}

/// A code that says it holds rows x columns numbers, in so many bytes.
StoredTensor code_of(const std::string& name, std::uint64_t rows, std::uint64_t columns,
                     std::size_t bytes) {
  ArithmeticEncoder encoder;
  coded::Sides{rows, columns}.code(encoder);
  const auto code = encoder.finish(bytes);
  StoredTensor tensor{name, DType::U8, {code.size()}, {}};
  tensor.bytes.resize(code.size());
  std::memcpy(tensor.bytes.data(), code.data(), code.size());
  return tensor;
}

double seconds(const auto& body) {
  const auto start = std::chrono::steady_clock::now();
  body();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

TEST_CASE("hostile files: what codes would become is bounded before one is decoded") {
  constexpr std::size_t mebibyte = std::size_t{1} << 20;
  // 1 MiB that stands for 64 Mi numbers, of four bytes or more: within 64 MiB and 64 x the file.
  CHECK_NOTHROW(Bundle::parse(sealed({code_of("a.w.coded", 1, 31 * mebibyte, mebibyte)})));
  // A model beside a large one has no more room than alone; models of one name's beginning neither.
  StoredTensor large{"a.w", DType::U8, {8 * mebibyte}, {}};
  large.bytes.resize(8 * mebibyte);
  const StoredTensor bomb = code_of("a-b.w.coded", 8192, 8192, mebibyte);
  CHECK_ERROR(Bundle::parse(sealed({bomb, large})), ErrorCode::out_of_range, "a-b.w.coded");
  StoredTensor same = large;
  same.name = "a-b.v";
  CHECK_NOTHROW(Bundle::parse(sealed({same, bomb})));
  for (const char* way : {"a.w.coded", "a.w.gaps", "a.w.mask"})
    CHECK_ERROR(Bundle::parse(sealed({code_of(way, 8192, 8192, mebibyte)})),
                ErrorCode::out_of_range, way);
  // Many small ones are no better than a large one.
  std::vector<StoredTensor> many;
  for (int i = 0; i < 16; ++i)
    many.push_back(code_of("a.w" + std::to_string(i) + ".coded", 2048, 2048, mebibyte / 16));
  CHECK_ERROR(Bundle::parse(sealed(many)), ErrorCode::out_of_range, "coded");
  // The limit is the caller's to set.
  const auto file = sealed({code_of("a.w.coded", 8192, 8192, mebibyte)});
  CHECK_NOTHROW(Bundle::parse(file, "f", {.decoded_bytes = 300 * mebibyte}));
  CHECK_ERROR(
      Bundle::parse(sealed({code_of("a.w.coded", 100, 100, 1000)}), "f", {.decoded_bytes = 10'000}),
      ErrorCode::out_of_range, "f");
  CHECK_ERROR(Bundle::parse(file, "f", {.file_bytes = 1000}), ErrorCode::out_of_range, "f");
}

TEST_CASE("hostile files: a huge file is refused by its size or its first bytes") {
  const TemporaryFolder folder;
  const std::string path = folder / "huge.bodega";
  write_file_atomically(path, Bundle().serialize());
  std::filesystem::resize_file(path, std::uintmax_t{3} << 30);  // a hole: nothing on the disk
  CHECK(seconds([&] { CHECK_ERROR(Bundle::open(path), ErrorCode::out_of_range, "huge.bodega"); }) <
        1);
  // Allowed that size, it is not read either: the header does not account for it.
  CHECK(seconds([&] {
          CHECK_ERROR(Bundle::open(path, {.file_bytes = std::size_t{4} << 30}), ErrorCode::format,
                      "huge.bodega");
        }) < 1);
  write_file_atomically(path, std::vector<std::byte>(64, std::byte{0xFF}));
  std::filesystem::resize_file(path, std::uintmax_t{1} << 29);
  CHECK(seconds([&] { CHECK_ERROR(Bundle::open(path), ErrorCode::format, "huge.bodega"); }) < 1);
  CHECK_ERROR(Bundle::open(folder.path().string()), ErrorCode::io, "bodega-test");
  CHECK_ERROR(Bundle::open(folder / "absent"), ErrorCode::io, "absent");
}

TEST_CASE("hostile files: many keys of a header cost no more than their number") {
  const auto header_of = [](std::size_t keys) {
    Metadata metadata;
    for (std::size_t i = 0; i < keys; ++i) metadata.emplace_back("k" + std::to_string(i), "");
    return write_safetensors(metadata, {});
  };
  CHECK(read_safetensors(header_of(20'000), "h").metadata.size() == 20'000);
  Metadata twice{{"a", ""}, {"b", ""}, {"a", ""}};
  CHECK_ERROR(read_safetensors(write_safetensors(twice, {}), "h"), ErrorCode::duplicate, "h");
}

TEST_CASE("hostile files: numbers that are finite and mean nothing are refused") {
  const auto spoilt = [](auto model, const std::string& tensor, auto value) {
    using V = decltype(value);
    return tampered<V>(std::move(model), tensor, [&](V& leaf) { leaf = value; });
  };
  const auto first = [](auto model, const std::string& tensor, auto value) {
    using V = std::vector<decltype(value)>;
    return tampered<V>(std::move(model), tensor, [&](V& leaf) { leaf.at(0) = value; });
  };
  const auto refused = [](const auto& model) {
    CHECK_ERROR(model.validate("m"), ErrorCode::out_of_range, "m");
  };
  CsrMatrix<float> weights(2);
  weights.add_row(std::vector<std::uint32_t>{1}, std::vector<float>{0.5f});
  weights.add_row(std::vector<std::uint32_t>{0}, std::vector<float>{0.5f});
  const ItemItem<> items(weights);
  refused(first(items, "weights.values", 3e38f));
  refused(tampered<Matrix<float>>(quantize(items), "weights.quantization.scale",
                                  [](Matrix<float>& scale) { scale(0, 0) = 3e38f; }));
  for (const TillWeights bad : {TillWeights{3e38f, 1, 1}, TillWeights{-1, -1, -1}, {0, 0, 0}})
    refused(bad);
  const Lstm<8> network;
  refused(first(network, "output_bias", 1e9f));
  refused(spoilt(network, "prior", 3e38f));
  refused(first(WeekdayMean(), "factors", 3e38f));
  const auto high = [](Matrix<float>& effects) { effects(0, 3) = 3e38f; };
  const DemandFactors<> factors(Matrix<float>(1, 19), Matrix<float>(1, 4));
  refused(tampered<Matrix<float>>(factors, "effects", high));
  refused(tampered<Matrix<float>>(factors, "series", high));
  refused(spoilt(FactorMean<>(factors), "prior", 3e38f));
  const IntermittentDemand memory(3);
  const PooledLevel levels(3);
  for (const std::int32_t day : {INT32_MAX, INT32_MIN, Day::last_number, -30'000}) {
    refused(spoilt(memory, "last_day", day));
    refused(spoilt(levels, "last_day", day));
  }
  refused(spoilt(levels, "half_life", 1e-30f));
  Popularity popularity(2);
  popularity.add(ItemIndex(0), Day(20'000));
  for (const double half_life : {5e-324, 1e-9, 1e300, -1.0})
    CHECK_ERROR(spoilt(popularity, "clock.half_life_days", half_life).validate("m"),
                ErrorCode::invalid_argument, "m");
  CHECK_ERROR(spoilt(popularity, "clock.day", std::int32_t{INT32_MAX}).validate("m"),
              ErrorCode::out_of_range, "m");
}
