// SPDX-License-Identifier: MIT
#include <bodega/collaborative/customers/customer_items.hpp>
#include <bodega/collaborative/customers/customer_neighbours_trainer.hpp>
#include <bodega/collaborative/customers/forgetting.hpp>
#include <bodega/collaborative/customers/forgetting_weights.hpp>
#include <bodega/collaborative/customers/purchase_cycle.hpp>
#include <bodega/collaborative/customers/purchase_cycle_trainer.hpp>
#include <bodega/collaborative/customers/repeat_purchase.hpp>
#include <bodega/collaborative/customers/repeat_purchase_trainer.hpp>
#include <bodega/collaborative/customers/tifu_vectors.hpp>

#include "scorer.hpp"

namespace bodega::python {
namespace {

class AnyRepeatPurchase : public AnyOf<AnyRepeatPurchase, RepeatPurchase<CsrMatrix<float>>,
                                       RepeatPurchase<QuantizedCsrMatrix>>,
                          public ScorerOf<AnyRepeatPurchase> {
 public:
  using AnyOf::AnyOf;
};

class AnyCustomerItems : public AnyOf<AnyCustomerItems, CustomerItems<CsrMatrix<float>>,
                                      CustomerItems<QuantizedCsrMatrix>>,
                         public ScorerOf<AnyCustomerItems> {
 public:
  using AnyOf::AnyOf;
};

class AnyPurchaseCycle : public AnyOf<AnyPurchaseCycle, PurchaseCycle<CsrMatrix<float>>,
                                      PurchaseCycle<QuantizedCsrMatrix>>,
                         public ScorerOf<AnyPurchaseCycle> {
 public:
  using AnyOf::AnyOf;
  void advance(Day day) noexcept {
    std::visit([&](auto& model) { model.advance(day); }, model_);
  }
};

template <class Held>
std::size_t customers(const Held& held) {
  return held.visit([](const auto& model) { return model.customers(); });
}

Forgetting forgetting(const char* where, const std::string& age, double power, double scale,
                      double per_step, double size) {
  return {choose<Forgetting::Age>(
              where, age, {{"baskets", Forgetting::Age::baskets}, {"days", Forgetting::Age::days}}),
          power, scale, per_step, size};
}

void bind_tables(py::module_& m) {
  const Forgetting none;
  m.def(
      "purchase_shares",
      [](const Baskets& baskets, const std::string& age, double power, double scale,
         double per_step, double size) {
        const Forgetting how =
            forgetting("purchase_shares, option age", age, power, scale, per_step, size);
        return from_csr(unlocked([&] { return purchase_shares(baskets, how); }));
      },
      "baskets"_a, py::kw_only(), "age"_a = "baskets", "power"_a = none.power,
      "scale"_a = none.scale, "per_step"_a = none.per_step, "size"_a = none.size,
      "Customers x items: the share of the customer's baskets, faded as in fit_repeat_purchase, "
      "that hold the item.");
  const TifuOptions tifu;
  m.def(
      "tifu_vectors",
      [](const Baskets& baskets, std::size_t groups, double within_decay, double between_decay) {
        return from_csr(unlocked([&] {
          return tifu_vectors(
              baskets,
              {.groups = groups, .within_decay = within_decay, .between_decay = between_decay});
        }));
      },
      "baskets"_a, py::kw_only(), "groups"_a = tifu.groups, "within_decay"_a = tifu.within_decay,
      "between_decay"_a = tifu.between_decay,
      "The customers x items vectors of TIFU-kNN. Blend CustomerItems(vectors) with "
      "fit_customer_neighbours(vectors, similarity='euclidean'). A customer's baskets must come "
      "oldest first.");
}

void bind_customer_items(py::module_& m) {
  model_class<AnyCustomerItems, Model, PythonScorer>(
      m, "CustomerItems",
      "A score for each item that speaks for a customer, found in advance: what the customer "
      "bought, or what customers alike bought. A customer outside the table gets nothing.")
      .def(py::init([](const py::object& weights, const std::string& of) {
             return std::make_shared<AnyCustomerItems>(CustomerItems<>(
                 to_csr(weights, "CustomerItems, weights"),
                 choose<CustomerItemsOf>(
                     "CustomerItems, of", of,
                     {{"own", CustomerItemsOf::own}, {"alike", CustomerItemsOf::alike}})));
           }),
           "weights"_a, py::kw_only(), "of"_a = "own",
           "weights: scipy.sparse, customers x items. of: 'own' or 'alike', for the reasons.")
      .def_property_readonly("customers", &customers<AnyCustomerItems>, "Rows of the table.")
      .def_property_readonly(
          "weights",
          [](const AnyCustomerItems& self) {
            return from_csr(self.visit([]<class W>(const CustomerItems<W>& model) {
              if constexpr (std::is_same_v<W, CsrMatrix<float>>)
                return model.weights();
              else
                return dequantize(model.weights());
            }));
          },
          "As scipy.sparse.csr_matrix of float32 (a copy; of INT8 weights what they stand for).");

  const CustomerNeighboursOptions defaults;
  m.def(
      "fit_customer_neighbours",
      [](const py::object& history, const std::string& similarity, std::size_t neighbours,
         std::size_t items, std::size_t threads, const py::object& progress) {
        const CsrMatrix<float> rows = to_csr(history, "fit_customer_neighbours, history");
        const CustomerNeighboursOptions options{
            .similarity =
                choose<CustomerSimilarity>("fit_customer_neighbours, option similarity", similarity,
                                           {{"cosine", CustomerSimilarity::cosine},
                                            {"euclidean", CustomerSimilarity::euclidean}}),
            .neighbours = neighbours,
            .items = items,
            .threads = threads,
            .progress = progress_callback(progress)};
        return unlocked([&] {
          return std::make_shared<AnyCustomerItems>(bodega::fit_customer_neighbours(rows, options));
        });
      },
      "history"_a, py::kw_only(), "similarity"_a = "cosine", "neighbours"_a = defaults.neighbours,
      "items"_a = defaults.items, "threads"_a = defaults.threads, "progress"_a = py::none(),
      "For each customer the mean of the rows of the most alike others, cut to its strongest "
      "items: UP-CF ('cosine', of purchase_shares) or TIFU-kNN ('euclidean', of tifu_vectors). "
      "history: scipy.sparse, customers x items. The same at any number of threads (0 = all "
      "cores).");
}

void bind_repeat_purchase(py::module_& m) {
  model_class<AnyRepeatPurchase, Model, PythonScorer>(
      m, "RepeatPurchase",
      "What a known customer buys again: the expected share of the customer's baskets that hold an "
      "item, leaning on what all buy. Made by fit_repeat_purchase.")
      .def_property_readonly("customers", &customers<AnyRepeatPurchase>,
                             "Customers it knows; others get what all buy.");
  const RepeatPurchaseOptions defaults;
  const Forgetting none;
  m.def(
      "fit_repeat_purchase",
      [](const Baskets& baskets, const std::string& age, double power, double scale,
         double per_step, double size, double prior) {
        const RepeatPurchaseOptions options{
            .forgetting =
                forgetting("fit_repeat_purchase, option age", age, power, scale, per_step, size),
            .prior = prior};
        return unlocked([&] {
          return std::make_shared<AnyRepeatPurchase>(bodega::fit_repeat_purchase(baskets, options));
        });
      },
      "baskets"_a, py::kw_only(), "age"_a = "baskets", "power"_a = none.power,
      "scale"_a = none.scale, "per_step"_a = none.per_step, "size"_a = none.size,
      "prior"_a = defaults.prior,
      "A basket of age a and n items counts per_step^a (1 + a / scale)^-power (n / mean)^-size "
      "times; age in the customer's own 'baskets' or in 'days'. prior: strength of what all buy, 1 "
      "= as estimated, 0 = the plain personal frequency.");
}

void bind_purchase_cycle(py::module_& m) {
  model_class<AnyPurchaseCycle, Model, PythonScorer>(
      m, "PurchaseCycle",
      "What is due: who buys coffee every 9 days and bought it 8 days ago wants it about now. "
      "Scores are purchases to expect per day. Made by fit_purchase_cycle.")
      .def_property_readonly("customers", &customers<AnyPurchaseCycle>, "Customers it knows.")
      .def_property_readonly(
          "day",
          [](const AnyPurchaseCycle& self) {
            return self.visit([](const auto& model) { return model.day(); });
          },
          "The day that the scores are of.")
      .def("advance", &AnyPurchaseCycle::advance, "day"_a,
           "That day has come; an earlier one changes nothing.")
      .def(
          "hazard",
          [](const AnyPurchaseCycle& self, float gaps) {
            return self.visit([&](const auto& model) { return model.hazard(gaps); });
          },
          "gaps"_a, "Purchases to expect in a mean gap, so many mean gaps after the last one.");
  const PurchaseCycleOptions defaults;
  m.def(
      "fit_purchase_cycle",
      [](const Baskets& baskets, std::size_t least_purchases) {
        return unlocked([&] {
          return std::make_shared<AnyPurchaseCycle>(
              bodega::fit_purchase_cycle(baskets, {.least_purchases = least_purchases}));
        });
      },
      "baskets"_a, py::kw_only(), "least_purchases"_a = defaults.least_purchases,
      "least_purchases: days with the item before its gap is believed, 2 or more.");
}

}  // namespace

void bind_customers(py::module_& m) {
  bind_tables(m);
  bind_customer_items(m);
  bind_repeat_purchase(m);
  bind_purchase_cycle(m);
}

}  // namespace bodega::python
