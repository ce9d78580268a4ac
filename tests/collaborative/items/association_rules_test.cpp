// SPDX-License-Identifier: MIT
#include <cstdint>
#include <initializer_list>
#include <utility>
#include <vector>

#include <bodega/collaborative/items/association_rules.hpp>

#include "catch.hpp"
#include "check_error.hpp"

using namespace bodega;
using bodega_test::Approx;

namespace {
using Items = std::vector<ItemIndex>;

Items items(std::initializer_list<std::uint32_t> list) {
  Items result;
  for (const std::uint32_t item : list) result.push_back(ItemIndex(item));
  return result;
}

/// 0 -> 2 and 1 -> 2 with confidences of 0.6 and 0.75, 0 and 1 -> 2 surely.
AssociationRules<> to_jam() {
  return {SparsePattern(4, {0, 1, 3, 4}, {0, 0, 1, 1}),
          CsrMatrix<float>(SparsePattern(4, {0, 1, 2, 3}, {2, 2, 2}), {0.6f, 1, 0.75f}),
          {0.5f, 0.3f, 0.4f},
          {0.5f, 0.4f, 0.4f, 0.3f}};
}
}  // namespace

TEST_CASE("a basket's score is what its rules are sure of, and its items share the reasons") {
  const auto model = to_jam();
  std::vector<float> scores(4, 0.0f);
  const Items basket = items({1, 0, 0});
  model.add_scores({.basket = basket}, 1, scores);
  CHECK(scores[2] == Approx(0.6 + 0.75 + 1));  // from 0, from 1, from both
  CHECK(scores[3] == 0);
  Reasons reasons;
  model.explain({.basket = basket}, 1, ItemIndex(2), reasons);
  REQUIRE(reasons.size() == 2);
  CHECK(reasons[0].item == ItemIndex(1));
  CHECK(reasons[0].contribution == Approx(1.25));
  CHECK(reasons[1].item == ItemIndex(0));
  CHECK(reasons[1].contribution == Approx(1.1));
}

TEST_CASE("rules are listed by lift, with the support of both") {
  const auto rules = to_jam().rules();
  REQUIRE(rules.size() == 3);
  CHECK(rules[0].antecedent == items({0, 1}));
  CHECK(rules[0].consequent == ItemIndex(2));
  CHECK(rules[0].support == Approx(0.3));
  CHECK(rules[0].lift == Approx(2.5));
  CHECK(rules[2].antecedent == items({0}));
  CHECK(rules[2].confidence == Approx(0.6));
}

TEST_CASE("rules refuse parts that do not fit") {
  const SparsePattern sets(2, {0, 1, 2}, {0, 1}), twice(2, {0, 1, 2}, {1, 1}),
      empty(2, {0, 0, 1}, {0});
  const CsrMatrix<float> confidence({2, {0, 1, 2}, {1, 0}}, {0.5f, 0.5f});
  CHECK_NOTHROW(AssociationRules<>(sets, confidence, {0.5f, 0.5f}, {0.5f, 0.5f}));
  CHECK_ERROR(AssociationRules<>(twice, confidence, {0.5f, 0.5f}, {0.5f, 0.5f}), ErrorCode::format,
              "sets");
  CHECK_ERROR(AssociationRules<>(empty, confidence, {0.5f, 0.5f}, {0.5f, 0.5f}), ErrorCode::format,
              "sets");
  CHECK_ERROR(AssociationRules<>(sets, confidence, {0.5f}, {0.5f, 0.5f}), ErrorCode::shape,
              "set_support");
  CHECK_ERROR(AssociationRules<>(sets, confidence, {0.5f, 1.5f}, {0.5f, 0.5f}),
              ErrorCode::out_of_range, "supports");
  CHECK_ERROR(AssociationRules<>(sets, confidence, {0.5f, 0.5f}, {0.5f, 0.5f, 0.5f}),
              ErrorCode::shape, "sets");
}
