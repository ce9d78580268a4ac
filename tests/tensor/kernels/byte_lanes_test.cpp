// SPDX-License-Identifier: MIT
#include <bodega/tensor/kernels/byte_lanes.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <bodega/core/random.hpp>

#include "catch.hpp"

using namespace bodega;
using byte_lanes::Instructions;
using byte_lanes::Packing;

namespace {

/// What this machine can run.
std::vector<Instructions> available() {
  std::vector<Instructions> all;
  for (auto set = Instructions::plain; set <= byte_lanes::best();
       set = static_cast<Instructions>(static_cast<int>(set) + 1))
    all.push_back(set);
  return all;
}

/// Small or large numbers, often the largest: where a kernel could overflow.
template <Packing P>
void check_all_agree(std::size_t count, std::size_t depths, byte_lanes::Limits limits,
                     Instructions set) {
  CAPTURE(std::string(name(set)), count, depths);
  const CounterRandom random(depths);
  const std::size_t bytes = count * byte_lanes::rows * depths / (P == Packing::halves ? 2 : 1);
  std::vector<std::uint8_t> table(bytes);
  for (std::size_t i = 0; i < bytes; ++i)
    table[i] = static_cast<std::uint8_t>(
        P == Packing::halves
            ? (random.below(3, 0, i) == 0 ? 255u : random.below(256, 1, i))
            : (random.below(3, 0, i) == 0
                   ? static_cast<std::uint32_t>(limits.number)
                   : random.below(static_cast<std::uint32_t>(limits.number), 1, i)));
  for (const bool largest : {false, true}) {
    std::vector<std::int8_t> query(depths);
    for (std::size_t d = 0; d < depths; ++d) {
      const int drawn =
          static_cast<int>(random.below(2 * static_cast<std::uint32_t>(limits.query) + 1, 2, d));
      query[d] = static_cast<std::int8_t>(largest ? limits.query : drawn - limits.query);
    }
    std::int64_t sum = 0;
    for (const std::int8_t x : query) sum += x;
    // A bound amid the sums, one below all and one above all.
    const int middle = P == Packing::halves ? 9 : limits.number * 2 / 3;
    std::vector<std::int32_t> least(count, static_cast<std::int32_t>(sum * middle));
    if (count > 2) least[1] = -1'000'000'000, least[2] = 1'000'000'000;
    std::vector<std::uint16_t> expected(count), found(count, 7);
    byte_lanes::Scan scan{table.data(), count, depths, query.data(), least.data(), expected.data()};
    byte_lanes::scan<P>(scan, Instructions::plain);
    scan.hits = found.data();
    byte_lanes::scan<P>(scan, set);
    CHECK(found == expected);
    if (count > 2) {
      CHECK(found[1] == 0xffff);
      CHECK(found[2] == 0);
    }
  }
}

}  // namespace

TEST_CASE("all instructions find the same rows, at the largest numbers too") {
  for (const Instructions set : available())
    for (const std::size_t count : {1, 2, 5})
      for (const std::size_t depths : {16, 32, 64, 80, 512}) {
        check_all_agree<Packing::bytes>(count, depths, limits(set), set);
        check_all_agree<Packing::halves>(count, depths, {15, limits(set).query}, set);
      }
}

TEST_CASE("a block by hand") {
  std::vector<std::uint8_t> block(byte_lanes::rows * 16, 0);
  block[5 * byte_lanes::depth + 2] = 3;                                     // row 5, number 2
  block[byte_lanes::rows * byte_lanes::depth + 9 * byte_lanes::depth] = 4;  // row 9, number 4
  std::vector<std::int8_t> query(16, 0);
  query[2] = 10;
  query[4] = -10;
  for (const Instructions set : available()) {
    std::int32_t least = 29;
    std::uint16_t hits = 0;
    byte_lanes::scan<Packing::bytes>({block.data(), 1, 16, query.data(), &least, &hits}, set);
    CHECK(hits == 1u << 5);
    least = -1;
    byte_lanes::scan<Packing::bytes>({block.data(), 1, 16, query.data(), &least, &hits}, set);
    CHECK(hits == (0xffff & ~(1u << 9)));
  }
}
