// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include <bodega/tensor/parameters.hpp>

#include "catch.hpp"

namespace bodega_test {

/// Applies `change` to the tensor of that name, as a file that was tampered with would.
template <class Leaf, class Model, class Change>
Model tampered(Model model, std::string_view tensor, Change&& change) {
  bool found = false;
  bodega::for_each_tensor(model, [&]<class L>(const std::string& name, L& leaf, bodega::Role) {
    if constexpr (std::is_same_v<L, Leaf>)
      if (name == tensor) {
        change(leaf);
        found = true;
      }
  });
  REQUIRE(found);
  return model;
}

/// The model with only what a file would hold of it: its tensors.
template <class Model>
Model through_tensors(const Model& model) {
  Model copy;
  bodega::for_each_tensor(copy, [&]<class L>(const std::string& name, L& to, bodega::Role) {
    bodega::for_each_tensor(
        model, [&]<class M>(const std::string& from_name, const M& from, bodega::Role) {
          if constexpr (std::is_same_v<L, M>)
            if (name == from_name) to = from;
        });
  });
  return copy;
}

}  // namespace bodega_test
