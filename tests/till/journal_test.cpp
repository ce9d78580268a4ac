// SPDX-License-Identifier: MIT
#include <bodega/till/journal.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <map>
#include <new>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#if BODEGA_POSIX_FILES
#include <csignal>
#include <sys/mman.h>
#include <sys/wait.h>
#endif

#include "bundle/temporary_folder.hpp"
#include "catch.hpp"
#include "check_error.hpp"
#include "faulty_disk.hpp"

using namespace bodega;
using bodega_test::DiskCall;
using bodega_test::Fault;
using bodega_test::FaultyDisk;
using bodega_test::PowerCut;
using bodega_test::TemporaryFolder;

namespace {

using Bytes = std::vector<std::byte>;

Bytes bytes(std::string_view text) {
  const auto span = std::as_bytes(std::span(text.data(), text.size()));
  return {span.begin(), span.end()};
}
std::string text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::vector<std::string> texts(const std::string& path, JournalReport* report = nullptr) {
  std::vector<std::string> found;
  const Journal journal(path, [&](const JournalRecord& r) { found.push_back(text(r.bytes)); });
  if (report != nullptr) *report = journal.report();
  return found;
}
const Journal::Visit nobody = [](const JournalRecord&) {};

/// The events of the fault tests are numbers from 1; each has a length of its own. A snapshot says
/// all up to its number.
Bytes event(std::size_t number) {
  return bytes("e" + std::to_string(number) + " " + std::string(number * 37 % 101, '.'));
}
Bytes snapshot(std::size_t number) {
  return bytes("s" + std::to_string(number) + " " + std::string(number * 631 % 1500, '.'));
}

/// The numbers that a journal brings back.
struct State {
  std::size_t through = 0;  // all up to here were there
  std::map<std::size_t, int> after;
  void hear(std::span<const std::byte> record) {
    const std::string said = text(record);
    const std::size_t number = std::stoul(said.substr(1));
    REQUIRE(bytes(said) == (said[0] == 's' ? snapshot(number) : event(number)));
    if (said[0] == 's') {
      REQUIRE(after.empty());
      through = number;
    } else {
      REQUIRE(++after[number] == 1);
    }
  }
  bool has_all_up_to(std::size_t number) const {
    for (std::size_t n = through + 1; n <= number; ++n)
      if (!after.contains(n)) return false;
    return true;
  }
  std::size_t last() const { return after.empty() ? through : after.rbegin()->first; }
};

/// A life of a journal: 24 events, in which it is compacted twice and synced now and then. Returns
/// the number up to which all were promised, and says each promise to `promised`.
template <class Promised>
std::size_t live(const std::string& path, SyncPolicy policy, Promised&& promised) {
  std::size_t safe = 0;
  Journal journal(path, nobody, {.sync = policy});
  for (std::size_t n = 1; n <= 24; ++n) {
    const auto sequence = journal.append(event(n));
    if (journal.settle(sequence) && policy == SyncPolicy::each_record) promised(safe = n);
    try {
      if (n % 9 == 0) {
        const Bytes records[] = {snapshot(n - 1), event(n)};
        journal.compact(records);
        promised(safe = n);
      }
      if (n % 5 == 0) {
        journal.sync();
        promised(safe = n);
      }
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::io);
      CHECK(error.where() == path);
      CHECK(journal.report().failures + error.found().size() > 0);
    }
  }
  return safe;
}

constexpr SyncPolicy policies[] = {SyncPolicy::each_record, SyncPolicy::each_second,
                                   SyncPolicy::never};

}  // namespace

TEST_CASE("A journal gives back what was appended, in order, and goes on with its numbers") {
  const TemporaryFolder folder;
  const std::string path = folder / "journal";
  for (const SyncPolicy policy : policies) {
    CAPTURE(std::string(name(policy)));
    std::filesystem::remove(path);
    {
      Journal journal(path, nobody, {.sync = policy});
      CHECK(journal.append(bytes("one")) == 1);
      CHECK(journal.append({}) == 2);
      CHECK(journal.settle(2));
      CHECK(journal.path() == path);
      CHECK(journal.report().failure.empty());
    }
    {
      std::vector<std::uint64_t> numbers;
      Journal journal(path, [&](const JournalRecord& r) { numbers.push_back(r.sequence); },
                      {.sync = policy});
      CHECK(numbers == std::vector<std::uint64_t>{1, 2});
      CHECK(journal.report().records == 2);
      CHECK(journal.append(bytes("three")) == 3);
      CHECK(journal.report().bytes >= std::filesystem::file_size(path));
    }
    CHECK(texts(path) == std::vector<std::string>{"one", "", "three"});
  }
}

