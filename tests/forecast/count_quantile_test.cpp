// SPDX-License-Identifier: MIT
#include <bodega/forecast/count_quantile.hpp>

#include <cmath>
#include <random>
#include <vector>

#include "catch.hpp"

using namespace bodega;

TEST_CASE("Poisson quantiles") {
  // From tables of the Poisson distribution.
  CHECK(count_quantile(1, 0, 0.5f) == 1);
  CHECK(count_quantile(0.5f, 0, 0.5f) == 0);  // P(0) = 0.607
  CHECK(count_quantile(0.5f, 0, 0.9f) == 1);  // P(<= 1) = 0.910
  CHECK(count_quantile(4, 0, 0.1f) == 2);     // P(<= 1) = 0.092, P(<= 2) = 0.238
  CHECK(count_quantile(10, 0, 0.9f) == 14);   // P(<= 13) = 0.864, P(<= 14) = 0.917
  CHECK(count_quantile(0, 0, 0.99f) == 0);
  CHECK(count_quantile(1000, 0, 0.9f) == Approx(1041).margin(1));
  CHECK(count_quantile(1e6f, 0, 0.1f) == Approx(1e6 - 1281.6).margin(2));
}

TEST_CASE("Negative binomial quantiles are those of drawn numbers") {
  std::mt19937 random(5);
  for (const auto& [mean, dispersion] :
       {std::pair{3.0, 0.5}, {0.4, 4.0}, {60.0, 1.5}, {900.0, 0.3}}) {
    std::gamma_distribution<double> rate(1 / dispersion, mean * dispersion);
    std::vector<int> drawn(20'000);
    for (int& d : drawn) d = std::poisson_distribution<int>(rate(random))(random);
    for (const float level : {0.1f, 0.5f, 0.9f}) {
      const float q =
          count_quantile(static_cast<float>(mean), static_cast<float>(dispersion), level);
      double below = 0, at_most = 0;
      for (const int d : drawn) {
        below += static_cast<float>(d) < q;
        at_most += static_cast<float>(d) <= q;
      }
      INFO("mean " << mean << ", level " << level << ", quantile " << q);
      CHECK(below / 20'000 <= double{level} + 0.012);
      CHECK(at_most / 20'000 >= double{level} - 0.012);
    }
  }
}

TEST_CASE("Quantiles rise and are no number where the question is none") {
  for (const float mean : {0.01f, 1.0f, 30.0f, 199.0f, 201.0f, 1e5f, 3e38f})
    for (const float dispersion : {0.0f, 0.01f, 1.0f, 50.0f}) {
      float before = 0;
      for (const float level : {0.01f, 0.1f, 0.5f, 0.9f, 0.99f}) {
        const float q = count_quantile(mean, dispersion, level);
        CHECK(std::isfinite(q));
        CHECK(q >= before);
        before = q;
      }
    }
  const float nan = std::nanf("");
  CHECK(std::isnan(count_quantile(nan, 0, 0.5f)));
  CHECK(std::isnan(count_quantile(-1, 0, 0.5f)));
  CHECK(std::isnan(count_quantile(1, -1, 0.5f)));
  CHECK(std::isnan(count_quantile(1, 0, 1)));
  CHECK(std::isnan(count_quantile(1, 0, 0)));
}
