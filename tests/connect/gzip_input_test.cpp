// SPDX-License-Identifier: MIT
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include <bodega/connect/gzip_input.hpp>
#include <bodega/data/catalog_reader.hpp>
#include <bodega/data/read_receipts.hpp>

#include "check_error.hpp"

using namespace bodega;

namespace {

std::string packed(const std::string& text) {
  z_stream state = {};
  REQUIRE(deflateInit2(&state, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string result(deflateBound(&state, static_cast<uLong>(text.size())), '\0');
  std::string input = text;
  state.next_in = reinterpret_cast<Bytef*>(input.data());
  state.avail_in = static_cast<uInt>(input.size());
  state.next_out = reinterpret_cast<Bytef*>(result.data());
  state.avail_out = static_cast<uInt>(result.size());
  REQUIRE(deflate(&state, Z_FINISH) == Z_STREAM_END);
  result.resize(state.total_out);
  deflateEnd(&state);
  return result;
}

std::string unpacked(const std::string& bytes, const GzipLimits& limits = {}) {
  std::istringstream in(bytes);
  GzipInput text(in, "r.csv.gz", limits);
  std::string all;
  std::string block(1000, '\0');
  for (;;) {
    text.read(block.data(), static_cast<std::streamsize>(block.size()));
    all.append(block, 0, static_cast<std::size_t>(text.gcount()));
    if (text.gcount() == 0) return all;
  }
}

std::string receipts(std::size_t count) {
  std::string text = "receipt,item,quantity,time\n";
  for (std::size_t i = 0; i < count; ++i)
    text += std::to_string(i) + ",A" + std::to_string(i * i % 97) + ",1,2024-01-01 10:00\n";
  return text;
}

}  // namespace

TEST_CASE("A packed file of receipts is read as the plain one") {
  const std::string text = receipts(50'000);  // many blocks
  std::istringstream in(packed(text)), plain(text);
  GzipInput unpacked_text(in, "r.csv.gz");
  const Receipts read = read_receipts(unpacked_text, unpacked_text.name());
  CHECK(read.size() == 50'000);
  CHECK(read.catalog() == read_receipts(plain, "r.csv").catalog());

  const auto path = std::filesystem::temp_directory_path() / "bodega_gzip_input_test.csv.gz";
  std::ofstream(path, std::ios::binary) << packed("id,price\nA,2.5\n");
  GzipInput file(path);
  CHECK(file.name() == path.string());
  CHECK(read_catalog(file, file.name(), CatalogOptions()).size() == 1);
  std::filesystem::remove(path);
  CHECK_ERROR(GzipInput(path), ErrorCode::io, "bodega_gzip_input_test");
}

TEST_CASE("Members one after the other are one text, and zeros may fill the end") {
  CHECK(unpacked(packed("one ") + packed("") + packed("two")) == "one two");
  CHECK(unpacked(packed("one") + std::string(70'000, '\0')) == "one");
  CHECK(unpacked(packed("")).empty());
}

TEST_CASE("What is no whole gzip stream is refused, naming it") {
  const std::string good = packed(receipts(3000));
  CHECK_ERROR(unpacked(""), ErrorCode::format, "r.csv.gz");
  CHECK_ERROR(unpacked("receipt,item\n"), ErrorCode::format, "r.csv.gz");
  CHECK_ERROR(unpacked(good + "more"), ErrorCode::format, "r.csv.gz");
  for (std::size_t size = 1; size < good.size(); size += 1 + size / 7)
    CHECK_ERROR(unpacked(good.substr(0, size)), ErrorCode::format, "r.csv.gz");
  std::string changed = good;
  changed[changed.size() - 6] ^= 1;  // of the checksum
  CHECK_ERROR(unpacked(changed), ErrorCode::format, "r.csv.gz");
  // A byte within: an Error, or the same text where the byte says nothing (time, system).
  for (std::size_t at = 0; at < good.size(); at += 1 + good.size() / 500) {
    changed = good;
    changed[at] = static_cast<char>(~changed[at]);
    std::string read;
    try {
      read = unpacked(changed);
    } catch (const Error& error) {
      CHECK(std::string(name(error.code())) == "format");
      continue;
    }
    CHECK(read == receipts(3000));
  }
  // The reader of receipts passes the Error on.
  std::istringstream cut(good.substr(0, good.size() / 2));
  GzipInput in(cut, "r.csv.gz");
  CHECK_ERROR(read_receipts(in, in.name()), ErrorCode::format, "r.csv.gz");
}

TEST_CASE("A bomb of zeros ends at the limits") {
  const std::string bomb = packed(std::string(std::size_t{40} << 20, '0'));
  CHECK(bomb.size() < 50'000);
  CHECK_ERROR(unpacked(bomb, {.bytes = 1 << 20}), ErrorCode::out_of_range, "r.csv.gz");
  CHECK_ERROR(unpacked(bomb, {.bytes = 1 << 20, .times = 0}), ErrorCode::out_of_range, "r.csv.gz");
  CHECK(unpacked(bomb).size() == std::size_t{40} << 20);
  CHECK(unpacked(bomb, {.bytes = 0, .times = 2000}).size() == std::size_t{40} << 20);
  CHECK_ERROR(unpacked(packed(std::string(std::size_t{90} << 20, '0'))), ErrorCode::out_of_range,
              "r.csv.gz");
}
