// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/collaborative/sums/store_sales.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/options.hpp>
#include <bodega/core/query.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/tensor/rows.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega {

/// What sells here and now, where little is known of here and now: an item's share of the sales of
/// a store at an hour and weekday, from counts that lean on wider ones by how many there are,
///
///   share(chain) = (sales + k expected share) / (all sales + k)
///   share(store) = (sales in the store + k share(cluster)) / (all sales in the store + k)
///   share(store, weekday, hour) = share(store) * lift(weekday) * lift(hour)
///
/// clusters likewise on the chain. A store without sales gets its cluster's shares, one that is not
/// known the chain's. lift(hour) is P(hour | item) / P(hour) over the chain, with P(hour | item)
/// leaning on P(hour) by the item's sales: a new store knows from its chain that rolls go in the
/// morning. What is not known of the query's context is left out.
///
/// The shares of a store sum to 1 over the catalogue, with a time to nearly 1. Before the first
/// sale of the chain all are 0. Shapes: stores x items and clusters x items (own part of the
/// shares), hours 24 x items, weekdays 7 x items (lifts less 1). Thread rule: immutable, any number
/// of readers. Cost: one pass over at most five rows. Source: the posterior mean under a Dirichlet
/// prior whose mean is the wider level, as in MacKay, Peto, "A hierarchical Dirichlet language
/// model", 1995.
template <WeightFormat W = Matrix<float>>
class ShopPrior {
 public:
  static constexpr std::string_view kind = "shop_prior";
  template <WeightFormat V>
  using with_weights = ShopPrior<V>;

  ShopPrior() = default;

  /// The parts as `parameters` lists them; made by `fit_shop_prior`. Errors as `validate`.
  struct Parts {
    std::vector<float> chain;  ///< share of each item
    W clusters = {}, stores = {}, hours = {}, weekdays = {};
    std::vector<float> cluster_lean, store_lean;  ///< k / (sales + k)
    std::vector<std::uint32_t> store;             ///< ids, rising
    std::vector<std::uint32_t> cluster_of;        ///< of each store; UINT32_MAX = none
  };
  explicit ShopPrior(Parts parts) : parts_(std::move(parts)) { validate("ShopPrior"); }

  std::size_t items() const noexcept { return parts_.chain.size(); }
  std::size_t stores() const noexcept { return parts_.store.size(); }
  std::size_t clusters() const noexcept { return parts_.cluster_lean.size(); }

  /// In [0, 1] or little above; 0 for an index outside the catalogue.
  float share(ItemIndex item, const Context& context = {}) const noexcept {
    const std::size_t i = item.value();
    if (i >= items()) return 0;
    const Sum sum = sum_of(context);
    float share = sum.chain * parts_.chain[i];
    if (sum.has_cluster) share += sum.cluster_weight * entry(parts_.clusters, sum.cluster, i);
    if (sum.has_store) share += entry(parts_.stores, sum.store, i);
    if (has_lift(parts_.hours, context.hour)) share *= lift(parts_.hours, context.hour, i);
    if (has_lift(parts_.weekdays, context.weekday))
      share *= lift(parts_.weekdays, context.weekday, i);
    return share;
  }

  void add_scores(const Query& query, float weight, std::span<float> scores) const noexcept {
    const Context& context = query.context;
    const Sum sum = sum_of(context);
    constexpr std::size_t most = 256;
    std::array<float, most> shares, lifts;
    for (std::size_t first = 0; first < items(); first += most) {
      const std::size_t count = std::min(most, items() - first);
      const std::span<float> share(shares.data(), count);
      for (std::size_t k = 0; k < count; ++k) share[k] = sum.chain * parts_.chain[first + k];
      if (sum.has_cluster)
        add_row_part(parts_.clusters, sum.cluster, first, sum.cluster_weight, share);
      if (sum.has_store) add_row_part(parts_.stores, sum.store, first, 1.0f, share);
      const auto multiply_lift = [&](const W& table, std::int8_t row) {
        if (!has_lift(table, row)) return;
        const std::span<float> lift(lifts.data(), count);
        std::fill(lift.begin(), lift.end(), 1.0f);
        add_row_part(table, static_cast<std::size_t>(row), first, 1.0f, lift);
        for (std::size_t k = 0; k < count; ++k) share[k] *= std::max(0.0f, lift[k]);
      };
      multiply_lift(parts_.hours, context.hour);
      multiply_lift(parts_.weekdays, context.weekday);
      for (std::size_t k = 0; k < count; ++k) scores[first + k] += weight * share[k];
    }
  }

