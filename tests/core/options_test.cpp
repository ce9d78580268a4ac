// SPDX-License-Identifier: MIT
#include <bodega/core/options.hpp>

#include <functional>

#include "catch.hpp"
#include "toy_options.hpp"

using namespace bodega;
using namespace bodega_test;

static_assert(OptionsList<BakeOptions> && OptionsList<OvenOptions>);
static_assert(!OptionsList<int> && !OptionsList<std::string>);
static_assert(OptionValue<float> && OptionValue<bool> && OptionValue<char> && OptionValue<Crust>);
static_assert(OptionValue<std::string> && OptionValue<std::optional<int>>);
static_assert(OptionValue<std::vector<std::string>>);
static_assert(!OptionValue<std::function<void()>> && !OptionValue<const int*>);
static_assert(!OptionValue<OvenOptions>);

TEST_CASE("a list is walked in its order, into the lists within it") {
  BakeOptions options;
  std::vector<std::string> names, meanings;
  for_each_option(options, [&](std::string_view name, auto&, std::string_view meaning) {
    names.emplace_back(name);
    meanings.emplace_back(meaning);
  });
  CHECK(names == std::vector<std::string>{"loaves", "salt", "crust", "seeds", "label", "minutes",
                                          "done", "oven.degrees", "oven.steam"});
  CHECK(meanings[0] == "How many.");
  CHECK(meanings[7] == "In the middle.");
}

TEST_CASE("members are visited themselves, const of a const struct") {
  BakeOptions options;
  for_each_option(options, []<class T>(std::string_view name, T& value, std::string_view) {
    if constexpr (std::is_same_v<T, float>)
      if (name == "oven.degrees") value = 180;
  });
  CHECK(options.oven.degrees == 180);
  const BakeOptions& same = options;
  for_each_option(same, []<class T>(std::string_view, T&, std::string_view) {
    STATIC_REQUIRE(std::is_const_v<T>);
  });
}

TEST_CASE("a struct with a list is still made by naming its members") {
  const BakeOptions options{.salt = 2, .oven = {.steam = true}};
  CHECK(options.salt == 2);
  CHECK(options.oven.steam);
}
