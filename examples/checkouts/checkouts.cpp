// SPDX-License-Identifier: MIT
//
// A shop's busy day: three checkouts at once, a new file at noon, a power cut at three, closing.
//
//   checkouts [RECEIPTS]

#include <atomic>
#include <cstdio>
#include <thread>

#include "back_office.hpp"

using namespace bodega;

/// Three checkouts, each a thread, with a day's receipts of these hours; `meanwhile` beside them.
void trade(Till& till, const Receipts& receipts, Day day, int from, int to, auto meanwhile) {
  std::atomic<int> scanned = 0, foreseen = 0;
  const auto serve = [&](std::size_t checkout) {
    Lane lane = till.lane();
    for (std::size_t i = checkout; i < receipts.size(); i += 3) {
      const int hour = receipts[i].when.second_of_day() / 3600;
      if (receipts.day(i) != day || hour < from || hour >= to) continue;
      std::vector<std::string_view> basket;
      std::vector<TillReceiptLine> lines;
      for (const ReceiptLine& line : receipts[i].lines) {
        const auto code = receipts.catalog().id(line.item);
        for (const auto& pick : lane.recommend({.basket = basket}, 5))
          foreseen += pick.code == code;
        basket.push_back(code);
        lines.push_back({code, line.quantity, line.price});
        ++scanned;
      }
      till.observe({.id = receipts.id(i), .when = receipts[i].when, .lines = lines});
    }
  };
  {
    const std::jthread one(serve, 0), two(serve, 1), three(serve, 2);
    meanwhile();
  }
  std::printf("%d to %d o'clock: %d items scanned\n", from, to, scanned.load());
  std::fprintf(stderr, "  %d of them had just been suggested\n", foreseen.load());
}

int main(int argc, char** argv) try {
  const Receipts receipts = read(argc > 1 ? argv[1] : nullptr);
  const Day day = *Day::parse("2011-12-08");
  make_file(receipts, day - 1, "morning.bodega");
  make_file(receipts, day, "noon.bodega");  // has learnt from yesterday too
  std::filesystem::remove("day.state");
  const TillReceiptLine lines[] = {{"99001", Quantity::from_whole(2), {}}};
  const TillReceipt last = {.id = "A-1", .when = Moment(day, 53'999), .lines = lines};
  {
    Till till = Till::open("morning.bodega", {.state = "day.state"});
    till.add({.id = "99001", .description = "LUNCH BAG SPACE ROCKET"});
    const Moment eight(day, 8 * 3600);
    const StockRow rows[] = {{"22952", 150, eight}, {"22646", 135, eight}, {"99001", 20, eight}};
    till.stock().feed(rows);
    trade(till, receipts, day, 8, 15, [&] { till.replace("noon.bodega"); });
    std::printf("found: %s\n",
                std::string(till.lane().search("rocket spa", {}, 1)[0].description).c_str());
    till.observe(last);
  }
  // As if the power had gone in the middle of that last write. What was sold since two is sent
  // again.
  std::filesystem::resize_file("day.state", std::filesystem::file_size("day.state") - 7);
  Till till = Till::open("noon.bodega", {.state = "day.state"});
  std::printf("after the power cut: %s", till.report().summary().c_str());
  till.observe(last);
  trade(till, receipts, day, 14, 21, [] {});
  std::printf("the last one brings all back: %s\n", till.undo("581474") ? "undone" : "unknown");
  till.close_day();
  for (const char* code : {"22952", "22646", "99001"})
    std::printf("%s: %g left, %.0f wanted tomorrow\n", code, till.stock().units(code).value_or(0),
                static_cast<double>(till.forecast(code).units));
  std::printf("%s", till.report().summary().c_str());
} catch (const Error& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
