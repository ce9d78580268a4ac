// SPDX-License-Identifier: MIT
#include <bodega/tensor/kernels/int16_lanes.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include <bodega/core/random.hpp>

#include "catch.hpp"

using namespace bodega;
namespace fp = bodega::fixed_point;
using int16_lanes::Int16s;
using int16_lanes::Int32s;
using int16_lanes::lanes;

namespace {

using Numbers = std::array<std::int16_t, lanes>;

Numbers numbers_of(Int16s a) {
  Numbers numbers;
  int16_lanes::store(numbers.data(), a);
  return numbers;
}

/// The ends of the range and 0 are frequent.
Numbers draw(std::uint64_t row, std::int16_t least = -32768) {
  constexpr CounterRandom random(5);
  Numbers numbers;
  for (std::size_t i = 0; i < lanes; ++i) {
    const auto drawn = static_cast<int>(random.below(5 * 65536, row, i));
    numbers[i] = static_cast<std::int16_t>(drawn >= 65536   ? drawn % 65536 - 32768
                                           : drawn % 3 == 0 ? 0
                                           : drawn % 2 == 0 ? 32767
                                                            : -32768);
    numbers[i] = std::max(numbers[i], least);
  }
  return numbers;
}

template <class Fast, class Plain>
void check_each(Fast&& fast, Plain&& plain, std::int16_t least = -32768) {
  for (std::uint64_t row = 0; row < 500; ++row) {
    const Numbers a = draw(2 * row, least), b = draw(2 * row + 1, least);
    const Numbers found =
        numbers_of(fast(int16_lanes::load(a.data()), int16_lanes::load(b.data())));
    for (std::size_t i = 0; i < lanes; ++i) {
      CAPTURE(a[i], b[i]);
      REQUIRE(found[i] == plain(a[i], b[i]));
    }
  }
}

}  // namespace

TEST_CASE("vectors of 16-bit numbers agree with plain C++ to the bit") {
  using namespace int16_lanes;
  check_each([](Int16s a, Int16s b) { return int16_lanes::add(a, b); },
             [](int a, int b) { return fp::saturate_int16(a + b); });
  check_each([](Int16s a, Int16s b) { return subtract(a, b); },
             [](int a, int b) { return fp::saturate_int16(a - b); });
  check_each([](Int16s a, Int16s b) { return largest(a, b); },
             [](int a, int b) { return std::max(a, b); });
  check_each([](Int16s a, Int16s) { return half(a); }, [](int a, int) { return a >> 1; });
  check_each([](Int16s a, Int16s b) { return product(a, b); },
             [](int a, int b) { return fp::multiply_q15(a, b); }, -32767);
  check_each([](Int16s a, Int16s) { return int16_lanes::size(a); },
             [](int a, int) { return std::abs(a); }, -32767);
  check_each(
      [](Int16s a, Int16s b) {
        int16_lanes::tanh_q15(a, b);
        return a;
      },
      [](int a, int) { return fp::tanh_q15(a); }, -32767);
  check_each(
      [](Int16s a, Int16s b) {
        int16_lanes::sigmoid_q15(a, b);
        return b;
      },
      [](int, int b) { return fp::sigmoid_q15(b); }, -32767);
}

TEST_CASE("vectors give tanh and sigmoid of every 16-bit number to the bit") {
  for (int first = -32767; first + static_cast<int>(2 * lanes) <= 32768;
       first += 2 * static_cast<int>(lanes)) {
    std::array<std::int16_t, 2 * lanes> x;
    for (std::size_t i = 0; i < x.size(); ++i)
      x[i] = static_cast<std::int16_t>(first + static_cast<int>(i));
    Int16s tanh[2] = {int16_lanes::load(x.data()), int16_lanes::load(x.data() + lanes)};
    Int16s sigmoid[2] = {tanh[0], tanh[1]};
    int16_lanes::tanh_q15(tanh[0], tanh[1]);
    int16_lanes::sigmoid_q15(sigmoid[0], sigmoid[1]);
    for (std::size_t i = 0; i < x.size(); ++i) {
      CAPTURE(x[i]);
      REQUIRE(numbers_of(tanh[i / lanes])[i % lanes] == fp::tanh_q15(x[i]));
      REQUIRE(numbers_of(sigmoid[i / lanes])[i % lanes] == fp::sigmoid_q15(x[i]));
    }
  }
}

TEST_CASE("sums of products are narrowed in the order they are interleaved in") {
  constexpr CounterRandom random(7);
  for (std::uint64_t row = 0; row < 300; ++row) {
    const Numbers a = draw(3 * row, -32767), b = draw(3 * row + 1, -32767),
                  w = draw(3 * row + 2, -32767);
    const auto bits = static_cast<std::int32_t>(1 + random.below(14, row, 99));
    const Int16s x = int16_lanes::load(a.data()), y = int16_lanes::load(b.data());
    const Int32s start = int16_lanes::broadcast(
        std::int32_t{static_cast<std::int32_t>(random.below(1000, row, 98)) - 500});
    const std::int16_t pair[2] = {static_cast<std::int16_t>(w[0] / 2),
                                  static_cast<std::int16_t>(w[1] / 2)};
    const Int16s weights = int16_lanes::broadcast_pair(pair);
    const Int32s low = int16_lanes::add_products(start, weights, int16_lanes::interleave_low(x, y));
    const Int32s high =
        int16_lanes::add_products(start, weights, int16_lanes::interleave_high(x, y));
    std::array<std::array<std::int32_t, lanes / 2>, 2> sums;
    int16_lanes::store(sums[0].data(), low);
    int16_lanes::store(sums[1].data(), high);
    const Numbers found = numbers_of(int16_lanes::narrow(low, high, int16_lanes::broadcast(bits)));
    std::array<std::int32_t, lanes / 2> starts;
    int16_lanes::store(starts.data(), start);
    for (std::size_t i = 0; i < lanes; ++i) {
      const std::int32_t sum = starts[0] + a[i] * pair[0] + b[i] * pair[1];
      REQUIRE(sums[int16_lanes::sum_vector(i)][int16_lanes::sum_place(i)] == sum);
      REQUIRE(found[i] == fp::saturate_int16(sum >> bits));
    }
  }
}
