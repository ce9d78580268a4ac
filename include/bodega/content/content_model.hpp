// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/content/pack_size.hpp>
#include <bodega/content/tokenizer.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/query.hpp>
#include <bodega/core/ratio.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/catalog.hpp>
#include <bodega/data/string_table.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/tensor/rows.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega {

struct ContentOptions {
  float word_weight = 1;        ///< of a word of the description; 0 leaves words out
  float attribute_weight = 1;   ///< of an attribute "name=value"; 0 leaves attributes out
  float price_weight = 0.5f;    ///< of the price band
  std::size_t price_bands = 0;  ///< bands with about as many items each; 0 = price says nothing
  /// The attribute that names an item's category: then bands are of its category's prices, so that
  /// what is cheap for a wine is like what is cheap for a cheese ("price=1 of 4"). Items of
  /// categories of fewer than two prices a band have none. Empty = bands of all prices.
  std::string price_within = {};
  float pack_weight = 0;  ///< of the pack size, in bands that double; 0 = it says nothing
  /// The attribute that tells the pack size (`parse_pack_size`); empty = the description does.
  std::string pack_attribute = {};
  std::size_t min_word_bytes = 2;  ///< shorter words are left out
  /// Terms of more than this share of the catalogue (and of more than 10 items) are left out: they
  /// say little and cost most of the time.
  double max_share = 0.5;
};

/// Likeness by what the catalogue says of an item: TF-IDF over the words of its description and its
/// attributes. Score of item j: the sum over the query's items of their cosine with j. It knows
/// nothing of sales, so it recommends an item on the day it enters the catalogue.
///
/// Kept is the items x terms matrix with rows of length 1 (items without terms: rows of zeros) and
/// the terms' names. Serving walks the transposed matrix, so a query costs the number of items that
/// share a term, whatever the catalogue, and needs no scratch memory.
/// Memory: 8 bytes an entry for serving beside the stored matrix; the file holds only the latter.
/// Thread rule: immutable, any number of readers.
/// Source: Salton and Buckley, "Term-weighting approaches in automatic text retrieval", 1988;
/// here (1 + ln tf) ln(1 + items / items with the term).
template <WeightFormat W = CsrMatrix<float>>
class ContentModel {
 public:
  static constexpr std::string_view kind = "content";
  template <WeightFormat V>
  using with_weights = ContentModel<V>;

  ContentModel() = default;

  /// Error (invalid_argument) where a weight is not a finite number of 0 or more, or `max_share`
  /// is not above 0.
  explicit ContentModel(const Catalog& catalog, const ContentOptions& options = {}) requires
      std::same_as<W, CsrMatrix<float>> {
    check(options);
    fit(catalog, options);
    restore();
  }

  std::size_t items() const noexcept { return item_terms_.rows(); }
  /// items x terms, rows of length 1 or 0.
  const W& item_terms() const noexcept { return item_terms_; }
  /// Names of the terms: a word, "name=value", "price=from..to" or "price=band of bands", or
  /// "pack=from..to unit".
  const StringSet& terms() const noexcept { return terms_; }
  /// Name of a reason's term; empty where there is none.
  std::string_view term(std::uint32_t number) const noexcept {
    return number < terms_.size() ? terms_[number] : std::string_view();
  }

  void add_scores(const Query& query, float weight, std::span<float> scores) const noexcept {
    for_each_query_item(query, items(), [&](ItemIndex item) {
      for_each_entry(item_terms_, item.value(), [&](std::uint32_t term, float value) {
        add_row(term_items_, term, weight * value, scores);
      });
    });
  }

  /// One reason for each query item that is like `item`, with the term that adds most.
  void explain(const Query& query, float weight, ItemIndex item, Reasons& reasons) const noexcept {
    if (item.value() >= items()) return;
    for_each_query_item(query, items(), [&](ItemIndex like) {
      Reason reason{Reason::Kind::alike, like, Reason::no_term, 0};
      float strongest = 0;
      for_each_entry(item_terms_, like.value(), [&](std::uint32_t term, float value) {
        const float part = weight * value * entry(item_terms_, item.value(), term);
        reason.contribution += part;
        if (part > strongest) {
          strongest = part;
          reason.term = term;
        }
      });
      reasons.offer(reason);
    });
  }

