// SPDX-License-Identifier: MIT
// What it costs a till to keep its events: the journal, and SQLite in WAL mode beside it where that
// was found. Both are asked for the same: each event safe from a power cut, or each second, or when
// the system likes; safe from a killed process in each case, so that SQLite commits each event.
// They are measured in turns, on the disk of --folder.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <bodega/core/random.hpp>
#include <bodega/till/journal.hpp>

#if defined(BODEGA_SQLITE)
#include <sqlite3.h>
#endif

#include "support/arguments.hpp"
#include "support/measure.hpp"
#include "support/report_lines.hpp"
#include "support/telling.hpp"
#include "support/text.hpp"

namespace {

using namespace bodega;
using bodega_benchmark::fixed;
using bodega_benchmark::quantile;
using bodega_benchmark::ReportLines;
using bodega_benchmark::tell;
using Bytes = std::vector<std::byte>;

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

/// Receipts of 1 to 12 lines take some 30 to 250 bytes.
Bytes event(std::size_t number) {
  const CounterRandom random(17);
  Bytes bytes(30 + 20 * random.below(12, number, 0));
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<std::byte>(random.below(256, number, i + 1));
  return bytes;
}

struct OwnJournal {
  static constexpr const char* name = "journal";

  OwnJournal(const std::string& path, SyncPolicy policy)
      : journal(path, [this](const JournalRecord& record) { read += record.bytes.size(); },
                {.sync = policy}) {}
  void keep(std::span<const std::byte> bytes) {
    if (!journal.settle(journal.append(bytes)))
      throw Error(ErrorCode::io, journal.path(), "a disk that takes records",
                  journal.report().failure);
  }

  std::size_t read = 0;
  Journal journal;
};

#if defined(BODEGA_SQLITE)
class Sqlite {
 public:
  static constexpr const char* name = "SQLite";

