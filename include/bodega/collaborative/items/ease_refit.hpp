// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <bodega/collaborative/items/ease_gram.hpp>
#include <bodega/collaborative/items/item_item.hpp>
#include <bodega/collaborative/sums/cooccurrence.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/options.hpp>
#include <bodega/core/parallel.hpp>
#include <bodega/core/progress.hpp>
#include <bodega/core/progress_pulse.hpp>
#include <bodega/tensor/quantized.hpp>
#include <bodega/tensor/rows.hpp>
#include <bodega/tensor/sparse.hpp>

namespace bodega::inline BODEGA_ABI {

namespace detail {

/// Answers fitted on their supports by conjugate gradients that start at the weights they have: row
/// j of `start` holds those of answer j. The products of the Gram matrix with the directions of
/// many answers are formed together, a row of the matrix at a time: spread out once, it serves each
/// answer that the item speaks for. An answer is done when its residual, weighed by the inverse of
/// the diagonal, is `tolerance` of what no weights at all would leave.
/// Source: Hestenes, Stiefel, "Methods of conjugate gradients for solving linear systems", 1952.
class EaseRefit {
 public:
  EaseRefit(const EaseGram& gram, const CsrMatrix<float>& start, double l2, double tolerance);

  std::size_t items() const noexcept { return support_.rows(); }

  /// Fits the answers first .. last - 1.
  /// Thread safety: threads may fit different answers at once.
  void fit(std::uint32_t first, std::uint32_t last, ProgressPulse& pulse);

  /// Returns a row for each item that speaks.
  CsrMatrix<float> weights() const { return CsrMatrix<float>(support_, weight_).transposed(); }

 private:
  /// image = Gram matrix times x, for the open answers among first .. last - 1.
  void multiply(const std::vector<float>& x, std::uint32_t first, std::uint32_t last,
                std::vector<float>& spread, ProgressPulse& pulse);

  /// Calls `visit(answer, begin, end)` for the open answers, closes those that are done, and says
  /// whether any is left.
  template <class Visit>
  bool for_each_open(std::uint32_t first, std::uint32_t last, Visit&& visit) {
    bool any = false;
    for (std::uint32_t j = first; j < last; ++j) {
      if (open_[j] == 0) continue;
      visit(j, support_.begin(j), support_.end(j));
      open_[j] = left_[j] > enough_[j];
      any |= open_[j] != 0;
    }
    return any;
  }

  /// The first residuals and directions.
  bool start(std::uint32_t first, std::uint32_t last);

  /// One step along the directions, and the next directions.
  bool advance(std::uint32_t first, std::uint32_t last);

  /// Looks at what is left in truth, and not by what the steps believed; an answer with too much of
  /// it is solved for at once.
  void mend(std::uint32_t first, std::uint32_t last, std::vector<float>& spread,
            ProgressPulse& pulse);

  const EaseGram& gram_;
  const SparsePattern& support_;
  double l2_, tolerance_;
  // Of which answers each item is in the support, and where there.
  std::vector<std::uint32_t> begin_, answer_, place_;
  std::vector<float> diagonal_;
  std::vector<float> weight_, residual_, direction_, image_;  // of each entry of the support
  std::vector<double> left_, enough_;                         // squared residuals of each answer
  std::vector<std::uint8_t> open_;
};

/// The weights as floats, a row for each item that speaks.
inline const CsrMatrix<float>& real_weights(const CsrMatrix<float>& weights) { return weights; }
CsrMatrix<float> real_weights(const QuantizedCsrMatrix& weights);

}  // namespace detail

struct EaseRefitOptions {
  double l2 = 200;
  std::size_t threads = 0;
  ProgressCallback progress = {};

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("l2", self.l2, "Ridge penalty, in baskets, as of the fit before.");
    visit("threads", self.threads, "How many work; 0 = one for each core.");
    visit("progress", self.progress, "Hears how far the work is, and may end it.");
  }
};

