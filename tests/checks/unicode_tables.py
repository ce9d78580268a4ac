# SPDX-License-Identifier: MIT
"""Makes include/bodega/text/unicode_tables.hpp, and checks that it is what this script makes.

    python3 tests/checks/unicode_tables.py <repository> [--write]

The data is Python's own (unicodedata), which states its version of Unicode. A check by a Python of
another version ends with 77, which ctest shows as skipped. The tests hold the tables against
utf8proc besides.
"""
import re
import sys
import unicodedata
from pathlib import Path

HEADER = Path("include/bodega/text/unicode_tables.hpp")
CODE_POINTS = [c for c in range(0x80, 0x110000) if not 0xD800 <= c < 0xE000]

# Letters that no decomposition takes apart: those with a stroke and those of two letters, as
# Unicode's collation has them, and the Turkish i without a dot, whose capital is I.
SPELT_AS = {"ø": "o", "đ": "d", "ħ": "h", "ł": "l", "ŧ": "t", "ı": "i", "ȷ": "j",
            "æ": "ae", "œ": "oe"}
# Letters of their own though Unicode takes them apart: each has a key of its own where it is used.
# (ё is not among them: it is mostly written е.)
WHOLE = "йўїѓќ"
# These end a word though Unicode calls some of them letters, as their ASCII likes do.
GAPS = "™℠\u02bb\u02bc\u200b"
TATWEEL, PROLONGED = "\u0640", "ー"
IDEOGRAPHS = [(0x3005, 0x3007), (0x3021, 0x3029), (0x3038, 0x303B), (0x3400, 0x4DBF),
              (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF)]
# Fillers and selectors of variants, which Unicode calls ignorable without the category of a format.
IGNORABLE = [(0x034F, 0x034F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
             (0x2065, 0x2065), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFFA0, 0xFFA0),
             (0xFFF0, 0xFFF8), (0xE0000, 0xE0FFF)]


def among(c: int, ranges: list[tuple[int, int]]) -> bool:
    return any(first <= c <= last for first, last in ranges)


def is_accent(letter: str) -> bool:
    """Marks that a typist may leave out: accents, Hebrew and Arabic points. Vowel signs and tones
    of Indian scripts and of Thai, and the voicing of kana, have other classes and stay."""
    order = unicodedata.combining(letter)
    return order == 1 or 10 <= order <= 36 or 200 <= order <= 240 or (
        unicodedata.category(letter) == "Me")


def letter_class(letter: str) -> str:
    c, category, name = ord(letter), unicodedata.category(letter), unicodedata.name(letter, "")
    if 0x302A <= c <= 0x302F or c in (0x3099, 0x309A) or letter == PROLONGED:
        return "mark"
    if letter in GAPS or category[0] not in "LMN" and category not in ("Cn", "Co"):
        return "gap"
    if among(c, IDEOGRAPHS):
        return "sign"
    if name.startswith("HIRAGANA"):
        return "hiragana"
    if name.startswith("KATAKANA"):
        return "katakana"
    return "letter"


def taken_apart(letter: str) -> str:
    """Compatibility decomposition without accents, case folded."""
    text = letter
    while True:
        apart = ""
        for c in unicodedata.normalize("NFC", text):
            whole = c.casefold() in WHOLE
            for part in c if whole else unicodedata.normalize("NFKD", c):
                if not is_accent(part):
                    apart += "".join(SPELT_AS.get(folded, folded) for folded in part.casefold())
        if apart == text:
            return text
        text = apart


def meaning(c: int) -> tuple[str, str]:
    """The kind of a code point, and the text it is folded to."""
    letter = chr(c)
    category = unicodedata.category(letter)
    if letter in GAPS:
        return "gap", ""
    if category == "Cf" or letter == TATWEEL or among(c, IGNORABLE) or is_accent(letter):
        return "nothing", ""
    if 0xAC00 <= c <= 0xD7A3:
        return "hangul", ""
    digit = unicodedata.decimal(letter, None)
    text = str(digit) if digit is not None else taken_apart(letter)
    if text == letter:
        return letter_class(letter), letter
    if category[0] == "N" and "\u2044" in text:  # 1½ is no 11
        text = " " + text
    text = text.replace(TATWEEL, "")
    classes = {letter_class(t).replace("mark", "katakana") for t in text}  # marks alone: half-width
    text = "".join(" " if letter_class(t) == "gap" else t for t in text)
    if not text.strip():
        return "gap" if text else "nothing", ""
    for kind in ("hiragana", "katakana", "sign"):
        if kind in classes:
            return "spelt_" + kind, text
    return "spelt", text


