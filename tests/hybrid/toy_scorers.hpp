// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <bodega/core/query.hpp>

namespace bodega_test {

/// Gives each item a fixed score, whatever is asked; its reason is "popular".
class FixedScores {
 public:
  explicit FixedScores(std::vector<float> scores) : scores_(std::move(scores)) {}
  std::size_t items() const noexcept { return scores_.size(); }
  void add_scores(const bodega::Query&, float weight, std::span<float> out) const noexcept {
    for (std::size_t i = 0; i < scores_.size(); ++i) out[i] += weight * scores_[i];
  }
  void explain(const bodega::Query&, float weight, bodega::ItemIndex item,
               bodega::Reasons& reasons) const noexcept {
    reasons.offer({bodega::Reason::Kind::popular, bodega::ItemIndex::none(),
                   bodega::Reason::no_term, weight * scores_[item.value()]});
  }

 private:
  std::vector<float> scores_;
};

/// Each item of the query gives 1 to the item after it, which says "bought with".
class NextItem {
 public:
  explicit NextItem(std::size_t items) : items_(items) {}
  std::size_t items() const noexcept { return items_; }
  void add_scores(const bodega::Query& query, float weight, std::span<float> out) const noexcept {
    bodega::for_each_query_item(query, items_, [&](bodega::ItemIndex item) {
      if (item.value() + 1 < items_) out[item.value() + 1] += weight;
    });
  }
  void explain(const bodega::Query& query, float weight, bodega::ItemIndex of,
               bodega::Reasons& reasons) const noexcept {
    bodega::for_each_query_item(query, items_, [&](bodega::ItemIndex item) {
      if (item.value() + 1 == of.value())
        reasons.offer(
            {bodega::Reason::Kind::bought_together, item, bodega::Reason::no_term, weight});
    });
  }

 private:
  std::size_t items_;
};

}  // namespace bodega_test
