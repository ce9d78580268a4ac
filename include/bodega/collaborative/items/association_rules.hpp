// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/query.hpp>
#include <bodega/core/ratio.hpp>
#include <bodega/core/utf8.hpp>
#include <bodega/data/catalog.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/tensor/rows.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

/// Who buys all of `antecedent` buys `consequent` too.
struct AssociationRule {
  std::vector<ItemIndex> antecedent;  ///< rising
  ItemIndex consequent = ItemIndex::none();
  double support = 0;     ///< share of all baskets that hold antecedent and consequent
  double confidence = 0;  ///< share of the antecedent's baskets that hold the consequent
  double lift = 0;        ///< confidence over the consequent's share of all baskets; 1 is chance
};

/// "BREAD, BUTTER -> JAM: support 1.20 %, confidence 40.0 %, lift 3.10". Items are called by their
/// description, else by their id, outside the catalogue by their index.
std::string describe(const AssociationRule& rule, const Catalog& catalog);

/// Association rules: the score of item j is the sum of the confidences of all rules to j whose
/// antecedent the query holds. A set of items fulfils a rule once, however often each is in the
/// basket; of a query with more than 256 distinct items the newest count.
/// `w(s, j)` is the confidence of the rule from set s to item j. Shape: sets x items, the sets in
/// lexicographic order. Thread rule: immutable, any number of readers. Cost: for each item of the
/// query the sets that begin with it (some steps each), and the rules of those fulfilled.
template <WeightFormat W = CsrMatrix<float>>
class AssociationRules {
 public:
  static constexpr std::string_view kind = "association_rules";
  static constexpr std::size_t most_items = 256;
  template <WeightFormat V>
  using with_weights = AssociationRules<V>;

  AssociationRules() = default;
  /// `set_support` and `item_support` are the shares of all baskets with each set, each item.
  /// Errors: those of `validate`.
  AssociationRules(SparsePattern sets, W confidence, std::vector<float> set_support,
                   std::vector<float> item_support)
      : sets_(std::move(sets)),
        confidence_(std::move(confidence)),
        set_support_(std::move(set_support)),
        item_support_(std::move(item_support)) {
    validate("AssociationRules");
  }

  std::size_t items() const noexcept { return item_support_.size(); }
  static constexpr QueryParts uses() noexcept { return QueryParts::items(); }
  const SparsePattern& sets() const noexcept { return sets_; }
  const W& weights() const noexcept { return confidence_; }

  void add_scores(const Query& query, float weight, std::span<float> scores) const noexcept {
    const QueryItems held(query, items());
    for_each_fulfilled(held, [&](std::size_t set) { add_row(confidence_, set, weight, scores); });
  }

  /// A reason for each item of the query that rules to `item` need; the items of one rule have
  /// equal parts in it.
  void explain(const Query& query, float weight, ItemIndex item, Reasons& reasons) const noexcept {
    explain_alone(*this, query, weight, item, reasons);
  }

  /// The rules that a query fulfils are sought once for 16 picks.
  void explain_all(const Query& query, float weight, std::span<Pick> picks) const noexcept {
    const QueryItems held(query, items());
    constexpr std::size_t at_once = 16;
    for (; !picks.empty(); picks = picks.subspan(std::min(at_once, picks.size()))) {
      const auto some = picks.first(std::min(at_once, picks.size()));
      std::array<std::array<float, most_items>, at_once> part;
      for (std::size_t p = 0; p < some.size(); ++p) std::fill_n(part[p].begin(), held.size(), 0.0f);
      for_each_fulfilled(held, [&](std::size_t set) {
        const auto needed = sets_.row(set);
        const float share = weight / static_cast<float>(needed.size());
        for_each_entry(confidence_, set, [&](std::uint32_t consequent, float confidence) {
          for (std::size_t p = 0; p < some.size(); ++p)
            if (some[p].item.value() == consequent)
              for (const std::uint32_t one : needed) part[p][held.find(one)] += share * confidence;
        });
      });
      for (std::size_t p = 0; p < some.size(); ++p)
        for (std::size_t i = 0; i < held.size(); ++i)
          some[p].because.offer(
              {Reason::Kind::bought_together, ItemIndex(held[i]), Reason::no_term, part[p][i]});
    }
  }

  /// All rules, those of the highest lift first (equal: larger support, then antecedent and
  /// consequent in order). The numbers are the ratios of counts that they were (`ratio_from`); of
  /// INT8 weights the confidence is as it was rounded.
  std::vector<AssociationRule> rules() const {
    std::vector<AssociationRule> result;
    for (std::size_t set = 0; set < sets_.rows(); ++set)
      for_each_entry(confidence_, set, [&](std::uint32_t consequent, float confidence) {
        if (!(confidence > 0)) return;
        AssociationRule rule;
        for (const std::uint32_t item : sets_.row(set)) rule.antecedent.push_back(ItemIndex(item));
        rule.consequent = ItemIndex(consequent);
        rule.confidence =
            std::is_same_v<W, CsrMatrix<float>> ? ratio_from(confidence) : double{confidence};
        rule.support =
            ratio_from(static_cast<float>(rule.confidence * ratio_from(set_support_[set])));
        const double share = ratio_from(item_support_[consequent]);
        rule.lift = share > 0 ? ratio_from(static_cast<float>(rule.confidence / share)) : 0;
        result.push_back(std::move(rule));
      });
    std::stable_sort(result.begin(), result.end(),
                     [](const AssociationRule& a, const AssociationRule& b) {
                       return a.lift != b.lift ? a.lift > b.lift : a.support > b.support;
                     });
    return result;
  }