  void explain(const Query& query, float weight, ItemIndex item, Reasons& reasons) const noexcept {
    reasons.offer({Reason::Kind::popular, ItemIndex::none(), Reason::no_term,
                   weight * share(item, query.context)});
  }

  void validate(const std::string& where) const {
    const auto shares = [&](const std::vector<float>& numbers, const char* name) {
      for (std::size_t i = 0; i < numbers.size(); ++i)
        if (!(numbers[i] >= 0 && numbers[i] <= 1))
          throw Error(std::isfinite(numbers[i]) ? ErrorCode::out_of_range : ErrorCode::not_finite,
                      where + ", " + name + ", number " + std::to_string(i), "a share, 0 to 1",
                      std::to_string(numbers[i]));
    };
    shares(parts_.chain, "chain");
    shares(parts_.cluster_lean, "cluster_lean");
    shares(parts_.store_lean, "store_lean");
    const auto table = [&](const W& w, std::size_t rows, const char* name) {
      validate_weights(w, where + ", " + name);
      if (w.rows() == 0 && rows == 0) return;
      validate_size(w.rows(), rows, where + ", rows of " + name);
      validate_size(w.columns(), items(), where + ", columns of " + name);
    };
    table(parts_.clusters, clusters(), "clusters");
    table(parts_.stores, stores(), "stores");
    table(parts_.hours, parts_.hours.rows() > 0 ? StoreSales::hours : 0, "hours");
    table(parts_.weekdays, parts_.weekdays.rows() > 0 ? StoreSales::weekdays : 0, "weekdays");
    validate_size(parts_.store_lean.size(), stores(), where + ", store_lean");
    validate_size(parts_.cluster_of.size(), stores(), where + ", cluster_of");
    for (std::size_t s = 0; s < stores(); ++s) {
      if (s > 0 && parts_.store[s] <= parts_.store[s - 1])
        throw Error(ErrorCode::format, where + ", store " + std::to_string(s), "ids that rise",
                    std::to_string(parts_.store[s]));
      if (parts_.cluster_of[s] != UINT32_MAX && parts_.cluster_of[s] >= clusters())
        throw Error(ErrorCode::out_of_range, where + ", cluster_of store " + std::to_string(s),
                    "a cluster below " + std::to_string(clusters()),
                    std::to_string(parts_.cluster_of[s]));
    }
  }

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("chain", self.parts_.chain);
    visit("clusters", self.parts_.clusters, Role::weight);
    visit("cluster_lean", self.parts_.cluster_lean);
    visit("stores", self.parts_.stores, Role::weight);
    visit("store_lean", self.parts_.store_lean);
    visit("store", self.parts_.store);
    visit("cluster_of", self.parts_.cluster_of);
    visit("hours", self.parts_.hours, Role::weight);
    visit("weekdays", self.parts_.weekdays, Role::weight);
  }

 private:
  /// A store's shares as a sum of rows: chain * chain's + cluster_weight * a cluster's + a store's.
  struct Sum {
    float chain = 1, cluster_weight = 0;
    std::size_t cluster = 0, store = 0;
    bool has_cluster = false, has_store = false;
  };

  Sum sum_of(const Context& context) const noexcept {
    Sum sum;
    const auto at =
        std::lower_bound(parts_.store.begin(), parts_.store.end(), context.store.value());
    if (at == parts_.store.end() || *at != context.store.value()) return sum;
    sum.has_store = true;
    sum.store = static_cast<std::size_t>(at - parts_.store.begin());
    sum.chain = parts_.store_lean[sum.store];
    if (parts_.cluster_of[sum.store] == UINT32_MAX) return sum;
    sum.has_cluster = true;
    sum.cluster = parts_.cluster_of[sum.store];
    sum.cluster_weight = sum.chain;
    sum.chain *= parts_.cluster_lean[sum.cluster];
    return sum;
  }

  static bool has_lift(const W& table, std::int8_t row) noexcept {
    return row >= 0 && static_cast<std::size_t>(row) < table.rows();
  }
  static float lift(const W& table, std::int8_t row, std::size_t i) noexcept {
    return std::max(0.0f, 1 + entry(table, static_cast<std::size_t>(row), i));
  }

  Parts parts_;
};

