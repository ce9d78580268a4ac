// SPDX-License-Identifier: MIT
#include <bodega/content/content_model.hpp>
#include <bodega/content/content_model_trainer.hpp>
#include <bodega/content/pack_size.hpp>
#include <bodega/content/search_index.hpp>
#include <bodega/hybrid/search.hpp>

#include "def_fit.hpp"
#include "scorer.hpp"

namespace bodega::python {
namespace {

using AnyContentModel = SparseScorer<ContentModel>;

class AnySearchIndex
    : public AnyOf<AnySearchIndex, SearchIndex<CsrMatrix<float>>, SearchIndex<QuantizedCsrMatrix>> {
 public:
  using AnyOf::AnyOf;
};

std::vector<Pick> search(const AnySearchIndex& self, const std::string& text, std::size_t k,
                         const PythonScorer* scorer, const py::object& basket, ItemIndex viewed,
                         CustomerIndex customer, const py::object& allowed, float taste) {
  const std::size_t items = self.visit([](const auto& index) { return index.items(); });
  const AnyScorer liked = scorer != nullptr ? scorer->any() : AnyScorer(items);
  if (liked.items() != items)
    throw Error(ErrorCode::shape, "SearchIndex.search, scorer",
                "a scorer of " + std::to_string(items) + " items", std::to_string(liked.items()));
  const OwnedQuery asked(basket, viewed, customer);
  const ItemMask mask = to_mask(allowed, items, "SearchIndex.search, allowed");
  SearchOptions options;
  options.taste = taste;
  return unlocked([&] {
    SearchWorkspace workspace(items, std::min(k, items));
    return self.visit([&](const auto& index) {
      const auto picks =
          bodega::search(index, text, liked, asked.query(), mask, k, workspace, options);
      return std::vector<Pick>(picks.begin(), picks.end());
    });
  });
}

void bind_search(py::module_& m) {
  auto held = model_class<AnySearchIndex, Model>(
      m, "SearchIndex",
      "The catalogue for a text as it is typed: words of descriptions, attributes and ids, their "
      "beginnings, and one letter wrong.");
  def_init(
      held,
      [](const Catalog& catalog, const SearchIndexOptions& options) {
        return SearchIndex<CsrMatrix<float>>(catalog, options);
      },
      "The weights say what a word of the description, of an attribute and of the id counts.", {},
      "catalog"_a);
  held.def_property_readonly(
          "items",
          [](const AnySearchIndex& self) {
            return self.visit([](const auto& index) { return index.items(); });
          },
          "Size of the catalogue.")
      .def(
          "term",
          [](const AnySearchIndex& self, std::uint32_t number) {
            return self.visit([&](const auto& index) { return to_text(index.term(number)); });
          },
          "number"_a, "The word of a reason's term; empty where there is none.")
      .def("search", &search, "text"_a, "k"_a = 10, "scorer"_a = py::none(),
           "basket"_a = py::tuple(), "viewed"_a = py::none(), "customer"_a = py::none(),
           "allowed"_a = py::none(), "taste"_a = SearchOptions{}.taste,
           "The best k items that match, best first, with reasons: by match, times 1 + taste x "
           "what the scorer thinks of the item for the query over the best of those found.");
}

void bind_pack_size(py::module_& m) {
  m.def(
      "parse_pack_size",
      [](const std::string& text) -> py::object {
        const auto size = parse_pack_size(text);
        if (!size) return py::none();
        const char* unit = size->unit == PackSize::Unit::gram         ? "g"
                           : size->unit == PackSize::Unit::millilitre ? "ml"
                                                                      : "pieces";
        return py::make_tuple(size->amount, unit);
      },
      "text"_a,
      "The (amount, unit) that a name or an attribute tells, all of a pack together, in 'g', 'ml' "
      "or "
      "'pieces'; None where it tells none.");
}

}  // namespace

void bind_content(py::module_& m) {
  bind_pack_size(m);
  bind_search(m);
  auto held = model_class<AnyContentModel, Model, PythonScorer>(
      m, "ContentModel",
      "Likeness by what the catalogue says of an item, TF-IDF over words and attributes: it "
      "recommends an item that was never sold.");
  def_init(
      held,
      [](const Catalog& catalog, const ContentModelOptions& options) {
        return fit_content_model(catalog, options);
      },
      "The weights say how much a word, an attribute, the price band and the pack size count; 0 "
      "leaves them out.",
      {}, "catalog"_a);
  held.def_property_readonly(
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
            return self.visit([](const auto& model) { return from_weights(model.item_terms()); });
          },
          "Items x terms as scipy.sparse.csr_matrix, rows of length 1 (a copy).");
}

}  // namespace bodega::python
