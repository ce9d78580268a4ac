// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <bodega/core/options.hpp>

/// A struct of options with one member of each sort.
namespace bodega_test {

enum class Crust { soft, crisp };
constexpr auto enum_names(Crust) noexcept {
  return std::to_array<bodega::EnumName<Crust>>({{Crust::soft, "soft"}, {Crust::crisp, "crisp"}});
}

struct OvenOptions {
  float degrees = 220;
  bool steam = false;

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("degrees", self.degrees, "In the middle.");
    visit("steam", self.steam, "Whether there is steam.");
  }
};

struct BakeOptions {
  std::size_t loaves = 4;
  double salt = 0.1;
  Crust crust = Crust::crisp;
  std::vector<int> seeds = {};
  std::string label = {};
  std::optional<int> minutes = {};
  std::function<void()> done = {};
  OvenOptions oven = {};

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("loaves", self.loaves, "How many.");
    visit("salt", self.salt, "In per cent.");
    visit("crust", self.crust, "Of the bread.");
    visit("seeds", self.seeds, "On top, by number.");
    visit("label", self.label, "What is on the bag.");
    visit("minutes", self.minutes, "How long; else until it is done.");
    visit("done", self.done, "Is called at the end.");
    visit("oven", self.oven, "The oven.");
  }
};

}  // namespace bodega_test
