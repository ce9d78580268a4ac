// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/collaborative/customers/forgetting.hpp>
#include <bodega/collaborative/customers/later_baskets.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/options.hpp>
#include <bodega/core/query.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/receipt.hpp>
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
/// items the newest count. `observe` adds a receipt to its customer's baskets, also of a customer
/// never seen: the model is then the one fitted to all receipts at once.
/// Memory: the customers' baskets, about a byte a line in a file and 4 here. Thread safety: const
/// calls from many threads; `observe` excludes all others. Complexity: the lines of the customer's
/// baskets, each looked at twice. Source: the neighbourhood of baskets by their cosine, after Hu,
/// He, Gao, Zhang, "Modeling personalized item frequency information for next-basket
/// recommendation", SIGIR 2020, within one customer.
class CustomerBaskets {
 public:
  static constexpr std::string_view kind = "customer_baskets";
  static constexpr std::size_t most_items = 256;

  CustomerBaskets() { restore(); }
  /// `baskets`: baskets x items, those of a customer side by side and oldest first; `begin[u]` to
  /// `begin[u + 1]` are customer u's. `as_of`: the latest day of one, where it is known. Errors:
  /// those of `validate`.
  CustomerBaskets(SparsePattern baskets, std::vector<std::uint32_t> begin,
                  const CustomerBasketsOptions& options, std::optional<Day> as_of = {});

  std::size_t items() const noexcept { return std::max(baskets_.columns(), later_.items()); }
  static constexpr QueryParts uses() noexcept { return QueryParts::items() | QueryPart::customer; }
  std::size_t customers() const noexcept { return std::max(fitted(), later_.customers()); }
  /// As fitted.
  const SparsePattern& baskets() const noexcept { return baskets_; }
  /// The latest day of a customer's basket; 1970-01-01 where it is not known.
  Day day() const noexcept {
    return std::max(as_of_ == never ? Day() : Day::nearest(as_of_), later_.day());
  }

  /// The catalogue has so many items now, the new ones at its end: they are heard of as others.
  void grow(std::size_t items) {
    if (items <= this->items() || items > LaterBaskets::most_items) return;
    held_.reserve(items);
    log_held_.reserve(items);
    later_.grow(items);
    held_.resize(items, 0);
    log_held_.resize(items, 0.0f);
  }

  /// Adds what a receipt sells to its customer's baskets; items outside the catalogue, returns and
  /// receipts without a card say nothing. Strong guarantee. Complexity: the sort of the lines.
  void observe(const Receipt& receipt);

  void add_scores(const Query& query, float weight, std::span<float> scores) const noexcept;

  void explain(const Query& query, float weight, ItemIndex item, Reasons& reasons) const noexcept;

  /// What the baskets count is found once for 64 picks.
  void explain_all(const Query& query, float weight, std::span<Pick> picks) const noexcept;

  /// Error (shape, format, out_of_range, invalid_argument) where the customers do not share out the
  /// baskets, the baskets are not well formed or an option is bad.
  void validate(const std::string& where) const;

