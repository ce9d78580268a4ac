// SPDX-License-Identifier: MIT
#include <bodega/till/event_returns.hpp>

#include <map>
#include <sstream>
#include <string>

#include <bodega/core/random.hpp>
#include <bodega/data/read_receipts.hpp>

#include "catch.hpp"
#include "event_shop.hpp"

using namespace bodega;
using event_shop::Event;
using event_shop::monday;
using event_shop::Shop;

namespace {

/// What the reader makes of the receipts as a file, in units by item and day.
std::map<std::string, std::map<Day, double>> read(const std::vector<Event>& events) {
  std::ostringstream csv;
  csv << "receipt,item,quantity,time,price,customer,till\n";
  for (const Event& event : events)
    for (const event_shop::Line& line : event.lines)
      csv << event.id << ',' << line.code << ',' << line.quantity << ','
          << event.when.day().to_string() << ' ' << event.when.second_of_day() / 3600 << ":00,1,"
          << (event.card == 0 ? std::string() : "C" + std::to_string(event.card)) << ','
          << event.till << '\n';
  std::istringstream file(csv.str());
  ReceiptOptions options;
  options.columns.till = "till";
  const Receipts receipts = read_receipts(file, "returns.csv", options);
  std::map<std::string, std::map<Day, double>> sold;
  for (std::size_t r = 0; r < receipts.size(); ++r)
    for (const ReceiptLine& line : receipts[r].lines)
      sold[std::string(receipts.catalog().id(line.item))][receipts.day(r)] += line.quantity.value();
  return sold;
}

}  // namespace

TEST_CASE("Till and reader net returns by one rule, whatever the order in which they come") {
  const CounterRandom random(17);
  for (std::uint64_t round = 0; round < 40; ++round) {
    std::uint64_t step = 0;
    const auto below = [&](std::uint32_t most) { return random.below(most, round, step++); };
    std::vector<Event> events;
    for (int day = 0; day < 10; ++day)
      for (int n = 0; n < 6; ++n) {
        Event event{.id = std::to_string(day * 6 + n),
                    .when = Moment(monday + day, (9 + n) * 3600),
                    .card = below(3)};
        for (std::uint32_t l = 1 + below(3); l > 0; --l) {
          const std::string item = event_shop::code(below(3));
          event.lines.push_back({item, below(3) == 0 ? -1.0 - below(3) : 1.0 + below(4)});
        }
        events.push_back(event);
      }
    const auto expected = read(events);
    for (const bool shuffled : {false, true}) {
      std::vector<Event> come = events;
      for (std::size_t i = come.size(); shuffled && i-- > 1;)
        // Late ones, of up to a few days before.
        if (below(4) == 0)
          std::swap(come[i],
                    come[i - below(static_cast<std::uint32_t>(std::min<std::size_t>(12, i)))]);
      Shop shop;
      for (const Event& event : come) shop.add(event);
      shop.close();
      const RecentSales& sales = shop.state.demand().sales;
      INFO("round " << round << (shuffled ? ", shuffled" : ""));
      REQUIRE(sales.days().size() == 10);
      for (const std::string item : {"A", "B", "C"})
        for (std::size_t d = 0; d < sales.days().size(); ++d) {
          const auto of = expected.find(item);
          const auto on = of == expected.end() ? decltype(of->second.end())()
                                               : of->second.find(sales.days()[d]);
          const double units = of == expected.end() || on == of->second.end() ? 0 : on->second;
          REQUIRE(double{sales.sales(shop.item(item))[d]} == Approx(units));
        }
    }
  }
}

TEST_CASE("A return takes from the day of the purchase, and what finds none is counted") {
  Shop shop;
  shop.sell(monday, "A", 5, "1", 12 * 3600, 7);
  shop.sell(monday + 1, "A", 3, "2", 12 * 3600, 8);
  shop.sell(monday + 2, "A", -4, "3", 12 * 3600, 7);
  shop.sell(monday + 2, "B", -2, "4");
  shop.close();
  const RecentSales& sales = shop.state.demand().sales;
  CHECK(sales.sales(shop.item("A"))[0] == 1);
  CHECK(sales.sales(shop.item("A"))[1] == 3);
  CHECK(shop.state.counts().returns_unmatched == 1);
  shop.undo("3", monday + 2);
  CHECK(shop.state.demand().sales.sales(shop.item("A"))[0] == 5);
  shop.sell(monday + 2, "B", 3, "5");  // bought before it was returned, but heard of later
  CHECK(shop.state.counts().returns_unmatched == 0);
}

TEST_CASE("A number without a card is one receipt, in however many parts it comes") {
  Shop shop(event_shop::models(), {.day_starts_at = 4 * 3600});
  shop.sell(monday, "B", 2, "T9", 23 * 3600 + 50 * 60);
  shop.sell(monday + 1, "A", 1, "T9", 10 * 60);
  shop.sell(monday + 1, "B", -1, "T9", 12 * 60);
  CHECK(shop.state.demand().sales.open_day() == monday);
  CHECK(shop.state.demand().sales.sold_today(shop.item("B")) == 1);
  CHECK(shop.state.demand().sales.sold_today(shop.item("A")) == 1);
  CHECK(shop.log.counts().same_number == 2);
  shop.undo("T9");
  CHECK_FALSE(shop.state.demand().sales.open_day());
  CHECK(shop.log.counts().undone == 3);
}
