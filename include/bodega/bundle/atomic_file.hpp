// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <memory>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#if defined(__unix__) || defined(__APPLE__)
#define BODEGA_POSIX_FILES 1
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#else
#define BODEGA_POSIX_FILES 0
#endif

#include <bodega/core/error.hpp>

namespace bodega {

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

/// A name in the folder of `path` that no other writer of this machine uses.
inline std::string temporary_name(const std::string& path) {
  static std::atomic<unsigned> count{0};
  std::string name = path + ".new-";
#if BODEGA_POSIX_FILES
  name += std::to_string(::getpid()) + "-";
#endif
  return name + std::to_string(count.fetch_add(1));
}

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

/// Replaces the file by `bytes`, all or nothing: they are written under a temporary name in the
/// same folder, synced to the disk, and renamed; the folder is synced after. Who opens `path` at
/// any moment, or after a power cut, finds the old file or the new one. Error (io) with the
/// system's message; the old file is then untouched and the temporary one gone.
/// Without POSIX (Windows) nothing is synced, and for a moment neither file may be there.
inline void write_file_atomically(const std::string& path, std::span<const std::byte> bytes) {
  const std::string temporary = detail::temporary_name(path);
  struct Removal {
    const std::string* name;
    ~Removal() {
      if (name != nullptr) std::remove(name->c_str());
    }
  } removal{nullptr};
#if BODEGA_POSIX_FILES
  struct Descriptor {
    int number;
    ~Descriptor() {
      if (number >= 0) ::close(number);
    }
  };
  {
    Descriptor file{detail::retry_interrupted(
        [&] { return ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644); })};
    if (file.number < 0) detail::throw_io_error(path, "to create a file in this folder");
    removal.name = &temporary;
    for (std::span<const std::byte> rest = bytes; !rest.empty();) {
      const auto written =
          detail::retry_interrupted([&] { return ::write(file.number, rest.data(), rest.size()); });
      if (written < 0) detail::throw_io_error(path, "to write the file");
      rest = rest.subspan(static_cast<std::size_t>(written));
    }
    if (detail::retry_interrupted([&] { return ::fsync(file.number); }) != 0)
      detail::throw_io_error(path, "to sync the file");
  }
  if (std::rename(temporary.c_str(), path.c_str()) != 0)
    detail::throw_io_error(path, "to rename the new file");
  removal.name = nullptr;
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const Descriptor directory{
      detail::retry_interrupted([&] { return ::open(folder.c_str(), O_RDONLY | O_CLOEXEC); })};
  // Some file systems refuse to sync a folder; the rename itself is done.
  if (directory.number >= 0 && ::fsync(directory.number) != 0 && errno != EINVAL && errno != EROFS)
    detail::throw_io_error(path, "to sync the folder");
#else
  {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(temporary.c_str(), "wb"),
                                                               &std::fclose);
    if (!file) detail::throw_io_error(path, "to create a file in this folder");
    removal.name = &temporary;
    if (std::fwrite(bytes.data(), 1, bytes.size(), file.get()) != bytes.size() ||
        std::fflush(file.get()) != 0)
      detail::throw_io_error(path, "to write the file");
  }
  std::remove(path.c_str());
  if (std::rename(temporary.c_str(), path.c_str()) != 0)
    detail::throw_io_error(path, "to rename the new file");
  removal.name = nullptr;
#endif
}

}  // namespace bodega
