// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <utility>
#include <vector>

namespace bodega_benchmark {

/// The values that N settings may have, for `bodega::GridSearch`.
template <std::size_t N>
class Grid {
 public:
  using Point = std::array<std::size_t, N>;

  explicit Grid(std::array<std::vector<double>, N> values) : values_(std::move(values)) {}

  Point sizes() const {
    Point sizes{};
    for (std::size_t axis = 0; axis < N; ++axis) sizes[axis] = values_[axis].size();
    return sizes;
  }
  /// The value of a setting at a point.
  double value(const Point& at, std::size_t axis) const { return values_[axis][at[axis]]; }
  const std::vector<double>& values(std::size_t axis) const { return values_[axis]; }

 private:
  std::array<std::vector<double>, N> values_;
};

}  // namespace bodega_benchmark
