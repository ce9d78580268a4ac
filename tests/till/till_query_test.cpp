// SPDX-License-Identifier: MIT
#include <bodega/till/till_query.hpp>

#include <array>
#include <string>
#include <vector>

#include "allocation_counter.hpp"
#include "catch.hpp"

using namespace bodega;

namespace {

std::string joined(const Codes& codes) {
  std::string text;
  for (std::size_t i = 0; i < codes.size(); ++i) text += std::string(codes[i]) + ";";
  return text;
}

}  // namespace

TEST_CASE("Codes are read from lists of any kind of text, and copied from none") {
  const std::vector<std::string> strings = {"a", "bc"};
  const std::array<std::string_view, 2> views = {"a", "bc"};
  const char* pointers[] = {"a", "bc"};
  CHECK(joined(strings) == "a;bc;");
  CHECK(joined(views) == "a;bc;");
  CHECK(joined(pointers) == "a;bc;");
  CHECK(joined({"a", "bc"}) == "a;bc;");
  CHECK(joined({"a"}) == "a;");
  CHECK(joined({}) == "");
  CHECK(Codes().empty());
  CHECK(bodega_test::allocations_in([&] {
          const Codes codes(strings);
          const Codes copy = codes;
          CHECK(copy[1] == "bc");
        }) == 0);
}

TEST_CASE("A query of nothing asks for nothing in particular") {
  const TillQuery query;
  CHECK(query.basket.empty());
  CHECK(query.session.empty());
  CHECK(query.card.empty());
  CHECK_FALSE(View{ItemIndex(1), TillView{}.dwell_seconds}.knows_dwell());
}
