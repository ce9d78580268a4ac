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

/// What a letter says of where its word ends.
enum class Script : std::uint8_t {
  any,       ///< words are set apart by something else
  hiragana,  ///< a word ends where another script begins
  katakana,  ///< a word ends where another script begins
  sign,      ///< a word of its own: Chinese characters
  mark,      ///< of the script of what stands before it
};

namespace detail {

/// The number of the run of a code point beyond ASCII.
std::size_t unicode_run(char32_t value) noexcept;

Script script_of(unicode::Kind kind) noexcept;

/// Hands on a text of the tables, where a blank is a gap.
template <class Sink>
void fold_spelling(std::string_view text, Script script, Sink& sink) {
  while (!text.empty()) {
    std::size_t bytes = text[0] == ' ' ? 1 : text.find(' ');
    if (script == Script::sign && text[0] != ' ') bytes = decode_utf8(text, 0).bytes;
    if (text[0] == ' ')
      sink.gap();
    else
      sink.put(text.substr(0, bytes), script);
    text.remove_prefix(std::min(bytes, text.size()));
  }
}

/// Hands on what a code point beyond ASCII is folded to. `run` is that of the letter before, which
/// is mostly the same.
template <class Sink>
void fold_code_point(std::string_view bytes, char32_t value, std::size_t& run, Sink& sink) {
  using unicode::Kind;
  const auto& begin = unicode::run_begin;
  const std::uint32_t key = std::uint32_t{value} * 16 + 15;
  if (key < begin[run] || (run + 1 < begin.size() && key >= begin[run + 1]))
    run = unicode_run(value);
  const auto kind = static_cast<Kind>(begin[run] & 15);
  const std::uint32_t place = value - (begin[run] >> 4);
  const std::size_t number = unicode::run_number[run];
  const auto put = [&](std::int64_t one) {
    char letter[4] = {};
    const std::size_t size = encode_utf8(static_cast<char32_t>(one), letter);
    sink.put(std::string_view(letter, size), Script::any);
  };
  switch (kind) {
    case Kind::letter:
    case Kind::mark:
    case Kind::hiragana:
    case Kind::katakana:
    case Kind::sign:
      return sink.put(bytes, script_of(kind));
    case Kind::gap:
      return sink.gap();
    case Kind::nothing:
      return sink.left_out(value);
    case Kind::one:
      return put(unicode::run_value[number]);
    case Kind::shifted:
      return put(std::int64_t{value} + unicode::run_value[number]);
    case Kind::paired:
      return put(value + (place % 2 == 0 ? 1 : 0));
    case Kind::hangul: {  // initial, vowel, final of a syllable, as Unicode numbers them
      constexpr std::uint32_t vowels = 21, finals = 28;
      put(0x1100 + place / (vowels * finals));
      put(0x1161 + place / finals % vowels);
      if (place % finals > 0) put(0x11A7 + place % finals);
      return;
    }
    case Kind::spelt:
    case Kind::spelt_hiragana:
    case Kind::spelt_katakana:
    case Kind::spelt_sign:
      return fold_spelling(unicode::spelling(number, place), script_of(kind), sink);
  }
}

}  // namespace detail

/// Folds a UTF-8 text: what differs only in case, in accents or in the way it is written is the
/// same afterwards. Hands it to a sink, in order:
///
///   sink.put(letters, script)   letters, digits and marks, one or some at a time
///   sink.left_out(code_point)   an accent or an invisible sign that was left out
///   sink.gap()                  all else: blanks of every kind, points, symbols
///
/// By Unicode (`unicode::version`): full case folding (the German sharp s is ss, Greek has one
/// sigma), compatibility decomposition (ligatures, full-width letters, "kg" as one sign), digits of
/// every script as 0 to 9; without accents, Hebrew and Arabic points, soft hyphens, joiners and
/// other invisible signs. Beyond it: letters with a stroke are those without it, ae and oe as one
/// letter are two, and the Turkish i without a dot is an i, since its capital is I.
/// Vowel signs and tones of Indian scripts and of Thai stay; so does the voicing of kana. A
/// letter that Unicode does not know yet, and each byte that is no UTF-8, stays as it is. What is
/// folded does not change when it is folded again.
template <class Sink>
void fold(std::string_view text, Sink& sink) {
  const auto ascii = [](char byte) {  // the folded letter or digit, 0 for what is none
    const bool plain = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9');
    const bool capital = byte >= 'A' && byte <= 'Z';
    return plain ? byte : capital ? static_cast<char>(byte + ('a' - 'A')) : '\0';
  };
  std::size_t run = 0;
  for (std::size_t at = 0; at < text.size();) {
    char letters[32];
    std::size_t count = 0;
    while (at < text.size() && count < sizeof letters && (letters[count] = ascii(text[at])) != 0) {
      ++count;
      ++at;
    }
    if (count > 0) {
      sink.put(std::string_view(letters, count), Script::any);
    } else if (static_cast<unsigned char>(text[at]) < 0x80) {
      sink.gap();
      ++at;
    } else {
      const CodePoint letter = decode_utf8(text, at);
      const std::string_view bytes = text.substr(at, letter.bytes);
      if (letter.valid())
        detail::fold_code_point(bytes, letter.value, run, sink);
      else
        sink.put(bytes, Script::any);
      at += letter.bytes;
    }
  }
}

#if BODEGA_BODIES

namespace detail {

BODEGA_INLINE std::size_t unicode_run(char32_t value) noexcept {
  const auto& begin = unicode::run_begin;
  const auto behind =
      std::upper_bound(begin.begin() + 1, begin.end(), std::uint32_t{value} * 16 + 15);
  return static_cast<std::size_t>(behind - begin.begin()) - 1;
}

BODEGA_INLINE Script script_of(unicode::Kind kind) noexcept {
  using unicode::Kind;
  return kind == Kind::hiragana || kind == Kind::spelt_hiragana   ? Script::hiragana
         : kind == Kind::katakana || kind == Kind::spelt_katakana ? Script::katakana
         : kind == Kind::sign || kind == Kind::spelt_sign         ? Script::sign
         : kind == Kind::mark                                     ? Script::mark
                                                                  : Script::any;
}

}  // namespace detail

#endif

}  // namespace bodega::inline BODEGA_ABI
