// SPDX-License-Identifier: MIT
#include <bodega/till/till.hpp>

#if !BODEGA_BODIES
#error "bodega::till is headers alone"
#endif

int main(int count, char** arguments) {
  if (count < 2) return 0;
  return bodega::Till::open(arguments[1]).report().items > 0 ? 0 : 1;
}
