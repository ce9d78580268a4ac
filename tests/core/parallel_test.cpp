// SPDX-License-Identifier: MIT
#include <algorithm>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <bodega/core/parallel.hpp>

#include "catch.hpp"

using namespace bodega;

TEST_CASE("Parts cover the range once, in order, at any number of threads") {
  for (const std::size_t threads : {1, 2, 3, 7, 100}) {
    std::vector<int> visits(23, 0);
    std::vector<std::size_t> begins(threads, 999);
    parallel_for(visits.size(), threads, [&](std::size_t begin, std::size_t end, std::size_t part) {
      begins[part] = begin;
      for (std::size_t i = begin; i < end; ++i) ++visits[i];
    });
    INFO(threads << " threads");
    CHECK(visits == std::vector<int>(23, 1));
    for (std::size_t part = 1; part < std::min<std::size_t>(threads, 23); ++part)
      CHECK(begins[part - 1] < begins[part]);
  }
}

TEST_CASE("The first part runs on the calling thread") {
  std::thread::id first;
  parallel_for(4, 2, [&](std::size_t, std::size_t, std::size_t part) {
    if (part == 0) first = std::this_thread::get_id();
  });
  CHECK(first == std::this_thread::get_id());
}

TEST_CASE("An empty range has one empty part") {
  std::size_t calls = 0;
  parallel_for(0, 4, [&](std::size_t begin, std::size_t end, std::size_t) {
    ++calls;
    CHECK(begin == end);
  });
  CHECK(calls == 1);
  CHECK(thread_count(3) == 3);
  CHECK(thread_count(0) >= 1);
}

TEST_CASE("Of several exceptions that of the lowest part arrives, after all parts have ended") {
  std::vector<int> ended(4, 0);
  const auto run = [&] {
    parallel_for(4, 4, [&](std::size_t, std::size_t, std::size_t part) {
      ended[part] = 1;
      if (part % 2 == 1) throw std::runtime_error("part " + std::to_string(part));
    });
  };
  try {
    run();
    FAIL("no exception");
  } catch (const std::runtime_error& error) {
    CHECK(std::string(error.what()) == "part 1");
  }
  CHECK(ended == std::vector<int>(4, 1));
}

TEST_CASE("Workers do every index of every task once, whatever the number of threads") {
  for (const std::size_t threads : {1, 2, 5}) {
    Workers workers(threads);
    CHECK(workers.size() == threads);
    for (const std::size_t count : {0, 1, 2, 7, 300}) {
      for (int again = 0; again < 20; ++again) {
        std::vector<int> visits(count, 0);
        std::vector<std::size_t> by(count);
        workers.run(count, [&](std::size_t index, std::size_t worker) {
          ++visits[index];
          by[index] = worker;
        });
        CHECK(visits == std::vector<int>(count, 1));
        CHECK(std::all_of(by.begin(), by.end(), [&](std::size_t w) { return w < threads; }));
      }
    }
  }
}

TEST_CASE("More indices than one task holds are done too") {
  Workers workers(2);
  std::vector<unsigned char> visits((std::size_t{1} << 20) + 3, 0);
  workers.run(visits.size(), [&](std::size_t index, std::size_t) { ++visits[index]; });
  CHECK(std::count(visits.begin(), visits.end(), 1) == static_cast<std::ptrdiff_t>(visits.size()));
}

TEST_CASE("Workers hand on the exception of the lowest index and go on working") {
  Workers workers(3);
  std::vector<int> ended(6, 0);
  const auto run = [&] {
    workers.run(6, [&](std::size_t index, std::size_t) {
      ended[index] = 1;
      if (index % 2 == 1) throw std::runtime_error("index " + std::to_string(index));
    });
  };
  for (int again = 0; again < 3; ++again) {
    try {
      run();
      FAIL("no exception");
    } catch (const std::runtime_error& error) {
      CHECK(std::string(error.what()) == "index 1");
    }
    CHECK(ended == std::vector<int>(6, 1));
  }
  workers.run(1, [&](std::size_t, std::size_t) { ended[0] = 2; });
  CHECK(ended[0] == 2);
}
