// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <bodega/bundle/held_file.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/enum_names.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/options.hpp>
#include <bodega/till/journal_records.hpp>

namespace bodega::inline BODEGA_ABI {

/// When what was appended is safe from a power cut. A process that is killed loses nothing of it in
/// any case.
enum class SyncPolicy {
  each_record,  ///< when `settle` returns
  each_second,  ///< a second later, and the time of the disk's sync
  never         ///< when the system writes it by itself, or at `sync`
};
constexpr auto enum_names(SyncPolicy) noexcept {
  using enum SyncPolicy;
  return std::to_array<EnumName<SyncPolicy>>(
      {{each_record, "each_record"}, {each_second, "each_second"}, {never, "never"}});
}

struct JournalOptions {
  SyncPolicy sync = SyncPolicy::each_second;
  std::size_t max_waiting_bytes = std::size_t{64} << 20;

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("sync", self.sync, "When what was appended is safe from a power cut.");
    visit("max_waiting_bytes", self.max_waiting_bytes,
          "Records kept in memory while the disk takes none; what comes beyond is lost to it.");
  }
};

/// What a journal found when it was opened, and how it fares with its disk.
struct JournalReport {
  std::size_t records = 0;         ///< read at opening
  std::size_t torn_bytes = 0;      ///< of a last record that was not written whole: cut
  std::size_t damaged_bytes = 0;   ///< between whole records: passed over
  std::uint64_t lost_records = 0;  ///< numbers missing between those read
  bool locked = true;              ///< false: the file system cannot keep others out
  std::size_t bytes = 0;           ///< of the file as it should be
  std::size_t waiting_bytes = 0;   ///< appended, not known to be on the disk; `never`: not written
  std::size_t dropped = 0;         ///< records that may be lost to the disk until a `compact`:
                                   ///< beyond `max_waiting_bytes`, or `never` and a sync failed
  std::size_t failures = 0;        ///< writes and syncs that failed
  std::string failure;             ///< what the system said of the last one; empty: it was mended
};

/// The events of a till in one file that only grows, until `compact` replaces it: records of
/// bytes, each with a checksum and a number. A torn end is cut, and damage is passed over: a file
/// that once was a journal always opens.
/// While the disk refuses (it is full, it is gone) the records wait in memory and are tried again
/// with each call and each second; nothing that was synced is touched by that.
/// Thread safety: all members may be called from any thread at any time.
class Journal {
 public:
  using Visit = std::function<void(const JournalRecord&)>;

  /// Opens or makes the file, and calls `visit` for each record in the order of their numbers.
  /// Errors: io (also where another process holds the file), format, version; what `visit` throws.
  Journal(const std::string& path, const Visit& visit, const JournalOptions& options = {});
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  /// Writes and syncs what it can; `never` does not sync.
  ~Journal();

  /// Hands the record to the system and returns its number, without waiting for the disk's sync.
  /// Error (out_of_range) for more than `max_record_bytes`; std::bad_alloc; both change nothing. A
  /// disk that refuses is no error: see `settle`.
  std::uint64_t append(std::span<const std::byte> bytes);

  /// Waits until the record of that number is as safe as the policy says; threads that wait
  /// together share a sync. Returns false where the disk refused, and the record waits in memory.
  bool settle(std::uint64_t sequence) noexcept;

  /// After it returned, a power cut loses nothing appended before. Error (io) where that failed.
  void sync();

  /// Replaces all records by these, all or nothing; later ones follow them. Others wait meanwhile.
  /// Error (io): all is as before, unless it begins with "the new file is in place": then only its
  /// folder could not be synced, which later syncs try again.
  void compact(std::span<const std::vector<std::byte>> records);

  JournalReport report() const;
  const std::string& path() const noexcept { return file_.path(); }

 private:
  using Lock = std::unique_lock<std::mutex>;

