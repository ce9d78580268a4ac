// SPDX-License-Identifier: MIT
#include <bodega/till/event_log.hpp>

#include <algorithm>
#include <vector>

#include <bodega/core/random.hpp>

#include "check_error.hpp"
#include "contract/failing_allocations.hpp"
#include "event_shop.hpp"

using namespace bodega;
using event_shop::bytes;
using event_shop::code;
using event_shop::Event;
using event_shop::monday;
using event_shop::Shop;

namespace {

/// A month of a shop: what happened, in the order in which it counts, and the same as its till
/// heard of it: some receipts too late, some twice, some that were voided, and in pieces.
struct Month {
  std::vector<Event> clean, heard;
};

Month a_month(std::uint64_t seed, int days, int most_late) {
  const CounterRandom random(seed);
  std::uint64_t step = 0;
  const auto below = [&](std::uint32_t most) { return random.below(most, 0, step++); };
  struct Late {
    int at = 0;
    Event event;
  };
  Month month;
  std::vector<Late> waiting;  // what is heard of on a later day
  std::vector<Event> sent;
  int number = 0;
  for (int d = 0; d < days; ++d) {
    const Day day = monday + d;
    if (d > 0 && below(7) == 0) continue;  // no trade
    const bool closes = below(2) == 0;
    // Without a closing what is counted in the morning is told from the day before by its time.
    for (std::uint32_t n = below(4); n > 0; --n) {
      Event set{.kind = EventKind::stock_set, .code = code(below(12)), .units = 1.0 + below(6)};
      set.as_of = Moment(day, 6 * 3600);
      month.clean.push_back(set);
      month.heard.push_back(set);
    }
    const std::uint32_t receipts = 2 + below(6);
    std::vector<Event> late;
    for (std::uint32_t n = 0; n < receipts; ++n) {
      Event receipt{.id = std::to_string(++number % 40),
                    .till = code(below(2)),
                    .when = Moment(day, 9 * 3600 + static_cast<int>(n) * 600),
                    .card = below(3) == 0 ? 0 : 1 + below(3)};
      for (std::uint32_t l = 1 + below(4); l > 0; --l) {
        const double amount = below(5) == 0 ? 0.25 * (1 + below(8)) : 1.0 + below(3);
        const std::string item = code(below(12));
        receipt.lines.push_back({item, below(6) == 0 ? -amount : amount});
      }
      if (n == 1 && below(8) == 0) receipt.when = Moment(day + 200, 0);  // a wrong clock
      const bool first = n == 0, wrong = receipt.when.day() != day;
      if (!first && !wrong && below(5) == 0 && d + 1 < days) {
        late.push_back(receipt);
        continue;
      }
      month.clean.push_back(receipt);
      month.heard.push_back(receipt);
      if (!wrong) sent.push_back(receipt);
      const std::uint32_t noise = below(12);
      if (noise == 0) {
        month.heard.push_back(sent[below(static_cast<std::uint32_t>(sent.size()))]);
      } else if (noise < 3) {  // voided, now or later
        Event voided = receipt;
        voided.id = "void " + std::to_string(number);
        voided.when = Moment(day, 15 * 3600);
        Event undo{.kind = EventKind::undo, .id = voided.id, .till = voided.till, .day = day};
        if (below(4) == 0) {
          month.heard.push_back(undo);  // the void is heard of first
          month.heard.push_back(voided);
        } else {
          month.heard.push_back(voided);
          if (below(2) == 0)
            month.heard.push_back(undo);
          else
            waiting.push_back({d + 1 + static_cast<int>(below(2)), undo});
        }
      } else if (noise == 3) {
        Event came{.kind = EventKind::stock_added, .code = code(below(12)), .units = 5};
        month.clean.push_back(came);
        month.heard.push_back(came);
      }
    }
    // Late ones stand at the end of their day, in the order in which they come.
    std::stable_sort(late.begin(), late.end(),
                     [&](const Event& a, const Event& b) { return a.id.size() < b.id.size(); });
    int at = d + 1;
    for (const Event& event : late) {
      month.clean.push_back(event);
      waiting.push_back({at, event});
      if (at < d + most_late && below(2) == 0) ++at;
    }
    if (closes) {
      month.clean.push_back({.kind = EventKind::day_closed});
      month.heard.push_back({.kind = EventKind::day_closed});
    }
    // What waits is heard of in the course of the next day.
    std::stable_sort(waiting.begin(), waiting.end(),
                     [](const Late& a, const Late& b) { return a.at < b.at; });
    std::size_t told = 0;
    while (told < waiting.size() && waiting[told].at <= d)
      month.heard.push_back(waiting[told++].event);
    waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(told));
  }
  for (const Late& late : waiting) month.heard.push_back(late.event);
  return month;
}

}  // namespace

TEST_CASE("Voids, late and double receipts and restarts leave the bytes of a clean past") {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    INFO("seed " << seed);
    const Month month = a_month(seed, 14, 3);
    Shop clean, heard;
    for (const Event& event : month.clean) clean.add(event);
    const CounterRandom random(seed);
    for (std::size_t i = 0; i < month.heard.size(); ++i) {
      heard.add(month.heard[i]);
      if (random.below(15, 7, i) == 0) heard.restart();
    }
    REQUIRE(clean.state.counts().receipts == heard.state.counts().receipts);
    REQUIRE(bytes(clean.state) == bytes(heard.state));
    REQUIRE(bytes(heard.twin) == bytes(heard.state));
  }
}