/// Fits a model again to the counts as they are now. Which items speak for which is kept; how
/// strongly is fitted, each answer over its own support with the penalty l2, starting from the
/// weights it has (`model` may be INT8), until its error is 1e-3 of what no weights would leave.
/// For every day: far cheaper than `fit_ease`, and without a matrix of items x items. What has
/// become new company since waits for the next whole fit. The result is the same at any number of
/// threads.
/// Throws Error(shape) if model and counts are of different catalogues, (invalid_argument) if l2 is
/// not a finite number above 0, (cancelled) if `progress` says so.
/// Complexity: for each step, of which a day's receipts take a few, items x the mean of (weights of
/// an answer)^2 multiply-adds. Memory: that of the pairs, and 40 bytes a weight.
template <WeightFormat W>
requires(std::same_as<W, CsrMatrix<float>> || std::same_as<W, QuantizedCsrMatrix>)
    ItemItem<CsrMatrix<float>> refit_ease(const ItemItem<W>& model, const Cooccurrence& counts,
                                          const EaseRefitOptions& options = {}) {
  constexpr double tolerance = 1e-3;
  detail::check_penalty(options.l2, "refit_ease, option l2");
  if (model.items() != counts.items())
    throw Error(ErrorCode::shape, "refit_ease",
                "counts of " + std::to_string(model.items()) + " items",
                std::to_string(counts.items()));
  const detail::EaseGram gram(counts);
  const CsrMatrix<float> start = detail::real_weights(model.weights()).transposed();
  detail::EaseRefit refit(gram, start, options.l2, tolerance);
  const std::size_t n = counts.items();
  const std::size_t parts = std::clamp<std::size_t>(n / 256, 1, 4 * thread_count(options.threads));
  ProgressPulse pulse(options.progress, "ease: weights kept, fitted again", n);
  pulse(0);
  const auto fit = [&](std::size_t part, std::size_t) {
    refit.fit(static_cast<std::uint32_t>(n * part / parts),
              static_cast<std::uint32_t>(n * (part + 1) / parts), pulse);
  };
  Workers(std::min(thread_count(options.threads), parts)).run(parts, fit, &pulse);
  pulse(n);
  return ItemItem<CsrMatrix<float>>(refit.weights());
}

#if BODEGA_BODIES

