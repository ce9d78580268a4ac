// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <deque>
#include <functional>
#include <istream>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/enum_names.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/utf8.hpp>
#include <bodega/data/text_input.hpp>

namespace bodega::inline BODEGA_ABI {

/// Whether quotes have a meaning.
enum class Quoting {
  quotes,  ///< as in RFC 4180: a field in quotes may hold separators, line ends and doubled quotes
  none     ///< a quote is a character like any other, such as the mark of an inch
};
constexpr auto enum_names(Quoting) noexcept {
  using enum Quoting;
  return std::to_array<EnumName<Quoting>>({{quotes, "quotes"}, {none, "none"}});
}

struct CsvFormat {
  char separator = ',';
  Quoting quoting = Quoting::quotes;
};

/// Reads CSV as in RFC 4180, record by record, holding one record and a block in memory. Takes
/// LF, CRLF and CR line ends, line ends and separators within quotes, a byte order mark, UTF-16, a
/// first line `sep=;`, and a last line without an end. Lines without any character are passed over.
/// Blanks belong to the field they stand in. A field that is no UTF-8 is read as Windows-1252.
class CsvReader {
 public:
  /// A longer record is malformed: taken for a quote that was never closed.
  static constexpr std::size_t max_record = std::size_t{1} << 20;
  /// Input without a record in so many bytes is given up in every mode.
  static constexpr std::size_t max_without_record = std::size_t{1} << 24;

  enum class Step { record, malformed, end };

  /// `name` is what errors call the input, usually its path. Borrows the stream.
  CsvReader(std::istream& in, std::string name, CsvFormat format = {})
      : input_(in, std::move(name)), separator_(format.separator), quoting_(format.quoting) {
    special_[static_cast<unsigned char>(separator_)] = true;
    begin_file();
  }
  CsvReader(std::istream& in, std::string name, char separator)
      : CsvReader(in, std::move(name), CsvFormat{separator}) {}

  /// Says which physical lines are records, so that a quote that was never closed is found by the
  /// records it swallows. Without it every field over several lines is taken for what it is.
  template <class IsRecord>
  void set_is_record(IsRecord is_record) {
    is_record_ = std::move(is_record);
  }

  /// Goes to the next record. A record is malformed, as `fault()` says, if a quote is not closed or
  /// swallows records, if text follows a closing quote, if a quote stands within an unquoted field
  /// and if it is too long; the call after that goes on with the physical line after the one the
  /// bad record starts on. Throws Error(io) if the stream cannot be read, and Error(format) if it
  /// is no text.
  Step step() {
    fields_.clear();
    recoded_fields_.clear();
    const std::size_t from = bytes();
    do {
      begin_ += length_;
      length_ = 0;
      if (skip_line_) skip_line();
      line_ = next_line_;
      if (bytes() - from > max_without_record) give_up("empty lines alone");
      if (peek(0) < 0) return Step::end;
      if (!parse()) return Step::malformed;
    } while (extents_.size() == 1 && extents_[0].begin == extents_[0].end && !extents_[0].quoted);
    for (const Extent& extent : extents_) fields_.push_back(text(extent));
    if (!is_ascii(std::string_view(buffer_).substr(begin_, length_))) recode();
    return Step::record;
  }

  /// Goes to the next record; false at the end. Throws Error(format) on a malformed one, with which
  /// the reader deals as `step` does.
  bool next() {
    const Step step = this->step();
    if (step == Step::malformed) throw fault();
    return step == Step::record;
  }

  /// Why the last record is malformed.
  Error fault() const {
    return Error(ErrorCode::format, fault_where_, fault_expected_, fault_found_);
  }

  /// Fields of the record, without their quotes; borrowed until the next call of `next`.
  std::span<const std::string_view> fields() const noexcept { return fields_; }
  /// The physical line the record starts on, counted from 1.
  std::size_t line() const noexcept { return line_; }
  /// "receipts.csv:12".
  std::string where() const { return name() + ":" + std::to_string(line_); }
  const std::string& name() const noexcept { return input_.name(); }
  char separator() const noexcept { return separator_; }
  TextEncoding encoding() const noexcept { return input_.encoding(); }
  /// Whether a field of the record was no UTF-8.
  bool recoded() const noexcept { return !recoded_fields_.empty(); }
  /// Bytes of the text before the end of the record, for progress.
  std::size_t bytes() const noexcept { return bytes_before_ + begin_ + length_; }