  void write_waiting() noexcept;
  bool sync(Lock& lock) noexcept;
  bool wants_sync() const noexcept { return unsynced_ || !waiting_.empty(); }
  void failed() noexcept;
  void keep_syncing();
  /// Precondition: `written_` bytes of what waits are written, and `count` are at most those.
  void forget_waiting(std::size_t count) noexcept {
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
    begin_ += count;
    written_ -= count;
  }

  HeldFile file_;
  JournalOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  JournalReport report_;
  int failure_ = 0;  // errno of the last write or sync, 0 where it worked

  // What is not known to be on the disk (`never`: not written): it stands in the file at `begin_`,
  // of which `written_` bytes are written. After a sync that failed all of it is written again: the
  // system may have dropped the pages.
  std::vector<std::byte> waiting_;
  std::size_t begin_ = 0, written_ = 0;
  std::uint64_t last_ = 0, last_written_ = 0, last_synced_ = 0;
  bool unsynced_ = false;  // something was written, or the file replaced, since the last sync
  bool syncing_ = false, stopping_ = false, idle_ = false;
  std::thread thread_;
};

#if BODEGA_BODIES

BODEGA_INLINE Journal::Journal(const std::string& path, const Visit& visit,
                               const JournalOptions& options)
    : file_(path), options_(options) {
  JournalRecords records(path);
  while (const auto record = records.next()) {
    visit(*record);
    ++report_.records;
  }
  last_ = last_written_ = last_synced_ = records.last_sequence();
  begin_ = records.end();
  report_.torn_bytes = records.torn_bytes();
  report_.damaged_bytes = records.damaged_bytes();
  report_.lost_records = records.lost_records();
  report_.locked = file_.locked();
  // Where the end cannot be cut it is written over: no part of it can pass for a record.
  if (report_.torn_bytes > 0 && !file_.cut(begin_)) failed();
  unsynced_ = report_.torn_bytes > 0;
  if (begin_ == 0) {
    put_journal_form(waiting_, 0);
    write_waiting();
    unsynced_ = true;
  }
  if (Lock lock(mutex_); unsynced_) sync(lock);
  if (options_.sync != SyncPolicy::never) thread_ = std::thread([this] { keep_syncing(); });
}

