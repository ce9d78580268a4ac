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

#include <bodega/content/search_matches.hpp>
#include <bodega/content/tokenizer.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/options.hpp>
#include <bodega/core/utf8.hpp>
#include <bodega/data/catalog.hpp>
#include <bodega/data/string_table.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/tensor/rows.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

struct SearchIndexOptions {
  float description_weight = 1;
  float attribute_weight = 0.5f;
  float id_weight = 1;
  float saturation = 1.2f;
  float length = 0.75f;

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("description_weight", self.description_weight,
          "Of a word of the description; 0 leaves descriptions out.");
    visit("attribute_weight", self.attribute_weight, "Of a word of an attribute's value.");
    visit("id_weight", self.id_weight, "Of a word of the shop's own code.");
    visit("saturation", self.saturation, "BM25's k1: how much a word says that is there again.");
    visit("length", self.length, "BM25's b: how much long names lose, 0 to 1.");
  }
};

/// What a word of the text and a term of the catalogue count that are not the same.
struct MatchOptions {
  float prefix = 0.8f;
  float typo = 0.5f;
  std::size_t min_typo_letters = 4;

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("prefix", self.prefix,
          "A term that begins with one typed letter; nearer 1 the more is typed.");
    visit("typo", self.typo, "A term, or its beginning, that is one edit away; times the above.");
    visit("min_typo_letters", self.min_typo_letters, "A shorter word has no typo.");
  }
};

namespace detail {

/// Keys of an index whose terms were folded by other rules than those of today, and the term of
/// each; nothing where terms are as today's rules make them.
struct SearchKeys {
  SearchKeys() = default;
  explicit SearchKeys(const StringTable& texts) {
    std::string key;
    bool as_today = true;
    for (std::size_t term = 0; term < texts.size() && as_today; ++term) {
      std::size_t same = 0;
      for_each_word(texts[term], 1, key,
                    [&](std::string_view word) { same += word == texts[term] ? 1 : 2; });
      as_today = same == 1;
    }
    if (as_today) return;
    std::vector<std::pair<std::string, std::uint32_t>> words;
    for (std::uint32_t term = 0; term < texts.size(); ++term)
      for_each_word(texts[term], 1, key,
                    [&](std::string_view word) { words.emplace_back(word, term); });
    std::sort(words.begin(), words.end());
    for (const auto& [word, term] : words) {
      keys.add(word);
      terms.push_back(term);
    }
  }

  StringTable keys;
  std::vector<std::uint32_t> terms;
};

}  // namespace detail

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

  /// `terms` in order of their bytes; `term_items`: terms x items. Throws Error(shape, format,
  /// not_finite) as `validate`.
  SearchIndex(StringTable terms, W term_items)
      : terms_(std::move(terms)), term_items_(std::move(term_items)) {
    validate("SearchIndex");
    restore();
  }

  std::size_t items() const noexcept { return term_items_.columns(); }
  std::size_t terms() const noexcept { return terms_.size(); }
  const StringTable& term_texts() const noexcept { return terms_; }
  /// Empty where there is no such term.
  std::string_view term(std::uint32_t number) const noexcept {
    return number < terms_.size() ? terms_[number] : std::string_view();
  }
  const W& term_items() const noexcept { return term_items_; }

  /// Finds what matches the first 256 bytes of a text; case, accents and the way of writing do not
  /// matter (`for_each_word`). Nothing for a text without words, and where `matches` is for another
  /// catalogue's size. Bytes that are no UTF-8 are letters that match themselves. Allocates
  /// nothing.
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

  /// Makes the keys of an index whose terms were folded by other rules than those of today (earlier
  /// versions lowered Latin letters alone), so that it finds by today's; to be called after
  /// `validate`.
  void restore() { keys_ = detail::SearchKeys(terms_); }

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("terms", self.terms_);
    visit("term_items", self.term_items_, Role::weight);
  }

  bool operator==(const SearchIndex& other) const noexcept {
    return terms_ == other.terms_ && term_items_ == other.term_items_;
  }

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

  /// What a text is looked up in: rising texts, mostly the terms themselves.
  const StringTable& keys() const noexcept { return keys_.terms.empty() ? terms_ : keys_.keys; }
  std::uint32_t count() const noexcept { return static_cast<std::uint32_t>(keys().size()); }

  /// Of keys that share their first `depth` bytes, those that go on with `bytes`.
  Range narrow(Range range, std::size_t depth, std::string_view bytes) const noexcept {
    const StringTable& keys = this->keys();
    const auto border = [&](std::uint32_t first, bool beyond) {
      std::uint32_t last = range.last;
      while (first < last) {
        const std::uint32_t middle = first + (last - first) / 2;
        const int order = keys[middle].substr(depth, bytes.size()).compare(bytes);
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

  /// Keys of `range` begin with the `size` bytes that were looked for.
  void add_terms(Range range, std::size_t size, float closeness, float prefix,
                 SearchMatches& matches) const noexcept {
    const StringTable& keys = this->keys();
    for (std::uint32_t key = range.first; key < range.last; ++key) {
      const float typed = static_cast<float>(size) / static_cast<float>(keys[key].size());
      const float factor = closeness * (prefix + (1 - prefix) * typed);
      const std::uint32_t term = keys_.terms.empty() ? key : keys_.terms[key];
      for_each_entry(term_items_, term, [&](std::uint32_t item, float value) {
        matches.add(ItemIndex(item), term, factor * value);
      });
    }
  }

  /// Bytes of the letter at `at`; of what is no UTF-8, one byte. 0 at the end.
  static std::size_t letter_bytes(std::string_view text, std::size_t at) noexcept {
    return at < text.size() ? decode_utf8(text, at).bytes : 0;
  }
  static std::size_t letters(std::string_view text) noexcept {
    std::size_t count = 0;
    for (std::size_t at = 0; at < text.size(); at += letter_bytes(text, at)) ++count;
    return count;
  }

  /// Calls `visit(range, size)` for the keys that begin with `word` after one edit, `size` bytes
  /// of them; for some more than once. Keys are walked as the tree of their letters that their
  /// order makes them: up to the edit by the word, at the edit by each letter there is, then by the
  /// rest.
  template <class Visit>
  void for_each_edit(std::string_view word, Visit&& visit) const noexcept {
    const StringTable& keys = this->keys();
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
      for (std::uint32_t key = node.first; key < node.last;) {
        const std::string_view other = keys[key].substr(at, letter_bytes(keys[key], at));
        if (other.empty()) {  // the key ends here
          ++key;
          continue;
        }
        const Range child = narrow({key, node.last}, at, other);
        const std::size_t depth = at + other.size();
        if (other != letter) {
          visit(narrow(child, depth, rest), depth + rest.size());  // another one
          visit(narrow(child, depth, from), depth + from.size());  // one is missing
        }
        key = child.last;
      }
      node = narrow(node, at, letter);
      at += bytes;
    }
  }

  StringTable terms_;
  W term_items_;
  detail::SearchKeys keys_;  // what restore() makes
};

}  // namespace bodega::inline BODEGA_ABI
