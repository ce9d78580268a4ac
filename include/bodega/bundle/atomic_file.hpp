// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#if defined(__unix__) || defined(__APPLE__)
#define BODEGA_POSIX_FILES 1
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#else
#define BODEGA_POSIX_FILES 0
#endif

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>

namespace bodega::inline BODEGA_ABI {

namespace detail {

[[noreturn]] inline void throw_io_error(const std::string& path, const std::string& expected) {
  throw Error(ErrorCode::io, path, expected, std::generic_category().message(errno));
}

/// Calls a function that may be interrupted by a signal until it was not.
template <class Call>
auto retry_interrupted(Call&& call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

/// Writes all bytes by `write(data, size)`, which says how many it took, as the system's does.
/// Error (io); also for a write that takes none, which would go on for ever.
template <class Write>
void write_all(std::span<const std::byte> bytes, const std::string& path, Write&& write) {
  while (!bytes.empty()) {
    const auto written = retry_interrupted([&] { return write(bytes.data(), bytes.size()); });
    if (written < 0) throw_io_error(path, "to write the file");
    if (written == 0)
      throw Error(ErrorCode::io, path, "to write the file",
                  "a system that took none of " + std::to_string(bytes.size()) + " bytes");
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

/// Where the temporary files of `path` begin; behind it stand the process and a number.
inline std::string temporary_prefix(const std::string& path) { return path + ".new-"; }

#if BODEGA_POSIX_FILES
struct Descriptor {
  int number = -1;
  explicit Descriptor(int opened) noexcept : number(opened) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
};

/// "a/b" of "a/b/c", "." where there is no folder.
inline std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, std::max<std::size_t>(slash, 1));
}

/// The file that `path` leads to through symbolic links, which need not be there yet.
inline std::string follow_links(const std::string& path) {
  std::string at = path;
  for (int links = 0; links < 40; ++links) {  // as many as Linux follows
    std::array<char, 4096> target{};
    const auto length = ::readlink(at.c_str(), target.data(), target.size());
    if (length < 0) return at;  // no link, or what opening it will say
    std::string next(target.data(), static_cast<std::size_t>(length));
    at = next.starts_with('/') ? std::move(next) : folder_of(at) + '/' + next;
  }
  throw Error(ErrorCode::io, path, "a file", "symbolic links in a circle");
}

inline bool same_file(const struct stat& a, const struct stat& b) noexcept {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/// Removes what writers of `path` left that were killed. Who writes holds a lock on his file, which
/// ends with his process: one that nobody holds is of the dead.
inline void remove_stale(const std::string& path) noexcept {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(folder_of(path).c_str()), &::closedir);
  if (!folder) return;
  const std::string prefix = temporary_prefix(path.substr(path.rfind('/') + 1));
  while (const dirent* entry = ::readdir(folder.get())) {
    const std::string_view name = entry->d_name;
    if (!name.starts_with(prefix)) continue;
    const std::string_view rest = name.substr(prefix.size());
    const std::size_t dash = rest.find('-');
    if (rest.find_first_not_of("0123456789-") != std::string_view::npos ||
        dash == std::string_view::npos || dash == 0 || dash + 1 == rest.size() ||
        rest.find('-', dash + 1) != std::string_view::npos)
      continue;
    const std::string full = folder_of(path) + '/' + std::string(name);
    struct stat opened {
    }, named{};
    const Descriptor file(::open(full.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (file.number >= 0 && ::fstat(file.number, &opened) == 0 && S_ISREG(opened.st_mode) &&
        ::flock(file.number, LOCK_EX | LOCK_NB) == 0 && ::lstat(full.c_str(), &named) == 0 &&
        same_file(opened, named))
      ::unlink(full.c_str());
  }
}

/// Creates a file that nobody else writes, under a name not taken, and locks it.
inline int create_temporary(const std::string& path, mode_t mode, std::string& name) {
  static std::atomic<unsigned> count{0};
  constexpr int most_attempts = 1000;
  for (int attempt = 0;; ++attempt) {
    name = temporary_prefix(path) + std::to_string(::getpid()) + "-" +
           std::to_string(count.fetch_add(1));
    const int file = retry_interrupted(
        [&] { return ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode); });
    if (file < 0 && (errno != EEXIST || attempt == most_attempts))
      throw_io_error(path, "to create " + name);
    if (file < 0) continue;
    struct stat made {};
    // Where the file system has no locks the name alone must do. Before the lock was taken another
    // writer may have thought the file a dead one's.
    retry_interrupted([&] { return ::flock(file, LOCK_EX); });
    if (::fstat(file, &made) == 0 && made.st_nlink > 0) return file;
    ::close(file);
  }
}
#endif

}  // namespace detail

/// The whole file. Errors: io with the system's message, out_of_range where it has more than
/// `most` bytes.
inline std::vector<std::byte> read_file(const std::string& path, std::size_t most) {
  constexpr std::size_t step = std::size_t{1} << 18;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                             &std::fclose);
  if (!file) detail::throw_io_error(path, "a file to read");
  std::vector<std::byte> bytes;
  for (std::size_t size = 0;;) {  // in steps: what the system says of the size may be wrong
    bytes.resize(size + step);
    const std::size_t count = std::fread(bytes.data() + size, 1, step, file.get());
    size += count;
    if (std::ferror(file.get())) detail::throw_io_error(path, "to read the file");
    if (size > most)
      throw Error(ErrorCode::out_of_range, path, "at most " + std::to_string(most) + " bytes",
                  "more");
    if (count < step) {
      bytes.resize(size);
      bytes.shrink_to_fit();
      return bytes;
    }
  }
}

/// A file that is read where it is wanted, from its front or anywhere. Errors: io.
class InputFile {
 public:
  explicit InputFile(const std::string& path)
      : path_(path), file_(std::fopen(path.c_str(), "rb"), &std::fclose) {
    if (!file_) detail::throw_io_error(path, "a file to read");
    if (std::fseek(file_.get(), 0, SEEK_END) != 0) fail();
#if BODEGA_POSIX_FILES
    const auto end = ::ftello(file_.get());
    struct stat kind {};
    if (::fstat(::fileno(file_.get()), &kind) == 0 && S_ISDIR(kind.st_mode)) {
      errno = EISDIR;
      fail();
    }
#else
    const auto end = _ftelli64(file_.get());
#endif
    if (end < 0) fail();
    size_ = static_cast<std::size_t>(end);
  }