BODEGA_INLINE Journal::~Journal() {
  {
    const Lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  Lock lock(mutex_);
  write_waiting();
  if (options_.sync != SyncPolicy::never && wants_sync()) sync(lock);
}

BODEGA_INLINE std::uint64_t Journal::append(std::span<const std::byte> bytes) {
  if (bytes.size() > max_record_bytes)
    throw Error(ErrorCode::out_of_range, path(),
                "a record of at most " + std::to_string(max_record_bytes) + " bytes",
                std::to_string(bytes.size()));
  const Lock lock(mutex_);
  if (waiting_.size() + bytes.size() > options_.max_waiting_bytes && failure_ != 0) {
    ++report_.dropped;
    return ++last_;
  }
  put_record(waiting_, {last_ + 1, bytes});
  ++last_;
  write_waiting();
  if (std::exchange(idle_, false)) changed_.notify_all();
  return last_;
}

BODEGA_INLINE bool Journal::settle(std::uint64_t sequence) noexcept {
  Lock lock(mutex_);
  if (options_.sync != SyncPolicy::each_record)
    return last_written_ >= sequence && report_.dropped == 0;
  while (last_synced_ < sequence)
    if (!sync(lock)) return false;
  return report_.dropped == 0;
}

BODEGA_INLINE void Journal::sync() {
  Lock lock(mutex_);
  const std::uint64_t last = last_;
  while (unsynced_ || last_synced_ < last)
    if (!sync(lock))
      throw Error(ErrorCode::io, path(), "to sync the journal",
                  std::generic_category().message(failure_));
  if (report_.dropped > 0)
    throw Error(ErrorCode::io, path(), "a journal of all records",
                std::to_string(report_.dropped) + " that may be lost, as the disk took none");
}

BODEGA_INLINE void Journal::compact(std::span<const std::vector<std::byte>> records) {
  Lock lock(mutex_);
  while (syncing_) changed_.wait(lock);
  std::vector<std::byte> whole;
  std::size_t size = 4 * detail::record_head;
  for (const auto& record : records) size += detail::record_head + record.size();
  whole.reserve(size);
  std::uint64_t sequence = last_;
  put_journal_form(whole, sequence);
  for (const auto& record : records) {
    if (record.size() > max_record_bytes)
      throw Error(ErrorCode::out_of_range, path(),
                  "records of at most " + std::to_string(max_record_bytes) + " bytes",
                  std::to_string(record.size()));
    put_record(whole, {++sequence, record});
  }
  file_.replace(whole);
  waiting_.clear();
  begin_ = whole.size();
  written_ = 0;
  last_ = last_written_ = sequence;
  report_.dropped = 0;
  unsynced_ = true;
  if (!sync(lock))
    throw Error(ErrorCode::io, path(), "the new file is in place; to sync its folder",
                std::generic_category().message(failure_));
}

BODEGA_INLINE JournalReport Journal::report() const {
  const Lock lock(mutex_);
  JournalReport report = report_;
  report.bytes = begin_ + waiting_.size();
  report.waiting_bytes = waiting_.size();
  if (failure_ != 0) report.failure = std::generic_category().message(failure_);
  return report;
}

BODEGA_INLINE void Journal::failed() noexcept {
  failure_ = errno != 0 ? errno : EIO;
  ++report_.failures;
}

/// Writes what waits and is not written yet, as far as the disk takes it.
BODEGA_INLINE void Journal::write_waiting() noexcept {
  const std::span<const std::byte> rest = std::span<const std::byte>(waiting_).subspan(written_);
  if (rest.empty()) {
    last_written_ = last_;
    return;
  }
  errno = 0;
  const std::size_t done = file_.write(begin_ + written_, rest);
  written_ += done;
  unsynced_ = true;
  if (done < rest.size()) return failed();
  last_written_ = last_;
  if (options_.sync != SyncPolicy::never) return;
  failure_ = 0;
  forget_waiting(written_);
}

/// Syncs once, or waits for another thread's sync. Returns whether the sync worked and nothing was
/// left unwritten before it.
BODEGA_INLINE bool Journal::sync(Lock& lock) noexcept {
  if (syncing_) {
    changed_.wait(lock, [this] { return !syncing_; });
    return failure_ == 0;
  }
  write_waiting();
  const std::size_t covered = written_;
  const std::uint64_t through = last_written_;
  const bool all_written = written_ == waiting_.size();
  syncing_ = true;
  unsynced_ = false;
  lock.unlock();
  errno = 0;
  const bool synced = file_.sync();
  const int reason = errno;
  lock.lock();
  syncing_ = false;
  if (synced) {
    if (options_.sync != SyncPolicy::never) forget_waiting(covered);
    last_synced_ = through;
    if (all_written) failure_ = 0;
  } else {
    errno = reason;
    failed();
    unsynced_ = true;
    written_ = 0;
    // Nobody knows the bytes any more, which the system may have dropped.
    if (options_.sync == SyncPolicy::never)
      report_.dropped += static_cast<std::size_t>(through - std::exchange(last_synced_, through));
  }
  changed_.notify_all();
  return synced && all_written;
}

/// What the journal's thread does: a second after the first record that nobody synced, it does.
BODEGA_INLINE void Journal::keep_syncing() {
  Lock lock(mutex_);
  while (!stopping_) {
    idle_ = !wants_sync();
    changed_.wait(lock, [this] { return stopping_ || wants_sync(); });
    idle_ = false;
    changed_.wait_for(lock, std::chrono::seconds(1), [this] { return stopping_; });
    if (!stopping_ && wants_sync()) sync(lock);
  }
}

#endif

}  // namespace bodega::inline BODEGA_ABI
