// SPDX-License-Identifier: MIT
// What the thread sanitizer runs too: lanes, observers, a stock feed and swaps at once. And what
// outlives a swap, a restart, an undo.
#include <bodega/till/till_engine.hpp>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <bodega/till/till.hpp>

#include "allocation_counter.hpp"
#include "catch.hpp"
#include "check_error.hpp"
#include "till/shop_bundle.hpp"

using namespace bodega;
using bodega_test::code;
using bodega_test::first_day;
using bodega_test::receipt_of;
using bodega_test::shop;
using bodega_test::sold;
using bodega_test::TemporaryFile;
using bodega_test::toy_items;
using bodega_test::whole_bundle;

namespace {

const Day today = shop().sales.last_day() + 1;
const std::array basket = {code(0), code(5)};

Bundle searchable_bundle() {
  Bundle bundle = whole_bundle();
  bundle.add("search", quantize(SearchIndex(shop().receipts.catalog())));
  return bundle;
}

/// A shop of the catalogue's even items and some new ones, so that every index names another item.
Bundle other_bundle() {
  Catalog catalog;
  catalog.add({.id = "NEW1", .description = "red bread of today"});
  for (std::uint32_t i = 0; i < toy_items; i += 2) {
    const ItemIndex item(i);
    catalog.add({code(i), std::string(shop().receipts.catalog().description(item))});
  }
  Bundle bundle;
  Popularity popularity(catalog.size());
  std::vector<ReceiptLine> lines;
  for (std::uint32_t i = 0; i < catalog.size(); ++i)
    lines.push_back({ItemIndex(i), Quantity::from_whole(1), Money()});
  popularity.observe({.when = Moment(today - 1), .lines = lines});
  bundle.add("popularity", popularity);
  bundle.add("content", fit_content_model(catalog));
  bundle.add("search", SearchIndex(catalog));
  bundle.add("catalog", catalog);
  return bundle;
}

void sell(Till& till, std::string_view id, std::string_view item, int units, Day day = today) {
  const TillReceiptLine lines[] = {sold(item, units)};
  till.observe(receipt_of(day, lines, id));
}

/// All of the state that models see, as bytes.
std::vector<std::byte> bytes_of(const Till& till) {
  Bundle bundle;
  till.read([&](const TillModels&, const TillState& state) { state.save(bundle); });
  return bundle.serialize();
}

/// What a lane and a forecast say, as text.
std::string answers_of(const Till& till) {
  std::string text;
  Lane lane = till.lane();
  for (const TillQuery& query : {TillQuery{}, TillQuery{.basket = basket}})
    for (const TillPick& pick : lane.recommend(query, 10))
      text += std::string(pick.code) + " " + std::to_string(pick.score) + "\n";
  for (std::size_t i = 0; i < toy_items; ++i)
    text += std::to_string(till.forecast(code(i)).units) + " " +
            std::to_string(till.stock().units(code(i)).value_or(-1)) + "\n";
  return text;
}

}  // namespace

TEST_CASE("threads: an answer begun after an item was set to 0 never holds it, in 100,000 trials") {
  Till till(searchable_bundle());
  std::atomic<bool> done = false;
  std::atomic<std::uint64_t> zeroed = 0;  // odd: gone
  std::atomic<std::size_t> answers = 0, wrong = 0;
  const std::string victim = "A110";  // of the basket's department, so always among the first
  constexpr std::size_t trials = 100'000;
  {
    std::vector<std::jthread> lanes;
    for (int n = 0; n < 2; ++n)
      lanes.emplace_back([&, n] {
        Lane lane = till.lane();
        while (!done) {
          const std::uint64_t before = zeroed;
          const TillSlate slate = n == 0 ? lane.recommend({.basket = basket}, 5)
                                         : lane.search("bread", {.basket = basket}, 40);
          const std::uint64_t after = zeroed;
          const bool shown = std::any_of(slate.begin(), slate.end(),
                                         [&](const TillPick& pick) { return pick.code == victim; });
          wrong += shown && before == after && before % 2 == 1;
          ++answers;
        }
      });
    const TillReceiptLine lines[] = {sold("A101", 1)};
    for (std::size_t n = 0; n < trials; ++n) {
      till.stock().set(victim, 0);
      ++zeroed;
      if (n % 1000 == 0) till.observe(receipt_of(today, lines));
      ++zeroed;
      till.stock().set(victim, 5);
    }
    done = true;
  }
  CHECK(wrong == 0);
  CHECK(answers > 100);
  CHECK(till.stock().units(victim) == 5);
}

