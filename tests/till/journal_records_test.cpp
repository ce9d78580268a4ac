// SPDX-License-Identifier: MIT
#include <bodega/till/journal_records.hpp>

#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "bundle/temporary_folder.hpp"
#include "catch.hpp"
#include "check_error.hpp"

using namespace bodega;
using bodega_test::TemporaryFolder;

namespace {

using Bytes = std::vector<std::byte>;

std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

/// What is read of a journal of these bytes.
struct Reading {
  std::vector<std::uint64_t> numbers;
  std::vector<std::string> texts;
  std::size_t damaged = 0, torn = 0;
  std::uint64_t lost = 0;
};
Reading read(const TemporaryFolder& folder, const Bytes& file) {
  write_file_atomically(folder / "journal", file);
  JournalRecords records(folder / "journal");
  Reading reading;
  while (const auto record = records.next()) {
    reading.numbers.push_back(record->sequence);
    reading.texts.emplace_back(reinterpret_cast<const char*>(record->bytes.data()),
                               record->bytes.size());
  }
  reading.damaged = records.damaged_bytes();
  reading.torn = records.torn_bytes();
  reading.lost = records.lost_records();
  CHECK(records.end() + reading.torn == file.size());
  return reading;
}

/// A journal of these records from number 1, and where each ends.
Bytes journal(const std::vector<std::string>& texts, std::vector<std::size_t>* ends = nullptr) {
  Bytes file;
  put_journal_form(file, 0);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    put_record(file, {i + 1, bytes(texts[i])});
    if (ends != nullptr) ends->push_back(file.size());
  }
  return file;
}

}  // namespace

TEST_CASE("Records are read as they were written, of any bytes and of none, also long ones") {
  const TemporaryFolder folder;
  const std::vector<std::string> texts = {"one", "", std::string(600'000, 'x'), "\0\1\xFF", "last"};
  const Reading reading = read(folder, journal(texts));
  CHECK(reading.texts == texts);
  CHECK(reading.numbers == std::vector<std::uint64_t>{1, 2, 3, 4, 5});
  CHECK(reading.damaged + reading.torn + reading.lost == 0);
}

TEST_CASE("Records stand in the file as the page of the format says") {
  Bytes file;
  put_record(file, {0x0102030405060708, bytes("abc")});
  const std::string_view found(reinterpret_cast<const char*>(file.data()), file.size());
  CHECK(found.substr(0, 12) == std::string_view("\3\0\0\0\x8\7\6\5\4\3\2\1", 12));
  CHECK(found.substr(12, 4) == "\xC2\x41\x24\x35");  // CRC-32 of "abc" is 352441C2
  CHECK(found.substr(20) == "abc");
}

TEST_CASE("Records of a journal that ends anywhere are read up to there") {
  const TemporaryFolder folder;
  std::vector<std::size_t> ends;
  const Bytes file = journal({"first", "", "third one", "4"}, &ends);
  const auto first = [](const Bytes& of, std::size_t count) {
    return Bytes(of.begin(), of.begin() + static_cast<std::ptrdiff_t>(count));
  };
  for (std::size_t size = 0; size <= file.size(); ++size) {
    CAPTURE(size);
    const Reading reading = read(folder, first(file, size));
    std::size_t whole = 0;
    while (whole < ends.size() && ends[whole] <= size) ++whole;
    REQUIRE(reading.numbers.size() == whole);
    CHECK(reading.damaged + reading.lost == 0);
    // Zeros behind, as where a file grew and its bytes did not come to the disk.
    Bytes zeros = first(file, size);
    zeros.resize(size + 100);

    // The next one is there too where all that was missing of it are zeros.
    const std::size_t found = read(folder, zeros).numbers.size();
    REQUIRE((found == whole ||
             (found == whole + 1 && first(zeros, ends[whole]) == first(file, ends[whole]))));
  }
}

TEST_CASE("Records beside one with a changed byte are all read, and the lost one is counted") {
  const TemporaryFolder folder;
  std::vector<std::size_t> ends;
  const Bytes file = journal({"first", "second", "third one", "4"}, &ends);
  const std::size_t form = journal({}).size();
  for (std::size_t at = 0; at < file.size(); ++at) {
    for (const unsigned change : {1u, 128u, 255u}) {
      CAPTURE(at, change);
      Bytes changed = file;
      changed[at] ^= static_cast<std::byte>(change);
      const Reading reading = read(folder, changed);
      std::size_t struck = 0;  // 0: the form, else the record's number
      if (at >= form)
        while (at >= (struck == 0 ? form : ends[struck - 1])) ++struck;
      std::vector<std::uint64_t> others;
      for (std::uint64_t n = 1; n <= 4; ++n)
        if (n != struck) others.push_back(n);
      REQUIRE(reading.numbers == others);
      REQUIRE(reading.lost == (struck >= 1 && struck <= 3 ? 1 : 0));
      REQUIRE((struck == 4 ? reading.torn : reading.damaged) > 0);
    }
  }
}

TEST_CASE("Records with a number not above the last are not read again") {
  const TemporaryFolder folder;
  Bytes file = journal({"first", "second"});
  put_record(file, {1, bytes("old")});
  put_record(file, {2, bytes("old")});
  put_record(file, {3, bytes("third")});
  const Reading reading = read(folder, file);
  CHECK(reading.texts == std::vector<std::string>{"first", "second", "third"});
  CHECK(reading.damaged > 0);
}

TEST_CASE("Records of another file are none, and of another form are refused") {
  const TemporaryFolder folder;
  write_file_atomically(folder / "x", bytes("A list of groceries, longer than a journal's form"));
  CHECK_ERROR(JournalRecords(folder / "x"), ErrorCode::format, "x");
  Bytes other;
  put_record(other, {0, bytes("bodega journal 7\n")});
  write_file_atomically(folder / "x", other);
  CHECK_ERROR(JournalRecords(folder / "x"), ErrorCode::version, "x");
  write_file_atomically(folder / "x", Bytes(std::size_t{3} << 20, std::byte{1}));
  CHECK_ERROR(JournalRecords(folder / "x"), ErrorCode::format, "x");
  CHECK_ERROR(JournalRecords(folder / "absent"), ErrorCode::io, "absent");
}

TEST_CASE("Records of random bytes end, and none is made up") {
  const TemporaryFolder folder;
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    Bytes file = journal({"first"});
    const std::size_t size = random() % 3000;
    for (std::size_t i = 0; i < size; ++i) file.push_back(static_cast<std::byte>(random() & 0xFF));
    // A head that is right, of more bytes than there are.
    Bytes head;
    put_record(head, {9, bytes("some")});
    detail::put_number(head.data(), 0x7FFFFFFFu);
    detail::put_number(head.data() + 16, crc32({head.data(), 16}));
    file.insert(file.end(), head.begin(), head.end());
    REQUIRE(read(folder, file).numbers == std::vector<std::uint64_t>{1});
  }
}
