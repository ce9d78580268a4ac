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

#include <bodega/collaborative/factors/factor_model.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/enum_names.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/options.hpp>
#include <bodega/core/parallel.hpp>
#include <bodega/core/progress.hpp>
#include <bodega/core/random.hpp>
#include <bodega/tensor/eigenvectors.hpp>
#include <bodega/tensor/kernels/simd.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/solve.hpp>
#include <bodega/tensor/sparse.hpp>
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

/// Symmetric positive definite systems of a few hundred rows, solved where they stand, in tiles of
/// 16 x 16 that stay in registers and cache.
class TileSolver {
 public:
  static constexpr std::size_t side = 16;

  /// Room for systems of `tiles` x 16 rows.
  explicit TileSolver(std::size_t tiles) : tiles_(tiles), a_(tiles * tiles * kTile) {}

  /// The tile of rows p x 16 and columns q x 16, row-major; only p <= q count.
  float* tile(std::size_t p, std::size_t q) noexcept { return &a_[(p * tiles_ + q) * kTile]; }

  /// b = inverse(A) b for the first `count` tiles. The matrix is used up. False where floats cannot
  /// tell: a pivot is lost in the rounding of what it was before; b is then worth nothing.
  bool solve(std::size_t count, float* b) noexcept {
    std::array<float, side> diagonal;          // of A
    for (std::size_t p = 0; p < count; ++p) {  // A = U'U, a row of tiles at a time
      for (std::size_t k = 0; k < side; ++k) diagonal[k] = tile(p, p)[k * side + k];
      for (std::size_t d = 0; d < p; ++d) {
        alignas(64) std::array<float, kTile> minus;
        const float* above = tile(d, p);
        for (std::size_t i = 0; i < kTile; ++i) minus[i] = -above[i];
        for (std::size_t q = p; q < count; ++q)
          simd::add_product(minus.data(), 1, side, tile(d, q), tile(p, q), side, side, side);
      }
      if (!factor(tile(p, p), diagonal.data())) return false;
      for (std::size_t q = p + 1; q < count; ++q) solve_transposed(tile(p, p), tile(p, q));
    }
    for (std::size_t p = 0; p < count; ++p) {  // U'y = b
      float* y = b + p * side;
      const float* u = tile(p, p);
      for (std::size_t k = 0; k < side; ++k) {
        y[k] *= inverse_root(u, k);
        for (std::size_t j = k + 1; j < side; ++j) y[j] -= u[k * side + j] * y[k];
      }
      for (std::size_t q = p + 1; q < count; ++q)
        for (std::size_t k = 0; k < side; ++k)
          for (std::size_t j = 0; j < side; ++j) b[q * side + j] -= tile(p, q)[k * side + j] * y[k];
    }
    for (std::size_t p = count; p-- > 0;) {  // Ux = y
      float* x = b + p * side;
      for (std::size_t q = p + 1; q < count; ++q)
        for (std::size_t k = 0; k < side; ++k)
          x[k] -= simd::dot(tile(p, q) + k * side, b + q * side, side);
      const float* u = tile(p, p);
      for (std::size_t k = side; k-- > 0;) {
        for (std::size_t j = k + 1; j < side; ++j) x[k] -= u[k * side + j] * x[j];
        x[k] *= inverse_root(u, k);
      }
    }
    for (std::size_t i = 0; i < count * side; ++i)
      if (!std::isfinite(b[i])) return false;
    return true;
  }

 private:
  static constexpr std::size_t kTile = side * side;

  /// On the diagonal stand the inverses of U's entries: divisions are slow.
  static float inverse_root(const float* u, std::size_t k) noexcept { return u[k * side + k]; }

  /// False where a pivot is below this part of A's diagonal, or no number: of the roundings of 512
  /// rows a hundredth of it may be left.
  static constexpr float kLeastPivot = 3e-5f;

  static bool factor(float* u, const float* diagonal) noexcept {
    for (std::size_t k = 0; k < side; ++k) {
      float* row = u + k * side;
      for (std::size_t d = 0; d < k; ++d) {
        const float* above = u + d * side;
        const float part = above[k];
        for (std::size_t j = k; j < side; ++j) row[j] -= part * above[j];
      }
      if (!(row[k] > kLeastPivot * diagonal[k]) || !std::isfinite(row[k])) return false;
      const float pivot = 1 / std::sqrt(row[k]);
      for (std::size_t j = k + 1; j < side; ++j) row[j] *= pivot;
      row[k] = pivot;
    }
    return true;
  }

