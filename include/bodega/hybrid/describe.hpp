// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include <bodega/core/abi.hpp>
#include <bodega/core/query.hpp>
#include <bodega/core/utf8.hpp>
#include <bodega/data/catalog.hpp>

namespace bodega::inline BODEGA_ABI {

/// A reason in plain English for a screen or a log: "bought with BREAD", "alike: lantern",
/// "popular these days", "bought before", "matches: lantern". An item is called by its description,
/// else by its id; one outside the catalogue is left out. `term` is the name of `reason.term`,
/// empty where there is none. What names hold is made `printable`.
std::string describe(const Reason& reason, const Catalog& catalog, std::string_view term = {});

#if BODEGA_BODIES

BODEGA_INLINE std::string describe(const Reason& reason, const Catalog& catalog,
                                   std::string_view term) {
  std::string item;
  if (reason.item.value() < catalog.size()) {
    const std::string_view description = catalog.description(reason.item);
    item = printable(description.empty() ? catalog.id(reason.item) : description);
  }
  switch (reason.kind) {
    case Reason::Kind::bought_together:
      return item.empty() ? "bought together" : "bought with " + item;
    case Reason::Kind::alike:
      if (!term.empty()) return "alike: " + printable(term);
      return item.empty() ? "alike" : "like " + item;
    case Reason::Kind::bought_before:
      return "bought before";
    case Reason::Kind::due:
      return "due about now";
    case Reason::Kind::bought_by_alike:
      return "bought by customers alike";
    case Reason::Kind::now:
      return "more than else at this hour";
    case Reason::Kind::matches:
      return term.empty() ? "matches" : "matches: " + printable(term);
    case Reason::Kind::popular:
      break;
  }
  return "popular these days";
}

#endif

}  // namespace bodega::inline BODEGA_ABI
