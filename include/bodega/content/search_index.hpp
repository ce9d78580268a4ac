// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/content/tokenizer.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/data/catalog.hpp>
#include <bodega/data/string_table.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/tensor/rows.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega {

struct SearchIndexOptions {
  float description_weight = 1;   ///< of a word of the description; 0 leaves descriptions out
  float attribute_weight = 0.5f;  ///< of a word of an attribute's value
  float id_weight = 1;            ///< of a word of the shop's own code
  float saturation = 1.2f;        ///< BM25's k1: how much a word says that is there again
  float length = 0.75f;           ///< BM25's b: how much long names lose, 0 to 1
};

/// What a word of the text and a term of the catalogue count that are not the same.
struct MatchOptions {
  float prefix = 0.8f;  ///< a term that begins with one typed letter; nearer 1 the more is typed
  float typo = 0.5f;    ///< a term, or its beginning, that is one edit away; times the above
  std::size_t min_typo_letters = 4;  ///< a shorter word has no typo
};

/// The items that match a text, and the memory of finding them, taken once for a catalogue and used
/// again for every text. One per thread. Memory: 28 bytes an item.
class SearchMatches {
 public:
  /// The bytes of a text that count; what follows is not read.
  static constexpr std::size_t max_text_bytes = 256;
  static constexpr std::uint32_t no_term = UINT32_MAX;

  explicit SearchMatches(std::size_t items) : places_(items) {
    items_.reserve(items);
    of_word_.reserve(items);
    word_.reserve(max_text_bytes);
  }

  std::size_t items() const noexcept { return places_.size(); }
  /// Every item that matches, once, in no order that means anything.
  std::span<const ItemIndex> found() const noexcept { return items_; }
  /// How well it matches: above 0 for what was found, else 0.
  float score(ItemIndex item) const noexcept {
    return item.value() < items() ? places_[item.value()].score : 0;
  }
  /// The term that adds most to the score; `no_term` for what was not found.
  std::uint32_t term(ItemIndex item) const noexcept {
    return score(item) > 0 ? places_[item.value()].term : no_term;
  }

  /// Cost: the items found.
  void clear() noexcept {
    for (const ItemIndex item : items_) places_[item.value()] = {};
    items_.clear();
  }

 private:
  template <WeightFormat W>
  friend class SearchIndex;

  struct Place {
    float score = 0, strongest = 0;
    std::uint32_t term = no_term, words = 0;
    float of_word = 0;  // the best term for the word at hand
    std::uint32_t term_of_word = no_term;
  };

  void add(ItemIndex item, std::uint32_t term, float value) noexcept {
    Place& place = places_[item.value()];
    if (!(value > place.of_word)) return;
    if (place.of_word == 0) of_word_.push_back(item);  // within the reserve: each item once
    place.of_word = value;
    place.term_of_word = term;
  }

  /// Adds what was found for one word, by its rarity. False where nothing was.
  bool end_word() noexcept {
    const auto n = static_cast<double>(of_word_.size()), all = static_cast<double>(items());
    const auto rarity = static_cast<float>(std::log1p((all - n + 0.5) / (n + 0.5)));
    for (const ItemIndex item : of_word_) {
      Place& place = places_[item.value()];
      if (place.words++ == 0) items_.push_back(item);
      const float part = rarity * std::exchange(place.of_word, 0.0f);
      place.score += part;
      if (part > place.strongest) {
        place.strongest = part;
        place.term = place.term_of_word;
      }
    }
    of_word_.clear();
    return n > 0;
  }

  /// An item that matches some of the words counts the share of them.
  void end_text(std::size_t words) noexcept {
    for (const ItemIndex item : items_) {
      Place& place = places_[item.value()];
      place.score *= static_cast<float>(place.words) / static_cast<float>(words);
    }
  }

  std::vector<Place> places_;
  std::vector<ItemIndex> items_, of_word_;
  std::string word_;
};

/// An inverted index over the words of a catalogue's descriptions, attributes and ids, for a text
/// as it is typed. A word of the text finds the terms that are it or begin with it; where there are
/// none, and it has letters enough, those that are or begin one edit away: a letter wrong, missing,
/// too many, or two swapped. Per word an item counts its best term, by
///
///   ln(1 + (items - n + 0.5) / (n + 0.5)) * tf / (tf + k1 (1 - b + b length / mean length))
///
/// where n are the items that the word finds at all (so the rarest of the terms that begin alike
/// does not lead). Words add up, times the share of the words that the item matches; a word that
/// finds nothing is left out.
///
/// Shape of the stored weights: terms x items, without the logarithm; terms in order of their
/// bytes. Thread rule: immutable, any number of readers, each with its own `SearchMatches`. Cost of
/// a text: the entries of the terms found, and for a typo some letters x distinct letters binary
/// searches. Source: Robertson, Zaragoza, "The probabilistic relevance framework: BM25 and beyond",
/// 2009.
template <WeightFormat W = CsrMatrix<float>>
class SearchIndex {
 public:
  static constexpr std::string_view kind = "search_index";
  template <WeightFormat V>
  using with_weights = SearchIndex<V>;

