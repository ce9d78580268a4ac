// SPDX-License-Identifier: MIT
#include <bodega/session/sequential_rules.hpp>
#include <bodega/session/sequential_rules_trainer.hpp>
#include <bodega/session/session_neighbours.hpp>
#include <bodega/session/session_window.hpp>

#include "scorer.hpp"

namespace bodega::python {
namespace {

using AnySessionWindow = Only<SessionWindow>;

class AnySessionNeighbours : public AnyOf<AnySessionNeighbours, SessionNeighbours>,
                             public ScorerOf<AnySessionNeighbours> {
 public:
  using AnyOf::AnyOf;
  const SessionNeighbours& get() const noexcept { return *get_if<SessionNeighbours>(); }
  SessionNeighbours& get() noexcept { return *std::get_if<SessionNeighbours>(&model_); }
};

class AnySequentialRules : public AnyOf<AnySequentialRules, SequentialRules<CsrMatrix<float>>,
                                        SequentialRules<QuantizedCsrMatrix>>,
                           public ScorerOf<AnySequentialRules> {
 public:
  using AnyOf::AnyOf;
};

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
  const SessionWindowOptions defaults;
  model_class<AnySessionWindow, Model>(
      m, "SessionWindow",
      "The newest sessions (or baskets), each a sequence of items with repeats, in memory that is "
      "taken once: appending one lets the oldest go when there is no room. Not to be changed by "
      "one thread while another uses it.")
      .def(py::init([](std::size_t items, std::size_t sessions, std::size_t views) {
             return std::make_shared<AnySessionWindow>(
                 SessionWindow(items, {.sessions = sessions, .views = views}));
           }),
           "items"_a, py::kw_only(), "sessions"_a = defaults.sessions, "views"_a = defaults.views,
           "items: size of the catalogue. Room for so many sessions, and so many views together; "
           "views 0: 6 a session.")
      .def(
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
          [](const AnySessionWindow& self, std::size_t i) {
            const SessionWindow& window = self.get();
            if (i >= window.size()) throw py::index_error("SessionWindow");
            const auto session = window[window.oldest() + static_cast<SessionWindow::Number>(i)];
            return py::array_t<std::uint32_t>(static_cast<py::ssize_t>(session.size()),
                                              session.data());
          },
          "i"_a, "The views of a session, the oldest is 0.")
      .def_property_readonly(
          "items", [](const AnySessionWindow& self) { return self.get().items(); },
          "Size of the catalogue.")
      .def_property_readonly(
          "capacity", [](const AnySessionWindow& self) { return self.get().capacity(); },
          "Sessions it holds at most.")
      .def(
          "count",
          [](const AnySessionWindow& self, ItemIndex item) {
            return item.value() < self.get().items() ? self.get().count(item.value()) : 0u;
          },
          "item"_a, "Sessions of the window that hold the item; 0 outside the catalogue.");
}

void bind_neighbours(py::module_& m) {
  const SessionNeighboursOptions defaults;
  model_class<AnySessionNeighbours, Model, PythonScorer>(
      m, "SessionNeighbours",
      "What those who viewed the same went on to: scores from the recent sessions most like the "
      "query, which is the basket in its order, then `viewed`. With the defaults VMIS-kNN, with "
      "the decays V-STAN. Not to be changed by one thread while another uses it.")
      .def(py::init([](const AnySessionWindow& window, std::uint32_t recent,
                       std::uint32_t neighbours, std::uint32_t last_views, float view_decay,
                       float match_rarity, float half_life, float match_decay, float distance_decay,
                       float before, float itself, bool rare_first) {
             const SessionNeighboursOptions options{.recent = recent,
                                                    .neighbours = neighbours,
                                                    .last_views = last_views,
                                                    .view_decay = view_decay,
                                                    .match_rarity = match_rarity,
                                                    .half_life = half_life,
                                                    .match_decay = match_decay,
                                                    .distance_decay = distance_decay,
                                                    .before = before,
                                                    .itself = itself,
                                                    .rare_first = rare_first};
             return unlocked([&] {
               return std::make_shared<AnySessionNeighbours>(
                   SessionNeighbours(window.get(), options));
             });
           }),
           "window"_a, py::kw_only(), "recent"_a = defaults.recent,
           "neighbours"_a = defaults.neighbours, "last_views"_a = defaults.last_views,
           "view_decay"_a = defaults.view_decay, "match_rarity"_a = defaults.match_rarity,
           "half_life"_a = defaults.half_life, "match_decay"_a = defaults.match_decay,
           "distance_decay"_a = defaults.distance_decay, "before"_a = defaults.before,
           "itself"_a = defaults.itself, "rare_first"_a = defaults.rare_first != 0,
           "A copy of the window. recent: so many of the newest sessions that share one of the "
           "last_views are compared, the `neighbours` most alike of them are asked. Of the shared "
           "items older views count less by view_decay, rare ones more by match_rarity, of the "
           "sessions older ones by half_life (in sessions). What a neighbour says of its items "
           "fades by match_decay, distance_decay, `before` and `itself`; rare_first: times the "
           "rarity of the item.")
      .def(
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
            const SessionNeighboursOptions& o = self.get().options();
            return py::dict("recent"_a = o.recent, "neighbours"_a = o.neighbours,
                            "last_views"_a = o.last_views, "view_decay"_a = o.view_decay,
                            "match_rarity"_a = o.match_rarity, "half_life"_a = o.half_life,
                            "match_decay"_a = o.match_decay, "distance_decay"_a = o.distance_decay,
                            "before"_a = o.before, "itself"_a = o.itself,
                            "rare_first"_a = o.rare_first != 0);
          },
          "The keyword arguments it was made with.");
}

