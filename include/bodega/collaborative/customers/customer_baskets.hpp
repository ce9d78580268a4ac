// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/collaborative/customers/forgetting.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/options.hpp>
#include <bodega/core/query.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/tensor/sparse.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

struct CustomerBasketsOptions {
  /// How older baskets count less; age in the customer's own baskets.
  Forgetting forgetting = {.power = 1};
  /// What a basket counts that shares nothing with the open one, beside a likeness of 0 to 1: small
  /// listens to the baskets alike, large is the plain personal frequency.
  float unlike = 0.03f;

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    Forgetting::options(self.forgetting, visit);
    visit("unlike", self.unlike, "What a basket counts that shares nothing with the open one.");
  }
};

/// What a known customer bought in baskets like the open one: the share of the customer's baskets
/// with the item, where basket t counts
///
///   forgetting(t) x (unlike + cosine(t, query))
///
/// and items in the cosine weigh ln(baskets / (1 + baskets with the item)). Who has bread and
/// cheese in the cart gets what went with them before, and not what belongs to the Saturday's
/// cleaning. An empty query has a cosine of 0 with all, which leaves the personal frequency. Scores
/// lie in [0, 1]. A customer outside the list gets nothing; of a query with more than 256 distinct
/// items the newest count. Memory: the customers' baskets, about a byte a line in a file and 4
/// here. Thread rule: immutable, any number of readers. Cost: the lines of the customer's baskets,
/// each looked at a few times. Source: the neighbourhood of baskets by their cosine, after Hu, He,
/// Gao, Zhang, "Modeling personalized item frequency information for next-basket recommendation",
/// SIGIR 2020, within one customer.
class CustomerBaskets {
 public:
  static constexpr std::string_view kind = "customer_baskets";
  static constexpr std::size_t most_items = 256;

  CustomerBaskets() = default;
  /// `baskets`: baskets x items, those of a customer side by side and oldest first; `begin[u]` to
  /// `begin[u + 1]` are customer u's. Errors: those of `validate`.
  CustomerBaskets(SparsePattern baskets, std::vector<std::uint32_t> begin,
                  const CustomerBasketsOptions& options)
      : baskets_(std::move(baskets)), begin_(std::move(begin)), options_(options) {
    validate("CustomerBaskets");
    restore();
  }

  std::size_t items() const noexcept { return baskets_.columns(); }
  static constexpr QueryParts uses() noexcept { return QueryParts::items() | QueryPart::customer; }
  std::size_t customers() const noexcept { return begin_.size() - 1; }
  const SparsePattern& baskets() const noexcept { return baskets_; }

  void add_scores(const Query& query, float weight, std::span<float> scores) const noexcept {
    for_each_share(query, [&](std::size_t basket, float share) {
      for (const std::uint32_t item : baskets_.row(basket)) scores[item] += weight * share;
    });
  }

  void explain(const Query& query, float weight, ItemIndex item, Reasons& reasons) const noexcept {
    Pick pick{item, 0, reasons};
    explain_all(query, weight, {&pick, 1});
    reasons = pick.because;
  }

  /// What the baskets count is found once for 64 picks.
  void explain_all(const Query& query, float weight, std::span<Pick> picks) const noexcept {
    while (!picks.empty()) {
      std::array<float, 64> sum{};
      const auto some = picks.first(std::min(picks.size(), sum.size()));
      for_each_share(query, [&](std::size_t basket, float share) {
        for (std::size_t k = 0; k < some.size(); ++k)
          if (baskets_.find(basket, some[k].item.value()) < baskets_.size()) sum[k] += share;
      });
      for (std::size_t k = 0; k < some.size(); ++k)
        some[k].because.offer(
            {Reason::Kind::bought_before, ItemIndex::none(), Reason::no_term, weight * sum[k]});
      picks = picks.subspan(some.size());
    }
  }

  /// Error (shape, format, out_of_range, invalid_argument) where the customers do not share out the
  /// baskets, the baskets are not well formed or an option is bad.
  void validate(const std::string& where) const {
    baskets_.validate(where + ", baskets");
    if (begin_.empty() || begin_.front() != 0 || begin_.back() != baskets_.rows() ||
        !std::is_sorted(begin_.begin(), begin_.end()))
      throw Error(ErrorCode::shape, where + ", begin",
                  "rising from 0 to " + std::to_string(baskets_.rows()), "other numbers");
    options_.forgetting.validate(where);
    if (!(options_.unlike > 0) || !std::isfinite(options_.unlike))
      throw Error(ErrorCode::invalid_argument, where + ", option unlike", "a finite number above 0",
                  std::to_string(options_.unlike));
  }

