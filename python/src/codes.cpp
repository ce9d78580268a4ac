// SPDX-License-Identifier: MIT
#include "codes.hpp"

#include <bodega/data/receipt_options.hpp>

namespace bodega::python {
namespace {

using Held = Only<CodeRules>;

py::tuple item(const Held& self, const std::string& scanned) {
  CodeBuffer room;
  const ScannedItem found = self.get().item(scanned, room);
  return py::make_tuple(to_text(found.code),
                        found.weight ? py::cast(found.weight->value()) : py::none(),
                        found.price ? py::cast(found.price->value()) : py::none());
}

py::object customer(const Held& self, const std::string& sent) {
  CodeBuffer room;
  const std::string_view found = self.get().customer(sent, room);
  return found.empty() ? py::none() : py::object(to_text(found));
}

py::dict options(const Held& self) {
  const CodeRuleOptions options = self.get().options();
  const auto names = [](const std::vector<CodeRule>& rules) {
    std::vector<std::string> words;
    for (const CodeRule rule : rules) words.emplace_back(name(rule));
    return words;
  };
  std::vector<std::pair<std::string, int>> schemes;
  for (const auto& [pattern, places] : options.variable_weight)
    schemes.emplace_back(pattern, places);
  return py::dict("item"_a = names(options.item), "receipt"_a = names(options.receipt),
                  "customer"_a = names(options.customer), "store"_a = names(options.store),
                  "variable_weight"_a = schemes, "no_customer"_a = options.no_customer);
}

}  // namespace

void bind_codes(py::module_& m) {
  auto rules = model_class<Held, Model>(
      m, "CodeRules",
      "What the codes of a shop stand for, as a model that stands in its bundle: a till reads what "
      "a scanner sends by the rules that the receipts were read by.");
  def_init(rules, [](const CodeRuleOptions& options) { return CodeRules(options); },
           "Of named rules for each kind of code. `code_rules` makes them of a reader's options.",
           {});
  rules
      .def("item", &item, "scanned"_a,
           "The item's code, the weight and the price in it; None where there is none.")
      .def(
          "receipt",
          [](const Held& self, const std::string& sent) {
            CodeBuffer room;
            return to_text(self.get().receipt(sent, room));
          },
          "sent"_a, "The one spelling of a receipt's number.")
      .def("customer", &customer, "sent"_a, "The one spelling of a customer; None for nobody.")
      .def(
          "store",
          [](const Held& self, const std::string& sent) {
            CodeBuffer room;
            return to_text(self.get().store(sent, room));
          },
          "sent"_a, "The one spelling of a store.")
      .def_property_readonly("options", &options, "What they were made of.");
  m.def(
      "code_rules",
      [](const py::kwargs& options) {
        const auto read = read_options(options, "code_rules", ReceiptOptions(), {});
        const auto held = std::make_shared<Held>(code_rules(read));
        held->made_with("code_rules", held->get().options());
        return held;
      },
      "The rules for codes among the options of `read_receipts`, which it takes all, as a model "
      "for "
      "the bundle. Error (invalid_argument) if codes are changed by a callable, which no file can "
      "hold.");
}

}  // namespace bodega::python