struct ShopPriorOptions {
  /// Store and the number of its cluster, from 0 on; a store that is not named leans on the chain.
  /// A store may be named before its first sale.
  std::vector<std::pair<StoreId, std::uint32_t>> clusters = {};
  /// k: sales of its own that outweigh what the chain, a cluster, a store, or an item (its hours
  /// and weekdays) leans on. 0 = estimated; infinity = no differences.
  double chain_strength = 0, cluster_strength = 0, store_strength = 0;
  double hour_strength = 0, weekday_strength = 0;
  /// What each item is expected to sell before anything is known, relative to the others, such as
  /// what items like it sell. Empty = all alike.
  std::vector<float> expected = {};

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("clusters", self.clusters,
          "Store and the number of its cluster; a store not named leans on the chain.");
    visit("chain_strength", self.chain_strength,
          "Sales that outweigh what the chain leans on; 0 = estimated.");
    visit("cluster_strength", self.cluster_strength,
          "Sales that outweigh what a cluster leans on; 0 = estimated.");
    visit("store_strength", self.store_strength,
          "Sales that outweigh what a store leans on; 0 = estimated.");
    visit("hour_strength", self.hour_strength,
          "Sales of an item that outweigh the hours of all; 0 = estimated.");
    visit("weekday_strength", self.weekday_strength,
          "Sales of an item that outweigh the weekdays of all; 0 = estimated.");
    visit("expected", self.expected,
          "What each item is expected to sell before anything is known; empty = all alike.");
  }
};

namespace detail {

/// ln Gamma(a + n) - ln Gamma(a) for a above 0, n of 0 or more: Stirling's series beyond 8. (std's
/// lgamma writes a global sign.)
inline double log_rising(double a, double n) {
  const auto log_gamma = [](double x) {
    double shifted = 0;
    for (; x < 8; ++x) shifted -= std::log(x);
    const double x2 = 1 / (x * x);
    return shifted + (x - 0.5) * std::log(x) - x +
           (1.0 / 12 - x2 * (1.0 / 360 - x2 * (1.0 / 1260 - x2 / 1680))) / x;
  };
  return n > 0 ? log_gamma(a + n) - log_gamma(a) : 0;
}

/// Counts of one row, the shares they lean on, and what was sold later; where none of the counts is
/// above 0, and nothing was sold later, an item may be left out.
struct LeaningCounts {
  std::vector<double> counts, shares, later;
  double total = 0, weight = 1;
};

/// The k by which what was sold later is most likely, or without that the counts themselves, as
/// draws of shares around those they lean on (Dirichlet-multinomial): golden section over ln k from
/// 0.1 to 10 million sales, to 1 %.
inline double likeliest_strength(const std::vector<LeaningCounts>& rows, bool by_later) {
  const auto likelihood = [&](double log_k) {
    const double k = std::exp(log_k);
    double sum = 0;
    for (const LeaningCounts& row : rows) {
      if (!by_later) sum -= log_rising(k, row.total);
      for (std::size_t i = 0; i < row.counts.size(); ++i)
        if (!by_later)
          sum += log_rising(k * row.shares[i], row.counts[i]);
        else if (row.later[i] > 0)
          sum += row.weight * row.later[i] *
                 std::log((row.counts[i] + k * row.shares[i]) / (row.total + k));
    }
    return sum;
  };
  constexpr double golden = 0.6180339887498949;
  double low = std::log(0.1), high = std::log(1e7);
  double left = high - golden * (high - low), right = low + golden * (high - low);
  double at_left = likelihood(left), at_right = likelihood(right);
  while (high - low > 0.01) {
    if (at_left < at_right) {
      low = std::exchange(left, right);
      at_left = at_right;
      right = low + golden * (high - low);
      at_right = likelihood(right);
    } else {
      high = std::exchange(right, left);
      at_right = at_left;
      left = high - golden * (high - low);
      at_left = likelihood(left);
    }
  }
  return std::exp((low + high) / 2);
}

/// Rows of counts that each lean on a row of shares: each row's own part of the posterior mean, and
/// how much of the wider shares it keeps.
struct LeaningRows {
  Matrix<float> own;
  std::vector<float> lean;

