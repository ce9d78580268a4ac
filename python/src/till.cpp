// SPDX-License-Identifier: MIT
#include <bodega/inventory/stock.hpp>
#include <bodega/till/till.hpp>

#include "scorer.hpp"

/// A vector of atomics says that it can be copied, and cannot.
template <>
struct pybind11::detail::is_copy_constructible<bodega::Stock> : std::false_type {};

namespace bodega::python {
namespace {

/// A till and its catalogue as Python sees it. The interpreter lock is held throughout, so Python
/// threads may share one till.
class PythonTill {
 public:
  explicit PythonTill(Till&& opened)
      : till(std::move(opened)), catalog(std::make_shared<Only<Catalog>>(till.catalog())) {}

  Till till;
  std::shared_ptr<Only<Catalog>> catalog;

  /// An item named by its id, or by its index.
  ItemIndex item(const py::handle& named) const {
    if (named.is_none()) return ItemIndex::none();
    if (py::isinstance<py::str>(named)) return till.catalog().at(named.cast<std::string>());
    return ItemIndex(to_index(named));
  }
  std::vector<ItemIndex> items(const py::object& named) const {
    if (py::isinstance<py::str>(named))
      throw py::type_error("basket: expected a list of item ids or indices, found one text");
    if (py::isinstance<py::array>(named)) {
      const char kind = named.cast<py::array>().dtype().kind();
      if (kind != 'U' && kind != 'O') return to_items(named, "basket");
    }
    std::vector<ItemIndex> items;
    for (const py::handle one : named) {
      if (one.is_none()) throw py::type_error("basket: expected item ids or indices, found None");
      items.push_back(item(one));
    }
    return items;
  }
};

struct Recommended {
  std::vector<Pick> picks;
  std::string answered_by;
};

Recommended recommend(PythonTill& self, const py::object& basket, std::size_t k,
                      const py::object& viewed, CustomerIndex customer) {
  const std::vector<ItemIndex> items = self.items(basket);
  const Slate slate =
      self.till.recommend({.basket = items, .viewed = self.item(viewed), .customer = customer}, k);
  return {{slate.begin(), slate.end()}, std::string(name(slate.answered_by))};
}

Recommended search(PythonTill& self, const std::string& text, std::size_t k,
                   const py::object& basket, const py::object& viewed, CustomerIndex customer) {
  const std::vector<ItemIndex> items = self.items(basket);
  const Slate slate = self.till.search(
      text, {.basket = items, .viewed = self.item(viewed), .customer = customer}, k);
  return {{slate.begin(), slate.end()}, std::string(name(slate.answered_by))};
}

void observe(PythonTill& self, Moment when, const py::object& lines, CustomerIndex customer) {
  std::vector<ReceiptLine> receipt;
  for (const py::handle given : lines) {
    const auto line = py::reinterpret_borrow<py::object>(given).cast<py::tuple>();
    if (line.size() < 1 || line.size() > 3)
      throw Error(ErrorCode::shape, "observe, line " + std::to_string(receipt.size() + 1),
                  "(item, quantity) or (item, quantity, price)",
                  std::to_string(line.size()) + " values");
    receipt.push_back({self.item(line[0]),
                       line.size() > 1 ? to_quantity(line[1]) : Quantity::from_whole(1),
                       line.size() > 2 ? to_money(line[2]) : Money()});
  }
  self.till.observe({.when = when, .customer = customer, .lines = receipt});
}

TillOptions options_of(const Only<TillWeights>* weights, std::size_t max_picks) {
  TillOptions options;
  if (weights != nullptr) options.weights = weights->get();
  options.max_picks = max_picks;
  return options;
}

void bind_stock(py::module_& m) {
  py::class_<Stock>(m, "Stock",
                    "What is on the shelf. An item whose stock nobody told counts as available.")
      .def("set", &Stock::set, "item"_a, "units"_a, "What the feed says: 0 is sold out.")
      .def("set_smallest", py::overload_cast<ItemIndex, double>(&Stock::set_smallest), "item"_a,
           "units"_a,
           "Less than this is not available: crumbs of what is sold by weight, such as 0.005.")
      .def("forget", &Stock::forget, "item"_a, "Back to unknown.")
      .def("units", &Stock::units, "item"_a, "None where the stock is unknown.")
      .def("available", &Stock::available, "item"_a, "More than nothing on the shelf, or unknown.")
      .def_property_readonly("items", &Stock::items, "Size of the catalogue.");
}

void bind_weights(py::module_& m) {
  const TillWeights usual;
  model_class<Only<TillWeights>, Model>(
      m, "TillWeights", "How much each recommender of a till counts; a bundle's model \"weights\".")
      .def(py::init([](float items, float content, float popularity) {
             TillWeights weights{items, content, popularity};
             weights.validate("TillWeights");
             return std::make_shared<Only<TillWeights>>(weights);
           }),
           "items"_a = usual.items, "content"_a = usual.content, "popularity"_a = usual.popularity,
           "What is added up: item-item, content, popularity.")
      .def_property_readonly(
          "items", [](const Only<TillWeights>& w) { return w.get().items; }, "Bought together.")
      .def_property_readonly(
          "content", [](const Only<TillWeights>& w) { return w.get().content; },
          "Alike by description and attributes.")
      .def_property_readonly(
          "popularity", [](const Only<TillWeights>& w) { return w.get().popularity; },
          "A share of all sales.");
}

/// What a till says: slates and forecasts.
void bind_answers(py::module_& m) {
  py::class_<Recommended>(m, "Slate", "A till's answer: a sequence of picks, best first.")
      .def_readonly("picks", &Recommended::picks, "Best first.")
      .def_readonly("answered_by", &Recommended::answered_by,
                    "What it rests on: \"blend\", \"popularity\" or \"none\".")
      .def("__len__", [](const Recommended& self) { return self.picks.size(); })
      .def(
          "__getitem__",
          [](const Recommended& self, std::size_t i) {
            if (i >= self.picks.size()) throw py::index_error("Slate: " + std::to_string(i));
            return self.picks[i];
          },
          "i"_a)
      .def("__repr__", [](const Recommended& self) {
        std::string picks;
        for (const Pick& pick : self.picks)
          picks += (picks.empty() ? "" : ", ") + std::to_string(pick.item.value());
        return "Slate(items=[" + picks + "], answered_by='" + self.answered_by + "')";
      });
  py::class_<Forecast>(m, "Forecast", "Units expected on one day, and who says so.")
      .def_readonly("units", &Forecast::units, "Expected to be sold.")
      .def_property_readonly(
          "answered_by", [](const Forecast& self) { return std::string(self.answered_by); },
          "The bundle's name of the forecaster (\"demand\"), or \"intermittent\", \"factor_mean\", "
          "\"weekday_mean\", \"mean\", \"last_day\" or \"none\".")
      .def("__repr__", [](const Forecast& self) {
        return "Forecast(units=" + std::to_string(self.units) + ", answered_by='" +
               std::string(self.answered_by) + "')";
      });
}

void bind_engine(py::module_& m) {
  py::class_<PythonTill>(m, "Till",
                         "The engine in the shop. Items are named by their id (a str) or index.")
      .def(py::init(
               [](const Bundle& bundle, const Only<TillWeights>* weights, std::size_t max_picks) {
                 return std::make_unique<PythonTill>(Till(bundle, options_of(weights, max_picks)));
               }),
           "bundle"_a, py::kw_only(), "weights"_a = py::none(),
           "max_picks"_a = TillOptions{}.max_picks)
      .def_static(
          "open",
          [](const std::filesystem::path& path, const Only<TillWeights>* weights,
             std::size_t max_picks) {
            const TillOptions options = options_of(weights, max_picks);
            return std::make_unique<PythonTill>(
                unlocked([&] { return Till::open(path.string(), options); }));
          },
          "path"_a, py::kw_only(), "weights"_a = py::none(),
          "max_picks"_a = TillOptions{}.max_picks,
          "Opens the bundle at `path`. weights: else those of the bundle, else the defaults.")
      .def_readonly("catalog", &PythonTill::catalog, "The articles of the shop.")
      .def_property_readonly(
          "stock", [](PythonTill& self) -> Stock& { return self.till.stock(); },
          py::return_value_policy::reference_internal,
          "What is on the shelf; changes show in the next answer.")
      .def("recommend", &recommend, "basket"_a = py::tuple(), "k"_a = 10, "viewed"_a = py::none(),
           "customer"_a = py::none(),
           "The best k items that are in stock and not in the basket, with reasons. An empty "
           "question is answered by popularity.")
      .def("search", &search, "text"_a, "k"_a = 10, "basket"_a = py::tuple(),
           "viewed"_a = py::none(), "customer"_a = py::none(),
           "The best k items in stock that match a text as it is typed, by match and by what "
           "recommend would say; empty without a model \"search\" in the bundle.")
      .def(
          "forecast",
          [](const PythonTill& self, const py::object& item) {
            return self.till.forecast(self.item(item));
          },
          "item"_a, "Units expected on forecast_day().")
      .def(
          "quantiles",
          [](const PythonTill& self, const py::object& item, const std::vector<float>& levels) {
            std::vector<float> units(levels.size());
            self.till.forecast(self.item(item), levels, units);
            return owned(std::move(units));
          },
          "item"_a, "levels"_a,
          "The units that demand on forecast_day() stays at or below with each probability.")
      .def(
          "set_covariate",
          [](PythonTill& self, const std::string& name, Day day, float value,
             const py::object& item) {
            if (item.is_none())
              self.till.covariates().set(name, day, value);
            else
              self.till.covariates().set(name, self.item(item), day, value);
          },
          "name"_a, "day"_a, "value"_a, "item"_a = py::none(),
          "What is known of a day to come, for all items or one.")
      .def(
          "forecast_day", [](const PythonTill& self) { return self.till.forecast_day(); },
          "The day being sold once a receipt of it was observed, else the next trading day; None "
          "where no day is known.")
      .def(
          "observe", &observe, "when"_a, "lines"_a, "customer"_a = py::none(),
          "A receipt was paid: lowers the stock, adds to the day's sales, moves popularity. lines: "
          "(item,), (item, quantity) or (item, quantity, price).")
      .def(
          "close_day", [](PythonTill& self) { self.till.close_day(); },
          "The shop has closed: forecasts are for the next day from now on.")
      .def(
          "describe",
          [](const PythonTill& self, const Reason& reason) {
            return to_text(self.till.describe(reason));
          },
          "reason"_a, "A reason in plain English: \"bought with BREAD\", \"alike: lantern\".");
}

}  // namespace

void bind_till(py::module_& m) {
  bind_stock(m);
  bind_weights(m);
  bind_answers(m);
  bind_engine(m);
}

}  // namespace bodega::python
