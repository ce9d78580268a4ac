// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/text/unicode_tables.hpp>

namespace bodega::inline BODEGA_ABI {

template <WeightFormat W>
class SearchIndex;

/// The items that match a text, and the memory of finding them, taken once for a catalogue and used
/// again for every text. One per thread. Memory: 28 bytes an item.
class SearchMatches {
 public:
  /// The bytes of a text that count; what follows is not read.
  static constexpr std::size_t max_text_bytes = 256;
  static constexpr std::uint32_t no_term = UINT32_MAX;

  explicit SearchMatches(std::size_t items);

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

  void add(ItemIndex item, std::uint32_t term, float value) noexcept;

  /// Adds what was found for one word, by its rarity. False where nothing was.
  bool end_word() noexcept;

  /// An item that matches some of the words counts the share of them.
  void end_text(std::size_t words) noexcept;

  std::vector<Place> places_;
  std::vector<ItemIndex> items_, of_word_;
  std::string word_;
};

#if BODEGA_BODIES

BODEGA_INLINE SearchMatches::SearchMatches(std::size_t items) : places_(items) {
  items_.reserve(items);
  of_word_.reserve(items);
  word_.reserve(max_text_bytes * unicode::most_growth);
}

BODEGA_INLINE void SearchMatches::add(ItemIndex item, std::uint32_t term, float value) noexcept {
  Place& place = places_[item.value()];
  if (!(value > place.of_word)) return;
  if (place.of_word == 0) of_word_.push_back(item);  // within the reserve: each item once
  place.of_word = value;
  place.term_of_word = term;
}

BODEGA_INLINE bool SearchMatches::end_word() noexcept {
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

BODEGA_INLINE void SearchMatches::end_text(std::size_t words) noexcept {
  for (const ItemIndex item : items_) {
    Place& place = places_[item.value()];
    place.score *= static_cast<float>(place.words) / static_cast<float>(words);
  }
}

#endif

}  // namespace bodega::inline BODEGA_ABI
