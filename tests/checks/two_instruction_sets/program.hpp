// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include <bodega/tensor/invert.hpp>
#include <bodega/tensor/kernels/simd.hpp>

/// What each of the two files compiles for itself. In a namespace without a name: the file's own.
namespace {

/// The instruction set that the library's code says it was compiled for, or what was wrong.
inline std::string instruction_set_that_works() {
  const std::size_t n = 40;
  bodega::Matrix<double> a(n, n, 1.0);
  for (std::size_t i = 0; i < n; ++i) a(i, i) = 2;
  bodega::invert_positive_definite(a);
  const double expected = 1 - 1.0 / static_cast<double>(n + 1);
  if (!(std::abs(a(7, 7) - expected) < 1e-12)) return "wrong inverse";
  const std::vector<float> x(n, 2.0f);
  if (bodega::simd::dot(x.data(), x.data(), n) != 160.0f) return "wrong product";
  return bodega::simd::architecture();
}

}  // namespace
