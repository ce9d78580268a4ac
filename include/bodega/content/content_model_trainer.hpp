// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/content/content_model.hpp>
#include <bodega/content/pack_size.hpp>
#include <bodega/content/tokenizer.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/options.hpp>
#include <bodega/core/query.hpp>
#include <bodega/core/ratio.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/catalog.hpp>
#include <bodega/data/string_table.hpp>
#include <bodega/tensor/sparse.hpp>

namespace bodega::inline BODEGA_ABI {

struct ContentModelOptions {
  float word_weight = 1;
  float attribute_weight = 1;
  float price_weight = 0.5f;
  std::size_t price_bands = 0;
  /// The attribute that names an item's category: then bands are of its category's prices, so that
  /// what is cheap for a wine is like what is cheap for a cheese ("price=1 of 4"). Items of
  /// categories of fewer than two prices a band have none. Empty = bands of all prices.
  std::string price_within = {};
  float pack_weight = 0;
  /// The attribute that tells the pack size (`parse_pack_size`); empty = the description does.
  std::string pack_attribute = {};
  std::size_t min_word_bytes = 2;
  /// Terms of more than this share of the catalogue (and of more than 10 items) are left out: they
  /// say little and cost most of the time.
  double max_share = 0.5;

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("word_weight", self.word_weight, "Of a word of the description; 0 leaves words out.");
    visit("attribute_weight", self.attribute_weight, "Of an attribute; 0 leaves attributes out.");
    visit("price_weight", self.price_weight, "Of the price band.");
    visit("price_bands", self.price_bands,
          "Bands with about as many items each; 0 = price says nothing.");
    visit("price_within", self.price_within,
          "The attribute within whose values prices are compared; empty = all prices.");
    visit("pack_weight", self.pack_weight,
          "Of the pack size, in bands that double; 0 = it says nothing.");
    visit("pack_attribute", self.pack_attribute,
          "The attribute that tells the pack size; empty = the description does.");
    visit("min_word_bytes", self.min_word_bytes, "Shorter words are left out.");
    visit("max_share", self.max_share, "Terms of more than this share of the items are left out.");
  }
};

namespace detail {

#if BODEGA_BODIES
void check_content_options(const ContentModelOptions& options);

/// The item's first attribute of the name; empty if it has none.
std::string_view attribute_of(const Catalog& catalog, ItemIndex item, std::string_view name);

std::string pack_name(const PackSize& size);

/// Known prices, of all items or by category, cut into bands of about as many items each.
class PriceBands {
 public:
  PriceBands(const Catalog& catalog, std::size_t bands, std::string_view within);

  /// Empty where the price or the category is not known, or there are no bands.
  std::string name(ItemIndex item) const;

 private:
  std::string_view category(ItemIndex item) const {
    return within_.empty() ? std::string_view() : attribute_of(catalog_, item, within_);
  }
  static std::string text(Money price) {
    const std::string cents = std::to_string(price.raw() / (Money::scale / 100) % 100);
    return std::to_string(price.raw() / Money::scale) + (cents.size() < 2 ? ".0" : ".") + cents;
  }

  const Catalog& catalog_;
  std::size_t bands_;
  std::string_view within_;
  std::map<std::string_view, std::vector<Money>> prices_;
};

/// A term of an item and (1 + ln of its frequency) times the weight of its field.
struct TermUse {
  std::uint32_t term;
  float weight;
};

void merge_repeats(std::vector<TermUse>& uses);

/// The terms of each item's description, attributes, price and pack size, and of how many items
/// each term is.
class TermUses {
 public:
  TermUses(const Catalog& catalog, const ContentModelOptions& options);

  ContentModel<> model() const;

 private:
  void add_item(ItemIndex item, std::vector<TermUse>& uses);

  const Catalog& catalog_;
  const ContentModelOptions& options_;
  PriceBands bands_;
  StringSet all_;  // terms
  std::vector<std::vector<TermUse>> uses_;
  std::vector<std::size_t> items_with_;
};
#endif

}  // namespace detail

/// Learns the likeness of items from what the catalogue says of them.
/// Throws Error(invalid_argument) if a weight is not a finite number of 0 or more, or `max_share`
/// is not above 0. Complexity: linear in the words and attributes of the catalogue, times the
/// logarithm of those of an item.
ContentModel<> fit_content_model(const Catalog& catalog, const ContentModelOptions& options = {});

#if BODEGA_BODIES

