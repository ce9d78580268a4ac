// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <bodega/collaborative/cooccurrence.hpp>
#include <bodega/collaborative/item_item.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/progress.hpp>
#include <bodega/tensor/linalg.hpp>
#include <bodega/tensor/strongest_rows.hpp>

namespace bodega {

/// Which weights of the dense solution stay.
enum class EaseKeep {
  strongest,    ///< the same number for each item: its weights of largest magnitude
  least_missed  ///< as many in all, where leaving them out would hurt most: items that are in many
                ///< baskets keep more and rare ones fewer. At one size nearer to the dense solution
};

struct EaseOptions {
  /// Ridge penalty, in baskets; more for noisier data. Worth tuning: 10 to 1000.
  double l2 = 200;
  std::size_t neighbours = 50;  ///< weights kept for each item, or on average; 0 = all
  EaseKeep keep = EaseKeep::strongest;
  /// w(i, j) is multiplied by (P_jj / P_ii)^symmetry. 0 = EASE itself, which rebuilds baskets best;
  /// 0.5 = partial correlations, equal both ways; between them it may rank better. 0 to 0.5.
  double symmetry = 0;
  /// Half the memory and time; enough unless l2 is small beside the largest count (1 : 10^5).
  bool single_precision = false;
  /// The dense solve holds three items x items matrices. Above this it is refused.
  std::size_t max_bytes = std::size_t{4} << 30;
  ProgressCallback progress = {};
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

/// The value of `missed` that all but `count` weights do not exceed.
template <class T>
float missed_threshold(const Matrix<T>& p, std::size_t count) {
  const std::size_t n = p.rows();
  if (count >= n * (n - 1)) return -1;
  std::vector<float> all;
  all.reserve(n * (n - 1));
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j)
      if (j != i) all.push_back(static_cast<float>(missed(p, i, j)));
  const auto at = all.begin() + static_cast<std::ptrdiff_t>(count);
  std::nth_element(all.begin(), at, all.end(), std::greater<>());
  return *at;
}

template <class T>
CsrMatrix<float> solve_ease(const Cooccurrence& counts, const EaseOptions& options) {
  const std::size_t n = counts.items();
  report_progress(options.progress, {"ease: gram matrix", 0, 3});
  Matrix<T> p(n, n);
  {
    const CsrMatrix<float> pairs = counts.pairs();
    for (std::size_t i = 0; i < n; ++i) {
      const auto row = pairs.row(i);
      for (std::size_t k = 0; k < row.size(); ++k)
        p(i, row.columns[k]) = static_cast<T>(row.values[k]);
      const ItemIndex item(static_cast<std::uint32_t>(i));
      p(i, i) = static_cast<T>(counts.count(item) + options.l2);
    }
  }
  report_progress(options.progress, {"ease: inverse", 1, 3});
  invert_positive_definite(p);
  report_progress(options.progress, {"ease: strongest weights", 2, 3});
  const bool each_item = options.keep == EaseKeep::strongest || options.neighbours == 0;
  const float threshold = each_item ? -1 : missed_threshold(p, options.neighbours * n);
  std::vector<double> factor(n, 1.0);
  if (options.symmetry > 0)
    for (std::size_t i = 0; i < n; ++i)
      factor[i] = std::pow(static_cast<double>(p(i, i)), options.symmetry);
  StrongestRows rows(n, each_item ? options.neighbours : 0);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j)
      if (j != i && (each_item || static_cast<float>(missed(p, i, j)) > threshold))
        rows.offer(static_cast<std::uint32_t>(j),
                   static_cast<float>(-p(i, j) / p(j, j) * factor[j] / factor[i]));
    rows.end_row();
  }
  report_progress(options.progress, {"ease: strongest weights", 3, 3});
  return rows.take();
}
}  // namespace detail

/// EASE: the item-item table with zero diagonal that best rebuilds every basket from its other
/// items under a ridge penalty, in closed form: P = (G + l2 I)^-1 of the counts G, then
/// w(i, j) = -P_ij / P_jj. Weights may be negative: item i can speak against item j.
/// Source: Steck, "Embarrassingly shallow autoencoders for sparse data", WWW 2019, eq. 8.
/// Error (invalid_argument) where l2 is not a finite number above 0 or symmetry not from 0 to 0.5,
/// (out_of_range) where the catalogue needs more than `max_bytes`. Cost: about items^3
/// multiply-adds; memory three times items^2 x 8 bytes (x 4 in single precision): 600 MB for 5,000
/// items.
inline ItemItem<CsrMatrix<float>> fit_ease(const Cooccurrence& counts,
                                           const EaseOptions& options = {}) {
  if (!(options.l2 > 0) || !std::isfinite(options.l2))
    throw Error(ErrorCode::invalid_argument, "fit_ease, option l2", "a finite number above 0",
                std::to_string(options.l2));
  if (!(options.symmetry >= 0 && options.symmetry <= 0.5))
    throw Error(ErrorCode::invalid_argument, "fit_ease, option symmetry", "0 to 0.5",
                std::to_string(options.symmetry));
  const std::size_t number = options.single_precision ? sizeof(float) : sizeof(double);
  const double bytes = 3.0 * static_cast<double>(number) * static_cast<double>(counts.items()) *
                       static_cast<double>(counts.items());
  if (bytes > static_cast<double>(options.max_bytes))
    throw Error(ErrorCode::out_of_range,
                "fit_ease, catalogue of " + std::to_string(counts.items()) + " items",
                "a dense solve within max_bytes = " + std::to_string(options.max_bytes),
                std::to_string(static_cast<std::uint64_t>(bytes)) +
                    " bytes needed; raise max_bytes, take single_precision, leave rare items out, "
                    "or use fit_item_neighbours");
  return ItemItem<CsrMatrix<float>>(options.single_precision
                                        ? detail::solve_ease<float>(counts, options)
                                        : detail::solve_ease<double>(counts, options));
}

}  // namespace bodega
