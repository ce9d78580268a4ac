// SPDX-License-Identifier: MIT
#include <bodega/bundle/held_file.hpp>

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#if BODEGA_POSIX_FILES
#include <csignal>
#include <sys/wait.h>
#endif

#include "bundle/temporary_folder.hpp"
#include "catch.hpp"
#include "check_error.hpp"
#include "faulty_disk.hpp"

using namespace bodega;
using bodega_test::Fault;
using bodega_test::FaultyDisk;
using bodega_test::TemporaryFolder;

namespace {

std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

std::string content(const std::string& path) {
  const auto read = read_file(path, 1 << 20);
  return {reinterpret_cast<const char*>(read.data()), read.size()};
}

}  // namespace

TEST_CASE("A held file is made where there is none, written in place, and replaced") {
  const TemporaryFolder folder;
  const std::string path = folder / "till.state";
  HeldFile file(path);
  CHECK(file.path() == path);
  CHECK(file.write(0, bytes("one two")) == 7);
  CHECK(file.write(4, bytes("six seven")) == 9);
  CHECK(file.sync());
  CHECK(content(path) == "one six seven");
  file.replace(bytes("new"));
  CHECK(file.write(3, bytes("er")) == 2);
  CHECK(file.sync());
  CHECK(content(path) == "newer");
  CHECK(folder.files() == 1);
}

#if BODEGA_POSIX_FILES
TEST_CASE("A held file: nobody else opens it while it is held, also after it was replaced") {
  const TemporaryFolder folder;
  const std::string path = folder / "till.state";
  {
    HeldFile file(path);
    REQUIRE(file.locked());
    CHECK_ERROR(HeldFile(path), ErrorCode::io, "till.state");
    file.replace(bytes("new"));
    CHECK_ERROR(HeldFile(path), ErrorCode::io, "till.state");
    file.replace(bytes("newer"));
  }
  CHECK_NOTHROW(HeldFile(path));
}

TEST_CASE("A held file of a process that was killed is free") {
  const TemporaryFolder folder;
  const std::string path = folder / "till.state";
  int ready[2];
  REQUIRE(::pipe(ready) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    HeldFile file(path);
    if (::write(ready[1], "x", 1) == 1) ::pause();
    ::_exit(1);
  }
  char byte = 0;
  REQUIRE(::read(ready[0], &byte, 1) == 1);
  CHECK_ERROR(HeldFile(path), ErrorCode::io, "till.state");
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  CHECK_NOTHROW(HeldFile(path));
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST_CASE("A held file is for its owner alone, and keeps the permissions that it had") {
  const TemporaryFolder folder;
  const auto permissions = [&] {
    return std::filesystem::status(folder / "till.state").permissions();
  };
  HeldFile file(folder / "till.state");
  CHECK(permissions() == std::filesystem::perms(0600));
  file.replace(bytes("new"));
  CHECK(permissions() == std::filesystem::perms(0600));
  std::filesystem::permissions(folder / "till.state", std::filesystem::perms(0640));
  file.replace(bytes("newer"));
  CHECK(permissions() == std::filesystem::perms(0640));
}

TEST_CASE("A held file: what is no file, or cannot be made, is refused by its name") {
  const TemporaryFolder folder;
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK_ERROR(HeldFile(folder / "pipe"), ErrorCode::io, "pipe");
  CHECK_ERROR(HeldFile(folder.path().string()), ErrorCode::io, folder.path().string());
  CHECK_ERROR(HeldFile(folder / "absent/till.state"), ErrorCode::io, "absent/till.state");
}

TEST_CASE("A held file that somebody removed or put another in place of is not said to be safe") {
  const TemporaryFolder folder;
  HeldFile file(folder / "till.state");
  REQUIRE(file.sync());
  write_file_atomically(folder / "till.state", bytes("another"));
  CHECK_FALSE(file.sync());
  std::filesystem::remove(folder / "till.state");
  CHECK_FALSE(file.sync());
  file.replace(bytes("mine"));
  CHECK(file.sync());
  CHECK(content(folder / "till.state") == "mine");
}

TEST_CASE("A held file that replaces a link's target leaves the link") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder / "disk");
  std::filesystem::create_symlink("disk/till.state", folder / "till.state");
  HeldFile file(folder / "till.state");
  file.replace(bytes("new"));
  CHECK(file.sync());
  CHECK(std::filesystem::is_symlink(folder / "till.state"));
  CHECK(content(folder / "disk/till.state") == "new");
}

TEST_CASE("A held file says what its disk refused, and works when it no longer does") {
  if (!FaultyDisk::available()) return;
  const TemporaryFolder folder;
  HeldFile file(folder / "till.state");
  FaultyDisk disk(folder.path().string());
  const auto next = [&](Fault fault) { disk.fail_at(disk.calls(), fault); };
  next(Fault::fails);
  CHECK(file.write(0, bytes("12345678")) == 0);
  next(Fault::short_write);
  CHECK(file.write(0, bytes("12345678")) == 8);
  next(Fault::interrupted);
  CHECK(file.write(0, bytes("abcdefgh")) == 8);
  disk.fail_at(disk.calls() + 1, Fault::interrupted);
  CHECK(file.write(0, bytes("abcdefgh")) == 8);
  next(Fault::fails);
  CHECK_FALSE(file.sync());
  disk.fail_at(disk.calls() + 1, Fault::fails);  // the folder's
  CHECK_FALSE(file.sync());
  next(Fault::interrupted);
  CHECK(file.sync());
  next(Fault::fails);
  CHECK_FALSE(file.cut(4));
  next(Fault::interrupted);
  CHECK(file.cut(4));
  CHECK(content(folder / "till.state") == "abcd");
  for (std::size_t call = 0; call < 3; ++call) {  // write, sync, rename
    disk.fail_at(disk.calls() + call, Fault::fails);
    CHECK_ERROR(file.replace(bytes("new")), ErrorCode::io, "till.state");
    CHECK(content(folder / "till.state") == "abcd");
    CHECK(folder.files() == 1);
    CHECK(file.write(0, bytes("abcd")) == 4);
  }
}
#endif