 private:
  struct Extent {
    std::size_t begin, end;  // from the start of the record, within the quotes
    bool quoted, doubled;    // doubled: holds "" that stands for "
  };

  /// Tells the line end by the first block, and reads a line `sep=;`.
  void begin_file() {
    peek(0);
    if (buffer_.find('\n') == buffer_.npos && buffer_.find('\r') != buffer_.npos) line_end_ = '\r';
    special_[static_cast<unsigned char>(line_end_)] = true;
    special_['"'] = true;
    const std::size_t end = buffer_.find_first_of("\r\n");
    if (end != 5 || buffer_.compare(0, 4, "sep=") != 0) return;
    special_[static_cast<unsigned char>(separator_)] = false;
    separator_ = buffer_[4];
    special_[static_cast<unsigned char>(separator_)] = true;
    begin_ = end + 1 + (line_end_ == '\n' && buffer_[end] == '\r');
    ++next_line_;
  }

  /// The byte at `offset` from the start of the record, -1 at the end of the input.
  int peek(std::size_t offset) {
    if (begin_ + offset >= buffer_.size() && !fill(offset)) return -1;
    return static_cast<unsigned char>(buffer_[begin_ + offset]);
  }

  bool fill(std::size_t offset) {
    buffer_.erase(0, begin_);
    bytes_before_ += begin_;
    begin_ = 0;
    while (offset >= buffer_.size() && input_.append_block(buffer_)) {
    }
    return offset < buffer_.size();
  }

  /// Goes past the line that a bad record starts on, if its end was not in sight.
  void skip_line() {
    skip_line_ = false;
    std::size_t end;
    while ((end = buffer_.find(line_end_, begin_)) == buffer_.npos) {
      skipped_ += buffer_.size() - begin_;
      if (skipped_ > max_without_record) give_up("a line that does not end");
      begin_ = buffer_.size();
      if (peek(0) < 0) return;
    }
    skipped_ = 0;
    begin_ = end + 1;
  }

  [[noreturn]] void give_up(const char* found) const {
    throw Error(ErrorCode::io, name() + ":" + std::to_string(next_line_),
                "a record in " + std::to_string(max_without_record) + " bytes", found);
  }

  /// Notes why the record is malformed. `second_line` is where its second physical line starts, 0
  /// if that was not in sight.
  bool fail(std::size_t second_line, std::string expected, std::string found) {
    fault_where_ = where() + ", field " + std::to_string(extents_.size() + 1);
    fault_expected_ = std::move(expected);
    fault_found_ = std::move(found);
    extents_.clear();
    length_ = second_line;
    skip_line_ = second_line == 0;
    next_line_ = line_ + 1;
    return false;
  }

  /// Finds the fields of the record that starts at begin_ and its length. Leaves the bytes as
  /// they are, so that a bad record can be read again from its second line.
  bool parse() {
    extents_.clear();
    std::size_t at = 0, lines = 0, second_line = 0;
    for (;;) {
      Extent extent{at, at, quoting_ == Quoting::quotes && peek(at) == '"', false};
      int c = 0;
      if (extent.quoted) {
        extent.begin = ++at;
        for (;; ++at) {
          c = peek(at);
          if (c < 0) return fail(second_line, "a closing quote", "the end of the input");
          if (at > max_record)
            return fail(second_line, "a closing quote",
                        "none in " + std::to_string(max_record) + " bytes");
          if (c == line_end_) {
            ++lines;
            if (second_line == 0) second_line = at + 1;
          } else if (c == '"') {
            if (peek(at + 1) != '"') break;
            extent.doubled = true;
            ++at;
          }
        }
        extent.end = at++;
        c = peek(at);
        if (c == '\r' && line_end_ == '\n' && peek(at + 1) == '\n') c = peek(++at);
        if (c >= 0 && c != line_end_ && c != separator_)
          return fail(second_line, "a separator or line end after a closing quote", describe(c));
      } else {
        for (;;) {
          at = next_special(at);
          c = peek(at);
          if (at > max_record)
            return fail(second_line, "a record of at most " + std::to_string(max_record) + " bytes",
                        "a longer one");
          if (c != '"' || quoting_ == Quoting::none) {
            if (c < 0 || c == line_end_ || c == separator_) break;
          } else {
            return fail(second_line, "no quote within an unquoted field", describe(c));
          }
          ++at;
        }
        extent.end =
            at - (c == '\n' && line_end_ == '\n' && at > extent.begin && peek(at - 1) == '\r');
      }
      extents_.push_back(extent);
      if (c >= 0) ++at;
      if (c != separator_) break;
    }
    length_ = at;
    if (lines > 0 && is_record_ && swallows_records(second_line)) {
      extents_.clear();
      return fail(second_line, "a closing quote on the line",
                  "none, so that the field swallows the records of the next lines");
    }
    next_line_ += lines + 1;
    return true;
  }

