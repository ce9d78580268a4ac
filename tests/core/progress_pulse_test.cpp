// SPDX-License-Identifier: MIT
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <bodega/core/parallel.hpp>
#include <bodega/core/progress_pulse.hpp>

#include "check_error.hpp"

using namespace bodega;

TEST_CASE("A pulse calls at each twentieth, with each loss and in time") {
  std::vector<std::size_t> heard;
  const ProgressCallback callback = [&](const Progress& at) {
    CHECK(at.task == "task");
    CHECK(at.total == 1000);
    heard.push_back(at.done);
    return true;
  };
  ProgressPulse pulse(callback, "task", 1000);
  for (std::size_t i = 0; i <= 1000; ++i) pulse(i);
  CHECK(heard.front() == 0);
  CHECK(heard.back() == 1000);
  CHECK(heard.size() >= 21);
  CHECK(heard.size() < 100);
  const std::size_t before = heard.size();
  pulse();
  CHECK(heard.size() == before);
  std::this_thread::sleep_for(std::chrono::milliseconds(60));
  pulse();
  CHECK(heard.size() == before + 1);
  pulse(1000, 0.5);
  pulse(1000, 0.4);
  CHECK(heard.size() == before + 3);
}

TEST_CASE("Without a callback a pulse does nothing") {
  const ProgressCallback none;
  ProgressPulse pulse(none, "task", 3);
  pulse(0);
  pulse(3, 1);
  pulse();
}

TEST_CASE("Where a callback says no, all threads end with the same") {
  std::atomic<std::size_t> done{0};
  const ProgressCallback callback = [](const Progress&) { return false; };
  ProgressPulse pulse(callback, "task", 1000);
  const auto body = [&](std::size_t begin, std::size_t end, std::size_t) {
    for (std::size_t i = begin; i < end; ++i, ++done) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
      pulse();
    }
  };
  CHECK_ERROR(parallel_for(4000, 4, body, &pulse), ErrorCode::cancelled, "task");
  CHECK(done < 1000);
  done = 0;
  Workers workers(4);
  ProgressPulse again(callback, "task", 1000);
  CHECK_ERROR(workers.run(
                  4000,
                  [&](std::size_t, std::size_t) {
                    std::this_thread::sleep_for(std::chrono::milliseconds(1));
                    ++done;
                  },
                  &again),
              ErrorCode::cancelled, "task");
  CHECK(done < 4000);
}

TEST_CASE("The calling thread hears while it waits for the others") {
  std::atomic<bool> asked_twice{false};
  std::size_t asked = 0;
  const std::thread::id caller = std::this_thread::get_id();
  const ProgressCallback callback = [&](const Progress&) {
    CHECK(std::this_thread::get_id() == caller);
    if (++asked == 2) asked_twice = true;
    return true;
  };
  ProgressPulse pulse(callback, "task", 2);
  const auto slow_second = [&](std::size_t, std::size_t, std::size_t part) {
    pulse();
    while (part == 1 && !asked_twice) std::this_thread::yield();
  };
  parallel_for(2, 2, slow_second, &pulse);
  CHECK(asked >= 2);
}

TEST_CASE("What a callback throws goes through") {
  const ProgressCallback callback = [](const Progress&) -> bool { throw std::runtime_error("!"); };
  ProgressPulse pulse(callback, "task", 1);
  CHECK_THROWS_AS(pulse(0), std::runtime_error);
  CHECK_THROWS_AS(pulse(), std::runtime_error);
}
