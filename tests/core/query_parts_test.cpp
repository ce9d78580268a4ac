// SPDX-License-Identifier: MIT
#include <string>
#include <vector>

#include <bodega/core/query_parts.hpp>

#include "catch.hpp"

using namespace bodega;

TEST_CASE("Parts of a query are a set") {
  constexpr QueryParts none, customer = QueryPart::customer;
  STATIC_REQUIRE(none.empty());
  STATIC_REQUIRE(customer.has(QueryPart::customer));
  STATIC_REQUIRE_FALSE(customer.has(QueryPart::basket));
  STATIC_REQUIRE((customer | QueryPart::basket) ==
                 QueryParts{QueryPart::basket, QueryPart::customer});
  STATIC_REQUIRE((customer & QueryPart::basket).empty());
  STATIC_REQUIRE((QueryParts::all() - customer).has(QueryPart::rush));
  STATIC_REQUIRE_FALSE((QueryParts::all() - customer).has(QueryPart::customer));
  STATIC_REQUIRE((customer - QueryParts::all()).empty());
  STATIC_REQUIRE((QueryParts::views() - QueryParts::items()) == QueryPart::session);
}

TEST_CASE("Parts are told in their order, each by its name") {
  std::vector<std::string> names;
  QueryParts{QueryPart::hour, QueryPart::basket, QueryPart::dwell}.for_each(
      [&](QueryPart part) { names.emplace_back(name(part)); });
  CHECK(names == std::vector<std::string>{"basket", "dwell", "hour"});
  std::size_t all = 0;
  QueryParts::all().for_each([&](QueryPart) { ++all; });
  CHECK(all == enum_names(QueryPart{}).size());
}
