// SPDX-License-Identifier: MIT
#include "tensor.hpp"

namespace bodega::inline BODEGA_ABI {

template void invert_positive_definite(Matrix<float>&, std::size_t, ProgressPulse*);
template void invert_positive_definite(Matrix<double>&, std::size_t, ProgressPulse*);
template double solve_positive_definite(Matrix<float>&, std::span<float>, std::span<float>);
template double solve_positive_definite(Matrix<double>&, std::span<double>, std::span<double>);

}  // namespace bodega::inline BODEGA_ABI
