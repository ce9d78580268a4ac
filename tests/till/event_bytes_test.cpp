// SPDX-License-Identifier: MIT
#include <bodega/till/event_bytes.hpp>

#include <cstddef>
#include <vector>

#include <bodega/core/random.hpp>

#include "check_error.hpp"

using namespace bodega;

namespace {

std::vector<std::byte> bytes_of(const TillEvent& event) {
  std::vector<std::byte> bytes;
  encode(event, bytes);
  return bytes;
}

/// One of each kind.
template <class Use>
void for_each_event(const Use& use) {
  const TillReceiptLine lines[] = {{"20725", Quantity::from_raw(-2'500), Money::from_raw(12'300)},
                                   {"", {}, Money::from_raw(-1)},
                                   {"\xFF\0x", TillEvent::most_units, {}}};
  TillReceipt receipt{.id = "T9", .when = Moment(-5), .store = "North", .till = "3"};
  receipt.lines = lines;
  use(TillEvent::paid(receipt, 0xFEDCBA9876543210u));
  use(TillEvent::paid({.when = Moment(Day(20'000), 5)}));
  use(TillEvent::undone("T9", "North", "3", Day(-700'000)));
  use(TillEvent::undone("T9"));
  use(TillEvent::stock_set("20725", Quantity::from_raw(1), Moment(Day(20'000), 7)));
  use(TillEvent::stock_set("20725", {}));
  use(TillEvent::stock_added("20725", -TillEvent::most_units));
  use(TillEvent::stock_unknown("20725"));
  use(TillEvent::stock_least({}, Quantity::from_raw(5)));
  use(TillEvent::closed());
  const Item item{"новый", "a new one", Money::from_raw(9), {{"colour", "red"}, {"colour", ""}}};
  use(TillEvent::added(item));
  use(TillEvent::relisted("20725", "20725A"));
}

}  // namespace

TEST_CASE("Events come back from their bytes") {
  for_each_event([](const TillEvent& event) {
    INFO(name(event.kind));
    const std::vector<std::byte> bytes = bytes_of(event);
    const DecodedEvent read(bytes);
    CHECK(read->kind == event.kind);
    CHECK(read->id == event.id);
    CHECK(read->store == event.store);
    CHECK(read->till == event.till);
    CHECK(read->card == event.card);
    CHECK(read->when == event.when);
    CHECK(read->day == event.day);
    CHECK(read->code == event.code);
    CHECK(read->to == event.to);
    CHECK(read->units == event.units);
    REQUIRE(read->lines.size() == event.lines.size());
    for (std::size_t l = 0; l < event.lines.size(); ++l) {
      CHECK(read->lines[l].code == event.lines[l].code);
      CHECK(read->lines[l].quantity == event.lines[l].quantity);
      CHECK(read->lines[l].price == event.lines[l].price);
    }
    REQUIRE((read->item != nullptr) == (event.item != nullptr));
    if (event.item != nullptr) {
      CHECK(read->item->id == event.item->id);
      CHECK(read->item->description == event.item->description);
      CHECK(read->item->price == event.item->price);
      CHECK(read->item->attributes == event.item->attributes);
    }
    CHECK(bytes_of(*read) == bytes);
  });
}

TEST_CASE("Bytes that are no event are an Error, whatever they are") {
  std::size_t refused = 0, read = 0;
  const auto attempt = [&](std::span<const std::byte> bytes) {
    try {
      const DecodedEvent event(bytes);
      event->validate();
      ++read;
    } catch (const Error&) {
      ++refused;
    }
  };
  const CounterRandom random(11);
  std::uint64_t step = 0;
  for_each_event([&](const TillEvent& event) {
    const std::vector<std::byte> good = bytes_of(event);
    for (std::size_t size = 0; size < good.size(); ++size)
      CHECK_THROWS_AS(DecodedEvent(std::span(good).first(size)), Error);  // cut short
    std::vector<std::byte> longer = good;
    longer.push_back({});
    CHECK_THROWS_AS(DecodedEvent(longer), Error);
    for (int round = 0; round < 400; ++round) {
      std::vector<std::byte> bad = good;
      for (std::uint32_t n = 1 + random.below(4, 0, step++); n > 0; --n) {
        const std::uint32_t at = random.below(static_cast<std::uint32_t>(bad.size()), 1, step++);
        bad[at] = std::byte(random.below(256, 2, step++));
      }
      attempt(bad);
    }
  });
  for (int round = 0; round < 2000; ++round) {
    std::vector<std::byte> noise(random.below(60, 3, step++));
    for (std::byte& byte : noise) byte = std::byte(random.below(256, 4, step++));
    if (noise.size() > 1) {
      noise[0] = std::byte{1};
      noise[1] = std::byte(random.below(10, 5, step++));
    }
    attempt(noise);
  }
  CHECK(refused > 1000);
  CHECK(read > 100);
  // A count of lines that there are no bytes for is not believed.
  std::vector<std::byte> lines = {std::byte{1}, std::byte{0}, {}, {}, {}, {}, std::byte{1}, {}};
  for (int n = 0; n < 5; ++n) lines.push_back(std::byte{0xFF});
  lines.push_back(std::byte{0x0F});
  CHECK_ERROR(DecodedEvent(lines), ErrorCode::format, "event");
  CHECK_ERROR(DecodedEvent(std::vector{std::byte{2}, std::byte{5}}), ErrorCode::version, "event");
}
