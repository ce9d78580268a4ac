// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <bodega/core/abi.hpp>
#include <bodega/core/utf8.hpp>
#include <bodega/text/unicode_tables.hpp>

namespace bodega::inline BODEGA_ABI {

/// Returns the capital of a small letter, by Unicode's simple mapping; every other code point as it
/// is, the German sharp s among them.
char32_t upper_case(char32_t letter) noexcept;

/// Returns a UTF-8 text in capitals. Bytes that are no UTF-8 stay as they are.
std::string upper_case(std::string_view text);

#if BODEGA_BODIES

BODEGA_INLINE char32_t upper_case(char32_t letter) noexcept {
  if (letter < 0x80) return letter >= 'a' && letter <= 'z' ? letter - 'a' + 'A' : letter;
  const auto& runs = unicode::capitals;
  const auto run = std::lower_bound(
      runs.begin(), runs.end(), letter,
      [](const unicode::Capitals& one, char32_t value) { return one.last < value; });
  if (run == runs.end() || letter < run->first || (letter - run->first) % run->step != 0)
    return letter;
  return static_cast<char32_t>(static_cast<std::int32_t>(letter) + run->shift);
}

BODEGA_INLINE std::string upper_case(std::string_view text) {
  std::string upper;
  upper.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint letter = decode_utf8(text, at);
    if (letter.valid())
      append_utf8(upper, upper_case(letter.value));
    else
      upper += text[at];
    at += letter.bytes;
  }
  return upper;
}

#endif

}  // namespace bodega::inline BODEGA_ABI
