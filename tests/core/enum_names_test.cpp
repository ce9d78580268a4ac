// SPDX-License-Identifier: MIT
#include <bodega/core/enum_names.hpp>

#include <array>

#include "catch.hpp"

namespace {

enum class Colour { red, green };
constexpr auto enum_names(Colour) noexcept {
  return std::to_array<bodega::EnumName<Colour>>({{Colour::red, "red"}, {Colour::green, "green"}});
}

struct Owner {
  enum class Size { small, large };
};
constexpr auto enum_names(Owner::Size) noexcept {
  return std::to_array<bodega::EnumName<Owner::Size>>(
      {{Owner::Size::small, "small"}, {Owner::Size::large, "large"}});
}

enum class Nameless { one };

static_assert(bodega::NamedEnum<Colour> && bodega::NamedEnum<Owner::Size>);
static_assert(!bodega::NamedEnum<Nameless> && !bodega::NamedEnum<int>);
static_assert(bodega::name(Colour::green) == "green");

}  // namespace

TEST_CASE("a value has a name, and the name its value") {
  CHECK(bodega::name(Owner::Size::large) == "large");
  CHECK(bodega::value_named<Owner::Size>("small") == Owner::Size::small);
  CHECK(bodega::value_named<Colour>("green") == Colour::green);
  CHECK_FALSE(bodega::value_named<Colour>("blue"));
  CHECK_FALSE(bodega::value_named<Colour>(""));
  CHECK(bodega::name(static_cast<Colour>(7)) == "unknown");
}
