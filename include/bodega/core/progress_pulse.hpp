// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <exception>
#include <limits>
#include <string_view>
#include <thread>

#include <bodega/core/abi.hpp>
#include <bodega/core/progress.hpp>

namespace bodega::inline BODEGA_ABI {

/// Tells a callback how far a long task is, so often that it can be ended within a tenth of a
/// second: the task calls it as often as it likes, and it calls on at each twentieth of the whole
/// and twenty times a second, which is what a call costs the task otherwise, a look at the clock.
/// Where the callback says no, or throws, whoever calls next throws the same, on every thread.
/// Thread safety: any thread may call; the callback is called on the thread that made the object.
class ProgressPulse {
 public:
  /// Borrows the callback, which may be empty, and the name.
  ProgressPulse(const ProgressCallback& callback, std::string_view task, std::size_t total)
      : callback_(callback), task_(task), total_(total), owner_(std::this_thread::get_id()) {
    if (callback_) again_ = Clock::now() + often;
  }
  ProgressPulse(const ProgressPulse&) = delete;
  ProgressPulse& operator=(const ProgressPulse&) = delete;

  /// So much is done. Throws what the callback throws, and Error (cancelled) where it says no.
  void operator()(std::size_t done) {
    if (callback_ && is_owner()) beat(done, loss_, done >= next_ || done >= total_);
  }
  /// So much is done, with a loss, which the callback hears in any case.
  void operator()(std::size_t done, double loss) {
    if (callback_ && is_owner()) beat(done, loss, true);
  }
  /// As much as before.
  void operator()() {
    if (callback_ && is_owner()) beat(done_, loss_, false);
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::milliseconds often{50};
  static constexpr std::size_t nothing = std::numeric_limits<std::size_t>::max();

  /// Throws what ended the work. Only the owner may look at what has no atomic.
  bool is_owner() const {
    if (ended_.load(std::memory_order_acquire)) std::rethrow_exception(failure_);
    return std::this_thread::get_id() == owner_;
  }
  void beat(std::size_t done, double loss, bool always);

  const ProgressCallback& callback_;
  std::string_view task_;
  std::size_t total_, done_ = 0, next_ = 0;
  double loss_ = 0;
  Clock::time_point again_{};
  std::thread::id owner_;
  std::atomic<bool> ended_{false};
  std::exception_ptr failure_;  // set before `ended_`
};

#if BODEGA_BODIES

BODEGA_INLINE void ProgressPulse::beat(std::size_t done, double loss, bool always) {
  const Clock::time_point now = Clock::now();
  if (!always && now < again_) return;
  again_ = now + often;
  done_ = done;
  loss_ = loss;
  next_ = done >= total_ ? nothing : done + std::max<std::size_t>(total_ / 20, 1);
  try {
    report_progress(callback_, {task_, done, total_, loss});
  } catch (...) {
    failure_ = std::current_exception();
    ended_.store(true, std::memory_order_release);
    throw;
  }
}

#endif

}  // namespace bodega::inline BODEGA_ABI