namespace detail {

BODEGA_INLINE EaseRefit::EaseRefit(const EaseGram& gram, const CsrMatrix<float>& start, double l2,
                                   double tolerance)
    : gram_(gram),
      support_(start.pattern()),
      l2_(l2),
      tolerance_(tolerance),
      begin_(items() + 1, 0),
      answer_(support_.size()),
      place_(support_.size()),
      diagonal_(items()),
      weight_(start.values().begin(), start.values().end()),
      residual_(support_.size()),
      direction_(support_.size()),
      image_(support_.size()),
      left_(items(), 0.0),
      enough_(items(), 0.0),
      open_(items(), 0) {
  for (const std::uint32_t i : support_.column()) ++begin_[i + 1];
  for (std::size_t i = 0; i < items(); ++i) begin_[i + 1] += begin_[i];
  std::vector<std::uint32_t> next(begin_.begin(), begin_.end() - 1);
  for (std::uint32_t j = 0; j < items(); ++j)
    for (std::uint32_t k = support_.begin(j); k < support_.end(j); ++k) {
      const std::uint32_t at = next[support_.column()[k]]++;
      answer_[at] = j;
      place_[at] = k;
    }
  for (std::size_t i = 0; i < items(); ++i) diagonal_[i] = static_cast<float>(gram.count(i) + l2);
}

BODEGA_INLINE void EaseRefit::fit(std::uint32_t first, std::uint32_t last, ProgressPulse& pulse) {
  constexpr int most_steps = 100;
  std::vector<float> spread(items(), 0.0f);
  for (std::uint32_t j = first; j < last; ++j) open_[j] = !support_.row(j).empty();
  multiply(weight_, first, last, spread, pulse);
  bool any = start(first, last);
  for (int step = 0; any && step < most_steps; ++step) {
    multiply(direction_, first, last, spread, pulse);
    any = advance(first, last);
  }
  mend(first, last, spread, pulse);
}

BODEGA_INLINE void EaseRefit::multiply(const std::vector<float>& x, std::uint32_t first,
                                       std::uint32_t last, std::vector<float>& spread,
                                       ProgressPulse& pulse) {
  std::fill(image_.data() + support_.begin(first), image_.data() + support_.begin(last), 0.0f);
  for (std::uint32_t i = 0; i < items(); ++i) {
    pulse();
    const auto of_item = std::span(answer_).subspan(begin_[i], begin_[i + 1] - begin_[i]);
    auto at = static_cast<std::size_t>(std::lower_bound(of_item.begin(), of_item.end(), first) -
                                       of_item.begin());
    const auto skip = [&] {
      while (at < of_item.size() && of_item[at] < last && open_[of_item[at]] == 0) ++at;
      return at == of_item.size() || of_item[at] >= last;
    };
    if (skip()) continue;
    const auto row = gram_.pairs().row(i);
    for (std::size_t k = 0; k < row.size(); ++k) spread[row.columns[k]] = row.values[k];
    spread[i] = diagonal_[i];
    for (; !skip(); ++at) {
      const std::uint32_t j = of_item[at];
      const float share = x[place_[begin_[i] + at]];
      for (std::uint32_t k = support_.begin(j); k < support_.end(j); ++k)
        image_[k] += share * spread[support_.column()[k]];
    }
    for (const std::uint32_t k : row.columns) spread[k] = 0;
    spread[i] = 0;
  }
}

BODEGA_INLINE bool EaseRefit::start(std::uint32_t first, std::uint32_t last) {
  return for_each_open(first, last, [&](std::uint32_t j, std::uint32_t from, std::uint32_t to) {
    for (std::uint32_t k = from; k < to; ++k) {
      const std::uint32_t i = support_.column()[k];
      const float wanted = gram_.pairs().at(j, i);
      residual_[k] = wanted - image_[k];
      direction_[k] = residual_[k] / diagonal_[i];
      left_[j] += double{residual_[k]} * direction_[k];
      enough_[j] += tolerance_ * tolerance_ * double{wanted} * wanted / diagonal_[i];
    }
  });
}

BODEGA_INLINE bool EaseRefit::advance(std::uint32_t first, std::uint32_t last) {
  return for_each_open(first, last, [&](std::uint32_t j, std::uint32_t from, std::uint32_t to) {
    double curvature = 0, before = std::exchange(left_[j], 0.0);
    for (std::uint32_t k = from; k < to; ++k) curvature += double{direction_[k]} * image_[k];
    if (!(curvature > 0)) return;  // nothing is left that floats can tell
    const auto length = static_cast<float>(before / curvature);
    for (std::uint32_t k = from; k < to; ++k) {
      weight_[k] += length * direction_[k];
      residual_[k] -= length * image_[k];
      left_[j] += double{residual_[k]} * residual_[k] / diagonal_[support_.column()[k]];
    }
    const auto turn = static_cast<float>(left_[j] / before);
    for (std::uint32_t k = from; k < to; ++k)
      direction_[k] = residual_[k] / diagonal_[support_.column()[k]] + turn * direction_[k];
  });
}

BODEGA_INLINE void EaseRefit::mend(std::uint32_t first, std::uint32_t last,
                                   std::vector<float>& spread, ProgressPulse& pulse) {
  for (std::uint32_t j = first; j < last; ++j) open_[j] = !support_.row(j).empty();
  multiply(weight_, first, last, spread, pulse);
  for (std::uint32_t j = first; j < last; ++j) {
    pulse();
    double in_truth = 0;
    for (std::uint32_t k = support_.begin(j); k < support_.end(j); ++k) {
      const std::uint32_t i = support_.column()[k];
      const double rest = double{gram_.pairs().at(j, i)} - double{image_[k]};
      in_truth += rest * rest / double{diagonal_[i]};
    }
    if (in_truth <= 100 * enough_[j]) continue;
    const std::vector<double> w = gram_.fit<double>(j, support_.row(j), l2_);
    std::copy(w.begin(), w.end(), weight_.data() + support_.begin(j));
  }
}

BODEGA_INLINE CsrMatrix<float> real_weights(const QuantizedCsrMatrix& weights) {
  const auto& stored = weights.stored();
  std::vector<float> real;
  real.reserve(stored.size());
  for (std::size_t i = 0; i < stored.rows(); ++i)
    for (const std::int8_t value : stored.row(i).values)
      real.push_back(weights.scale().real(i, value));
  return CsrMatrix<float>(stored.pattern(), std::move(real));
}

}  // namespace detail

#endif

}  // namespace bodega::inline BODEGA_ABI
