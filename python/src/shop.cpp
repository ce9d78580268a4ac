// SPDX-License-Identifier: MIT
#include <bodega/collaborative/shop/shop_prior.hpp>
#include <bodega/collaborative/shop/shop_prior_trainer.hpp>
#include <bodega/collaborative/sums/store_sales.hpp>
#include <bodega/data/baskets.hpp>
#include <bodega/data/receipts.hpp>

#include "receipt.hpp"
#include "scorer.hpp"

namespace bodega::python {
namespace {

using HeldSales = Only<StoreSales>;

class AnyShopPrior
    : public AnyOf<AnyShopPrior, ShopPrior<Matrix<float>>, ShopPrior<QuantizedMatrix>>,
      public ScorerOf<AnyShopPrior> {
 public:
  using AnyOf::AnyOf;
};

std::vector<py::str> names_of(const StringSet& names) {
  std::vector<py::str> texts;
  for (std::size_t i = 0; i < names.size(); ++i) texts.push_back(to_text(names[i]));
  return texts;
}

void bind_store_sales(py::module_& m) {
  const StoreSalesOptions defaults;
  const auto hold = [](StoreSales&& sales) {
    return std::make_shared<HeldSales>(std::move(sales));
  };
  auto held = model_class<HeldSales, Model>(
      m, "StoreSales",
      "How often each item is sold in each store, and in the chain at each hour and on each "
      "weekday: sums, which a chain adds up, by the names of the stores where they have names. "
      "What "
      "fit_shop_prior learns from.");
  def_observe(held, "Adds what a receipt sells, a sale for each line; its returns are left out.");
  held.def(py::init([hold](const Receipts& receipts, double half_life_days) {
             return unlocked(
                 [&] { return hold(StoreSales(receipts, {.half_life_days = half_life_days})); });
           }),
           "receipts"_a, py::kw_only(), "half_life_days"_a = defaults.half_life_days,
           "The sales of all lines; one this old counts half, 0 = no decay.")
      .def(py::init([hold](const Baskets& baskets, double half_life_days) {
             return unlocked(
                 [&] { return hold(StoreSales(baskets, {.half_life_days = half_life_days})); });
           }),
           "baskets"_a, py::kw_only(), "half_life_days"_a = defaults.half_life_days,
           "Each item of each basket is one sale.")
      .def(py::init([hold](Count<"StoreSales, items"> items, double half_life_days) {
             return hold(StoreSales(items, {.half_life_days = half_life_days}));
           }),
           "items"_a, py::kw_only(), "half_life_days"_a = defaults.half_life_days,
           "Nothing sold yet.")
      .def(
          "add",
          [](HeldSales& self, const py::object& store, Moment when, const py::object& items,
             float weight) {
            const std::vector<ItemIndex> sold = to_items(items, "StoreSales.add");
            self.get().add(to_store(self.get(), store, "StoreSales.add"), when, sold, weight);
          },
          "store"_a, "when"_a, "items"_a, "weight"_a = 1.0f,
          "Adds the sale of each item of a receipt. store: its name or its index, None = not "
          "known.")
      .def(
          "merge", [](HeldSales& self, const HeldSales& other) { self.get().merge(other.get()); },
          "other"_a,
          "Adds the sums of other stores or another period over the same catalogue; of stores "
          "that have names, by their names.")
      .def_property_readonly(
          "names", [](const HeldSales& self) { return names_of(self.get().names()); },
          "The names of stores, by their index; empty where they are only numbered.")
      .def(
          "store_named",
          [](const HeldSales& self, const std::string& name) {
            return self.get().store_named(name);
          },
          "name"_a, "The index of the store of that name; None where there is none.")
      .def_property_readonly(
          "items", [](const HeldSales& self) { return self.get().items(); },
          "Size of the catalogue.")
      .def_property_readonly(
          "stores",
          [](const HeldSales& self) {
            std::vector<StoreId> stores;
            for (std::size_t row = 0; row < self.get().stores(); ++row)
              stores.push_back(self.get().store(row));
            return stores;
          },
          "Indices of the stores with sales, in the order of their first one.")
      .def(
          "of_store",
          [](const HeldSales& self, const py::object& named_store) {
            const StoreSales& sales = self.get();
            const StoreId store = to_store(sales, named_store, "StoreSales.of_store");
            std::vector<float> sold(sales.items(), 0.0f);
            for (std::size_t row = 0; row < sales.stores(); ++row)
              if (sales.store(row) == store)
                for (std::size_t i = 0; i < sold.size(); ++i)
                  sold[i] = static_cast<float>(double{sales.of_store(row)[i]} * sales.present());
            return owned(std::move(sold));
          },
          "store"_a, "Sales of each item, decayed; 0 in a store without any.");
}

void bind_shop_prior(py::module_& m) {
  model_class<AnyShopPrior, Model, PythonScorer>(
      m, "ShopPrior",
      "What sells here and now: an item's share of the sales of a store at an hour and weekday, "
      "from counts that lean on wider ones by how many there are. Made by fit_shop_prior.")
      .def(
          "share",
          [](const AnyShopPrior& self, ItemIndex item, const py::object& store,
             const std::optional<Moment>& when, const std::string& channel,
             const std::string& rush) {
            return self.visit([&](const auto& model) {
              return model.share(
                  item, context_of(to_store(model, store, "ShopPrior.share"), when, channel, rush));
            });
          },
          "item"_a, "store"_a = py::none(), "when"_a = py::none(), "channel"_a = "unknown",
          "rush"_a = "unknown",
          "Share of the item in the sales of a store (its index or name) then; what is not known "
          "is "
          "left out.")
      .def(
          "store_named",
          [](const AnyShopPrior& self, const std::string& name) {
            return self.visit([&](const auto& model) { return model.store_named(name); });
          },
          "name"_a,
          "The index of the store of that name, for `store` of scores and recommend; None where "
          "there is none.")
      .def_property_readonly(
          "names",
          [](const AnyShopPrior& self) {
            return self.visit([](const auto& model) { return names_of(model.names()); });
          },
          "The names of stores, by their index; empty where they are only numbered.")
      .def_property_readonly(
          "stores",
          [](const AnyShopPrior& self) {
            return self.visit([](const auto& model) { return model.stores(); });
          },
          "How many stores are known.")
      .def_property_readonly(
          "clusters",
          [](const AnyShopPrior& self) {
            return self.visit([](const auto& model) { return model.clusters(); });
          },
          "How many clusters of stores are known.");

  m.def(
      "fit_shop_prior",
      [](const HeldSales& sales, const HeldSales* later,
         const std::vector<std::pair<StoreId, std::uint32_t>>& clusters, double chain_strength,
         double cluster_strength, double store_strength, double hour_strength,
         double weekday_strength, double channel_strength, double rush_strength,
         const py::object& expected) {
        const ShopPriorOptions options{.clusters = clusters,
                                       .chain_strength = chain_strength,
                                       .cluster_strength = cluster_strength,
                                       .store_strength = store_strength,
                                       .hour_strength = hour_strength,
                                       .weekday_strength = weekday_strength,
                                       .channel_strength = channel_strength,
                                       .rush_strength = rush_strength,
                                       .expected = to_vector(expected, "fit_shop_prior, expected")};
        return unlocked([&] {
          return std::make_shared<AnyShopPrior>(
              later != nullptr ? fit_shop_prior(sales.get(), later->get(), options)
                               : fit_shop_prior(sales.get(), options));
        });
      },
      "sales"_a, "later"_a = py::none(), py::kw_only(), "clusters"_a = py::tuple(),
      "chain_strength"_a = 0.0, "cluster_strength"_a = 0.0, "store_strength"_a = 0.0,
      "hour_strength"_a = 0.0, "weekday_strength"_a = 0.0, "channel_strength"_a = 0.0,
      "rush_strength"_a = 0.0, "expected"_a = py::tuple(),
      "Learns what sells where and when. later: sales of after those, by which the strengths are "
      "estimated. clusters: pairs of a store and the number of its cluster, from 0. strengths: "
      "sales of its own that outweigh what a level leans on, 0 = estimated. expected: what each "
      "item is expected to sell before anything is known, relative to the others.");
}

}  // namespace

void bind_shop(py::module_& m) {
  bind_store_sales(m);
  bind_shop_prior(m);
}

}  // namespace bodega::python
