// SPDX-License-Identifier: MIT
#include <bodega/bundle/atomic_file.hpp>

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#if BODEGA_POSIX_FILES
#include <csignal>
#include <sys/resource.h>
#include <sys/wait.h>
#endif

#include "bundle/temporary_folder.hpp"
#include "catch.hpp"
#include "check_error.hpp"

using namespace bodega;
using bodega_test::TemporaryFolder;

namespace {

constexpr std::size_t no_limit = 1 << 30;

std::vector<std::byte> pattern(std::size_t size, int start) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i)
    bytes[i] = static_cast<std::byte>((i + static_cast<std::size_t>(start)) * 31 & 0xFF);
  return bytes;
}

}  // namespace

TEST_CASE("what was written is read, of any size, and nothing else stays in the folder") {
  const TemporaryFolder folder;
  const std::string path = folder / "file";
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{1} << 18,
                                 (std::size_t{1} << 18) + 1, std::size_t{700'000}}) {
    CAPTURE(size);
    write_file_atomically(path, pattern(size, 3));
    CHECK(read_file(path, no_limit) == pattern(size, 3));
    CHECK(folder.files() == 1);
  }
}

TEST_CASE("a file name without a folder is written where the program runs") {
  const TemporaryFolder folder;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  CHECK_NOTHROW(write_file_atomically("file", pattern(10, 1)));
  CHECK(read_file("file", no_limit).size() == 10);
  std::filesystem::current_path(before);
}

TEST_CASE("what cannot be read says why") {
  const TemporaryFolder folder;
  CHECK_ERROR(read_file(folder / "absent", no_limit), ErrorCode::io, "absent");
  CHECK_ERROR(read_file(folder.path().string(), no_limit), ErrorCode::io, "bodega-test");
  write_file_atomically(folder / "file", pattern(11, 0));
  CHECK_ERROR(read_file(folder / "file", 10), ErrorCode::out_of_range, "file");
  CHECK(read_file(folder / "file", 11).size() == 11);
}

TEST_CASE("what cannot be written says why and leaves nothing") {
  const TemporaryFolder folder;
  CHECK_ERROR(write_file_atomically(folder / "absent/file", pattern(5, 0)), ErrorCode::io,
              "absent/file");
  std::filesystem::create_directory(folder / "taken");
  CHECK_ERROR(write_file_atomically(folder / "taken", pattern(5, 0)), ErrorCode::io, "taken");
  CHECK(folder.files() == 1);
}

#if BODEGA_POSIX_FILES
TEST_CASE("a disk that is full while writing leaves the old file whole") {
  const TemporaryFolder folder;
  const std::string path = folder / "file";
  write_file_atomically(path, pattern(1000, 1));

  // No file of this process may grow beyond 4 KiB: a write fails halfway, as on a full disk.
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_FSIZE, &before) == 0);
  rlimit tight = before;
  tight.rlim_cur = 4096;
  auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
  REQUIRE(setrlimit(RLIMIT_FSIZE, &tight) == 0);
  bool threw = false;
  try {
    write_file_atomically(path, pattern(100'000, 2));
  } catch (const Error& error) {
    threw = error.code() == ErrorCode::io && error.where() == path && !error.found().empty();
  }
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);

  CHECK(threw);
  CHECK(read_file(path, no_limit) == pattern(1000, 1));
  CHECK(folder.files() == 1);
}

TEST_CASE("who has the old file open goes on reading it") {
  const TemporaryFolder folder;
  const std::string path = folder / "file";
  write_file_atomically(path, pattern(100, 1));
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> reader(std::fopen(path.c_str(), "rb"),
                                                               &std::fclose);
  REQUIRE(reader);
  write_file_atomically(path, pattern(100, 2));
  std::vector<std::byte> seen(100);
  CHECK(std::fread(seen.data(), 1, 100, reader.get()) == 100);
  CHECK(seen == pattern(100, 1));
  CHECK(read_file(path, no_limit) == pattern(100, 2));
}

TEST_CASE("saving: killed writers leave a whole file, and the next save removes what they left") {
  const TemporaryFolder folder;
  const std::string path = folder / "file";
  constexpr std::size_t size = 300'000;
  write_file_atomically(path, pattern(size, 1));
  std::size_t left = 0;
  for (int kill_at = 0; kill_at < 60; ++kill_at) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      for (int round = 0;; ++round) write_file_atomically(path, pattern(size, round % 2));
    }
    ::usleep(static_cast<useconds_t>(100 + 97 * kill_at));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    const auto found = read_file(path, no_limit);
    REQUIRE((found == pattern(size, 0) || found == pattern(size, 1)));
    left += folder.files() - 1;
    write_file_atomically(path, pattern(size, 1));
    REQUIRE(folder.files() == 1);
  }
  CAPTURE(left);
}

TEST_CASE("saving: a name that is taken is not waited for, as where a container's ids repeat") {
  const TemporaryFolder folder;
  const std::string path = folder / "x.bodega";
  // What cannot be removed, being a folder, of every name that this process takes next.
  for (int n = 0; n < 100; ++n)
    std::filesystem::create_directory(path + ".new-" + std::to_string(::getpid()) + "-" +
                                      std::to_string(n));
  write_file_atomically(path, pattern(100, 1));
  CHECK(read_file(path, no_limit) == pattern(100, 1));
  CHECK(folder.files() == 101);
}

