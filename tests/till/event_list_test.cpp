// SPDX-License-Identifier: MIT
#include <bodega/till/event_list.hpp>

#include <string>

#include "catch.hpp"

using namespace bodega;

namespace {

const Day monday(20'002);

TillEvent receipt(std::string_view id, const std::vector<TillReceiptLine>& lines, int day) {
  TillEvent event{.kind = EventKind::receipt};
  event.id = id;
  event.when = Moment(monday + day);
  event.lines = lines;
  return event;
}

}  // namespace

TEST_CASE("Events are found by id and day, also after others were forgotten") {
  const std::vector<TillReceiptLine> lines = {{"A", Quantity::from_whole(2)}, {"B"}};
  EventList list;
  for (int n = 0; n < 300; ++n)
    list.push(receipt(std::to_string(n % 10), lines, n / 10), monday + n / 10);
  const auto any = [](const EventList::Entry&) { return true; };
  CHECK(list.find("7", monday + 3, any) == 37);
  CHECK(list.find("7", monday + 40, any) == EventList::none);
  CHECK(list.find("70", monday + 3, any) == EventList::none);
  CHECK(list.names() == 2);
  list[37].undone = true;
  list.lines(list[38])[0].left = Quantity();
  list.drop_before(35);
  CHECK(list.size() == 265);
  CHECK(list.line_count() == 530);
  CHECK(list.find("4", monday + 3, any) == EventList::none);
  const std::uint32_t found = list.find("7", monday + 3, any);
  REQUIRE(found != EventList::none);
  CHECK(list[found].undone);
  CHECK(list.lines(list[list.find("8", monday + 3, any)])[0].left == Quantity());
  CHECK(list.name(list.lines(list[found])[1].code) == "B");
}

TEST_CASE("A late event stands at an earlier place, and what was pushed can be taken back") {
  const std::vector<TillReceiptLine> lines = {{"A"}};
  EventList list;
  const auto any = [](const EventList::Entry&) { return true; };
  for (int n = 0; n < 3; ++n) list.push(receipt("x", lines, 0), monday);
  const std::uint32_t late = list.push(receipt("late", lines, 0), monday);
  list.move_last_to(1);
  CHECK(list.at(1) == late);
  CHECK(list.place_of(late) == 1);
  CHECK(list.place_of(2) == 3);
  CHECK(list.find("x", monday, any) == 2);
  list.push(receipt("x", lines, 0), monday);
  CHECK(list.find("x", monday, any) == 4);
  list.pop();
  CHECK(list.find("x", monday, any) == 2);
  CHECK(list.size() == 4);
  CHECK(list.line_count() == 4);
  const std::uint32_t found =
      list.find("x", monday, [](const EventList::Entry& entry) { return entry.same == 0; });
  CHECK(found == 1);
}
