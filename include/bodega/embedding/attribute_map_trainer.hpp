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

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/options.hpp>
#include <bodega/core/progress.hpp>
#include <bodega/core/progress_pulse.hpp>
#include <bodega/embedding/attribute_map.hpp>
#include <bodega/tensor/kernels/simd.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/sparse.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

struct AttributeMapOptions {
  double l2 = 1;
  std::size_t most_steps = 100;
  double tolerance = 1e-4;
  ProgressCallback progress = {};

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("l2", self.l2, "Penalty of the terms' vectors. Worth tuning: 0.1 to 30.");
    visit("most_steps", self.most_steps, "Of conjugate gradients.");
    visit("tolerance", self.tolerance, "Ends where the gradient is this small, of what it was.");
    visit("progress", self.progress, "Hears how far the work is, and may end it.");
  }
};

namespace detail {

#if BODEGA_BODIES
/// The vectors of the terms, seen to the end: what their gradient is in doubles decides, and where
/// it is above a thousandth of what it began as, conjugate gradients go on in doubles, scaled by
/// the diagonal, for ten times as many steps. Error (out_of_range) where that does not end either.
void finish_ridge(const CsrMatrix<float>& features, const Matrix<float>& vectors,
                  std::span<const std::size_t> sold, const AttributeMapOptions& options,
                  Matrix<float>& found);
#endif

}  // namespace detail

/// Ridge regression from features (items x terms, sparse) to item vectors (items x dimensions): the
/// terms' vectors T of least |F T - V|^2 + l2 |T|^2 over the items that have a vector other than
/// zero. Method: conjugate gradients, a separate one for each dimension, on F'F + l2 without making
/// it. Source: Gantner et al., "Learning attribute-to-feature mappings for cold-start
/// recommendations", ICDM 2010. Error (shape, invalid_argument, not_finite) where items differ in
/// number, an option makes no sense, or a number is not
/// finite, (out_of_range) where the steps do not end. The answer is checked in doubles, which go on
/// for ten times as many steps where floats could not. Cost: steps x entries of F x
/// dimensions x 4; memory 4 x terms x dimensions floats.
AttributeMap<Matrix<float>> fit_attribute_map(const CsrMatrix<float>& features,
                                              const Matrix<float>& vectors,
                                              const AttributeMapOptions& options = {});

#if BODEGA_BODIES

namespace detail {

BODEGA_INLINE void finish_ridge(const CsrMatrix<float>& features, const Matrix<float>& vectors,
                                std::span<const std::size_t> sold,
                                const AttributeMapOptions& options, Matrix<float>& found) {
  const std::size_t dimensions = vectors.columns(), terms = features.columns();
  const double close = std::max(1e-3, options.tolerance);
  std::vector<double> row(dimensions), diagonal(terms, options.l2);
  Matrix<double> x(terms, dimensions), rest(terms, dimensions), image(terms, dimensions);
  const auto add_to_terms = [&](std::size_t item, Matrix<double>& to) {
    const auto entries = features.row(item);
    for (std::size_t k = 0; k < entries.size(); ++k)
      for (std::size_t d = 0; d < dimensions; ++d)
        to(entries.columns[k], d) += double{entries.values[k]} * row[d];
  };
  // image = (F'F + l2) of, over the items sold.
  const auto multiply = [&](const Matrix<double>& of) {
    for (std::size_t i = 0; i < of.size(); ++i) image.values()[i] = options.l2 * of.values()[i];
    for (const std::size_t i : sold) {
      const auto entries = features.row(i);
      std::fill(row.begin(), row.end(), 0.0);
      for (std::size_t k = 0; k < entries.size(); ++k)
        for (std::size_t d = 0; d < dimensions; ++d)
          row[d] += double{entries.values[k]} * of(entries.columns[k], d);
      add_to_terms(i, image);
    }
  };
  // For each dimension the gradient's square, each term's over its diagonal.
  const auto squares = [&] {
    std::vector<double> sums(dimensions, 0.0);
    for (std::size_t t = 0; t < terms; ++t)
      for (std::size_t d = 0; d < dimensions; ++d) sums[d] += rest(t, d) * rest(t, d) / diagonal[t];
    return sums;
  };
  for (const std::size_t i : sold) {
    const auto entries = features.row(i);
    for (std::size_t k = 0; k < entries.size(); ++k)
      diagonal[entries.columns[k]] += double{entries.values[k]} * double{entries.values[k]};
    std::copy(vectors.row(i).begin(), vectors.row(i).end(), row.begin());
    add_to_terms(i, rest);
  }
  bool finite = true;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const float value = found.values()[i];
    finite &= std::isfinite(value);
    x.values()[i] = std::isfinite(value) ? double{value} : 0.0;
  }
  const std::vector<double> first = squares();
  multiply(x);
  for (std::size_t i = 0; i < rest.size(); ++i) rest.values()[i] -= image.values()[i];
  std::vector<double> left = squares();
  const auto done = [&](double enough) {
    for (std::size_t d = 0; d < dimensions; ++d)
      if (!(left[d] <= enough * enough * first[d])) return false;
    return true;
  };
  if (finite && done(close)) return;
  Matrix<double> direction(terms, dimensions);
  std::vector<double> turn(dimensions, 0.0), curvature(dimensions);
  for (std::size_t step = 0; step < 10 * options.most_steps && !done(options.tolerance); ++step) {
    for (std::size_t t = 0; t < terms; ++t)
      for (std::size_t d = 0; d < dimensions; ++d)
        direction(t, d) = rest(t, d) / diagonal[t] + turn[d] * direction(t, d);
    multiply(direction);
    std::fill(curvature.begin(), curvature.end(), 0.0);
    for (std::size_t t = 0; t < terms; ++t)
      for (std::size_t d = 0; d < dimensions; ++d) curvature[d] += direction(t, d) * image(t, d);
    for (std::size_t t = 0; t < terms; ++t)
      for (std::size_t d = 0; d < dimensions; ++d) {
        const double length = curvature[d] > 0 ? left[d] / curvature[d] : 0;
        x(t, d) += length * direction(t, d);
        rest(t, d) -= length * image(t, d);
      }
    const std::vector<double> next = squares();
    for (std::size_t d = 0; d < dimensions; ++d) turn[d] = left[d] > 0 ? next[d] / left[d] : 0;
    left = next;
  }
  if (!done(close))
    throw Error(ErrorCode::out_of_range, "fit_attribute_map, option most_steps",
                "steps that end, or a larger l2",
                "a gradient above a thousandth of the first after " +
                    std::to_string(11 * options.most_steps));
  std::transform(x.values().begin(), x.values().end(), found.values().begin(),
                 [](double v) { return static_cast<float>(v); });
}

}  // namespace detail

