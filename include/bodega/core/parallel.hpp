// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/progress_pulse.hpp>

namespace bodega::inline BODEGA_ABI {

/// Number of threads for an option where 0 means "all cores".
inline std::size_t thread_count(std::size_t wanted) noexcept {
  return wanted > 0 ? wanted : std::max(1u, std::thread::hardware_concurrency());
}

namespace detail {
/// A thread that is joined when it goes; std::jthread, which libc++ had not until version 18.
class JoiningThread {
 public:
  template <class... Task>
  explicit JoiningThread(Task&&... task) : thread_(std::forward<Task>(task)...) {}
  JoiningThread(JoiningThread&&) noexcept = default;
  JoiningThread& operator=(JoiningThread&&) = delete;
  ~JoiningThread() {
    if (thread_.joinable()) thread_.join();
  }

 private:
  std::thread thread_;
};
}  // namespace detail

/// Calls `body(begin, end, part)` for `threads` contiguous parts of [0, count), the first on the
/// calling thread. Which indices form a part depends on `threads` alone, so a body that writes
/// only to its own indices gives the same bytes at any number of threads. The first exception
/// (lowest part) is thrown on when all parts have ended. With a pulse, which bodies should call,
/// the calling thread calls it while it waits for the others.
template <class Body>
void parallel_for(std::size_t count, std::size_t threads, Body&& body,
                  ProgressPulse* pulse = nullptr) {
  const std::size_t parts =
      std::clamp<std::size_t>(thread_count(threads), 1, std::max<std::size_t>(count, 1));
  std::vector<std::exception_ptr> failures(parts);
  std::atomic<std::size_t> left{parts - 1};
  auto run = [&](std::size_t part) noexcept {
    try {
      body(count * part / parts, count * (part + 1) / parts, part);
      while (part == 0 && pulse != nullptr && left > 0) {
        (*pulse)();
        std::this_thread::sleep_for(std::chrono::microseconds(100));
      }
    } catch (...) {
      failures[part] = std::current_exception();
    }
    if (part > 0) --left;
  };
  {
    std::vector<detail::JoiningThread> workers;
    workers.reserve(parts - 1);
    for (std::size_t part = 1; part < parts; ++part) workers.emplace_back(run, part);
    run(0);
  }
  for (const auto& failure : failures)
    if (failure) std::rethrow_exception(failure);
}

/// Threads that stay for many short tasks, such as the steps of a training: a task costs a wake-up
/// instead of a start. One thread at a time may hand out tasks.
class Workers {
 public:
  /// Of `threads` (0: all cores), the calling thread being one; fewer where the system gives no
  /// more.
  explicit Workers(std::size_t threads) {
    const std::size_t count = thread_count(threads);
    threads_.reserve(count - 1);
    try {
      for (std::size_t worker = 1; worker < count; ++worker)
        threads_.emplace_back([this, worker] { serve(worker); });
    } catch (const std::system_error&) {
    }
  }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  ~Workers() {
    stop_ = true;
    wake();
  }

  std::size_t size() const noexcept { return threads_.size() + 1; }

  /// Calls `body(index, worker)` for each index below `count`, in any order, on whichever of the
  /// `size()` workers is free. A body that writes only to what belongs to its index gives the same
  /// bytes at any number of threads. The exception of the lowest index is thrown on when all have
  /// ended. With a pulse, it is called before each index, and while the calling thread waits.
  template <class Body>
  void run(std::size_t count, Body&& body, ProgressPulse* pulse = nullptr) {
    constexpr std::size_t most = count_mask;
    for (std::size_t first = 0; first < count; first += most)
      run_slice(first, std::min(most, count - first), body, pulse);
  }

 private:
  // What is to be done is one number, so that a worker that wakes late can never take an index of
  // another task than the one it looked at: task, its count, the next index.
  static constexpr unsigned count_bits = 20;
  static constexpr std::uint64_t count_mask = (std::uint64_t{1} << count_bits) - 1;

  template <class Body>
  void run_slice(std::size_t first, std::size_t count, Body& body, ProgressPulse* pulse) {
    auto call = [&](std::size_t index, std::size_t worker) noexcept {
      try {
        if (pulse != nullptr) (*pulse)();
        body(first + index, worker);
      } catch (...) {
        const std::lock_guard lock(failing_);
        if (!failure_ || index < failed_) failure_ = std::current_exception();
        failed_ = std::min(failed_, index);
      }
    };
    task_ = &call;
    call_ = [](void* task, std::size_t index, std::size_t worker) {
      (*static_cast<decltype(call)*>(task))(index, worker);
    };
    failure_ = nullptr;
    failed_ = count;
    done_ = 0;
    ++number_;
    to_do_ = (std::uint64_t{number_} << 2 * count_bits) | (std::uint64_t{count} << count_bits);
    if (count > 1) wake();
    work(0);
    while (pulse != nullptr && done_ < count) {
      try {
        (*pulse)();  // a failure ends what is left, and is kept there
      } catch (...) {
        const std::lock_guard lock(failing_);
        if (!failure_) failure_ = std::current_exception();
      }
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
    for (std::uint32_t done = done_; done < count; done = done_) done_.wait(done);
    if (failure_) std::rethrow_exception(failure_);
  }

  void wake() {
    ++calls_;
    calls_.notify_all();
  }
  void serve(std::size_t worker) {
    for (std::uint32_t heard = 0; !stop_;) {
      calls_.wait(heard);
      heard = calls_;
      work(worker);
    }
  }
  void work(std::size_t worker) {
    for (std::uint64_t seen = to_do_;;) {
      const std::uint64_t count = seen >> count_bits & count_mask, index = seen & count_mask;
      if (index >= count) return;
      if (!to_do_.compare_exchange_weak(seen, seen + 1)) continue;
      call_(task_, static_cast<std::size_t>(index), worker);
      if (++done_ == count) done_.notify_one();
      seen = to_do_;
    }
  }

  std::atomic<std::uint64_t> to_do_{0};
  std::atomic<std::uint32_t> calls_{0}, done_{0};
  std::atomic<bool> stop_{false};
  std::uint32_t number_ = 0;  // of the task
  void* task_ = nullptr;
  void (*call_)(void*, std::size_t, std::size_t) = nullptr;
  std::mutex failing_;
  std::exception_ptr failure_;
  std::size_t failed_ = 0;
  std::vector<detail::JoiningThread> threads_;  // last: joined before the rest goes
};

}  // namespace bodega::inline BODEGA_ABI