namespace {

/// A log alone, whose state is made anew each time.
struct Logged {
  EventLog log;

  void add(const Event& event) {
    TillState state = log.state();
    event.with([&](const TillEvent& borrowed) { log.add(borrowed, state); });
  }
  bool operator==(const Logged& other) const {
    EventLog mine = log, others = other.log;
    const LogCounts &a = log.counts(), &b = other.log.counts();
    return log.events() == other.log.events() && log.lines() == other.log.lines() &&
           a.events == b.events && a.undone == b.undone && a.twice == b.twice && a.late == b.late &&
           bytes(mine.state()) == bytes(others.state());
  }
};

}  // namespace

TEST_CASE("Where memory ends, a log stays as it was") {
  Logged before{EventLog(event_shop::models())};
  for (int day = 0; day < 3; ++day) {
    before.add({.id = "r" + std::to_string(day),
                .when = Moment(monday + day, 9 * 3600),
                .card = 5,
                .lines = {{"A", 2}, {"B", 1}}});
    before.add({.kind = EventKind::day_closed});
  }
  const auto check = [](const Logged& logged) { CHECK(logged.log.events() >= 6); };
  const std::vector<Event> events = {
      {.id = "next", .when = Moment(monday + 3), .card = 6, .lines = {{"A", 1}, {"new", 1}}},
      {.id = "late", .when = Moment(monday + 1), .lines = {{"C", 1}}},
      {.id = "back", .when = Moment(monday + 3), .card = 5, .lines = {{"A", -3}}},
      {.kind = EventKind::undo, .id = "r1", .till = {}},
      {.kind = EventKind::undo, .id = "r9", .till = {}, .day = monday},
      {.kind = EventKind::stock_set, .code = "A", .units = 5}};
  for (const Event& event : events) {
    INFO(name(event.kind) << " " << event.id);
    CHECK(bodega_test::check_failing_allocations(
              before, [&](Logged& logged) { logged.add(event); }, check) > 5);
  }
}

TEST_CASE("A log keeps so many days and lines, and no more") {
  for (const EventLogOptions& options :
       {EventLogOptions{.keep_days = 5}, EventLogOptions{.most_lines = 40}}) {
    Shop shop(event_shop::models(), options), all;
    for (int day = 0; day < 60; ++day)
      for (int n = 0; n < 4; ++n)
        for (Shop* one : {&shop, &all})
          one->sell(monday + day, event_shop::code(static_cast<std::size_t>(n)), 1,
                    std::to_string(n));
    CHECK(shop.log.lines() <= 44);
    CHECK(shop.log.lines() >= 12);
    CHECK(all.log.lines() > 140);
    CHECK(bytes(shop.state) == bytes(all.state));
    const auto before = bytes(shop.state);
    CHECK(shop.undo("1", monday + 10).kind == LogChange::Kind::nothing);  // too long ago
    CHECK(bytes(shop.state) == before);
    shop.undo("1", monday + 57);
    all.undo("1", monday + 57);
    CHECK(bytes(shop.state) == bytes(all.state));
    shop.sell(monday + 20, "A", 3, "ages ago");
    CHECK(shop.log.counts().too_old == 1);
  }
}

TEST_CASE("Options of a log that make no sense are refused") {
  const auto refused = [](const EventLogOptions& options, const char* option) {
    CHECK_ERROR(EventLog(event_shop::models(), options), ErrorCode::invalid_argument, option);
  };
  refused({.day_starts_at = -1}, "day_starts_at");
  refused({.day_starts_at = 86400}, "day_starts_at");
  refused({.keep_days = 0}, "keep_days");
  refused({.checkpoints = 1000}, "checkpoints");
  refused({.most_lines = 0}, "most_lines");
}

TEST_CASE("A number is one receipt of a business day, a store and a till, and of a card") {
  Shop shop;
  const auto add = [&](const char* id, const char* till, int day, std::uint64_t card,
                       double units) {
    return shop
        .add(Event{.id = id,
                   .till = till,
                   .when = Moment(monday + day, 3600),
                   .card = card,
                   .lines = {{"A", units}}})
        .kind;
  };
  constexpr auto nothing = LogChange::Kind::nothing;
  CHECK(add("7", "1", 0, 0, 1) != nothing);
  CHECK(add("7", "1", 0, 0, 1) == nothing);
  CHECK(add("7", "1", 0, 5, 1) == nothing);  // the card may have been lost on the way
  CHECK(add("7", "2", 0, 0, 1) != nothing);
  CHECK(add("7", "1", 1, 3, 1) != nothing);
  CHECK(add("7", "1", 1, 4, 1) != nothing);  // numbers by customer
  CHECK(add("", "1", 1, 4, 1) != nothing);
  CHECK(add("", "1", 1, 4, 1) != nothing);  // without a number, nobody knows
  CHECK(shop.log.counts().twice == 2);
  CHECK(shop.state.counts().receipts == 6);
  TillEvent undo = TillEvent::undone("7");
  undo.card = 3;
  shop.add(undo);
  CHECK(shop.state.counts().receipts == 5);
  CHECK(add("7", "1", 1, 3, 1) == nothing);  // voided once and for all
}