  /// What follows from the baskets.
  void restore() {
    std::vector<std::size_t> holders(items(), 0);
    for (const std::uint32_t item : baskets_.column()) ++holders[item];
    rare_.assign(items(), 0.0f);
    const auto all = static_cast<double>(baskets_.rows());
    for (std::size_t i = 0; i < items(); ++i) {
      const double rare = std::log(std::max(1.0, all / (1 + static_cast<double>(holders[i]))));
      rare_[i] = static_cast<float>(rare * rare);
    }
    const double mean = static_cast<double>(baskets_.size()) / std::max(all, 1.0);
    kept_.assign(baskets_.rows(), 0.0f);
    per_length_.assign(baskets_.rows(), 0.0f);
    for (std::size_t u = 0; u < customers(); ++u)
      for (std::size_t b = begin_[u]; b < begin_[u + 1]; ++b) {
        float squares = 0;
        for (const std::uint32_t item : baskets_.row(b)) squares += rare_[item];
        if (squares > 0) per_length_[b] = 1 / std::sqrt(squares);
        if (!baskets_.row(b).empty())
          kept_[b] = static_cast<float>(
              options_.forgetting.weight(static_cast<double>(begin_[u + 1] - 1 - b),
                                         static_cast<double>(baskets_.row(b).size()) / mean));
      }
  }

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("baskets", self.baskets_);
    visit("begin", self.begin_);
    visit("power", self.options_.forgetting.power);
    visit("scale", self.options_.forgetting.scale);
    visit("per_step", self.options_.forgetting.per_step);
    visit("size", self.options_.forgetting.size);
    visit("unlike", self.options_.unlike);
  }

  bool operator==(const CustomerBaskets& other) const {
    return baskets_ == other.baskets_ && begin_ == other.begin_ && rare_ == other.rare_ &&
           kept_ == other.kept_ && options_.unlike == other.options_.unlike;
  }

 private:
  /// Calls `visit(basket, share)` for the customer's baskets; the shares sum to 1.
  template <class Visit>
  void for_each_share(const Query& query, Visit&& visit) const noexcept {
    if (query.customer.value() >= customers()) return;
    std::array<std::uint32_t, most_items> held;  // rising
    std::size_t size = 0;
    float squares = 0;
    const auto add = [&](std::uint32_t item) {
      const auto end = held.begin() + static_cast<std::ptrdiff_t>(size);
      const auto at = std::lower_bound(held.begin(), end, item);
      if (item >= items() || size == most_items || (at != end && *at == item)) return;
      std::copy_backward(at, end, end + 1);
      *at = item;
      ++size;
      squares += rare_[item];
    };
    add(query.viewed.value());
    for (std::size_t i = query.basket.size(); i-- > 0;) add(query.basket[i].value());
    const float per_query = squares > 0 ? 1 / std::sqrt(squares) : 0.0f;
    const auto weight_of = [&](std::size_t basket) {
      float shared = 0;
      std::size_t at = 0;
      for (const std::uint32_t item : baskets_.row(basket)) {
        while (at < size && held[at] < item) ++at;
        if (at == size) break;
        if (held[at] == item) shared += rare_[item];
      }
      return kept_[basket] * (options_.unlike + shared * per_query * per_length_[basket]);
    };
    const std::size_t first = begin_[query.customer.value()],
                      last = begin_[query.customer.value() + std::size_t{1}];
    float sum = 0;
    for (std::size_t b = first; b < last; ++b) sum += weight_of(b);
    if (!(sum > 0)) return;
    for (std::size_t b = first; b < last; ++b) visit(b, weight_of(b) / sum);
  }

  SparsePattern baskets_;
  std::vector<std::uint32_t> begin_{0};  // of each customer's baskets, and the end
  CustomerBasketsOptions options_;
  std::vector<float> rare_;        // of each item, squared
  std::vector<float> kept_;        // of each basket: what its age and size leave of it
  std::vector<float> per_length_;  // of each basket: 1 / length
};

}  // namespace bodega::inline BODEGA_ABI
