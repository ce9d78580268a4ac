// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/quantized.hpp>
#include <bodega/tensor/sparse.hpp>

/// Checks that every model's `validate` is made of.
namespace bodega::inline BODEGA_ABI {

/// Error (not_finite) naming the first NaN or infinity.
void validate_finite(std::span<const float> values, const std::string& where);

/// What numbers may be that mean something: what a file says beyond these is finite but nonsense,
/// and answers made of it would be too.
namespace plausible {
inline constexpr double weight = 1e9;     ///< of a score
inline constexpr double share = 1e3;      ///< of a usual day's sales
inline constexpr double units = 1e9;      ///< sold on a day, or as its level
inline constexpr double sum = 1e15;       ///< of units or squares over all days
inline constexpr double effect = 20;      ///< natural logarithm of a day's factor
inline constexpr double shortest = 1e-3;  ///< half-life, in days
inline constexpr double longest = 1e9;
inline constexpr std::int32_t first_day = -25'567;  ///< 1900-01-01, since 1970-01-01
inline constexpr std::int32_t last_day = 84'005;    ///< 2199-12-31
}  // namespace plausible

/// Error (not_finite, out_of_range) naming the first number that is not from least to most.
void validate_range(std::span<const float> values, double least, double most,
                    const std::string& where);

/// Error (out_of_range) where a day, as a number since 1970-01-01, is not of the years 1900 to
/// 2199: what believes itself there learns nothing any more.
void validate_day(std::int32_t day, const std::string& where);

/// Error (shape) where two sizes that must agree do not.
inline void validate_size(std::size_t found, std::size_t expected, const std::string& where) {
  if (found != expected)
    throw Error(ErrorCode::shape, where, std::to_string(expected), std::to_string(found));
}

/// A weight matrix is well formed and its numbers finite, and of a size up to `most`.
inline void validate_weights(const Matrix<float>& w, const std::string& where,
                             double most = plausible::weight) {
  validate_range(w.values(), -most, most, where);
}
void validate_weights(const CsrMatrix<float>& w, const std::string& where,
                      double most = plausible::weight);
void validate_weights(const QuantizedMatrix& w, const std::string& where,
                      double most = plausible::weight);
void validate_weights(const QuantizedCsrMatrix& w, const std::string& where,
                      double most = plausible::weight);

#if BODEGA_BODIES

BODEGA_INLINE void validate_finite(std::span<const float> values, const std::string& where) {
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!std::isfinite(values[i]))
      throw Error(ErrorCode::not_finite, where + ", number " + std::to_string(i), "a finite number",
                  std::to_string(values[i]));
}

BODEGA_INLINE void validate_range(std::span<const float> values, double least, double most,
                                  const std::string& where) {
  validate_finite(values, where);
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!(double{values[i]} >= least && double{values[i]} <= most))
      throw Error(ErrorCode::out_of_range, where + ", number " + std::to_string(i),
                  "a number from " + std::to_string(least) + " to " + std::to_string(most),
                  std::to_string(values[i]));
}

BODEGA_INLINE void validate_day(std::int32_t day, const std::string& where) {
  if (day < plausible::first_day || day > plausible::last_day)
    throw Error(ErrorCode::out_of_range, where, "a day of the years 1900 to 2199",
                std::to_string(day) + " since 1970-01-01");
}

BODEGA_INLINE void validate_weights(const CsrMatrix<float>& w, const std::string& where,
                                    double most) {
  w.validate(where);
  validate_range(w.values(), -most, most, where);
}

BODEGA_INLINE void validate_weights(const QuantizedMatrix& w, const std::string& where,
                                    double most) {
  w.validate(where);
  validate_range(w.scale().scales(), 0, most / 128, where + ", scale");
}

BODEGA_INLINE void validate_weights(const QuantizedCsrMatrix& w, const std::string& where,
                                    double most) {
  w.validate(where);
  validate_range(w.scale().scales(), 0, most / 128, where + ", scale");
}

#endif

}  // namespace bodega::inline BODEGA_ABI
