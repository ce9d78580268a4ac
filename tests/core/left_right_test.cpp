// SPDX-License-Identifier: MIT
// Run by the thread sanitizer too.
#include <atomic>
#include <memory>
#include <new>
#include <stdexcept>
#include <thread>
#include <vector>

#include <bodega/core/left_right.hpp>

#include "allocation_counter.hpp"
#include "catch.hpp"

using namespace bodega;

namespace {

/// Two numbers that must always be equal, and something on the heap to be freed.
struct Pair {
  std::vector<int> numbers = std::vector<int>(2);
  std::shared_ptr<const int> shared = std::make_shared<const int>(0);
};

}  // namespace

TEST_CASE("What was written is read, by every later reader") {
  LeftRight<int> value(7);
  CHECK(*value.read() == 7);
  for (int n = 0; n < 5; ++n) {
    value.write([&](int& copy) { copy += 1; });
    for (std::size_t reader = 0; reader < 40; ++reader) CHECK(*value.read(reader) == 8 + n);
  }
}

TEST_CASE("Readers may nest, and a reader that came before a change still reads what was") {
  LeftRight<int> value(1);
  std::thread writer;
  {
    const auto outer = value.read(3);
    writer = std::thread([&] { value.write([](int& copy) { copy = 2; }); });
    while (*value.read(3) == 1) std::this_thread::yield();
    CHECK(*outer == 1);
    CHECK(*value.read(3) == 2);
  }
  writer.join();
  CHECK(*value.read() == 2);
}

TEST_CASE("A change that fails changes nothing, half done or not") {
  LeftRight<Pair> value{Pair{}};
  const auto fail = [](Pair& pair) {
    pair.numbers[0] = 9;
    throw std::runtime_error("half way");
  };
  for (int n = 1; n < 4; ++n) {
    CHECK_THROWS_AS(value.write(fail), std::runtime_error);
    CHECK(value.read()->numbers[0] == n - 1);
    value.write([](Pair& pair) {
      for (int& number : pair.numbers) ++number;
    });
    CHECK(value.read()->numbers == std::vector<int>(2, n));
  }
}

TEST_CASE("A change whose second half fails is made all the same") {
  LeftRight<Pair> value{Pair{}};
  int calls = 0;
  const auto once = [&](Pair& pair) {
    pair.numbers[0] = 5;
    if (++calls == 2) throw std::bad_alloc();
    pair.numbers[1] = 5;
  };
  value.write(once);
  CHECK(value.read()->numbers == std::vector<int>(2, 5));
  for (int n = 1; n < 4; ++n) {
    value.write([](Pair& pair) {
      for (int& number : pair.numbers) ++number;
    });
    CHECK(value.read()->numbers == std::vector<int>(2, 5 + n));
  }
}

TEST_CASE("Many threads read while two write: never half a change, and no reader allocates") {
  LeftRight<Pair> value{Pair{}};
  std::atomic<bool> done = false;
  std::vector<std::size_t> wrong(4), allocated(4), backward(4);
  {
    std::vector<std::jthread> readers;
    for (std::size_t r = 0; r < wrong.size(); ++r)
      readers.emplace_back([&, r] {
        int last = 0;
        allocated[r] = bodega_test::allocations_in([&] {
          while (!done) {
            const auto reading = value.read(r);
            wrong[r] += reading->numbers[0] != reading->numbers[1] ||
                        *reading->shared != reading->numbers[0];
            backward[r] += reading->numbers[0] < last;
            last = reading->numbers[0];
          }
        });
      });
    {
      std::vector<std::jthread> writers;
      for (int w = 0; w < 2; ++w)
        writers.emplace_back([&] {
          for (int n = 0; n < 1000; ++n)
            value.write([](Pair& pair) {
              for (int& number : pair.numbers) ++number;
              pair.shared = std::make_shared<const int>(pair.numbers[0]);
            });
        });
    }
    done = true;
  }
  CHECK(value.read()->numbers == std::vector<int>(2, 2000));
  for (std::size_t r = 0; r < wrong.size(); ++r) {
    CHECK(wrong[r] == 0);
    CHECK(backward[r] == 0);
    CHECK(allocated[r] == 0);
  }
}
