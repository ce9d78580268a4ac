// SPDX-License-Identifier: MIT
#pragma once

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include <bodega/bundle/atomic_file.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>

namespace bodega::inline BODEGA_ABI {

/// A file that one process holds at a time and writes in place, however often; at times it is
/// replaced as a whole.
/// What writes, cuts and syncs says whether it worked and leaves the system's reason in `errno`:
/// its caller goes on without the disk.
/// Without POSIX (Windows, WASI) it is a plain file of standard C++: nobody is kept from opening it
/// twice, a sync reaches the system but not the disk, and it cannot be cut. That half compiles and
/// was never run.
class HeldFile {
 public:
  /// Opens the file, or makes one that only its owner may read. Error (io) where that cannot be,
  /// where it is no file, and where another process, or another object of this one, holds it.
  explicit HeldFile(const std::string& path);
  HeldFile(const HeldFile&) = delete;
  HeldFile& operator=(const HeldFile&) = delete;
#if BODEGA_POSIX_FILES
  ~HeldFile() = default;
#else
  ~HeldFile() { close_file(); }
#endif

  const std::string& path() const noexcept { return path_; }

  /// False where the file system knows no locks: then nobody is kept out.
  bool locked() const noexcept { return locked_; }

  /// Writes what it can from that place on. Returns how many bytes that were; fewer than there are
  /// where it failed.
  std::size_t write(std::size_t offset, std::span<const std::byte> bytes) noexcept;

  /// Cuts what stands from `size` on.
  bool cut(std::size_t size) noexcept;

  /// After it returns true a power cut loses nothing of what was written before. It returns false
  /// also where somebody removed or replaced the file, so that it would not be found again.
  bool sync() noexcept;

  /// Puts a new file of these bytes in place of this one, all or nothing (`AtomicFile`), and holds
  /// it from then on; `sync` finishes it. Error (io): the old file is still there and held.
  void replace(std::span<const std::byte> bytes);

 private:
  std::string path_;
  bool locked_ = false;
  bool folder_synced_ = true;
#if BODEGA_POSIX_FILES
  bool found_again() const noexcept;

  detail::Descriptor file_{-1};
#else
  void close_file() noexcept {
    if (file_ != nullptr) std::fclose(std::exchange(file_, nullptr));
  }
  std::FILE* open_file() noexcept {
    std::FILE* file = std::fopen(path_.c_str(), "rb+");
    return file != nullptr ? file : std::fopen(path_.c_str(), "wb+");
  }

  std::FILE* file_ = nullptr;
#endif
};

#if BODEGA_BODIES
#if BODEGA_POSIX_FILES

BODEGA_INLINE HeldFile::HeldFile(const std::string& path) : path_(path) {
  constexpr int most_attempts = 1000;
  for (int attempt = 0;; ++attempt) {
    detail::Descriptor file(detail::retry_interrupted(
        [&] { return ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, mode_t{0600}); }));
    struct stat opened {};
    if (file.number < 0 || ::fstat(file.number, &opened) != 0)
      detail::throw_io_error(path, "a file to read and write");
    if (!S_ISREG(opened.st_mode))
      throw Error(ErrorCode::io, path, "a file", "something else, such as a device");
    locked_ =
        detail::retry_interrupted([&] { return ::flock(file.number, LOCK_EX | LOCK_NB); }) == 0;
    if (!locked_ && errno == EWOULDBLOCK)
      throw Error(ErrorCode::io, path, "a file that nobody else has open",
                  "one that another process, or another till of this one, holds");
    std::swap(file_.number, file.number);
    // Whoever held it until now may have replaced it just before.
    if (found_again() || attempt == most_attempts) {
      folder_synced_ = opened.st_size > 0;  // else it may be new
      return;
    }
    ::close(std::exchange(file_.number, -1));
  }
}

BODEGA_INLINE bool HeldFile::found_again() const noexcept {
  struct stat held {
  }, named{};
  if (::fstat(file_.number, &held) != 0) return false;
  if (::stat(path_.c_str(), &named) == 0 && detail::same_file(held, named)) return true;
  errno = ENOENT;
  return false;
}

BODEGA_INLINE std::size_t HeldFile::write(std::size_t offset,
                                          std::span<const std::byte> bytes) noexcept {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const auto taken = detail::retry_interrupted([&] {
      return ::pwrite(file_.number, bytes.data() + done, bytes.size() - done,
                      static_cast<off_t>(offset + done));
    });
    if (taken == 0) errno = ENOSPC;  // it would go on for ever
    if (taken <= 0) return done;
    done += static_cast<std::size_t>(taken);
  }
  return done;
}

BODEGA_INLINE bool HeldFile::cut(std::size_t size) noexcept {
  return detail::retry_interrupted(
             [&] { return ::ftruncate(file_.number, static_cast<off_t>(size)); }) == 0;
}

BODEGA_INLINE bool HeldFile::sync() noexcept {
#if defined(__APPLE__)
  // There a sync alone leaves the bytes in the disk's own memory.
  const auto once = [&] {
    return ::fcntl(file_.number, F_FULLFSYNC) == 0 ? 0 : ::fsync(file_.number);
  };
#else
  const auto once = [&] { return ::fdatasync(file_.number); };
#endif
  if (detail::retry_interrupted(once) != 0 || !found_again()) return false;
  if (folder_synced_) return true;
  try {
    const std::string folder = detail::folder_of(detail::follow_links(path_));
    const detail::Descriptor opened(
        detail::retry_interrupted([&] { return ::open(folder.c_str(), O_RDONLY | O_CLOEXEC); }));
    if (opened.number < 0) return false;
    if (detail::retry_interrupted([&] { return ::fsync(opened.number); }) != 0) {
      if (errno != EINVAL) return false;
      ::sync();  // a file system without a sync of folders
    }
  } catch (const std::exception&) {
    errno = ELOOP;
    return false;
  }
  return folder_synced_ = true;
}

BODEGA_INLINE void HeldFile::replace(std::span<const std::byte> bytes) {
  AtomicFile next(path_, 0600);
  next.write(bytes);
  next.publish();
  ::close(std::exchange(file_.number, next.release()));
  folder_synced_ = false;
}

#else

BODEGA_INLINE HeldFile::HeldFile(const std::string& path) : path_(path), file_(open_file()) {
  if (file_ == nullptr) detail::throw_io_error(path, "a file to read and write");
}

BODEGA_INLINE std::size_t HeldFile::write(std::size_t offset,
                                          std::span<const std::byte> bytes) noexcept {
  if (file_ == nullptr && (file_ = open_file()) == nullptr) return 0;
  if (std::fseek(file_, static_cast<long>(offset), SEEK_SET) != 0) return 0;
  const std::size_t done = std::fwrite(bytes.data(), 1, bytes.size(), file_);
  return std::fflush(file_) == 0 ? done : 0;
}

BODEGA_INLINE bool HeldFile::cut(std::size_t) noexcept { return false; }

BODEGA_INLINE bool HeldFile::sync() noexcept { return file_ != nullptr && std::fflush(file_) == 0; }

BODEGA_INLINE void HeldFile::replace(std::span<const std::byte> bytes) {
  AtomicFile next(path_);
  next.write(bytes);
  close_file();  // Windows renames nothing over an open file
  next.publish();
  file_ = open_file();
}

#endif
#endif

}  // namespace bodega::inline BODEGA_ABI