def all_meanings() -> list[tuple[int, str, str]]:
    """Code point, kind and text, in order. What has no meaning yet has that of its neighbour, so
    that a new letter of a known script is a letter."""
    found, before = [], "letter"
    for c in CODE_POINTS:
        kind, text = meaning(c)
        if unicodedata.category(chr(c)) == "Cn" and kind == "letter":
            kind = before if before in ("letter", "gap", "sign") else "letter"
        found.append((c, kind, text))
        before = kind
    return found


def one_kind(found: list[tuple[int, str, str]], at: int) -> tuple[str, int, int]:
    """The longest run that begins at `at` and is told by one number: kind, number, end."""
    def end(test):
        k = at
        while k < len(found) and found[k][0] - found[at][0] == k - at and test(k):
            k += 1
        return k

    c, kind, text = found[at]
    if kind != "spelt" or len(text) != 1:
        return kind, 0, end(lambda k: found[k][1] == kind
                            and (kind != "spelt" or len(found[k][2]) > 1))
    shift = ord(text) - c
    pair = {0: ("spelt", 1), 1: ("letter", 0)}
    choices = [
        (end(lambda k: found[k][1] == kind and found[k][2] == text), "one", ord(text)),
        (end(lambda k: found[k][1] == kind and len(found[k][2]) == 1
             and ord(found[k][2]) - found[k][0] == shift), "shifted", shift),
        (end(lambda k: found[k][1] == pair[(k - at) % 2][0] and len(found[k][2]) == 1
             and ord(found[k][2]) - found[k][0] == pair[(k - at) % 2][1]), "paired", 0)]
    last, kind, number = max(choices, key=lambda choice: choice[0])
    return kind, number, last


def runs() -> tuple[list[tuple[int, str, int]], list[str]]:
    """Runs of code points of one kind, each with a number, and the texts of what is spelt."""
    found, at, pieces = all_meanings(), 0, []
    while at < len(found):
        kind, number, end = one_kind(found, at)
        pieces.append([found[at][0], kind, number, [(c, t) for c, _, t in found[at:end]]])
        at = end
    # Short runs beside spelt ones are spelt too: a run costs 8 bytes, a text some 4.
    merged = []
    for first, kind, number, texts in pieces:
        small = len(texts) <= 3 and kind in ("spelt", "one", "shifted", "paired", "letter")
        if kind == "spelt" or small:
            kind = "spelt"
        if merged and merged[-1][1] == kind and kind.startswith("spelt"):
            merged[-1][3] += texts
        else:
            merged.append([first, kind, number, list(texts)])
    done, spelt = [], []
    for first, kind, number, texts in merged:
        if kind == "spelt" and all(chr(c) == t for c, t in texts):
            kind = "letter"
        if kind.startswith("spelt"):
            number = len(spelt)
            spelt += [t for _, t in texts]
        if not (done and done[-1][1] == kind and kind in ("letter", "gap", "nothing")):
            done.append((first, kind, number))
    return done, spelt


def capitals() -> list[tuple[int, int, int, int]]:
    """Runs of small letters that have one capital: first, last, step, shift."""
    found = []
    for c in CODE_POINTS:
        capital = chr(c).upper()
        if len(capital) != 1 or ord(capital) == c:
            continue
        shift = ord(capital) - c
        if found and found[-1][3] == shift and c - found[-1][1] in (1, 2) and (
                found[-1][0] == found[-1][1] or found[-1][2] == c - found[-1][1]):
            found[-1][1:3] = c, c - found[-1][1]
        else:
            found.append([c, c, 1, shift])
    return [tuple(run) for run in found]


def lines(parts: list[str], separator: str) -> str:
    """The parts in lines of at most 100 columns."""
    out, line = [], "   "
    for part in parts:
        if len(line) + 1 + len(part) + len(separator) > 100:
            out.append(line)
            line = "   "
        line += " " + part + separator
    return "\n".join(out + [line])


def quoted(texts: list[str]) -> str:
    """The texts one after the other as string literals, ASCII only."""
    out, line = [], ""
    for byte in "".join(texts).encode():
        part = chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}"
        if len(line) + len(part) > 92:
            out.append(line)
            line = ""
        line += part
    return "\n".join(f'    "{line}"' for line in out + [line])


