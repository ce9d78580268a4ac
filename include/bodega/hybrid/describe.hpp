// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include <bodega/core/query.hpp>
#include <bodega/data/catalog.hpp>

namespace bodega {

/// A reason in plain English for a screen or a log: "bought with BREAD", "alike: lantern",
/// "popular these days", "bought before", "matches: lantern". An item is called by its description,
/// else by its id; one outside the catalogue is left out. `term` is the name of `reason.term`,
/// empty where there is none.
inline std::string describe(const Reason& reason, const Catalog& catalog,
                            std::string_view term = {}) {
  std::string_view item;
  if (reason.item.value() < catalog.size()) {
    item = catalog.description(reason.item);
    if (item.empty()) item = catalog.id(reason.item);
  }
  switch (reason.kind) {
    case Reason::Kind::bought_together:
      return item.empty() ? "bought together" : "bought with " + std::string(item);
    case Reason::Kind::alike:
      if (!term.empty()) return "alike: " + std::string(term);
      return item.empty() ? "alike" : "like " + std::string(item);
    case Reason::Kind::bought_before:
      return "bought before";
    case Reason::Kind::due:
      return "due about now";
    case Reason::Kind::bought_by_alike:
      return "bought by customers alike";
    case Reason::Kind::matches:
      return term.empty() ? "matches" : "matches: " + std::string(term);
    case Reason::Kind::popular:
      break;
  }
  return "popular these days";
}

}  // namespace bodega