  /// What follows from the baskets.
  void restore();

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("baskets", self.baskets_);
    visit("begin", self.begin_);
    visit("power", self.options_.forgetting.power);
    visit("scale", self.options_.forgetting.scale);
    visit("per_step", self.options_.forgetting.per_step);
    visit("size", self.options_.forgetting.size);
    visit("unlike", self.options_.unlike);
    visit("as_of", self.as_of_);
    visit("later", self.later_);
  }

  /// Files of before do not say of which day they are.
  static constexpr bool added_later(std::string_view parameter) noexcept {
    return parameter == "as_of" || parameter == "later";
  }
  bool uses_added() const noexcept {
    return as_of_ != never || !later_.empty() || later_.items() > baskets_.columns();
  }

  bool operator==(const CustomerBaskets& other) const noexcept {
    return baskets_ == other.baskets_ && begin_ == other.begin_ &&
           options_.forgetting == other.options_.forgetting &&
           options_.unlike == other.options_.unlike && as_of_ == other.as_of_ &&
           later_ == other.later_;
  }

 private:
  static constexpr std::int32_t never = std::numeric_limits<std::int32_t>::min();

  std::size_t fitted() const noexcept { return begin_.size() - 1; }

  float age_weight(std::size_t age) const noexcept {
    return static_cast<float>(options_.forgetting.weight(static_cast<double>(age), 1));
  }
  /// The mean size would only be a factor that all have in common.
  float size_weight(std::size_t items) const noexcept {
    return static_cast<float>(std::pow(static_cast<double>(items), -options_.forgetting.size));
  }
  float kept(std::size_t age, std::size_t items) const noexcept {
    return (age < by_age_.size() ? by_age_[age] : age_weight(age)) *
           (items < by_size_.size() ? by_size_[items] : size_weight(items));
  }

  void hold(std::uint32_t item, std::uint32_t more) noexcept {
    held_[item] += more;
    log_held_[item] = static_cast<float>(std::log1p(static_cast<double>(held_[item])));
  }
  void count_baskets() noexcept {
    const auto all = static_cast<double>(baskets_.rows() + later_.size());
    log_baskets_ = static_cast<float>(std::log(std::max(all, 1.0)));
  }
  void count_holders() noexcept;
  /// As SparsePattern::find: no branch, since which half holds the item cannot be predicted.
  static bool holds(std::span<const std::uint32_t> basket, std::uint32_t item) noexcept {
    if (basket.empty()) return false;
    const std::uint32_t* at = basket.data();
    for (std::size_t left = basket.size(); left > 1;) {
      const std::size_t half = left / 2;
      at = at[half] <= item ? at + half : at;
      left -= half;
    }
    return *at == item;
  }

  /// How rare an item is, squared.
  float rare(std::uint32_t item) const noexcept {
    const float log = std::max(0.0f, log_baskets_ - log_held_[item]);
    return log * log;
  }

  /// Calls `visit(items, age)` for the customer's baskets, the newest first.
  template <class Visit>
  void for_each_basket(std::size_t u, Visit&& visit) const noexcept {
    later_.for_each_back(u,
                         [&](std::size_t basket, std::size_t age) { visit(later_[basket], age); });
    if (u >= fitted()) return;
    std::size_t age = later_.count(u);
    for (std::size_t b = begin_[u + 1]; b-- > begin_[u];) visit(baskets_.row(b), age++);
  }

  /// Calls `visit(items, share)` for the customer's baskets; the shares sum to 1.
  template <class Visit>
  void for_each_share(const Query& query, Visit&& visit) const noexcept {
    const std::size_t u = query.customer.value();
    if (u >= customers()) return;
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
      squares += rare(item);
    };
    add(query.viewed.value());
    for (std::size_t i = query.basket.size(); i-- > 0;) add(query.basket[i].value());
    const float per_query = squares > 0 ? 1 / std::sqrt(squares) : 0.0f;
    const auto weight_of = [&](std::span<const std::uint32_t> basket, std::size_t age) {
      const float plain = kept(age, basket.size());
      if (size == 0) return plain * options_.unlike;
      float length = 0, shared = 0;
      for (const std::uint32_t item : basket) length += rare(item);
      for (std::size_t at = 0, line = 0; at < size && line < basket.size();) {
        const std::uint32_t mine = held[at], theirs = basket[line];
        if (mine == theirs) shared += rare(mine);
        at += mine <= theirs;
        line += theirs <= mine;
      }
      const float alike = length > 0 ? shared * per_query / std::sqrt(length) : 0.0f;
      return plain * (options_.unlike + alike);
    };
    std::array<float, 1024> weights;  // of the newest baskets; of older ones they are found again
    float sum = 0;
    for_each_basket(u, [&](std::span<const std::uint32_t> basket, std::size_t age) {
      const float weight = weight_of(basket, age);
      if (age < weights.size()) weights[age] = weight;
      sum += weight;
    });
    if (!(sum > 0) || !std::isfinite(sum)) return;
    for_each_basket(u, [&](std::span<const std::uint32_t> basket, std::size_t age) {
      visit(basket, (age < weights.size() ? weights[age] : weight_of(basket, age)) / sum);
    });
  }

  SparsePattern baskets_;
  std::vector<std::uint32_t> begin_{0};  // of each customer's baskets, and the end
  CustomerBasketsOptions options_;
  std::int32_t as_of_ = never;
  LaterBaskets later_;
  // Made by restore():
  std::vector<float> by_age_, by_size_;  // what a basket counts
  std::vector<std::uint32_t> held_;      // baskets with each item
  std::vector<float> log_held_;          // ln of one more than those
  float log_baskets_ = 0;
};

#if BODEGA_BODIES

