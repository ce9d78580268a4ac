// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/options.hpp>
#include <bodega/core/random.hpp>

namespace bodega::inline BODEGA_ABI {

/// The lower end of Wilson's 95 % interval of a share of `hits` among `count`; 0 of none.
/// Source: Wilson, "Probable inference, the law of succession, and statistical inference", 1927.
inline double wilson_lower(double hits, double count) noexcept {
  if (!(count > 0)) return 0;
  constexpr double z = 1.959963984540054, z2 = z * z;
  const double share = hits / count;
  const double spread = std::sqrt(share * (1 - share) / count + z2 / (4 * count * count));
  return std::max(0.0, (share + z2 / (2 * count) - z * spread) / (1 + z2 / count));
}

/// A probability that was said, and what became of it.
struct Foretold {
  float probability = 0;
  float lower = 0;         ///< what it is at least, which gates look at
  std::uint32_t rank = 1;  ///< its place in the slate, from 1
  bool hit = false;
};

/// What passed a gate: probabilities that are at least so high for sure.
struct GateResult {
  double gate = 0;
  std::size_t passed = 0, hits = 0;
  double coverage = 0;        ///< share of all that passed
  double hit_rate = 0;        ///< of what passed; NaN of none
  double standard_error = 0;  ///< of the hit rate, were the gate's probability the true one
  /// Whether the hit rate is not below the gate by more than two standard errors; so is that of
  /// none.
  bool holds() const noexcept { return passed == 0 || hit_rate >= gate - 2 * standard_error; }
};

struct CalibrationOptions {
  std::size_t bins = 15;
  std::vector<double> gates = {0.1, 0.2, 0.3, 0.5, 0.7, 0.85};
  std::size_t simulations = 20;

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("bins", self.bins, "Of the calibration error, with as many probabilities each.");
    visit("gates", self.gates, "Gates to report.");
    visit("simulations", self.simulations,
          "How often the outcomes are drawn anew from the probabilities, for the noise line.");
  }
};

/// How honest probabilities were. Without any, the numbers are NaN.
struct CalibrationReport {
  std::size_t count = 0;
  double base_rate = 0;
  double brier = 0;                       ///< mean squared error
  double brier_skill = 0;                 ///< 1 - brier / that of always saying the base rate
  double calibration_error = 0;           ///< ECE
  double calibration_error_noise = 0;     ///< what it would be, were the probabilities true
  double calibration_error_at_first = 0;  ///< of the first of each slate
  std::vector<GateResult> gates;
};

/// The expected calibration error: the mean of |said - seen| over bins of as many probabilities
/// each, weighted by their number; equal probabilities stay in one bin. NaN of none.
/// Source: Naeini, Cooper, Hauskrecht, "Obtaining well calibrated probabilities using Bayesian
/// binning", AAAI 2015; bins of equal mass after Nguyen, O'Connor, EMNLP 2015.
inline double calibration_error(std::span<const Foretold> foretold, std::size_t bins) {
  if (foretold.empty() || bins == 0) return std::numeric_limits<double>::quiet_NaN();
  std::vector<std::size_t> order(foretold.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return foretold[a].probability < foretold[b].probability ||
           (foretold[a].probability == foretold[b].probability && a < b);
  });
  const auto count = static_cast<double>(order.size());
  double error = 0;
  for (std::size_t at = 0, bin = 1; at < order.size(); ++bin) {
    std::size_t end = std::max(at + 1, order.size() * bin / bins);
    while (end < order.size() &&
           foretold[order[end]].probability == foretold[order[end - 1]].probability)
      ++end;
    double said = 0, seen = 0;
    for (; at < end; ++at) {
      said += double{foretold[order[at]].probability};
      seen += foretold[order[at]].hit;
    }
    error += std::abs(said - seen) / count;
    while (bin < bins && order.size() * (bin + 1) / bins <= at) ++bin;
  }
  return error;
}

/// Complexity: one sort for each simulation.
inline CalibrationReport report_calibration(std::span<const Foretold> foretold,
                                            const CalibrationOptions& options = {}) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  CalibrationReport report;
  report.count = foretold.size();
  const auto count = static_cast<double>(foretold.size());
  double hits = 0, squares = 0;
  std::vector<Foretold> firsts, drawn(foretold.begin(), foretold.end());
  for (const Foretold& one : foretold) {
    const double miss = double{one.probability} - one.hit;
    hits += one.hit;
    squares += miss * miss;
    if (one.rank == 1) firsts.push_back(one);
  }
  report.base_rate = hits / count;
  report.brier = squares / count;
  report.brier_skill = 1 - report.brier / (report.base_rate * (1 - report.base_rate));
  report.calibration_error = calibration_error(foretold, options.bins);
  report.calibration_error_at_first = calibration_error(firsts, options.bins);
  report.calibration_error_noise = options.simulations > 0 ? 0 : nan;
  const CounterRandom random(1);
  for (std::size_t s = 0; s < options.simulations; ++s) {
    for (std::size_t i = 0; i < drawn.size(); ++i)
      drawn[i].hit = random.uniform(i, s) < drawn[i].probability;
    report.calibration_error_noise +=
        calibration_error(drawn, options.bins) / static_cast<double>(options.simulations);
  }
  for (const double gate : options.gates) {
    GateResult result{.gate = gate};
    for (const Foretold& one : foretold)
      if (double{one.lower} >= gate) {
        ++result.passed;
        result.hits += one.hit;
      }
    const auto passed = static_cast<double>(result.passed);
    result.coverage = passed / count;
    result.hit_rate = result.passed > 0 ? static_cast<double>(result.hits) / passed : nan;
    result.standard_error = result.passed > 0 ? std::sqrt(gate * (1 - gate) / passed) : nan;
    report.gates.push_back(result);
  }
  return report;
}

}  // namespace bodega::inline BODEGA_ABI
