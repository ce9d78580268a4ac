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

#include <bodega/collaborative/sums/store_sales.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/query.hpp>
#include <bodega/data/string_table.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/tensor/rows.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

/// What sells here and now, where little is known of here and now: an item's share of the sales of
/// a store at an hour and weekday, from counts that lean on wider ones by how many there are,
///
///   share(chain) = (sales + k expected share) / (all sales + k)
///   share(store) = (sales in the store + k share(cluster)) / (all sales in the store + k)
///   share(store, weekday, hour) = share(store) * lift(weekday) * lift(hour)
///
/// and likewise * lift(channel) * lift(rush), for kiosks and busy times;
/// clusters likewise on the chain. A store without sales gets its cluster's shares, one that is not
/// known the chain's. lift(hour) is P(hour | item) / P(hour) over the chain, with P(hour | item)
/// leaning on P(hour) by the item's sales: a new store knows from its chain that rolls go in the
/// morning. What is not known of the query's context is left out.
///
/// The shares of a store sum to 1 over the catalogue, with a time to nearly 1. Before the first
/// sale of the chain all are 0. Shapes: stores x items and clusters x items (own part of the
/// shares), hours 24 x items, weekdays 7 x items, channels and rushes 2 x items or none (lifts less
/// 1). Thread rule: immutable, any number of readers. Cost: one pass over at most seven rows.
/// Source: the posterior mean under a Dirichlet
/// prior whose mean is the wider level, as in MacKay, Peto, "A hierarchical Dirichlet language
/// model", 1995.
template <WeightFormat W = Matrix<float>>
class ShopPrior {
 public:
  static constexpr std::string_view kind = "shop_prior";
  static constexpr float usual_weight = 0.3f;
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
    W channels = {}, rushes = {};                 ///< as of StoreSales; no rows: not known
    StringSet names = {};                         ///< of stores by id, where they have names
  };
  explicit ShopPrior(Parts parts) : parts_(std::move(parts)) { validate("ShopPrior"); }

  std::size_t items() const noexcept { return parts_.chain.size(); }
  std::size_t stores() const noexcept { return parts_.store.size(); }
  std::size_t clusters() const noexcept { return parts_.cluster_lean.size(); }
  /// Of the context what there are sums of.
  QueryParts uses() const noexcept {
    QueryParts parts;
    if (stores() > 0) parts |= QueryPart::store;
    if (parts_.hours.rows() > 0) parts |= QueryPart::hour;
    if (parts_.weekdays.rows() > 0) parts |= QueryPart::weekday;
    if (parts_.channels.rows() > 0) parts |= QueryPart::channel;
    if (parts_.rushes.rows() > 0) parts |= QueryPart::rush;
    return parts;
  }

  /// The store of that name, for a query's context; none() where there is none, or stores have no
  /// names.
  StoreId store_named(std::string_view name) const noexcept {
    const std::uint32_t found = parts_.names.find(name);
    return found == StringSet::none ? StoreId() : StoreId(found);
  }
  /// The names of stores by StoreId.
  const StringSet& names() const noexcept { return parts_.names; }

  /// In [0, 1] or little above; 0 for an index outside the catalogue.
  float share(ItemIndex item, const Context& context = {}) const noexcept {
    const std::size_t i = item.value();
    if (i >= items()) return 0;
    const Sum sum = sum_of(context);
    float share = sum.chain * parts_.chain[i];
    if (sum.has_cluster) share += sum.cluster_weight * entry(parts_.clusters, sum.cluster, i);
    if (sum.has_store) share += entry(parts_.stores, sum.store, i);
    for_each_lift(context, [&](const W& table, std::size_t row) {
      share *= std::max(0.0f, 1 + entry(table, row, i));
    });
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
      for_each_lift(context, [&](const W& table, std::size_t row) {
        const std::span<float> lift(lifts.data(), count);
        std::fill(lift.begin(), lift.end(), 1.0f);
        add_row_part(table, row, first, 1.0f, lift);
        for (std::size_t k = 0; k < count; ++k) share[k] *= std::max(0.0f, lift[k]);
      });
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
    table(parts_.channels, parts_.channels.rows() > 0 ? StoreSales::channels : 0, "channels");
    table(parts_.rushes, parts_.rushes.rows() > 0 ? StoreSales::rushes : 0, "rushes");
    parts_.names.validate(where + ", names");
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
    visit("channels", self.parts_.channels, Role::weight);
    visit("rushes", self.parts_.rushes, Role::weight);
    visit("names", self.parts_.names);
  }

  /// Files of before number their stores.
  static constexpr bool added_later(std::string_view parameter) noexcept {
    return parameter == "channels" || parameter == "rushes" || parameter == "names";
  }
  bool uses_added() const noexcept {
    return parts_.channels.rows() > 0 || parts_.rushes.rows() > 0 || !parts_.names.empty();
  }
  void restore() { parts_.names.restore(); }

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

  /// Calls `visit(table, row)` for what is known of the context, where the chain has sums of it.
  template <class Visit>
  void for_each_lift(const Context& context, Visit&& visit) const noexcept {
    const auto lift = [&](const W& table, int row) {
      if (row >= 0 && static_cast<std::size_t>(row) < table.rows())
        visit(table, static_cast<std::size_t>(row));
    };
    lift(parts_.hours, context.hour);
    lift(parts_.weekdays, context.weekday);
    lift(parts_.channels, static_cast<int>(context.channel) - 1);
    lift(parts_.rushes, static_cast<int>(context.rush) - 1);
  }

  Parts parts_;
};

}  // namespace bodega::inline BODEGA_ABI