  /// The posterior mean: own part and what is kept of `wider`.
  std::vector<double> shares(std::size_t row, std::span<const double> wider) const {
    std::vector<double> result(wider.size());
    for (std::size_t i = 0; i < wider.size(); ++i)
      result[i] = double{own(row, i)} + double{lean[row]} * wider[i];
    return result;
  }
};

/// `wider(row)` is a span of shares. `later` has the shape of `counts`, or is null. `alike`: each
/// row's later sales together count once, so that the largest store does not decide for all.
template <class Wider>
double estimate_strength(const Matrix<double>& counts, const Matrix<double>* later, bool alike,
                         Wider&& wider) {
  std::vector<LeaningCounts> rows;
  for (std::size_t r = 0; r < counts.rows(); ++r) {
    LeaningCounts& row = rows.emplace_back();
    const std::span<const double> shares = wider(r);
    double all_later = 0;
    for (std::size_t i = 0; i < counts.columns(); ++i) {
      row.total += counts(r, i);
      const double sold_later = later != nullptr ? (*later)(r, i) : 0;
      if (!(shares[i] > 0) || !(counts(r, i) > 0 || sold_later > 0)) continue;
      row.counts.push_back(counts(r, i));
      row.shares.push_back(shares[i]);
      row.later.push_back(sold_later);
      all_later += sold_later;
    }
    if (alike && all_later > 0) row.weight = 1 / all_later;
  }
  return likeliest_strength(rows, later != nullptr);
}

inline LeaningRows lean(const Matrix<double>& counts, double strength) {
  LeaningRows result{Matrix<float>(counts.rows(), counts.columns()), {}};
  for (std::size_t r = 0; r < counts.rows(); ++r) {
    double total = 0;
    for (const double count : counts.row(r)) total += count;
    const double keeps = total > 0 ? 1 / (1 + total / strength) : 1;  // infinite strength: 1
    result.lean.push_back(static_cast<float>(keeps));
    for (std::size_t i = 0; i < counts.columns() && total > 0; ++i)
      result.own(r, i) = static_cast<float>((1 - keeps) * counts(r, i) / total);
  }
  return result;
}

/// The sums of several stores as the levels that lean on each other: items at the chain, by
/// cluster, by store; and items x hours, items x weekdays. All as of the latest day.
struct ShopCounts {
  Matrix<double> chain, clusters, stores, hours, weekdays;

