// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <bodega/collaborative/items/ease_gram.hpp>
#include <bodega/collaborative/items/item_item.hpp>
#include <bodega/collaborative/sums/cooccurrence.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/enum_names.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/options.hpp>
#include <bodega/core/parallel.hpp>
#include <bodega/core/progress.hpp>
#include <bodega/core/progress_pulse.hpp>
#include <bodega/core/random.hpp>
#include <bodega/tensor/invert.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/solve.hpp>
#include <bodega/tensor/sparse.hpp>
#include <bodega/tensor/strongest_rows.hpp>

namespace bodega::inline BODEGA_ABI {

/// Which weights stay.
enum class EaseKeep {
  strongest,    ///< the same number for each item: its weights of largest magnitude
  least_missed  ///< as many in all, where leaving them out would hurt most: items that are in many
                ///< baskets keep more and rare ones fewer. At one size nearer to the dense solution
};
constexpr auto enum_names(EaseKeep) noexcept {
  using enum EaseKeep;
  return std::to_array<EnumName<EaseKeep>>(
      {{strongest, "strongest"}, {least_missed, "least_missed"}});
}

struct EaseOptions {
  /// Ridge penalty, in baskets; more for noisier data. Worth tuning: 10 to 1000.
  double l2 = 200;
  std::size_t neighbours = 50;
  EaseKeep keep = EaseKeep::strongest;
  /// Above 0, the weights kept are fitted once more, as those of each answer without the ones left
  /// out, with this penalty. Worth trying where pruning costs: from l2 down to a third of it.
  double refit_l2 = 0;
  /// w(i, j) is multiplied by (P_jj / P_ii)^symmetry. 0 = EASE itself, which rebuilds baskets best;
  /// 0.5 = partial correlations, equal both ways; between them it may rank better. 0 to 0.5.
  double symmetry = 0;
  /// Above 0, each item is foreseen from so many items only, those that alone would foresee it best
  /// (beyond chance): for catalogues too large for the dense solve. 0 = from all.
  std::size_t candidates = 0;
  /// Half the memory and time of the solve; enough unless l2 is small beside the largest
  /// count (1 : 10^5).
  bool single_precision = false;
  /// The dense solve holds one items x items matrix and 768 numbers an item, `least_missed` a
  /// second one of floats; candidates hold 24 bytes each and two candidates x candidates matrices a
  /// thread. Above this it is refused.
  std::size_t max_bytes = std::size_t{4} << 30;
  std::size_t threads = 0;
  ProgressCallback progress = {};

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("l2", self.l2,
          "Ridge penalty, in baskets; more for noisier data. Worth tuning: 10 to 1000.");
    visit("neighbours", self.neighbours, "Weights kept for each item, or on average; 0 = all.");
    visit("keep", self.keep, "Which weights stay.");
    visit("refit_l2", self.refit_l2,
          "Above 0, the weights kept are fitted once more with this penalty.");
    visit("symmetry", self.symmetry,
          "0 is EASE itself, 0.5 makes partial correlations of its weights; 0 to 0.5.");
    visit("candidates", self.candidates,
          "Above 0, an item is foreseen from so many items only; 0 = from all.");
    visit("single_precision", self.single_precision,
          "Half the memory and time; enough unless l2 is small beside the counts.");
    visit("max_bytes", self.max_bytes, "More memory than this is refused.");
    visit("threads", self.threads,
          "How many threads; 0 = all cores. The result is the same at any number.");
    visit("progress", self.progress, "Hears how far the work is, and may end it.");
  }
};

