// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <bodega/collaborative/factors/als_row_solver.hpp>
#include <bodega/collaborative/factors/factor_model.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/enum_names.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/options.hpp>
#include <bodega/core/parallel.hpp>
#include <bodega/core/progress.hpp>
#include <bodega/core/progress_pulse.hpp>
#include <bodega/core/random.hpp>
#include <bodega/tensor/eigenvectors.hpp>
#include <bodega/tensor/kernels/simd.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/solve.hpp>
#include <bodega/tensor/sparse.hpp>
#include <bodega/tensor/tile_solver.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

/// How a row's vector is brought nearer to its least loss while the other side stands still.
enum class AlsSolver {
  blocks,              ///< exactly, `block` factors at a time
  conjugate_gradients  ///< `steps` steps from where it stands (Takacs, Pilaszy, Tikk, RecSys 2011)
};
constexpr auto enum_names(AlsSolver) noexcept {
  using enum AlsSolver;
  return std::to_array<EnumName<AlsSolver>>(
      {{blocks, "blocks"}, {conjugate_gradients, "conjugate_gradients"}});
}

struct AlsOptions {
  std::size_t factors = 64;
  int iterations = 12;
  ImplicitLoss loss = {};
  AlsSolver solver = AlsSolver::blocks;
  /// 0 = all factors at once: the classic solution. Else rounded up to a multiple of 16; less work
  /// for each sweep from some 128 factors on, at a few sweeps more (iALS++: Rendle, Krichene,
  /// Zhang, Koren, "iALS++: speeding up matrix factorization with subspace optimization", 2021).
  std::size_t block = 0;
  int steps = 3;
  double deviation = 0.1;
  std::uint64_t seed = 1;
  std::size_t threads = 0;
  ProgressCallback progress = {};

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("factors", self.factors, "Numbers in a vector; up to 512.");
    visit("iterations", self.iterations, "Sweeps, each over both sides.");
    ImplicitLoss::options(self.loss, visit);
    visit("solver", self.solver, "How a sweep finds the vectors.");
    visit("block", self.block,
          "Factors at a time; 0 = all. Less work for each sweep from some 128 factors on.");
    visit("steps", self.steps, "Of conjugate gradients.");
    visit("deviation", self.deviation, "Of the first vectors, over the root of `factors`.");
    visit("seed", self.seed, "Of the first vectors.");
    visit("threads", self.threads,
          "How many threads; 0 = all cores. The result is the same at any number.");
    visit("progress", self.progress,
          "Hears how far the work is; `loss` is the objective by the number of observations.");
  }
};

namespace detail {

#if BODEGA_BODIES
/// One side of the factorisation, whose rows are fitted in turn to the other side's.
class AlsSide {
 public:
  /// `observed`: rows x the other side's rows, its values the confidences.
  AlsSide(const CsrMatrix<float>& observed, const AlsOptions& options, std::uint64_t seed,
          ProgressPulse& pulse);

  /// Padded with columns of zeros to a multiple of 16.
  const Matrix<float>& vectors() const noexcept { return vectors_; }

  /// V'V; the sums are cut into the same parts at any number of threads.
  Matrix<float> gram(ProgressPulse& pulse) const;

  /// Fits every row to the other side, whose gram matrix is `gram`.
  void fit(const Matrix<float>& other, const Matrix<float>& gram, AlsSolver solver,
           ProgressPulse& pulse);

  /// How far some rows are from their vectors of least loss, as a part of these vectors' length.
  double missed(const Matrix<float>& other, const Matrix<float>& gram);

  /// The objective: what the observed pairs cost, all pairs' scores, and both penalties.
  static double loss(const AlsSide& rows, const AlsSide& columns, ProgressPulse& pulse);

 private:
  static constexpr std::size_t tile_side = TileSolver::side;

  double penalty(std::size_t row, std::size_t others) const noexcept {
    return options_.loss.penalty(static_cast<double>(observed_.row(row).size()),
                                 static_cast<double>(others));
  }

  AlsRowSolver row_solver(const Matrix<float>& other, const Matrix<float>& gram) const {
    return {other, gram, options_.loss, options_.factors, options_.block, options_.steps};
  }

  /// Where part `part` of `parts` begins, cut so that the parts cost about the same.
  std::size_t cut(std::size_t part, std::size_t parts) const noexcept;

  const CsrMatrix<float>& observed_;
  const AlsOptions& options_;
  Matrix<float> vectors_;
};
#endif

/// Error where `rows` is no table of confidences that factors can be learnt from.
void check_confidences(const CsrMatrix<float>& rows, const std::string& where);

void check_factors(std::size_t factors, const std::string& where);

}  // namespace detail