  SearchIndex() = default;

  /// Error (invalid_argument) where a weight is not a finite number of 0 or more, or `length` is
  /// above 1. An item without words is in the index and is never found.
  explicit SearchIndex(const Catalog& catalog, const SearchIndexOptions& options = {}) requires
      std::same_as<W, CsrMatrix<float>> {
    check(options);
    fit(catalog, options);
  }

  std::size_t items() const noexcept { return term_items_.columns(); }
  std::size_t terms() const noexcept { return terms_.size(); }
  /// Empty where there is no such term.
  std::string_view term(std::uint32_t number) const noexcept {
    return number < terms_.size() ? terms_[number] : std::string_view();
  }
  const W& term_items() const noexcept { return term_items_; }

  /// Finds what matches the first 256 bytes of a text. Nothing for a text without words, and where
  /// `matches` is for another catalogue's size. Bytes that are no UTF-8 are letters that match
  /// themselves. Allocates nothing.
  void match(std::string_view text, SearchMatches& matches,
             const MatchOptions& options = {}) const noexcept {
    matches.clear();
    if (matches.items() != items()) return;
    std::size_t words = 0;
    for_each_word(text.substr(0, SearchMatches::max_text_bytes), 1, matches.word_,
                  [&](std::string_view word) {
                    const auto add = [&](Range range, std::size_t size, float closeness) {
                      add_terms(range, size, closeness, options.prefix, matches);
                    };
                    add(narrow({0, count()}, 0, word), word.size(), 1.0f);
                    if (matches.of_word_.empty() && letters(word) >= options.min_typo_letters)
                      for_each_edit(word, [&](Range range, std::size_t size) {
                        add(range, size, options.typo);
                      });
                    words += matches.end_word();
                  });
    matches.end_text(words);
  }

