// SPDX-License-Identifier: MIT
#include <vector>

#include <bodega/data/lonely_days.hpp>

#include "catch.hpp"

using namespace bodega;

namespace {
std::vector<Day> days(int count, std::initializer_list<int> others) {
  std::vector<Day> result;
  for (const int day : others)
    if (day < 0) result.push_back(Day(20'000 + day));
  for (int day = 0; day < count; ++day) result.push_back(Day(20'000 + day));
  for (const int day : others)
    if (day >= 0) result.push_back(Day(20'000 + day));
  return result;
}
}  // namespace

TEST_CASE("Days that a wrong clock has dated are found at both ends") {
  const auto kept = [](const std::vector<Day>& of) {
    const DayRange range = without_lonely_days(of);
    return std::pair(of.size() - range.last, range.first);
  };
  CHECK(kept(days(30, {})) == std::pair<std::size_t, std::size_t>(0, 0));
  CHECK(kept(days(30, {60})) == std::pair<std::size_t, std::size_t>(1, 0));
  CHECK(kept(days(30, {59})) == std::pair<std::size_t, std::size_t>(0, 0));  // 30 days apart
  CHECK(kept(days(30, {-31})) == std::pair<std::size_t, std::size_t>(0, 1));
  CHECK(kept(days(30, {-9000, -5000, 400, 401, 402})) == std::pair<std::size_t, std::size_t>(3, 2));
  CHECK(kept(days(60, {400, 401, 402, 403})) == std::pair<std::size_t, std::size_t>(0, 0));
  CHECK(kept(days(9, {400})) == std::pair<std::size_t, std::size_t>(0, 0));  // too few to say
  CHECK(kept({}) == std::pair<std::size_t, std::size_t>(0, 0));
  CHECK(kept(days(0, {5})) == std::pair<std::size_t, std::size_t>(0, 0));
}
