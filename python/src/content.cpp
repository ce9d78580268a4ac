// SPDX-License-Identifier: MIT
#include <bodega/content/content_model.hpp>

#include "scorer.hpp"

namespace bodega::python {
namespace {

class AnyContentModel : public AnyOf<AnyContentModel, ContentModel<CsrMatrix<float>>,
                                     ContentModel<QuantizedCsrMatrix>>,
                        public ScorerOf<AnyContentModel> {
 public:
  using AnyOf::AnyOf;
};

}  // namespace

void bind_content(py::module_& m) {
  const ContentOptions defaults;
  model_class<AnyContentModel, Model, AnyScorer>(
      m, "ContentModel",
      "Likeness by what the catalogue says of an item, TF-IDF over words and attributes: it "
      "recommends an item that was never sold.")
      .def(py::init([](const Only<Catalog>& catalog, float word_weight, float attribute_weight,
                       float price_weight, std::size_t price_bands, std::size_t min_word_bytes,
                       double max_share) {
             const ContentOptions options{.word_weight = word_weight,
                                          .attribute_weight = attribute_weight,
                                          .price_weight = price_weight,
                                          .price_bands = price_bands,
                                          .min_word_bytes = min_word_bytes,
                                          .max_share = max_share};
             return unlocked([&] {
               return std::make_shared<AnyContentModel>(
                   ContentModel<CsrMatrix<float>>(catalog.get(), options));
             });
           }),
           "catalog"_a, py::kw_only(), "word_weight"_a = defaults.word_weight,
           "attribute_weight"_a = defaults.attribute_weight,
           "price_weight"_a = defaults.price_weight, "price_bands"_a = defaults.price_bands,
           "min_word_bytes"_a = defaults.min_word_bytes, "max_share"_a = defaults.max_share,
           "The weights say how much a word, an attribute and the price band count (0 leaves them "
           "out); price_bands 0: price says nothing; terms of more than max_share of the items "
           "are left out.")
      .def_property_readonly(
          "terms",
          [](const AnyContentModel& self) {
            py::list terms;
            self.visit([&](const auto& model) {
              for (std::size_t i = 0; i < model.terms().size(); ++i)
                terms.append(to_text(model.terms()[i]));
            });
            return terms;
          },
          "The terms' names, by number: a word, or \"name=value\".")
      .def(
          "term",
          [](const AnyContentModel& self, std::uint32_t number) {
            return self.visit([&](const auto& model) { return to_text(model.term(number)); });
          },
          "number"_a, "Name of a reason's term; empty where there is none.")
      .def_property_readonly(
          "item_terms",
          [](const AnyContentModel& self) {
            return from_csr(self.visit([]<class W>(const ContentModel<W>& model) {
              if constexpr (std::is_same_v<W, CsrMatrix<float>>)
                return model.item_terms();
              else
                return dequantize(model.item_terms());
            }));
          },
          "Items x terms as scipy.sparse.csr_matrix, rows of length 1 (a copy).");
}

}  // namespace bodega::python