TEST_CASE("A journal that is compacted has the new records and what comes after") {
  const TemporaryFolder folder;
  const std::string path = folder / "journal";
  {
    Journal journal(path, nobody);
    for (int i = 0; i < 1000; ++i) journal.append(bytes("an event"));
    const auto before = journal.report().bytes;
    const Bytes records[] = {bytes("snapshot"), bytes("")};
    journal.compact(records);
    CHECK(journal.report().bytes < before / 100);
    CHECK(journal.report().bytes == std::filesystem::file_size(path));
    CHECK(journal.report().waiting_bytes == 0);
    CHECK(journal.append(bytes("later")) == 1003);
    journal.compact(records);
    journal.append(bytes("last"));
  }
  JournalReport report;
  CHECK(texts(path, &report) == std::vector<std::string>{"snapshot", "", "last"});
  CHECK(report.lost_records == 0);
  CHECK(report.damaged_bytes == 0);
  CHECK(folder.files() == 1);
}

TEST_CASE("A journal: what the reader throws goes through, and the file is free again") {
  const TemporaryFolder folder;
  const std::string path = folder / "journal";
  Journal(path, nobody).append(bytes("one"));
  const auto refuses = [](const JournalRecord&) {
    throw Error(ErrorCode::format, "record", "x", "y");
  };
  CHECK_ERROR(Journal(path, refuses), ErrorCode::format, "record");
  CHECK(texts(path).size() == 1);
}

TEST_CASE("A journal cuts a torn end, counts it, and goes on behind the last whole record") {
  const TemporaryFolder folder;
  const std::string path = folder / "journal";
  Journal(path, nobody).append(bytes("one"));
  const Bytes whole = read_file(path, 1 << 20);
  Bytes torn = whole;
  put_record(torn, {2, bytes("a record that is torn")});
  torn.resize(torn.size() - 3);
  write_file_atomically(path, torn);
  {
    Journal journal(path, nobody);
    CHECK(journal.report().torn_bytes == torn.size() - whole.size());
    CHECK(journal.report().records == 1);
    CHECK(std::filesystem::file_size(path) == whole.size());
    CHECK(journal.append(bytes("two")) == 2);
  }
  JournalReport report;
  CHECK(texts(path, &report) == std::vector<std::string>{"one", "two"});
  CHECK(report.torn_bytes == 0);
}

TEST_CASE("A journal with a damaged middle opens with the rest of it, and says what is lost") {
  const TemporaryFolder folder;
  const std::string path = folder / "journal";
  {
    Journal journal(path, nobody);
    for (const char* one : {"one", "two", "three"}) journal.append(bytes(one));
  }
  Bytes file = read_file(path, 1 << 20);
  file[file.size() - 20 - 5 - 3] ^= std::byte{64};  // in "two"
  write_file_atomically(path, file);
  JournalReport report;
  CHECK(texts(path, &report) == std::vector<std::string>{"one", "three"});
  CHECK(report.lost_records == 1);
  CHECK(report.damaged_bytes == 20 + 3);
}

TEST_CASE("A journal is no place for another file, which stays as it is") {
  const TemporaryFolder folder;
  const Bytes other = bytes("Not a journal, but of some length that would be lost");
  write_file_atomically(folder / "x", other);
  CHECK_ERROR(Journal(folder / "x", nobody), ErrorCode::format, "x");
  CHECK(read_file(folder / "x", 1000) == other);
}

TEST_CASE("A journal is safe a second after a record, with nobody calling") {
  if (!FaultyDisk::available()) return;
  const TemporaryFolder folder;
  FaultyDisk disk(folder.path().string(), true);
  Journal journal(folder / "journal", nobody);
  const auto syncs = [&] {
    const auto notes = disk.notes();
    return std::count_if(notes.begin(), notes.end(),
                         [](const DiskCall& call) { return call.kind == DiskCall::sync; });
  };
  for (int round = 0; round < 2; ++round) {
    const auto before = syncs();
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < 100; ++i) journal.append(bytes("event"));
    CHECK(journal.report().waiting_bytes > 0);
    while (journal.report().waiting_bytes > 0 &&
           std::chrono::steady_clock::now() - start < std::chrono::seconds(20))
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    CHECK(std::chrono::steady_clock::now() - start > std::chrono::milliseconds(900));
    CHECK(syncs() == before + 1);
  }
}

