// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <bodega/collaborative/shop/leaning_shares.hpp>
#include <bodega/collaborative/shop/shop_prior.hpp>
#include <bodega/collaborative/sums/store_sales.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/options.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

struct ShopPriorOptions {
  /// Store and the number of its cluster, from 0 on; a store that is not named leans on the chain.
  /// A store may be named before its first sale.
  std::vector<std::pair<StoreId, std::uint32_t>> clusters = {};
  /// k: sales of its own that outweigh what the chain, a cluster, a store, or an item (its hours,
  /// weekdays, channels and rush) leans on. 0 = estimated; infinity = no differences.
  double chain_strength = 0, cluster_strength = 0, store_strength = 0;
  double hour_strength = 0, weekday_strength = 0, channel_strength = 0, rush_strength = 0;
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
    visit("channel_strength", self.channel_strength,
          "Sales of an item that outweigh the channels of all; 0 = estimated.");
    visit("rush_strength", self.rush_strength,
          "Sales of an item that outweigh the busy and quiet times of all; 0 = estimated.");
    visit("expected", self.expected,
          "What each item is expected to sell before anything is known; empty = all alike.");
  }
};

namespace detail {

#if BODEGA_BODIES
/// The sums of several stores as the levels that lean on each other: items at the chain, by
/// cluster, by store; and items x hours, weekdays, channels, rushes. All as of the latest day.
struct ShopCounts {
  Matrix<double> chain, clusters, stores, hours, weekdays, channels, rushes;

