// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>

#include <bodega/compress/size_report.hpp>
#include <bodega/core/query.hpp>

namespace bodega_benchmark {

inline double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// A model that was fitted, and what that took.
template <bodega::Scorer S>
struct Fitted {
  S scorer;
  std::string settings;
  std::size_t bytes = 0;  ///< in a file
  double seconds = 0;
};

/// Calls `fit()`, which returns a model, and takes its time and size.
template <class Fit>
auto timed(std::string settings, Fit&& fit) {
  const auto start = std::chrono::steady_clock::now();
  auto model = fit();
  const double seconds = seconds_since(start);
  const std::size_t bytes = bodega::size_report(model).bytes;
  return Fitted<decltype(model)>{std::move(model), std::move(settings), bytes, seconds};
}

}  // namespace bodega_benchmark