  /// b = inverse(U') b.
  static void solve_transposed(const float* u, float* b) noexcept {
    for (std::size_t k = 0; k < side; ++k) {
      float* row = b + k * side;
      for (std::size_t d = 0; d < k; ++d) {
        const float part = u[d * side + k];
        for (std::size_t j = 0; j < side; ++j) row[j] -= part * b[d * side + j];
      }
      for (std::size_t j = 0; j < side; ++j) row[j] *= u[k * side + k];
    }
  }

  std::size_t tiles_;
  std::vector<float> a_;
};

/// One side of the factorisation, whose rows are fitted in turn to the other side's.
class AlsSide {
 public:
  /// `observed`: rows x the other side's rows, its values the confidences.
  AlsSide(const CsrMatrix<float>& observed, const AlsOptions& options, std::uint64_t seed)
      : observed_(observed),
        options_(options),
        vectors_(observed.rows(), (options.factors + kSide - 1) / kSide * kSide) {
    const CounterRandom random(seed);
    const double deviation = options.deviation / std::sqrt(static_cast<double>(options.factors));
    for (std::size_t i = 0; i < vectors_.rows(); ++i)
      for (std::size_t k = 0; k < options.factors; ++k)
        vectors_(i, k) = static_cast<float>(deviation) * random.normal(i, k);
  }

  /// Padded with columns of zeros to a multiple of 16.
  const Matrix<float>& vectors() const noexcept { return vectors_; }

  /// V'V; the sums are cut into the same parts at any number of threads.
  Matrix<float> gram() const {
    const std::size_t f = vectors_.columns();
    const std::size_t parts = std::clamp<std::size_t>(vectors_.rows() / 512, 1, 64);
    std::vector<Matrix<float>> sums(parts);
    parallel_for(parts, options_.threads, [&](std::size_t begin, std::size_t end, std::size_t) {
      for (std::size_t part = begin; part < end; ++part) {
        sums[part] = Matrix<float>(f, f);
        const std::size_t first = vectors_.rows() * part / parts,
                          last = vectors_.rows() * (part + 1) / parts;
        for (std::size_t row = first; row < last; row += 256) {  // what stays in cache
          const float* v = vectors_.data() + row * f;
          simd::add_product(v, 1, f, v, sums[part].data(), f,
                            std::min<std::size_t>(256, last - row), f);
        }
      }
    });
    for (std::size_t part = 1; part < parts; ++part)
      for (std::size_t i = 0; i < f * f; ++i) sums[0].values()[i] += sums[part].values()[i];
    return std::move(sums[0]);
  }

  /// Fits every row to the other side, whose gram matrix is `gram`.
  void fit(const Matrix<float>& other, const Matrix<float>& gram, AlsSolver solver) {
    solver_ = solver;
    const std::size_t threads = thread_count(options_.threads);
    parallel_for(threads, threads, [&](std::size_t begin, std::size_t end, std::size_t) {
      for (std::size_t part = begin; part < end; ++part) {
        Worker worker(*this, other, gram);
        for (std::size_t i = cut(part, threads); i < cut(part + 1, threads); ++i) worker.fit(i);
      }
    });
  }

  /// How far some rows are from their vectors of least loss, as a part of these vectors' length.
  double missed(const Matrix<float>& other, const Matrix<float>& gram) {
    constexpr std::size_t sampled = 64;
    const Worker worker(*this, other, gram);
    const std::size_t step = std::max<std::size_t>(1, observed_.rows() / sampled);
    double squares = 0, length = 0;
    for (std::size_t row = 0; row < observed_.rows(); row += step) {
      if (observed_.row(row).size() == 0) continue;
      const auto [of_row, least] = worker.distance(row);
      squares += of_row;
      length += least;
    }
    return length > 0 ? std::sqrt(squares / length) : 0;
  }

