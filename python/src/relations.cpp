// SPDX-License-Identifier: MIT
#include <bodega/collaborative/items/association_rules.hpp>
#include <bodega/collaborative/items/association_rules_trainer.hpp>
#include <bodega/collaborative/items/complements_trainer.hpp>
#include <bodega/collaborative/items/substitutes.hpp>
#include <bodega/collaborative/items/substitutes_trainer.hpp>
#include <bodega/collaborative/sums/cooccurrence.hpp>

#include "def_fit.hpp"
#include "scorer.hpp"

namespace bodega::python {
namespace {

using AnyAssociationRules = SparseScorer<AssociationRules>;
using AnySubstitutes = SparseScorer<Substitutes>;

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
  py::class_<FittedRules> fitted(m, "FittedAssociationRules",
                                 "The rules and what the limits did to them.");
  fitted.def_readonly("model", &FittedRules::model, "The rules.");
  const auto get = [&](const char* name, auto member, const char* doc) {
    def_get(
        fitted, name, [member](const FittedRules& self) { return self.rest.*member; }, doc);
  };
  using Rest = FittedAssociationRules;
  get("support", &Rest::support, "The least support in the end, of all baskets.");
  get("longest", &Rest::longest, "Items in antecedent and consequent at most, in the end.");
  get("itemsets", &Rest::itemsets, "Frequent sets that rules were made of.");
  get("rules", &Rest::rules, "Rules in the model.");
  get("left_out", &Rest::left_out, "Rules good enough that max_rules had no room for.");
  get("cut_baskets", &Rest::cut_baskets,
      "Baskets larger than max_basket, of which a part was seen.");

  def_fit(
      m, "fit_association_rules",
      [](const Baskets& baskets, const AssociationRulesOptions& options) {
        FittedRules fitted{nullptr,
                           unlocked([&] { return fit_association_rules(baskets, options); })};
        fitted.model = std::make_shared<AnyAssociationRules>(std::move(fitted.rest.model));
        fitted.model->made_with("fit_association_rules", options);
        return fitted;
      },
      "All rules to one item, by FP-growth. Dense data cannot blow it up: of a basket max_basket "
      "items are seen, more than max_itemsets sets raise the support.",
      {}, "baskets"_a);
}

void bind_substitutes(py::module_& m) {
  auto held = model_class<AnySubstitutes, Model, PythonScorer>(
      m, "Substitutes",
      "What could stand in for an item: alike in the company they keep and rarely bought together. "
      "For an item that is sold out, ask with it as `viewed` and an empty basket.");
  def_weights(held);
  def_fit<AnySubstitutes>(
      m, "fit_substitutes", &fit_substitutes,
      "Substitutes by their complements (as of fit_complements): items whose company has a cosine "
      "of least_alike or more, with least_shared in common, and at most most_together of the "
      "baskets with both that chance expects.",
      {}, "counts"_a);
}

}  // namespace

void bind_relations(py::module_& m) {
  bind_rules(m);
  bind_substitutes(m);
}

}  // namespace bodega::python