TEST_CASE("A journal: threads append and settle at once, and all of it is there in order") {
  const TemporaryFolder folder;
  const std::string path = folder / "journal";
  constexpr int threads = 4, each = 200;
  for (const SyncPolicy policy : policies) {
    std::filesystem::remove(path);
    {
      Journal journal(path, nobody, {.sync = policy});
      std::atomic<int> refused{0};
      std::vector<std::thread> running;
      for (int t = 0; t < threads; ++t)
        running.emplace_back([&, t] {
          for (int i = 0; i < each; ++i) {
            const auto sequence = journal.append(event(static_cast<std::size_t>(t * each + i + 1)));
            if (i % 20 == 0 && !journal.settle(sequence)) ++refused;
            if (i % 50 == 0) journal.sync();
          }
        });
      for (std::thread& one : running) one.join();
      CHECK(refused == 0);
    }
    State state;
    Journal(path, [&](const JournalRecord& r) { state.hear(r.bytes); });
    CHECK(state.has_all_up_to(threads * each));
  }
}

TEST_CASE("A journal whose disk is full keeps records in memory, and writes them when it can") {
  if (!FaultyDisk::available()) return;
  for (const SyncPolicy policy : policies) {
    CAPTURE(std::string(name(policy)));
    const TemporaryFolder folder;
    const std::string path = folder / "journal";
    FaultyDisk disk(folder.path().string());
    {
      Journal journal(path, nobody, {.sync = policy});
      journal.append(event(1));
      journal.sync();
      disk.fail_at(disk.calls(), Fault::fails, true);
      for (std::size_t n = 2; n <= 50; ++n) CHECK_FALSE(journal.settle(journal.append(event(n))));
      CHECK_ERROR(journal.sync(), ErrorCode::io, "journal");
      const Bytes records[] = {snapshot(50)};
      CHECK_ERROR(journal.compact(records), ErrorCode::io, "journal");
      CHECK(journal.report().failures > 0);
      CHECK_FALSE(journal.report().failure.empty());
      CHECK(journal.report().waiting_bytes > 0);
      CHECK(journal.report().dropped == 0);
      disk.mend();
      journal.sync();
      CHECK(journal.report().failure.empty());
      CHECK(journal.report().waiting_bytes == 0);
      CHECK(journal.settle(journal.append(event(51))));
    }
    State state;
    Journal(path, [&](const JournalRecord& r) { state.hear(r.bytes); });
    CHECK(state.has_all_up_to(51));
  }
}

TEST_CASE("A journal on a full disk opens, old or new") {
  if (!FaultyDisk::available()) return;
  const TemporaryFolder folder;
  FaultyDisk disk(folder.path().string());
  disk.fail_at(0, Fault::fails, true);
  Journal journal(folder / "journal", nobody);
  CHECK_FALSE(journal.report().failure.empty());
  CHECK_FALSE(journal.settle(journal.append(event(1))));
  disk.mend();
  journal.sync();
  CHECK(journal.report().failure.empty());
}

TEST_CASE("A journal drops what its memory does not hold, counts it, and is whole once compacted") {
  if (!FaultyDisk::available()) return;
  const TemporaryFolder folder;
  const std::string path = folder / "journal";
  FaultyDisk disk(folder.path().string());
  {
    Journal journal(path, nobody, {.max_waiting_bytes = 1000});
    disk.fail_at(disk.calls(), Fault::fails, true);
    for (std::size_t n = 1; n <= 50; ++n) journal.append(event(n));
    const std::size_t dropped = journal.report().dropped;
    CHECK(dropped > 0);
    CHECK(journal.report().waiting_bytes <= 1000 + 200);
    disk.mend();
    CHECK_ERROR(journal.sync(), ErrorCode::io, "journal");
    CHECK_FALSE(journal.settle(journal.append(event(51))));
    const Bytes records[] = {snapshot(51)};
    journal.compact(records);
    CHECK(journal.report().dropped == 0);
    CHECK_NOTHROW(journal.sync());
    CHECK(journal.settle(journal.append(event(52))));
  }
  State state;
  Journal(path, [&](const JournalRecord& r) { state.hear(r.bytes); });
  CHECK(state.has_all_up_to(52));
}

TEST_CASE("A journal whose every write, cut, sync and rename fails or is torn keeps its promises") {
  if (!FaultyDisk::available()) return;
  std::size_t faults = 0;
  for (const SyncPolicy policy : policies) {
    for (const Fault fault : {Fault::fails, Fault::torn, Fault::short_write, Fault::interrupted}) {
      for (const bool on : {false, true}) {
        if (on && fault != Fault::fails && fault != Fault::torn) continue;
        for (std::size_t number = 0;; ++number) {
          CAPTURE(std::string(name(policy)), static_cast<int>(fault), on, number);
          const TemporaryFolder folder;
          const std::string path = folder / "journal";
          std::size_t safe = 0, calls = 0;
          {
            FaultyDisk disk(folder.path().string());
            disk.fail_at(number, fault, on);
            safe = live(path, policy, [](std::size_t) {});
            calls = disk.calls();
          }
          if (calls <= number) break;
          ++faults;
          // The process ended well: what failed once was made good.
          const FaultyDisk syncs_fast(folder.path().string());
          State state;
          Journal again(path, [&](const JournalRecord& r) { state.hear(r.bytes); });
          REQUIRE(state.has_all_up_to(on ? safe : 24));
          REQUIRE(folder.files() == 1);
          // An end that cannot be cut is no hindrance either.
          again.append(event(25));
        }
      }
    }
  }
  INFO(faults << " faults");
  CHECK(faults > 500);
}

