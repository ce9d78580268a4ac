// SPDX-License-Identifier: MIT
#include <bodega/content/expected_sales.hpp>

#include <cmath>
#include <string>
#include <vector>

#include <bodega/content/content_model_trainer.hpp>

#include "catch.hpp"
#include "check_error.hpp"

using namespace bodega;
using bodega_test::Approx;

TEST_CASE("what items like it sell is expected of a new item") {
  Catalog catalog;
  for (const char* name : {"red tea", "green tea", "black tea", "iron nail", "brass nail", "nail"})
    catalog.add({.id = std::to_string(catalog.size()), .description = name});
  const auto model = fit_content_model(catalog);
  const std::vector<float> sold{90, 110, 0, 2, 4, 0};
  const auto expected = expected_sales(model, sold, 1e-6);
  CHECK(expected[2] == Approx(100).epsilon(0.01));  // both are as much like it
  CHECK(expected[5] == Approx(3).epsilon(0.01));
  CHECK(expected[0] == Approx(110).epsilon(0.01));  // its own sales are left out
  for (const float number : expected_sales(model, sold, 1e9)) CHECK(number == Approx(51.5));
  CHECK(expected_sales(model, std::vector<float>(6, 0.0f)) == std::vector<float>(6, 0.0f));
  CHECK_ERROR(expected_sales(model, std::vector<float>(5)), ErrorCode::shape, "sold");
  CHECK_ERROR(expected_sales(model, std::vector<float>(6, NAN)), ErrorCode::not_finite, "sold");
  CHECK_ERROR(expected_sales(model, std::vector<float>(6, -1.0f)), ErrorCode::invalid_argument,
              "sold");
  CHECK_ERROR(expected_sales(model, sold, 0), ErrorCode::invalid_argument, "leaning");
}