void bind_sequential_rules(py::module_& m) {
  model_class<AnySequentialRules, Model, PythonScorer>(
      m, "SequentialRules",
      "What comes after what: the score of an item is its weight after the item viewed last, plus "
      "view_decay times that after the one before it, and so on.")
      .def(py::init([](const py::object& weights, float view_decay) {
             return std::make_shared<AnySequentialRules>(
                 SequentialRules<>(to_csr(weights, "SequentialRules, weights"), view_decay));
           }),
           "weights"_a, py::kw_only(), "view_decay"_a = 0.0f,
           "weights: scipy.sparse, items x items, a row for each viewed item.")
      .def_property_readonly(
          "weights",
          [](const AnySequentialRules& self) {
            return from_csr(self.visit([]<class W>(const SequentialRules<W>& model) {
              if constexpr (std::is_same_v<W, CsrMatrix<float>>)
                return model.weights();
              else
                return dequantize(model.weights());
            }));
          },
          "As scipy.sparse.csr_matrix of float32 (a copy; of INT8 weights what they stand for).")
      .def_property_readonly(
          "view_decay",
          [](const AnySequentialRules& self) {
            return self.visit([](const auto& model) { return model.view_decay(); });
          },
          "What the view before the last one counts.");

  const SequentialRulesOptions defaults;
  m.def(
      "fit_sequential_rules",
      [](const AnySessionWindow& window, std::size_t steps, double step_power, bool repeats,
         double half_life, double shrinkage, std::size_t neighbours, float view_decay) {
        const SequentialRulesOptions options{.steps = steps,
                                             .step_power = step_power,
                                             .repeats = repeats,
                                             .half_life = half_life,
                                             .shrinkage = shrinkage,
                                             .neighbours = neighbours,
                                             .view_decay = view_decay};
        return unlocked([&] {
          return std::make_shared<AnySequentialRules>(
              bodega::fit_sequential_rules(window.get(), options));
        });
      },
      "window"_a, py::kw_only(), "steps"_a = defaults.steps, "step_power"_a = defaults.step_power,
      "repeats"_a = defaults.repeats, "half_life"_a = defaults.half_life,
      "shrinkage"_a = defaults.shrinkage, "neighbours"_a = defaults.neighbours,
      "view_decay"_a = defaults.view_decay,
      "Counts the pairs of views up to `steps` apart, each steps^-step_power; repeats: whether an "
      "item may come after itself; half_life in sessions, 0 = all alike; neighbours: rules kept an "
      "item, 0 = all.");
  m.def(
      "revisits",
      [](std::size_t items, float view_decay) {
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
