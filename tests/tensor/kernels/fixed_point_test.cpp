// SPDX-License-Identifier: MIT
#include <bodega/tensor/kernels/fixed_point.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <bodega/core/random.hpp>

#include "catch.hpp"

using namespace bodega;
namespace fp = bodega::fixed_point;
using bodega_test::Approx;

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