  void validate(const std::string& where) const {
    terms_.validate(where + ", terms");
    for (std::size_t t = 1; t < terms_.size(); ++t)
      if (!(terms_[t - 1] < terms_[t]))
        throw Error(ErrorCode::format, where + ", terms, text " + std::to_string(t),
                    "terms that rise", "'" + std::string(terms_[t]) + "'");
    validate_weights(term_items_, where + ", term_items");
    validate_size(term_items_.rows(), terms_.size(), where + ", rows of term_items");
  }

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("terms", self.terms_);
    visit("term_items", self.term_items_, Role::weight);
  }

  bool operator==(const SearchIndex&) const = default;

 private:
  /// Terms from `first` up to `last`.
  struct Range {
    std::uint32_t first, last;
  };

  static void check(const SearchIndexOptions& options) {
    const auto want = [](float value, std::string_view option, float most) {
      if (!(value >= 0 && value <= most))
        throw Error(ErrorCode::invalid_argument, "SearchIndex, option " + std::string(option),
                    most == 1 ? "a number from 0 to 1" : "a finite number of 0 or more",
                    std::to_string(value));
    };
    constexpr float any = std::numeric_limits<float>::max();
    want(options.description_weight, "description_weight", any);
    want(options.attribute_weight, "attribute_weight", any);
    want(options.id_weight, "id_weight", any);
    want(options.saturation, "saturation", any);
    want(options.length, "length", 1);
  }

  void fit(const Catalog& catalog, const SearchIndexOptions& options) {
    struct Use {
      std::uint32_t term, item;
      float weight;
    };
    StringSet all;
    std::vector<Use> uses;
    std::vector<float> length(catalog.size(), 0.0f);
    for (std::uint32_t i = 0; i < catalog.size(); ++i) {
      const ItemIndex item(i);
      const auto use = [&](std::string_view text, float weight) {
        if (weight > 0)
          for_each_word(text, 1, [&](std::string_view word) {
            uses.push_back({all.add(word), i, weight});
            length[i] += weight;
          });
      };
      use(catalog.description(item), options.description_weight);
      for (std::size_t n = 0; n < catalog.attribute_count(item); ++n)
        use(catalog.attribute(item, n).value, options.attribute_weight);
      use(catalog.id(item), options.id_weight);
    }

    std::vector<std::uint32_t> order(all.size()), number(all.size());
    std::iota(order.begin(), order.end(), 0u);
    std::sort(order.begin(), order.end(),
              [&](std::uint32_t a, std::uint32_t b) { return all[a] < all[b]; });
    for (std::uint32_t n = 0; n < order.size(); ++n) {
      number[order[n]] = n;
      terms_.add(all[order[n]]);
    }
    for (Use& use : uses) use.term = number[use.term];
    std::stable_sort(uses.begin(), uses.end(), [](const Use& a, const Use& b) {
      return a.term < b.term || (a.term == b.term && a.item < b.item);
    });

    const double sum = std::accumulate(length.begin(), length.end(), 0.0);
    const auto mean =
        static_cast<float>(sum / static_cast<double>(std::max<std::size_t>(1, length.size())));
    term_items_ = CsrMatrix<float>(catalog.size());
    std::vector<std::uint32_t> columns;
    std::vector<float> values;
    for (std::size_t k = 0; k < uses.size();) {
      columns.clear();
      values.clear();
      for (const std::uint32_t term = uses[k].term; k < uses.size() && uses[k].term == term;) {
        const std::uint32_t item = uses[k].item;
        float frequency = 0;
        for (; k < uses.size() && uses[k].term == term && uses[k].item == item; ++k)
          frequency += uses[k].weight;
        const float norm = 1 - options.length + options.length * length[item] / mean;
        columns.push_back(item);
        values.push_back(frequency / (frequency + options.saturation * norm));
      }
      term_items_.add_row(columns, values);
    }
  }

  std::uint32_t count() const noexcept { return static_cast<std::uint32_t>(terms_.size()); }

  /// Of terms that share their first `depth` bytes, those that go on with `bytes`.
  Range narrow(Range range, std::size_t depth, std::string_view bytes) const noexcept {
    const auto border = [&](std::uint32_t first, bool beyond) {
      std::uint32_t last = range.last;
      while (first < last) {
        const std::uint32_t middle = first + (last - first) / 2;
        const int order = terms_[middle].substr(depth, bytes.size()).compare(bytes);
        if (order < 0 || (beyond && order == 0))
          first = middle + 1;
        else
          last = middle;
      }
      return first;
    };
    range.first = border(range.first, false);
    range.last = border(range.first, true);
    return range;
  }

  /// Terms of `range` begin with the `size` bytes that were looked for.
  void add_terms(Range range, std::size_t size, float closeness, float prefix,
                 SearchMatches& matches) const noexcept {
    for (std::uint32_t term = range.first; term < range.last; ++term) {
      const float typed = static_cast<float>(size) / static_cast<float>(terms_[term].size());
      const float factor = closeness * (prefix + (1 - prefix) * typed);
      for_each_entry(term_items_, term, [&](std::uint32_t item, float value) {
        matches.add(ItemIndex(item), term, factor * value);
      });
    }
  }

  /// Bytes of the UTF-8 letter at `at`; of what is no UTF-8, one byte. 0 at the end.
  static std::size_t letter_bytes(std::string_view text, std::size_t at) noexcept {
    if (at >= text.size()) return 0;
    const auto lead = static_cast<unsigned char>(text[at]);
    const std::size_t bytes = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    for (std::size_t k = 1; k < bytes; ++k)
      if (at + k >= text.size() || (static_cast<unsigned char>(text[at + k]) & 0xC0) != 0x80)
        return 1;
    return bytes;
  }
  static std::size_t letters(std::string_view text) noexcept {
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size(); at += letter_bytes(text, at)) ++count;
    return count;
  }

  /// Calls `visit(range, size)` for the terms that begin with `word` after one edit, `size` bytes
  /// of them; for some more than once. Terms are walked as the tree of their letters that their
  /// order makes them: up to the edit by the word, at the edit by each letter there is, then by the
  /// rest.
  template <class Visit>
  void for_each_edit(std::string_view word, Visit&& visit) const noexcept {
    Range node{0, count()};
    for (std::size_t at = 0; at < word.size() && node.first < node.last;) {
      const std::size_t bytes = letter_bytes(word, at), next = letter_bytes(word, at + bytes);
      const std::string_view letter = word.substr(at, bytes), from = word.substr(at),
                             rest = from.substr(bytes);
      visit(narrow(node, at, rest), at + rest.size());  // one too many
      if (next > 0) {                                   // two swapped
        Range swapped = narrow(node, at, rest.substr(0, next));
        swapped = narrow(swapped, at + next, letter);
        visit(narrow(swapped, at + next + bytes, rest.substr(next)), word.size());
      }
      for (std::uint32_t term = node.first; term < node.last;) {
        const std::string_view other = terms_[term].substr(at, letter_bytes(terms_[term], at));
        if (other.empty()) {  // the term ends here
          ++term;
          continue;
        }
        const Range child = narrow({term, node.last}, at, other);
        const std::size_t depth = at + other.size();
        if (other != letter) {
          visit(narrow(child, depth, rest), depth + rest.size());  // another one
          visit(narrow(child, depth, from), depth + from.size());  // one is missing
        }
        term = child.last;
      }
      node = narrow(node, at, letter);
      at += bytes;
    }
  }

  StringTable terms_;
  W term_items_;
};

}  // namespace bodega
