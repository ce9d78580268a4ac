// SPDX-License-Identifier: MIT
#include <bodega/data/covariates.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "check_error.hpp"
#include "data/parameter_list.hpp"

using namespace bodega;
using bodega_test::tampered;
using bodega_test::through_tensors;

namespace {
constexpr ItemIndex bread(0), milk(1);
constexpr Day first(100);
std::vector<float> at(const Covariates& table, ItemIndex item, Day day) {
  const auto row = table.at(item, day);
  return {row.begin(), row.end()};
}
}  // namespace

TEST_CASE("Covariates of the shop are the same for all items") {
  Covariates table({"holiday", "promotion"}, first, 3);
  table.set("holiday", first + 1, 1);
  table.set("promotion", first + 1, 0.5f);
  CHECK(table.count() == 2);
  CHECK(table.items() == 0);
  CHECK(at(table, bread, first + 1) == std::vector<float>{1, 0.5f});
  CHECK(at(table, milk, first + 1) == std::vector<float>{1, 0.5f});
  CHECK(at(table, milk, first) == std::vector<float>{0, 0});
  CHECK(table.at(bread, first + 3).empty());
  CHECK(table.at(bread, first - 1).empty());
  CHECK_ERROR(table.set("promotion", bread, first, 1), ErrorCode::out_of_range, "item");
}

TEST_CASE("Covariates of each item, and days to come") {
  Covariates table({"price"}, first, 2, 2);
  table.set("price", milk, first, -0.25f);
  table.set("price", bread, first + 4, 0.5f);  // announced
  CHECK(table.days() == 5);
  CHECK(at(table, milk, first) == std::vector<float>{-0.25f});
  CHECK(at(table, bread, first + 4) == std::vector<float>{0.5f});
  CHECK(at(table, milk, first + 4) == std::vector<float>{0});
  CHECK(table.at(ItemIndex(2), first).empty());
  table.set("price", first + 1, 2);
  CHECK(at(table, bread, first + 1) == at(table, milk, first + 1));
}

TEST_CASE("Covariates are chosen by name") {
  Covariates table({"a", "b", "c"}, first, 1);
  table.set("a", first, 1);
  table.set("c", first, 3);
  CHECK(at(table.select({"c", "a"}), bread, first) == std::vector<float>{3, 1});
  CHECK_ERROR(table.select({"a", "weather"}), ErrorCode::missing, "Covariates");
  CHECK_ERROR(table.set("weather", first, 1), ErrorCode::missing, "Covariates");
}

TEST_CASE("Covariates that are none are refused and change nothing") {
  Covariates table({"a"}, first, 1);
  const Covariates before = table;
  CHECK_ERROR(table.set("a", first, std::nanf("")), ErrorCode::not_finite, "a, ");
  CHECK_ERROR(table.set("a", first + 9, std::numeric_limits<float>::infinity()),
              ErrorCode::not_finite, "a, ");
  CHECK_ERROR(table.set("a", first - 1, 1), ErrorCode::out_of_range, "a, ");
  CHECK(table == before);
  Covariates of_items({"a"}, first, 1, 1000);  // of too many numbers by then
  CHECK_ERROR(of_items.set("a", Day(2'000'000), 1), ErrorCode::out_of_range, "Covariates");
  CHECK(of_items.days() == 1);
  CHECK_ERROR(Covariates({"a", "a"}, first, 1), ErrorCode::duplicate, "name 1");
  CHECK_ERROR(Covariates({""}, first, 1), ErrorCode::invalid_argument, "name 0");
  CHECK_ERROR(Covariates(std::vector<std::string>(17, "x"), first, 1), ErrorCode::out_of_range,
              "names");
}

TEST_CASE("Covariates from a file are checked") {
  Covariates table({"a", "b"}, first, 3, 2);
  table.set("b", milk, first + 2, 7);
  table.validate("f");
  CHECK(through_tensors(table) == table);
  using Values = Matrix<float>;
  const auto values = [&](Values m) {
    return tampered<Values>(table, "values", [&](Values& v) { v = m; });
  };
  CHECK_ERROR(values(Values(2, 5)).validate("f"), ErrorCode::shape, "f, columns of values");
  CHECK_ERROR(values(Values(2, 6, std::nanf(""))).validate("f"), ErrorCode::not_finite, "values");
  CHECK_ERROR(tampered<std::uint8_t>(table, "of_items", [](auto& v) { v = 0; }).validate("f"),
              ErrorCode::shape, "f, rows of values");
  CHECK_ERROR(tampered<std::uint8_t>(table, "of_items", [](auto& v) { v = 2; }).validate("f"),
              ErrorCode::out_of_range, "f, of_items");
  CHECK_ERROR(
      tampered<std::int32_t>(table, "first_day", [](auto& v) { v = 0x7fffffff; }).validate("f"),
      ErrorCode::out_of_range, "f, first_day");
}
