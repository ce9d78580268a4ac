// SPDX-License-Identifier: MIT
#include <bodega/session/sequential_rules.hpp>
#include <bodega/session/sequential_rules_trainer.hpp>
#include <bodega/session/session_neighbours.hpp>
#include <bodega/session/session_window.hpp>

#include "def_fit.hpp"
#include "receipt.hpp"
#include "scorer.hpp"

namespace bodega::python {
namespace {

using AnySessionWindow = Only<SessionWindow>;

using AnySessionNeighbours = OnlyScorer<SessionNeighbours>;
using AnySequentialRules = SparseScorer<SequentialRules>;

/// All sessions one after another, each as many views as `lengths` says.
void extend(SessionWindow& window, const py::object& views, const py::object& lengths) {
  const std::vector<ItemIndex> items = to_items(views, "SessionWindow.extend, views");
  // Lengths are whole numbers below 2^32 as items are.
  const std::vector<ItemIndex> of_session = to_items(lengths, "SessionWindow.extend, lengths");
  std::size_t all = 0;
  for (const ItemIndex length : of_session) all += length.value();
  if (all != items.size())
    throw Error(ErrorCode::shape, "SessionWindow.extend, lengths",
                "a sum of " + std::to_string(items.size()) + " views", std::to_string(all));
  unlocked([&] {
    std::span<const ItemIndex> left = items;
    for (const ItemIndex length : of_session) {
      window.append(left.first(length.value()));
      left = left.subspan(length.value());
    }
  });
}

void bind_window(py::module_& m) {
  auto held = model_class<AnySessionWindow, Model>(
      m, "SessionWindow",
      "The newest sessions (or baskets), each a sequence of items with repeats, in memory that is "
      "taken once: appending one lets the oldest go when there is no room. Not to be changed by "
      "one thread while another uses it.");
  def_init(
      held,
      [](Count<"SessionWindow, items"> items, const SessionWindowOptions& options) {
        return SessionWindow(items, options);
      },
      "items: size of the catalogue.", {}, "items"_a);
  held.def(
          "append",
          [](AnySessionWindow& self, const py::object& session) {
            self.get().append(to_items(session, "SessionWindow.append"));
          },
          "session"_a,
          "A session has ended. Items outside the catalogue are left out; of more than 255 views "
          "the last are kept.")
      .def(
          "extend",
          [](AnySessionWindow& self, const py::object& views, const py::object& lengths) {
            extend(self.get(), views, lengths);
          },
          "views"_a, "lengths"_a,
          "Appends many sessions: the views of all, one session after another, and how many views "
          "each has.")
      .def(
          "expire_oldest", [](AnySessionWindow& self) { self.get().expire_oldest(); },
          "Lets the oldest session go.")
      .def("__len__", [](const AnySessionWindow& self) { return self.get().size(); })
      .def(
          "__getitem__",
          [](const AnySessionWindow& self, Count<"SessionWindow, i"> i) {
            const SessionWindow& window = self.get();
            if (i >= window.size()) throw py::index_error("SessionWindow");
            const auto session = window[window.oldest() + static_cast<SessionWindow::Number>(i)];
            return py::array_t<std::uint32_t>(static_cast<py::ssize_t>(session.size()),
                                              session.data());
          },
          "i"_a, "The views of a session, the oldest is 0.")
      .def(
          "count",
          [](const AnySessionWindow& self, ItemIndex item) {
            return item.value() < self.get().items() ? self.get().count(item.value()) : 0u;
          },
          "item"_a, "Sessions of the window that hold the item; 0 outside the catalogue.");
  def_get(held, "items", &SessionWindow::items, "Size of the catalogue.");
  def_get(held, "capacity", &SessionWindow::capacity, "Sessions it holds at most.");
}

void bind_neighbours(py::module_& m) {
  auto held = model_class<AnySessionNeighbours, Model, PythonScorer>(
      m, "SessionNeighbours",
      "What those who viewed the same went on to: scores from the recent sessions most like the "
      "query, which is the basket in its order, then the session, then `viewed`. With the defaults "
      "VMIS-kNN, with "
      "the decays V-STAN. Not to be changed by one thread while another uses it.");
  def_init(
      held,
      [](const SessionWindow& window, const SessionNeighboursOptions& options) {
        return SessionNeighbours(window, options);
      },
      "Of a copy of the window. What a neighbour says of its items fades by match_decay, "
      "distance_decay, `before` and `itself`.",
      {}, "window"_a);
  def_observe(held, "A receipt was paid: its items are a session.");
  held.def(
          "append",
          [](AnySessionNeighbours& self, const py::object& session) {
            self.get().append(to_items(session, "SessionNeighbours.append"));
          },
          "session"_a,
          "A session has ended: it is learnt at once, the oldest goes where the "
          "window is full.")
      .def(
          "expire_oldest", [](AnySessionNeighbours& self) { self.get().expire_oldest(); },
          "Lets the oldest session go.")
      .def_property_readonly(
          "window",
          [](const AnySessionNeighbours& self) {
            return std::make_shared<AnySessionWindow>(self.get().window());
          },
          "Its sessions now (a copy).")
      .def_property_readonly(
          "options",
          [](const AnySessionNeighbours& self) {
            py::dict options = from_options(self.get().options());
            options["rare_first"] = self.get().options().rare_first != 0;
            return options;
          },
          "The keyword arguments it was made with.");
}

void bind_sequential_rules(py::module_& m) {
  auto held = model_class<AnySequentialRules, Model, PythonScorer>(
      m, "SequentialRules",
      "What comes after what: the score of an item is its weight after the item viewed last, plus "
      "view_decay times that after the one before it, and so on.");
  def_weights(held);
  held.def(py::init([](const py::object& weights, float view_decay) {
             return std::make_shared<AnySequentialRules>(
                 SequentialRules<>(to_csr(weights, "SequentialRules, weights"), view_decay));
           }),
           "weights"_a, py::kw_only(), "view_decay"_a = 0.0f,
           "weights: scipy.sparse, items x items, a row for each viewed item.");
  def_get(
      held, "view_decay", [](const auto& model) { return model.view_decay(); },
      "What the view before the last one counts.");

  def_fit<AnySequentialRules>(m, "fit_sequential_rules", &fit_sequential_rules,
                              "Counts the pairs of views up to `steps` apart.", {}, "window"_a);
  m.def(
      "revisits",
      [](Count<"revisits, items"> items, float view_decay) {
        return std::make_shared<AnySequentialRules>(bodega::revisits(items, view_decay));
      },
      "items"_a, "view_decay"_a = 0.9f,
      "Who looked at an item looks at it again: rules of each item after itself alone.");
}

}  // namespace

void bind_session(py::module_& m) {
  bind_window(m);
  bind_neighbours(m);
  bind_sequential_rules(m);
}

}  // namespace bodega::python
