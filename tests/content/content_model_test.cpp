// SPDX-License-Identifier: MIT
#include <string>
#include <type_traits>
#include <vector>

#include <bodega/compress/quantize.hpp>
#include <bodega/content/content_model.hpp>
#include <bodega/content/content_model_trainer.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "contract/scorer_contract.hpp"
#include "reload.hpp"
#include "toy_shop.hpp"

using namespace bodega;
using bodega_test::Approx;

namespace {

/// Three items: of the words "red" and "blue" the first has both, the second blue, the third none.
ContentModel<> two_words() {
  StringSet terms;
  terms.add("red");
  terms.add("blue");
  return {std::move(terms),
          CsrMatrix<float>(SparsePattern(2, {0, 2, 3, 3}, {0, 1, 1}), {0.6f, 0.8f, 1.0f})};
}

std::vector<float> scores(const auto& model, std::vector<ItemIndex> basket) {
  std::vector<float> result(model.items(), 0.0f);
  model.add_scores({.basket = basket}, 1, result);
  return result;
}

}  // namespace

TEST_CASE("a score is the cosine with each item of the query") {
  const auto model = two_words();
  CHECK(model.items() == 3);
  CHECK(scores(model, {ItemIndex(1)}) == std::vector<float>{0.8f, 1, 0});
  CHECK(scores(model, {ItemIndex(2)}) == std::vector<float>(3, 0.0f));
  const std::vector basket{ItemIndex(0)};
  Reasons reasons;
  model.explain({.basket = basket}, 2, ItemIndex(1), reasons);
  REQUIRE(reasons.size() == 1);
  CHECK(reasons[0].kind == Reason::Kind::alike);
  CHECK(reasons[0].item == ItemIndex(0));
  CHECK(model.term(reasons[0].term) == "blue");
  CHECK(reasons[0].contribution == Approx(1.6));
  CHECK(model.term(2).empty());
}

TEST_CASE("a content model is the same after a file and close in INT8") {
  const auto model = fit_content_model(bodega_test::toy_catalog());
  CHECK(bodega_test::reload(model) == model);
  const auto small = quantize(model);
  const auto exact = scores(model, {ItemIndex(3), ItemIndex(8)});
  const auto rounded = scores(small, {ItemIndex(3), ItemIndex(8)});
  for (std::size_t j = 0; j < exact.size(); ++j) CHECK(rounded[j] == Approx(exact[j]).margin(0.02));
  CHECK(small.terms() == model.terms());
}

TEST_CASE("a content model refuses items of other terms") {
  CHECK_ERROR(ContentModel<>(StringSet(), two_words().item_terms()), ErrorCode::shape,
              "columns of item_terms");
  CHECK_ERROR(bodega_test::reload(two_words(),
                                  [](const std::string& name, auto& leaf, Role) {
                                    if constexpr (std::is_same_v<std::uint32_t&, decltype(leaf)>)
                                      if (name == "item_terms.pattern.columns") leaf += 1;
                                  }),
              ErrorCode::shape, "item_terms");
}

TEST_CASE("the content model keeps the scorer contract") {
  const auto model = fit_content_model(bodega_test::toy_catalog(), {.price_bands = 3});
  bodega_test::check_scorer_contract(model, bodega_test::toy_items);
  bodega_test::check_scorer_contract(quantize(model), bodega_test::toy_items);
}
