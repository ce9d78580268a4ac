// SPDX-License-Identifier: MIT
#include <algorithm>

#include <bodega/core/options.hpp>
#include <bodega/data/receipt_options.hpp>

#include "catch.hpp"

using namespace bodega;

TEST_CASE("Options of receipts are a list, with the columns in it") {
  std::vector<std::string> names;
  ReceiptOptions options;
  for_each_option(options, [&](std::string_view name, auto&, std::string_view meaning) {
    CHECK_FALSE(meaning.empty());
    names.emplace_back(name);
  });
  CHECK(names.front() == "receipt");
  CHECK(names.back() == "progress");
  CHECK(std::find(names.begin(), names.end(), "min_readable") != names.end());
  CHECK(name(Returns::net) == "net");
  CHECK(value_named<LonelyDays>("keep") == LonelyDays::keep);
  CHECK_FALSE(value_named<FreeLines>("give"));
}
