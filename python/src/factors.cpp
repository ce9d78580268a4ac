// SPDX-License-Identifier: MIT
#include <bodega/collaborative/factors/als_trainer.hpp>
#include <bodega/collaborative/factors/bpr_trainer.hpp>
#include <bodega/collaborative/factors/factor_model.hpp>
#include <bodega/tensor/eigenvectors.hpp>

#include "scorer.hpp"

namespace bodega::python {
namespace {

class AnyFactorModel
    : public AnyOf<AnyFactorModel, FactorModel<Matrix<float>>, FactorModel<QuantizedMatrix>>,
      public ScorerOf<AnyFactorModel> {
 public:
  using AnyOf::AnyOf;
};

}  // namespace

void bind_factors(py::module_& m) {
  const ImplicitLoss loss;
  model_class<AnyFactorModel, Model, PythonScorer>(
      m, "FactorModel",
      "Item vectors whose product with a customer's vector is the score. No customer is stored: "
      "the query's items say who asks. Made by fit_als and fit_bpr.")
      .def(py::init([](const py::object& vectors, double unobserved, bool observed_too, double l2,
                       double frequency_scaling, double confidence) {
             return std::make_shared<AnyFactorModel>(FactorModel<Matrix<float>>(
                 principal_axes(to_matrix(vectors, "FactorModel, vectors")),
                 {unobserved, observed_too, l2, frequency_scaling}, confidence));
           }),
           "vectors"_a, py::kw_only(), "unobserved"_a = loss.unobserved,
           "observed_too"_a = loss.observed_too, "l2"_a = loss.l2,
           "frequency_scaling"_a = loss.frequency_scaling, "confidence"_a = 1.0,
           "vectors: items x factors (at most 512), trained elsewhere; they are turned to their "
           "principal axes, which changes no product of two. The rest says how a customer is "
           "folded in.")
      .def_property_readonly(
          "vectors",
          [](const AnyFactorModel& self) {
            return self.visit([]<class W>(const FactorModel<W>& model) -> py::object {
              if constexpr (std::is_same_v<W, Matrix<float>>)
                return to_array(model.vectors());
              else
                return to_array(dequantize(model.vectors()));
            });
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

  const AlsOptions als;
  m.def(
      "fit_als",
      [](const py::object& user_items, std::size_t factors, int iterations, double unobserved,
         bool observed_too, double l2, double frequency_scaling, const std::string& solver,
         std::size_t block, int steps, double deviation, std::uint64_t seed, std::size_t threads,
         const py::object& progress) {
        const CsrMatrix<float> rows = to_csr(user_items, "fit_als, user_items");
        const AlsOptions options{
            .factors = factors,
            .iterations = iterations,
            .loss = {unobserved, observed_too, l2, frequency_scaling},
            .solver = choose<AlsSolver>("fit_als, option solver", solver,
                                        {{"blocks", AlsSolver::blocks},
                                         {"conjugate_gradients", AlsSolver::conjugate_gradients}}),
            .block = block,
            .steps = steps,
            .deviation = deviation,
            .seed = seed,
            .threads = threads,
            .progress = progress_callback(progress)};
        return unlocked(
            [&] { return std::make_shared<AnyFactorModel>(bodega::fit_als(rows, options)); });
      },
      "user_items"_a, py::kw_only(), "factors"_a = als.factors, "iterations"_a = als.iterations,
      "unobserved"_a = als.loss.unobserved, "observed_too"_a = als.loss.observed_too,
      "l2"_a = als.loss.l2, "frequency_scaling"_a = als.loss.frequency_scaling,
      "solver"_a = "blocks", "block"_a = als.block, "steps"_a = als.steps,
      "deviation"_a = als.deviation, "seed"_a = als.seed, "threads"_a = als.threads,
      "progress"_a = py::none(),
      "iALS: vectors of customers (or baskets) and items by least squares in turns. user_items: "
      "scipy.sparse of confidences, such as user_items(baskets). unobserved (what a score costs "
      "where nothing is known) and l2 are worth tuning. solver: 'blocks' (exact; `block` factors "
      "at a time, 0 = all) or 'conjugate_gradients' (`steps` of them). The same at any number of "
      "threads (0 = all cores).");

  const BprOptions bpr;
  m.def(
      "fit_bpr",
      [](const py::object& user_items, std::size_t factors, int epochs, double learning_rate,
         double l2, double deviation, double fold_in_unobserved, double fold_in_l2,
         std::uint64_t seed, const py::object& progress) {
        const CsrMatrix<float> rows = to_csr(user_items, "fit_bpr, user_items");
        BprOptions options{.factors = factors,
                           .epochs = epochs,
                           .learning_rate = learning_rate,
                           .l2 = l2,
                           .deviation = deviation,
                           .seed = seed,
                           .progress = progress_callback(progress)};
        options.fold_in.unobserved = fold_in_unobserved;
        options.fold_in.l2 = fold_in_l2;
        return unlocked(
            [&] { return std::make_shared<AnyFactorModel>(bodega::fit_bpr(rows, options)); });
      },
      "user_items"_a, py::kw_only(), "factors"_a = bpr.factors, "epochs"_a = bpr.epochs,
      "learning_rate"_a = bpr.learning_rate, "l2"_a = bpr.l2, "deviation"_a = bpr.deviation,
      "fold_in_unobserved"_a = bpr.fold_in.unobserved, "fold_in_l2"_a = bpr.fold_in.l2,
      "seed"_a = bpr.seed, "progress"_a = py::none(),
      "BPR: vectors such that a customer scores an item that was observed above one that was not. "
      "user_items: scipy.sparse, where a value above 0 is an observation. The fold_in options say "
      "how a customer is found from a query afterwards and are worth tuning.");
}

}  // namespace bodega::python
