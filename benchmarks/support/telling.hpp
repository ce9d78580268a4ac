// SPDX-License-Identifier: MIT
#pragma once

#include <cstdio>
#include <string>

#include <bodega/core/progress.hpp>
#include <bodega/core/progress_line.hpp>

/// What the programs tell on the error stream while they work.
namespace bodega_benchmark {

namespace detail {
inline const bodega::ProgressLine& progress_line() {
  static const bodega::ProgressLine line;
  return line;
}
}  // namespace detail

/// A line of its own: what is begun, or what was tried and what it reached.
inline void tell(const std::string& line) {
  detail::progress_line().finish();
  std::fprintf(stderr, "%s\n", line.c_str());
}

/// How far a training is, for who is looking. In a log the lines of `tell` say enough, so there it
/// is none.
inline bodega::ProgressCallback show_progress() {
  return bodega::is_terminal(stderr) ? bodega::ProgressCallback(detail::progress_line())
                                     : bodega::ProgressCallback();
}

}  // namespace bodega_benchmark