  std::size_t size() const noexcept { return size_; }

  /// Fills `to` from that place on. Error (io) where the file ends before or cannot be read.
  void read(std::size_t offset, std::span<std::byte> to) const {
    if (to.empty()) return;
#if BODEGA_POSIX_FILES
    if (::fseeko(file_.get(), static_cast<off_t>(offset), SEEK_SET) != 0) fail();
#else
    if (_fseeki64(file_.get(), static_cast<long long>(offset), SEEK_SET) != 0) fail();
#endif
    if (std::fread(to.data(), 1, to.size(), file_.get()) == to.size()) return;
    if (std::ferror(file_.get())) fail();
    throw Error(ErrorCode::io, path_, std::to_string(size_) + " bytes, as there were at first",
                "an end before");
  }

 private:
  [[noreturn]] void fail() const { detail::throw_io_error(path_, "to read the file"); }

  std::string path_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
  std::size_t size_ = 0;
};

/// A file that is written beside the one at `path` and then takes its place, all or nothing. Who
/// opens `path` at any moment, or after a power cut, finds the old file or the new one.
/// The new file has the owner, the group and the permissions of the old one (not its access lists;
/// other hard links keep the old file). A symbolic link stays: the file that it leads to is
/// replaced. What writers left who were killed is removed.
/// Errors: io with the system's message; the old file is then untouched. What is not a file, and a
/// file whose owner cannot be kept, are refused.
/// Without POSIX (Windows) nothing is synced, and for a moment neither file may be there.
class AtomicFile {
 public:
#if BODEGA_POSIX_FILES
  /// A temporary file in the same folder, locked; `new_mode` is for where there is no old file.
  explicit AtomicFile(const std::string& path, mode_t new_mode = 0644)
      : path_(path), target_(detail::follow_links(path)) {
    struct stat old {};
    const bool replaces = ::stat(target_.c_str(), &old) == 0;
    if (!replaces && errno != ENOENT) detail::throw_io_error(path, "a place for a file");
    if (replaces && !S_ISREG(old.st_mode))
      throw Error(ErrorCode::io, path, "a file to replace",
                  S_ISDIR(old.st_mode) ? "a folder" : "something else, such as a device");
    const std::string folder = detail::folder_of(target_);
    folder_.number =
        detail::retry_interrupted([&] { return ::open(folder.c_str(), O_RDONLY | O_CLOEXEC); });
    if (folder_.number < 0) detail::throw_io_error(path, "to open the folder " + folder);
    detail::remove_stale(target_);
    // Until the file has the old one's owner nobody else may read it.
    file_.number =
        detail::create_temporary(target_, replaces ? mode_t{0600} : new_mode, temporary_.name);
    if (!replaces) return;
    struct stat made {};
    if (::fstat(file_.number, &made) != 0) detail::throw_io_error(path, "to look at the new file");
    if ((made.st_uid != old.st_uid || made.st_gid != old.st_gid) &&
        ::fchown(file_.number, old.st_uid, old.st_gid) != 0)
      detail::throw_io_error(path, "to keep the file's owner " + std::to_string(old.st_uid) +
                                       " and group " + std::to_string(old.st_gid));
    if (::fchmod(file_.number, old.st_mode & 07777) != 0)
      detail::throw_io_error(path, "to keep the file's permissions");
  }

