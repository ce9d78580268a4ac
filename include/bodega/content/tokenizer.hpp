// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bodega {

/// Calls `visit(word)` for the words of a UTF-8 text, in order: runs of letters and digits, in
/// lower case, of at least `min_bytes` bytes. ASCII and Latin-1 letters (as in "CAFÉ") are
/// lowered; every other character beyond ASCII counts as a letter and is kept as it is, so a text
/// in another script is split at its blanks. Bytes that are no UTF-8 are letters too. The word is
/// borrowed for the call; it is built in `word`, which allocates nothing where it has room for
/// `text.size()` bytes.
template <class Visit>
void for_each_word(std::string_view text, std::size_t min_bytes, std::string& word, Visit&& visit) {
  word.clear();
  const auto end_word = [&] {
    if (!word.empty() && word.size() >= min_bytes) visit(std::string_view(word));
    word.clear();
  };
  unsigned char before = 0;
  for (const char c : text) {
    auto byte = static_cast<unsigned char>(c);
    // U+00C0 to U+00DE, without the multiplication sign: 32 below the lower case letters.
    if (before == 0xC3 && byte >= 0x80 && byte <= 0x9E && byte != 0x97)
      word += static_cast<char>(byte + 0x20);
    else if (byte >= 'A' && byte <= 'Z')
      word += static_cast<char>(byte - 'A' + 'a');
    else if ((byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte >= 0x80)
      word += c;
    else
      end_word();
    before = byte;
  }
  end_word();
}

template <class Visit>
void for_each_word(std::string_view text, std::size_t min_bytes, Visit&& visit) {
  std::string word;
  for_each_word(text, min_bytes, word, visit);
}

}  // namespace bodega
