// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <bodega/core/error.hpp>
#include <bodega/core/progress.hpp>
#include <bodega/embedding/attribute_map.hpp>
#include <bodega/tensor/kernels/simd.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/sparse.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega {

struct AttributeMapOptions {
  double l2 = 1;  ///< penalty of the terms' vectors; worth tuning: 0.1 to 30
  std::size_t most_steps = 100;
  double tolerance = 1e-4;  ///< ends where the gradient is this small, of what it was
  ProgressCallback progress = {};
};

/// Ridge regression from features (items x terms, sparse) to item vectors (items x dimensions): the
/// terms' vectors T of least |F T - V|^2 + l2 |T|^2 over the items that have a vector other than
/// zero. Method: conjugate gradients, a separate one for each dimension, on F'F + l2 without making
/// it. Source: Gantner et al., "Learning attribute-to-feature mappings for cold-start
/// recommendations", ICDM 2010. Error (shape, invalid_argument, not_finite) where items differ in
/// number, an option makes no sense, or a number is not finite. Cost: steps x entries of F x
/// dimensions x 4; memory 4 x terms x dimensions floats.
inline AttributeMap<Matrix<float>> fit_attribute_map(const CsrMatrix<float>& features,
                                                     const Matrix<float>& vectors,
                                                     const AttributeMapOptions& options = {}) {
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
  for (std::size_t step = 0; step < options.most_steps; ++step) {
    bool done = true;
    for (std::size_t d = 0; d < dimensions; ++d)
      done &= left[d] <= options.tolerance * options.tolerance * first[d];
    if (done) break;
    report_progress(options.progress, {"attribute map: steps", step, options.most_steps});
    for (std::size_t t = 0; t < image.rows(); ++t)
      for (std::size_t d = 0; d < dimensions; ++d)
        image(t, d) = static_cast<float>(options.l2) * direction(t, d);
    for (const std::size_t i : sold) {
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
  report_progress(options.progress,
                  {"attribute map: steps", options.most_steps, options.most_steps});
  return AttributeMap<Matrix<float>>(std::move(found));
}

}  // namespace bodega
