// SPDX-License-Identifier: MIT
#include <bodega/till/load_model.hpp>

#include <type_traits>

#include "catch.hpp"
#include "check_error.hpp"
#include "toy_models.hpp"

using namespace bodega;
using namespace bodega_test;

TEST_CASE("A model is loaded as the one of the known types that it is") {
  Bundle bundle;
  bundle.add("items", toy_items());
  bundle.add("table", toy_table());
  int loaded = 0;
  detail::load_model<ToyTable, ToyItems<>>(bundle, "items", "file", [&]<class M>(const M&) {
    CHECK(std::is_same_v<M, ToyItems<>>);
    ++loaded;
  });
  CHECK(loaded == 1);
  detail::load_model<ToyTable>(bundle, "absent", "file", [&](const ToyTable&) { ++loaded; });
  CHECK(loaded == 1);
  const auto load_other = [&] {
    detail::load_model<ToyTable, ToyItems<QuantizedCsrMatrix>>(bundle, "items", "file",
                                                               [&](const auto&) { ++loaded; });
  };
  CHECK_ERROR(load_other(), ErrorCode::format, "file, model items");
  CHECK(loaded == 1);
}

TEST_CASE("A model of another catalogue is refused by its name") {
  CHECK_NOTHROW(detail::check_items(12, 12, "file", "items"));
  CHECK_ERROR(detail::check_items(11, 12, "file", "items"), ErrorCode::shape, "file, model items");
}
