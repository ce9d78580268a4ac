// SPDX-License-Identifier: MIT
// What a forecaster adds to a program.
#include "lstm.hpp"

extern "C" int32_t forecast_units(const int32_t* sales, int32_t target) {
  return lstm::forecast(sales, target);
}
