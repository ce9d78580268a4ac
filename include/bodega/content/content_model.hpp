// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/content/tokenizer.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/query.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/catalog.hpp>
#include <bodega/data/string_table.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/tensor/rows.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega {

struct ContentOptions {
  float word_weight = 1;          ///< of a word of the description; 0 leaves words out
  float attribute_weight = 1;     ///< of an attribute "name=value"; 0 leaves attributes out
  float price_weight = 0.5f;      ///< of the price band
  std::size_t price_bands = 0;    ///< bands with about as many items each; 0 = price says nothing
  std::size_t min_word_bytes = 2; ///< shorter words are left out
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
  explicit ContentModel(const Catalog& catalog, const ContentOptions& options = {})
    requires std::same_as<W, CsrMatrix<float>>
  {
    check(options);
    fit(catalog, options);
    restore();
  }

  std::size_t items() const noexcept { return item_terms_.rows(); }
  /// items x terms, rows of length 1 or 0.
  const W& item_terms() const noexcept { return item_terms_; }
  /// Names of the terms: a word, "name=value", or "price=from..to".
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
                                         std::pair{"price_weight", options.price_weight}})
      want(weight >= 0 && std::isfinite(weight), option, "a finite number of 0 or more", weight);
    want(options.max_share > 0, "max_share", "a share above 0", options.max_share);
  }

  /// A term of an item and (1 + ln of its frequency) times the weight of its field.
  struct Use {
    std::uint32_t term;
    float weight;
  };

  void fit(const Catalog& catalog, const ContentOptions& options) {
    const PriceBands bands(catalog, options.price_weight > 0 ? options.price_bands : 0);
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
      if (const std::string band = bands.name(catalog.price(item)); !band.empty())
        use(band, options.price_weight);
      merge_repeats(of_item);
      items_with.resize(all.size(), 0);
      for (const Use& u : of_item) ++items_with[u.term];
    }

    const auto items = static_cast<double>(catalog.size());
    std::vector<std::uint32_t> number(all.size(), Reason::no_term);
    for (std::size_t t = 0; t < all.size(); ++t)
      if (static_cast<double>(items_with[t]) <= std::max(10.0, options.max_share * items))
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

  /// Known prices cut into bands of about as many items each.
  class PriceBands {
   public:
    PriceBands(const Catalog& catalog, std::size_t bands) {
      for (std::uint32_t i = 0; i < catalog.size() && bands > 0; ++i)
        if (catalog.price(ItemIndex(i)) > Money()) prices_.push_back(catalog.price(ItemIndex(i)));
      std::sort(prices_.begin(), prices_.end());
      for (std::size_t b = 0; b < bands && !prices_.empty(); ++b)
        begin_.push_back(prices_[prices_.size() * b / bands]);
      begin_.erase(std::unique(begin_.begin(), begin_.end()), begin_.end());
    }
    /// Empty where the price is not known or there are no bands.
    std::string name(Money price) const {
      if (begin_.empty() || price < begin_.front()) return {};
      const auto next = std::upper_bound(begin_.begin(), begin_.end(), price);
      const Money last =
          next == begin_.end() ? prices_.back()
                               : *(std::lower_bound(prices_.begin(), prices_.end(), *next) - 1);
      return "price=" + text(*(next - 1)) + ".." + text(last);
    }

   private:
    static std::string text(Money price) {
      const std::string cents = std::to_string(price.raw() / (Money::scale / 100) % 100);
      return std::to_string(price.raw() / Money::scale) + (cents.size() < 2 ? ".0" : ".") + cents;
    }
    std::vector<Money> prices_, begin_;
  };

  StringSet terms_;
  W item_terms_;
  CsrMatrix<float> term_items_;  // what restore() builds
};

}  // namespace bodega
