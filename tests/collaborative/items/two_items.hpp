// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include <bodega/collaborative/sums/cooccurrence.hpp>

namespace bodega_test {

/// Two items by their numbers: baskets with both, with each alone, with neither.
inline bodega::Cooccurrence two_items(int both, int each, int neither) {
  using namespace bodega;
  Cooccurrence counts(3);
  for (int i = 0; i < both; ++i) counts.add(std::vector{ItemIndex(0), ItemIndex(1)}, Day(0));
  for (int i = 0; i < each; ++i) {
    counts.add(std::vector{ItemIndex(0)}, Day(0));
    counts.add(std::vector{ItemIndex(1)}, Day(0));
  }
  for (int i = 0; i < neither; ++i) counts.add(std::vector{ItemIndex(2)}, Day(0));
  return counts;
}

}  // namespace bodega_test