BODEGA_INLINE CustomerBaskets::CustomerBaskets(SparsePattern baskets,
                                               std::vector<std::uint32_t> begin,
                                               const CustomerBasketsOptions& options,
                                               std::optional<Day> as_of)
    : baskets_(std::move(baskets)), begin_(std::move(begin)), options_(options) {
  if (as_of) as_of_ = as_of->days_since_1970();
  validate("CustomerBaskets");
  restore();
}

BODEGA_INLINE void CustomerBaskets::observe(const Receipt& receipt) {
  const std::size_t before = later_.size();
  const std::size_t basket = later_.observe(receipt);
  if (basket == later_.size()) return;                      // nothing was kept
  if (later_.size() != before + 1) return count_holders();  // older ones were let go
  for (const std::uint32_t item : later_[basket]) hold(item, 1);
  count_baskets();
}

BODEGA_INLINE void CustomerBaskets::add_scores(const Query& query, float weight,
                                               std::span<float> scores) const noexcept {
  for_each_share(query, [&](std::span<const std::uint32_t> basket, float share) {
    for (const std::uint32_t item : basket) scores[item] += weight * share;
  });
}

BODEGA_INLINE void CustomerBaskets::explain(const Query& query, float weight, ItemIndex item,
                                            Reasons& reasons) const noexcept {
  explain_alone(*this, query, weight, item, reasons);
}

BODEGA_INLINE void CustomerBaskets::explain_all(const Query& query, float weight,
                                                std::span<Pick> picks) const noexcept {
  while (!picks.empty()) {
    std::array<float, 64> sum{};
    const auto some = picks.first(std::min(picks.size(), sum.size()));
    for_each_share(query, [&](std::span<const std::uint32_t> basket, float share) {
      for (std::size_t k = 0; k < some.size(); ++k)
        if (std::binary_search(basket.begin(), basket.end(), some[k].item.value())) sum[k] += share;
    });
    for (std::size_t k = 0; k < some.size(); ++k)
      some[k].because.offer(
          {Reason::Kind::bought_before, ItemIndex::none(), Reason::no_term, weight * sum[k]});
    picks = picks.subspan(some.size());
  }
}

BODEGA_INLINE void CustomerBaskets::validate(const std::string& where) const {
  baskets_.validate(where + ", baskets");
  if (begin_.empty() || begin_.front() != 0 || begin_.back() != baskets_.rows() ||
      !std::is_sorted(begin_.begin(), begin_.end()))
    throw Error(ErrorCode::shape, where + ", begin",
                "rising from 0 to " + std::to_string(baskets_.rows()), "other numbers");
  options_.forgetting.validate(where);
  if (!(options_.unlike > 0) || !std::isfinite(options_.unlike))
    throw Error(ErrorCode::invalid_argument, where + ", option unlike", "a finite number above 0",
                std::to_string(options_.unlike));
  if (as_of_ != never && (as_of_ < Day::first_number || as_of_ > Day::last_number))
    throw Error(ErrorCode::out_of_range, where + ", as_of", "a day of the years 1 to 9999",
                std::to_string(as_of_));
  later_.validate(where + ", later", baskets_.columns());
}

BODEGA_INLINE void CustomerBaskets::restore() {
  later_.restore(baskets_.columns());
  std::size_t most = 0;
  for (std::size_t u = 0; u < fitted(); ++u)
    most = std::max<std::size_t>(most, begin_[u + 1] - begin_[u]);
  by_age_.resize(std::min<std::size_t>(most + 256, 1u << 16));
  for (std::size_t age = 0; age < by_age_.size(); ++age) by_age_[age] = age_weight(age);
  by_size_.resize(std::min<std::size_t>(items(), 1024) + 1);
  for (std::size_t size = 1; size < by_size_.size(); ++size) by_size_[size] = size_weight(size);
  held_.assign(items(), 0);
  log_held_.assign(items(), 0.0f);
  count_holders();
}

BODEGA_INLINE void CustomerBaskets::count_holders() noexcept {
  std::fill(held_.begin(), held_.end(), 0u);
  for (const std::uint32_t item : baskets_.column()) ++held_[item];
  for (const std::uint32_t item : later_.lines()) ++held_[item];
  for (std::uint32_t i = 0; i < items(); ++i) hold(i, 0);
  count_baskets();
}

#endif

}  // namespace bodega::inline BODEGA_ABI
