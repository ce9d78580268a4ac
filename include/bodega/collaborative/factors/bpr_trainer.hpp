// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <bodega/collaborative/factors/als_trainer.hpp>
#include <bodega/collaborative/factors/factor_model.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/options.hpp>
#include <bodega/core/progress.hpp>
#include <bodega/core/progress_pulse.hpp>
#include <bodega/core/random.hpp>
#include <bodega/tensor/eigenvectors.hpp>
#include <bodega/tensor/kernels/simd.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/sparse.hpp>

namespace bodega::inline BODEGA_ABI {

struct BprOptions {
  std::size_t factors = 64;
  int epochs = 100;
  double learning_rate = 0.05;
  double l2 = 0.005;
  double deviation = 0.1;
  /// How customers are folded in once the item vectors stand; it takes no part in training. Worth
  /// tuning: the item vectors are longer than those of `fit_als`.
  ImplicitLoss fold_in = {.l2 = 1};
  std::uint64_t seed = 1;
  ProgressCallback progress = {};

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("factors", self.factors, "Numbers in a vector; up to 512.");
    visit("epochs", self.epochs, "Each as many steps as there are observations.");
    visit("learning_rate", self.learning_rate, "Of each step.");
    visit("l2", self.l2, "Of the vectors of each step.");
    visit("deviation", self.deviation, "Of the first vectors, over the root of `factors`.");
    visit("fold_in", self.fold_in,
          "How customers are folded in once the item vectors stand. Worth tuning.");
    visit("seed", self.seed, "Of the first vectors and of the steps.");
    visit("progress", self.progress,
          "Hears how far the work is; `loss` is the mean over the epoch.");
  }
};

/// BPR: vectors such that a customer scores an observed item above one that is not, by the logistic
/// of the difference, learnt by stochastic gradient descent on such pairs drawn at random. `rows`:
/// rows (customers, or baskets) x items; a positive value is an observation, whatever its size.
/// A row that observed every item has no pairs. Where vectors grow without bound the training
/// begins again at half the rate, at most ten times. The same bytes for a seed, on one thread.
/// Source: Rendle, Freudenthaler, Gantner, Schmidt-Thieme, "BPR: Bayesian personalized ranking from
/// implicit feedback", UAI 2009.
/// Error (invalid_argument, out_of_range) where nothing is observed, a value is not a finite number
/// above 0, or an option makes no sense; (not_finite) where no rate helps; (cancelled). Cost:
/// epochs x observations x some 6 x factors multiply-adds. Memory: (rows + items) x factors floats.
FactorModel<Matrix<float>> fit_bpr(const CsrMatrix<float>& rows, const BprOptions& options = {});
#if BODEGA_BODIES
BODEGA_INLINE FactorModel<Matrix<float>> fit_bpr(const CsrMatrix<float>& rows,
                                                 const BprOptions& options) {
  detail::check_factors(options.factors, "fit_bpr");
  detail::check_confidences(rows, "fit_bpr");
  options.fold_in.validate("fit_bpr, option fold_in");
  if (options.epochs < 1)
    throw Error(ErrorCode::invalid_argument, "fit_bpr, option epochs", "1 or more",
                std::to_string(options.epochs));
  for (const auto& [name, value] : {std::pair{"learning_rate", options.learning_rate},
                                    {"l2", options.l2},
                                    {"deviation", options.deviation}})
    if (!(value >= 0) || !std::isfinite(value) || (value == 0 && std::string(name) != "l2"))
      throw Error(ErrorCode::invalid_argument, std::string("fit_bpr, option ") + name,
                  "a finite number above 0", std::to_string(value));

  const std::size_t f = options.factors;
  const CounterRandom first(options.seed), draw(options.seed + 0x9E3779B97F4A7C15u);
  const double deviation = options.deviation / std::sqrt(static_cast<double>(f));
  Matrix<float> customers(rows.rows(), f), items(rows.columns(), f);
  std::vector<std::uint32_t> row_of(rows.size());  // of each observation
  for (std::size_t i = 0; i < rows.rows(); ++i)
    std::fill_n(&row_of[rows.pattern().begin(i)], rows.row(i).size(),
                static_cast<std::uint32_t>(i));

  const auto observations = static_cast<std::uint32_t>(rows.size());
  const auto epochs = static_cast<std::size_t>(options.epochs);
  constexpr int most_halvings = 10;
  constexpr float longest = 1e4f;
  // Whether the vectors stayed where scores mean something.
  const auto train = [&](double learning_rate) {
    ProgressPulse pulse(options.progress, "bpr", epochs);
    pulse(0);
    for (std::size_t side = 0; side < 2; ++side)
      for (std::size_t i = 0; i < (side == 0 ? customers : items).rows(); ++i, pulse())
        for (std::size_t k = 0; k < f; ++k)
          (side == 0 ? customers : items)(i, k) =
              static_cast<float>(deviation) * first.normal(i, 2 * k + side);
    const auto rate = static_cast<float>(learning_rate);
    const auto keep = static_cast<float>(1 - learning_rate * options.l2);
    for (std::size_t epoch = 1; epoch <= epochs; ++epoch) {
      double loss = 0;
      std::size_t pairs = 0;
      for (std::uint32_t step = 0; step < observations; ++step) {
        if (step % 1024 == 0) pulse();
        const std::uint32_t at = draw.below(observations, epoch, std::uint64_t{step} << 8);
        const std::uint32_t row = row_of[at], liked = rows.pattern().column()[at];
        const auto catalogue = static_cast<std::uint32_t>(rows.columns());
        std::uint32_t other = liked;
        for (std::uint64_t attempt = 1;  // rows that observed nearly all give up
             attempt < 64 && rows.pattern().find(row, other) < rows.size(); ++attempt)
          other = draw.below(catalogue, epoch, (std::uint64_t{step} << 8) + attempt);
        if (rows.pattern().find(row, other) < rows.size()) continue;
        float* u = customers.row(row).data();
        float* v = items.row(liked).data();
        float* w = items.row(other).data();
        const float difference = simd::dot(u, v, f) - simd::dot(u, w, f);
        const float pull = rate / (1 + std::exp(difference));
        for (std::size_t k = 0; k < f; ++k) {
          const float x = u[k], y = v[k], z = w[k];
          u[k] = keep * x + pull * (y - z);
          v[k] = keep * y + pull * x;
          w[k] = keep * z - pull * x;
        }
        loss += difference > 0 ? std::log1p(std::exp(-double{difference}))
                               : std::log1p(std::exp(double{difference})) - difference;
        ++pairs;
      }
      for (const float x : items.values())
        if (!(std::abs(x) <= longest)) return false;
      pulse(epoch, loss / static_cast<double>(std::max<std::size_t>(pairs, 1)));
    }
    return true;
  };
  double learning_rate = options.learning_rate;
  for (int halved = 0; !train(learning_rate); ++halved) {
    if (halved == most_halvings)
      throw Error(ErrorCode::not_finite, "fit_bpr", "steps that lead somewhere",
                  "vectors that grew without bound, even at a learning_rate of " +
                      std::to_string(learning_rate));
    learning_rate /= 2;
  }
  ProgressPulse pulse(options.progress, "bpr", epochs);
  return {principal_axes(items, &pulse), options.fold_in};
}
#endif

}  // namespace bodega::inline BODEGA_ABI