TEST_CASE("threads: four lanes, two observers, a stock feed and swaps") {
  const TemporaryFile first, second;
  searchable_bundle().save(first.path);
  Bundle other = searchable_bundle();
  other.save(second.path);
  Till till = Till::open(first.path);
  till.stock().set("A111", 0);  // and stays so
  std::atomic<bool> done = false;
  std::atomic<std::size_t> answers = 0, empty = 0, forbidden = 0, allocations = 0;
  {
    std::vector<std::jthread> lanes;
    for (int n = 0; n < 4; ++n)
      lanes.emplace_back([&, n] {
        Lane lane = till.lane();
        while (!done) {
          TillSlate slate;
          allocations += bodega_test::allocations_in([&] {
            slate = n % 2 == 0 ? lane.recommend({.basket = basket, .card = "7"}, 10)
                               : lane.search("bre", {}, 10);
          });
          empty += slate.empty();
          for (const TillPick& pick : slate) {
            forbidden += pick.code == "A111" || pick.code.empty();
            if (!pick.because.empty()) forbidden += pick.because[0].text().empty();
          }
          ++answers;
          if (till.forecast(code(static_cast<std::size_t>(n))).answered_by == "none") ++forbidden;
        }
      });
    {
      std::vector<std::jthread> writers;
      for (int n = 0; n < 2; ++n)
        writers.emplace_back([&, n] {
          for (int receipt = 0; receipt < 60; ++receipt) {
            const std::string id = std::to_string(n) + "/" + std::to_string(receipt);
            sell(till, id, code(static_cast<std::size_t>(receipt % 7)), 1, today + receipt / 20);
            if (receipt % 10 == 0) till.undo(id);
          }
        });
      writers.emplace_back([&] {
        for (int n = 0; n < 25; ++n) {
          const StockRow rows[] = {{"A120", 5.0 + n, Moment(today, n)},
                                   {"A121", 3, Moment(today, n)}};
          till.stock().feed(rows);
          till.stock().set("A122", n);
          till.stock().add("A122", 1);
          (void)till.report();
        }
      });
      writers.emplace_back([&] {
        for (int n = 0; n < 12; ++n) till.replace(n % 2 == 0 ? second.path : first.path);
      });
    }
    done = true;
  }
  CHECK(answers > 0);
  CHECK(empty == 0);
  CHECK(forbidden == 0);
  CHECK(allocations == 0);
  const TillReport report = till.report();
  CHECK(report.events.undone == 12);
  CHECK(report.state.receipts == 108);
  CHECK(report.events.swaps == 12);
  CHECK(report.lanes == 0);
  CHECK(till.stock().units("A120") == 29);
  CHECK(till.stock().units("A122") == 25);
  CHECK_FALSE(till.stock().available("A111"));
}

TEST_CASE("A swap carries what happened by code, whatever the items' numbers") {
  Till till(searchable_bundle());
  Lane lane = till.lane();
  till.stock().set("A102", 7);
  till.stock().set("A104", 0);
  till.stock().set("A101", 3);  // leaves with the swap
  sell(till, "1", "A102", 2);
  const TillSlate before = lane.recommend({.basket = {"A102"}}, 5);
  const std::string code_before(before[0].code), text(before[0].because[0].text());
  const std::string_view kept = before[0].code;  // stands until the lane is asked again
  till.replace(other_bundle());
  CHECK(kept == code_before);
  CHECK(before[0].because[0].text() == text);
  CHECK(till.stock().units("A102") == 5);
  CHECK(till.stock().units("A104") == 0);
  CHECK_FALSE(till.stock().units("A101").has_value());
  CHECK_FALSE(till.stock().available("A101"));
  CHECK(till.stock().available("NEW1"));
  bool new_one = false;
  for (const TillPick& pick : lane.recommend({}, 40)) {
    CHECK(pick.code != "A104");
    CHECK(pick.code != "A101");
    new_one |= pick.code == "NEW1";
  }
  CHECK(new_one);
  const TillReport report = till.report();
  CHECK(report.events.swaps == 1);
  CHECK(report.events.items_left == 20);
  CHECK(report.events.items_came == 1);
  CHECK(report.items == 21);
}

