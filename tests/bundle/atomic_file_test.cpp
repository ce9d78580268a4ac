// SPDX-License-Identifier: MIT
#include <bodega/bundle/atomic_file.hpp>

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#if BODEGA_POSIX_FILES
#include <csignal>
#include <sys/resource.h>
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
#endif
