// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/query.hpp>
#include <bodega/data/string_table.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/tensor/rows.hpp>
#include <bodega/tensor/sparse.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

/// Likeness by what the catalogue says of an item: TF-IDF over the words of its description and its
/// attributes. Score of item j: the sum over the query's items of their cosine with j. It knows
/// nothing of sales, so it recommends an item on the day it enters the catalogue. Made by
/// `fit_content_model`.
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
  static constexpr float usual_weight = 0.02f;
  template <WeightFormat V>
  using with_weights = ContentModel<V>;

  ContentModel() = default;

  /// `item_terms`: items x terms, rows of length 1 or 0. Throws Error(shape, format, not_finite) if
  /// it is not well formed, or not of these terms.
  ContentModel(StringSet terms, W item_terms)
      : terms_(std::move(terms)), item_terms_(std::move(item_terms)) {
    validate("ContentModel");
    restore();
  }

  std::size_t items() const noexcept { return item_terms_.rows(); }
  static constexpr QueryParts uses() noexcept { return QueryParts::items(); }
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
  StringSet terms_;
  W item_terms_;
  CsrMatrix<float> term_items_;  // what restore() builds
};

}  // namespace bodega::inline BODEGA_ABI
