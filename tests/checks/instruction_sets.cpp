// SPDX-License-Identifier: MIT
// A digest of integer forecasts, one by one and many at once; fails where the plain definition
// gives other bits. The number of windows is the argument.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include <bodega/forecast/integer/integer_converter.hpp>

#include "forecast/integer/random_networks.hpp"

namespace {

using namespace bodega;
using namespace bodega_test;

std::uint64_t digest = 0;

template <class Cell>
bool check(std::size_t hidden, std::size_t count) {
  const WindowInputs inputs{
      .weekday = hidden % 2 == 0, .season = true, .level = true, .gaps = true};
  const auto model = to_integer(random_network<Cell>(hidden, inputs, 1, true, true));
  const WindowTable table(count, 0, hidden, WindowTable::Days::in_groups);
  std::vector<SalesWindow> windows;
  for (std::size_t i = 0; i < count; ++i) windows.push_back(table[i]);
  std::vector<float> units(count);
  model.forecast_many(windows, units);
  for (std::size_t i = 0; i < count; ++i) {
    const float one = model.forecast(windows[i]);
    const IntegerQuestion question(model.parts(), windows[i]);
    fixed_point::Scaled plain;
    const bool told = question.valid() && model.forecast_plain(question.window(), &plain);
    if (told ? units[i] != one || one != detail::to_real(plain) : one == one) return false;
    std::uint32_t bits = 0;
    if (told) std::memcpy(&bits, &one, sizeof bits);
    digest = (digest ^ bits) * 1099511628211u;
  }
  return true;
}

}  // namespace

int main(int, char** argv) {
  const auto count = static_cast<std::size_t>(std::atol(argv[1]));
  for (const std::size_t hidden : {1, 4, 7, 16, 33, 48})
    if (!check<LstmCell>(hidden, count / 12) || !check<GruCell>(hidden, count / 12)) return 1;
  std::printf("%zu lanes %016llx\n", int16_lanes::lanes, static_cast<unsigned long long>(digest));
}