  ShopCounts(const StoreSales& sales, std::span<const std::uint32_t> store,
             std::span<const std::uint32_t> cluster_of, std::size_t clusters_count)
      : chain(1, sales.items()),
        clusters(clusters_count, sales.items()),
        stores(store.size(), sales.items()),
        hours(sales.items(), StoreSales::hours),
        weekdays(sales.items(), StoreSales::weekdays) {
    const double present = sales.present();
    for (std::size_t row = 0; row < sales.stores(); ++row) {
      const std::span<const float> sold = sales.of_store(row);
      const auto at = std::lower_bound(store.begin(), store.end(), sales.store(row).value());
      const bool known = at != store.end() && *at == sales.store(row).value();
      const auto s = static_cast<std::size_t>(at - store.begin());
      for (std::size_t i = 0; i < sold.size(); ++i) {
        const double count = present * double{sold[i]};
        chain(0, i) += count;
        if (!known) continue;
        stores(s, i) += count;
        if (cluster_of[s] != UINT32_MAX) clusters(cluster_of[s], i) += count;
      }
    }
    for (std::size_t i = 0; i < sales.items(); ++i) {
      for (std::size_t h = 0; h < StoreSales::hours; ++h)
        hours(i, h) = present * double{sales.at_hour(h)[i]};
      for (std::size_t d = 0; d < StoreSales::weekdays; ++d)
        weekdays(i, d) = present * double{sales.on_weekday(d)[i]};
    }
  }
};

/// The share of all counts in each column; 0 where there are none.
inline std::vector<double> column_shares(const Matrix<double>& counts) {
  std::vector<double> share(counts.columns(), 0.0);
  double all = 0;
  for (std::size_t r = 0; r < counts.rows(); ++r)
    for (std::size_t c = 0; c < counts.columns(); ++c) {
      share[c] += counts(r, c);
      all += counts(r, c);
    }
  for (double& of_column : share) of_column = all > 0 ? of_column / all : 0;
  return share;
}

/// Slots x items: P(slot | item) / P(slot) - 1, with P(slot | item) leaning on P(slot).
inline Matrix<float> lifts(const Matrix<double>& counts, double strength) {
  const std::vector<double> share = column_shares(counts);
  const LeaningRows leaning = lean(counts, strength);
  Matrix<float> result(counts.columns(), counts.rows());
  for (std::size_t s = 0; s < result.rows(); ++s)
    for (std::size_t i = 0; i < result.columns() && share[s] > 0; ++i)
      result(s, i) =
          static_cast<float>(double{leaning.own(i, s)} / share[s] + double{leaning.lean[i]} - 1);
  return result;
}

/// Fits to `both`. Strengths are estimated by how well `sales` foresees `later`, or where that is
/// null by `sales` alone.
inline ShopPrior<> fit_shop_prior(const StoreSales& sales, const StoreSales* later,
                                  const StoreSales& both, const ShopPriorOptions& options) {
  const auto want = [](bool good, const char* option, const char* expected, double found) {
    if (!good)
      throw Error(ErrorCode::invalid_argument, "fit_shop_prior, option " + std::string(option),
                  expected, std::to_string(found));
  };
  for (const auto& [name, strength] : {std::pair{"chain_strength", options.chain_strength},
                                       std::pair{"cluster_strength", options.cluster_strength},
                                       std::pair{"store_strength", options.store_strength},
                                       std::pair{"hour_strength", options.hour_strength},
                                       std::pair{"weekday_strength", options.weekday_strength}})
    want(strength >= 0, name, "a number above 0, or 0 for an estimate", strength);
  const std::size_t items = sales.items();
  std::vector<double> expected(items, 1.0);
  if (!options.expected.empty()) {
    validate_size(options.expected.size(), items, "fit_shop_prior, option expected");
    expected.assign(options.expected.begin(), options.expected.end());
    for (const double share : expected)
      want(share >= 0 && std::isfinite(share), "expected", "finite numbers of 0 or more", share);
  }

  ShopPrior<>::Parts parts;
  for (const auto& [store, cluster] : options.clusters) {
    if (store.is_none())
      throw Error(ErrorCode::invalid_argument, "fit_shop_prior, option clusters", "a store",
                  "none");
    if (cluster >= options.clusters.size())
      throw Error(ErrorCode::out_of_range,
                  "fit_shop_prior, cluster of store " + std::to_string(store.value()),
                  "a number below that of the stores, " + std::to_string(options.clusters.size()),
                  std::to_string(cluster));
    parts.store.push_back(store.value());
  }
  std::sort(parts.store.begin(), parts.store.end());
  if (const auto twice = std::adjacent_find(parts.store.begin(), parts.store.end());
      twice != parts.store.end())
    throw Error(ErrorCode::duplicate, "fit_shop_prior, option clusters", "each store once",
                std::to_string(*twice) + " twice");
  for (std::size_t row = 0; row < both.stores(); ++row)
    if (!both.store(row).is_none()) parts.store.push_back(both.store(row).value());
  std::sort(parts.store.begin(), parts.store.end());
  parts.store.erase(std::unique(parts.store.begin(), parts.store.end()), parts.store.end());
  parts.cluster_of.assign(parts.store.size(), UINT32_MAX);
  std::size_t clusters = 0;
  for (const auto& [store, cluster] : options.clusters) {
    const auto at = std::lower_bound(parts.store.begin(), parts.store.end(), store.value());
    parts.cluster_of[static_cast<std::size_t>(at - parts.store.begin())] = cluster;
    clusters = std::max<std::size_t>(clusters, cluster + std::size_t{1});
  }

  const auto counts_of = [&](const StoreSales& sums) {
    return ShopCounts(sums, parts.store, parts.cluster_of, clusters);
  };
  ShopCounts counts = counts_of(sales);
  const std::optional<ShopCounts> after =
      later != nullptr ? std::optional(counts_of(*later)) : std::nullopt;
  const auto strength = [&](double given, Matrix<double> ShopCounts::*level, bool alike,
                            auto&& wider) {
    if (given > 0) return given;
    return estimate_strength(counts.*level, after ? &((*after).*level) : nullptr, alike, wider);
  };
  double all = 0;
  for (const double share : expected) all += share;
  for (double& share : expected) share = all > 0 ? share / all : 0;
  const double chain_strength =
      strength(options.chain_strength, &ShopCounts::chain, true,
               [&](std::size_t) { return std::span(std::as_const(expected)); });
  std::vector<double> chain = lean(counts.chain, chain_strength).shares(0, expected);
  const double cluster_strength =
      strength(options.cluster_strength, &ShopCounts::clusters, true,
               [&](std::size_t) { return std::span(std::as_const(chain)); });
  LeaningRows of_clusters = lean(counts.clusters, cluster_strength);
  std::vector<std::vector<double>> wider;
  for (std::size_t c = 0; c < clusters; ++c) wider.push_back(of_clusters.shares(c, chain));
  const double store_strength =
      strength(options.store_strength, &ShopCounts::stores, true, [&](std::size_t store) {
        const std::uint32_t cluster = parts.cluster_of[store];
        return std::span<const double>(cluster == UINT32_MAX ? chain : wider[cluster]);
      });
  const auto slot_strength = [&](double given, Matrix<double> ShopCounts::*level) {
    const std::vector<double> share = column_shares(counts.*level);
    return strength(given, level, false, [&](std::size_t) { return std::span(share); });
  };
  const double hour_strength = slot_strength(options.hour_strength, &ShopCounts::hours);
  const double weekday_strength = slot_strength(options.weekday_strength, &ShopCounts::weekdays);

  if (later != nullptr) {
    counts = counts_of(both);
    chain = lean(counts.chain, chain_strength).shares(0, expected);
    of_clusters = lean(counts.clusters, cluster_strength);
  }
  bool any = false;
  for (const double sold : counts.chain.values()) any |= sold > 0;
  if (any)
    parts.chain.assign(chain.begin(), chain.end());
  else
    parts.chain.assign(items, 0.0f);
  LeaningRows of_stores = lean(counts.stores, store_strength);
  parts.clusters = std::move(of_clusters.own);
  parts.cluster_lean = std::move(of_clusters.lean);
  parts.stores = std::move(of_stores.own);
  parts.store_lean = std::move(of_stores.lean);
  parts.hours = lifts(counts.hours, hour_strength);
  parts.weekdays = lifts(counts.weekdays, weekday_strength);
  return ShopPrior<>(std::move(parts));
}

}  // namespace detail

/// Strengths that are not given are those that make the sums most likely as draws around what they
/// lean on. Error (invalid_argument, duplicate, out_of_range, shape) on a strength that is not
/// above 0; on a store in two clusters, or clusters numbered beyond the stores; on expected sales
/// that are not one finite number of 0 or more an item. Cost: for each strength that is estimated
/// some 40 passes over the sums.
inline ShopPrior<> fit_shop_prior(const StoreSales& sales, const ShopPriorOptions& options = {}) {
  return detail::fit_shop_prior(sales, nullptr, sales, options);
}

/// Strengths that are not given are those by which `sales` foresees `later` best, and the shares
/// are of both together: better where what sells changes, since sums alone do not show how fast.
/// Errors: as above, and those of `StoreSales::merge`.
inline ShopPrior<> fit_shop_prior(const StoreSales& sales, const StoreSales& later,
                                  const ShopPriorOptions& options = {}) {
  StoreSales both = sales;
  both.merge(later);
  return detail::fit_shop_prior(sales, &later, both, options);
}

}  // namespace bodega