TEST_CASE("saving: only what a dead writer of this very file left is removed") {
  const TemporaryFolder folder;
  const std::string path = folder / "x.bodega";
  for (const char* name : {".new-1-0", ".new-4711-12"}) write_file_atomically(path + name, {});
  const char* kept[] = {".new-1", ".new-1-a", ".new-1-2-3", ".new--1", ".new-1-", ".old-1-0"};
  for (const char* name : kept) write_file_atomically(path + name, {});
  write_file_atomically(folder / "y.bodega.new-1-0", {});
  // One that a living writer holds.
  const detail::Descriptor held(::open((path + ".new-1-1").c_str(), O_WRONLY | O_CREAT, 0644));
  REQUIRE(::flock(held.number, LOCK_EX) == 0);
  write_file_atomically(path, pattern(10, 1));
  CHECK_FALSE(std::filesystem::exists(path + ".new-1-0"));
  CHECK_FALSE(std::filesystem::exists(path + ".new-4711-12"));
  for (const char* name : kept) CHECK(std::filesystem::exists(path + name));
  CHECK(std::filesystem::exists(folder / "y.bodega.new-1-0"));
  CHECK(std::filesystem::exists(path + ".new-1-1"));
}

TEST_CASE("saving: owner, group and permissions are kept") {
  const TemporaryFolder folder;
  const std::string path = folder / "file";
  write_file_atomically(path, pattern(10, 1));
  for (const mode_t mode : {mode_t{0600}, mode_t{0640}, mode_t{0444}, mode_t{0755}}) {
    REQUIRE(::chmod(path.c_str(), mode) == 0);
    const bool root = ::getuid() == 0;
    if (root) {
      REQUIRE(::chown(path.c_str(), 1234, 4321) == 0);
    }
    struct stat before {
    }, after{};
    REQUIRE(::stat(path.c_str(), &before) == 0);
    write_file_atomically(path, pattern(10, 2));
    REQUIRE(::stat(path.c_str(), &after) == 0);
    CHECK((after.st_mode & 07777) == mode);
    CHECK(after.st_uid == before.st_uid);
    CHECK(after.st_gid == before.st_gid);
    CHECK(after.st_ino != before.st_ino);
  }
}

TEST_CASE("saving: symbolic links stay, and the file that they lead to is replaced") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "versions");
  const std::string real = folder / "versions/v17.bodega", link = folder / "current.bodega";
  write_file_atomically(real, pattern(10, 1));
  std::filesystem::create_symlink("versions/v17.bodega", link);
  std::filesystem::create_symlink(link, folder / "second.bodega");
  write_file_atomically(folder / "second.bodega", pattern(10, 2));
  CHECK(std::filesystem::is_symlink(link));
  CHECK(std::filesystem::is_symlink(folder / "second.bodega"));
  CHECK(read_file(real, no_limit) == pattern(10, 2));

  std::filesystem::create_symlink("versions/v18.bodega", folder / "next.bodega");
  write_file_atomically(folder / "next.bodega", pattern(10, 3));
  CHECK(read_file(folder / "versions/v18.bodega", no_limit) == pattern(10, 3));

  std::filesystem::create_symlink("round.bodega", folder / "round.bodega");
  CHECK_ERROR(write_file_atomically(folder / "round.bodega", pattern(10, 3)), ErrorCode::io,
              "round.bodega");
}

TEST_CASE("saving: a device or a pipe is not replaced by a file") {
  const TemporaryFolder folder;
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK_ERROR(write_file_atomically(folder / "pipe", pattern(10, 3)), ErrorCode::io, "pipe");
  CHECK_ERROR(write_file_atomically("/dev/null", pattern(10, 3)), ErrorCode::io, "/dev/null");
  CHECK(folder.files() == 1);
}

TEST_CASE("saving: a write that takes nothing ends, one in parts or interrupted goes on") {
  const auto bytes = pattern(1000, 1);
  int calls = 0;
  CHECK_ERROR(detail::write_all(bytes, "file",
                                [&](const std::byte*, std::size_t) {
                                  ++calls;
                                  return ssize_t{0};
                                }),
              ErrorCode::io, "file");
  CHECK(calls == 1);
  std::vector<std::byte> taken;
  calls = 0;
  detail::write_all(bytes, "file", [&](const std::byte* data, std::size_t size) {
    if (++calls % 2 == 1) {
      errno = EINTR;
      return ssize_t{-1};
    }
    const std::size_t part = std::min<std::size_t>(size, 7);
    taken.insert(taken.end(), data, data + part);
    return static_cast<ssize_t>(part);
  });
  CHECK(taken == bytes);
}

TEST_CASE("saving: the message names the file that could not be created") {
  const TemporaryFolder folder;
  try {
    write_file_atomically(folder / std::string(250, 'n'), pattern(5, 0));
    FAIL("a name too long was written");
  } catch (const Error& error) {
    CHECK(error.expected().find(".new-") != std::string::npos);
  }
}
#endif
