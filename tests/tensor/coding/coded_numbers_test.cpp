// SPDX-License-Identifier: MIT
#include <bodega/tensor/coding/coded_numbers.hpp>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <bodega/tensor/coding/entropy_code.hpp>

#include "catch.hpp"

using namespace bodega;

namespace {
/// What `write(coder)` codes, read by `read(coder)`.
template <class Write, class Read>
std::size_t there_and_back(Write&& write, Read&& read) {
  ArithmeticEncoder encoder;
  write(encoder);
  const std::vector<std::uint8_t> bytes = encoder.finish();
  ArithmeticDecoder decoder(bytes);
  read(decoder);
  return bytes.size();
}
}  // namespace

TEST_CASE("numbers come back, with centres and without") {
  const std::vector<std::int64_t> written{
      5, -3, 0, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(),
      7};
  for (const std::vector<std::int64_t>& centres :
       {std::vector<std::int64_t>{}, std::vector<std::int64_t>{4, -9}}) {
    std::vector<std::int64_t> read(written.size()), read_centres;
    coded::Sides sides{2, 3}, read_sides;
    there_and_back(
        [&](auto& coder) {
          std::vector<std::int64_t> copy = centres;
          sides.code(coder);
          coded::numbers(coder, sides, copy, [&](std::size_t i, auto&& code) { code(written[i]); });
        },
        [&](auto& coder) {
          read_sides.code(coder);
          coded::numbers(coder, read_sides, read_centres,
                         [&](std::size_t i, auto&& code) { read[i] = code(0); });
        });
    CHECK(read_sides.rows == 2);
    CHECK(read_sides.columns == 3);
    CHECK(read == written);
    CHECK(read_centres == centres);
  }
}

TEST_CASE("runs of rising numbers cost little and come back") {
  std::vector<std::uint64_t> written;
  for (std::uint64_t row = 0; row < 50; ++row)
    for (std::uint64_t k = 0; k < 20; ++k) written.push_back(row % 7 + 3 * k);
  std::vector<std::uint64_t> read(written.size());
  const std::size_t bytes = there_and_back(
      [&](auto& coder) {
        coded::runs(coder, written.size(), [&](std::size_t i, auto&& code) { code(written[i]); });
      },
      [&](auto& coder) {
        coded::runs(coder, read.size(), [&](std::size_t i, auto&& code) { read[i] = code(0); });
      });
  CHECK(read == written);
  CHECK(bytes < written.size() / 4);
}

TEST_CASE("flags of which one prevails cost little and come back") {
  std::vector<bool> written(4000), read(4000);
  for (std::size_t i = 0; i < written.size(); i += 97) written[i] = true;
  const std::size_t bytes = there_and_back(
      [&](auto& coder) {
        coded::flags(coder, written.size(),
                     [&](std::size_t i, auto&& code) { code(bool(written[i])); });
      },
      [&](auto& coder) {
        coded::flags(coder, read.size(),
                     [&](std::size_t i, auto&& code) { read[i] = code(false); });
      });
  CHECK(read == written);
  CHECK(bytes < 80);
}

TEST_CASE("sides too large for 64 bits have no product") {
  CHECK(coded::Sides{3, 5}.count() == 15);
  CHECK(coded::Sides{~std::uint64_t{0}, 0}.count() == 0);
  CHECK(coded::Sides{~std::uint64_t{0}, 1}.count() == ~std::uint64_t{0});
  CHECK_FALSE(coded::Sides{~std::uint64_t{0}, 2}.count().has_value());
}
