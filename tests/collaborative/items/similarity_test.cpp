// SPDX-License-Identifier: MIT
#include <cmath>

#include <bodega/collaborative/items/similarity.hpp>

#include "catch.hpp"

using namespace bodega;
using bodega_test::Approx;

TEST_CASE("the log-likelihood ratio by hand") {
  CHECK(log_likelihood_ratio({1, 1, 1, 2}) == Approx(4 * std::log(2.0)));
  CHECK(log_likelihood_ratio({0, 1, 1, 2}) == Approx(4 * std::log(2.0)));  // they avoid each other
  CHECK(log_likelihood_ratio({1, 2, 2, 4}) == Approx(0).margin(1e-12));    // as chance has it
  // Both 10, one alone 20 and 30, neither 140 of 200: chance expects 6, 24, 34, 136.
  CHECK(log_likelihood_ratio({10, 30, 40, 200}) ==
        Approx(2 * (10 * std::log(10 / 6.0) + 20 * std::log(20 / 24.0) + 30 * std::log(30 / 34.0) +
                    140 * std::log(140 / 136.0))));
  CHECK(log_likelihood_ratio({}) == 0);
}

TEST_CASE("similarities of a pair by hand: 3 of 6 and 4 in 12 baskets, chance expects 2") {
  const PairCounts n{3, 6, 4, 12};
  CHECK(n.chance() == 2);
  const auto of = [&](Similarity similarity) { return similarity_of(similarity, n, 8); };
  CHECK(of(Similarity::cosine) == Approx(3 / std::sqrt(24.0)));
  CHECK(of(Similarity::conditional) == Approx(0.5));
  CHECK(of(Similarity::jaccard) == Approx(3.0 / 7));
  CHECK(of(Similarity::ppmi) == Approx(std::log(1.5)));
  CHECK(of(Similarity::shrunk_lift) == Approx(0.1));
  CHECK(of(Similarity::log_likelihood) == Approx(log_likelihood_ratio(n)));
}

TEST_CASE("a pair below chance has no likeness beyond it") {
  const PairCounts n{1, 6, 4, 12};
  for (const Similarity similarity :
       {Similarity::ppmi, Similarity::shrunk_lift, Similarity::log_likelihood})
    CHECK(similarity_of(similarity, n, 0) == 0);
  CHECK(PairCounts{}.chance() == 0);
}

TEST_CASE("ratios of whole numbers: what is bought together as chance has it is no neighbour") {
  // n_i n_j / N is whole, though its parts are not: both together is chance, to the basket.
  for (const double baskets : {30.0, 49.0, 70.0, 100.0, 900.0, 123456.0})
    for (double first = 1; first < 60; ++first)
      for (double second = 1; second < 60; ++second) {
        const double both = first * second / baskets;
        if (both != std::floor(both) || both == 0) continue;
        for (const Similarity similarity :
             {Similarity::ppmi, Similarity::shrunk_lift, Similarity::log_likelihood}) {
          CHECK(similarity_of(similarity, {both, first, second, baskets}, 10) == 0);
          CHECK(similarity_of(similarity, {both + 1, first, second, baskets}, 10) > 0);
        }
      }
}