BODEGA_INLINE AttributeMap<Matrix<float>> fit_attribute_map(const CsrMatrix<float>& features,
                                                            const Matrix<float>& vectors,
                                                            const AttributeMapOptions& options) {
  validate_size(vectors.rows(), features.rows(), "fit_attribute_map, rows of vectors");
  if (!(options.l2 > 0) || !std::isfinite(options.l2))
    throw Error(ErrorCode::invalid_argument, "fit_attribute_map, option l2",
                "a finite number above 0", std::to_string(options.l2));
  if (!(options.tolerance >= 0))
    throw Error(ErrorCode::invalid_argument, "fit_attribute_map, option tolerance", "0 or more",
                std::to_string(options.tolerance));
  validate_weights(features, "fit_attribute_map, features");
  validate_weights(vectors, "fit_attribute_map, vectors");

  const std::size_t dimensions = vectors.columns();
  std::vector<std::size_t> sold;
  for (std::size_t i = 0; i < vectors.rows(); ++i)
    if (simd::dot(vectors.row(i).data(), vectors.row(i).data(), dimensions) > 0) sold.push_back(i);

  const auto add_to_terms = [&](std::size_t item, const float* row, Matrix<float>& terms) {
    const auto entries = features.row(item);
    for (std::size_t k = 0; k < entries.size(); ++k)
      simd::axpy(entries.values[k], row, terms.row(entries.columns[k]).data(), dimensions);
  };
  // Sums over the terms of the products of two tables, a sum for each dimension.
  const auto products = [&](const Matrix<float>& a, const Matrix<float>& b) {
    std::vector<double> sums(dimensions, 0.0);
    for (std::size_t t = 0; t < a.rows(); ++t)
      for (std::size_t d = 0; d < dimensions; ++d) sums[d] += double{a(t, d)} * double{b(t, d)};
    return sums;
  };

  Matrix<float> found(features.columns(), dimensions), rest(features.columns(), dimensions);
  for (const std::size_t i : sold) add_to_terms(i, vectors.row(i).data(), rest);
  Matrix<float> direction = rest, image(features.columns(), dimensions);
  std::vector<double> left = products(rest, rest);
  const std::vector<double> first = left;
  std::vector<float> row(dimensions);
  ProgressPulse pulse(options.progress, "attribute map: steps", options.most_steps);
  for (std::size_t step = 0; step < options.most_steps; ++step) {
    bool done = true;
    for (std::size_t d = 0; d < dimensions; ++d)
      done &= left[d] <= options.tolerance * options.tolerance * first[d];
    if (done) break;
    pulse(step);
    for (std::size_t t = 0; t < image.rows(); ++t)
      for (std::size_t d = 0; d < dimensions; ++d)
        image(t, d) = static_cast<float>(options.l2) * direction(t, d);
    for (const std::size_t i : sold) {
      pulse();
      const auto entries = features.row(i);
      row.assign(dimensions, 0.0f);
      for (std::size_t k = 0; k < entries.size(); ++k)
        simd::axpy(entries.values[k], direction.row(entries.columns[k]).data(), row.data(),
                   dimensions);
      add_to_terms(i, row.data(), image);
    }
    const std::vector<double> curvature = products(direction, image);
    std::vector<float> length(dimensions, 0.0f), turn(dimensions, 0.0f);
    for (std::size_t d = 0; d < dimensions; ++d)
      if (curvature[d] > 0) length[d] = static_cast<float>(left[d] / curvature[d]);
    for (std::size_t t = 0; t < found.rows(); ++t)
      for (std::size_t d = 0; d < dimensions; ++d) {
        found(t, d) += length[d] * direction(t, d);
        rest(t, d) -= length[d] * image(t, d);
      }
    const std::vector<double> next = products(rest, rest);
    for (std::size_t d = 0; d < dimensions; ++d)
      if (left[d] > 0) turn[d] = static_cast<float>(next[d] / left[d]);
    left = next;
    for (std::size_t t = 0; t < found.rows(); ++t)
      for (std::size_t d = 0; d < dimensions; ++d)
        direction(t, d) = rest(t, d) + turn[d] * direction(t, d);
  }
  detail::finish_ridge(features, vectors, sold, options, found);
  pulse(options.most_steps);
  return AttributeMap<Matrix<float>>(std::move(found));
}

#endif

}  // namespace bodega::inline BODEGA_ABI
