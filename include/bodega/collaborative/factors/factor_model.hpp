// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/options.hpp>
#include <bodega/core/query.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/tensor/quantized.hpp>
#include <bodega/tensor/row_products.hpp>
#include <bodega/tensor/rows.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

/// What a factor model makes small, over all pairs of a customer and an item: what was observed
/// with confidence c costs c (1 - s)^2 at score s, and every score costs a little:
///
///   sum over observed of c (1 - s)^2  +  unobserved x (sum over all of s^2)
///     +  sum over rows of l2 (n + unobserved x length of the other side)^frequency_scaling |row|^2
///
/// where a row is a customer's or an item's vector and n the number of its observations.
/// Sources: Hu, Koren, Volinsky, "Collaborative filtering for implicit feedback datasets", ICDM
/// 2008 (`observed_too` false, frequency_scaling 0); Rendle, Krichene, Zhang, Koren, "Revisiting
/// the performance of iALS on item recommendation benchmarks", RecSys 2022 (the defaults).
struct ImplicitLoss {
  double unobserved = 0.1;
  /// Whether that term is taken over the observed pairs as well, or over the others only.
  bool observed_too = true;
  double l2 = 0.01;
  /// How far the penalty of a row grows with what is known of it: 0 = the same for all.
  double frequency_scaling = 1;

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("unobserved", self.unobserved,
          "What a score costs where nothing is known. Worth tuning: 0.01 to 1.");
    visit("observed_too", self.observed_too,
          "Whether that is taken over the observed pairs as well.");
    visit("l2", self.l2,
          "Penalty of the vectors. Worth tuning, together with `unobserved`: 0.001 to 0.1.");
    visit("frequency_scaling", self.frequency_scaling,
          "How far a row's penalty grows with what is known of it; 0 = not.");
  }

  /// Factor of s^2 beyond `unobserved`, for an observation of confidence c.
  double weight(double c) const noexcept { return observed_too ? c : c - unobserved; }
  /// The penalty of a row with n observations, where the other side has `others` rows.
  double penalty(double n, double others) const noexcept {
    return l2 * std::pow(n + unobserved * others, frequency_scaling);
  }

  /// Error (invalid_argument) where l2 or `unobserved` is not a finite number above 0, or
  /// frequency_scaling not from 0 to 1.
  void validate(const std::string& where) const;

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("unobserved", self.unobserved);
    visit("observed_too", self.observed_too);
    visit("l2", self.l2);
    visit("frequency_scaling", self.frequency_scaling);
  }

  bool operator==(const ImplicitLoss&) const = default;
};

