// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/content/content_model.hpp>
#include <bodega/content/search_index.hpp>
#include <bodega/content/tokenizer.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/catalog.hpp>
#include <bodega/data/string_table.hpp>
#include <bodega/tensor/rows.hpp>
#include <bodega/tensor/sparse.hpp>

/// An item that is new today, made known to models of yesterday. What they say of the others stays
/// as it is; the fields of the new one weigh as by the default options, for a model does not tell
/// by which it was made.
namespace bodega::inline BODEGA_ABI {

namespace detail {

template <WeightFormat W>
CsrMatrix<float> float_rows(const W& weights) {
  CsrMatrix<float> rows(weights.columns());
  std::vector<std::uint32_t> columns;
  std::vector<float> values;
  for (std::size_t i = 0; i < weights.rows(); ++i) {
    columns.clear();
    values.clear();
    for_each_entry(weights, i, [&](std::uint32_t column, float value) {
      columns.push_back(column);
      values.push_back(value);
    });
    rows.add_row(columns, values);
  }
  return rows;
}

ContentModel<> content_with_item(StringSet terms, const CsrMatrix<float>& item_terms,
                                 const Catalog& catalog);
SearchIndex<> search_with_item(const SearchIndex<>& index, const Catalog& catalog);

}  // namespace detail

/// Returns the model with one item more, the last of the catalogue: by its words and attributes,
/// also those that no item had before, and by the price bands of the model. What the model has left
/// out, because too many items have it, stays left out. Precondition: the catalogue is the model's
/// and that item. Complexity: the model's entries, and the words of the catalogue where there are
/// new ones.
template <WeightFormat W>
ContentModel<> with_item(const ContentModel<W>& model, const Catalog& catalog) {
  return detail::content_with_item(model.terms(), detail::float_rows(model.item_terms()), catalog);
}

/// Returns the index with one item more, the last of the catalogue. Precondition and complexity as
/// for a content model.
template <WeightFormat W>
SearchIndex<> with_item(const SearchIndex<W>& index, const Catalog& catalog) {
  return detail::search_with_item(
      SearchIndex<>(index.term_texts(), detail::float_rows(index.term_items())), catalog);
}

#if BODEGA_BODIES

namespace detail {

/// What an item says of itself, and how often.
struct ItemTerm {
  std::string text;
  float weight;  // of its field
  float count = 1;
};

/// Adds one use; equal texts of one field are one term.
BODEGA_INLINE void add_use(std::vector<ItemTerm>& terms, std::string_view text, float weight) {
  for (ItemTerm& term : terms)
    if (term.text == text) {
      ++term.count;
      return;
    }
  terms.push_back({std::string(text), weight});
}

/// As `fit_content_model` makes them, by its default options, but for prices and packs.
BODEGA_INLINE std::vector<ItemTerm> content_terms(const Catalog& catalog, ItemIndex item) {
  constexpr std::size_t min_word_bytes = 2;
  std::vector<ItemTerm> terms;
  for_each_word(catalog.description(item), min_word_bytes,
                [&](std::string_view word) { add_use(terms, word, 1); });
  for (std::size_t n = 0; n < catalog.attribute_count(item); ++n) {
    const auto [name, value] = catalog.attribute(item, n);
    add_use(terms, std::string(name) + "=" + std::string(value), 1);
  }
  return terms;
}

/// Whether a term is the band of prices, "price=1.25..2.10", that a price lies in.
BODEGA_INLINE bool is_price_band(std::string_view term, Money price) {
  constexpr std::string_view begin = "price=";
  const std::size_t dots = term.find("..");
  if (!term.starts_with(begin) || dots == std::string_view::npos || !(price > Money()))
    return false;
  const auto raw = [](std::string_view text) {  // two digits behind the point
    std::int64_t cents = 0;
    for (const char c : text)
      if (c >= '0' && c <= '9') cents = 10 * cents + (c - '0');
    return cents * (Money::scale / 100);
  };
  const std::int64_t asked = price.raw() - price.raw() % (Money::scale / 100);
  return raw(term.substr(begin.size(), dots - begin.size())) <= asked &&
         asked <= raw(term.substr(dots + 2));
}

BODEGA_INLINE ContentModel<> content_with_item(StringSet terms, const CsrMatrix<float>& item_terms,
                                               const Catalog& catalog) {
  const ItemIndex item(static_cast<std::uint32_t>(catalog.size() - 1));
  constexpr float price_weight = 0.5f;
  std::vector<std::size_t> items_with(terms.size(), 0);
  for (const std::uint32_t term : item_terms.pattern().column()) ++items_with[term];
  StringSet left_out;  // texts of the items before, looked up where a new one seems to be there
  const auto is_left_out = [&](std::string_view text) {
    if (left_out.empty())
      for (std::uint32_t i = 0; i < item.value(); ++i)
        for (const ItemTerm& term : content_terms(catalog, ItemIndex(i))) left_out.add(term.text);
    return left_out.find(text) != StringSet::none;
  };

  std::vector<std::pair<std::uint32_t, double>> entries;
  double squares = 0;
  const auto use = [&](std::uint32_t term, double weight) {
    const double items = static_cast<double>(catalog.size());
    const double value = weight * std::log1p(items / static_cast<double>(items_with[term] + 1));
    entries.emplace_back(term, value);
    squares += value * value;
  };
  for (std::uint32_t term = 0; term < terms.size(); ++term)
    if (is_price_band(terms[term], catalog.price(item))) use(term, price_weight);
  for (const ItemTerm& one : content_terms(catalog, item)) {
    std::uint32_t term = terms.find(one.text);
    if (term == StringSet::none) {
      if (item.value() > 0 && is_left_out(one.text)) continue;
      term = terms.add(one.text);
      items_with.push_back(0);
    }
    use(term, one.weight * (1 + std::log(one.count)));
  }
  std::sort(entries.begin(), entries.end());

  CsrMatrix<float> longer(terms.size());
  longer.reserve(item_terms.rows() + 1, item_terms.size() + entries.size());
  for (std::size_t i = 0; i < item_terms.rows(); ++i)
    longer.add_row(item_terms.row(i).columns, item_terms.row(i).values);
  std::vector<std::uint32_t> columns;
  std::vector<float> values;
  for (const auto& [term, value] : entries) {
    columns.push_back(term);
    values.push_back(static_cast<float>(value / std::sqrt(squares)));
  }
  longer.add_row(columns, values);
  return {std::move(terms), std::move(longer)};
}

/// Words of description, attributes and code, each with the sum of its fields' weights.
BODEGA_INLINE std::vector<ItemTerm> search_terms(const Catalog& catalog, ItemIndex item) {
  const SearchIndexOptions options;
  std::vector<ItemTerm> terms;
  const auto use = [&](std::string_view text, float weight) {
    for_each_word(text, 1, [&](std::string_view word) {
      const auto at = std::find_if(terms.begin(), terms.end(),
                                   [&](const ItemTerm& term) { return term.text == word; });
      if (at != terms.end())
        at->weight += weight;
      else
        terms.push_back({std::string(word), weight});
    });
  };
  use(catalog.description(item), options.description_weight);
  for (std::size_t n = 0; n < catalog.attribute_count(item); ++n)
    use(catalog.attribute(item, n).value, options.attribute_weight);
  use(catalog.id(item), options.id_weight);
  std::sort(terms.begin(), terms.end(),
            [](const ItemTerm& a, const ItemTerm& b) { return a.text < b.text; });
  return terms;
}

BODEGA_INLINE SearchIndex<> search_with_item(const SearchIndex<>& index, const Catalog& catalog) {
  const SearchIndexOptions options;
  const auto item = static_cast<std::uint32_t>(catalog.size() - 1);
  double all = 0, own = 0;  // words, by their weights
  for (std::uint32_t i = 0; i <= item; ++i) {
    own = 0;
    for (const ItemTerm& term : search_terms(catalog, ItemIndex(i))) own += double{term.weight};
    all += own;
  }
  const double length = all > 0 ? own * static_cast<double>(catalog.size()) / all : 1;
  const auto norm =
      static_cast<float>(1 - double{options.length} + double{options.length} * length);

  StringTable terms;
  CsrMatrix<float> term_items(catalog.size());
  std::vector<std::uint32_t> columns;
  std::vector<float> values;
  const auto end_row = [&](std::string_view text, const float* weight) {
    if (weight != nullptr) {
      columns.push_back(item);
      values.push_back(*weight / (*weight + options.saturation * norm));
    }
    terms.add(text);
    term_items.add_row(columns, values);
    columns.clear();
    values.clear();
  };
  const std::vector<ItemTerm> more = search_terms(catalog, ItemIndex(item));
  std::size_t next = 0;
  for (std::size_t t = 0; t < index.terms(); ++t) {
    const std::string_view text = index.term(static_cast<std::uint32_t>(t));
    for (; next < more.size() && more[next].text < text; ++next)
      end_row(more[next].text, &more[next].weight);
    const auto row = index.term_items().row(t);
    columns.assign(row.columns.begin(), row.columns.end());
    values.assign(row.values.begin(), row.values.end());
    const bool shared = next < more.size() && more[next].text == text;
    end_row(text, shared ? &more[next].weight : nullptr);
    next += shared;
  }
  for (; next < more.size(); ++next) end_row(more[next].text, &more[next].weight);
  return {std::move(terms), std::move(term_items)};
}

}  // namespace detail

#endif

}  // namespace bodega::inline BODEGA_ABI