TEST_CASE("A file that is none leaves a till as it was") {
  const TemporaryFile file;
  std::ofstream(file.path) << "no bundle";
  Till till(searchable_bundle());
  sell(till, "1", "A102", 2);
  const std::vector<std::byte> state = bytes_of(till);
  const std::string answers = answers_of(till);
  CHECK_THROWS_AS(till.replace(file.path), Error);
  CHECK_THROWS_AS(till.replace("/no/such/file"), Error);
  CHECK_THROWS_AS(till.replace(Bundle()), Error);
  CHECK(bytes_of(till) == state);
  CHECK(answers_of(till) == answers);
  CHECK(till.report().events.swaps == 0);
}

TEST_CASE("Models that are swapped out are freed, though lanes had asked them") {
  Till till(searchable_bundle());
  std::vector<Lane> lanes;
  for (int n = 0; n < 3; ++n) lanes.push_back(till.lane());
  std::vector<std::weak_ptr<const TillModels>> old;
  for (int n = 0; n < 10; ++n) {
    for (Lane& lane : lanes) lane.recommend({}, 3);
    old.push_back(till.models());
    till.replace(searchable_bundle());
  }
  for (Lane& lane : lanes) lane.recommend({}, 3);
  sell(till, "1", "A100", 1);  // a writer sweeps
  for (const auto& models : old) CHECK(models.expired());
}

TEST_CASE("A sale and its undoing leave no trace but in the report") {
  Till till(searchable_bundle());
  till.stock().set("A102", 7);
  sell(till, "1", "A100", 1);
  const std::vector<std::byte> state = bytes_of(till);
  const std::string answers = answers_of(till);
  sell(till, "2", "A102", 3);
  CHECK(bytes_of(till) != state);
  CHECK(till.stock().units("A102") == 4);
  CHECK(till.undo("2"));
  CHECK(bytes_of(till) == state);
  CHECK(answers_of(till) == answers);
  CHECK_FALSE(till.undo("2"));
  CHECK_FALSE(till.undo("never"));
  sell(till, "1", "A100", 1);  // twice
  CHECK(bytes_of(till) == state);
  const TillReport report = till.report();
  CHECK(report.events.undone == 1);
  CHECK(report.events.twice == 1);
  CHECK(report.summary().find("1 receipts undone") != std::string::npos);
}

TEST_CASE("An item new this morning is found, recommended and learnt from at once") {
  Till till(searchable_bundle());
  Lane lane = till.lane();
  sell(till, "0", "A100", 1);
  const std::string before = answers_of(till);
  till.add({.id = "B1",
            .description = "violet bread of today",
            .attributes = {{"department", "bread"}}});
  CHECK(answers_of(till) == before);
  const TillSlate found = lane.search("violet", {}, 3);
  REQUIRE(found.size() == 1);
  CHECK(found[0].code == "B1");
  bool shown = false;
  for (const TillPick& pick : lane.recommend({.basket = {"A100"}}, 40)) shown |= pick.code == "B1";
  CHECK(shown);
  till.stock().set("B1", 2);
  for (int n = 0; n < 200; ++n) sell(till, "n" + std::to_string(n), "B1", n == 0 ? 2 : 1);
  CHECK(lane.recommend({}, 1)[0].code == "B1");
  CHECK(till.report().items == toy_items + 1);
  CHECK_ERROR(till.add({.id = "B1"}), ErrorCode::duplicate, "B1");
  till.replace(searchable_bundle());  // that does not know it
  CHECK(till.report().items == toy_items + 1);
  CHECK(lane.search("violet", {}, 3).size() == 1);
}