namespace {

/// What a life of a journal did to its disk, and when it had promised what.
struct Life {
  std::vector<DiskCall> calls;
  std::vector<std::pair<std::size_t, std::size_t>> promises;  // calls seen, all up to
  std::size_t faultable = 0;

  /// The call of that number fails, if there is one.
  Life(SyncPolicy policy, std::size_t failing) {
    const TemporaryFolder folder;
    FaultyDisk disk(folder.path().string(), true);
    disk.fail_at(failing, Fault::fails);
    live(folder / "journal", policy,
         [&](std::size_t through) { promises.emplace_back(disk.notes().size(), through); });
    calls = disk.notes();
    faultable = disk.calls();
  }

  /// Cuts the power after `count` calls, in the way of that number: what was promised is there.
  void check(std::size_t count, unsigned way) const {
    std::size_t safe = 0;
    for (const auto& [seen, through] : promises)
      if (seen <= count) safe = through;
    CAPTURE(count, way, safe);
    const TemporaryFolder folder;
    PowerCut(calls, count).leave(folder.path().string(), way);
    const FaultyDisk syncs_fast(folder.path().string());
    State state;
    Journal journal(folder / "journal", [&](const JournalRecord& r) { state.hear(r.bytes); });
    REQUIRE(state.has_all_up_to(safe));
    REQUIRE(state.last() <= 24);
    journal.append(event(25));  // it goes on where it was
    journal.sync();
  }
};

}  // namespace

TEST_CASE("A journal after a power cut at any call has all that was synced, and opens") {
  if (!FaultyDisk::available()) return;
  std::size_t cuts = 0;
  for (const SyncPolicy policy : policies) {
    CAPTURE(std::string(name(policy)));
    const Life life(policy, static_cast<std::size_t>(-1));
    CHECK(life.promises.size() >= 6);
    for (std::size_t count = 0; count <= life.calls.size(); ++count)
      for (unsigned way = 0; way < 40; ++way, ++cuts) life.check(count, way);
  }
  INFO(cuts << " power cuts");
  CHECK(cuts > 5000);
}

TEST_CASE("A journal does not trust what was written before a sync that failed") {
  if (!FaultyDisk::available()) return;
  for (const SyncPolicy policy : policies) {
    for (std::size_t failing = 0;; ++failing) {
      CAPTURE(std::string(name(policy)), failing);
      const Life life(policy, failing);
      if (life.faultable <= failing) break;
      for (const auto& [seen, through] : life.promises)
        for (unsigned way = 0; way < 3; ++way) life.check(seen, way);
    }
  }
}

#if BODEGA_POSIX_FILES
TEST_CASE("A journal of a process killed at 500 moments loses nothing that it had appended") {
  const TemporaryFolder folder;
  const std::string path = folder / "journal";
  auto* const appended = static_cast<std::atomic<std::size_t>*>(
      ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  REQUIRE(static_cast<void*>(appended) != MAP_FAILED);
  new (appended) std::atomic<std::size_t>(0);
  std::mt19937 random(11);
  std::size_t last = 0, events = 0, torn = 0;
  for (int kill = 0; kill < 500; ++kill) {
    CAPTURE(kill, last);
    const SyncPolicy policy = policies[kill % 3];
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      try {
        Journal journal(path, nobody, {.sync = policy});
        for (std::size_t n = last + 1;; ++n) {
          journal.settle(journal.append(event(n)));
          appended->store(n);
          if (n % 64 == 0) {
            const Bytes records[] = {snapshot(n)};
            journal.compact(records);
          }
        }
      } catch (...) {
        ::_exit(1);
      }
    }
    ::usleep(static_cast<useconds_t>(random() % 6000));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    REQUIRE(WIFSIGNALED(status));
    State state;
    const Journal journal(path, [&](const JournalRecord& r) { state.hear(r.bytes); });
    REQUIRE(state.has_all_up_to(appended->load()));
    REQUIRE(state.last() <= std::max(last, appended->load()) + 1);
    REQUIRE(state.has_all_up_to(state.last()));
    torn += journal.report().torn_bytes > 0;
    events += state.last() - last;
    last = state.last();
  }
  ::munmap(appended, 4096);
  INFO(events << " events, " << torn << " torn ends");
  CHECK(events > 500);
}
#endif
