// SPDX-License-Identifier: MIT
#include "faulty_disk.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <random>
#include <utility>

#if defined(__linux__)
#include <array>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

using bodega_test::DiskCall;
using bodega_test::Fault;
using bodega_test::FaultyDisk;

namespace {

std::atomic<FaultyDisk*> watching{nullptr};

}  // namespace

FaultyDisk::FaultyDisk(std::string folder, bool notes)
    : folder_(std::move(folder)), wants_notes_(notes) {
  watching = this;
}
FaultyDisk::~FaultyDisk() { watching = nullptr; }

void FaultyDisk::fail_at(std::size_t number, Fault fault, bool on) {
  const std::lock_guard lock(mutex_);
  failing_ = number;
  fault_ = fault;
  on_ = on;
}
void FaultyDisk::mend() { fail_at(static_cast<std::size_t>(-1), Fault::none); }

std::size_t FaultyDisk::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}
std::vector<DiskCall> FaultyDisk::notes() const {
  const std::lock_guard lock(mutex_);
  return notes_;
}

Fault FaultyDisk::next() {
  const std::lock_guard lock(mutex_);
  const std::size_t number = calls_++;
  return number == failing_ || (on_ && number > failing_) ? fault_ : Fault::none;
}
void FaultyDisk::note(DiskCall call) {
  const std::lock_guard lock(mutex_);
  if (wants_notes_) notes_.push_back(std::move(call));
}

#if defined(__linux__)

bool FaultyDisk::available() noexcept { return true; }

namespace {

/// Whether the path is the folder or in it, and its name there.
bool seen(const FaultyDisk& disk, const std::string& path, std::string& name) {
  if (!path.starts_with(disk.folder())) return false;
  name = path.substr(std::min(path.size(), disk.folder().size() + 1));
  return true;
}
bool seen(const FaultyDisk& disk, int file, std::string& name) {
  std::array<char, 4096> path{};
  const std::string link = "/proc/self/fd/" + std::to_string(file);
  const auto length = ::readlink(link.c_str(), path.data(), path.size());
  return length > 0 && seen(disk, std::string(path.data(), static_cast<std::size_t>(length)), name);
}

int said(int reason) {
  errno = reason;
  return -1;
}

ssize_t write_at(int file, const void* bytes, std::size_t size, off_t offset) {
  return static_cast<ssize_t>(::syscall(SYS_pwrite64, file, bytes, size, offset));
}

/// A write at an offset, with what the disk of the test does to it.
ssize_t faulty_write(FaultyDisk& disk, const std::string& name, int file, const void* bytes,
                     std::size_t size, off_t offset) {
  const Fault fault = disk.next();
  if (fault == Fault::fails) return said(ENOSPC);
  if (fault == Fault::interrupted) return said(EINTR);
  const std::size_t part = fault == Fault::none ? size : (size + 1) / 2;
  const ssize_t written = write_at(file, bytes, part, offset);
  if (written > 0)
    disk.note({DiskCall::write, name, "", static_cast<std::size_t>(offset),
               std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(written))});
  return fault == Fault::torn ? said(ENOSPC) : written;
}

int faulty_sync(int file, long call) {
  std::string name;
  FaultyDisk* const disk = watching;
  if (disk != nullptr && seen(*disk, file, name)) {
    const Fault fault = disk->next();
    if (fault == Fault::fails || fault == Fault::torn) {
      disk->note({DiskCall::failed_sync, name, "", 0, ""});
      return said(EIO);
    }
    if (fault == Fault::interrupted) return said(EINTR);
    // Nothing here depends on the disk itself, and a sync would take its time.
    disk->note({DiskCall::sync, name, "", 0, ""});
    return 0;
  }
  return static_cast<int>(::syscall(call, file));
}

}  // namespace

