// SPDX-License-Identifier: MIT
#include <bodega/collaborative/items/association_rules.hpp>
#include <bodega/collaborative/items/association_rules_trainer.hpp>
#include <bodega/collaborative/items/complements_trainer.hpp>
#include <bodega/collaborative/items/substitutes.hpp>
#include <bodega/collaborative/items/substitutes_trainer.hpp>
#include <bodega/collaborative/sums/cooccurrence.hpp>

#include "scorer.hpp"

namespace bodega::python {
namespace {

class AnyAssociationRules : public AnyOf<AnyAssociationRules, AssociationRules<CsrMatrix<float>>,
                                         AssociationRules<QuantizedCsrMatrix>>,
                            public ScorerOf<AnyAssociationRules> {
 public:
  using AnyOf::AnyOf;
};

class AnySubstitutes
    : public AnyOf<AnySubstitutes, Substitutes<CsrMatrix<float>>, Substitutes<QuantizedCsrMatrix>>,
      public ScorerOf<AnySubstitutes> {
 public:
  using AnyOf::AnyOf;
};

/// FittedAssociationRules with its model as Python holds it.
struct FittedRules {
  std::shared_ptr<AnyAssociationRules> model;
  FittedAssociationRules rest;
};

void bind_rules(py::module_& m) {
  py::class_<AssociationRule>(m, "AssociationRule",
                              "Who buys all of `antecedent` buys `consequent` too.")
      .def_readonly("antecedent", &AssociationRule::antecedent, "Items, rising.")
      .def_readonly("consequent", &AssociationRule::consequent, "The item that follows.")
      .def_readonly("support", &AssociationRule::support,
                    "Share of all baskets that hold antecedent and consequent.")
      .def_readonly("confidence", &AssociationRule::confidence,
                    "Share of the antecedent's baskets that hold the consequent.")
      .def_readonly("lift", &AssociationRule::lift,
                    "Confidence over the consequent's share of all baskets; 1 is chance.")
      .def("__repr__", [](const AssociationRule& self) {
        return "AssociationRule(" + to_text(describe(self, Catalog())).cast<std::string>() + ")";
      });
  m.def(
      "describe",
      [](const AssociationRule& rule, const Only<Catalog>& catalog) {
        return to_text(bodega::describe(rule, catalog.get()));
      },
      "rule"_a, "catalog"_a,
      "A rule in a line: \"BREAD, BUTTER -> JAM: support 1.20 %, confidence 40.0 %, lift 3.10\".");

  model_class<AnyAssociationRules, Model, PythonScorer>(
      m, "AssociationRules",
      "Rules to one item: an item's score is the sum of the confidences of the rules to it whose "
      "antecedent the query holds. Made by fit_association_rules.")
      .def(
          "rules",
          [](const AnyAssociationRules& self) {
            return unlocked(
                [&] { return self.visit([](const auto& model) { return model.rules(); }); });
          },
          "All rules, the highest lift first.");
  py::class_<FittedRules>(m, "FittedAssociationRules", "The rules and what the limits did to them.")
      .def_readonly("model", &FittedRules::model, "The rules.")
      .def_property_readonly(
          "support", [](const FittedRules& self) { return self.rest.support; },
          "The least support in the end, of all baskets.")
      .def_property_readonly(
          "longest", [](const FittedRules& self) { return self.rest.longest; },
          "Items in antecedent and consequent at most, in the end.")
      .def_property_readonly(
          "itemsets", [](const FittedRules& self) { return self.rest.itemsets; },
          "Frequent sets that rules were made of.")
      .def_property_readonly(
          "rules", [](const FittedRules& self) { return self.rest.rules; }, "Rules in the model.")
      .def_property_readonly(
          "left_out", [](const FittedRules& self) { return self.rest.left_out; },
          "Rules good enough that max_rules had no room for.")
      .def_property_readonly(
          "cut_baskets", [](const FittedRules& self) { return self.rest.cut_baskets; },
          "Baskets larger than max_basket, of which a part was seen.");

  const AssociationRulesOptions defaults;
  m.def(
      "fit_association_rules",
      [](const Baskets& baskets, double support, double confidence, double lift,
         std::size_t longest, std::size_t max_basket, std::size_t max_itemsets,
         std::size_t max_rules, const py::object& progress) {
        const AssociationRulesOptions options{.itemsets = {.support = support,
                                                           .longest = longest,
                                                           .max_basket = max_basket,
                                                           .max_itemsets = max_itemsets,
                                                           .progress = progress_callback(progress)},
                                              .confidence = confidence,
                                              .lift = lift,
                                              .max_rules = max_rules};
        return unlocked([&] {
          FittedRules fitted{nullptr, bodega::fit_association_rules(baskets, options)};
          fitted.model = std::make_shared<AnyAssociationRules>(std::move(fitted.rest.model));
          return fitted;
        });
      },
      "baskets"_a, py::kw_only(), "support"_a = defaults.itemsets.support,
      "confidence"_a = defaults.confidence, "lift"_a = defaults.lift,
      "longest"_a = defaults.itemsets.longest, "max_basket"_a = defaults.itemsets.max_basket,
      "max_itemsets"_a = defaults.itemsets.max_itemsets, "max_rules"_a = defaults.max_rules,
      "progress"_a = py::none(),
      "All rules to one item, by FP-growth. Dense data cannot blow it up: of a basket max_basket "
      "items are seen, more than max_itemsets sets raise the support. lift: rules are above it.");
}

void bind_substitutes(py::module_& m) {
  model_class<AnySubstitutes, Model, PythonScorer>(
      m, "Substitutes",
      "What could stand in for an item: alike in the company they keep and rarely bought together. "
      "For an item that is sold out, ask with it as `viewed` and an empty basket.")
      .def_property_readonly(
          "weights",
          [](const AnySubstitutes& self) {
            return from_csr(self.visit([]<class W>(const Substitutes<W>& model) {
              if constexpr (std::is_same_v<W, CsrMatrix<float>>)
                return model.weights();
              else
                return dequantize(model.weights());
            }));
          },
          "As scipy.sparse.csr_matrix of float32 (a copy; of INT8 weights what they stand for).");

  const SubstitutesOptions defaults;
  m.def(
      "fit_substitutes",
      [](const Only<Cooccurrence>& counts, double significance, double shrinkage,
         std::size_t complements, double most_together, double least_alike,
         std::size_t least_shared, std::size_t neighbours, const py::object& progress) {
        const SubstitutesOptions options{.complements = {.significance = significance,
                                                         .shrinkage = shrinkage,
                                                         .neighbours = complements,
                                                         .progress = progress_callback(progress)},
                                         .most_together = most_together,
                                         .least_alike = least_alike,
                                         .least_shared = least_shared,
                                         .neighbours = neighbours};
        return unlocked([&] {
          return std::make_shared<AnySubstitutes>(bodega::fit_substitutes(counts.get(), options));
        });
      },
      "counts"_a, py::kw_only(), "significance"_a = defaults.complements.significance,
      "shrinkage"_a = defaults.complements.shrinkage,
      "complements"_a = defaults.complements.neighbours, "most_together"_a = defaults.most_together,
      "least_alike"_a = defaults.least_alike, "least_shared"_a = defaults.least_shared,
      "neighbours"_a = defaults.neighbours, "progress"_a = py::none(),
      "Substitutes by their complements (significance, shrinkage and `complements` of each as in "
      "fit_complements): items whose company has a cosine of least_alike or more, with "
      "least_shared in common, and at most most_together of the baskets with both that chance "
      "expects.");
}

}  // namespace

void bind_relations(py::module_& m) {
  bind_rules(m);
  bind_substitutes(m);
}

}  // namespace bodega::python
