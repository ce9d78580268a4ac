// SPDX-License-Identifier: MIT
#include <bodega/bundle/safetensors.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "catch.hpp"
#include "check_error.hpp"

using namespace bodega;
using nlohmann::json;

namespace {

std::vector<std::byte> file_of(std::string_view header, std::size_t data = 0) {
  std::vector<std::byte> file(8 + header.size() + data);
  const std::uint64_t size = header.size();
  std::memcpy(file.data(), &size, 8);
  std::memcpy(file.data() + 8, header.data(), header.size());
  for (std::size_t i = 0; i < data; ++i) file[8 + header.size() + i] = static_cast<std::byte>(i);
  return file;
}

Safetensors read(std::string_view header, std::size_t data = 0) {
  return read_safetensors(file_of(header, data), "file");
}

json header_of(const std::vector<std::byte>& file) {
  std::uint64_t size = 0;
  std::memcpy(&size, file.data(), 8);
  return json::parse(std::string(reinterpret_cast<const char*>(file.data()) + 8, size));
}

std::string entry(const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return "{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}";
}

}  // namespace

TEST_CASE("a written file follows the format, by an independent JSON parser") {
  const std::vector<StoredTensor> tensors = {
      {"b", DType::U8, {3}, std::vector<std::byte>(3, std::byte{7})},
      {"c", DType::F64, {}, std::vector<std::byte>(8, std::byte{1})},
      {"a", DType::F32, {2, 1}, std::vector<std::byte>(8, std::byte{2})},
      {"odd \"name\" \\ \n \xC3\xA9", DType::U8, {0, 5}, {}}};
  const Metadata metadata = {{"z", "first \"quoted\"\\"}, {"a", "tab\tand \x01 and \xE2\x82\xAC"}};
  const auto file = write_safetensors(metadata, tensors);
  CHECK(safetensors_header_size(file, "file") % 8 == 0);
  CHECK(static_cast<char>(file[8]) == '{');
  const json header = header_of(file);
  REQUIRE(header.size() == 5);
  CHECK(header["__metadata__"] == json{{"z", metadata[0].second}, {"a", metadata[1].second}});

  std::set<std::pair<std::size_t, std::size_t>> ranges;
  for (const auto& tensor : tensors) {
    const json& info = header.at(tensor.name);
    CHECK(info.size() == 3);
    CHECK(info.at("dtype") == std::string(name(tensor.dtype)));
    CHECK(info.at("shape") == json(tensor.shape));
    const std::size_t begin = info.at("data_offsets").at(0), end = info.at("data_offsets").at(1);
    CHECK(end - begin == tensor.bytes.size());
    CHECK(begin % size_of(tensor.dtype) == 0);  // can be used where it lies
    const auto data = std::span(file).subspan(8 + safetensors_header_size(file, "file"));
    CHECK(std::ranges::equal(data.subspan(begin, end - begin), tensor.bytes));
    ranges.emplace(begin, end);
  }
  std::size_t next = 0;
  for (const auto& [begin, end] : ranges) {
    CHECK(begin == next);  // no hole, no overlap
    next = end;
  }
  CHECK(8 + safetensors_header_size(file, "file") + next == file.size());

  SECTION("and is read back") {
    const Safetensors back = read_safetensors(file, "file");
    CHECK(back.metadata == metadata);
    REQUIRE(back.tensors.size() == 4);
    const auto order = file_order(tensors);
    for (std::size_t i = 0; i < 4; ++i) CHECK(back.tensors[i] == *order[i]);
  }
  SECTION("and does not depend on the order of the tensors") {
    CHECK(write_safetensors(metadata, std::vector(tensors.rbegin(), tensors.rend())) == file);
  }
}

