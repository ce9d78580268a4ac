// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <istream>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/core/error.hpp>

namespace bodega {

/// Reads CSV as in RFC 4180, record by record, holding one record and a block in memory. Takes
/// LF and CRLF line ends, line ends and separators within quotes, a UTF-8 byte order mark, and a
/// last line without an end. Lines without any character are passed over. Blanks belong to
/// the field they stand in.
class CsvReader {
 public:
  /// A longer record is taken for a quote that was never closed.
  static constexpr std::size_t max_record = std::size_t{1} << 20;

  /// `name` is what errors call the input, usually its path. Borrows the stream.
  CsvReader(std::istream& in, std::string name, char separator = ',')
      : in_(in), name_(std::move(name)), separator_(separator) {
    if (peek(0) == 0xEF && peek(1) == 0xBB && peek(2) == 0xBF) begin_ += 3;
  }

  /// Goes to the next record; false at the end. Error (format) on a quote that is not closed, on
  /// text after a closing quote and on a quote within an unquoted field. The next call then
  /// goes on with the physical line after the one the bad record starts on. Error (io) where the
  /// stream cannot be read.
  bool next() {
    fields_.clear();
    do {
      begin_ += length_;
      length_ = 0;
      line_ = next_line_;
      if (peek(0) < 0) return false;
      parse();
    } while (extents_.size() == 1 && extents_[0].begin == extents_[0].end && !extents_[0].quoted);
    for (const Extent& extent : extents_) fields_.push_back(text(extent));
    return true;
  }

  /// Fields of the record, without their quotes; borrowed until the next call of `next`.
  std::span<const std::string_view> fields() const noexcept { return fields_; }
  /// The physical line the record starts on, counted from 1.
  std::size_t line() const noexcept { return line_; }
  /// "receipts.csv:12".
  std::string where() const { return name_ + ":" + std::to_string(line_); }
  const std::string& name() const noexcept { return name_; }
  /// Bytes of the input before the end of the record, for progress.
  std::size_t bytes() const noexcept { return bytes_before_ + begin_ + length_; }

 private:
  struct Extent {
    std::size_t begin, end;  // from the start of the record, within the quotes
    bool quoted, doubled;    // doubled: holds "" that stands for "
  };

  /// The byte at `offset` from the start of the record, -1 at the end of the input.
  int peek(std::size_t offset) {
    if (begin_ + offset >= buffer_.size() && !fill(offset)) return -1;
    return static_cast<unsigned char>(buffer_[begin_ + offset]);
  }

  bool fill(std::size_t offset) {
    constexpr std::size_t block = std::size_t{1} << 16;
    buffer_.erase(0, begin_);
    bytes_before_ += begin_;
    begin_ = 0;
    while (offset >= buffer_.size() && in_.good()) {
      const std::size_t size = buffer_.size();
      buffer_.resize(size + block);
      in_.read(buffer_.data() + size, static_cast<std::streamsize>(block));
      buffer_.resize(size + static_cast<std::size_t>(in_.gcount()));
    }
    if (in_.bad()) throw Error(ErrorCode::io, name_, "a stream to read", "a read error");
    return offset < buffer_.size();
  }

  /// Finds the fields of the record that starts at begin_ and its length. Leaves the bytes as
  /// they are, so that a bad record can be read again from its second line.
  void parse() {
    extents_.clear();
    std::size_t at = 0, lines = 0, first_line_end = 0;
    const auto fail = [&](std::string expected, std::string found) {
      const std::string field = where() + ", field " + std::to_string(extents_.size() + 1);
      if (first_line_end == 0) {
        while (peek(at) >= 0 && peek(at) != '\n')
          if (++at > max_record) begin_ += std::exchange(at, 0);
        first_line_end = at + (peek(at) >= 0);
      }
      extents_.clear();
      length_ = first_line_end;
      ++next_line_;
      throw Error(ErrorCode::format, field, std::move(expected), std::move(found));
    };
    for (;;) {
      Extent extent{at, at, peek(at) == '"', false};
      int c = 0;
      if (extent.quoted) {
        extent.begin = ++at;
        for (;; ++at) {
          c = peek(at);
          if (c < 0) fail("a closing quote", "the end of the input");
          if (at > max_record)
            fail("a closing quote", "none in " + std::to_string(max_record) + " bytes");
          if (c == '\n') {
            ++lines;
            if (first_line_end == 0) first_line_end = at + 1;
          } else if (c == '"') {
            if (peek(at + 1) != '"') break;
            extent.doubled = true;
            ++at;
          }
        }
        extent.end = at++;
        c = peek(at);
        if (c == '\r' && peek(at + 1) == '\n') c = peek(++at);
        if (c >= 0 && c != '\n' && c != separator_)
          fail("a separator or line end after a closing quote", describe(c));
      } else {
        for (;; ++at) {
          c = peek(at);
          if (at > max_record)
            fail("a record of at most " + std::to_string(max_record) + " bytes", "a longer one");
          if (c < 0 || c == '\n' || c == separator_) break;
          if (c == '"') fail("no quote within an unquoted field", describe(c));
        }
        extent.end = at - (c == '\n' && at > extent.begin && peek(at - 1) == '\r');
      }
      extents_.push_back(extent);
      if (c >= 0) ++at;
      if (c != separator_) break;
    }
    length_ = at;
    next_line_ += lines + 1;
  }

