// SPDX-License-Identifier: MIT
#include <bodega/till/till_slate.hpp>

#include <vector>

#include "catch.hpp"

using namespace bodega;

namespace {

Pick pick(std::uint32_t item, Reason::Kind kind) {
  Pick result{ItemIndex(item), 1.0f, {}};
  result.because.offer({kind, ItemIndex::none(), Reason::no_term, 1.0f});
  return result;
}

}  // namespace

TEST_CASE("A slate rests on the best that speaks for one of its picks") {
  const std::vector<Pick> popular{pick(3, Reason::Kind::popular), pick(1, Reason::Kind::popular)};
  std::vector<Pick> mixed = popular;
  mixed.push_back(pick(2, Reason::Kind::alike));
  CHECK(slate_of({}).answered_by == SlateRung::none);
  CHECK(slate_of(popular).answered_by == SlateRung::popularity);
  CHECK(slate_of(mixed).answered_by == SlateRung::blend);
  CHECK(slate_of(mixed).size() == 3);
  CHECK(slate_of(mixed)[2].item == ItemIndex(2));
  CHECK(name(SlateRung::popularity) == "popularity");
}
