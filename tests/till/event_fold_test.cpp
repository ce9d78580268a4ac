// SPDX-License-Identifier: MIT
#include <bodega/till/event_fold.hpp>

#include <string>
#include <vector>

#include "catch.hpp"
#include "event_shop.hpp"

using namespace bodega;
using event_shop::bytes;
using event_shop::models;
using event_shop::monday;

namespace {

/// Five days of two receipts each, and the state that they make.
struct Folded {
  explicit Folded(std::size_t checkpoints) : fold(models(), {.checkpoints = checkpoints}) {
    for (int n = 0; n < 10; ++n) {
      const TillReceiptLine lines[] = {{n % 2 == 0 ? "A" : "B", Quantity::from_whole(n + 1)}};
      const std::string id = std::to_string(n);
      TillReceipt receipt{.id = id, .when = Moment(monday + n / 2, 3600 * n)};
      receipt.lines = lines;
      fold.list().push(TillEvent::paid(receipt), monday + n / 2);
      fold.resolve_names();
      fold.advance(fold.list().size() - 1, state);
    }
  }

  EventFold fold;
  TillState state = fold.base();
};

}  // namespace

TEST_CASE("A fold from a state that was kept is a fold from the first event") {
  for (const std::size_t checkpoints : {0, 1, 3, 50}) {
    INFO(checkpoints << " checkpoints");
    Folded folded(checkpoints);
    CHECK(folded.fold.last_checkpoint() == (checkpoints == 0 ? 0u : 8u));
    const auto before = bytes(folded.state);
    for (const std::size_t place : {9, 7, 4, 0}) {
      const std::uint32_t entry = folded.fold.list().at(place);
      folded.fold.list()[entry].undone = true;
      folded.fold.refold(place, folded.state);
      CHECK(bytes(folded.state) != before);
      TillState whole = folded.fold.base();
      for (std::size_t p = 0; p < 10; ++p) folded.fold.step(folded.fold.list().at(p), whole);
      CHECK(bytes(folded.state) == bytes(whole));
      folded.fold.list()[entry].undone = false;
      folded.fold.refold(place, folded.state);
      CHECK(bytes(folded.state) == before);
    }
    folded.fold.drop_before(5);
    CHECK(folded.fold.list().size() == 5);
    folded.fold.refold(0, folded.state);
    CHECK(bytes(folded.state) == before);
  }
}

TEST_CASE("A late receipt stands before what ended its day") {
  Folded folded(3);
  EventList& list = folded.fold.list();
  list.push(TillEvent::paid({.when = Moment(monday + 2)}), monday + 2);
  CHECK(folded.fold.place_for(monday + 2) == 6u);
  CHECK(folded.fold.place_for(monday + 4) == 10u);
  CHECK(folded.fold.place_for(monday - 9) == 0u);
  list.pop();
  // A count of a later day's morning stands behind it.
  list.push(TillEvent::closed(), {});
  folded.fold.advance(10, folded.state);
  list.push(TillEvent::stock_set("A", {}, Moment(monday + 5)), {});
  folded.fold.resolve_names();
  folded.fold.advance(11, folded.state);
  list.push(TillEvent::paid({.when = Moment(monday + 4)}), monday + 4);
  CHECK(folded.fold.place_for(monday + 4) == 10u);
  list.pop();
  folded.fold.drop_before(6);
  list.push(TillEvent::paid({.when = Moment(monday)}), monday);
  CHECK_FALSE(folded.fold.place_for(monday));
}

TEST_CASE("Names stand for items by their code, what it became, or what became it") {
  EventFold fold(models(), {});
  CHECK(fold.resolve("A") == ItemIndex(0));
  CHECK(fold.resolve("A9").is_none());
  fold.relist("A", "A9");
  fold.relist("A9", "A10");
  CHECK(fold.resolve("A10") == ItemIndex(0));
  CHECK(fold.resolve("A9") == ItemIndex(0));
  fold.relist("B", "C");  // both are listed: the old one is the new one from now on
  CHECK(fold.resolve("B") == ItemIndex(2));
  CHECK(fold.resolve("C") == ItemIndex(2));
}