  /// The first byte from `at` on that ends a field or is a quote.
  std::size_t next_special(std::size_t at) {
    for (;;) {
      const char* const from = buffer_.data() + begin_ + at;
      const char* const end = buffer_.data() + buffer_.size();
      const char* p = from;
      while (p < end && !special_[static_cast<unsigned char>(*p)]) ++p;
      at += static_cast<std::size_t>(p - from);
      if (p < end || at > max_record || peek(at) < 0) return at;
    }
  }

  /// Whether a physical line of the record, from the second on, is a record itself.
  bool swallows_records(std::size_t second_line) const {
    const std::string_view record(buffer_.data() + begin_, length_);
    for (std::size_t at = second_line; at < record.size();) {
      std::size_t end = std::min(record.find(line_end_, at), record.size());
      std::string_view line = record.substr(at, end - at);
      while (!line.empty() && (line.back() == '\r' || line.back() == '"')) line.remove_suffix(1);
      if (is_record_(line)) return true;
      at = end + 1;
    }
    return false;
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

  /// Reads the fields that are no UTF-8 as Windows-1252.
  void recode() {
    for (std::string_view& field : fields_) {
      bool valid = true;
      for (std::size_t at = 0; at < field.size() && valid;) {
        const CodePoint letter = decode_utf8(field, at);
        valid = letter.valid();
        at += letter.bytes;
      }
      if (!valid) field = recoded_fields_.emplace_back(from_windows_1252(field));
    }
  }

  TextInput input_;
  char separator_, line_end_ = '\n';
  Quoting quoting_;
  std::array<bool, 256> special_ = {};  // the separator, the line end and the quote
  std::function<bool(std::string_view)> is_record_;
  std::string buffer_;
  std::size_t bytes_before_ = 0;        // of the text, before the buffer
  std::size_t begin_ = 0, length_ = 0;  // of the record, in the buffer
  std::size_t line_ = 0, next_line_ = 1;
  bool skip_line_ = false;   // the rest of the line at begin_ + length_ is of a bad record
  std::size_t skipped_ = 0;  // bytes of it
  std::string fault_where_, fault_expected_, fault_found_;
  std::vector<Extent> extents_;
  std::vector<std::string_view> fields_;
  std::deque<std::string> recoded_fields_;
};

/// Appends one record and a line end, with quotes only where they are needed; CsvReader reads it
/// back the same.
inline void append_csv(std::string& out, std::span<const std::string_view> fields,
                       char separator = ',') {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) out += separator;
    const std::string_view field = fields[i];
    const bool needs_quotes =
        field.find_first_of("\"\r\n") != std::string_view::npos ||
        field.find(separator) != std::string_view::npos || (fields.size() == 1 && field.empty()) ||
        (i == 0 && (field.starts_with("\xEF\xBB\xBF") || field.starts_with("sep=") ||
                    !detail::not_text(field).empty()));
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
    if (names_.size() == 1)
      for (const char other : {';', '\t', '|', ','})
        if (names_[0].find(other) != std::string::npos)
          found += std::string(" (is the separator ") +
                   (other == '\t' ? "a tab" : std::string{'\'', other, '\''}) + "?)";
    throw Error(ErrorCode::missing, name_ + ", header", "column '" + std::string(column) + "'",
                found);
  }

  /// Throws Error(format) if the record has not as many fields as the header.
  void check(const CsvReader& csv) const {
    if (csv.fields().size() != size()) throw fault(csv);
  }
  /// What `check` throws.
  Error fault(const CsvReader& csv) const {
    return Error(ErrorCode::format, csv.where(), std::to_string(size()) + " fields",
                 std::to_string(csv.fields().size()));
  }

 private:
  std::string name_;
  std::vector<std::string> names_;
};

}  // namespace bodega::inline BODEGA_ABI
