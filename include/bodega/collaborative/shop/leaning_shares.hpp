// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/tensor/matrix.hpp>

/// Shares of few counts that lean on wider shares, and how much they should: the posterior mean
/// under a Dirichlet prior whose mean is the wider level, and the strength of that prior.
namespace bodega::inline BODEGA_ABI::detail {

#if BODEGA_BODIES
/// ln Gamma(a + n) - ln Gamma(a) for a above 0, n of 0 or more: Stirling's series beyond 8. (std's
/// lgamma writes a global sign.)
double log_rising(double a, double n);

/// Where between `low` and `high` a function with one peak there is highest, to within `tolerance`.
/// Source: Kiefer, "Sequential minimax search for a maximum", 1953.
template <class Function>
double golden_section(double low, double high, double tolerance, Function&& function) {
  constexpr double golden = 0.6180339887498949;
  double left = high - golden * (high - low), right = low + golden * (high - low);
  double at_left = function(left), at_right = function(right);
  while (high - low > tolerance) {
    if (at_left < at_right) {
      low = std::exchange(left, right);
      at_left = at_right;
      right = low + golden * (high - low);
      at_right = function(right);
    } else {
      high = std::exchange(right, left);
      at_right = at_left;
      left = high - golden * (high - low);
      at_left = function(left);
    }
  }
  return (low + high) / 2;
}
#endif

/// Counts of one row, the shares they lean on, and what was sold later; where none of the counts is
/// above 0, and nothing was sold later, an item may be left out.
struct LeaningCounts {
  std::vector<double> counts, shares, later;
  double total = 0, weight = 1;
};

/// The maximum-likelihood k of a Dirichlet-multinomial: of what was sold later where `by_later`,
/// else of the counts themselves. Golden section over ln k from 0.1 to 10 million sales, to 1 %.
double likeliest_strength(const std::vector<LeaningCounts>& rows, bool by_later);

/// Rows of counts that each lean on a row of shares: each row's own part of the posterior mean, and
/// how much of the wider shares it keeps.
struct LeaningRows {
  Matrix<float> own;
  std::vector<float> lean;

  /// The posterior mean: own part and what is kept of `wider`.
  std::vector<double> shares(std::size_t row, std::span<const double> wider) const;
};

/// `wider(row)` is a span of shares. `later` has the shape of `counts`, or is null. `alike`: each
/// row's later sales together count once, so that the largest store does not decide for all.
template <class Wider>
double estimate_strength(const Matrix<double>& counts, const Matrix<double>* later, bool alike,
                         Wider&& wider) {
  std::vector<LeaningCounts> rows;
  for (std::size_t r = 0; r < counts.rows(); ++r) {
    LeaningCounts& row = rows.emplace_back();
    const std::span<const double> shares = wider(r);
    double all_later = 0;
    for (std::size_t i = 0; i < counts.columns(); ++i) {
      row.total += counts(r, i);
      const double sold_later = later != nullptr ? (*later)(r, i) : 0;
      if (!(shares[i] > 0) || !(counts(r, i) > 0 || sold_later > 0)) continue;
      row.counts.push_back(counts(r, i));
      row.shares.push_back(shares[i]);
      row.later.push_back(sold_later);
      all_later += sold_later;
    }
    if (alike && all_later > 0) row.weight = 1 / all_later;
  }
  return likeliest_strength(rows, later != nullptr);
}

LeaningRows lean(const Matrix<double>& counts, double strength);

#if BODEGA_BODIES

BODEGA_INLINE double log_rising(double a, double n) {
  const auto log_gamma = [](double x) {
    double shifted = 0;
    for (; x < 8; ++x) shifted -= std::log(x);
    const double x2 = 1 / (x * x);
    return shifted + (x - 0.5) * std::log(x) - x +
           (1.0 / 12 - x2 * (1.0 / 360 - x2 * (1.0 / 1260 - x2 / 1680))) / x;
  };
  return n > 0 ? log_gamma(a + n) - log_gamma(a) : 0;
}

BODEGA_INLINE double likeliest_strength(const std::vector<LeaningCounts>& rows, bool by_later) {
  const auto likelihood = [&](double log_k) {
    const double k = std::exp(log_k);
    double sum = 0;
    for (const LeaningCounts& row : rows) {
      if (!by_later) sum -= log_rising(k, row.total);
      for (std::size_t i = 0; i < row.counts.size(); ++i)
        if (!by_later)
          sum += log_rising(k * row.shares[i], row.counts[i]);
        else if (row.later[i] > 0)
          sum += row.weight * row.later[i] *
                 std::log((row.counts[i] + k * row.shares[i]) / (row.total + k));
    }
    return sum;
  };
  return std::exp(golden_section(std::log(0.1), std::log(1e7), 0.01, likelihood));
}

BODEGA_INLINE std::vector<double> LeaningRows::shares(std::size_t row,
                                                      std::span<const double> wider) const {
  std::vector<double> result(wider.size());
  for (std::size_t i = 0; i < wider.size(); ++i)
    result[i] = double{own(row, i)} + double{lean[row]} * wider[i];
  return result;
}

BODEGA_INLINE LeaningRows lean(const Matrix<double>& counts, double strength) {
  LeaningRows result{Matrix<float>(counts.rows(), counts.columns()), {}};
  for (std::size_t r = 0; r < counts.rows(); ++r) {
    double total = 0;
    for (const double count : counts.row(r)) total += count;
    const double keeps = total > 0 ? 1 / (1 + total / strength) : 1;  // infinite strength: 1
    result.lean.push_back(static_cast<float>(keeps));
    for (std::size_t i = 0; i < counts.columns() && total > 0; ++i)
      result.own(r, i) = static_cast<float>((1 - keeps) * counts(r, i) / total);
  }
  return result;
}

#endif

}  // namespace bodega::inline BODEGA_ABI::detail
