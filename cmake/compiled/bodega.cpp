// SPDX-License-Identifier: MIT
// The library bodega::compiled: the bodies that the headers only declare to a program that links
// it, and the templates of the usual types.
#include <bodega/bodega.hpp>

namespace bodega::inline BODEGA_ABI {

template void invert_positive_definite(Matrix<float>&, std::size_t);
template void invert_positive_definite(Matrix<double>&, std::size_t);
template double solve_positive_definite(Matrix<float>&, std::span<float>, std::span<float>);
template double solve_positive_definite(Matrix<double>&, std::span<double>, std::span<double>);

BODEGA_TRAININGS(, 8)
BODEGA_TRAININGS(, 16)
BODEGA_TRAININGS(, 32)
BODEGA_TRAININGS(, 64)

}  // namespace bodega::inline BODEGA_ABI