/// iALS: vectors for rows (customers, or baskets) and items by least squares in turns, each side
/// exact while the other stands still; the items' vectors are the model. `rows`: rows x items, its
/// values confidences (`user_items`, `basket_items`). In queries an item has the mean confidence.
/// The same bytes for a seed at any number of threads. A row whose system floats cannot tell, as
/// where confidences are large beside the penalty, is solved in doubles and the answer checked
/// (`solve_positive_definite`); where conjugate gradients leave items farther from their least loss
/// than a quarter of their vectors' length, as many sweeps by blocks follow. Sources: see
/// ImplicitLoss and AlsSolver. Error (invalid_argument, out_of_range) where nothing is observed, a
/// confidence is not above 0 and at most 1e9 (or, with `observed_too` false, below `unobserved`),
/// or an option makes no sense; (cancelled). Cost: for each sweep 2 x observations x factors^2 / 2
/// + (rows + items) x factors^3 / 6 multiply-adds; with blocks, 2 x observations x factors x block
/// / 2. Memory: (rows + items) x factors floats.
FactorModel<Matrix<float>> fit_als(const CsrMatrix<float>& rows, const AlsOptions& options = {});
#if BODEGA_BODIES
BODEGA_INLINE FactorModel<Matrix<float>> fit_als(const CsrMatrix<float>& rows,
                                                 const AlsOptions& options) {
  detail::check_factors(options.factors, "fit_als");
  detail::check_confidences(rows, "fit_als");
  options.loss.validate("fit_als, option loss");
  const auto at_least_one = [](int value, const char* name) {
    if (value < 1)
      throw Error(ErrorCode::invalid_argument, std::string("fit_als, option ") + name, "1 or more",
                  std::to_string(value));
  };
  at_least_one(options.iterations, "iterations");
  at_least_one(options.steps, "steps");
  if (!(options.deviation > 0) || !std::isfinite(options.deviation))
    throw Error(ErrorCode::invalid_argument, "fit_als, option deviation", "a finite number above 0",
                std::to_string(options.deviation));
  double confidence = 0;
  for (const float c : rows.values()) {
    confidence += c / static_cast<double>(rows.size());
    if (options.loss.weight(c) < 0)
      throw Error(ErrorCode::out_of_range, "fit_als, confidence",
                  "no less than unobserved = " + std::to_string(options.loss.unobserved),
                  std::to_string(c));
  }

  const CsrMatrix<float> columns = rows.transposed();
  const auto sweeps = static_cast<std::size_t>(options.iterations);
  ProgressPulse pulse(options.progress, "als", sweeps);
  pulse(0);
  detail::AlsSide customers(rows, options, options.seed, pulse),
      items(columns, options, options.seed + 0x9E3779B97F4A7C15u, pulse);
  const auto run = [&](AlsSolver solver) {
    for (std::size_t sweep = 1; sweep <= sweeps; ++sweep) {
      customers.fit(items.vectors(), items.gram(pulse), solver, pulse);
      items.fit(customers.vectors(), customers.gram(pulse), solver, pulse);
      validate_finite(items.vectors().values(), "fit_als, sweep " + std::to_string(sweep));
      if (options.progress)
        pulse(sweep,
              detail::AlsSide::loss(customers, items, pulse) / static_cast<double>(rows.size()));
    }
  };
  run(options.solver);
  constexpr double close = 0.25;
  if (options.solver == AlsSolver::conjugate_gradients &&
      items.missed(customers.vectors(), customers.gram(pulse)) > close)
    run(AlsSolver::blocks);
  Matrix<float> vectors(rows.columns(), options.factors);
  for (std::size_t i = 0; i < vectors.rows(); ++i)
    std::copy_n(items.vectors().row(i).begin(), options.factors, vectors.row(i).begin());
  return {principal_axes(vectors, &pulse), options.loss, confidence};
}
#endif

#if BODEGA_BODIES

