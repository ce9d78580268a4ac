// SPDX-License-Identifier: MIT
// Tills as their callers compose them.
#include <bodega/till/basic_till.hpp>

#include <string>

#include <bodega/till/standard_parts.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "till/shop_bundle.hpp"

using namespace bodega;
using bodega_test::code;
using bodega_test::only_catalog;
using bodega_test::shop;
using bodega_test::toy_items;

namespace {

/// A scorer of the caller's own: the week's offers, in his order.
struct Offers {
  static constexpr std::string_view kind = "offers_of_the_week";
  std::vector<std::uint32_t> offers;
  std::uint64_t count = 0;

  std::size_t items() const noexcept { return count; }
  void add_scores(const Query&, float weight, std::span<float> scores) const noexcept {
    for (std::size_t i = 0; i < offers.size(); ++i)
      scores[offers[i]] += weight / static_cast<float>(i + 1);
  }
  void explain(const Query&, float weight, ItemIndex item, Reasons& reasons) const noexcept {
    for (std::size_t i = 0; i < offers.size(); ++i)
      if (offers[i] == item.value())
        reasons.offer({Reason::Kind::popular, ItemIndex::none(), Reason::no_term,
                       weight / static_cast<float>(i + 1)});
  }
  std::string describe(const Reason&, const Catalog&) const { return "offer of the week"; }
  void validate(const std::string& where) const {
    for (const std::uint32_t item : offers)
      if (item >= count) throw Error(ErrorCode::out_of_range, where, "an item", "another");
  }
  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("offers", self.offers);
    visit("count", self.count);
  }
};

Bundle with_offers() {
  Bundle bundle = only_catalog();
  bundle.add("popularity", shop().popularity);
  bundle.add("offers", Offers{{7, 3}, toy_items});
  PartWeights weights(std::vector<std::string>{"popularity", "offers"});
  const float numbers[] = {0.001f, 5};
  weights.set(Situation(), numbers);
  bundle.add("weights", weights);
  return bundle;
}

}  // namespace

TEST_CASE("A caller adds a recommender of his own in one line") {
  using MyTill = BasicTill<StandardParts, Part<"offers", Offers>>;
  MyTill till(with_offers());
  Lane lane = till.lane();
  const TillSlate slate = lane.recommend({.basket = {"A100"}}, 5);
  REQUIRE(slate.size() == 5);
  CHECK(slate[0].code == code(7));
  CHECK(slate[1].code == code(3));
  CHECK(slate.answered_by == "offers");
  CHECK(slate[0].because[0].part() == "offers");
  CHECK(slate[0].because[0].text() == "offer of the week");
  till.stock().set(code(7), 0);
  CHECK(lane.recommend({}, 5)[0].code == code(3));
  CHECK(till.report().parts == std::vector<std::string>{"popularity", "offers"});
  CHECK(till.report().unknown.empty());
}

TEST_CASE("A till of a few parts leaves the others of a file alone, or refuses them") {
  using Small = BasicTill<Part<"popularity", Popularity>>;
  const Small till(with_offers());
  CHECK(till.lane().recommend({}, 3).answered_by == "popularity");
  CHECK_ERROR(Small(with_offers(), {.unknown_parts = UnknownParts::refuse}), ErrorCode::unknown_id,
              "offers");
  CHECK_ERROR(Small::open("/no/such/file"), ErrorCode::io, "/no/such/file");
}

TEST_CASE("A caller forecasts with a ladder of his own") {
  using Mine = BasicTill<Ladder<Rung<"week", WeekdayMean>>>;
  Bundle bundle = only_catalog();
  bundle.add("week", shop().baseline);
  bundle.add("history", shop().sales);
  CHECK(Mine(bundle).forecast(code(0)).answered_by == "week");
}
