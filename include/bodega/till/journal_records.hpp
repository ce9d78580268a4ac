// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <bodega/bundle/atomic_file.hpp>
#include <bodega/bundle/checksum.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>

namespace bodega::inline BODEGA_ABI {

/// One record of a journal: its number, and bytes that mean something to who wrote them.
struct JournalRecord {
  std::uint64_t sequence = 0;
  std::span<const std::byte> bytes;
};

namespace detail {

/// Before a record's bytes, little-endian: their count (4 bytes), the sequence number (8), their
/// CRC-32 (4), the CRC-32 of these 16 bytes (4). Zeros are no such head.
inline constexpr std::size_t record_head = 20;

template <class Unsigned>
void put_number(std::byte* to, Unsigned value) noexcept {
  for (std::size_t i = 0; i < sizeof(Unsigned); ++i, value = static_cast<Unsigned>(value >> 4 >> 4))
    to[i] = static_cast<std::byte>(value & 0xFF);
}
template <class Unsigned>
Unsigned get_number(const std::byte* from) noexcept {
  Unsigned value = 0;
  for (std::size_t i = sizeof(Unsigned); i-- > 0;)
    value = static_cast<Unsigned>(value << 4 << 4 | static_cast<Unsigned>(from[i]));
  return value;
}

/// The first record of a journal says that it is one, and of which form.
inline constexpr std::string_view journal_name = "bodega journal ";
inline constexpr std::string_view journal_form = "bodega journal 1\n";

}  // namespace detail

/// The most bytes of one record.
inline constexpr std::size_t max_record_bytes = std::numeric_limits<std::uint32_t>::max() >> 1;

/// Adds a record at the end of `to`. Throws std::bad_alloc with nothing added.
/// Precondition: at most `max_record_bytes`.
inline void put_record(std::vector<std::byte>& to, JournalRecord record) {
  const std::size_t begin = to.size(), size = detail::record_head + record.bytes.size();
  if (to.capacity() - begin < size) to.reserve(std::max(begin + size, 2 * to.capacity()));
  to.resize(begin + size);
  std::byte* head = to.data() + begin;
  detail::put_number(head, static_cast<std::uint32_t>(record.bytes.size()));
  detail::put_number(head + 4, record.sequence);
  detail::put_number(head + 12, crc32(record.bytes));
  detail::put_number(head + 16, crc32({head, 16}));
  if (!record.bytes.empty())
    std::memcpy(head + detail::record_head, record.bytes.data(), record.bytes.size());
}

/// Adds the record that a journal begins with.
inline void put_journal_form(std::vector<std::byte>& to, std::uint64_t sequence) {
  put_record(to, {sequence, std::as_bytes(std::span(detail::journal_form.data(),
                                                    detail::journal_form.size()))});
}

/// Reads the records of a journal one after the other. What is damaged is passed over and counted:
/// a head with its own checksum says where the next record is; where a head is damaged, the next
/// one is looked for byte by byte. A record counts only if its number is above all before it, so
/// that nothing old comes back.
class JournalRecords {
 public:
  /// Errors: io; format for a file that is no journal; version for one of a form not known here.
  explicit JournalRecords(const std::string& path) : path_(path), file_(path) { read_form(); }

  /// Returns the next whole record, or nothing at the end. Its bytes are valid until the next call.
  std::optional<JournalRecord> next() {
    while (file_.size() - at_ >= detail::record_head) {
      const auto head = window(at_, detail::record_head);
      if (get<std::uint32_t>(head, 16) == crc32(head.first(16))) {
        const std::size_t size = get<std::uint32_t>(head, 0);
        const auto sequence = get<std::uint64_t>(head, 4);
        const auto checksum = get<std::uint32_t>(head, 12);
        if (size <= file_.size() - at_ - detail::record_head &&
            (sequence > last_ || (end_ == 0 && sequence == 0))) {
          const auto bytes = window(at_ + detail::record_head, size);
          const std::size_t begin = at_;
          at_ += detail::record_head + size;
          if (crc32(bytes) != checksum) continue;
          damaged_ += begin - end_;
          if (end_ != 0) lost_ += sequence - last_ - 1;
          last_ = sequence;
          end_ = at_;
          return JournalRecord{sequence, bytes};
        }
      }
      ++at_;
      if (end_ == 0 && at_ > most_before_first) break;
    }
    return std::nullopt;
  }

  /// Of what was read: the last number (0: none), and where its record ends.
  std::uint64_t last_sequence() const noexcept { return last_; }
  std::size_t end() const noexcept { return end_; }
  /// Bytes between whole records, and numbers that are missing between them.
  std::size_t damaged_bytes() const noexcept { return damaged_; }
  std::uint64_t lost_records() const noexcept { return lost_; }
  /// Bytes after the last whole record.
  std::size_t torn_bytes() const noexcept { return file_.size() - end_; }

 private:
  static constexpr std::size_t most_before_first = std::size_t{1} << 20;
  static constexpr std::size_t step = std::size_t{1} << 18;

  template <class Unsigned>
  static Unsigned get(std::span<const std::byte> from, std::size_t offset) noexcept {
    return detail::get_number<Unsigned>(from.data() + offset);
  }

  /// The first record, or what is left of it, is passed over; any other stays to be read.
  void read_form() {
    const auto name = detail::journal_form.substr(0, detail::journal_name.size());
    std::vector<std::byte> whole;
    put_journal_form(whole, 0);
    const auto first = next();
    if (!first) {
      // Where the very first write was torn there is a part of it, or there are zeros.
      const auto bytes = window(0, std::min(file_.size(), whole.size()));
      std::size_t alike = 0;
      while (alike < bytes.size() && (bytes[alike] == whole[alike] || bytes[alike] == std::byte{0}))
        ++alike;
      const bool torn = alike == bytes.size();
      if (!torn) throw Error(ErrorCode::format, path_, "a journal of a till", "another file");
      return;
    }
    const std::string_view text(reinterpret_cast<const char*>(first->bytes.data()),
                                first->bytes.size());
    if (text == detail::journal_form) return;
    if (text.starts_with(name))
      throw Error(ErrorCode::version, path_, std::string(detail::journal_form.substr(0, 16)),
                  std::string(text.substr(0, 40)));
    // The first record is damaged: this one is the shop's own.
    at_ = end_ = 0;
    last_ = 0;
    damaged_ = 0;
  }

  /// Those bytes of the file. Precondition: it has them.
  std::span<const std::byte> window(std::size_t offset, std::size_t size) {
    if (offset < begin_ || offset + size > begin_ + buffer_.size()) {
      buffer_.resize(std::min(std::max(size, step), file_.size() - offset));
      begin_ = offset;
      file_.read(offset, buffer_);
    }
    return std::span<const std::byte>(buffer_).subspan(offset - begin_, size);
  }

  std::string path_;
  InputFile file_;
  std::vector<std::byte> buffer_;
  std::size_t begin_ = 0;  // of the buffer in the file
  std::size_t at_ = 0, end_ = 0, damaged_ = 0;
  std::uint64_t last_ = 0, lost_ = 0;
};

}  // namespace bodega::inline BODEGA_ABI
