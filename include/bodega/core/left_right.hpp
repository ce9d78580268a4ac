// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <thread>
#include <utility>

#include <bodega/core/abi.hpp>

namespace bodega::inline BODEGA_ABI {

/// One value that many threads read while one changes it, kept twice: readers are on one copy, a
/// change is made to the other, readers are sent there, and when the last has left the first copy
/// the change is made to that as well. So a reader never waits, whatever a writer does, and reads
/// plain data; a writer waits for the readers that are inside. What a change takes away is
/// destroyed by the writer, never by a reader.
///
/// Thread safety: all members from any thread; changes are made one after the other.
/// Source: Ramalhete, P.; Correia, A.: Left-Right: A Concurrency Control Technique with Wait-Free
/// Population Oblivious Reads (2015).
template <class T>
class LeftRight {
 public:
  /// Read access, for as long as it lives; not to be kept while the same thread changes the value.
  class Reading {
   public:
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;
    ~Reading() { inside_->fetch_sub(1, std::memory_order_release); }

    const T& operator*() const noexcept { return *value_; }
    const T* operator->() const noexcept { return value_; }

   private:
    friend LeftRight;
    Reading(const LeftRight& of, std::size_t reader) noexcept
        : inside_(&of.counters_[reader % of.counters_.size()]
                       .inside[of.turn_.load(std::memory_order_seq_cst)]) {
      inside_->fetch_add(1, std::memory_order_seq_cst);
      value_ = &of.copies_[of.live_.load(std::memory_order_seq_cst)];
    }
    std::atomic<std::uint32_t>* inside_;
    const T* value_;
  };

  explicit LeftRight(const T& value) : copies_{value, value} {}
  explicit LeftRight(T&& value) : copies_{value, std::move(value)} {}
  LeftRight(const LeftRight&) = delete;
  LeftRight& operator=(const LeftRight&) = delete;

  /// Wait-free. Readers of different numbers do not disturb each other's caches (16 are told
  /// apart): a thread that reads often takes a number of its own.
  [[nodiscard]] Reading read(std::size_t reader = 0) const noexcept { return {*this, reader}; }

  /// Calls `change(T&)` for the one copy and then for the other, in which it must do the same.
  /// Returns once every reader sees the change. Where the first call throws, nothing has changed
  /// for anybody, and `write` throws the same. Where only the second does (memory ended), the
  /// change is made all the same and that copy is made anew by the next `write`.
  template <class Change>
  void write(Change&& change) {
    const std::lock_guard lock(writing_);
    const unsigned before = live_.load(std::memory_order_relaxed), after = 1 - before;
    if (stale_) copies_[after] = std::as_const(copies_[before]);
    stale_ = true;
    change(copies_[after]);
    live_.store(after, std::memory_order_seq_cst);
    const unsigned turn = turn_.load(std::memory_order_relaxed);
    wait_until_empty(1 - turn);
    turn_.store(1 - turn, std::memory_order_seq_cst);
    wait_until_empty(turn);
    try {
      change(copies_[before]);
      stale_ = false;
    } catch (...) {  // to be made anew
    }
  }

 private:
  /// Readers inside, by turn: a writer waits for those of an earlier turn, so that new ones cannot
  /// keep it waiting for ever.
  struct alignas(64) Counter {
    std::array<std::atomic<std::uint32_t>, 2> inside{};
  };

  void wait_until_empty(unsigned turn) const noexcept {
    for (const Counter& counter : counters_)
      for (unsigned tries = 0; counter.inside[turn].load(std::memory_order_seq_cst) != 0; ++tries)
        if (tries < 64)
          std::this_thread::yield();
        else
          std::this_thread::sleep_for(std::chrono::microseconds(50));
  }

  std::array<T, 2> copies_;
  mutable std::array<Counter, 16> counters_;
  alignas(64) std::atomic<unsigned> live_{0};  // the copy that readers are sent to
  std::atomic<unsigned> turn_{0};
  alignas(64) std::mutex writing_;
  bool stale_ = false;  // the copy that is not live
};

}  // namespace bodega::inline BODEGA_ABI