  /// Error (shape, format, out_of_range, not_finite) where sizes differ, a set is empty or out of
  /// order, or a share is not 0 to 1.
  void validate(const std::string& where) const {
    sets_.validate(where + ", sets");
    validate_weights(confidence_, where + ", confidence");
    validate_size(sets_.columns(), items(), where + ", columns of sets");
    validate_size(confidence_.columns(), items(), where + ", columns of confidence");
    validate_size(confidence_.rows(), sets_.rows(), where + ", rows of confidence");
    validate_size(set_support_.size(), sets_.rows(), where + ", set_support");
    for (std::size_t set = 0; set < sets_.rows(); ++set) {
      const auto row = sets_.row(set);
      const auto before = set > 0 ? sets_.row(set - 1) : std::span<const std::uint32_t>();
      if (!std::lexicographical_compare(before.begin(), before.end(), row.begin(), row.end()))
        throw Error(ErrorCode::format, where + ", sets", "each set once, in lexicographic order",
                    "set " + std::to_string(set) + " after a larger or equal one");
    }
    for (const auto* shares : {&set_support_, &item_support_}) {
      validate_finite(*shares, where + ", supports");
      for (const float share : *shares)
        if (!(share >= 0 && share <= 1))
          throw Error(ErrorCode::out_of_range, where + ", supports", "0 to 1",
                      std::to_string(share));
    }
  }

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("sets", self.sets_);
    visit("confidence", self.confidence_, Role::weight);
    visit("set_support", self.set_support_);
    visit("item_support", self.item_support_);
  }

  bool operator==(const AssociationRules&) const = default;

 private:
  /// The distinct items of a query, rising; on the stack.
  class QueryItems {
   public:
    QueryItems(const Query& query, std::size_t items) noexcept {
      if (query.viewed.value() < items) add(query.viewed.value());
      for (std::size_t i = query.basket.size(); i-- > 0 && size_ < most_items;)
        if (query.basket[i].value() < items) add(query.basket[i].value());
    }
    std::size_t size() const noexcept { return size_; }
    std::uint32_t operator[](std::size_t i) const noexcept { return item_[i]; }
    /// Where the item stands, or `size()`.
    std::size_t find(std::uint32_t item) const noexcept {
      const std::size_t at = position(item);
      return at < size_ && item_[at] == item ? at : size_;
    }

   private:
    std::size_t position(std::uint32_t item) const noexcept {
      const auto end = item_.begin() + static_cast<std::ptrdiff_t>(size_);
      return static_cast<std::size_t>(std::lower_bound(item_.begin(), end, item) - item_.begin());
    }
    void add(std::uint32_t item) noexcept {
      const std::size_t at = position(item);
      if (at < size_ && item_[at] == item) return;
      for (std::size_t i = size_; i > at; --i) item_[i] = item_[i - 1];
      item_[at] = item;
      ++size_;
    }
    std::array<std::uint32_t, most_items> item_;
    std::size_t size_ = 0;
  };

  /// The first set that begins with `item` or a larger one.
  std::size_t first_set(std::uint32_t item) const noexcept {
    std::size_t first = 0, last = sets_.rows();
    while (first < last) {
      const std::size_t middle = first + (last - first) / 2;
      if (sets_.row(middle).front() < item)
        first = middle + 1;
      else
        last = middle;
    }
    return first;
  }

  template <class Visit>
  void for_each_fulfilled(const QueryItems& held, Visit&& visit) const noexcept {
    for (std::size_t i = 0; i < held.size(); ++i)
      for (std::size_t set = first_set(held[i]);
           set < sets_.rows() && sets_.row(set).front() == held[i]; ++set) {
        const auto others = sets_.row(set).subspan(1);
        if (std::all_of(others.begin(), others.end(),
                        [&](std::uint32_t item) { return held.find(item) < held.size(); }))
          visit(set);
      }
  }

  SparsePattern sets_;               // antecedents x items
  W confidence_;                     // antecedents x items
  std::vector<float> set_support_;   // of the antecedents
  std::vector<float> item_support_;  // of all items
};

#if BODEGA_BODIES

BODEGA_INLINE std::string describe(const AssociationRule& rule, const Catalog& catalog) {
  const auto called = [&](ItemIndex item) {
    if (item.value() >= catalog.size()) return std::to_string(item.value());
    const std::string_view text = catalog.description(item);
    return printable(text.empty() ? catalog.id(item) : text);
  };
  std::string text;
  for (const ItemIndex item : rule.antecedent) {
    if (!text.empty()) text += ", ";
    text += called(item);
  }
  std::array<char, 96> numbers{};
  std::snprintf(numbers.data(), numbers.size(), ": support %.2f %%, confidence %.1f %%, lift %.2f",
                100 * rule.support, 100 * rule.confidence, rule.lift);
  return text + " -> " + called(rule.consequent) + numbers.data();
}

#endif

}  // namespace bodega::inline BODEGA_ABI
