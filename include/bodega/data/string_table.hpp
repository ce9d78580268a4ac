// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/room.hpp>
#include <bodega/core/sip_hash.hpp>

namespace bodega::inline BODEGA_ABI {

/// Texts one after the other in one block of bytes, so that names go into a model file as tensors
/// like everything else. Bytes are kept as they are (UTF-8 by convention, not checked).
class StringTable {
 public:
  static constexpr std::string_view kind = "string_table";

  std::size_t size() const noexcept { return end_.size(); }
  bool empty() const noexcept { return end_.empty(); }

  /// Borrowed until the next `add`.
  std::string_view operator[](std::size_t i) const noexcept {
    const std::size_t begin = i > 0 ? end_[i - 1] : 0;
    return {reinterpret_cast<const char*>(bytes_.data()) + begin, end_[i] - begin};
  }

  /// Error (out_of_range) beyond 4 GiB of text; nothing is changed then.
  void add(std::string_view text);

  /// Only the first `size` texts stay.
  void truncate(std::size_t size) noexcept;

  /// Error (format) where the ends do not rise to the number of bytes.
  void validate(const std::string& where) const;

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("bytes", self.bytes_);
    visit("end", self.end_);
  }

  bool operator==(const StringTable&) const = default;

 private:
  std::vector<std::uint8_t> bytes_;  // not char: its sign, and so the file, would differ by machine
  std::vector<std::uint32_t> end_;
};

/// Distinct texts, numbered in the order they were first added and found by a hash index, whose
/// secret key no supplier's codes can be made for, to collide. The index is not among the
/// parameters: after reading a file, `validate`, then `restore`.
class StringSet {
 public:
  static constexpr std::string_view kind = "string_set";
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

  std::size_t size() const noexcept { return strings_.size(); }
  bool empty() const noexcept { return strings_.empty(); }
  std::string_view operator[](std::size_t i) const noexcept { return strings_[i]; }

  /// The number of `text`, `none` where it is not there. Allocates nothing.
  std::uint32_t find(std::string_view text) const noexcept {
    return slots_.empty() ? none : slots_[slot(text)];
  }

  /// The number of `text`, which is appended if it is new.
  std::uint32_t add(std::string_view text);

  /// Only the first `size` texts stay.
  void truncate(std::size_t size) noexcept;

  /// Error as for StringTable, and (duplicate) where a text is there twice.
  void validate(const std::string& where) const;

  /// Builds the index anew from texts that `validate` accepts.
  void restore() { build_slots(2 * strings_.size()); }

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    StringTable::parameters(self.strings_, visit);
  }

  bool operator==(const StringSet& other) const noexcept { return strings_ == other.strings_; }

 private:
  std::size_t hash(std::string_view text) const noexcept {
    return static_cast<std::size_t>(detail::sip_hash(text, key_));
  }

  /// Where `text` is or would go. At least half of the slots are free, so the walk ends.
  std::size_t slot(std::string_view text) const noexcept;

  void build_slots(std::size_t at_least) {
    slots_.assign(std::bit_ceil(at_least + 16), none);
    fill_slots();
  }

  void fill_slots() noexcept {
    for (std::size_t i = 0; i < strings_.size(); ++i)
      slots_[slot(strings_[i])] = static_cast<std::uint32_t>(i);
  }

  StringTable strings_;
  std::vector<std::uint32_t> slots_;
  detail::SipKey key_ = detail::process_key();
};

#if BODEGA_BODIES

BODEGA_INLINE void StringTable::add(std::string_view text) {
  if (text.size() > std::numeric_limits<std::uint32_t>::max() - bytes_.size())
    throw Error(ErrorCode::out_of_range, "StringTable", "at most 4 GiB of text",
                std::to_string(bytes_.size() + text.size()) + " bytes");
  make_room(1, end_);
  bytes_.insert(bytes_.end(), text.begin(), text.end());
  end_.push_back(static_cast<std::uint32_t>(bytes_.size()));
}

BODEGA_INLINE void StringTable::truncate(std::size_t size) noexcept {
  if (size >= end_.size()) return;
  bytes_.resize(size > 0 ? end_[size - 1] : 0);
  end_.resize(size);
}

BODEGA_INLINE void StringTable::validate(const std::string& where) const {
  std::uint32_t begin = 0;
  for (std::size_t i = 0; i < end_.size(); ++i) {
    if (end_[i] < begin || end_[i] > bytes_.size())
      throw Error(ErrorCode::format, where + ", end of text " + std::to_string(i),
                  "from " + std::to_string(begin) + " to " + std::to_string(bytes_.size()),
                  std::to_string(end_[i]));
    begin = end_[i];
  }
  if (begin != bytes_.size())
    throw Error(ErrorCode::shape, where + ", bytes", std::to_string(begin),
                std::to_string(bytes_.size()));
}

BODEGA_INLINE std::uint32_t StringSet::add(std::string_view text) {
  if (2 * (strings_.size() + 1) > slots_.size()) build_slots(2 * (strings_.size() + 1));
  const std::size_t at = slot(text);
  if (slots_[at] != none) return slots_[at];
  strings_.add(text);
  return slots_[at] = static_cast<std::uint32_t>(strings_.size() - 1);
}

BODEGA_INLINE void StringSet::truncate(std::size_t size) noexcept {
  if (size >= strings_.size()) return;
  strings_.truncate(size);
  std::fill(slots_.begin(), slots_.end(), none);
  fill_slots();
}

BODEGA_INLINE void StringSet::validate(const std::string& where) const {
  strings_.validate(where);
  StringSet distinct;
  for (std::size_t i = 0; i < strings_.size(); ++i)
    if (distinct.add(strings_[i]) != i)
      throw Error(ErrorCode::duplicate, where + ", text " + std::to_string(i), "distinct texts",
                  "'" + std::string(strings_[i]) + "' twice");
}

BODEGA_INLINE std::size_t StringSet::slot(std::string_view text) const noexcept {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash(text) & mask;
  while (slots_[at] != none && strings_[slots_[at]] != text) at = (at + 1) & mask;
  return at;
}

#endif

}  // namespace bodega::inline BODEGA_ABI
