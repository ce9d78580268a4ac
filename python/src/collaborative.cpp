// SPDX-License-Identifier: MIT
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

#include "scorer.hpp"

namespace bodega::python {
namespace {

class AnyItemItem
    : public AnyOf<AnyItemItem, ItemItem<CsrMatrix<float>>, ItemItem<QuantizedCsrMatrix>>,
      public ScorerOf<AnyItemItem> {
 public:
  using AnyOf::AnyOf;
};

class AnyPopularity : public AnyOf<AnyPopularity, Popularity>, public ScorerOf<AnyPopularity> {
 public:
  using AnyOf::AnyOf;
  const Popularity& get() const noexcept { return *get_if<Popularity>(); }
  Popularity& get() noexcept { return *std::get_if<Popularity>(&model_); }
};

using AnyCooccurrence = Only<Cooccurrence>;

/// Rows are baskets without a date.
Cooccurrence count_rows(const CsrMatrix<float>& user_items, const CooccurrenceOptions& options,
                        const ProgressCallback& progress) {
  Cooccurrence counts(user_items.columns(), options);
  std::vector<ItemIndex> basket;
  for (std::size_t i = 0; i < user_items.rows(); ++i) {
    if (i % (user_items.rows() / 100 + 1) == 0)
      report_progress(progress, {"counting pairs", i, user_items.rows()});
    const auto row = user_items.row(i);
    basket.clear();
    for (std::size_t k = 0; k < row.size(); ++k)
      if (row.values[k] != 0) basket.push_back(ItemIndex(row.columns[k]));
    counts.add(basket, Day());
  }
  report_progress(progress, {"counting pairs", user_items.rows(), user_items.rows()});
  return counts;
}

void bind_cooccurrence(py::module_& m) {
  const CooccurrenceOptions defaults;
  model_class<AnyCooccurrence, Model>(
      m, "Cooccurrence",
      "How often items are bought, alone and together: sums over receipts, days and stores. Not to "
      "be changed by one thread while another uses it.")
      .def(py::init([](const Baskets& baskets, double half_life_days, std::size_t max_basket,
                       const std::vector<float>& weights, const py::object& progress) {
             const ProgressCallback report = progress_callback(progress);
             return unlocked([&] {
               return std::make_shared<AnyCooccurrence>(
                   Cooccurrence(baskets, {.half_life_days = half_life_days,
                                          .max_basket = max_basket,
                                          .weights = weights,
                                          .progress = report}));
             });
           }),
           "baskets"_a, py::kw_only(), "half_life_days"_a = defaults.half_life_days,
           "max_basket"_a = defaults.max_basket, "weights"_a = py::tuple(),
           "progress"_a = py::none(),
           "Counts all baskets. half_life_days: a receipt this old counts half, 0 = no decay. "
           "weights: how much each basket counts, as of inverse_size_weights; empty: 1.")
      .def(py::init([](std::size_t items, double half_life_days, std::size_t max_basket) {
             return std::make_shared<AnyCooccurrence>(
                 Cooccurrence(items, {.half_life_days = half_life_days, .max_basket = max_basket}));
           }),
           "items"_a, py::kw_only(), "half_life_days"_a = defaults.half_life_days,
           "max_basket"_a = defaults.max_basket, "Empty sums for a catalogue of so many items.")
      .def_static(
          "from_user_items",
          [](const py::object& user_items, std::size_t max_basket, const py::object& progress) {
            const CsrMatrix<float> rows = to_csr(user_items, "Cooccurrence.from_user_items");
            const ProgressCallback report = progress_callback(progress);
            return unlocked([&] {
              return std::make_shared<AnyCooccurrence>(
                  count_rows(rows, {.max_basket = max_basket}, report));
            });
          },
          "user_items"_a, py::kw_only(), "max_basket"_a = defaults.max_basket,
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
  model_class<AnyItemItem, Model, PythonScorer>(
      m, "ItemItem",
      "The linear item-item recommender: an item's score is the sum of its weights with the items "
      "of the query. Made by fit_ease and fit_item_neighbours, or from weights of your own.")
      .def(py::init([](const py::object& weights) {
             return std::make_shared<AnyItemItem>(ItemItem(to_csr(weights, "ItemItem, weights")));
           }),
           "weights"_a, "weights: scipy.sparse, items x items, a row for each item of the query.")
      .def_property_readonly(
          "weights",
          [](const AnyItemItem& self) {
            return from_csr(self.visit([]<class W>(const ItemItem<W>& model) {
              if constexpr (std::is_same_v<W, CsrMatrix<float>>)
                return model.weights();
              else
                return dequantize(model.weights());
            }));
          },
          "As scipy.sparse.csr_matrix of float32 (a copy; of INT8 weights what they stand for).");

  const EaseOptions ease;
  m.def(
      "fit_ease",
      [](const AnyCooccurrence& counts, double l2, std::size_t neighbours, const std::string& keep,
         double symmetry, bool single_precision, std::size_t max_bytes,
         const py::object& progress) {
        const EaseOptions options{
            .l2 = l2,
            .neighbours = neighbours,
            .keep = choose<EaseKeep>(
                "fit_ease, option keep", keep,
                {{"strongest", EaseKeep::strongest}, {"least_missed", EaseKeep::least_missed}}),
            .symmetry = symmetry,
            .single_precision = single_precision,
            .max_bytes = max_bytes,
            .progress = progress_callback(progress)};
        return unlocked(
            [&] { return std::make_shared<AnyItemItem>(bodega::fit_ease(counts.get(), options)); });
      },
      "counts"_a, py::kw_only(), "l2"_a = ease.l2, "neighbours"_a = ease.neighbours,
      "keep"_a = "strongest", "symmetry"_a = ease.symmetry,
      "single_precision"_a = ease.single_precision, "max_bytes"_a = ease.max_bytes,
      "progress"_a = py::none(),
      "EASE: the item-item table that best rebuilds each basket from its other items, under a "
      "ridge penalty l2. Costs items^3. neighbours: weights kept for each item, 0 = all. keep: "
      "'strongest' keeps as many for each, 'least_missed' as many in all, more for items that are "
      "often bought. symmetry: 0 is EASE itself, 0.5 makes partial correlations of its weights.");

  const ItemNeighboursOptions defaults;
  m.def(
      "fit_item_neighbours",
      [](const AnyCooccurrence& counts, const std::string& similarity, std::size_t neighbours,
         double shrinkage, const py::object& progress) {
        const ItemNeighboursOptions options{
            .similarity = choose<Similarity>("fit_item_neighbours, option similarity", similarity,
                                             {{"cosine", Similarity::cosine},
                                              {"conditional", Similarity::conditional},
                                              {"shrunk_lift", Similarity::shrunk_lift},
                                              {"jaccard", Similarity::jaccard},
                                              {"ppmi", Similarity::ppmi},
                                              {"log_likelihood", Similarity::log_likelihood}}),
            .neighbours = neighbours,
            .shrinkage = shrinkage,
            .progress = progress_callback(progress)};
        return unlocked([&] {
          return std::make_shared<AnyItemItem>(bodega::fit_item_neighbours(counts.get(), options));
        });
      },
      "counts"_a, py::kw_only(), "similarity"_a = "cosine", "neighbours"_a = defaults.neighbours,
      "shrinkage"_a = defaults.shrinkage, "progress"_a = py::none(),
      "Item neighbours straight from the sums. similarity: 'cosine', 'conditional', 'shrunk_lift', "
      "'jaccard', 'ppmi' or 'log_likelihood'; shrinkage (in baskets) is for 'shrunk_lift'.");

  const Bm25NeighboursOptions bm25;
  m.def(
      "fit_bm25_neighbours",
      [](const Baskets& baskets, double k1, double b, std::size_t neighbours,
         const py::object& progress) {
        const Bm25NeighboursOptions options{
            .k1 = k1, .b = b, .neighbours = neighbours, .progress = progress_callback(progress)};
        return unlocked(
            [&] { return std::make_shared<AnyItemItem>(fit_bm25_neighbours(baskets, options)); });
      },
      "baskets"_a, py::kw_only(), "k1"_a = bm25.k1, "b"_a = bm25.b,
      "neighbours"_a = bm25.neighbours, "progress"_a = py::none(),
      "Item neighbours by BM25: small shared baskets count more. k1: how late more baskets stop to "
      "count; b: how far popular items are damped, 0 to 1.");

  const TfidfNeighboursOptions tfidf;
  m.def(
      "fit_tfidf_neighbours",
      [](const Baskets& baskets, std::size_t neighbours, const py::object& progress) {
        const TfidfNeighboursOptions options{.neighbours = neighbours,
                                             .progress = progress_callback(progress)};
        return unlocked(
            [&] { return std::make_shared<AnyItemItem>(fit_tfidf_neighbours(baskets, options)); });
      },
      "baskets"_a, py::kw_only(), "neighbours"_a = tfidf.neighbours, "progress"_a = py::none(),
      "Item neighbours by the cosine of TF-IDF vectors: small shared baskets count more.");

  const Rp3betaOptions rp3beta;
  m.def(
      "fit_rp3beta",
      [](const Baskets& baskets, double alpha, double beta, std::size_t neighbours,
         const py::object& progress) {
        const Rp3betaOptions options{.alpha = alpha,
                                     .beta = beta,
                                     .neighbours = neighbours,
                                     .progress = progress_callback(progress)};
        return unlocked(
            [&] { return std::make_shared<AnyItemItem>(fit_rp3beta(baskets, options)); });
      },
      "baskets"_a, py::kw_only(), "alpha"_a = rp3beta.alpha, "beta"_a = rp3beta.beta,
      "neighbours"_a = rp3beta.neighbours, "progress"_a = py::none(),
      "Item neighbours by a walk from item to basket to item. alpha damps steps out of popular "
      "items and large baskets, beta popular items as answers.");

  const ComplementsOptions complements;
  m.def(
      "fit_complements",
      [](const AnyCooccurrence& counts, double significance, double shrinkage,
         std::size_t neighbours, const py::object& progress) {
        const ComplementsOptions options{.significance = significance,
                                         .shrinkage = shrinkage,
                                         .neighbours = neighbours,
                                         .progress = progress_callback(progress)};
        return unlocked([&] {
          return std::make_shared<AnyItemItem>(bodega::fit_complements(counts.get(), options));
        });
      },
      "counts"_a, py::kw_only(), "significance"_a = complements.significance,
      "shrinkage"_a = complements.shrinkage, "neighbours"_a = complements.neighbours,
      "progress"_a = py::none(),
      "What goes together: items bought together beyond chance, and surely so. significance: least "
      "log-likelihood ratio of a pair; a weight is the logarithm of how far beyond chance, with "
      "`shrinkage` baskets added to both.");
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

SalesCount to_sales_count(const std::string& count) {
  return choose<SalesCount>("Popularity, option count", count,
                            {{"receipts", SalesCount::receipts},
                             {"lines", SalesCount::lines},
                             {"units", SalesCount::units}});
}

void bind_popularity(py::module_& m) {
  const PopularityOptions defaults;
  model_class<AnyPopularity, Model, PythonScorer>(
      m, "Popularity", "What sells these days: an item's score is its share of all recent sales.")
      .def(py::init([](const Baskets& baskets, double half_life_days) {
             return unlocked([&] {
               return std::make_shared<AnyPopularity>(
                   Popularity(baskets, {.half_life_days = half_life_days}));
             });
           }),
           "baskets"_a, py::kw_only(), "half_life_days"_a = defaults.half_life_days,
           "Each item of each basket is one sale; one this old counts half, 0 = no decay.")
      .def(py::init([](const Receipts& receipts, double half_life_days, const std::string& count) {
             const PopularityOptions options{.half_life_days = half_life_days,
                                             .count = to_sales_count(count)};
             return unlocked(
                 [&] { return std::make_shared<AnyPopularity>(Popularity(receipts, options)); });
           }),
           "receipts"_a, py::kw_only(), "half_life_days"_a = defaults.half_life_days,
           "count"_a = std::string(name(defaults.count)),
           "The sales of all receipts. count: what a sale is, 'receipts' (with the item), 'lines' "
           "or "
           "'units'.")
      .def(py::init([](std::size_t items, double half_life_days, const std::string& count) {
             return std::make_shared<AnyPopularity>(Popularity(
                 items, {.half_life_days = half_life_days, .count = to_sales_count(count)}));
           }),
           "items"_a, py::kw_only(), "half_life_days"_a = defaults.half_life_days,
           "count"_a = std::string(name(defaults.count)), "Nothing sold yet.")
      .def(
          "add",
          [](AnyPopularity& self, ItemIndex item, Day day, float weight) {
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
  bind_popularity(m);
}

}  // namespace bodega::python
