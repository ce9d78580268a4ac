// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include <bodega/collaborative/factors/als_trainer.hpp>
#include <bodega/collaborative/factors/factor_model.hpp>
#include <bodega/embedding/item_vectors.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "collaborative/factors/least_loss.hpp"

using namespace bodega;
using namespace bodega_test;

TEST_CASE("a basket is folded in by the closed form") {
  for (const bool observed_too : {true, false})
    for (const double scaling : {0.0, 0.5, 1.0}) {
      const auto model = fit_als(toy_rows(), {.factors = 10,
                                              .iterations = 3,
                                              .loss = {.unobserved = 0.2,
                                                       .observed_too = observed_too,
                                                       .l2 = 0.02,
                                                       .frequency_scaling = scaling}});
      for (const auto& basket : {items({3}), items({0, 5, 11}), items({1, 1, 6}),
                                 items({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15})}) {
        std::vector<std::pair<std::size_t, double>> observed;
        for (const ItemIndex item : basket) observed.emplace_back(item.value(), 1.0);
        const std::vector<double> expected = least_loss(model.vectors(), model.loss(), observed);
        std::vector<float> found(10);
        model.fold_in({.basket = basket}, found);
        for (std::size_t k = 0; k < 10; ++k) CHECK(found[k] == Approx(expected[k]).margin(1e-5));
      }
    }
}

TEST_CASE("a basket of thousands, an empty one and one of unknown items are folded in") {
  const auto model = fit_als(toy_rows(), {.factors = 20, .iterations = 3});
  std::vector<ItemIndex> giant;
  std::vector<std::pair<std::size_t, double>> observed;
  for (std::uint32_t k = 0; k < 6000; ++k) {
    giant.emplace_back(k * k % 39);
    observed.emplace_back(k * k % 39, 1.0);
  }
  std::vector<float> found(20);
  model.fold_in({.basket = giant}, found);
  const std::vector<double> expected = least_loss(model.vectors(), model.loss(), observed);
  for (std::size_t k = 0; k < 20; ++k) CHECK(found[k] == Approx(expected[k]).margin(1e-3));
  for (const auto& basket : {items({}), items({40, 4'000'000'000u})}) {
    model.fold_in({.basket = basket}, found);
    for (const float x : found) CHECK(x == 0);
  }
}

TEST_CASE("the vectors of a factor model serve as item vectors") {
  const auto model = fit_als(toy_rows(), {.factors = 16});
  const ItemVectors<> vectors(model.directions());
  CHECK(vectors.cosine(ItemIndex(3), ItemIndex(3)) == Approx(1.0));
  CHECK(vectors.cosine(ItemIndex(39), ItemIndex(39)) == 0);  // never sold: nothing is known
  const auto near = vectors.nearest(ItemIndex(7), 3);
  REQUIRE(near.size() == 3);
  for (const auto& one : near) CHECK(one.index % 5 == 7 % 5);
}

TEST_CASE("a factor model refuses vectors and numbers that make no sense") {
  CHECK_ERROR(FactorModel<>(Matrix<float>(2, 513), ImplicitLoss{}), ErrorCode::shape, "vectors");
  CHECK_ERROR(FactorModel<>(Matrix<float>(2, 2, NAN), ImplicitLoss{}), ErrorCode::not_finite,
              "vectors");
  CHECK_ERROR(FactorModel<>(Matrix<float>(2, 2), ImplicitLoss{.l2 = -1}),
              ErrorCode::invalid_argument, "l2");
  CHECK_ERROR(FactorModel<>(Matrix<float>(2, 2), ImplicitLoss{}, 0), ErrorCode::invalid_argument,
              "confidence");
}