  Sqlite(const std::string& path, SyncPolicy policy) : policy_(policy) {
    sqlite3* opened = nullptr;
    check(sqlite3_open(path.c_str(), &opened), "to open");
    file_.reset(opened);
    run("PRAGMA journal_mode=WAL");
    run(policy == SyncPolicy::each_record   ? "PRAGMA synchronous=FULL"
        : policy == SyncPolicy::each_second ? "PRAGMA synchronous=NORMAL"
                                            : "PRAGMA synchronous=OFF");
    run("CREATE TABLE IF NOT EXISTS events (number INTEGER PRIMARY KEY, event BLOB NOT NULL)");
    insert_ = prepare("INSERT INTO events (event) VALUES (?)");
    const Statement all = prepare("SELECT event FROM events ORDER BY number");
    while (sqlite3_step(all.get()) == SQLITE_ROW)
      read += static_cast<std::size_t>(sqlite3_column_bytes(all.get(), 0));
  }
  void keep(std::span<const std::byte> bytes) {
    check(sqlite3_bind_blob(insert_.get(), 1, bytes.data(), static_cast<int>(bytes.size()),
                            SQLITE_STATIC),
          "to bind");
    check(sqlite3_step(insert_.get()) == SQLITE_DONE ? SQLITE_OK : SQLITE_ERROR, "to insert");
    check(sqlite3_reset(insert_.get()), "to reset");
    // With NORMAL only a checkpoint syncs.
    if (policy_ == SyncPolicy::each_second && seconds_since(synced_) >= 1) {
      check(sqlite3_wal_checkpoint_v2(file_.get(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr,
                                      nullptr),
            "to checkpoint");
      synced_ = std::chrono::steady_clock::now();
    }
  }

  std::size_t read = 0;

 private:
  struct Close {
    void operator()(sqlite3* file) const noexcept { sqlite3_close(file); }
    void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
  };
  using Statement = std::unique_ptr<sqlite3_stmt, Close>;

  void check(int code, const char* what) const {
    if (code != SQLITE_OK)
      throw Error(ErrorCode::io, "SQLite", what, file_ ? sqlite3_errmsg(file_.get()) : "no file");
  }
  void run(const char* text) {
    check(sqlite3_exec(file_.get(), text, nullptr, nullptr, nullptr), text);
  }
  Statement prepare(const char* text) {
    sqlite3_stmt* made = nullptr;
    check(sqlite3_prepare_v2(file_.get(), text, -1, &made, nullptr), text);
    return Statement(made);
  }

  SyncPolicy policy_;
  std::unique_ptr<sqlite3, Close> file_;
  Statement insert_;
  std::chrono::steady_clock::time_point synced_ = std::chrono::steady_clock::now();
};
#endif

struct Settings {
  std::string folder = ".", json;
  std::size_t events = 100'000, synced = 2'000;
};

struct Cost {
  std::vector<double> times;  // of each event, in seconds
  double bytes = 0, open = 0;
};

/// Keeps so many events in a new file, and opens it again.
template <class Store>
Cost measure(const Settings& settings, SyncPolicy policy) {
  const std::string path = settings.folder + "/bodega-study";
  const auto clear = [&] {
    for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path + end);
  };
  clear();
  const std::size_t count = policy == SyncPolicy::each_record ? settings.synced : settings.events;
  Cost cost;
  std::size_t written = 0;
  {
    Store store(path, policy);
    for (std::size_t i = 0; i < count; ++i) {
      const Bytes bytes = event(i);
      written += bytes.size();
      const auto begin = std::chrono::steady_clock::now();
      store.keep(bytes);
      cost.times.push_back(seconds_since(begin));
    }
  }
  for (const char* end : {"", "-wal"})
    if (std::filesystem::exists(path + end))
      cost.bytes += static_cast<double>(std::filesystem::file_size(path + end));
  cost.bytes /= static_cast<double>(count);
  const auto begin = std::chrono::steady_clock::now();
  const Store again(path, SyncPolicy::never);
  cost.open = seconds_since(begin);
  if (again.read != written)
    throw Error(ErrorCode::io, path, std::to_string(written) + " bytes of events",
                std::to_string(again.read));
  clear();
  return cost;
}

template <class Store>
void report(const Settings& settings, SyncPolicy policy, ReportLines& lines) {
  tell(std::string(Store::name) + ", " + std::string(name(policy)));
  Cost cost = measure<Store>(settings, policy);
  const std::string what = std::string(Store::name) + ", " + std::string(name(policy));
  double sum = 0;
  for (const double time : cost.times) sum += time;
  const double p50 = 1e6 * quantile(cost.times, 0.5), p99 = 1e6 * quantile(cost.times, 0.99);
  const double most = 1e3 * *std::max_element(cost.times.begin(), cost.times.end());
  std::printf("| %s | %s | %s | %s | %s | %.0f | %s |\n", std::string(name(policy)).c_str(),
              Store::name, fixed(p50, 1).c_str(), fixed(p99, 1).c_str(), fixed(most, 1).c_str(),
              cost.bytes,
              policy == SyncPolicy::each_record ? "" : fixed(1e3 * cost.open, 0).c_str());
  lines.add(what + ": p50, microseconds", p50);
  lines.add(what + ": p99, microseconds", p99);
  lines.add(what + ": most, milliseconds", most);
  lines.add(what + ": mean, microseconds", 1e6 * sum / static_cast<double>(cost.times.size()));
  lines.add(what + ": bytes of an event", cost.bytes);
  if (policy != SyncPolicy::each_record)
    lines.add(what + ": milliseconds to open", 1e3 * cost.open);
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  bodega_benchmark::Arguments arguments(
      "What it costs to keep a till's events: bodega's journal, and SQLite in WAL mode where the "
      "program was built with it. A table, a line for each policy of syncs.");
  arguments.take("--folder", "FOLDER", "on the disk to measure; . if not given", settings.folder);
  arguments.take("--json", "FILE", "the numbers, for other programs", settings.json);
  arguments.number("--events", "N", "to keep and to open again", settings.events, 1);
  arguments.number("--synced", "N", "to keep where each one is synced", settings.synced, 1);
  return arguments.run(argc, argv, [&] {
    ReportLines lines;
    std::printf(
        "| safe from a power cut | by | p50 us | p99 us | most ms | bytes/event | open ms |\n"
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |\n");
    for (const SyncPolicy policy :
         {SyncPolicy::each_record, SyncPolicy::each_second, SyncPolicy::never}) {
      report<OwnJournal>(settings, policy, lines);
#if defined(BODEGA_SQLITE)
      report<Sqlite>(settings, policy, lines);
#endif
    }
    lines.save(settings.json);
  });
}
