// SPDX-License-Identifier: MIT
#include <bodega/till/event_snapshot.hpp>

#include <cstddef>
#include <vector>

#include <bodega/core/random.hpp>

#include "check_error.hpp"
#include "event_shop.hpp"

using namespace bodega;
using event_shop::bundle;
using event_shop::bytes;
using event_shop::models;
using event_shop::monday;
using event_shop::Shop;

namespace {

Shop a_week(EventLogOptions options = {}) {
  Shop shop(models(), options);
  shop.set("A", 100, Moment(monday, 0));
  for (int day = 0; day < 7; ++day) {
    shop.sell(monday + day, "A", 10, "a" + std::to_string(day), 10 * 3600, 3);
    shop.sell(monday + day, "B", 2, "b" + std::to_string(day));
    if (day % 2 == 0) shop.close();
  }
  shop.sell(monday + 6, "A", -3, "back", 18 * 3600, 3);
  shop.undo("b3");
  return shop;
}

}  // namespace

TEST_CASE("A log is read as it was saved, and goes on as if it had never stopped") {
  Shop shop = a_week(), restarted = a_week();
  restarted.restart();
  CHECK(bytes(restarted.state) == bytes(shop.state));
  CHECK(restarted.log.counts().undone == 1);
  for (Shop* one : {&shop, &restarted}) {
    one->undo("a5");
    one->sell(monday + 1, "C", 1, "late");
    one->sell(monday + 7, "A", 1, "next");
    CHECK(one->sell(monday + 6, "B", 2, "b6").kind == LogChange::Kind::nothing);
  }
  CHECK(bytes(restarted.state) == bytes(shop.state));
}

TEST_CASE("Over another file, state goes by code, and what learns hears the events again") {
  // The other file lists B to M in another order, without A, and with a history until Wednesday.
  Catalog catalog;
  for (const char* code : {"M", "D", "C", "B"}) catalog.add({.id = code});
  DailySales history(4, monday, 0);
  for (int day = 0; day < 3; ++day) history.add(ItemIndex(3), monday + day, 2);
  Bundle file;
  file.add("catalog", catalog);
  file.add("popularity", Popularity(4, {.half_life_days = 30}));
  file.add("history", history);
  file.add("demand_memory", IntermittentDemand(4));
  const auto other = models(file);

  Shop shop = a_week();
  shop.set("B", 5);
  shop.set("C", 0);
  Shop swapped = shop;
  swapped.log = shop.log.carried_to(other, 4);
  swapped.state = swapped.twin = swapped.log.state();
  shop.restart(2, other);
  for (Shop* one : {&swapped, &shop}) {
    CHECK(one->stock("B") == 5.0);
    CHECK(one->stock("C") == 0.0);
    CHECK_FALSE(one->stock("M"));
    const RecentSales& sales = one->state.demand().sales;
    // Of Monday to Wednesday the file tells, of the days after that the events do.
    REQUIRE(sales.days().size() == 7);
    CHECK(sales.sales(one->item("B"))[2] == 2);
    CHECK(sales.sales(one->item("B"))[3] == 0);  // its receipt was voided
    CHECK(sales.sales(one->item("B"))[4] == 2);
    CHECK(one->popularity("B") == 1);  // A is unknown here
    CHECK(one->log.counts().swaps == 1);
    CHECK(one->log.counts().items_left == 9);
    CHECK(one->log.counts().items_came == 1);
    CHECK(one->log.counts().gap_days == 0);
    one->undo("b6");
    CHECK(one->state.demand().sales.days().size() == 7);  // A was sold, whatever it was
  }
  CHECK(bytes(shop.state) == bytes(swapped.state));
}

TEST_CASE("What a journal kept after a snapshot is not taught twice to a file that knows it") {
  for (const bool same : {true, false}) {
    Shop shop = a_week();
    Bundle saved;
    EventSnapshot::save(shop.log, 1, saved);
    // The file of the night after: it knows the week, and a day that the snapshot does not.
    DailySales history(12, monday, 0);
    for (int day = 0; day < 8; ++day) history.add(ItemIndex(0), monday + day, 10);
    Bundle file = bundle();
    if (!same) {
      Bundle of;
      of.add("catalog", file.get<Catalog>("catalog"));
      of.add("popularity", Popularity(12, {.half_life_days = 30}));
      of.add("history", history);
      file = of;
    }
    shop.log = EventSnapshot::read(saved, same ? 1 : 2, models(file));
    shop.state = shop.twin = shop.log.state();
    shop.sell(monday + 7, "A", 10, "journal");
    shop.log.opened();
    shop.sell(monday + 8, "A", 3, "news");
    const RecentSales& sales = shop.state.demand().sales;
    CHECK(sales.sales(shop.item("A")).back() == 10);
    CHECK(sales.days().back() == monday + 7);
    CHECK(sales.sold_today(shop.item("A")) == 3);
  }
}