TEST_CASE("headers in other hands' style are read") {
  const auto file = read(
      "{ \"x\" :\t{ \"data_offsets\":[ 0 , 4 ],\n\"shape\":[ 2,2 ], \"dtype\":\"U8\" } , "
      "\"__metadata__\":{\"k\":\"\\u0041\\u00e9\\u20AC\\ud83d\\ude00\\/\\b\\f\\n\\r\\t\"},"
      "\"y\":{\"dtype\":\"I8\",\"shape\":[],\"data_offsets\":[4,5]}}   ",
      5);
  REQUIRE(file.tensors.size() == 2);
  CHECK(file.tensors[0].name == "x");
  CHECK(file.tensors[0].shape == std::vector<std::size_t>{2, 2});
  CHECK(file.tensors[1].bytes == std::vector<std::byte>{std::byte{4}});
  CHECK(file.metadata == Metadata{{"k", "A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80/\b\f\n\r\t"}});
  CHECK(read("{}").tensors.empty());
}

TEST_CASE("a broken container says where") {
  const auto bytes = [](std::size_t n, std::byte value) {
    return std::vector<std::byte>(n, value);
  };
  CHECK_ERROR(read_safetensors({}, "file"), ErrorCode::format, "file, header");
  CHECK_ERROR(read_safetensors(bytes(7, std::byte{0}), "file"), ErrorCode::format, "file, header");
  CHECK_ERROR(read_safetensors(bytes(8, std::byte{0}), "file"), ErrorCode::format, "byte 8");
  CHECK_ERROR(read_safetensors(bytes(64, std::byte{0xFF}), "file"), ErrorCode::format,
              "file, header");
  auto file = file_of("{}");
  file[0] = std::byte{3};  // one byte longer than the file
  CHECK_ERROR(read_safetensors(file, "file"), ErrorCode::format, "file, header");
  file = file_of("{}", 1);
  CHECK_ERROR(read_safetensors(file, "file"), ErrorCode::format, "file");  // a byte too many
}

TEST_CASE("a header of more than 100 MB is refused before it is read") {
  std::vector<std::byte> file(100'000'010, std::byte{' '});
  const std::uint64_t size = 100'000'001;
  std::memcpy(file.data(), &size, 8);
  CHECK_ERROR(read_safetensors(file, "file"), ErrorCode::format, "file, header");
}

TEST_CASE("tensors that do not fit say which") {
  const auto x = [](const std::string& info) { return "{\"x\":" + info + "}"; };
  CHECK_ERROR(read(x(entry("BF16", "[1]", "[0,2]")), 2), ErrorCode::format, "tensor x");
  CHECK_ERROR(read(x(entry("U8", "[1]", "[0]")), 1), ErrorCode::format, "tensor x");
  CHECK_ERROR(read(x(entry("U8", "[1]", "[0,1,2]")), 2), ErrorCode::format, "tensor x");
  CHECK_ERROR(read(x(entry("U8", "[1]", "[1,2]")), 2), ErrorCode::format, "tensor x");
  CHECK_ERROR(read(x(entry("U8", "[1]", "[1,0]")), 1), ErrorCode::format, "tensor x");
  CHECK_ERROR(read(x(entry("U8", "[2]", "[0,2]")), 1), ErrorCode::format, "tensor x");
  CHECK_ERROR(read(x(entry("U8", "[2]", "[0,1]")), 1), ErrorCode::shape, "tensor x");
  CHECK_ERROR(read(x(entry("F32", "[1]", "[0,5]")), 5), ErrorCode::shape, "tensor x");
  CHECK_ERROR(read(x(entry("F64", "[2305843009213693953]", "[0,8]")), 8), ErrorCode::shape,
              "tensor x");
  CHECK_ERROR(read(x(entry("U8", "[4294967296,4294967296]", "[0,0]"))), ErrorCode::shape,
              "tensor x");
  CHECK_ERROR(read(x(entry("U8", "[0,4294967296,4294967296]", "[0,0]"))), ErrorCode::shape,
              "tensor x");
  CHECK_ERROR(read(x("{\"dtype\":\"U8\",\"shape\":[0]}")), ErrorCode::format, "tensor x");
  CHECK_ERROR(read(x("{}")), ErrorCode::format, "tensor x");
  const std::string one = entry("U8", "[1]", "[0,1]"), third = entry("U8", "[1]", "[2,3]");
  CHECK_ERROR(read("{\"x\":" + one + ",\"y\":" + one + "}", 1), ErrorCode::format, "tensor");
  CHECK_ERROR(read("{\"x\":" + one + ",\"y\":" + third + "}", 3), ErrorCode::format, "tensor y");
  CHECK_ERROR(read("{\"x\":" + one + ",\"x\":" + one + "}", 1), ErrorCode::duplicate, "header");
  CHECK_ERROR(read("{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}"), ErrorCode::duplicate, "header");
}