TEST_CASE("A code that was re-listed keeps its history") {
  Till till(searchable_bundle());
  Lane lane = till.lane();
  till.stock().set("A100", 9);
  sell(till, "1", "A100", 4);
  till.relist("A100", "Z100");
  CHECK(till.stock().units("Z100") == 5);
  CHECK_FALSE(till.stock().available("A100"));
  sell(till, "2", "Z100", 1);
  CHECK(till.stock().units("Z100") == 4);
  till.read([&](const TillModels& models, const TillState& state) {
    CHECK(state.demand().sales.sold_today(models.catalog().find("Z100")) == 5);
  });
  CHECK_ERROR(till.relist("no such", "Z1"), ErrorCode::unknown_id, "Catalog");
  CHECK_ERROR(till.relist("A101", "A102"), ErrorCode::duplicate, "A102");
  till.replace(searchable_bundle());  // of before
  CHECK(till.stock().units("Z100") == 4);
}

TEST_CASE("What happened is there again after a restart, and after one with another file") {
  const TemporaryFile state;
  const TillOptions options{.state = state.path, .sync = SyncPolicy::never};
  std::string answers;
  std::vector<std::byte> bytes;
  {
    Till till(searchable_bundle(), options);
    till.stock().set("A102", 7);
    sell(till, "1", "A102", 2);
    sell(till, "2", "A104", 1);
    till.undo("2");
    till.add({.id = "B1", .description = "violet bread of today"});
    sell(till, "3", "B1", 1);
    till.relist("A106", "Z106");
    till.stock().set("Z106", 4);
    till.close_day();
    sell(till, "4", "A102", 1, today + 1);
    answers = answers_of(till);
    bytes = bytes_of(till);
    CHECK_ERROR(Till(searchable_bundle(), options), ErrorCode::io, state.path);  // it is in use
  }
  for (int n = 0; n < 3; ++n) {  // the second time from a snapshot
    Till till(searchable_bundle(), options);
    CHECK(answers_of(till) == answers);
    CHECK(bytes_of(till) == bytes);
    CHECK(till.stock().units("Z106") == 4);
    CHECK(till.stock().units("A102") == 4);
    CHECK(till.report().unreadable == 0);
    sell(till, "1", "A102", 2);  // once more, which changes nothing
    CHECK(till.report().events.twice == 1 + static_cast<std::uint64_t>(n));
  }
  Till till(other_bundle(), options);
  CHECK(till.stock().units("A102") == 4);
  CHECK(till.stock().units("Z106") == 4);
  CHECK(till.stock().available("B1"));
  std::filesystem::remove(state.path);
}

