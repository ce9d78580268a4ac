// SPDX-License-Identifier: MIT
#include <cmath>
#include <random>
#include <vector>

#include <bodega/metrics/calibration.hpp>

#include "catch.hpp"

using namespace bodega;
using Catch::Matchers::WithinAbs;

namespace {
/// Probabilities of `said`, hits with the chance `truth(said)`.
template <class Truth>
std::vector<Foretold> draw(std::size_t count, Truth&& truth) {
  std::mt19937 random(7);
  std::uniform_real_distribution<double> uniform(0, 1);
  std::vector<Foretold> all;
  for (std::size_t i = 0; i < count; ++i) {
    const double p = uniform(random);
    all.push_back({static_cast<float>(p), static_cast<float>(p - 0.02),
                   static_cast<std::uint32_t>(i % 5 + 1), uniform(random) < truth(p)});
  }
  return all;
}
}  // namespace

TEST_CASE("Wilson's lower bound is that of the tables") {
  CHECK_THAT(wilson_lower(8, 10), WithinAbs(0.4902, 5e-5));
  CHECK_THAT(wilson_lower(0, 10), WithinAbs(0, 1e-12));
  CHECK_THAT(wilson_lower(10, 10), WithinAbs(0.7225, 5e-5));
  CHECK(wilson_lower(0, 0) == 0);
}

TEST_CASE("True probabilities have skill, no error beyond noise, and every gate holds") {
  const auto report = report_calibration(draw(20000, [](double p) { return p; }));
  CHECK(report.count == 20000);
  CHECK_THAT(report.base_rate, WithinAbs(0.5, 0.02));
  CHECK_THAT(report.brier_skill, WithinAbs(1 - (1.0 / 6) / 0.25, 0.02));
  CHECK(report.calibration_error < 2 * report.calibration_error_noise);
  CHECK(report.calibration_error_noise > 0);
  REQUIRE(report.gates.size() == 6);
  for (const GateResult& gate : report.gates) {
    CHECK(gate.holds());
    CHECK_THAT(gate.coverage, WithinAbs(1 - gate.gate - 0.02, 0.02));
  }
}

TEST_CASE("Boasting is seen: no skill, an error far above noise, gates that do not hold") {
  const auto report = report_calibration(draw(20000, [](double) { return 0.1; }));
  CHECK(report.brier_skill < 0);
  CHECK(report.calibration_error > 10 * report.calibration_error_noise);
  CHECK_FALSE(report.gates.back().holds());
}

TEST_CASE("Equal probabilities stay in one bin, and nothing is said of nothing") {
  std::vector<Foretold> same(100, {0.25f, 0.25f, 1, false});
  for (std::size_t i = 0; i < 25; ++i) same[i * 4].hit = true;
  CHECK_THAT(calibration_error(same, 15), WithinAbs(0, 1e-9));
  CHECK(std::isnan(calibration_error({}, 15)));
  const auto report = report_calibration({});
  CHECK(report.count == 0);
  CHECK(std::isnan(report.brier));
  CHECK(report.gates[0].holds());
}
