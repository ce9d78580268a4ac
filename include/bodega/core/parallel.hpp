// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <exception>
#include <thread>
#include <vector>

namespace bodega {

/// Number of threads for an option where 0 means "all cores".
inline std::size_t thread_count(std::size_t wanted) noexcept {
  return wanted > 0 ? wanted : std::max(1u, std::thread::hardware_concurrency());
}

/// Calls `body(begin, end, part)` for `threads` contiguous parts of [0, count), the first on the
/// calling thread. Which indices form a part depends on `threads` alone, so a body that writes
/// only to its own indices gives the same bytes at any number of threads. The first exception
/// (lowest part) is thrown on when all parts have ended.
template <class Body>
void parallel_for(std::size_t count, std::size_t threads, Body&& body) {
  const std::size_t parts = std::clamp<std::size_t>(thread_count(threads), 1, std::max<std::size_t>(count, 1));
  std::vector<std::exception_ptr> failures(parts);
  auto run = [&](std::size_t part) noexcept {
    try {
      body(count * part / parts, count * (part + 1) / parts, part);
    } catch (...) {
      failures[part] = std::current_exception();
    }
  };
  {
    std::vector<std::jthread> workers;
    workers.reserve(parts - 1);
    for (std::size_t part = 1; part < parts; ++part) workers.emplace_back(run, part);
    run(0);
  }
  for (const auto& failure : failures)
    if (failure) std::rethrow_exception(failure);
}

}  // namespace bodega