/// Item vectors whose product with a customer's vector is the score, as `fit_als` and `fit_bpr`
/// learn them. No customer is stored: whoever asks, known or new, is folded in from the query's
/// items as the vector of least loss, which is closed: with the item vectors v,
///
///   u = (unobserved V'V + sum over the query of w v v' + penalty I)^-1  sum over the query of c v
///
/// The item vectors stand in their principal axes, so that V'V is diagonal and the system is a
/// diagonal plus one term an item of the query. Conjugate gradients, scaled by that diagonal, end
/// after about as many steps as there are different items, without a matrix to fill: no allocation,
/// a few kilobytes of stack.
/// An item that stands twice in the query is observed twice; an empty query has the zero vector.
/// Shape: items x factors, up to 512. Thread rule: immutable, any number of readers. Cost: items x
/// factors, and 2 x the smaller of query and factors x query x factors to fold in.
template <WeightFormat W = Matrix<float>>
requires(std::same_as<W, Matrix<float>> || std::same_as<W, QuantizedMatrix>) class FactorModel {
 public:
  static constexpr std::string_view kind = "factor_model";
  static constexpr std::size_t most_factors = RowProducts<W>::most_columns;
  static constexpr double most_confidence = 1e9;
  template <WeightFormat V>
  using with_weights = FactorModel<V>;

  FactorModel() = default;
  /// `vectors`: items x factors, the columns orthogonal to each other (a trainer's
  /// `principal_axes`). Each item of a query is observed with `confidence`. Error (shape,
  /// not_finite, invalid_argument) on more than 512 factors, a NaN, or a loss that makes no sense.
  FactorModel(W vectors, const ImplicitLoss& loss, double confidence = 1)
      : vectors_(std::move(vectors)), loss_(loss), confidence_(confidence) {
    validate("FactorModel");
    restore();
  }

  std::size_t items() const noexcept { return vectors_.rows(); }
  static constexpr QueryParts uses() noexcept { return QueryParts::items(); }
  std::size_t factors() const noexcept { return vectors_.columns(); }
  const W& vectors() const noexcept { return vectors_; }
  const ImplicitLoss& loss() const noexcept { return loss_; }

  /// The vector of a customer of whom no more than the query's items is known; `out` has
  /// `factors()` numbers.
  void fold_in(const Query& query, std::span<float> out) const noexcept {
    Numbers sum{};
    for_each_query_item(query, items(), [&](ItemIndex item) {
      add_row(vectors_, item.value(), static_cast<float>(confidence_), {sum.data(), factors()});
    });
    solve(query, sum, out);
  }

  void add_scores(const Query& query, float weight, std::span<float> scores) const noexcept {
    Numbers customer{};
    fold_in(query, {customer.data(), factors()});
    const RowProducts<W> products({customer.data(), factors()});
    for (std::size_t i = 0; i < items(); ++i) scores[i] += weight * products.product(vectors_, i);
  }

  /// The score is a sum over the query's items, each with its part (Hu, Koren, Volinsky, section
  /// 5); those that speak against `item` give no reason.
  void explain(const Query& query, float weight, ItemIndex item, Reasons& reasons) const noexcept {
    if (item.value() >= items()) return;
    Numbers vector{}, seen_from_query{};
    add_row(vectors_, item.value(), 1.0f, {vector.data(), factors()});
    solve(query, vector, {seen_from_query.data(), factors()});
    for_each_query_item(query, items(), [&](ItemIndex with) {
      reasons.offer({Reason::Kind::bought_together, with, Reason::no_term,
                     weight * static_cast<float>(confidence_) *
                         dot_row(vectors_, with.value(), {seen_from_query.data(), factors()})});
    });
  }

  /// The item vectors brought to length 1, for `ItemVectors`: alike in direction means liked by
  /// the same customers. An item that nobody bought keeps its zero vector.
  Matrix<float> directions() const {
    Matrix<float> result(items(), factors());
    for (std::size_t i = 0; i < items(); ++i) {
      const auto row = result.row(i);
      add_row(vectors_, i, 1.0f, row);
      double squares = 0;
      for (const float x : row) squares += double{x} * x;
      const auto factor = static_cast<float>(squares > 0 ? 1 / std::sqrt(squares) : 0);
      for (float& x : row) x *= factor;
    }
    return result;
  }

  void validate(const std::string& where) const {
    validate_weights(vectors_, where + ", vectors");
    if (factors() > most_factors)
      throw Error(ErrorCode::shape, where + ", vectors",
                  "at most " + std::to_string(most_factors) + " factors",
                  std::to_string(factors()));
    loss_.validate(where + ", loss");
    if (!(confidence_ > 0 && confidence_ <= most_confidence) || loss_.weight(confidence_) < 0)
      throw Error(ErrorCode::invalid_argument, where + ", confidence",
                  "a number above 0, at most 1e9, and no less than what is not observed weighs",
                  std::to_string(confidence_));
  }

  /// The sums of squares along each axis.
  void restore() {
    std::vector<double> sums(factors(), 0.0);
    for (std::size_t i = 0; i < items(); ++i)
      for_each_entry(vectors_, i, [&](std::uint32_t k, float x) { sums[k] += double{x} * x; });
    squares_.assign(sums.begin(), sums.end());
  }

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("vectors", self.vectors_, Role::weight);
    visit("loss", self.loss_);
    visit("confidence", self.confidence_);
  }

  bool operator==(const FactorModel&) const = default;

 private:
  using Numbers = std::array<float, most_factors>;

  /// out = the inverse of the query's system, times `right`.
  void solve(const Query& query, const Numbers& right, std::span<float> out) const noexcept {
    const std::size_t f = factors();
    std::size_t observed = 0;
    for_each_query_item(query, items(), [&](ItemIndex) { ++observed; });
    std::fill(out.begin(), out.end(), 0.0f);
    const double penalty =
        loss_.penalty(static_cast<double>(observed), static_cast<double>(items()));
    Numbers diagonal, rest = right, scaled, direction, image;
    double left = 0;
    for (std::size_t k = 0; k < f; ++k) {
      diagonal[k] = static_cast<float>(loss_.unobserved * squares_[k] + penalty);
      direction[k] = scaled[k] = rest[k] / diagonal[k];
      left += double{rest[k]} * scaled[k];
    }
    const auto weight = static_cast<float>(loss_.weight(confidence_));
    const double enough = 1e-14 * left;  // in squares: the precision of floats
    for (std::size_t step = 0; step < std::min(observed, f) + 8 && left > enough; ++step) {
      for (std::size_t k = 0; k < f; ++k) image[k] = diagonal[k] * direction[k];
      for_each_query_item(query, items(), [&](ItemIndex item) {
        const float along = dot_row(vectors_, item.value(), {direction.data(), f});
        add_row(vectors_, item.value(), weight * along, {image.data(), f});
      });
      double curvature = 0;
      for (std::size_t k = 0; k < f; ++k) curvature += double{direction[k]} * image[k];
      if (!(curvature > 0)) break;
      const auto length = static_cast<float>(left / curvature);
      double next = 0;
      for (std::size_t k = 0; k < f; ++k) {
        out[k] += length * direction[k];
        rest[k] -= length * image[k];
        scaled[k] = rest[k] / diagonal[k];
        next += double{rest[k]} * scaled[k];
      }
      const auto turn = static_cast<float>(next / left);
      for (std::size_t k = 0; k < f; ++k) direction[k] = scaled[k] + turn * direction[k];
      left = next;
    }
  }

  W vectors_;
  ImplicitLoss loss_;
  double confidence_ = 1;
  std::vector<float> squares_;  // implied by the vectors
};

#if BODEGA_BODIES

BODEGA_INLINE void ImplicitLoss::validate(const std::string& where) const {
  const auto refuse = [&](const char* name, const char* expected, double found) {
    throw Error(ErrorCode::invalid_argument, where + ", " + name, expected, std::to_string(found));
  };
  if (!(unobserved > 0) || !std::isfinite(unobserved))
    refuse("unobserved", "a finite number above 0", unobserved);
  if (!(l2 > 0) || !std::isfinite(l2)) refuse("l2", "a finite number above 0", l2);
  if (!(frequency_scaling >= 0 && frequency_scaling <= 1))
    refuse("frequency_scaling", "0 to 1", frequency_scaling);
}

#endif

}  // namespace bodega::inline BODEGA_ABI
