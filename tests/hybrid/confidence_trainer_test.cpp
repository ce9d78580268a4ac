// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include <bodega/hybrid/confidence_trainer.hpp>

#include "catch.hpp"
#include "check_error.hpp"

using namespace bodega;

namespace {

/// Slates of five picks that are hits with the chance `truth(score, rank)`.
template <class Truth>
ShownSlates draw(std::size_t slates, std::uint32_t seed, Truth&& truth) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> uniform(0, 1);
  ShownSlates shown;
  for (std::size_t s = 0; s < slates; ++s) {
    std::vector<float> scores(5);
    for (float& score : scores) score = uniform(random);
    std::sort(scores.rbegin(), scores.rend());
    std::vector<ShownPick> slate;
    for (std::uint32_t r = 0; r < 5; ++r)
      slate.push_back({{scores[r], r < 4 ? scores[r + 1] : 0.0f, r + 1, 3, 0.01f},
                       uniform(random) < truth(scores[r], r + 1)});
    shown.add(slate);
  }
  return shown;
}

std::vector<Foretold> foretell(const Confidence& confidence, const ShownSlates& slates) {
  std::vector<Foretold> all;
  for (const ShownPick& pick : slates.all())
    all.push_back({confidence.probability(pick.signs), confidence.lower(pick.signs),
                   pick.signs.rank, pick.hit});
  return all;
}

}  // namespace

TEST_CASE("Probabilities come out as they were put in, on slates that were not learnt from") {
  const auto truth = [](float score, std::uint32_t rank) {
    return 0.95f * score * score / std::sqrt(static_cast<float>(rank));
  };
  const Confidence confidence = fit_confidence(draw(8000, 1, truth));
  const ShownSlates later = draw(8000, 2, truth);
  const auto report = report_calibration(foretell(confidence, later));
  CHECK(report.brier_skill > 0.15);
  CHECK(report.calibration_error < 0.02);
  for (const GateResult& gate : report.gates) CHECK(gate.holds());
  CHECK(report.gates[4].passed > 50);  // 0.7 is reached, and kept

  double said = 0, seen = 0;
  for (std::size_t s = 0; s < later.size(); ++s) {
    std::vector<float> probabilities;
    bool any = false;
    for (const ShownPick& pick : later[s]) {
      probabilities.push_back(confidence.probability(pick.signs));
      any |= pick.hit;
    }
    said += double{confidence.any(probabilities).probability};
    seen += any;
  }
  CHECK(std::abs(said - seen) < 0.02 * static_cast<double>(later.size()));
}

TEST_CASE("Scores that say nothing give the base rate, and never pass a gate above it") {
  const auto chance = [](float, std::uint32_t) { return 0.1f; };
  const Confidence confidence = fit_confidence(draw(6000, 3, chance));
  const auto report = report_calibration(foretell(confidence, draw(6000, 4, chance)));
  CHECK(report.calibration_error < 0.01);
  for (const GateResult& gate : report.gates) CHECK((gate.gate <= 0.1 || gate.passed == 0));
}

TEST_CASE("A few lucky hits do not pass a high gate") {
  // Forty picks that were all hits: fewer than a block needs, they join their neighbours.
  ShownSlates shown = draw(2000, 5, [](float, std::uint32_t) { return 0.1f; });
  for (int i = 0; i < 40; ++i) {
    const ShownPick lucky{{1000, 0, 1, 3, 0.5f}, true};
    shown.add(std::span(&lucky, 1));
  }
  const Confidence confidence = fit_confidence(shown);
  CHECK(confidence.lower({1000, 0, 1, 3, 0.5f}) < 0.85f);
  for (const float count : confidence.picks().count) CHECK(count >= 50);
}

TEST_CASE("Too few picks, or none of a kind, are refused") {
  const auto sure = [](float, std::uint32_t) { return 1.1f; };
  const auto half = [](float, std::uint32_t) { return 0.5f; };
  CHECK_ERROR(fit_confidence({}), ErrorCode::missing, "fit_confidence");
  CHECK_ERROR(fit_confidence(draw(10, 1, half)), ErrorCode::missing, "fit_confidence");
  CHECK_ERROR(fit_confidence(draw(1000, 1, sure)), ErrorCode::missing, "fit_confidence");
  CHECK_ERROR(fit_confidence(draw(1000, 1, half), {.min_block = 0}), ErrorCode::invalid_argument,
              "smallest block");
}