def header() -> str:
    found, texts = runs()
    kinds = ["letter", "mark", "hiragana", "katakana", "sign", "gap", "nothing", "one", "shifted",
             "paired", "hangul", "spelt", "spelt_hiragana", "spelt_katakana", "spelt_sign"]
    begins, spellings = [], ""  # of each spelling, in bytes
    for text in texts:
        begins.append(len(spellings.encode()))
        spellings += text + ";"
    values = sorted({number for _, kind, number in found if kind in ("one", "shifted")})
    numbers = [begins[number] if kind.startswith("spelt") else
               values.index(number) if kind in ("one", "shifted") else 0
               for _, kind, number in found]
    version = unicodedata.unidata_version
    growth = max(len(m[2].encode()) / len(chr(m[0]).encode()) for m in all_meanings())
    upper = capitals()
    return f"""\
// SPDX-License-Identifier: MIT
#pragma once
// Written by tests/checks/unicode_tables.py from Unicode {version}; not to be edited by hand.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <bodega/core/abi.hpp>

/// What is known of the code points beyond ASCII. `text/fold.hpp` reads it; ask that.
namespace bodega::inline BODEGA_ABI::unicode {{

inline constexpr std::string_view version = "{version}";

/// What a run of code points is folded to.
enum class Kind : std::uint8_t {{
  letter,          ///< itself: a letter, digit or mark
  mark,            ///< itself, of the script of what stands before it
  hiragana,        ///< itself
  katakana,        ///< itself
  sign,            ///< itself, a word of its own (ideographs)
  gap,             ///< it ends a word
  nothing,         ///< it is left out: accents, formats, fillers
  one,             ///< all of the run are the code point `run_value[number]`
  shifted,         ///< the code point plus `run_value[number]`
  paired,          ///< capitals and their small letters in turn: the small one
  hangul,          ///< syllables, taken apart by arithmetic
  spelt,           ///< `spelling(number, place in the run)`, blanks are gaps
  spelt_hiragana,  ///< the same, as hiragana
  spelt_katakana,  ///< the same, as katakana
  spelt_sign,      ///< the same, each letter a word of its own
}};

/// The most bytes that one byte becomes.
inline constexpr std::size_t most_growth = {int(growth + 0.999)};

// clang-format off
/// Where a run begins, times 16, plus its kind. It ends before the next.
inline constexpr std::array<std::uint32_t, {len(found)}> run_begin = {{{{
{lines([str(first * 16 + kinds.index(kind)) for first, kind, _ in found], ",")}
}}}};

inline constexpr std::array<std::uint16_t, {len(found)}> run_number = {{{{
{lines([str(number) for number in numbers], ",")}
}}}};

inline constexpr std::array<std::int32_t, {len(values)}> run_value = {{{{
{lines([str(value) for value in values], ",")}
}}}};

/// Each ends with a semicolon.
inline constexpr char spellings[] =
{quoted([spellings])};

/// Small letters with one capital: `shift` leads from every `step`-th to it.
struct Capitals {{
  std::uint32_t first, last, step;
  std::int32_t shift;
}};
inline constexpr std::array<Capitals, {len(upper)}> capitals = {{{{
{lines(["{" + ", ".join(map(str, run)) + "}" for run in upper], ",")}
}}}};
// clang-format on

/// Complexity: the bytes of the run.
inline constexpr std::string_view spelling(std::size_t number, std::size_t place) noexcept {{
  std::string_view rest(spellings + number, sizeof spellings - 1 - number);
  for (; place > 0; --place) rest.remove_prefix(rest.find(';') + 1);
  return rest.substr(0, rest.find(';'));
}}

}}  // namespace bodega::inline BODEGA_ABI::unicode
"""


def main(root: Path, write: bool) -> int:
    path = root / HEADER
    if write:
        path.write_text(header())
        return 0
    there = path.read_text()
    version = re.search(r'version = "([\d.]+)"', there).group(1)
    if version != unicodedata.unidata_version:
        print(f"left out: the tables are of Unicode {version}, "
              f"this Python has {unicodedata.unidata_version}")
        return 77
    if there != header():
        print(f"{HEADER} is not what tests/checks/unicode_tables.py --write makes")
        return 1
    print(f"the tables are those of Unicode {version}")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), "--write" in sys.argv))
