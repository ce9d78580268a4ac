// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/bundle/bundle.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/data/catalog.hpp>
#include <bodega/till/load_model.hpp>
#include <bodega/till/till_part.hpp>
#include <bodega/till/till_rung.hpp>

namespace bodega::inline BODEGA_ABI::detail {

/// What lists of parts have read from a bundle so far. A name may stand in several lists, so that a
/// caller adds a type under a name that the standard list has; what nobody could read is refused
/// when all have tried.
class ModelLoader {
 public:
  /// Throws Error(missing) without a catalogue, and what is wrong with it.
  ModelLoader(const Bundle& bundle, std::string where)
      : catalog(bundle.get<Catalog>("catalog")), bundle_(bundle), where_(std::move(where)) {}

  const Bundle& bundle() const noexcept { return bundle_; }
  const std::string& where() const noexcept { return where_; }

  /// Whether there is a model of that name that no list has read yet.
  bool wants(std::string_view name) const {
    const auto is_read = [&](const auto& list, auto name_of) {
      return std::any_of(list.begin(), list.end(),
                         [&](const auto& one) { return name_of(one) == name; });
    };
    return bundle_.contains(name) &&
           !is_read(parts, [](const TillPart& part) { return part.name; }) &&
           !is_read(rungs, [](const TillRung& rung) { return rung.answers.name; });
  }

  /// Adds the bundle's model of that name as a part, if it is an M; whether it is.
  template <class M>
  bool part(std::string_view name) {
    if (!bundle_.holds<M>(name)) return false;
    M model = bundle_.get<M>(name);
    check_items(model.items(), catalog.size(), where_, name);
    parts.push_back(make_part(name, std::move(model)));
    return true;
  }
  /// The same as a rung.
  template <class M>
  bool rung(std::string_view name) {
    if (!bundle_.holds<M>(name)) return false;
    rungs.push_back(make_rung(name, bundle_.get<M>(name)));
    return true;
  }
  /// None of so many types was it.
  void leave(std::string_view name, std::size_t types) { left_.emplace_back(name, types); }

  /// Throws Error(format) where a list has a name of which no type would do.
  void finish() const {
    for (const auto& [name, types] : left_)
      if (wants(name)) refuse_model(bundle_, name, where_, types);
  }

  Catalog catalog;
  std::vector<TillPart> parts;
  std::vector<TillRung> rungs;

 private:
  const Bundle& bundle_;
  std::string where_;
  std::vector<std::pair<std::string_view, std::size_t>> left_;
};

}  // namespace bodega::inline BODEGA_ABI::detail
