// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include <bodega/data/receipt.hpp>

#include "model.hpp"
#include "options.hpp"

/// How receipts cross over, one at a time.
namespace bodega::python {

/// Lines as Python gives them: an item, (item, quantity) or (item, quantity, price); an item is an
/// index. Error (shape) naming the line.
std::vector<ReceiptLine> to_lines(const py::object& lines, const std::string& where);

/// The store that Python names: None, its index, or its name where the model has names. A name that
/// sums do not know yet is a new store.
template <class M>
StoreId to_store(M& model, const py::object& store, const std::string& where) {
  if (store.is_none()) return {};
  if (!py::isinstance<py::str>(store)) return StoreId(to_index(store));
  const std::string name = store.cast<std::string>();
  if constexpr (requires { model.name_store(name); }) {
    return model.name_store(name);
  } else if constexpr (requires { model.store_named(name); }) {
    if (const StoreId found = model.store_named(name); !found.is_none()) return found;
    throw Error(ErrorCode::unknown_id, where + ", store", "a store the model knows by name",
                "\"" + name + "\"");
  } else {
    throw py::type_error(where + ", store: expected an index or None, found a name");
  }
}

/// The method `observe` of a class whose models hear receipts.
template <class Held, class... Bases>
void def_observe(py::class_<Held, Bases...>& held, const char* doc) {
  held.def(
      "observe",
      [](Held& self, Moment when, const py::object& lines, CustomerIndex customer,
         const py::object& store, const std::string& channel, const std::string& rush) {
        const std::vector<ReceiptLine> given = to_lines(lines, "observe");
        self.change([&](auto& model) {
          model.observe({.when = when,
                         .store = to_store(model, store, "observe"),
                         .customer = customer,
                         .lines = given,
                         .channel = named<Channel>(channel, "observe, channel"),
                         .rush = named<Rush>(rush, "observe, rush")});
        });
      },
      "when"_a, "lines"_a, py::kw_only(), "customer"_a = py::none(), "store"_a = py::none(),
      "channel"_a = "unknown", "rush"_a = "unknown",
      (std::string(doc) +
       " lines: an item, (item, quantity) or (item, quantity, price) each. channel: 'kiosk' or "
       "'assisted', rush: 'quiet' or 'busy', where known.")
          .c_str());
}

}  // namespace bodega::python
