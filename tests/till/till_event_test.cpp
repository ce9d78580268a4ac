// SPDX-License-Identifier: MIT
#include <bodega/till/till_event.hpp>

#include <string>

#include "check_error.hpp"

using namespace bodega;

TEST_CASE("An event says what it lacks") {
  TillEvent receipt{.kind = EventKind::receipt};
  CHECK_ERROR(receipt.validate(), ErrorCode::invalid_argument, "receipt, time");
  const TillReceiptLine much[] = {{"A"}, {"B", Quantity::from_raw(1'000'000'000'001)}};
  receipt = TillEvent::paid({.when = Moment(5), .lines = much});
  CHECK_ERROR(receipt.validate(), ErrorCode::out_of_range, "receipt, quantity of line 2");
  const std::string long_text(5000, 'x');
  CHECK_ERROR(TillEvent::paid({.id = long_text, .when = Moment(5)}).validate(),
              ErrorCode::out_of_range, "receipt, id");
  CHECK_ERROR(TillEvent::undone("").validate(), ErrorCode::invalid_argument, "undo, id");
  CHECK_ERROR(TillEvent::stock_set("", Quantity()).validate(), ErrorCode::invalid_argument,
              "stock_set, code");
  CHECK_ERROR(TillEvent::stock_set("A", Quantity::from_raw(-1)).validate(), ErrorCode::out_of_range,
              "stock of A");
  CHECK_ERROR(TillEvent::stock_added("A", -Quantity::from_whole(2'000'000'000)).validate(),
              ErrorCode::out_of_range, "stock of A");
  CHECK_ERROR(TillEvent::stock_least("A", Quantity()).validate(), ErrorCode::out_of_range,
              "smallest amount of A");
  CHECK_ERROR(TillEvent::relisted("A", "A").validate(), ErrorCode::invalid_argument, "relisted");
  CHECK_ERROR(TillEvent::relisted("", "A").validate(), ErrorCode::invalid_argument, "relisted");
  CHECK_ERROR(TillEvent{.kind = EventKind::item_added}.validate(), ErrorCode::invalid_argument,
              "item_added, code");
  const Item cheap{.id = "A", .price = Money::from_raw(-1)};
  CHECK_ERROR(TillEvent::added(cheap).validate(), ErrorCode::out_of_range, "item_added, price");
  CHECK_ERROR(TillEvent{.kind = static_cast<EventKind>(200)}.validate(),
              ErrorCode::invalid_argument, "event");
  TillEvent::closed().validate();
  TillEvent::stock_least({}, Quantity::from_raw(1)).validate();  // of every item
}
