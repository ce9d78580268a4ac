// SPDX-License-Identifier: MIT
#include <bodega/collaborative/sums/cooccurrence.hpp>
#include <bodega/embedding/item_vectors.hpp>
#include <bodega/embedding/item_vectors_trainer.hpp>

#include "def_fit.hpp"
#include "scorer.hpp"

namespace bodega::python {
namespace {

using AnyItemVectors = DenseScorer<ItemVectors>;

py::object vectors(const py::object& self) {
  const auto& held = self.cast<const AnyItemVectors&>();
  if (const auto* model = held.get_if<ItemVectors<Matrix<float>>>())
    return view(
        model->vectors().data(),
        {static_cast<py::ssize_t>(model->items()), static_cast<py::ssize_t>(model->dimensions())},
        self);
  return from_vectors(held.get_if<ItemVectors<QuantizedMatrix>>()->vectors());
}

}  // namespace

void bind_embedding(py::module_& m) {
  model_class<AnyItemVectors, Model, PythonScorer>(
      m, "ItemVectors",
      "One vector of length 1 for each item: near in direction means bought in the same company.")
      .def(py::init([](const py::object& vectors) {
             return std::make_shared<AnyItemVectors>(
                 ItemVectors(to_matrix(vectors, "ItemVectors, vectors")));
           }),
           "vectors"_a, "vectors: items x dimensions (at most 512), taken as they are.")
      .def_property_readonly(
          "vectors", &vectors,
          "float32, items x dimensions; read-only and not a copy (of INT8 vectors what they stand "
          "for).")
      .def_property_readonly(
          "dimensions",
          [](const AnyItemVectors& self) {
            return self.visit([](const auto& model) { return model.dimensions(); });
          },
          "Numbers in a vector.")
      .def(
          "cosine",
          [](const AnyItemVectors& self, ItemIndex a, ItemIndex b) {
            return self.visit([&](const auto& model) { return model.cosine(a, b); });
          },
          "a"_a, "b"_a, "Of two items' vectors; 0 outside the catalogue.")
      .def(
          "nearest",
          [](const AnyItemVectors& self, ItemIndex item, Count<"nearest, k"> k) {
            py::list nearest;
            for (const ScoredIndex& one : unlocked([&] {
                   return self.visit([&](const auto& model) { return model.nearest(item, k); });
                 }))
              nearest.append(py::make_tuple(one.index, one.score));
            return nearest;
          },
          "item"_a, "k"_a = 10, "(item, cosine) of the k nearest, nearest first; exact.");

  def_fit(
      m, "fit_item_vectors",
      [](const py::object& pairs, const ItemVectorsOptions& options) {
        CsrMatrix<float> counts;
        const Cooccurrence* sums = nullptr;
        if (py::isinstance<Only<Cooccurrence>>(pairs))
          sums = &pairs.cast<const Only<Cooccurrence>&>().get();
        else
          counts = to_csr(pairs, "fit_item_vectors, pairs");
        const auto fitted = unlocked([&] {
          return std::make_shared<AnyItemVectors>(
              fit_item_vectors(sums != nullptr ? sums->pairs() : counts, options));
        });
        fitted->made_with("fit_item_vectors", options);
        return fitted;
      },
      "Vectors from how often items are bought together: a Cooccurrence, or any symmetric "
      "scipy.sparse matrix of counts.",
      {}, "pairs"_a);
}

}  // namespace bodega::python
