// SPDX-License-Identifier: MIT
// What a till does while a shop runs on it, each figure with its aim: answers of a lane alone and
// beside lanes, receipts, a stock feed and swaps; the promise that what was set to 0 is offered no
// more; very many swaps; what journal, restart, undo and late receipts cost.
//
// The shop is made up (support/synthetic_shop.hpp), as are its receipts. Times are by the clock. On
// Linux what the system took away from a thread for others to run is left out and counted: it is
// the machine's, and not the till's. A thread that waits by itself, as for a lock, is not left out.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#if defined(__linux__)
#include <sys/resource.h>
#endif

#include <bodega/collaborative/items/item_item.hpp>
#include <bodega/collaborative/shop/popularity.hpp>
#include <bodega/compress/quantize.hpp>
#include <bodega/content/search_index.hpp>
#include <bodega/core/random.hpp>
#include <bodega/forecast/baselines_trainer.hpp>
#include <bodega/forecast/windows.hpp>
#include <bodega/till/till.hpp>

#include "support/arguments.hpp"
#include "support/measure.hpp"
#include "support/report_lines.hpp"
#include "support/synthetic_shop.hpp"
#include "support/telling.hpp"
#include "support/text.hpp"

namespace {

using namespace bodega;
using namespace std::chrono_literals;
using bodega_benchmark::fixed;
using bodega_benchmark::quantile;
using bodega_benchmark::ReportLines;
using bodega_benchmark::SyntheticShop;
using bodega_benchmark::tell;
using Clock = std::chrono::steady_clock;

constexpr int first_day = 20'000;
constexpr std::size_t lanes_beside = 3, basket_items = 8, picks = 10;

double micros(Clock::duration time) {
  return std::chrono::duration<double, std::micro>(time).count();
}
template <class Work>
double micros_of(Work&& work) {
  const auto begin = Clock::now();
  work();
  return micros(Clock::now() - begin);
}

std::string code(std::size_t item) { return "A" + std::to_string(10'000 + item); }

/// A bundle of so many items with what a shop's has: tables of neighbours, popularity, search,
/// sales of 30 days.
Bundle bundle_of(std::size_t items, std::uint64_t seed = 0) {
  const SyntheticShop shop(items);
  const CounterRandom random(seed + 5);
  Catalog catalog;
  constexpr const char* words[] = {"LUNCH BAG", "CANDLE", "TEA TOWEL", "CAKE STAND", "LANTERN"};
  for (std::size_t i = 0; i < items; ++i)
    catalog.add({.id = code(i),
                 .description = std::string(words[random.below(5, i, 0)]) + " NO " +
                                std::to_string(random.below(500, i, 1)),
                 .price = Money::from_whole(1 + random.below(20, i, 2))});
  Popularity popularity(items);
  DailySales sales(items, Day(first_day - 30), 30);
  for (int day = 0; day < 30; ++day) {
    sales.open(Day(first_day - 30 + day));
    for (std::uint64_t n = 0; n < 20; ++n)
      for (const ItemIndex item :
           shop.basket(basket_items, static_cast<std::uint64_t>(day) * 20 + n)) {
        popularity.add(item, Day(first_day - 30 + day));
        sales.add(item, Day(first_day - 30 + day), 1);
      }
  }
  Bundle bundle;
  bundle.add("items", quantize(ItemItem<>(shop.neighbours(std::min<std::size_t>(50, items / 4)))));
  bundle.add("popularity", popularity);
  bundle.add("search", quantize(SearchIndex(catalog)));
  bundle.add("demand_baseline", fit_weekday_mean(SalesWindows(sales)));
  bundle.add("history", sales);
  bundle.add("catalog", catalog);
  return bundle;
}

/// Baskets and receipts of a shop, made once, by number.
class Customers {
 public:
  explicit Customers(std::size_t items) {
    const SyntheticShop shop(items);
    for (std::size_t i = 0; i < items; ++i) codes_.push_back(code(i));
    for (std::uint64_t i = 0; i < 1024; ++i) {
      std::vector<std::string_view> basket;
      std::vector<TillReceiptLine> lines;
      for (const ItemIndex item : shop.basket(basket_items, 1'000'000 + i)) {
        basket.push_back(codes_[item.value()]);
        lines.push_back({basket.back(), Quantity::from_whole(1), Money::from_whole(2)});
      }
      baskets_.push_back(std::move(basket));
      lines_.push_back(std::move(lines));
    }
  }

  TillQuery query(std::size_t i) const { return {.basket = baskets_[i % baskets_.size()]}; }
  TillReceipt receipt(std::string_view id, std::size_t i, Day day, int second = 40'000) const {
    return {.id = id, .when = Moment(day, second), .lines = lines_[i % lines_.size()]};
  }

 private:
  std::vector<std::string> codes_;
  std::vector<std::vector<std::string_view>> baskets_;
  std::vector<std::vector<TillReceiptLine>> lines_;
};

/// Threads that do something until this is gone.
class Beside {
 public:
  template <class Work>
  void start(Work work) {
    threads_.emplace_back([this, work = std::move(work)]() mutable {
      for (std::size_t i = 0; !stop_; ++i) work(i);
    });
  }
  ~Beside() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  std::atomic<bool> stop_{false};
  std::vector<std::thread> threads_;
};

/// How often the system took the processor from this thread, and how often it gave it up itself.
struct Switches {
  long taken = 0, given = 0;
  static Switches now() {
    Switches switches;
#if defined(__linux__)
    rusage usage{};
    getrusage(RUSAGE_THREAD, &usage);
    switches = {usage.ru_nivcsw, usage.ru_nvcsw};
#endif
    return switches;
  }
};

/// Times of answers, less those in which the system took the processor away.
struct Times {
  std::vector<double> micros;
  std::size_t left_out = 0, waits = 0;

  template <class Work>
  void measure(Work&& work) {
    const Switches before = Switches::now();
    const double time = micros_of(work);
    const Switches after = Switches::now();
    waits += after.given != before.given;
    if (after.taken != before.taken)
      ++left_out;
    else
      micros.push_back(time);
  }
  void add(const Times& more) {
    micros.insert(micros.end(), more.micros.begin(), more.micros.end());
    left_out += more.left_out;
    waits += more.waits;
  }
  double at(double share) { return micros.empty() ? 0 : quantile(micros, share); }
  double longest() const {
    return micros.empty() ? 0 : *std::max_element(micros.begin(), micros.end());
  }
};

double resident_megabytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:")) return std::stod(line.substr(6)) / 1024;
  return 0;
}

struct Settings {
  std::string json, folder = ".";
  std::size_t items = 4000, answers = 20'000, trials = 10'000'000, swaps = 100'000,
              receipts = 20'000, measured_swaps = 100;
};

/// Prints a figure, and beside it its aim.
class Figures {
 public:
  explicit Figures(ReportLines& lines) : lines_(lines) {
    std::printf("| | measured | aim |\n| --- | ---: | ---: |\n");
  }
  void add(const std::string& name, double value, int digits) {
    std::printf("| %s | %s | |\n", name.c_str(), fixed(value, digits).c_str());
    std::fflush(stdout);
    lines_.add(name, value);
  }
  void at_most(const std::string& name, double value, int digits, double aim) {
    std::printf("| %s | %s | <= %g |\n", name.c_str(), fixed(value, digits).c_str(), aim);
    std::fflush(stdout);
    lines_.at_most(name, value, aim);
  }
  void at_least(const std::string& name, double value, int digits, double aim) {
    std::printf("| %s | %s | >= %g |\n", name.c_str(), fixed(value, digits).c_str(), aim);
    std::fflush(stdout);
    lines_.at_least(name, value, aim);
  }

 private:
  ReportLines& lines_;
};

// --- Lanes.

/// So many answers, one each half a millisecond, as of a checkout that is very busy.
Times answers(Lane& lane, const Customers& customers, std::size_t count) {
  Times times;
  for (std::size_t i = 0; i < count; ++i) {
    times.measure([&] { lane.recommend(customers.query(i), picks); });
    std::this_thread::sleep_for(500us);
  }
  return times;
}

/// One lane alone and beside all else, in turns of a tenth of the answers.
void lanes(const Settings& settings, Figures& figures) {
  tell("lanes");
  const Bundle bundle = bundle_of(settings.items), other = bundle_of(settings.items, 1);
  const Customers customers(settings.items);
  Till till(bundle);
  Lane lane = till.lane();
  answers(lane, customers, 200);
  Times alone, beside;
  std::atomic<std::size_t> receipts = 0, rows = 0, swaps = 0;
  for (int turn = 0; turn < 10; ++turn) {
    alone.add(answers(lane, customers, settings.answers / 10));
    Beside others;
    for (std::size_t n = 0; n < lanes_beside; ++n)
      others.start([&, n, mine = till.lane()](std::size_t i) mutable {
        mine.recommend(customers.query(7 * i + n), picks);
        std::this_thread::sleep_for(500us);
      });
    for (int n = 0; n < 2; ++n)
      others.start([&](std::size_t i) {
        const std::string id = std::to_string(receipts++);
        till.observe(customers.receipt(id, i, Day(first_day)));
        std::this_thread::sleep_for(2ms);
      });
    others.start([&](std::size_t i) {
      till.stock().set(code(i * 31 % settings.items), static_cast<double>(i % 5));
      ++rows;
      std::this_thread::sleep_for(1ms);
    });
    others.start([&](std::size_t i) {
      till.replace(i % 2 == 0 ? other : bundle);
      ++swaps;
      std::this_thread::sleep_for(200ms);
    });
    beside.add(answers(lane, customers, settings.answers / 10));
  }
  figures.add("an answer of a lane alone, p50, us", alone.at(0.5), 1);
  figures.add("p99, us", alone.at(0.99), 1);
  figures.add("beside 3 lanes, 2 observers, a stock feed and swaps, p50, us", beside.at(0.5), 1);
  figures.add("p99 of these, us", beside.at(0.99), 1);
  figures.at_most("p99 of these over that alone", beside.at(0.99) / alone.at(0.99), 2, 2);
  figures.at_most("answers of both that waited for somebody",
                  static_cast<double>(alone.waits + beside.waits), 0, 0);
  figures.add("answers left out alone", static_cast<double>(alone.left_out), 0);
  figures.add("answers left out beside", static_cast<double>(beside.left_out), 0);
  figures.add("receipts meanwhile", static_cast<double>(receipts), 0);
  figures.add("stock rows meanwhile", static_cast<double>(rows), 0);
  figures.add("swaps meanwhile", static_cast<double>(swaps), 0);
}

// --- Stock.

/// Three threads ask without a pause and each sets an item of its own to 0 and back now and then. A
/// trial is an answer during which an item was at 0 from before it began to after it ended.
void stock_promise(const Settings& settings, Figures& figures) {
  tell("stock");
  constexpr std::size_t items = 24, threads = 3, answers_a_flip = 50;
  Till till(bundle_of(items));
  std::vector<std::string> codes;
  for (std::size_t i = 0; i < items; ++i) codes.push_back(code(i));
  // Odd from when `set(0)` has returned to when it is to be set to something.
  std::vector<std::atomic<std::uint64_t>> zero(threads);
  std::atomic<std::size_t> trials = 0, broken = 0, flips = 0;
  std::vector<std::thread> asking;
  for (std::size_t mine = 0; mine < threads; ++mine)
    asking.emplace_back([&, mine] {
      Lane lane = till.lane();
      std::vector<std::uint64_t> before(threads);
      for (std::size_t i = 0; trials < settings.trials; ++i) {
        if (i % (2 * answers_a_flip) == 0) {
          till.stock().set(codes[mine], 0);
          ++zero[mine];
          ++flips;
        } else if (i % answers_a_flip == 0) {
          ++zero[mine];
          till.stock().set(codes[mine], 5);
        }
        for (std::size_t item = 0; item < threads; ++item) before[item] = zero[item];
        const TillSlate slate = lane.recommend({}, items);
        bool tried = false;
        for (std::size_t item = 0; item < threads; ++item) {
          if (before[item] % 2 == 0 || zero[item] != before[item]) continue;
          tried = true;
          for (const TillPick& pick : slate) broken += pick.code == codes[item];
        }
        trials += tried;
      }
    });
  for (std::thread& thread : asking) thread.join();
  figures.at_least("trials of the stock promise", static_cast<double>(trials), 0, 1e7);
  figures.add("times an item was set to 0 and back", static_cast<double>(flips), 0);
  figures.at_most("answers with an item that was set to 0", static_cast<double>(broken), 0, 0);
}

/// From the call of `set` to the end of the first answer of a busy lane that obeys.
void stock_delay(const Settings& settings, Figures& figures) {
  const Customers customers(settings.items);
  Till till(bundle_of(settings.items));
  std::string best;
  {
    Lane lane = till.lane();
    best = lane.recommend({}, 1)[0].code;
  }
  std::atomic<bool> shown{true};
  std::atomic<long> taken{0};
  Beside others;
  others.start([&, lane = till.lane()](std::size_t) mutable {
    shown = lane.recommend({}, 1)[0].code == best;
    taken = Switches::now().taken;
  });
  others.start([&](std::size_t i) {
    till.observe(customers.receipt(std::to_string(i), i, Day(first_day)));
    std::this_thread::sleep_for(2ms);
  });
  Times times;
  for (int i = 0; i < 4000; ++i) {
    till.stock().set(best, 5);
    while (!shown) std::this_thread::yield();
    const long before = taken;
    Times one;
    one.measure([&] {
      till.stock().set(best, 0);
      while (shown) {
      }
    });
    if (taken == before)
      times.add(one);
    else
      ++times.left_out;
  }
  figures.add("from set to the first answer that obeys, p50, us", times.at(0.5), 1);
  figures.at_most("p99 of that, us", times.at(0.99), 1, 1000);
  figures.add("times of that left out", static_cast<double>(times.left_out), 0);
}

// --- Swaps.

/// A lane asks without a pause while something is done beside it.
template <class Work>
Times answers_during(Lane& lane, const Customers& customers, Work&& work) {
  std::atomic<bool> done{false};
  std::thread doing([&] {
    work();
    done = true;
  });
  Times times;
  for (std::size_t i = 0; !done; ++i)
    times.measure([&] { lane.recommend(customers.query(i), picks); });
  doing.join();
  return times;
}

/// What a swap keeps a lane waiting: its longest answer during one, and while the same file is only
/// built beside it, which takes as much from the machine.
void swap_hold_up(const Settings& settings, Figures& figures) {
  tell("swaps of a shop of " + std::to_string(settings.items) + " items");
  const Bundle bundle = bundle_of(settings.items), other = bundle_of(settings.items, 1);
  const Customers customers(settings.items);
  Till till(bundle);
  for (std::size_t i = 0; i < 1000; ++i)
    till.observe(customers.receipt(std::to_string(i), i, Day(first_day)));
  Lane lane = till.lane();
  std::vector<double> swapping, building, taking;
  std::size_t left_out = 0, waits = 0, count = 0;
  for (std::size_t i = 0; i < settings.measured_swaps; ++i) {
    const Bundle& next = i % 2 == 0 ? other : bundle;
    const Times during = answers_during(
        lane, customers, [&] { taking.push_back(micros_of([&] { till.replace(next); })); });
    const Times beside = answers_during(lane, customers, [&] { const Till another(next); });
    swapping.push_back(during.longest());
    building.push_back(beside.longest());
    left_out += during.left_out;
    waits += during.waits;
    count += during.micros.size();
  }
  figures.add("a swap, from call to return, p50, ms", quantile(taking, 0.5) / 1000, 1);
  figures.add("answers of a lane during swaps", static_cast<double>(count), 0);
  figures.add("of these left out", static_cast<double>(left_out), 0);
  figures.at_most("of these that waited for somebody", static_cast<double>(waits), 0, 0);
  figures.add("the longest during a swap, p50, ms", quantile(swapping, 0.5) / 1000, 3);
  figures.at_most("the longest of all, ms", quantile(swapping, 0.999) / 1000, 3, 1);
  figures.add("the longest while a file is only built, p50, ms", quantile(building, 0.5) / 1000, 3);
}

/// Very many swaps of a small shop, with lanes that ask and a till that hears receipts.
void many_swaps(const Settings& settings, Figures& figures) {
  tell("many swaps");
  constexpr std::size_t items = 40;
  const Bundle bundle = bundle_of(items), other = bundle_of(items, 1);
  const Customers customers(items);
  Till till(bundle);
  std::atomic<std::size_t> asked = 0, wrong = 0;
  double early = 0, late = 0;
  const auto begin = Clock::now();
  {
    Beside others;
    for (std::size_t n = 0; n < 2; ++n)
      others.start([&, n, lane = till.lane()](std::size_t i) mutable {
        wrong += lane.recommend(customers.query(3 * i + n), picks).size() != picks;
        ++asked;
        if (i % 20 == 0) std::this_thread::sleep_for(100us);
      });
    others.start([&](std::size_t i) {
      const std::string id = std::to_string(i % 1000);  // the day's receipts do not grow for ever
      till.observe(customers.receipt(id, i % 1000, Day(first_day)));
      std::this_thread::sleep_for(5ms);
    });
    for (std::size_t swap = 0; swap < settings.swaps; ++swap) {
      till.replace(swap % 2 == 0 ? other : bundle);
      if (swap == settings.swaps / 5) early = resident_megabytes();
    }
    late = resident_megabytes();
  }
  const double seconds = micros(Clock::now() - begin) / 1e6;
  figures.at_least("swaps of a small shop under load", static_cast<double>(settings.swaps), 0, 1e5);
  figures.add("a swap of it, us", 1e6 * seconds / static_cast<double>(settings.swaps), 0);
  figures.add("answers beside them", static_cast<double>(asked), 0);
  figures.at_most("answers that were short", static_cast<double>(wrong), 0, 0);
  figures.add("memory after a fifth of the swaps, MB", early, 1);
  figures.at_most("memory that came in the other four fifths, MB", late - early, 1, 1);
}

// --- State.

/// What the file of the state costs a receipt, and what restart, undo and late receipts cost.
void state(const Settings& settings, Figures& figures) {
  const Bundle bundle = bundle_of(settings.items);
  const Customers customers(settings.items);
  const std::string path = settings.folder + "/running-till.state";
  const auto day_of = [&](Till& till, std::size_t count, Day day) {
    std::vector<double> times;
    for (std::size_t i = 0; i < count; ++i) {
      const std::string id = day.to_string() + "/" + std::to_string(i);
      times.push_back(micros_of([&] {
        till.observe(customers.receipt(id, i, day, static_cast<int>(28'800 + i % 40'000)));
      }));
    }
    return times;
  };
  const auto report = [&](const std::string& what, std::vector<double> times) {
    figures.add("a receipt, " + what + ", p50, us", quantile(times, 0.5), 1);
    figures.add("p99, " + what + ", us", quantile(times, 0.99), 1);
  };
  tell("receipts");
  {
    Till till(bundle);
    report("no file of the state", day_of(till, settings.receipts, Day(first_day)));
  }
  for (const SyncPolicy policy :
       {SyncPolicy::never, SyncPolicy::each_second, SyncPolicy::each_record}) {
    std::filesystem::remove(path);
    const std::size_t count = policy == SyncPolicy::each_record ? 1000 : settings.receipts;
    const std::string what = "sync " + std::string(name(policy));
    {
      Till till(bundle, {.state = path, .sync = policy});
      report(what, day_of(till, count, Day(first_day)));
    }
    if (policy == SyncPolicy::each_record) continue;
    figures.add("bytes of the state's file for a receipt, " + what,
                static_cast<double>(std::filesystem::file_size(path)) / static_cast<double>(count),
                0);
    const double empty = micros_of([&] { const Till none(bundle); });
    const auto begin = Clock::now();
    const Till again(bundle, {.state = path, .sync = policy});
    const double open = micros(Clock::now() - begin);
    figures.add("to open a till without it, ms", empty / 1000, 0);
    figures.add("to open it with " + std::to_string(count) + " receipts, " + what + ", ms",
                open / 1000, 0);
    if (again.report().state.receipts != count)
      throw Error(ErrorCode::format, path, std::to_string(count) + " receipts",
                  std::to_string(again.report().state.receipts));
  }
  std::filesystem::remove(path);

  tell("undo");
  Till till(bundle);
  const std::size_t day_size = std::min<std::size_t>(settings.receipts, 2000);
  for (int day = 0; day < 3; ++day) day_of(till, day_size, Day(first_day + day));
  std::vector<double> last, today, yesterday, late;
  for (std::size_t i = 0; i < 50; ++i) {
    const std::string fresh = "fresh/" + std::to_string(i);
    till.observe(customers.receipt(fresh, i, Day(first_day + 2), 70'000));
    last.push_back(micros_of([&] { till.undo(fresh); }));
    const std::string number = std::to_string(i * day_size / 50);
    today.push_back(micros_of([&] { till.undo(Day(first_day + 2).to_string() + "/" + number); }));
    yesterday.push_back(
        micros_of([&] { till.undo(Day(first_day + 1).to_string() + "/" + number); }));
    late.push_back(micros_of(
        [&] { till.observe(customers.receipt("late/" + number, i, Day(first_day + 1), 70'000)); }));
  }
  const std::string of = " of days of " + std::to_string(day_size) + " receipts";
  figures.add("undo of the last receipt, p50, ms", quantile(last, 0.5) / 1000, 2);
  figures.add("undo of one of today" + of + ", p50, ms", quantile(today, 0.5) / 1000, 2);
  figures.add("undo of one of yesterday" + of + ", p50, ms", quantile(yesterday, 0.5) / 1000, 2);
  figures.add("a late receipt of yesterday" + of + ", p50, ms", quantile(late, 0.5) / 1000, 2);
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  bodega_benchmark::Arguments arguments(
      "What a running till does, each figure with its aim: lanes beside receipts, stock and swaps; "
      "the stock promise; many swaps; the costs of journal, restart, undo and late receipts.");
  arguments.take("--json", "FILE", "the figures, for other programs", settings.json);
  arguments.take("--folder", "FOLDER",
                 "for the state's file, on the disk to measure; . if not given", settings.folder);
  arguments.number("--items", "N", "of the shop", settings.items, 100, 100'000);
  arguments.number("--answers", "N", "of a lane, alone and beside", settings.answers, 1000);
  arguments.number("--trials", "N", "of the stock promise", settings.trials, 1);
  arguments.number("--swaps", "N", "of a small shop under load", settings.swaps, 5);
  arguments.number("--measured-swaps", "N", "of the shop, whose hold-up is measured",
                   settings.measured_swaps, 1);
  arguments.number("--receipts", "N", "of a day", settings.receipts, 100);
  return arguments.run(argc, argv, [&] {
    ReportLines lines;
    Figures figures(lines);
    const bool whole = settings.trials >= 10'000'000 && settings.swaps >= 100'000;
    if (!whole) tell("fewer trials or swaps than the aims want");
    lanes(settings, figures);
    stock_promise(settings, figures);
    stock_delay(settings, figures);
    swap_hold_up(settings, figures);
    many_swaps(settings, figures);
    state(settings, figures);
    lines.save(settings.json);
  });
}