TEST_CASE("Going to another file and back leaves what a file without a gap knows") {
  Shop shop = a_week(), stayed = a_week();
  for (int n = 0; n < 3; ++n) {
    shop.log = shop.log.carried_to(models(bundle(12, 1)), 12);  // B to M
    shop.log = shop.log.carried_to(models(), 12);
  }
  shop.state = shop.twin = shop.log.state();
  CHECK(shop.forecast("B") == stayed.forecast("B"));
  CHECK(shop.popularity("A") == stayed.popularity("A"));
  CHECK(shop.stock("B") == stayed.stock("B"));
  CHECK(shop.log.counts().swaps == 6);
}

TEST_CASE("Days that neither file nor events know are counted") {
  Shop shop = a_week({.keep_days = 2});
  for (int day = 7; day < 12; ++day) shop.sell(monday + day, "A", 1);
  DailySales history(12, monday, 0);
  history.add(ItemIndex(0), monday + 3, 10);
  Bundle file = bundle();
  file.add("history", history);
  shop.restart(2, models(file));
  CHECK(shop.log.counts().gap_days > 0);
  CHECK(shop.log.counts().gap_days < 8);
}

TEST_CASE("What was added and re-listed is saved too") {
  Shop shop = a_week();
  const Item fresh{"N", "new today", Money::from_raw(5), {{"colour", "red"}}};
  auto grown = std::make_shared<const TillModels>(shop.log.models()->with_item(fresh));
  shop.add(TillEvent::added(fresh), grown);
  shop.sell(monday + 7, "N", 4);
  Bundle saved;
  EventSnapshot::save(shop.log, 1, saved);
  const std::vector<Item> added = EventSnapshot::added(saved);
  REQUIRE(added.size() == 1);
  CHECK(added[0].id == "N");
  CHECK(added[0].description == "new today");
  CHECK(added[0].price == fresh.price);
  CHECK(added[0].attributes == fresh.attributes);
  Shop restarted = shop;
  restarted.restart(1, grown);
  CHECK(bytes(restarted.state) == bytes(shop.state));
  CHECK(restarted.state.demand().sales.sold_today(restarted.item("N")) == 4);
}

TEST_CASE("A snapshot that was made to harm is an Error") {
  Shop shop = a_week();
  Bundle saved;
  EventSnapshot::save(shop.log, 1, saved);
  const auto record = saved.get<EventRecord>("till_events");
  const auto read = [&](const EventRecord& events) {
    Bundle bad;
    bad.add("till_events", events);
    bad.add("till_added", saved.get<Catalog>("till_added"));
    shop.state.save(bad);
    return EventSnapshot::read(bad, 1, models());
  };
  CHECK(read(record).events() == shop.log.events());
  const CounterRandom random(5);
  std::size_t refused = 0;
  for (std::uint64_t round = 0; round < 300; ++round) {
    std::vector<std::byte> events(record.all_events().begin(), record.all_events().end());
    for (std::uint64_t n = 0; n <= random.below(3, round, 0); ++n)
      events[random.below(static_cast<std::uint32_t>(events.size()), round, 1 + n)] =
          std::byte(random.below(256, round, 9 + n));
    if (random.below(4, round, 20) == 0)
      events.resize(random.below(static_cast<std::uint32_t>(events.size()), round, 21));
    EventRecord bad = record;
    bad.set_events(events);
    try {
      EventLog log = read(bad);
      const TillState state = log.state();  // whatever it says, it can be folded
      CHECK(state.items() == 12);
    } catch (const Error&) {
      ++refused;
    }
  }
  CHECK(refused > 50);

  Bundle of_others;
  of_others.add("till_events", record);
  of_others.add("till_added", Catalog());
  TillState(*models(bundle(3))).save(of_others);
  CHECK_ERROR(EventSnapshot::read(of_others, 1, models()), ErrorCode::shape, "state, items");
  CHECK_ERROR(EventSnapshot::read(of_others, 2, models()), ErrorCode::shape, "state, items");
}