  /// The objective: what the observed pairs cost, all pairs' scores, and both penalties.
  static double loss(const AlsSide& rows, const AlsSide& columns) {
    const ImplicitLoss& loss = rows.options_.loss;
    const Matrix<float> a = rows.gram(), b = columns.gram();
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
      sum += loss.unobserved * a.values()[i] * b.values()[i];
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

 private:
  static constexpr std::size_t kSide = TileSolver::side;

  double penalty(std::size_t row, std::size_t others) const noexcept {
    return options_.loss.penalty(static_cast<double>(observed_.row(row).size()),
                                 static_cast<double>(others));
  }

  /// Where part `part` of `parts` begins, cut so that the parts cost about the same.
  std::size_t cut(std::size_t part, std::size_t parts) const noexcept {
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

  /// What a thread needs to fit rows.
  class Worker {
   public:
    Worker(AlsSide& side, const Matrix<float>& other, const Matrix<float>& gram)
        : side_(side),
          other_(other),
          gram_(gram),
          factors_(gram.rows()),
          block_(side.options_.block == 0
                     ? factors_
                     : std::min(factors_, (side.options_.block + kSide - 1) / kSide * kSide)),
          solver_(block_ / kSide),
          panels_(kRows * block_),
          gradient_(factors_),
          direction_(factors_),
          image_(factors_) {}

    void fit(std::size_t row) {
      const auto entries = side_.observed_.row(row);
      const auto x = side_.vectors_.row(row);
      if (entries.size() == 0) {  // nothing is known, and all it can do is cost
        std::fill(x.begin(), x.end(), 0.0f);
        return;
      }
      penalty_ = static_cast<float>(side_.penalty(row, other_.rows()));
      if (side_.solver_ == AlsSolver::blocks)
        by_blocks(entries, x.data());
      else
        by_conjugate_gradients(entries, x.data());
    }

    /// Squared: how far the row's vector is from that of least loss, and how long that is.
    std::pair<double, double> distance(std::size_t row) const {
      const auto x = side_.vectors_.row(row);
      const std::vector<double> best = in_doubles(side_.observed_.row(row));
      double squares = 0, length = 0;
      for (std::size_t k = 0; k < best.size(); ++k) {
        squares += (double{x[k]} - best[k]) * (double{x[k]} - best[k]);
        length += best[k] * best[k];
      }
      return {squares, length};
    }

   private:
    static constexpr std::size_t kRows = 256;  // gathered at a time

    /// Newton's step in each block of factors, exact because the loss is quadratic.
    void by_blocks(const SparseRow<const float>& entries, float* x) {
      const auto unobserved = static_cast<float>(side_.options_.loss.unobserved);
      scores_.resize(entries.size());
      for (std::size_t e = 0; e < entries.size(); ++e)
        scores_[e] = simd::dot(other_.row(entries.columns[e]).data(), x, factors_);
      for (std::size_t first = 0; first < factors_; first += block_) {
        const std::size_t width = std::min(block_, factors_ - first), tiles = width / kSide;
        float* step = gradient_.data();
        for (std::size_t k = 0; k < width; ++k)
          step[k] = -unobserved * simd::dot(gram_.row(first + k).data(), x, factors_) -
                    penalty_ * x[first + k];
        for (std::size_t p = 0; p < tiles; ++p)
          for (std::size_t q = p; q < tiles; ++q)
            for (std::size_t r = 0; r < kSide; ++r)
              for (std::size_t c = 0; c < kSide; ++c)
                solver_.tile(p, q)[r * kSide + c] =
                    unobserved * gram_(first + p * kSide + r, first + q * kSide + c) +
                    (p == q && r == c ? penalty_ : 0.0f);
        for (std::size_t begin = 0; begin < entries.size(); begin += kRows)
          add_entries(entries, begin, std::min(entries.size(), begin + kRows), first, tiles, step);
        if (!solver_.solve(tiles, step)) {
          const std::vector<double> best = in_doubles(entries);
          std::transform(best.begin(), best.end(), x,
                         [](double b) { return static_cast<float>(b); });
          return;
        }
        for (std::size_t k = 0; k < width; ++k) x[first + k] += step[k];
        if (width < factors_)
          for (std::size_t e = 0; e < entries.size(); ++e)
            scores_[e] += simd::dot(other_.row(entries.columns[e]).data() + first, step, width);
      }
    }

    /// What the entries add to the block's matrix and gradient. Their vectors are gathered in
    /// panels of 16 factors, so that the matrix is a sum of small dense products.
    void add_entries(const SparseRow<const float>& entries, std::size_t begin, std::size_t end,
                     std::size_t first, std::size_t tiles, float* step) noexcept {
      const std::size_t count = end - begin;
      const ImplicitLoss& loss = side_.options_.loss;
      for (std::size_t e = begin; e < end; ++e) {
        const float* v = other_.row(entries.columns[e]).data() + first;
        const double weight = loss.weight(entries.values[e]);
        const auto root = static_cast<float>(std::sqrt(weight));
        const float error = entries.values[e] - static_cast<float>(weight) * scores_[e];
        simd::axpy(error, v, step, tiles * kSide);
        for (std::size_t p = 0; p < tiles; ++p) {
          float* to = &panels_[(p * kRows + e - begin) * kSide];
          for (std::size_t k = 0; k < kSide; ++k) to[k] = root * v[p * kSide + k];
        }
      }
      for (std::size_t p = 0; p < tiles; ++p)
        for (std::size_t q = p; q < tiles; ++q)
          simd::add_product(&panels_[p * kRows * kSide], 1, kSide, &panels_[q * kRows * kSide],
                            solver_.tile(p, q), kSide, count, kSide);
    }

    /// The vector of least loss at once, for rows whose system floats cannot tell: where
    /// confidences are large beside the penalty.
    std::vector<double> in_doubles(const SparseRow<const float>& entries) const {
      const ImplicitLoss& loss = side_.options_.loss;
      const std::size_t f = side_.options_.factors;  // what is beyond them is 0
      const double penalty =
          loss.penalty(static_cast<double>(entries.size()), static_cast<double>(other_.rows()));
      Matrix<double> a(f, f);
      std::vector<double> b(f, 0.0);
      for (std::size_t i = 0; i < f; ++i)
        for (std::size_t j = 0; j <= i; ++j)
          a(i, j) = loss.unobserved * double{gram_(i, j)} + (i == j ? penalty : 0.0);
      for (std::size_t e = 0; e < entries.size(); ++e) {
        const float* v = other_.row(entries.columns[e]).data();
        const double c = double{entries.values[e]}, weight = loss.weight(c);
        for (std::size_t i = 0; i < f; ++i) {
          const double share = weight * double{v[i]};
          b[i] += c * double{v[i]};
          for (std::size_t j = 0; j <= i; ++j) a(i, j) += share * double{v[j]};
        }
      }
      solve_positive_definite(a, std::span<double>(b));
      return b;
    }

    void by_conjugate_gradients(const SparseRow<const float>& entries, float* x) {
      gathered_.resize(std::max(gathered_.size(), entries.size() * factors_));  // cleared no more
      scores_.resize(entries.size());
      weights_.resize(entries.size());
      std::fill(gradient_.begin(), gradient_.end(), 0.0f);
      for (std::size_t e = 0; e < entries.size(); ++e) {
        const auto v = other_.row(entries.columns[e]);
        std::copy(v.begin(), v.end(), &gathered_[e * factors_]);
        weights_[e] = static_cast<float>(side_.options_.loss.weight(entries.values[e]));
      }
      simd::add_product(entries.values.data(), 0, 1, gathered_.data(), gradient_.data(), 1,
                        entries.size(), factors_);
      const float pull = simd::dot(gradient_.data(), gradient_.data(), factors_);
      multiply(x);
      float* rest = gradient_.data();
      for (std::size_t k = 0; k < factors_; ++k) direction_[k] = rest[k] -= image_[k];
      float left = simd::dot(rest, rest, factors_);
      // Less is the rounding of what the entries pull, and steps along it lead anywhere.
      const float noise = std::max(1e-20f, 1e-12f * pull);
      for (int step = 0; step < side_.options_.steps && !(left <= noise); ++step) {
        multiply(direction_.data());
        const float curvature = simd::dot(direction_.data(), image_.data(), factors_);
        if (!(curvature > 0) || !std::isfinite(curvature) || !std::isfinite(left)) {
          const std::vector<double> best = in_doubles(entries);
          std::transform(best.begin(), best.end(), x,
                         [](double b) { return static_cast<float>(b); });
          return;
        }
        const float length = left / curvature;
        simd::axpy(length, direction_.data(), x, factors_);
        simd::axpy(-length, image_.data(), rest, factors_);
        const float next = simd::dot(rest, rest, factors_);
        for (std::size_t k = 0; k < factors_; ++k)
          direction_[k] = rest[k] + next / left * direction_[k];
        left = next;
      }
    }

    /// image = the row's matrix times x.
    void multiply(const float* x) noexcept {
      simd::gemv(gram_.data(), factors_, factors_, x, image_.data());
      for (std::size_t k = 0; k < factors_; ++k)
        image_[k] =
            static_cast<float>(side_.options_.loss.unobserved) * image_[k] + penalty_ * x[k];
      simd::gemv(gathered_.data(), scores_.size(), factors_, x, scores_.data());
      for (std::size_t e = 0; e < scores_.size(); ++e) scores_[e] *= weights_[e];
      simd::add_product(scores_.data(), 0, 1, gathered_.data(), image_.data(), 1, scores_.size(),
                        factors_);
    }

    AlsSide& side_;
    const Matrix<float>& other_;
    const Matrix<float>& gram_;
    std::size_t factors_, block_;
    TileSolver solver_;
    float penalty_ = 0;
    std::vector<float> panels_, gradient_, direction_, image_, scores_, weights_, gathered_;
  };

  const CsrMatrix<float>& observed_;
  const AlsOptions& options_;
  AlsSolver solver_ = AlsSolver::blocks;
  Matrix<float> vectors_;
};

/// Error where `rows` is no table of confidences that factors can be learnt from.
inline void check_confidences(const CsrMatrix<float>& rows, const std::string& where) {
  if (rows.size() == 0)
    throw Error(ErrorCode::invalid_argument, where, "at least one observation", "none");
  for (std::size_t i = 0; i < rows.rows(); ++i)
    for (const float c : rows.row(i).values)
      if (!(c > 0 && c <= FactorModel<>::most_confidence))
        throw Error(ErrorCode::out_of_range, where + ", row " + std::to_string(i),
                    "finite confidences above 0, at most 1e9", std::to_string(c));
}

inline void check_factors(std::size_t factors, const std::string& where) {
  if (factors < 1 || factors > FactorModel<>::most_factors)
    throw Error(ErrorCode::invalid_argument, where + ", option factors",
                "1 to " + std::to_string(FactorModel<>::most_factors), std::to_string(factors));
}

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
/// / 2. Memory: (rows
/// + items) x factors floats.
inline FactorModel<Matrix<float>> fit_als(const CsrMatrix<float>& rows,
                                          const AlsOptions& options = {}) {
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
  detail::AlsSide customers(rows, options, options.seed),
      items(columns, options, options.seed + 0x9E3779B97F4A7C15u);
  const auto sweeps = static_cast<std::size_t>(options.iterations);
  report_progress(options.progress, {"als", 0, sweeps});
  const auto run = [&](AlsSolver solver) {
    for (std::size_t sweep = 1; sweep <= sweeps; ++sweep) {
      customers.fit(items.vectors(), items.gram(), solver);
      items.fit(customers.vectors(), customers.gram(), solver);
      validate_finite(items.vectors().values(), "fit_als, sweep " + std::to_string(sweep));
      if (options.progress)
        report_progress(options.progress, {"als", sweep, sweeps,
                                           detail::AlsSide::loss(customers, items) /
                                               static_cast<double>(rows.size())});
    }
  };
  run(options.solver);
  constexpr double close = 0.25;
  if (options.solver == AlsSolver::conjugate_gradients &&
      items.missed(customers.vectors(), customers.gram()) > close)
    run(AlsSolver::blocks);
  Matrix<float> vectors(rows.columns(), options.factors);
  for (std::size_t i = 0; i < vectors.rows(); ++i)
    std::copy_n(items.vectors().row(i).begin(), options.factors, vectors.row(i).begin());
  return {principal_axes(vectors), options.loss, confidence};
}

}  // namespace bodega::inline BODEGA_ABI
