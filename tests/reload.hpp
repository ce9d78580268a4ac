// SPDX-License-Identifier: MIT
#pragma once

#include <any>
#include <map>
#include <string>

#include <bodega/tensor/parameters.hpp>

#include "catch.hpp"

namespace bodega_test {

/// What a model file does, without the file: an empty model is filled tensor by tensor, checked,
/// and restored. `change(name, leaf, role)` may spoil a tensor on the way.
template <class Model, class Change>
Model reload(const Model& model, Change&& change) {
  std::map<std::string, std::any> stored;
  bodega::for_each_tensor(model, [&](const std::string& name, const auto& leaf, bodega::Role) {
    const bool new_name = stored.emplace(name, leaf).second;
    INFO("tensor " << name);
    CHECK(new_name);
  });
  Model copy;
  bodega::for_each_tensor(copy,
                          [&]<class Leaf>(const std::string& name, Leaf& leaf, bodega::Role role) {
                            leaf = std::any_cast<Leaf>(stored.at(name));
                            change(name, leaf, role);
                          });
  copy.validate("reloaded");
  if constexpr (requires { copy.restore(); }) copy.restore();
  return copy;
}

template <class Model>
Model reload(const Model& model) {
  return reload(model, [](const std::string&, auto&, bodega::Role) {});
}

}  // namespace bodega_test