namespace detail {

/// By how much the squared error of column j grows when w(i, j) is set to 0 and the column's other
/// weights are fitted again: w^2 over the i-th diagonal entry of the inverse without item j.
/// Source: Hassibi, Stork, "Second order derivatives for network pruning: optimal brain surgeon",
/// NIPS 1992, eq. 5; here the error is quadratic, so it is exact.
template <class T>
T missed(const Matrix<T>& p, std::size_t i, std::size_t j) noexcept {
  const T w = p(i, j) / p(j, j);
  return w * w / (p(i, i) - w * p(i, j));
}

#if BODEGA_BODIES
/// The value that all but `count` of the values do not exceed; below all where there are no more.
float exceeded_by(std::vector<float> values, std::size_t count);

template <class T>
float missed_threshold(const Matrix<T>& p, std::size_t count) {
  const std::size_t n = p.rows();
  if (count >= n * (n - 1)) return -1;
  std::vector<float> all;
  all.reserve(n * (n - 1));
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j)
      if (j != i) all.push_back(static_cast<float>(missed(p, i, j)));
  return exceeded_by(std::move(all), count);
}

/// Weights, and for the symmetry the diagonal of the inverse.
struct EaseSolution {
  CsrMatrix<float> weights;  // those kept, a row for each item that speaks
  std::vector<double> p;
};

/// Inverts the counts with that penalty. False where numbers of this type cannot tell: A (p r) must
/// be r, within a hundredth, for vectors r of random signs. Source: Freivalds, "Probabilistic
/// machines can use less running time", IFIP 1977.
template <class T>
bool invert_checked(const EaseGram& gram, double l2, const EaseOptions& options, Matrix<T>& p) {
  constexpr double close = 0.01;
  report_progress(options.progress, {"ease: gram matrix", 0, 3});
  p = gram.dense<T>(l2);
  ProgressPulse pulse(options.progress, "ease: inverse", 3);
  pulse(1);
  try {
    invert_positive_definite(p, options.threads, &pulse);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::out_of_range) throw;
    return false;
  }
  const CounterRandom random(1);
  std::vector<double> signs(gram.items()), product(gram.items());
  for (std::uint64_t trial = 0; trial < 2; ++trial) {
    for (std::size_t i = 0; i < signs.size(); ++i)
      signs[i] = random.uniform(trial, i) < 0.5f ? -1.0 : 1.0;
    for (std::size_t i = 0; i < signs.size(); ++i, pulse()) {
      product[i] = 0;
      for (std::size_t j = 0; j < signs.size(); ++j)
        product[i] += static_cast<double>(p(i, j)) * signs[j];
    }
    const std::vector<double> back = gram.times(product, l2);
    for (std::size_t i = 0; i < signs.size(); ++i)
      if (!(std::abs(back[i] - signs[i]) <= close)) return false;
  }
  return true;
}

/// The weights to keep of the inverse.
template <class T>
EaseSolution weights_of(const Matrix<T>& p, const EaseOptions& options) {
  const std::size_t n = p.rows();
  ProgressPulse pulse(options.progress, "ease: strongest weights", 3);
  pulse(2);
  const bool each_item = options.keep == EaseKeep::strongest || options.neighbours == 0;
  const float threshold = each_item ? -1 : missed_threshold(p, options.neighbours * n);
  StrongestRows rows(n, each_item ? options.neighbours : 0);
  std::vector<double> diagonal(n);
  for (std::size_t i = 0; i < n; ++i, pulse()) {
    diagonal[i] = static_cast<double>(p(i, i));
    for (std::size_t j = 0; j < n; ++j)
      if (j != i && (each_item || static_cast<float>(missed(p, i, j)) > threshold))
        rows.offer(static_cast<std::uint32_t>(j), static_cast<float>(-p(i, j) / p(j, j)));
    rows.end_row();
  }
  pulse(3);
  return {rows.take(), std::move(diagonal)};
}

