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

TEST_CASE("tanh and sigmoid in integers are as near to the true ones as stated") {
  double tanh_error = 0, sigmoid_error = 0, squash_error = 0;
  for (int x = -32768; x <= 32767; ++x) {
    const double tanh = fp::tanh_q15(x) / 32768.0, sigmoid = fp::sigmoid_q15(x) / 32768.0;
    tanh_error = std::max(tanh_error, std::abs(tanh - std::tanh(x / 3456.0)));
    sigmoid_error = std::max(sigmoid_error, std::abs(sigmoid - 1 / (1 + std::exp(-x / 1728.0))));
    if (x >= 0)
      squash_error =
          std::max(squash_error, std::abs(fp::squash(x) / 32768.0 - std::tanh(x / 6912.0)));
    REQUIRE(fp::tanh_q15(-x) == -fp::tanh_q15(x));
  }
  CHECK(tanh_error < 3.3e-4);
  CHECK(sigmoid_error < 1.8e-4);
  CHECK(squash_error < 3.3e-4);
  CHECK(fp::tanh_q15(0) == 0);
  CHECK(fp::sigmoid_q15(0) == 16384);
}

TEST_CASE("numbers of 16 bits add, multiply and divide to 16 bits") {
  constexpr CounterRandom random(6);
  const auto real = [](fp::Scaled x) { return std::ldexp(x.mantissa, x.exponent); };
  const auto draw_scaled = [&](std::uint64_t i) {
    return fp::scaled(random.below(i % 7 == 0 ? 0xffffffffu : 1000u, i, 0),
                      static_cast<int>(random.below(20, i, 1)) - 10);
  };
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    const fp::Scaled a = draw_scaled(2 * i), b = draw_scaled(2 * i + 1);
    CAPTURE(a.mantissa, a.exponent, b.mantissa, b.exponent);
    REQUIRE((a.mantissa == 0 || (a.mantissa >= 32768 && a.mantissa <= 65535)));
    REQUIRE(real(fp::add(a, b)) == Approx(real(a) + real(b)).epsilon(4e-5));
    REQUIRE(real(fp::multiply(a, b)) == Approx(real(a) * real(b)).epsilon(2e-5));
    if (b.mantissa != 0) REQUIRE(real(fp::divide(a, b)) == Approx(real(a) / real(b)).epsilon(5e-5));
    REQUIRE(fp::is_less(a, b) == (real(a) < real(b)));
    const double fixed = std::min(std::round(real(a) * 256), 1e6);
    REQUIRE(fp::to_fixed(a, 8, 1'000'000) == static_cast<int>(fixed));
  }
  CHECK(real(fp::scaled(65535, 3)) == 65535 * 8);
  CHECK(real(fp::scaled(131071, 0)) == 131072);
}

TEST_CASE("powers, logarithms and sines in integers are near the true ones") {
  for (int log = -118'000; log <= 118'000; log += 7) {
    const fp::Scaled power = fp::power_of_two(log);
    REQUIRE(std::ldexp(power.mantissa, power.exponent) ==
            Approx(std::exp2(log / 2048.0)).epsilon(3e-5));
    REQUIRE(std::abs(fp::log_of_two(power) - log) <= 2);
  }
  for (int phase = -70'000; phase < 70'000; ++phase)
    REQUIRE(std::abs(fp::sine_q11(phase) - 2048 * std::sin(phase * std::acos(-1.0) / 32768)) <
            0.75);
}

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
