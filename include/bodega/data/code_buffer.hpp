// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstring>
#include <string_view>

#include <bodega/core/abi.hpp>

namespace bodega::inline BODEGA_ABI {

/// Room for one code, in which it is changed without allocating.
class CodeBuffer {
 public:
  static constexpr std::size_t capacity = 128;

  std::string_view text() const noexcept { return {bytes_, size_}; }
  std::size_t size() const noexcept { return size_; }
  void clear() noexcept { size_ = 0; }

  /// False, with nothing changed, where the text is longer than `capacity`. It may be a part of
  /// `text()`.
  bool assign(std::string_view text) noexcept;

  /// False, with nothing changed, where there is no room for it. Precondition: no part of `text()`.
  bool append(std::string_view text) noexcept;
  bool append(char letter) noexcept { return append(std::string_view(&letter, 1)); }

 private:
  char bytes_[capacity] = {};
  std::size_t size_ = 0;
};

#if BODEGA_BODIES

BODEGA_INLINE bool CodeBuffer::assign(std::string_view text) noexcept {
  if (text.size() > capacity) return false;
  if (!text.empty()) std::memmove(bytes_, text.data(), text.size());
  size_ = text.size();
  return true;
}

BODEGA_INLINE bool CodeBuffer::append(std::string_view text) noexcept {
  if (text.size() > capacity - size_) return false;
  if (!text.empty()) std::memcpy(bytes_ + size_, text.data(), text.size());
  size_ += text.size();
  return true;
}

#endif

}  // namespace bodega::inline BODEGA_ABI