/// Every answer from its candidates alone, and of these weights the ones to keep.
template <class T>
EaseSolution solve_local_ease(const EaseGram& gram, const EaseOptions& options) {
  const std::size_t n = gram.items();
  StrongestRows nearest(n, options.candidates);
  for (std::size_t j = 0; j < n; ++j) {
    const auto row = gram.pairs().row(j);
    for (std::size_t k = 0; k < row.size(); ++k) {
      const double count = gram.count(row.columns[k]);
      const double chance = count * gram.count(j) / gram.baskets();
      nearest.offer(row.columns[k],
                    static_cast<float>((row.values[k] - chance) / std::sqrt(count + options.l2)));
    }
    nearest.end_row();
  }
  const SparsePattern support = nearest.take().pattern();
  std::vector<float> weight(support.size()), missed(support.size());
  EaseSolution solution{{}, std::vector<double>(n)};
  const std::size_t step = std::max<std::size_t>(n / 20, 1);
  ProgressPulse pulse(options.progress, "ease: weights of candidates", n);
  for (std::size_t first = 0; first < n; first += step) {
    pulse(first);
    const auto solve = [&](std::size_t begin, std::size_t end, std::size_t) {
      for (std::size_t j = first + begin; j < first + end; ++j, pulse()) {
        const auto items = support.row(j);
        Matrix<T> a = gram.part<T>(items, options.l2);
        const std::vector<T> with = gram.with<T>(j, items);
        std::vector<T> w = with, p(items.size());
        if (!items.empty()) solve_positive_definite(a, std::span<T>(w), std::span<T>(p));
        double unexplained = gram.count(j) + options.l2;
        for (std::size_t x = 0; x < items.size(); ++x) {
          weight[support.begin(j) + x] = static_cast<float>(w[x]);
          missed[support.begin(j) + x] = static_cast<float>(w[x] * w[x] / p[x]);
          unexplained -= static_cast<double>(w[x] * with[x]);
        }
        solution.p[j] = 1 / std::max(unexplained, options.l2);  // it is no less
      }
    };
    parallel_for(std::min(step, n - first), options.threads, solve, &pulse);
  }
  pulse(n);
  const bool each_item = options.keep == EaseKeep::strongest || options.neighbours == 0;
  if (!each_item) {
    const float threshold = exceeded_by(missed, options.neighbours * n);
    for (std::size_t k = 0; k < weight.size(); ++k)
      if (!(missed[k] > threshold)) weight[k] = 0;
  }
  const CsrMatrix<float> all = CsrMatrix<float>(support, std::move(weight)).transposed();
  StrongestRows rows(n, each_item ? options.neighbours : 0);
  for (std::size_t i = 0; i < n; ++i) {
    const auto row = all.row(i);
    for (std::size_t k = 0; k < row.size(); ++k) rows.offer(row.columns[k], row.values[k]);
    rows.end_row();
  }
  solution.weights = rows.take();
  return solution;
}

void check_memory(double bytes, const EaseOptions& options, std::size_t items);

void check_dense_memory(double number, const EaseOptions& options, std::size_t items);

/// By floats where they are asked for and can tell, else by doubles; where these cannot, with a
/// penalty that they can.
EaseSolution solve_ease(const EaseGram& gram, const EaseOptions& options);
#endif
#if BODEGA_BODIES
BODEGA_INLINE EaseSolution solve_ease(const EaseGram& gram, const EaseOptions& options) {
  if (options.single_precision) {
    Matrix<float> p;
    if (invert_checked(gram, options.l2, options, p)) return weights_of(p, options);
    p = {};
    check_dense_memory(8, options, gram.items());
  }
  double largest = 0;
  for (std::size_t i = 0; i < gram.items(); ++i) largest = std::max(largest, gram.count(i));
  Matrix<double> p;
  for (const double l2 : {options.l2, std::max(options.l2, 1e-10 * largest)})
    if (invert_checked(gram, l2, options, p)) return weights_of(p, options);
  throw Error(ErrorCode::out_of_range, "fit_ease, option l2",
              "a penalty that doubles can tell beside counts of " + std::to_string(largest),
              std::to_string(options.l2));
}
#endif
}  // namespace detail