extern "C" {

ssize_t write(int file, const void* bytes, std::size_t size) {
  std::string name;
  FaultyDisk* const disk = watching;
  if (disk != nullptr && seen(*disk, file, name)) {
    const off_t offset = ::lseek(file, 0, SEEK_CUR);
    const ssize_t written = faulty_write(*disk, name, file, bytes, size, offset);
    const int reason = errno;
    if (written > 0) ::lseek(file, written, SEEK_CUR);
    errno = reason;
    return written;
  }
  return static_cast<ssize_t>(::syscall(SYS_write, file, bytes, size));
}

ssize_t pwrite(int file, const void* bytes, std::size_t size, off_t offset) {
  std::string name;
  FaultyDisk* const disk = watching;
  if (disk != nullptr && seen(*disk, file, name))
    return faulty_write(*disk, name, file, bytes, size, offset);
  return write_at(file, bytes, size, offset);
}

int ftruncate(int file, off_t size) noexcept {
  std::string name;
  FaultyDisk* const disk = watching;
  if (disk != nullptr && seen(*disk, file, name)) {
    const Fault fault = disk->next();
    if (fault == Fault::fails || fault == Fault::torn) return said(EIO);
    if (fault == Fault::interrupted) return said(EINTR);
    disk->note({DiskCall::cut, name, "", static_cast<std::size_t>(size), ""});
  }
  return static_cast<int>(::syscall(SYS_ftruncate, file, size));
}

int fsync(int file) { return faulty_sync(file, SYS_fsync); }
int fdatasync(int file) { return faulty_sync(file, SYS_fdatasync); }

int rename(const char* from, const char* to) noexcept {
  std::string name, new_name;
  FaultyDisk* const disk = watching;
  if (disk != nullptr && seen(*disk, std::string(to), new_name) &&
      seen(*disk, std::string(from), name)) {
    const Fault fault = disk->next();
    if (fault != Fault::none && fault != Fault::short_write) return said(EIO);
    disk->note({DiskCall::rename, name, new_name, 0, ""});
  }
  return static_cast<int>(::syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0));
}

}  // extern "C"

#else

bool FaultyDisk::available() noexcept { return false; }

#endif

namespace bodega_test {
namespace {

void apply(std::string& content, const DiskCall& call, std::size_t first, std::size_t last) {
  if (call.kind == DiskCall::cut) return content.resize(call.offset);
  if (content.size() < call.offset + last) content.resize(call.offset + last);
  for (std::size_t i = first; i < last; ++i) content[call.offset + i] = call.bytes[i];
}

auto named(std::vector<std::pair<std::string, std::size_t>>& names, const std::string& name) {
  return std::find_if(names.begin(), names.end(),
                      [&](const auto& entry) { return entry.first == name; });
}

}  // namespace

PowerCut::PowerCut(const std::vector<DiskCall>& calls, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const DiskCall& call = calls[i];
    if (call.name.empty()) {  // the folder
      if (call.kind == DiskCall::failed_sync) continue;
      synced_names_ = names_;
      changes_.clear();
      continue;
    }
    auto entry = named(names_, call.name);
    if (entry == names_.end()) {
      names_.emplace_back(call.name, files_.size());
      changes_.push_back({call.name, files_.size(), ""});
      files_.emplace_back();
      entry = names_.end() - 1;
    }
    File& file = files_[entry->second];
    if (call.kind == DiskCall::sync) {
      for (const DiskCall& one : file.since) apply(file.synced, one, 0, one.bytes.size());
      file.since.clear();
    } else if (call.kind == DiskCall::failed_sync) {
      file.since.clear();
    } else if (call.kind == DiskCall::rename) {
      const std::size_t moved = entry->second;
      changes_.push_back({call.to, moved, call.name});
      names_.erase(entry);
      if (const auto old = named(names_, call.to); old != names_.end()) names_.erase(old);
      names_.emplace_back(call.to, moved);
    } else {
      file.since.push_back(call);
    }
  }
}

void PowerCut::leave(const std::string& folder, unsigned seed) const {
  std::mt19937 random(seed);
  auto names = synced_names_;
  const std::size_t kept = random() % (changes_.size() + 1);
  for (std::size_t i = 0; i < kept; ++i) {
    for (const std::string& gone : {changes_[i].removed, changes_[i].name})
      if (const auto old = named(names, gone); old != names.end()) names.erase(old);
    names.emplace_back(changes_[i].name, changes_[i].file);
  }
  constexpr std::size_t sector = 512;
  for (const auto& [name, number] : names) {
    std::string content = files_[number].synced;
    const auto way = random() % 3;  // all, none, or some of what was not synced
    for (const DiskCall& call : files_[number].since) {
      if (way == 1 || (way == 2 && random() % 3 == 0)) continue;
      if (way == 0 || call.kind == DiskCall::cut || random() % 2 == 0) {
        apply(content, call, 0, call.bytes.size());
        continue;
      }
      // The sectors of the file that it touches come to the disk one by one.
      for (std::size_t at = 0; at < call.bytes.size();) {
        const std::size_t end =
            std::min(call.bytes.size(), at + sector - (call.offset + at) % sector);
        if (random() % 2 == 0) apply(content, call, at, end);
        at = end;
      }
    }
    std::ofstream(folder + "/" + name, std::ios::binary) << content;
  }
}

}  // namespace bodega_test
