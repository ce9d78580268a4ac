// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <bodega/collaborative/sums/cooccurrence.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/parallel.hpp>
#include <bodega/core/progress.hpp>
#include <bodega/core/progress_pulse.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/solve.hpp>
#include <bodega/tensor/sparse.hpp>

/// What the fits of EASE share: the counts as normal equations, and the fit over a given support.
namespace bodega::inline BODEGA_ABI {

namespace detail {

/// The counts as normal equations: row and column i of A = G + l2 I.
class EaseGram {
 public:
  explicit EaseGram(const Cooccurrence& counts);

  std::size_t items() const noexcept { return count_.size(); }
  const CsrMatrix<float>& pairs() const noexcept { return pairs_; }
  double count(std::size_t i) const noexcept { return count_[i]; }
  double baskets() const noexcept { return baskets_; }

  /// The whole matrix.
  template <class T>
  Matrix<T> dense(double l2) const {
    const std::size_t n = items();
    Matrix<T> a(n, n);
    for (std::size_t i = 0; i < n; ++i) {
      const auto row = pairs_.row(i);
      for (std::size_t k = 0; k < row.size(); ++k)
        a(i, row.columns[k]) = static_cast<T>(row.values[k]);
      a(i, i) = static_cast<T>(count_[i] + l2);
    }
    return a;
  }

  /// Returns A x.
  std::vector<double> times(std::span<const double> x, double l2) const;

  /// The rows and columns of some items. Precondition: `support` rises.
  template <class T>
  Matrix<T> part(std::span<const std::uint32_t> support, double l2) const {
    Matrix<T> a(support.size(), support.size());
    for (std::size_t x = 0; x < support.size(); ++x) {
      a(x, x) = static_cast<T>(count_[support[x]] + l2);
      for (std::size_t y = 0; y < x; ++y)
        a(x, y) = a(y, x) = static_cast<T>(pairs_.at(support[x], support[y]));
    }
    return a;
  }

  /// How often each of `support` is bought with item j.
  template <class T>
  std::vector<T> with(std::size_t j, std::span<const std::uint32_t> support) const {
    std::vector<T> b(support.size());
    for (std::size_t x = 0; x < support.size(); ++x)
      b[x] = static_cast<T>(pairs_.at(j, support[x]));
    return b;
  }

  /// The weights of item j's answer over `support` alone. Precondition: `support` rises.
  template <class T>
  std::vector<T> fit(std::size_t j, std::span<const std::uint32_t> support, double l2) const {
    std::vector<T> w = with<T>(j, support);
    if (support.empty()) return w;
    Matrix<T> a = part<T>(support, l2);
    solve_positive_definite(a, std::span<T>(w));
    return w;
  }

 private:
  CsrMatrix<float> pairs_;
  std::vector<double> count_;
  double baskets_;
};

/// Fits every answer on its support alone: row j of `support` names the items that may speak for
/// item j. Returns a row for each item that speaks.
CsrMatrix<float> fit_on_support(const EaseGram& gram, const SparsePattern& support, double l2,
                                std::size_t threads, const ProgressCallback& progress);

inline void check_penalty(double l2, const std::string& where) {
  if (!(l2 > 0) || !std::isfinite(l2))
    throw Error(ErrorCode::invalid_argument, where, "a finite number above 0", std::to_string(l2));
}

}  // namespace detail

#if BODEGA_BODIES

namespace detail {

BODEGA_INLINE EaseGram::EaseGram(const Cooccurrence& counts)
    : pairs_(counts.pairs()), count_(counts.items()), baskets_(counts.baskets()) {
  for (std::size_t i = 0; i < count_.size(); ++i)
    count_[i] = counts.count(ItemIndex(static_cast<std::uint32_t>(i)));
}

BODEGA_INLINE std::vector<double> EaseGram::times(std::span<const double> x, double l2) const {
  std::vector<double> result(items());
  for (std::size_t i = 0; i < items(); ++i) {
    const auto row = pairs_.row(i);
    result[i] = (count_[i] + l2) * x[i];
    for (std::size_t k = 0; k < row.size(); ++k)
      result[i] += double{row.values[k]} * x[row.columns[k]];
  }
  return result;
}

BODEGA_INLINE CsrMatrix<float> fit_on_support(const EaseGram& gram, const SparsePattern& support,
                                              double l2, std::size_t threads,
                                              const ProgressCallback& progress) {
  std::vector<float> values(support.size());
  const std::size_t n = support.rows(), step = std::max<std::size_t>(n / 20, 1);
  ProgressPulse pulse(progress, "ease: weights kept, fitted again", n);
  for (std::size_t first = 0; first < n; first += step) {
    pulse(first);
    const auto fit = [&](std::size_t begin, std::size_t end, std::size_t) {
      for (std::size_t j = first + begin; j < first + end; ++j, pulse()) {
        const std::vector<double> w = gram.fit<double>(j, support.row(j), l2);
        std::copy(w.begin(), w.end(), values.data() + support.begin(j));
      }
    };
    parallel_for(std::min(step, n - first), threads, fit, &pulse);
  }
  pulse(n);
  return CsrMatrix<float>(support, std::move(values)).transposed();
}

}  // namespace detail

#endif

}  // namespace bodega::inline BODEGA_ABI