TEST_CASE("headers that are not JSON, or not of the one form, are refused with the byte") {
  for (const char* const header : {"",
                                   " {}",
                                   "[]",
                                   "{",
                                   "{\"",
                                   "{\"x",
                                   "{\"x\"",
                                   "{\"x\":",
                                   "{\"x\":1}",
                                   "{\"x\":{}",
                                   "{}}",
                                   "{},",
                                   "{,}",
                                   "{\"x\":[]}",
                                   "{\"x\":null}",
                                   "{'x':{}}",
                                   "{\"__metadata__\":{\"k\":1}}",
                                   "{\"__metadata__\":[]}",
                                   "{\"__metadata__\":{\"k\":{\"k\":\"v\"}}}",
                                   "{\"a\\x\":{}}",
                                   "{\"\\u12\":{}}",
                                   "{\"\\u12g4\":{}}",
                                   "{\"\\ud800\":{}}",
                                   "{\"\\ud800\\u0041\":{}}",
                                   "{\"\\udc00\":{}}",
                                   "{\"a\nb\":{}}"})
    for (const char* const after : {"", "x"}) {
      CAPTURE(header, after);
      CHECK_ERROR(read(std::string(header) + after), ErrorCode::format, "file, ");
    }
  const auto shape = [](const std::string& number) {
    return "{\"x\":" + entry("U8", "[" + number + "]", "[0,1]") + "}";
  };
  for (const char* const number : {"-1", "1.0", "1e0", "01", "+1", "1,", ",1", "\"1\"", "true"}) {
    CAPTURE(number);
    CHECK_ERROR(read(shape(number), 1), ErrorCode::format, "header, byte");
  }
  CHECK_ERROR(read(shape("18446744073709551616"), 1), ErrorCode::out_of_range, "header, byte");
  CHECK_ERROR(read("{\"x\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"y\":\"\"}}", 1),
              ErrorCode::format, "header, byte");
}

TEST_CASE("a header of a million brackets costs nothing") {
  CHECK_ERROR(read("{\"x\":" + std::string(1'000'000, '[')), ErrorCode::format, "header, byte");
  CHECK_ERROR(read(std::string(1'000'000, '{')), ErrorCode::format, "header, byte");
}

TEST_CASE("the parser agrees with nlohmann-json on every damaged header") {
  // Whatever is changed, either both refuse it or both read the same, apart from what the format
  // itself forbids (the parser may refuse more, never less).
  const std::string good =
      "{\"__metadata__\":{\"k\":\"v\\u00e9\\n\"},\"x\":" + entry("U8", "[10,2]", "[0,20]") + " }";
  REQUIRE(read(good, 20).metadata[0].second == header_of(file_of(good))["__metadata__"]["k"]);
  const std::string replacements = "\"\\{}[]:, 09azu\n\x7F";
  std::size_t read_by_both = 0;
  for (std::size_t at = 0; at < good.size(); ++at)
    for (const char c : replacements) {
      std::string header = good;
      header[at] = c;
      CAPTURE(header);
      const json oracle = json::parse(header, nullptr, false);
      try {
        const Safetensors found = read(header, 20);
        ++read_by_both;
        REQUIRE_FALSE(oracle.is_discarded());
        REQUIRE(oracle.size() == found.tensors.size() + oracle.contains("__metadata__"));
        for (const auto& [key, value] : found.metadata) CHECK(oracle["__metadata__"][key] == value);
        for (const auto& tensor : found.tensors)
          CHECK(oracle[tensor.name]["shape"] == tensor.shape);
      } catch (const Error&) {
      }
    }
  CHECK(read_by_both > 100);
}