  static std::string describe(int c) { return {'\'', static_cast<char>(c), '\''}; }

  std::string_view text(const Extent& extent) noexcept {
    char* const begin = buffer_.data() + begin_ + extent.begin;
    char* end = buffer_.data() + begin_ + extent.end;
    if (extent.doubled) {
      char* to = begin;
      for (const char* from = begin; from < end; ++from) {
        *to++ = *from;
        if (*from == '"') ++from;
      }
      end = to;
    }
    return {begin, static_cast<std::size_t>(end - begin)};
  }

  std::istream& in_;
  std::string name_;
  char separator_;
  std::string buffer_;
  std::size_t bytes_before_ = 0;        // of the input, before the buffer
  std::size_t begin_ = 0, length_ = 0;  // of the record, in the buffer
  std::size_t line_ = 0, next_line_ = 1;
  std::vector<Extent> extents_;
  std::vector<std::string_view> fields_;
};

/// Appends one record and a line end, with quotes only where they are needed; CsvReader reads it
/// back the same.
inline void append_csv(std::string& out, std::span<const std::string_view> fields,
                       char separator = ',') {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) out += separator;
    const std::string_view field = fields[i];
    const bool needs_quotes = field.find_first_of("\"\r\n") != std::string_view::npos ||
                              field.find(separator) != std::string_view::npos ||
                              (fields.size() == 1 && field.empty()) ||
                              (i == 0 && field.starts_with("\xEF\xBB\xBF"));
    if (!needs_quotes) {
      out += field;
      continue;
    }
    out += '"';
    for (const char c : field) out.append(c == '"' ? 2 : 1, c);
    out += '"';
  }
  out += '\n';
}

/// The header line of a CSV with named columns.
class CsvHeader {
 public:
  static constexpr std::size_t absent = static_cast<std::size_t>(-1);

  /// Reads the first record. Error (missing) where there is none.
  explicit CsvHeader(CsvReader& csv) : name_(csv.name()) {
    if (!csv.next()) throw Error(ErrorCode::missing, name_, "a header line", "an empty input");
    names_.assign(csv.fields().begin(), csv.fields().end());
  }

  std::size_t size() const noexcept { return names_.size(); }
  const std::string& operator[](std::size_t column) const noexcept { return names_[column]; }

  /// Number of the column, `absent` where there is none or `column` is empty. Error (duplicate)
  /// where there are two.
  std::size_t find(std::string_view column) const {
    const auto at = std::find(names_.begin(), names_.end(), column);
    if (column.empty() || at == names_.end()) return absent;
    if (std::find(at + 1, names_.end(), column) != names_.end())
      throw Error(ErrorCode::duplicate, name_ + ", header",
                  "column '" + std::string(column) + "' once", "twice");
    return static_cast<std::size_t>(at - names_.begin());
  }

  /// Number of the column. Error (missing) where there is none.
  std::size_t need(std::string_view column) const {
    const std::size_t at = find(column);
    if (at != absent) return at;
    std::string found;
    for (const std::string& name : names_) found += (found.empty() ? "" : ", ") + name;
    throw Error(ErrorCode::missing, name_ + ", header", "column '" + std::string(column) + "'",
                found);
  }

  /// Error (format) where the record has not as many fields as the header.
  void check(const CsvReader& csv) const {
    if (csv.fields().size() != size())
      throw Error(ErrorCode::format, csv.where(), std::to_string(size()) + " fields",
                  std::to_string(csv.fields().size()));
  }

 private:
  std::string name_;
  std::vector<std::string> names_;
};

}  // namespace bodega
