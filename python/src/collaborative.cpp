// SPDX-License-Identifier: MIT
#include <cmath>

#include <bodega/collaborative/items/complements.hpp>
#include <bodega/collaborative/items/complements_trainer.hpp>
#include <bodega/collaborative/items/ease_trainer.hpp>
#include <bodega/collaborative/items/item_item.hpp>
#include <bodega/collaborative/items/item_neighbours_trainer.hpp>
#include <bodega/collaborative/items/weighted_neighbours_trainer.hpp>
#include <bodega/collaborative/shop/popularity.hpp>
#include <bodega/collaborative/sums/basket_weights.hpp>
#include <bodega/collaborative/sums/cooccurrence.hpp>
#include <bodega/data/receipts.hpp>

#include "def_fit.hpp"
#include "receipt.hpp"
#include "scorer.hpp"

namespace bodega::python {
namespace {

using AnyItemItem = SparseScorer<ItemItem>;
using AnyPopularity = OnlyScorer<Popularity>;
using AnyCooccurrence = Only<Cooccurrence>;

/// Rows are baskets without a date.
Cooccurrence count_rows(const CsrMatrix<float>& user_items, const CooccurrenceOptions& options,
                        const ProgressCallback& progress) {
  Cooccurrence counts(user_items.columns(), options);
  std::vector<ItemIndex> basket;
  ProgressPulse pulse(progress, "counting pairs", user_items.rows());
  for (std::size_t i = 0; i < user_items.rows(); ++i) {
    pulse(i);
    const auto row = user_items.row(i);
    basket.clear();
    for (std::size_t k = 0; k < row.size(); ++k)
      if (row.values[k] != 0) basket.push_back(ItemIndex(row.columns[k]));
    counts.add(basket, Day());
  }
  pulse(user_items.rows());
  return counts;
}

void bind_cooccurrence(py::module_& m) {
  auto held = model_class<AnyCooccurrence, Model>(
      m, "Cooccurrence",
      "How often items are bought, alone and together: sums over receipts, days and stores. Not to "
      "be changed by one thread while another uses it.");
  def_init(
      held,
      [](const Baskets& baskets, const CooccurrenceOptions& options) {
        return Cooccurrence(baskets, options);
      },
      "Counts all baskets.", {}, "baskets"_a);
  def_init(
      held,
      [](Count<"Cooccurrence, items"> items, const CooccurrenceOptions& options) {
        return Cooccurrence(items, options);
      },
      "Empty sums for a catalogue of so many items.", {.omitted = {"weights", "progress"}},
      "items"_a);
  def_observe(held, "Adds a receipt: the items that it sells, each once.");
  held.def_static(
          "from_user_items",
          [](const py::object& user_items, Count<"Cooccurrence, max_basket"> max_basket,
             const py::object& progress) {
            const CsrMatrix<float> rows = to_csr(user_items, "Cooccurrence.from_user_items");
            for (const float count : rows.values())
              if (!(count >= 0) || std::isinf(count))
                throw Error(ErrorCode::out_of_range, "Cooccurrence.from_user_items, user_items",
                            "finite numbers of 0 or more", std::to_string(count));
            const ProgressCallback report = progress_callback(progress);
            return unlocked([&] {
              return std::make_shared<AnyCooccurrence>(
                  count_rows(rows, {.max_basket = max_basket}, report));
            });
          },
          "user_items"_a, py::kw_only(), "max_basket"_a = CooccurrenceOptions{}.max_basket,
          "progress"_a = py::none(),
          "From any scipy.sparse matrix, users (or baskets) x items: a row is one basket, of the "
          "items whose entry is not 0.")
      .def(
          "add",
          [](AnyCooccurrence& self, const py::object& basket, Day day, float weight) {
            self.get().add(to_items(basket, "Cooccurrence.add"), day, weight);
          },
          "basket"_a, "day"_a, "weight"_a = 1.0f, "Adds one receipt, `weight` times.")
      .def(
          "merge",
          [](AnyCooccurrence& self, const AnyCooccurrence& other) {
            unlocked([&] { self.get().merge(other.get()); });
          },
          "other"_a, "Adds the sums of another store or period over the same catalogue.")
      .def(
          "decay_to", [](AnyCooccurrence& self, Day day) { self.get().decay_to(day); }, "day"_a,
          "Lets time pass without receipts; an earlier day changes nothing.")
      .def(
          "count",
          [](const AnyCooccurrence& self, ItemIndex item) { return self.get().count(item); },
          "item"_a, "Baskets with the item, decayed; 0 outside the catalogue.")
      .def(
          "pair",
          [](const AnyCooccurrence& self, ItemIndex a, ItemIndex b) {
            return self.get().pair(a, b);
          },
          "a"_a, "b"_a, "Baskets with both items, decayed; 0 for an item with itself.")
      .def(
          "pairs",
          [](const AnyCooccurrence& self) {
            return from_csr(unlocked([&] { return self.get().pairs(); }));
          },
          "All pairs as scipy.sparse.csr_matrix, items x items: symmetric, without diagonal.")
      .def_property_readonly(
          "items", [](const AnyCooccurrence& self) { return self.get().items(); },
          "Size of the catalogue.")
      .def_property_readonly(
          "baskets", [](const AnyCooccurrence& self) { return self.get().baskets(); },
          "All baskets, decayed.")
      .def_property_readonly(
          "day", [](const AnyCooccurrence& self) { return self.get().day(); },
          "The latest day seen; sums are as of this day.")
      .def_property_readonly(
          "half_life_days", [](const AnyCooccurrence& self) { return self.get().half_life_days(); },
          "A receipt this old counts half; 0 = no decay.");
}

void bind_item_item(py::module_& m) {
  auto held = model_class<AnyItemItem, Model, PythonScorer>(
      m, "ItemItem",
      "The linear item-item recommender: an item's score is the sum of its weights with the items "
      "of the query. Made by fit_ease and fit_item_neighbours, or from weights of your own.");
  held.def(py::init([](const py::object& weights) {
             return std::make_shared<AnyItemItem>(ItemItem(to_csr(weights, "ItemItem, weights")));
           }),
           "weights"_a, "weights: scipy.sparse, items x items, a row for each item of the query.");
  def_weights(held);
}

/// What fits an ItemItem to the sums of pairs, and to baskets.
void bind_item_trainers(py::module_& m) {
  def_fit<AnyItemItem>(
      m, "fit_ease", &fit_ease,
      "EASE: the item-item table that best rebuilds each basket from its other items, under a "
      "ridge penalty. Costs items^3. keep: 'strongest' keeps as many weights for each item, "
      "'least_missed' as many in all, more for items that are often bought.",
      {}, "counts"_a);
  def_fit<AnyItemItem>(m, "fit_item_neighbours", &fit_item_neighbours,
                       "Item neighbours straight from the sums.", {}, "counts"_a);
  def_fit<AnyItemItem>(m, "fit_bm25_neighbours", &fit_bm25_neighbours,
                       "Item neighbours by BM25: small shared baskets count more.", {},
                       "baskets"_a);
  def_fit<AnyItemItem>(
      m, "fit_tfidf_neighbours", &fit_tfidf_neighbours,
      "Item neighbours by the cosine of TF-IDF vectors: small shared baskets count more.", {},
      "baskets"_a);
  def_fit<AnyItemItem>(m, "fit_rp3beta", &fit_rp3beta,
                       "Item neighbours by a walk from item to basket to item.", {}, "baskets"_a);
  def_fit<AnyItemItem>(
      m, "fit_complements", &fit_complements,
      "What goes together: items bought together beyond chance, and surely so. A weight is the "
      "logarithm of how far beyond chance, with `shrinkage` baskets added to both.",
      {}, "counts"_a);
  m.def(
      "shared_complements",
      [](const AnyItemItem& complements, ItemIndex a, ItemIndex b) {
        return complements.visit([&](const auto& model) {
          const Reasons shared = bodega::shared_complements(model, a, b);
          return std::vector<Reason>(shared.begin(), shared.end());
        });
      },
      "complements"_a, "a"_a, "b"_a,
      "What most makes two items alike: the complements of both, strongest first, at most three.");

  m.def(
      "inverse_size_weights",
      [](const Baskets& baskets, double power) {
        return owned(inverse_size_weights(baskets, power));
      },
      "baskets"_a, "power"_a,
      "size^-power of each basket, float32: weights of a Cooccurrence in which a few giant orders "
      "do not drown the daily shopping.");
}

void bind_popularity(py::module_& m) {
  auto held = model_class<AnyPopularity, Model, PythonScorer>(
      m, "Popularity", "What sells these days: an item's score is its share of all recent sales.");
  def_init(
      held,
      [](const Baskets& baskets, const PopularityOptions& options) {
        return Popularity(baskets, options);
      },
      "Each item of each basket is one sale.", {.omitted = {"count"}}, "baskets"_a);
  def_init(
      held,
      [](const Receipts& receipts, const PopularityOptions& options) {
        return Popularity(receipts, options);
      },
      "The sales of all receipts.", {}, "receipts"_a);
  def_init(
      held,
      [](Count<"Popularity, items"> items, const PopularityOptions& options) {
        return Popularity(items, options);
      },
      "Nothing sold yet.", {}, "items"_a);
  def_observe(held, "Adds what a receipt sells; its returns are left out.");
  held.def(
          "add",
          [](AnyPopularity& self, ItemIndex item, Day day, float weight) {
            DecayedSums::check_weight(weight, "Popularity.add");
            self.get().add(item, day, weight);
          },
          "item"_a, "day"_a, "weight"_a = 1.0f,
          "Adds one sale, `weight` times; an item outside the catalogue is ignored.")
      .def(
          "merge",
          [](AnyPopularity& self, const AnyPopularity& other) { self.get().merge(other.get()); },
          "other"_a, "Adds the sales of another store or period over the same catalogue.")
      .def(
          "share", [](const AnyPopularity& self, ItemIndex item) { return self.get().share(item); },
          "item"_a, "Share of all recent sales.");
}

}  // namespace

void bind_collaborative(py::module_& m) {
  bind_cooccurrence(m);
  bind_item_item(m);
  bind_item_trainers(m);
  bind_popularity(m);
}

}  // namespace bodega::python
