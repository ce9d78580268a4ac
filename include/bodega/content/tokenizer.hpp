// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <bodega/core/abi.hpp>
#include <bodega/text/fold.hpp>

namespace bodega::inline BODEGA_ABI {

namespace detail {

/// Letters that Unicode takes apart and that have a key of their own where they are used.
struct WholeLetter {
  char32_t accent;
  std::string_view base, whole;
};
inline constexpr WholeLetter whole_letters[] = {{0x306, "\u0438", "\u0439"},   // short i
                                                {0x306, "\u0443", "\u045E"},   // short u
                                                {0x308, "\u0456", "\u0457"},   // yi
                                                {0x301, "\u0433", "\u0453"},   // gje
                                                {0x301, "\u043A", "\u045C"}};  // kje

/// Makes words of what `fold` hands on.
template <class Visit>
class WordSink {
 public:
  WordSink(std::size_t min_bytes, std::string& word, Visit& visit)
      : min_bytes_(min_bytes), word_(word), visit_(visit) {
    word_.clear();
  }

  void put(std::string_view letters, Script script) {
    if (script != Script::mark) {
      if (script != script_ || script == Script::sign) gap();
      script_ = script;
    }
    word_ += letters;
  }
  void left_out(char32_t accent) {
    for (const WholeLetter& letter : whole_letters)
      if (letter.accent == accent && std::string_view(word_).ends_with(letter.base))
        word_.replace(word_.size() - letter.base.size(), letter.base.size(), letter.whole);
  }
  void gap() {
    if (!word_.empty() && word_.size() >= min_bytes_) visit_(std::string_view(word_));
    word_.clear();
  }

 private:
  std::size_t min_bytes_;
  std::string& word_;
  Visit& visit_;
  Script script_ = Script::any;
};

}  // namespace detail

/// Calls `visit(word)` for the words of a UTF-8 text, in order: runs of letters, digits and their
/// marks, folded (`fold`), of at least `min_bytes` bytes. Everything else ends a word: blanks of
/// every kind, the apostrophe and the point within a number too, which keeps words as they are
/// typed apart; by that it is simpler than UAX #29. A Chinese character is a word of its own, runs
/// of hiragana and of katakana are words; Thai, Lao, Khmer and Burmese, which write without blanks,
/// are cut at blanks and zero-width spaces alone. The Cyrillic short i and short u, yi, gje and kje
/// are letters of their own and not a letter with an accent.
/// The word is borrowed for the call; it is built in `word`, which allocates nothing where it has
/// room for `unicode::most_growth` times the text.
template <class Visit>
void for_each_word(std::string_view text, std::size_t min_bytes, std::string& word, Visit&& visit) {
  detail::WordSink sink(min_bytes, word, visit);
  fold(text, sink);
  sink.gap();
}

template <class Visit>
void for_each_word(std::string_view text, std::size_t min_bytes, Visit&& visit) {
  std::string word;
  for_each_word(text, min_bytes, word, visit);
}

}  // namespace bodega::inline BODEGA_ABI
