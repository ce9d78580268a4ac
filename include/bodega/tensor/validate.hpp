// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
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
inline void validate_finite(std::span<const float> values, const std::string& where) {
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!std::isfinite(values[i]))
      throw Error(ErrorCode::not_finite, where + ", number " + std::to_string(i), "a finite number",
                  std::to_string(values[i]));
}

/// Error (shape) where two sizes that must agree do not.
inline void validate_size(std::size_t found, std::size_t expected, const std::string& where) {
  if (found != expected)
    throw Error(ErrorCode::shape, where, std::to_string(expected), std::to_string(found));
}

/// A weight matrix is well formed and its numbers finite.
inline void validate_weights(const Matrix<float>& w, const std::string& where) {
  validate_finite(w.values(), where);
}
inline void validate_weights(const CsrMatrix<float>& w, const std::string& where) {
  w.validate(where);
  validate_finite(w.values(), where);
}
inline void validate_weights(const QuantizedMatrix& w, const std::string& where) {
  w.validate(where);
}
inline void validate_weights(const QuantizedCsrMatrix& w, const std::string& where) {
  w.validate(where);
}

}  // namespace bodega::inline BODEGA_ABI
