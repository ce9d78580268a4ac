// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <bodega/core/abi.hpp>

namespace bodega::inline BODEGA_ABI {

/// Records that wait until a later one tells how their numbers and dates are written.
class HeldRecords {
 public:
  static constexpr std::size_t max_bytes = std::size_t{1} << 28;

  void add(std::span<const std::string_view> fields, std::size_t line, bool recoded) {
    for (const std::string_view field : fields) bytes_ += field.size();
    records_.push_back({{fields.begin(), fields.end()}, line, recoded});
  }
  bool empty() const noexcept { return records_.empty(); }
  bool full() const noexcept { return bytes_ > max_bytes; }

  /// Gives each to `visit(fields, line, recoded)` in order, and forgets them.
  template <class Visit>
  void release(Visit&& visit) {
    std::vector<std::string_view> fields;
    for (const Record& record : records_) {
      fields.assign(record.fields.begin(), record.fields.end());
      visit(std::span<const std::string_view>(fields), record.line, record.recoded);
    }
    records_.clear();
    bytes_ = 0;
  }

 private:
  struct Record {
    std::vector<std::string> fields;
    std::size_t line;
    bool recoded;
  };
  std::vector<Record> records_;
  std::size_t bytes_ = 0;
};

}  // namespace bodega::inline BODEGA_ABI
