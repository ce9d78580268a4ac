// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>
#include <string>
#include <vector>

namespace bodega_test {

/// What a call that changes a disk does instead of its work.
enum class Fault {
  none,
  fails,        ///< nothing; the disk is said to be full, a sync to have an error
  torn,         ///< a write does its first half and is said to have failed; others fail
  short_write,  ///< a write takes only its first half, as it may; others work
  interrupted   ///< nothing; a signal came, so that the call is tried again
};

/// One call that changed the disk.
struct DiskCall {
  enum Kind { write, cut, sync, failed_sync, rename } kind;
  std::string name;  // of the file or folder, in the folder that is watched; "" for that itself
  std::string to;    // of a rename
  std::size_t offset = 0;
  std::string bytes;
};

/// While it lives, the calls of this process that change files in `folder` are counted, noted, and
/// fail where that is wanted: `write`, `pwrite`, `ftruncate`, `fsync`, `fdatasync`, `rename`. The
/// test programs have these functions themselves (Linux); elsewhere none is seen.
class FaultyDisk {
 public:
  explicit FaultyDisk(std::string folder, bool notes = false);
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;
  ~FaultyDisk();

  static bool available() noexcept;

  /// The call of that number (from 0) fails so, and with `on` all after it.
  void fail_at(std::size_t number, Fault fault, bool on = false);
  void mend();
  /// How many calls were seen.
  std::size_t calls() const;
  /// What those that worked did, in order, where notes were asked for.
  std::vector<DiskCall> notes() const;

  // For the functions of the system that this one stands in for.
  struct Seen;
  Fault next();
  void note(DiskCall call);
  bool wants_notes() const noexcept { return wants_notes_; }
  const std::string& folder() const noexcept { return folder_; }

 private:
  std::string folder_;
  bool wants_notes_;
  mutable std::mutex mutex_;
  std::size_t calls_ = 0, failing_ = static_cast<std::size_t>(-1);
  Fault fault_ = Fault::none;
  bool on_ = false;
  std::vector<DiskCall> notes_;
};

/// Makes folders that a power cut might leave, after the first `count` of `calls`: what was synced
/// is there; of the rest any writes, whole or in part, and the first few changes of names. What was
/// written before a sync that failed is gone, as some systems forget it.
class PowerCut {
 public:
  PowerCut(const std::vector<DiskCall>& calls, std::size_t count);
  /// Writes the files of one outcome, chosen by `seed`, to `folder`.
  void leave(const std::string& folder, unsigned seed) const;

 private:
  struct File {
    std::string synced;
    std::vector<DiskCall> since;
  };
  struct Entry {
    std::string name;
    std::size_t file;
    std::string removed;  // the name that it had before
  };
  std::vector<File> files_;
  std::vector<std::pair<std::string, std::size_t>> names_, synced_names_;
  std::vector<Entry> changes_;  // of names, since the folder was synced
};

}  // namespace bodega_test
