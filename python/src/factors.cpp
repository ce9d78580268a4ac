// SPDX-License-Identifier: MIT
#include <bodega/collaborative/factors/als_trainer.hpp>
#include <bodega/collaborative/factors/bpr_trainer.hpp>
#include <bodega/collaborative/factors/factor_model.hpp>
#include <bodega/tensor/eigenvectors.hpp>

#include "def_fit.hpp"
#include "scorer.hpp"

namespace bodega::python {
namespace {

using AnyFactorModel = DenseScorer<FactorModel>;

void bind_factor_trainers(py::module_& m) {
  def_fit<AnyFactorModel>(
      m, "fit_als", &fit_als,
      "iALS: vectors of customers (or baskets) and items by least squares in turns. user_items: "
      "scipy.sparse of confidences, such as user_items(baskets).",
      {}, "user_items"_a);
  def_fit<AnyFactorModel>(
      m, "fit_bpr", &fit_bpr,
      "BPR: vectors such that a customer scores an item that was observed above one that was not. "
      "user_items: scipy.sparse, where a value above 0 is an observation. The fold_in options say "
      "how a customer is found from a query afterwards.",
      {}, "user_items"_a);
}

}  // namespace

void bind_factors(py::module_& m) {
  auto held = model_class<AnyFactorModel, Model, PythonScorer>(
      m, "FactorModel",
      "Item vectors whose product with a customer's vector is the score. No customer is stored: "
      "the query's items say who asks. Made by fit_als and fit_bpr.");
  def_init(
      held,
      [](const Matrix<float>& vectors, double confidence, const ImplicitLoss& loss) {
        return FactorModel<Matrix<float>>(principal_axes(vectors), loss, confidence);
      },
      "vectors: items x factors (at most 512), trained elsewhere; they are turned to their "
      "principal axes, which changes no product of two. The rest says how a customer is folded in.",
      {}, "vectors"_a, py::kw_only(), "confidence"_a = 1.0);
  held.def_property_readonly(
          "vectors",
          [](const AnyFactorModel& self) {
            return self.visit([](const auto& model) { return from_vectors(model.vectors()); });
          },
          "float32, items x factors (a copy; of INT8 vectors what they stand for).")
      .def_property_readonly(
          "factors",
          [](const AnyFactorModel& self) {
            return self.visit([](const auto& model) { return model.factors(); });
          },
          "Numbers in a vector.")
      .def(
          "fold_in",
          [](const AnyFactorModel& self, const py::object& basket, ItemIndex viewed) {
            const OwnedQuery asked(basket, viewed, CustomerIndex::none());
            return self.visit([&](const auto& model) {
              std::vector<float> vector(model.factors());
              model.fold_in(asked.query(), vector);
              return owned(std::move(vector));
            });
          },
          "basket"_a, "viewed"_a = py::none(),
          "The vector of a customer of whom no more than these items is known, float32.")
      .def(
          "directions",
          [](const AnyFactorModel& self) {
            return to_array(self.visit([](const auto& model) { return model.directions(); }));
          },
          "The item vectors brought to length 1, for ItemVectors.");
  bind_factor_trainers(m);
}

}  // namespace bodega::python