  void validate(const std::string& where) const {
    terms_.validate(where + ", terms");
    validate_weights(item_terms_, where + ", item_terms");
    validate_size(item_terms_.columns(), terms_.size(), where + ", columns of item_terms");
  }

  /// Builds what serving needs and the file does not hold; to be called after `validate`.
  void restore() {
    terms_.restore();
    CsrMatrix<float> rows(terms_.size());
    std::vector<std::uint32_t> columns;
    std::vector<float> values;
    for (std::size_t i = 0; i < items(); ++i) {
      columns.clear();
      values.clear();
      for_each_entry(item_terms_, i, [&](std::uint32_t term, float value) {
        columns.push_back(term);
        values.push_back(value);
      });
      rows.add_row(columns, values);
    }
    term_items_ = rows.transposed();
  }

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("terms", self.terms_);
    visit("item_terms", self.item_terms_, Role::weight);
  }

  bool operator==(const ContentModel& other) const noexcept {
    return terms_ == other.terms_ && item_terms_ == other.item_terms_;
  }

 private:
  static void check(const ContentOptions& options) {
    const auto want = [](bool right, std::string_view option, const char* expected, double found) {
      if (!right)
        throw Error(ErrorCode::invalid_argument, "ContentModel, option " + std::string(option),
                    expected, std::to_string(found));
    };
    for (const auto& [option, weight] : {std::pair{"word_weight", options.word_weight},
                                         std::pair{"attribute_weight", options.attribute_weight},
                                         std::pair{"price_weight", options.price_weight},
                                         std::pair{"pack_weight", options.pack_weight}})
      want(weight >= 0 && std::isfinite(weight), option, "a finite number of 0 or more", weight);
    want(options.max_share > 0, "max_share", "a share above 0", options.max_share);
  }

  /// A term of an item and (1 + ln of its frequency) times the weight of its field.
  struct Use {
    std::uint32_t term;
    float weight;
  };

  void fit(const Catalog& catalog, const ContentOptions& options) {
    const PriceBands bands(catalog, options.price_weight > 0 ? options.price_bands : 0,
                           options.price_within);
    StringSet all;
    std::vector<std::vector<Use>> uses(catalog.size());
    std::vector<std::size_t> items_with;  // per term of `all`
    for (std::uint32_t i = 0; i < catalog.size(); ++i) {
      const ItemIndex item(i);
      std::vector<Use>& of_item = uses[i];
      const auto use = [&](std::string_view term, float weight) {
        if (weight > 0) of_item.push_back({all.add(term), weight});
      };
      for_each_word(catalog.description(item), options.min_word_bytes,
                    [&](std::string_view word) { use(word, options.word_weight); });
      for (std::size_t n = 0; n < catalog.attribute_count(item); ++n) {
        const auto [name, value] = catalog.attribute(item, n);
        use(std::string(name) + "=" + std::string(value), options.attribute_weight);
      }
      if (const std::string band = bands.name(item); !band.empty()) use(band, options.price_weight);
      if (options.pack_weight > 0)
        if (const auto size = parse_pack_size(
                options.pack_attribute.empty() ? catalog.description(item)
                                               : value_of(catalog, item, options.pack_attribute)))
          use(pack_name(*size), options.pack_weight);
      merge_repeats(of_item);
      items_with.resize(all.size(), 0);
      for (const Use& u : of_item) ++items_with[u.term];
    }

    const auto items = static_cast<double>(catalog.size());
    std::vector<std::uint32_t> number(all.size(), Reason::no_term);
    for (std::size_t t = 0; t < all.size(); ++t)
      if (items_with[t] <= 10 || !exceeds(items_with[t], catalog.size(), options.max_share))
        number[t] = terms_.add(all[t]);

    item_terms_ = CsrMatrix<float>(terms_.size());
    std::vector<std::uint32_t> columns;
    std::vector<float> values;
    for (const std::vector<Use>& of_item : uses) {  // terms rise, and so do their new numbers
      columns.clear();
      values.clear();
      double squares = 0;
      for (const Use& u : of_item) {
        if (number[u.term] == Reason::no_term) continue;
        const double value = u.weight * std::log1p(items / static_cast<double>(items_with[u.term]));
        columns.push_back(number[u.term]);
        values.push_back(static_cast<float>(value));
        squares += value * value;
      }
      for (float& value : values) value /= static_cast<float>(std::sqrt(squares));
      item_terms_.add_row(columns, values);
    }
  }

  static void merge_repeats(std::vector<Use>& uses) {
    std::stable_sort(uses.begin(), uses.end(),
                     [](const Use& a, const Use& b) { return a.term < b.term; });
    std::size_t kept = 0;
    for (std::size_t k = 0; k < uses.size();) {
      const std::size_t first = k;
      while (k < uses.size() && uses[k].term == uses[first].term) ++k;
      const auto frequency = static_cast<float>(k - first);
      uses[kept++] = {uses[first].term, uses[first].weight * (1 + std::log(frequency))};
    }
    uses.resize(kept);
  }

  /// The item's first attribute of the name; empty where it has none.
  static std::string_view value_of(const Catalog& catalog, ItemIndex item, std::string_view name) {
    for (std::size_t n = 0; n < catalog.attribute_count(item); ++n)
      if (const auto attribute = catalog.attribute(item, n); attribute.name == name)
        return attribute.value;
    return {};
  }

  static std::string pack_name(const PackSize& size) {
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

  /// Known prices, of all items or by category, cut into bands of about as many items each.
  class PriceBands {
   public:
    PriceBands(const Catalog& catalog, std::size_t bands, std::string_view within)
        : catalog_(catalog), bands_(bands), within_(within) {
      for (std::uint32_t i = 0; i < catalog.size() && bands > 0; ++i)
        if (catalog.price(ItemIndex(i)) > Money())
          prices_[category(ItemIndex(i))].push_back(catalog.price(ItemIndex(i)));
      for (auto& [category, prices] : prices_) std::sort(prices.begin(), prices.end());
    }

    /// Empty where the price or the category is not known, or there are no bands.
    std::string name(ItemIndex item) const {
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

   private:
    std::string_view category(ItemIndex item) const {
      return within_.empty() ? std::string_view() : value_of(catalog_, item, within_);
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

  StringSet terms_;
  W item_terms_;
  CsrMatrix<float> term_items_;  // what restore() builds
};

/// What each item may sell by what items like it sell: the mean of `sold` (one number an item) over
/// the others that were sold, each weighed by the square of its likeness, and beside them a
/// `leaning` of the mean of all. For the items that are new; what is known of an item itself is
/// left out. Error (shape, not_finite, invalid_argument) on numbers that are not one finite number
/// of 0 or more an item, or a leaning that is not a finite number above 0. Cost: a query for each
/// item.
template <WeightFormat W>
std::vector<float> expected_sales(const ContentModel<W>& model, std::span<const float> sold,
                                  double leaning = 0.1) {
  validate_size(sold.size(), model.items(), "expected_sales, sold");
  validate_finite(sold, "expected_sales, sold");
  if (!(leaning > 0) || !std::isfinite(leaning))
    throw Error(ErrorCode::invalid_argument, "expected_sales, leaning", "a finite number above 0",
                std::to_string(leaning));
  double all = 0, items_sold = 0;
  for (const float number : sold) {
    if (number < 0)
      throw Error(ErrorCode::invalid_argument, "expected_sales, sold", "numbers of 0 or more",
                  std::to_string(number));
    all += double{number};
    items_sold += number > 0;
  }
  const double mean = items_sold > 0 ? all / items_sold : 0;
  std::vector<float> expected(sold.size()), likeness(sold.size());
  for (std::uint32_t i = 0; i < sold.size(); ++i) {
    std::fill(likeness.begin(), likeness.end(), 0.0f);
    const ItemIndex item(i);
    model.add_scores({.basket = {&item, 1}}, 1, likeness);
    likeness[i] = 0;
    double sum = leaning * mean, weights = leaning;
    for (std::size_t j = 0; j < sold.size(); ++j) {
      if (!(sold[j] > 0)) continue;
      const double weight = double{likeness[j]} * double{likeness[j]};
      sum += weight * double{sold[j]};
      weights += weight;
    }
    expected[i] = static_cast<float>(sum / weights);
  }
  return expected;
}

}  // namespace bodega