namespace detail {

BODEGA_INLINE void check_content_options(const ContentModelOptions& options) {
  const auto want = [](bool right, std::string_view option, const char* expected, double found) {
    if (!right)
      throw Error(ErrorCode::invalid_argument, "fit_content_model, option " + std::string(option),
                  expected, std::to_string(found));
  };
  for (const auto& [option, weight] : {std::pair{"word_weight", options.word_weight},
                                       std::pair{"attribute_weight", options.attribute_weight},
                                       std::pair{"price_weight", options.price_weight},
                                       std::pair{"pack_weight", options.pack_weight}})
    want(weight >= 0 && std::isfinite(weight), option, "a finite number of 0 or more", weight);
  want(options.max_share > 0, "max_share", "a share above 0", options.max_share);
}

BODEGA_INLINE std::string_view attribute_of(const Catalog& catalog, ItemIndex item,
                                            std::string_view name) {
  for (std::size_t n = 0; n < catalog.attribute_count(item); ++n)
    if (const auto attribute = catalog.attribute(item, n); attribute.name == name)
      return attribute.value;
  return {};
}

BODEGA_INLINE std::string pack_name(const PackSize& size) {
  const auto number = [](double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%g", value);
    return std::string(text);
  };
  const double from = std::exp2(std::floor(std::log2(size.amount)));
  return "pack=" + number(from) + ".." + number(2 * from) +
         (size.unit == PackSize::Unit::gram         ? " g"
          : size.unit == PackSize::Unit::millilitre ? " ml"
                                                    : " pieces");
}

BODEGA_INLINE PriceBands::PriceBands(const Catalog& catalog, std::size_t bands,
                                     std::string_view within)
    : catalog_(catalog), bands_(bands), within_(within) {
  for (std::uint32_t i = 0; i < catalog.size() && bands > 0; ++i)
    if (catalog.price(ItemIndex(i)) > Money())
      prices_[category(ItemIndex(i))].push_back(catalog.price(ItemIndex(i)));
  for (auto& [category, prices] : prices_) std::sort(prices.begin(), prices.end());
}

BODEGA_INLINE std::string PriceBands::name(ItemIndex item) const {
  const Money price = catalog_.price(item);
  const auto found = prices_.find(category(item));
  if (found == prices_.end() || !(price > Money())) return {};
  const std::vector<Money>& prices = found->second;
  const auto band_of = [&](Money of) {  // all of one price in one band
    const auto below = std::lower_bound(prices.begin(), prices.end(), of) - prices.begin();
    return static_cast<std::size_t>(below) * bands_ / prices.size();
  };
  const std::size_t band = band_of(price);
  if (!within_.empty()) {
    if (category(item).empty() || prices.size() < 2 * bands_) return {};
    return "price=" + std::to_string(band + 1) + " of " + std::to_string(bands_);
  }
  const auto first = std::partition_point(prices.begin(), prices.end(),
                                          [&](Money of) { return band_of(of) < band; });
  const auto last =
      std::partition_point(first, prices.end(), [&](Money of) { return band_of(of) <= band; });
  return "price=" + text(*first) + ".." + text(*(last - 1));
}

BODEGA_INLINE void merge_repeats(std::vector<TermUse>& uses) {
  std::stable_sort(uses.begin(), uses.end(),
                   [](const TermUse& a, const TermUse& b) { return a.term < b.term; });
  std::size_t kept = 0;
  for (std::size_t k = 0; k < uses.size();) {
    const std::size_t first = k;
    while (k < uses.size() && uses[k].term == uses[first].term) ++k;
    const auto frequency = static_cast<float>(k - first);
    uses[kept++] = {uses[first].term, uses[first].weight * (1 + std::log(frequency))};
  }
  uses.resize(kept);
}

BODEGA_INLINE TermUses::TermUses(const Catalog& catalog, const ContentModelOptions& options)
    : catalog_(catalog),
      options_(options),
      bands_(catalog, options.price_weight > 0 ? options.price_bands : 0, options.price_within),
      uses_(catalog.size()) {
  for (std::uint32_t i = 0; i < catalog.size(); ++i) {
    add_item(ItemIndex(i), uses_[i]);
    merge_repeats(uses_[i]);
    items_with_.resize(all_.size(), 0);
    for (const TermUse& use : uses_[i]) ++items_with_[use.term];
  }
}

BODEGA_INLINE ContentModel<> TermUses::model() const {
  const auto items = static_cast<double>(catalog_.size());
  StringSet terms;
  std::vector<std::uint32_t> number(all_.size(), Reason::no_term);
  for (std::size_t t = 0; t < all_.size(); ++t)
    if (items_with_[t] <= 10 || !exceeds(items_with_[t], catalog_.size(), options_.max_share))
      number[t] = terms.add(all_[t]);

  CsrMatrix<float> item_terms(terms.size());
  std::vector<std::uint32_t> columns;
  std::vector<float> values;
  for (const std::vector<TermUse>& uses : uses_) {  // terms rise, and so do their new numbers
    columns.clear();
    values.clear();
    double squares = 0;
    for (const TermUse& use : uses) {
      if (number[use.term] == Reason::no_term) continue;
      const double value =
          use.weight * std::log1p(items / static_cast<double>(items_with_[use.term]));
      columns.push_back(number[use.term]);
      values.push_back(static_cast<float>(value));
      squares += value * value;
    }
    for (float& value : values) value /= static_cast<float>(std::sqrt(squares));
    item_terms.add_row(columns, values);
  }
  return {std::move(terms), std::move(item_terms)};
}

BODEGA_INLINE void TermUses::add_item(ItemIndex item, std::vector<TermUse>& uses) {
  const auto use = [&](std::string_view term, float weight) {
    if (weight > 0) uses.push_back({all_.add(term), weight});
  };
  for_each_word(catalog_.description(item), options_.min_word_bytes,
                [&](std::string_view word) { use(word, options_.word_weight); });
  for (std::size_t n = 0; n < catalog_.attribute_count(item); ++n) {
    const auto [name, value] = catalog_.attribute(item, n);
    use(std::string(name) + "=" + std::string(value), options_.attribute_weight);
  }
  if (const std::string band = bands_.name(item); !band.empty()) use(band, options_.price_weight);
  if (options_.pack_weight > 0)
    if (const auto size =
            parse_pack_size(options_.pack_attribute.empty()
                                ? catalog_.description(item)
                                : attribute_of(catalog_, item, options_.pack_attribute)))
      use(pack_name(*size), options_.pack_weight);
}

}  // namespace detail

BODEGA_INLINE ContentModel<> fit_content_model(const Catalog& catalog,
                                               const ContentModelOptions& options) {
  detail::check_content_options(options);
  return detail::TermUses(catalog, options).model();
}

#endif

}  // namespace bodega::inline BODEGA_ABI
