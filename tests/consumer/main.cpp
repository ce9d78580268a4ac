// SPDX-License-Identifier: MIT
// A program outside the project, strict about its own warnings: all headers, a kernel that serves
// and one that trains.
#include <array>
#include <iostream>

#include <bodega/bodega.hpp>

#include "own_part.hpp"

int main() {
  const std::array<float, 3> x{1, 2, 3};
  bodega::Matrix<double> a(1, 1, 4.0);
  bodega::invert_positive_definite(a);
  std::cout << "bodega " << BODEGA_VERSION_MAJOR << '.' << BODEGA_VERSION_MINOR << '.'
            << BODEGA_VERSION_PATCH << " on " << bodega::simd::architecture() << '\n';
  const bool right = bodega::simd::dot(x.data(), x.data(), x.size()) == 14.0f && a(0, 0) == 0.25;
  const bool answers = own_part_answers<
      bodega::Part<"items", bodega::ItemItem<>, bodega::ItemItem<bodega::QuantizedCsrMatrix>>>();
  return right && answers ? 0 : 1;
}
