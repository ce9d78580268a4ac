// SPDX-License-Identifier: MIT
#include <bodega/metrics/tune.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <map>
#include <vector>

#include "catch.hpp"
#include "check_error.hpp"

using namespace bodega;

namespace {

using Point = std::array<std::size_t, 2>;

double square(double x) { return x * x; }

/// One top, at (7, 2).
double hill(const Point& at) {
  return -square(static_cast<double>(at[0]) - 7) - square(static_cast<double>(at[1]) - 2);
}

}  // namespace

TEST_CASE("The best setting is the first of the highest quality, and none is asked for twice") {
  std::vector<int> asked;
  const std::vector<int> settings = {3, 5, 4, 5};
  CHECK(best_of(settings, [&](int setting) {
          asked.push_back(setting);
          return double(setting);
        }) == 5);
  CHECK(asked == settings);
  const double none = std::numeric_limits<double>::quiet_NaN();
  CHECK(best_of(std::vector<double>{none, -2, none, -1}, [](double x) { return x; }) == -1);
  CHECK_ERROR(best_of(std::vector<int>{}, [](int) { return 0.0; }), ErrorCode::missing, "best_of");
}

TEST_CASE("A climb ends on the top of a hill from everywhere") {
  GridSearch<2> search({10, 5}, hill);
  for (std::size_t x = 0; x < 10; ++x)
    for (std::size_t y = 0; y < 5; ++y) CHECK(search.climb({x, y}) == Point{7, 2});
  CHECK(search.quality({7, 2}) == 0);
}

TEST_CASE("A climb asks for each point once and for few of them") {
  std::map<Point, int> calls;
  GridSearch<2> search({100, 100}, [&](const Point& at) {
    ++calls[at];
    return hill(at);
  });
  CHECK(search.climb({0, 0}) == Point{7, 2});
  CHECK(search.climb({0, 0}) == Point{7, 2});
  CHECK(search.tried() == calls.size());
  CHECK(search.tried() < 20);
  for (const auto& [point, times] : calls) CHECK(times == 1);
}

TEST_CASE("A climb stops at the edges, on plains and before what has no quality") {
  CHECK(GridSearch<1>({4}, [](const auto& at) { return double(at[0]); }).climb({1})[0] == 3);
  CHECK(GridSearch<1>({4}, [](const auto& at) { return -double(at[0]); }).climb({2})[0] == 0);
  CHECK(GridSearch<1>({4}, [](const auto&) { return 1.0; }).climb({2})[0] == 2);
  CHECK(GridSearch<1>({4}, [](const auto& at) {
          return at[0] < 2 ? double(at[0]) : NAN;
        }).climb({0})[0] == 1);
}

TEST_CASE("Of several climbs the highest top is chosen") {
  const std::array<double, 7> heights = {1, 2, 1, 0, 1, 5, 1};
  GridSearch<1> search({heights.size()}, [&](const auto& at) { return heights[at[0]]; });
  CHECK(search.climb({0})[0] == 1);
  CHECK(search.climb({6})[0] == 5);
  CHECK(search.best_of({search.climb({0}), search.climb({6})})[0] == 5);
}

TEST_CASE("A point outside the grid is refused") {
  GridSearch<2> search({10, 5}, hill);
  CHECK_ERROR(search.climb({0, 5}), ErrorCode::out_of_range, "setting 1");
}