/// EASE: the item-item table with zero diagonal that best rebuilds every basket from its other
/// items under a ridge penalty, in closed form: P = (G + l2 I)^-1 of the counts G, then
/// w(i, j) = -P_ij / P_jj. Weights may be negative: item i can speak against item j.
/// Source: Steck, "Embarrassingly shallow autoencoders for sparse data", WWW 2019, eq. 8.
/// With `candidates`, column j is that of the small table over item j and its candidates: a sparse
/// approximate inverse, for catalogues where items^2 is too much.
/// Each solve is checked. Where floats cannot tell the penalty beside the counts, doubles take
/// their place, and where these cannot, a penalty of 1e-10 of the largest count does. Error
/// (invalid_argument) where l2 is not a finite number above 0, refit_l2 not one of 0 or more or
/// symmetry not from 0 to 0.5, (out_of_range) where more than `max_bytes` is needed. Cost: about
/// items^3 / 2 multiply-adds, with candidates two thirds of items x candidates^3; the second fit
/// items x the mean of (weights kept)^3 / 6. Memory: items^2 x 8 bytes (x 4 in single precision),
/// and x 4 where `least_missed` chooses: 200 to 300 MB for 5,000 items; with candidates items x
/// candidates x 24 bytes; and the pairs of `counts`.
ItemItem<CsrMatrix<float>> fit_ease(const Cooccurrence& counts, const EaseOptions& options = {});
#if BODEGA_BODIES
BODEGA_INLINE ItemItem<CsrMatrix<float>> fit_ease(const Cooccurrence& counts,
                                                  const EaseOptions& options) {
  detail::check_penalty(options.l2, "fit_ease, option l2");
  if (options.refit_l2 != 0) detail::check_penalty(options.refit_l2, "fit_ease, option refit_l2");
  if (!(options.symmetry >= 0 && options.symmetry <= 0.5))
    throw Error(ErrorCode::invalid_argument, "fit_ease, option symmetry", "0 to 0.5",
                std::to_string(options.symmetry));
  const auto items = static_cast<double>(counts.items());
  const bool local = options.candidates > 0 && options.candidates + 1 < counts.items();
  if (local) {
    const auto near = static_cast<double>(options.candidates);
    detail::check_memory(
        24 * items * near + 24 * near * near * static_cast<double>(thread_count(options.threads)),
        options, counts.items());
  } else {
    detail::check_dense_memory(options.single_precision ? 4 : 8, options, counts.items());
  }
  const detail::EaseGram gram(counts);
  detail::EaseSolution solution = !local ? detail::solve_ease(gram, options)
                                  : options.single_precision
                                      ? detail::solve_local_ease<float>(gram, options)
                                      : detail::solve_local_ease<double>(gram, options);
  if (options.refit_l2 > 0 && options.neighbours > 0)
    solution.weights = detail::fit_on_support(gram, solution.weights.transposed().pattern(),
                                              options.refit_l2, options.threads, options.progress);
  if (options.symmetry > 0) {
    for (double& p : solution.p) p = std::pow(p, options.symmetry);
    for (std::size_t i = 0; i < counts.items(); ++i) {
      const auto row = solution.weights.row(i);
      for (std::size_t k = 0; k < row.size(); ++k)
        row.values[k] *= static_cast<float>(solution.p[row.columns[k]] / solution.p[i]);
    }
  }
  return ItemItem<CsrMatrix<float>>(std::move(solution.weights));
}
#endif

#if BODEGA_BODIES

namespace detail {

BODEGA_INLINE float exceeded_by(std::vector<float> values, std::size_t count) {
  if (count >= values.size()) return -1;
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(count);
  std::nth_element(values.begin(), at, values.end(), std::greater<>());
  return *at;
}

BODEGA_INLINE void check_memory(double bytes, const EaseOptions& options, std::size_t items) {
  if (bytes > static_cast<double>(options.max_bytes))
    throw Error(ErrorCode::out_of_range,
                "fit_ease, catalogue of " + std::to_string(items) + " items",
                "a solve within max_bytes = " + std::to_string(options.max_bytes),
                std::to_string(static_cast<std::uint64_t>(bytes)) +
                    " bytes needed; raise max_bytes, take single_precision or (fewer) candidates, "
                    "leave rare items out, or use fit_item_neighbours");
}

BODEGA_INLINE void check_dense_memory(double number, const EaseOptions& options,
                                      std::size_t items) {
  const auto n = static_cast<double>(items);
  const double chosen = options.keep == EaseKeep::least_missed && options.neighbours > 0 ? 4 : 0;
  check_memory(n * n * (number + chosen) + 768 * n * number, options, items);
}

}  // namespace detail

#endif

}  // namespace bodega::inline BODEGA_ABI