  ShopCounts(const StoreSales& sales, std::span<const std::uint32_t> store,
             std::span<const std::uint32_t> cluster_of, std::size_t clusters_count);
};

/// The share of all counts in each column; 0 where there are none.
std::vector<double> column_shares(const Matrix<double>& counts);
#endif

/// Slots x items: P(slot | item) / P(slot) - 1, with P(slot | item) leaning on P(slot).
Matrix<float> lifts(const Matrix<double>& counts, double strength);

#if BODEGA_BODIES
void want_option(bool good, const char* option, const char* expected, double found);

void check_strengths(const ShopPriorOptions& options);

/// What each item is expected to sell, as shares. Errors of the option.
std::vector<double> expected_shares(std::size_t items, const std::vector<float>& option);

/// Lists the stores of the sales and of the clusters in `parts`, each with its cluster, and returns
/// how many clusters there are. Errors of the option.
std::size_t name_stores(const StoreSales& sales, const ShopPriorOptions& options,
                        ShopPrior<>::Parts& parts);
#endif

/// Fits to `both`. Strengths are estimated by how well `sales` foresees `later`, or where that is
/// null by `sales` alone.
ShopPrior<> fit_shop_prior(const StoreSales& sales, const StoreSales* later, const StoreSales& both,
                           const ShopPriorOptions& options);

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
ShopPrior<> fit_shop_prior(const StoreSales& sales, const StoreSales& later,
                           const ShopPriorOptions& options = {});

#if BODEGA_BODIES

namespace detail {

BODEGA_INLINE ShopCounts::ShopCounts(const StoreSales& sales, std::span<const std::uint32_t> store,
                                     std::span<const std::uint32_t> cluster_of,
                                     std::size_t clusters_count)
    : chain(1, sales.items()),
      clusters(clusters_count, sales.items()),
      stores(store.size(), sales.items()),
      hours(sales.items(), StoreSales::hours),
      weekdays(sales.items(), StoreSales::weekdays),
      channels(sales.items(), StoreSales::channels),
      rushes(sales.items(), StoreSales::rushes) {
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
    for (std::size_t c = 0; c < sales.by_channel().rows(); ++c)
      channels(i, c) = present * double{sales.by_channel()(c, i)};
    for (std::size_t r = 0; r < sales.by_rush().rows(); ++r)
      rushes(i, r) = present * double{sales.by_rush()(r, i)};
  }
}

BODEGA_INLINE std::vector<double> column_shares(const Matrix<double>& counts) {
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

BODEGA_INLINE Matrix<float> lifts(const Matrix<double>& counts, double strength) {
  const std::vector<double> share = column_shares(counts);
  const LeaningRows leaning = lean(counts, strength);
  Matrix<float> result(counts.columns(), counts.rows());
  for (std::size_t s = 0; s < result.rows(); ++s)
    for (std::size_t i = 0; i < result.columns() && share[s] > 0; ++i)
      result(s, i) =
          static_cast<float>(double{leaning.own(i, s)} / share[s] + double{leaning.lean[i]} - 1);
  return result;
}

BODEGA_INLINE void want_option(bool good, const char* option, const char* expected, double found) {
  if (!good)
    throw Error(ErrorCode::invalid_argument, "fit_shop_prior, option " + std::string(option),
                expected, std::to_string(found));
}

BODEGA_INLINE void check_strengths(const ShopPriorOptions& options) {
  for (const auto& [name, strength] : {std::pair{"chain_strength", options.chain_strength},
                                       std::pair{"cluster_strength", options.cluster_strength},
                                       std::pair{"store_strength", options.store_strength},
                                       std::pair{"hour_strength", options.hour_strength},
                                       std::pair{"weekday_strength", options.weekday_strength},
                                       std::pair{"channel_strength", options.channel_strength},
                                       std::pair{"rush_strength", options.rush_strength}})
    want_option(strength >= 0, name, "a number above 0, or 0 for an estimate", strength);
}

BODEGA_INLINE std::vector<double> expected_shares(std::size_t items,
                                                  const std::vector<float>& option) {
  std::vector<double> expected(items, 1.0);
  if (!option.empty()) {
    validate_size(option.size(), items, "fit_shop_prior, option expected");
    expected.assign(option.begin(), option.end());
    for (const double share : expected)
      want_option(share >= 0 && std::isfinite(share), "expected", "finite numbers of 0 or more",
                  share);
  }
  double all = 0;
  for (const double share : expected) all += share;
  for (double& share : expected) share = all > 0 ? share / all : 0;
  return expected;
}

BODEGA_INLINE std::size_t name_stores(const StoreSales& sales, const ShopPriorOptions& options,
                                      ShopPrior<>::Parts& parts) {
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
  for (std::size_t row = 0; row < sales.stores(); ++row)
    if (!sales.store(row).is_none()) parts.store.push_back(sales.store(row).value());
  std::sort(parts.store.begin(), parts.store.end());
  parts.store.erase(std::unique(parts.store.begin(), parts.store.end()), parts.store.end());
  parts.cluster_of.assign(parts.store.size(), UINT32_MAX);
  std::size_t clusters = 0;
  for (const auto& [store, cluster] : options.clusters) {
    const auto at = std::lower_bound(parts.store.begin(), parts.store.end(), store.value());
    parts.cluster_of[static_cast<std::size_t>(at - parts.store.begin())] = cluster;
    clusters = std::max<std::size_t>(clusters, cluster + std::size_t{1});
  }
  return clusters;
}

BODEGA_INLINE ShopPrior<> fit_shop_prior(const StoreSales& sales, const StoreSales* later,
                                         const StoreSales& both, const ShopPriorOptions& options) {
  check_strengths(options);
  const std::vector<double> expected = expected_shares(sales.items(), options.expected);
  ShopPrior<>::Parts parts;
  const std::size_t clusters = name_stores(both, options, parts);
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
  const double chain_strength = strength(options.chain_strength, &ShopCounts::chain, true,
                                         [&](std::size_t) { return std::span(expected); });
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
  const bool has_channels = both.by_channel().rows() > 0, has_rushes = both.by_rush().rows() > 0;
  const double channel_strength =
      has_channels ? slot_strength(options.channel_strength, &ShopCounts::channels) : 0;
  const double rush_strength =
      has_rushes ? slot_strength(options.rush_strength, &ShopCounts::rushes) : 0;

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
    parts.chain.assign(sales.items(), 0.0f);
  LeaningRows of_stores = lean(counts.stores, store_strength);
  parts.clusters = std::move(of_clusters.own);
  parts.cluster_lean = std::move(of_clusters.lean);
  parts.stores = std::move(of_stores.own);
  parts.store_lean = std::move(of_stores.lean);
  parts.hours = lifts(counts.hours, hour_strength);
  parts.weekdays = lifts(counts.weekdays, weekday_strength);
  if (has_channels) parts.channels = lifts(counts.channels, channel_strength);
  if (has_rushes) parts.rushes = lifts(counts.rushes, rush_strength);
  parts.names = both.names();
  return ShopPrior<>(std::move(parts));
}

}  // namespace detail

BODEGA_INLINE ShopPrior<> fit_shop_prior(const StoreSales& sales, const StoreSales& later,
                                         const ShopPriorOptions& options) {
  StoreSales both = sales;
  both.merge(later);
  return detail::fit_shop_prior(sales, &later, both, options);
}

#endif

}  // namespace bodega::inline BODEGA_ABI
