// SPDX-License-Identifier: MIT
#include <bodega/forecast/recurrent/recurrent_cell.hpp>

#include <cmath>
#include <cstddef>
#include <vector>

#include <bodega/core/random.hpp>

#include "catch.hpp"

using namespace bodega;
using bodega_test::Approx;

namespace {
double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }
}  // namespace

TEST_CASE("A step of an LSTM by its formulas") {
  float sums[4] = {0.5f, -1, 2, 0.25f}, memory = 0.75f, squashed = 0;
  const float hidden = LstmCell::step(sums, memory, squashed);
  const double after = sigmoid(-1) * 0.75 + sigmoid(0.5) * std::tanh(2.0);
  CHECK(memory == Approx(after).epsilon(1e-5));
  CHECK(squashed == Approx(std::tanh(after)).epsilon(1e-5));
  CHECK(hidden == Approx(sigmoid(0.25) * std::tanh(after)).epsilon(1e-5));
  CHECK(sums[1] == Approx(sigmoid(-1)).epsilon(1e-5));  // what back-propagation needs
}

TEST_CASE("A step of a GRU by its formulas") {
  float sums[4] = {0.5f, -1, 2, 0.25f}, memory = 0.75f, unused = 0;
  const float hidden = GruCell::step(sums, memory, unused);
  const double candidate = std::tanh(2 + sigmoid(0.5) * 0.25), update = sigmoid(-1);
  CHECK(hidden == Approx(update * 0.75 + (1 - update) * candidate).epsilon(1e-5));
  CHECK(memory == hidden);
}

TEST_CASE("Units of any number step as each one does") {
  const CounterRandom random(3);
  for (const std::size_t n : {1u, 3u, 4u, 8u, 13u, 32u}) {
    CAPTURE(n);
    std::vector<float> sums(4 * n), before(n), after(n), squashed(n), hidden(n);
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] = random.normal(n, i);
    for (std::size_t j = 0; j < n; ++j) before[j] = random.normal(100 + n, j);
    const std::vector<float> start = sums;
    step_units<LstmCell>(n, sums.data(), before.data(), after.data(), squashed.data(),
                         hidden.data());
    for (std::size_t j = 0; j < n; ++j) {
      float of_unit[4] = {start[j], start[n + j], start[2 * n + j], start[3 * n + j]};
      float memory = before[j], squash = 0;
      const float expected = LstmCell::step(of_unit, memory, squash);
      CHECK(hidden[j] == Approx(expected).margin(1e-6));
      CHECK(after[j] == Approx(memory).margin(1e-6));
      CHECK(squashed[j] == Approx(squash).margin(1e-6));
      for (std::size_t s = 0; s < 4; ++s) CHECK(sums[s * n + j] == Approx(of_unit[s]).margin(1e-6));
    }
  }
}