  void write(std::span<const std::byte> bytes) {
    detail::write_all(bytes, path_, [&](const std::byte* data, std::size_t size) {
      return ::write(file_.number, data, size);
    });
  }

  /// Syncs the file and puts it in the old one's place, which a power cut may still undo.
  void publish() {
    if (detail::retry_interrupted([&] { return ::fsync(file_.number); }) != 0)
      detail::throw_io_error(path_, "to sync the file");
    if (std::rename(temporary_.name.c_str(), target_.c_str()) != 0)
      detail::throw_io_error(path_, "to rename " + temporary_.name);
    temporary_.name.clear();
  }

  /// No power cut brings the old file back after this. Error (io), beginning with "the new file is
  /// in place".
  void sync_folder() {
    if (detail::retry_interrupted([&] { return ::fsync(folder_.number); }) == 0) return;
    if (errno != EINVAL)
      detail::throw_io_error(path_, "the new file is in place; to sync its folder");
    ::sync();  // a file system without a sync of folders
  }

  /// Returns the open file, still locked, which the caller closes.
  int release() noexcept { return std::exchange(file_.number, -1); }

 private:
  struct Temporary {
    std::string name;  // empty: none to remove
    ~Temporary() {
      if (!name.empty()) std::remove(name.c_str());
    }
  };
  std::string path_, target_;
  detail::Descriptor folder_{-1};
  Temporary temporary_;
  detail::Descriptor file_{-1};
#else
  explicit AtomicFile(const std::string& path) : path_(path) {
    static std::atomic<unsigned> count{0};
    temporary_ = detail::temporary_prefix(path) + std::to_string(count.fetch_add(1));
    file_.reset(std::fopen(temporary_.c_str(), "wb"));
    if (!file_) detail::throw_io_error(path, "to create a file in this folder");
  }
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile() {
    file_.reset();
    if (!temporary_.empty()) std::remove(temporary_.c_str());
  }

  void write(std::span<const std::byte> bytes) {
    if (std::fwrite(bytes.data(), 1, bytes.size(), file_.get()) != bytes.size())
      detail::throw_io_error(path_, "to write the file");
  }
  void publish() {
    if (std::fflush(file_.get()) != 0) detail::throw_io_error(path_, "to write the file");
    file_.reset();
    std::remove(path_.c_str());
    if (std::rename(temporary_.c_str(), path_.c_str()) != 0)
      detail::throw_io_error(path_, "to rename the new file");
    temporary_.clear();
  }
  void sync_folder() noexcept {}

 private:
  struct Close {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
  };
  std::string path_, temporary_;
  std::unique_ptr<std::FILE, Close> file_;
#endif
};

/// Replaces the file by `bytes`, all or nothing, as an `AtomicFile` does it: written, synced and
/// renamed, its folder synced after.
/// Error (io); the old file is then untouched and the temporary one gone, but where it begins with
/// "the new file is in place": then only the sync of the folder failed, and a power cut may bring
/// the old file back.
inline void write_file_atomically(const std::string& path, std::span<const std::byte> bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.publish();
  file.sync_folder();
}

}  // namespace bodega::inline BODEGA_ABI
