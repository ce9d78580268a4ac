// SPDX-License-Identifier: MIT
// What a till with a file of its state brings back: after the process was killed at any moment,
// after a power cut at any call, and after any call to the disk failed. journal_test.cpp holds the
// journal alone to the same.
#include <bodega/till/till.hpp>

#include <atomic>
#include <cstddef>
#include <map>
#include <memory>
#include <new>
#include <random>
#include <string>
#include <utility>
#include <vector>

#if BODEGA_POSIX_FILES
#include <csignal>
#include <sys/mman.h>
#include <sys/wait.h>
#endif

#include "bundle/temporary_folder.hpp"
#include "catch.hpp"
#include "faulty_disk.hpp"
#include "till/shop_bundle.hpp"

using namespace bodega;
using bodega_test::code;
using bodega_test::DiskCall;
using bodega_test::Fault;
using bodega_test::FaultyDisk;
using bodega_test::PowerCut;
using bodega_test::shop;
using bodega_test::TemporaryFolder;
using bodega_test::toy_items;

namespace {

const Bundle& bundle() {
  static const Bundle once = bodega_test::whole_bundle();
  return once;
}

/// The n-th thing that happens in a shop: receipts, and now and then an undo, a count of stock, the
/// end of a day. With `wide`, receipts of so many lines that few of them make a journal long enough
/// to be compacted.
void happen(Till& till, std::size_t n, bool wide) {
  const auto id = [](std::size_t number) { return "receipt " + std::to_string(number); };
  const Day day = shop().sales.last_day() + 1 + static_cast<int>(n / 400);
  if (n % 10 == 7) {
    till.undo(id(n - 2));
  } else if (n % 10 == 8) {
    till.stock().set(code(n % toy_items), static_cast<double>(n % 30));
  } else if (n % 400 == 399) {
    till.close_day();
  } else {
    const std::string item = code(n * 7 % toy_items), with = code(n * 3 % toy_items);
    std::vector<TillReceiptLine> lines(wide ? 20'000 : 1, bodega_test::sold(item, 1));
    lines.push_back(bodega_test::sold(with, 2));
    till.observe(bodega_test::receipt_of(day, lines, id(n)));
  }
}

std::vector<std::byte> bytes_of(const Till& till) {
  till.report();  // what was said of stock is in the state after it
  Bundle saved;
  till.read([&](const TillModels&, const TillState& state) { state.save(saved); });
  return saved.serialize();
}

/// The state after each number of things that happened.
class Expected {
 public:
  explicit Expected(bool wide) : wide_(wide) { states_.emplace(bytes_of(till_), 0); }

  /// Returns how many things had happened in that state; fails where it is none of the first
  /// `most`.
  std::size_t count_in(const Till& found, std::size_t most) {
    for (; count_ < most; ++count_) {
      happen(till_, count_, wide_);
      states_.emplace(bytes_of(till_), count_ + 1);
    }
    const auto at = states_.find(bytes_of(found));
    REQUIRE(at != states_.end());
    return at->second;
  }

 private:
  Till till_{bundle()};
  bool wide_;
  std::size_t count_ = 0;
  std::map<std::vector<std::byte>, std::size_t> states_;
};

TillOptions options(const std::string& path, SyncPolicy sync) {
  return {.state = path, .sync = sync};
}

/// A till of 14 things that happen, with wide receipts. `promised(n)` is told when the first n are
/// said to be on the disk.
template <class Promised>
void live(const std::string& path, Promised&& promised) {
  Till till(bundle(), options(path, SyncPolicy::each_record));
  for (std::size_t n = 0; n < 14; ++n) {
    happen(till, n, true);
    if (till.report().journal->waiting_bytes == 0) promised(n + 1);
  }
}

}  // namespace

#if BODEGA_POSIX_FILES
TEST_CASE("A till whose process is killed at 500 moments has all that happened") {
  const TemporaryFolder folder;
  const std::string path = folder / "till.state";
  auto* const happened = static_cast<std::atomic<std::size_t>*>(
      ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  REQUIRE(static_cast<void*>(happened) != MAP_FAILED);
  new (happened) std::atomic<std::size_t>(0);
  std::mt19937 random(3);
  std::size_t last = 0;
  Till expected(bundle());
  for (int kill = 0; kill < 500; ++kill) {
    CAPTURE(kill, last);
    const SyncPolicy sync = kill % 3 == 0   ? SyncPolicy::each_record
                            : kill % 3 == 1 ? SyncPolicy::each_second
                                            : SyncPolicy::never;
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      try {
        Till till(bundle(), options(path, sync));
        for (std::size_t n = last;; ++n) {
          happen(till, n, false);
          happened->store(n + 1);
        }
      } catch (...) {
        ::_exit(1);
      }
    }
    ::usleep(static_cast<useconds_t>(random() % 25'000));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    REQUIRE(WIFSIGNALED(status));
    const Till found(bundle(), options(path, SyncPolicy::never));
    REQUIRE(found.report().unreadable == 0);
    // All that had returned, and at most the one thing that was about to.
    for (const std::size_t reached = std::max(last, happened->load()); last < reached; ++last)
      happen(expected, last, false);
    if (bytes_of(found) != bytes_of(expected)) happen(expected, last++, false);
    REQUIRE(bytes_of(found) == bytes_of(expected));
  }
  ::munmap(happened, 4096);
  CHECK(last > 1000);
}
#endif

TEST_CASE(
    "A till whose every write, cut, sync and rename fails or is torn opens with what it had") {
  if (!FaultyDisk::available()) return;
  Expected expected(true);
  std::size_t faults = 0;
  for (const Fault fault : {Fault::fails, Fault::torn}) {
    for (const bool on : {false, true}) {
      if (on && fault == Fault::torn) continue;  // as if all failed
      for (std::size_t number = 0;; ++number) {
        CAPTURE(static_cast<int>(fault), on, number);
        const TemporaryFolder folder;
        const std::string path = folder / "till.state";
        std::size_t promised = 0, calls = 0;
        {
          FaultyDisk disk(folder.path().string());
          disk.fail_at(number, fault, on);
          live(path, [&](std::size_t count) { promised = count; });
          calls = disk.calls();
        }
        if (calls <= number) break;
        ++faults;
        const FaultyDisk syncs_fast(folder.path().string());
        const Till found(bundle(), options(path, SyncPolicy::never));
        REQUIRE(expected.count_in(found, 14) >= (on ? promised : 14));
        REQUIRE(folder.files() == 1);
      }
    }
  }
  INFO(faults << " faults");
  CHECK(faults > 75);
}

TEST_CASE("A till after a power cut at any call has all that its disk had") {
  if (!FaultyDisk::available()) return;
  Expected expected(true);
  std::vector<DiskCall> calls;
  std::vector<std::pair<std::size_t, std::size_t>> promises;  // calls seen, things that happened
  {
    const TemporaryFolder folder;
    FaultyDisk disk(folder.path().string(), true);
    live(folder / "till.state",
         [&](std::size_t count) { promises.emplace_back(disk.calls(), count); });
    calls = disk.notes();
    REQUIRE(calls.size() == disk.calls());
  }
  bool compacted = false;
  for (const DiskCall& call : calls) compacted = compacted || call.kind == DiskCall::rename;
  CHECK(compacted);
  for (std::size_t count = 0; count <= calls.size(); ++count) {
    std::size_t promised = 0;
    for (const auto& [seen, happened] : promises)
      if (seen <= count) promised = happened;
    const PowerCut cut(calls, count);
    for (unsigned way = 0; way < 6; ++way) {
      CAPTURE(count, way);
      const TemporaryFolder folder;
      cut.leave(folder.path().string(), way);
      const FaultyDisk syncs_fast(folder.path().string());
      const Till found(bundle(), options(folder / "till.state", SyncPolicy::never));
      REQUIRE(found.report().unreadable == 0);
      REQUIRE(expected.count_in(found, 14) >= promised);
    }
  }
}
