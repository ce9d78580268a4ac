// SPDX-License-Identifier: MIT
#include <bodega/collaborative/customers/customer_baskets.hpp>
#include <bodega/collaborative/customers/customer_baskets_trainer.hpp>
#include <bodega/collaborative/customers/customer_items.hpp>
#include <bodega/collaborative/customers/customer_neighbours_trainer.hpp>
#include <bodega/collaborative/customers/forgetting.hpp>
#include <bodega/collaborative/customers/forgetting_weights.hpp>
#include <bodega/collaborative/customers/purchase_cycle.hpp>
#include <bodega/collaborative/customers/purchase_cycle_trainer.hpp>
#include <bodega/collaborative/customers/repeat_purchase.hpp>
#include <bodega/collaborative/customers/repeat_purchase_trainer.hpp>
#include <bodega/collaborative/customers/tifu_vectors.hpp>
#include <bodega/data/customer_table.hpp>

#include "def_fit.hpp"
#include "receipt.hpp"
#include "scorer.hpp"

namespace bodega::python {
namespace {

using AnyRepeatPurchase = SparseScorer<RepeatPurchase>;
using AnyCustomerItems = SparseScorer<CustomerItems>;
using AnyCustomerBaskets = OnlyScorer<CustomerBaskets>;

class AnyPurchaseCycle : public AnyOf<AnyPurchaseCycle, PurchaseCycle<CsrMatrix<float>>,
                                      PurchaseCycle<QuantizedCsrMatrix>>,
                         public ScorerOf<AnyPurchaseCycle> {
 public:
  using AnyOf::AnyOf;
  void close_day(Day day) noexcept {
    std::visit([&](auto& model) { model.close_day(day); }, model_);
  }
};

template <class Held>
std::size_t customers(const Held& held) {
  return held.visit([](const auto& model) { return model.customers(); });
}

void bind_tables(py::module_& m) {
  def_fit(
      m, "purchase_shares",
      [](const Baskets& baskets, const Forgetting& forgetting) {
        return from_csr(unlocked([&] { return purchase_shares(baskets, forgetting); }));
      },
      "Customers x items: the share of the customer's baskets, faded as in fit_repeat_purchase, "
      "that hold the item.",
      {}, "baskets"_a);
  def_fit(
      m, "tifu_vectors",
      [](const Baskets& baskets, const TifuOptions& options) {
        return from_csr(unlocked([&] { return tifu_vectors(baskets, options); }));
      },
      "The customers x items vectors of TIFU-kNN. Blend CustomerItems(vectors) with "
      "fit_customer_neighbours(vectors, similarity='euclidean'). A customer's baskets must come "
      "oldest first.",
      {}, "baskets"_a);
}

void bind_customer_items(py::module_& m) {
  auto held = model_class<AnyCustomerItems, Model, PythonScorer>(
      m, "CustomerItems",
      "A score for each item that speaks for a customer, found in advance: what the customer "
      "bought, or what customers alike bought. A customer outside the table gets nothing.");
  held.def(py::init([](const py::object& weights, const std::string& of) {
             return std::make_shared<AnyCustomerItems>(
                 CustomerItems<>(to_csr(weights, "CustomerItems, weights"),
                                 named<CustomerItemsOf>(of, "CustomerItems, of")));
           }),
           "weights"_a, py::kw_only(), "of"_a = "own",
           "weights: scipy.sparse, customers x items. of: 'own' or 'alike', for the reasons.")
      .def_property_readonly("customers", &customers<AnyCustomerItems>, "Rows of the table.");
  def_weights(held);
  def_fit<AnyCustomerItems>(
      m, "fit_customer_neighbours", &fit_customer_neighbours,
      "For each customer the mean of the rows of the most alike others, cut to its strongest "
      "items: UP-CF ('cosine', of purchase_shares) or TIFU-kNN ('euclidean', of tifu_vectors). "
      "history: scipy.sparse, customers x items.",
      {}, "history"_a);
}

void bind_repeat_purchase(py::module_& m) {
  auto held = model_class<AnyRepeatPurchase, Model, PythonScorer>(
      m, "RepeatPurchase",
      "What a known customer buys again: the expected share of the customer's baskets that hold an "
      "item, leaning on what all buy. Made by fit_repeat_purchase.");
  held.def_property_readonly("customers", &customers<AnyRepeatPurchase>,
                             "Customers it knows; others get what all buy.");
  def_observe(held, "Adds a receipt to its customer's history, also of a customer never seen.");
  def_fit<AnyRepeatPurchase>(
      m, "fit_repeat_purchase", &fit_repeat_purchase,
      "A basket of age a and n items counts per_step^a (1 + a / scale)^-power (n / mean)^-size "
      "times; age in the customer's own 'baskets' or in 'days'.",
      {}, "baskets"_a);
}

void bind_purchase_cycle(py::module_& m) {
  auto held = model_class<AnyPurchaseCycle, Model, PythonScorer>(
      m, "PurchaseCycle",
      "What is due: who buys coffee every 9 days and bought it 8 days ago wants it about now. "
      "Scores are purchases to expect per day. Made by fit_purchase_cycle.");
  def_observe(held, "Adds a receipt to what its customer bought on which days; its day has come.");
  held.def_property_readonly("customers", &customers<AnyPurchaseCycle>, "Customers it knows.")
      .def_property_readonly(
          "today",
          [](const AnyPurchaseCycle& self) {
            return self.visit([](const auto& model) { return model.today(); });
          },
          "The day that the scores are of.")
      .def("close_day", &AnyPurchaseCycle::close_day, "day"_a,
           "That day is over: scores are of the next one. An earlier day changes nothing.")
      .def(
          "hazard",
          [](const AnyPurchaseCycle& self, float gaps) {
            return self.visit([&](const auto& model) { return model.hazard(gaps); });
          },
          "gaps"_a, "Purchases to expect in a mean gap, so many mean gaps after the last one.");
  def_fit<AnyPurchaseCycle>(m, "fit_purchase_cycle", &fit_purchase_cycle,
                            "The gaps between a customer's purchases of an item, and how the next "
                            "one comes with them.",
                            {}, "baskets"_a);
}

void bind_customer_baskets(py::module_& m) {
  auto held = model_class<AnyCustomerBaskets, Model, PythonScorer>(
      m, "CustomerBaskets",
      "What a known customer bought in baskets like the open one: the share of the customer's "
      "baskets with the item, each counted by its age and its cosine with the basket. Made by "
      "fit_customer_baskets.");
  held.def_property_readonly("customers", &customers<AnyCustomerBaskets>, "Customers it knows.");
  def_observe(held, "Adds a receipt to its customer's baskets, also of a customer never seen.");
  def_fit<AnyCustomerBaskets>(m, "fit_customer_baskets", &fit_customer_baskets,
                              "The baskets of all customers, each in order of time.", {},
                              "baskets"_a);
}

CardKey to_key(const py::object& key) {
  if (key.is_none()) return draw_card_key();
  const auto halves = key.cast<std::pair<std::uint64_t, std::uint64_t>>();
  return {halves.first, halves.second};
}

void bind_customer_table(py::module_& m) {
  using Held = Only<CustomerTable>;
  model_class<Held, Model>(
      m, "CustomerTable",
      "Who a loyalty card stands for: the index of the customer, by a keyed hash of the card. The "
      "cards themselves stand in no file. Not to be changed by one thread while another uses it.")
      .def(py::init([](const std::vector<std::string>& customers, const py::object& key) {
             StringSet cards;
             for (const std::string& card : customers) cards.add(card);
             return std::make_shared<Held>(CustomerTable(cards, to_key(key)));
           }),
           "customers"_a = py::tuple(), py::kw_only(), "key"_a = py::none(),
           "customers: cards in the order of their indices, such as receipts.customers. key: two "
           "numbers of 64 bits, those of the last table; drawn anew where None.")
      .def(
          "find", [](const Held& self, const std::string& card) { return self.get().find(card); },
          "card"_a, "The customer who has it, or None.")
      .def(
          "add", [](Held& self, const std::string& card) { return self.get().add(card); }, "card"_a,
          "The customer who has it, a new one where it was never seen.")
      .def("__len__", [](const Held& self) { return self.get().size(); })
      .def_property_readonly(
          "key",
          [](const Held& self) {
            const CardKey key = self.get().key().value_or(CardKey{});
            return std::pair(key[0], key[1]);
          },
          "The secret by which cards are hashed.");
}

}  // namespace

void bind_customers(py::module_& m) {
  bind_tables(m);
  bind_customer_items(m);
  bind_repeat_purchase(m);
  bind_purchase_cycle(m);
  bind_customer_baskets(m);
  bind_customer_table(m);
}

}  // namespace bodega::python