namespace detail {

BODEGA_INLINE AlsSide::AlsSide(const CsrMatrix<float>& observed, const AlsOptions& options,
                               std::uint64_t seed, ProgressPulse& pulse)
    : observed_(observed),
      options_(options),
      vectors_(observed.rows(), (options.factors + tile_side - 1) / tile_side * tile_side) {
  const CounterRandom random(seed);
  const double deviation = options.deviation / std::sqrt(static_cast<double>(options.factors));
  for (std::size_t i = 0; i < vectors_.rows(); ++i, pulse())
    for (std::size_t k = 0; k < options.factors; ++k)
      vectors_(i, k) = static_cast<float>(deviation) * random.normal(i, k);
}

BODEGA_INLINE Matrix<float> AlsSide::gram(ProgressPulse& pulse) const {
  const std::size_t f = vectors_.columns();
  const std::size_t parts = std::clamp<std::size_t>(vectors_.rows() / 512, 1, 64);
  std::vector<Matrix<float>> sums(parts);
  const auto add_up = [&](std::size_t begin, std::size_t end, std::size_t) {
    for (std::size_t part = begin; part < end; ++part) {
      sums[part] = Matrix<float>(f, f);
      const std::size_t first = vectors_.rows() * part / parts,
                        last = vectors_.rows() * (part + 1) / parts;
      for (std::size_t row = first; row < last; row += 256) {  // what stays in cache
        const float* v = vectors_.data() + row * f;
        simd::add_product(v, 1, f, v, sums[part].data(), f, std::min<std::size_t>(256, last - row),
                          f);
        pulse();
      }
    }
  };
  parallel_for(parts, options_.threads, add_up, &pulse);
  for (std::size_t part = 1; part < parts; ++part)
    for (std::size_t i = 0; i < f * f; ++i) sums[0].values()[i] += sums[part].values()[i];
  return std::move(sums[0]);
}

BODEGA_INLINE void AlsSide::fit(const Matrix<float>& other, const Matrix<float>& gram,
                                AlsSolver solver, ProgressPulse& pulse) {
  const std::size_t threads = thread_count(options_.threads);
  const auto fit_rows = [&](std::size_t begin, std::size_t end, std::size_t) {
    for (std::size_t part = begin; part < end; ++part) {
      AlsRowSolver rows = row_solver(other, gram);
      for (std::size_t i = cut(part, threads); i < cut(part + 1, threads); ++i, pulse())
        if (solver == AlsSolver::blocks)
          rows.fit_by_blocks(observed_.row(i), vectors_.row(i));
        else
          rows.fit_by_conjugate_gradients(observed_.row(i), vectors_.row(i));
    }
  };
  parallel_for(threads, threads, fit_rows, &pulse);
}

BODEGA_INLINE double AlsSide::missed(const Matrix<float>& other, const Matrix<float>& gram) {
  constexpr std::size_t sampled = 64;
  const AlsRowSolver solver = row_solver(other, gram);
  const std::size_t step = std::max<std::size_t>(1, observed_.rows() / sampled);
  double squares = 0, length = 0;
  for (std::size_t row = 0; row < observed_.rows(); row += step) {
    if (observed_.row(row).size() == 0) continue;
    const auto [of_row, least] = solver.distance(observed_.row(row), vectors_.row(row));
    squares += of_row;
    length += least;
  }
  return length > 0 ? std::sqrt(squares / length) : 0;
}

BODEGA_INLINE double AlsSide::loss(const AlsSide& rows, const AlsSide& columns,
                                   ProgressPulse& pulse) {
  const ImplicitLoss& loss = rows.options_.loss;
  const Matrix<float> a = rows.gram(pulse), b = columns.gram(pulse);
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += loss.unobserved * a.values()[i] * b.values()[i];
  for (std::size_t i = 0; i < rows.observed_.rows(); ++i) {
    const auto entries = rows.observed_.row(i);
    for (std::size_t k = 0; k < entries.size(); ++k) {
      const double score = simd::dot(rows.vectors_.row(i).data(),
                                     columns.vectors_.row(entries.columns[k]).data(), a.rows());
      const double c = entries.values[k];
      sum += c - 2 * c * score + loss.weight(c) * score * score;
    }
  }
  for (const auto& [side, others] : {std::pair{&rows, &columns}, {&columns, &rows}})
    for (std::size_t i = 0; i < side->vectors_.rows(); ++i) {
      const float* v = side->vectors_.row(i).data();
      sum += side->penalty(i, others->vectors_.rows()) * simd::dot(v, v, a.rows());
    }
  return sum;
}

BODEGA_INLINE std::size_t AlsSide::cut(std::size_t part, std::size_t parts) const noexcept {
  const auto begins = observed_.pattern().row_begin();
  const auto cost = [&](std::size_t row) { return begins[row] + options_.factors * row; };
  std::size_t low = 0, high = observed_.rows();
  const std::size_t wanted = cost(high) / parts * part;
  if (part == parts) return high;
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (cost(middle) < wanted)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

BODEGA_INLINE void check_confidences(const CsrMatrix<float>& rows, const std::string& where) {
  if (rows.size() == 0)
    throw Error(ErrorCode::invalid_argument, where, "at least one observation", "none");
  for (std::size_t i = 0; i < rows.rows(); ++i)
    for (const float c : rows.row(i).values)
      if (!(c > 0 && c <= FactorModel<>::most_confidence))
        throw Error(ErrorCode::out_of_range, where + ", row " + std::to_string(i),
                    "finite confidences above 0, at most 1e9", std::to_string(c));
}

BODEGA_INLINE void check_factors(std::size_t factors, const std::string& where) {
  if (factors < 1 || factors > FactorModel<>::most_factors)
    throw Error(ErrorCode::invalid_argument, where + ", option factors",
                "1 to " + std::to_string(FactorModel<>::most_factors), std::to_string(factors));
}

}  // namespace detail

#endif

}  // namespace bodega::inline BODEGA_ABI