TEST_CASE("A state that is damaged opens, and says what was lost") {
  const TemporaryFile state;
  const TillOptions options{.state = state.path, .sync = SyncPolicy::never};
  {
    Till till(searchable_bundle(), options);
    till.stock().set("A102", 7);
    for (int n = 0; n < 20; ++n) sell(till, std::to_string(n), "A100", 1);
  }
  {
    std::fstream file(state.path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(400);
    file.put('!');
  }
  std::filesystem::resize_file(state.path, std::filesystem::file_size(state.path) - 5);
  const Till till(searchable_bundle(), options);
  const TillReport report = till.report();
  CHECK(report.state.receipts < 20);
  CHECK(report.state.receipts > 10);
  REQUIRE(report.journal);
  CHECK(report.journal->torn_bytes > 0);
  CHECK(report.journal->damaged_bytes > 0);
  CHECK(report.summary().find("torn off") != std::string::npos);
}

TEST_CASE("A long journal is compacted, and stays short") {
  const TemporaryFile state;
  const TillOptions options{.state = state.path, .sync = SyncPolicy::never};
  std::vector<std::byte> bytes;
  {
    Till till(searchable_bundle(), options);
    std::vector<TillReceiptLine> lines;
    std::vector<std::string> codes;
    for (std::size_t i = 0; i < toy_items; ++i) codes.push_back(code(i));
    for (const std::string& item : codes) lines.push_back(sold(item, 1));
    for (int day = 0; day < 60; ++day) {
      for (int n = 0; n < 60; ++n)
        till.observe(receipt_of(today + day, lines, std::to_string(day * 100 + n)));
      till.close_day();
    }
    bytes = bytes_of(till);
    CHECK(till.report().journal->bytes < std::size_t{4} << 20);
  }
  const Till till(searchable_bundle(), options);
  CHECK(bytes_of(till) == bytes);
}

TEST_CASE("A feed's rows: the later count wins, and what cannot be says so") {
  Till till(searchable_bundle());
  const Moment noon(today, 43200), one(today, 46800);
  const StockRow rows[] = {
      {"A100", 5, one},     {"A100", 3, noon},
      {"A101", -3, noon},   {"A102", std::numeric_limits<double>::quiet_NaN(), noon},
      {"A103", 1e12, noon}, {"no such", 1, noon},
      {"A104", 0, noon}};
  till.stock().set("A101", 9);
  const StockFeedReport report = till.stock().feed(rows);
  CHECK(report.rows == 7);
  CHECK(report.set == 2);
  CHECK(report.older == 1);
  CHECK(report.negative == 1);
  CHECK(report.not_a_number == 1);
  CHECK(report.too_large == 1);
  CHECK(report.unknown_item == 1);
  CHECK(report.examples.size() == 5);
  CHECK(till.stock().units("A100") == 5);
  CHECK_FALSE(till.stock().units("A101").has_value());
  CHECK_FALSE(till.stock().available("A104"));
  // A code that would write on the screen is shown escaped.
  const StockRow hostile[] = {{"\x1b[2J", 1, noon}};
  const auto examples = till.stock().feed(hostile).examples;
  REQUIRE(examples.size() == 1);
  CHECK(is_printable(examples[0]));
}

TEST_CASE("Crumbs of what is sold by weight are not available, over a swap too") {
  Till till(searchable_bundle());
  till.stock().set_smallest("A100", 0.05);
  till.stock().set("A100", 0.04);
  CHECK_FALSE(till.stock().available("A100"));
  till.stock().set("A100", 0.05);
  CHECK(till.stock().available("A100"));
  till.stock().set_smallest(2);
  till.stock().set("A101", 1);
  CHECK_FALSE(till.stock().available("A101"));
  till.replace(searchable_bundle());
  CHECK_FALSE(till.stock().available("A101"));
  CHECK_FALSE(till.stock().available("A100"));
}

TEST_CASE("A till says what it is made of") {
  Bundle bundle = searchable_bundle();
  bundle.add("something", Popularity(toy_items));
  Till till(bundle);
  Lane lane = till.lane();
  const TillReport report = till.report();
  CHECK(report.items == toy_items);
  CHECK(report.parts == std::vector<std::string>{"items", "content", "popularity"});
  CHECK(report.unknown == std::vector<std::string>{"something"});
  CHECK(report.unused.has(QueryPart::customer));
  CHECK(report.unused.has(QueryPart::session));
  CHECK_FALSE(report.unused.has(QueryPart::basket));
  CHECK(report.lanes == 1);
  CHECK_FALSE(report.journal);
  CHECK(report.summary().find("something") != std::string::npos);
  CHECK(report.summary().find("customer") != std::string::npos);
  CHECK_ERROR(Till(bundle, {.unknown_parts = UnknownParts::refuse}), ErrorCode::unknown_id,
              "something");
}

TEST_CASE("Memory that ends while a till changes leaves it as it was, or with the change made") {
  Till till(searchable_bundle());
  till.stock().set("A102", 1000);
  sell(till, "0", "A102", 1);
  int done = 1;
  for (int receipt = 1; receipt <= 3; ++receipt)
    for (std::size_t n = 0;; ++n) {
      bool failed = false;
      bodega_test::fail_allocation(bodega_test::allocations_so_far() + n);
      try {
        sell(till, std::to_string(receipt), "A102", 1, today + receipt);
      } catch (const std::bad_alloc&) {
        failed = true;
      }
      bodega_test::fail_allocation(static_cast<std::size_t>(-1));
      const auto units = till.stock().units("A102");
      if (failed) {
        const bool either = units == 1000 - done || units == 1000 - done - 1;
        CHECK(either);
        continue;
      }
      ++done;
      break;
    }
  sell(till, "last", "A102", 1, today + 4);
  CHECK(till.stock().units("A102") == 995);
  CHECK(till.report().state.receipts == 5);
}
