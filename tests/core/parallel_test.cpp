// SPDX-License-Identifier: MIT
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
