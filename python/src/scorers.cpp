// SPDX-License-Identifier: MIT
#include "options.hpp"
#include "receipt.hpp"
#include "scorer.hpp"

#include <cmath>

#include <bodega/data/catalog.hpp>
#include <bodega/hybrid/blend.hpp>
#include <bodega/hybrid/describe.hpp>
#include <bodega/hybrid/slate.hpp>

namespace bodega::python {

ItemMask to_mask(const py::object& allowed, std::size_t items, const char* where) {
  if (allowed.is_none()) return ItemMask(items);
  const std::vector<std::uint8_t> flags = to_booleans(allowed, where);
  if (flags.size() != items)
    throw Error(ErrorCode::shape, where,
                "one entry for each of " + std::to_string(items) + " items",
                std::to_string(flags.size()));
  ItemMask mask(items, false);
  for (std::uint32_t i = 0; i < items; ++i)
    if (flags[i] != 0) mask.allow(ItemIndex(i));
  return mask;
}

py::array_t<bool> from_mask(const ItemMask& mask) {
  py::array_t<bool> flags(static_cast<py::ssize_t>(mask.items()));
  for (std::uint32_t i = 0; i < mask.items(); ++i)
    flags.mutable_data()[i] = mask.allows(ItemIndex(i));
  return flags;
}

std::vector<ReceiptLine> to_lines(const py::object& lines, const std::string& where) {
  std::vector<ReceiptLine> receipt;
  for (const py::handle given : lines) {
    if (!py::isinstance<py::tuple>(given) && !py::isinstance<py::list>(given)) {
      receipt.push_back({ItemIndex(to_index(given)), Quantity::from_whole(1), Money()});
      continue;
    }
    const auto line = py::reinterpret_borrow<py::object>(given).cast<py::tuple>();
    if (line.size() < 1 || line.size() > 3)
      throw Error(ErrorCode::shape, where + ", line " + std::to_string(receipt.size() + 1),
                  "an item, (item, quantity) or (item, quantity, price)",
                  std::to_string(line.size()) + " values");
    receipt.push_back({ItemIndex(to_index(line[0])),
                       line.size() > 1 ? to_quantity(line[1]) : Quantity::from_whole(1),
                       line.size() > 2 ? to_money(line[2]) : Money()});
  }
  return receipt;
}

Context context_of(StoreId store, const std::optional<Moment>& when, const std::string& channel,
                   const std::string& rush) {
  const auto through = named<Channel>(channel, "channel");
  const auto how_busy = named<Rush>(rush, "rush");
  return when ? Context(store, *when, through, how_busy)
              : Context(store, -1, -1, through, how_busy);
}

std::vector<View> to_session(const py::object& session) {
  std::vector<View> views;
  if (session.is_none()) return views;
  if (py::isinstance<py::array>(session)) {
    for (const ItemIndex item : to_items(session, "session")) views.push_back({item});
    return views;
  }
  for (const py::handle given : session) {
    if (!py::isinstance<py::tuple>(given)) {
      views.push_back({ItemIndex(to_index(given))});
      continue;
    }
    const auto pair = py::reinterpret_borrow<py::tuple>(given);
    if (pair.size() != 2)
      throw Error(ErrorCode::shape, "session, view " + std::to_string(views.size() + 1),
                  "an item, or an item and seconds", std::to_string(pair.size()) + " values");
    views.push_back(
        {ItemIndex(to_index(pair[0])), pair[1].is_none() ? View::no_dwell : pair[1].cast<float>()});
  }
  return views;
}

OwnedQuery& OwnedQuery::with(const py::object& quantities_given, const py::object& session_given) {
  session = to_session(session_given);
  if (quantities_given.is_none()) return *this;
  for (const py::handle one : quantities_given) quantities.push_back(to_quantity(one));
  if (quantities.size() != basket.size())
    throw Error(ErrorCode::shape, "quantities",
                "one for each of the " + std::to_string(basket.size()) + " items of the basket",
                std::to_string(quantities.size()));
  return *this;
}

namespace {

std::string kind_name(const Reason& reason) { return std::string(name(reason.kind)); }

py::array_t<float> scores(const PythonScorer& self, const py::object& basket, ItemIndex viewed,
                          CustomerIndex customer, StoreId store, const std::optional<Moment>& when,
                          const py::object& quantities, const py::object& session,
                          const std::string& channel, const std::string& rush) {
  const AnyScorer scorer = self.any();
  const OwnedQuery asked =
      OwnedQuery(basket, viewed, customer, context_of(store, when, channel, rush))
          .with(quantities, session);
  std::vector<float> scores(scorer.items(), 0.0f);
  unlocked([&] { scorer.add_scores(asked.query(), 1.0f, scores); });
  return owned(std::move(scores));
}

std::vector<Pick> recommend(const PythonScorer& self, const py::object& basket,
                            Count<"recommend, k"> k, ItemIndex viewed, CustomerIndex customer,
                            const py::object& allowed, const std::string& query_items,
                            StoreId store, const std::optional<Moment>& when,
                            const py::object& quantities, const py::object& session,
                            const std::string& channel, const std::string& rush) {
  const AnyScorer scorer = self.any();
  const OwnedQuery asked =
      OwnedQuery(basket, viewed, customer, context_of(store, when, channel, rush))
          .with(quantities, session);
  const ItemMask mask = to_mask(allowed, scorer.items(), "recommend, allowed");
  const QueryItems shown = named<QueryItems>(query_items, "recommend, query_items");
  return unlocked([&] {
    Workspace workspace(scorer.items(), std::min<std::size_t>(k, scorer.items()));
    const auto picks = select_slate(scorer, asked.query(), mask, k, workspace, shown);
    return std::vector<Pick>(picks.begin(), picks.end());
  });
}

std::vector<Reason> explain(const PythonScorer& self, const py::object& basket, ItemIndex item,
                            ItemIndex viewed, CustomerIndex customer, StoreId store,
                            const std::optional<Moment>& when, const py::object& quantities,
                            const py::object& session, const std::string& channel,
                            const std::string& rush) {
  const OwnedQuery asked =
      OwnedQuery(basket, viewed, customer, context_of(store, when, channel, rush))
          .with(quantities, session);
  Reasons reasons;
  self.any().explain(asked.query(), 1.0f, item, reasons);
  return {reasons.begin(), reasons.end()};
}

/// The blend of two; a blend of more nests.
class PythonBlend : public PythonScorer {
 public:
  PythonBlend(AnyScorer a, float a_weight, AnyScorer b, float b_weight)
      : blend_({a_weight, b_weight}, std::move(a), std::move(b)) {}
  AnyScorer any(std::shared_ptr<const void> owner = {}) const noexcept override {
    return AnyScorer(std::shared_ptr<const Both>(std::move(owner), &blend_));
  }

 private:
  using Both = Blend<AnyScorer, AnyScorer>;
  Both blend_;
};

std::shared_ptr<PythonScorer> blend_of(const py::args& arguments) {
  if (!arguments.empty() && !py::isinstance<PythonScorer>(arguments[0]))
    refuse_type("blend, argument 1", "a scorer, followed by its weight", arguments[0]);
  if (arguments.size() < 4 || arguments.size() % 2 != 0)
    throw Error(ErrorCode::invalid_argument, "blend",
                "two or more scorers, each followed by its weight",
                std::to_string(arguments.size()) + " arguments");
  const auto scorer = [&](std::size_t i) {
    const py::object one = arguments[2 * i];
    const std::string where = "blend, argument " + std::to_string(2 * i + 1);
    if (!py::isinstance<PythonScorer>(one)) refuse_type(where, "a scorer", one);
    const auto given = one.cast<std::shared_ptr<const PythonScorer>>();
    return given->any(given);
  };
  const auto weight = [&](std::size_t i) {
    return to_weight(arguments[2 * i + 1], "blend, argument " + std::to_string(2 * i + 2));
  };
  std::vector<std::pair<AnyScorer, float>> parts;  // one after the other, so that errors are too
  for (std::size_t i = 0; i < arguments.size() / 2; ++i) {
    AnyScorer part = scorer(i);
    parts.emplace_back(std::move(part), weight(i));
  }
  auto blend = std::make_shared<PythonBlend>(parts[0].first, parts[0].second, parts[1].first,
                                             parts[1].second);
  for (std::size_t i = 2; i < parts.size(); ++i)
    blend = std::make_shared<PythonBlend>(blend->any(blend), 1.0f, parts[i].first, parts[i].second);
  return blend;
}

}  // namespace

void bind_scorers(py::module_& m) {
  py::class_<Reason>(m, "Reason", "One cause of a pick.")
      .def_property_readonly("kind", &kind_name,
                             "\"bought_together\", \"alike\", \"popular\", \"bought_before\", "
                             "\"due\", \"bought_by_alike\", \"now\" or \"matches\".")
      .def_readonly("item", &Reason::item,
                    "The item of the query that speaks for the pick, or None.")
      .def_property_readonly(
          "term",
          [](const Reason& self) {
            return self.term == Reason::no_term ? std::nullopt : std::optional(self.term);
          },
          "The word or attribute of the content model that both share, or None.")
      .def_readonly("contribution", &Reason::contribution, "Its part of the pick's score.")
      .def("__repr__", [](const Reason& self) {
        return "Reason(" + kind_name(self) +
               ", item=" + (self.item.is_none() ? "None" : std::to_string(self.item.value())) +
               ", contribution=" + std::to_string(self.contribution) + ")";
      });
  py::class_<Pick>(m, "Pick", "One place of a slate.")
      .def_readonly("item", &Pick::item, "Its index.")
      .def_readonly("score", &Pick::score, "Its score.")
      .def_property_readonly(
          "because",
          [](const Pick& self) {
            return std::vector<Reason>(self.because.begin(), self.because.end());
          },
          "Its strongest reasons, at most three, strongest first.")
      .def("__repr__", [](const Pick& self) {
        return "Pick(item=" + std::to_string(self.item.value()) +
               ", score=" + std::to_string(self.score) + ")";
      });

  py::class_<PythonScorer, std::shared_ptr<PythonScorer>>(
      m, "Scorer",
      "A recommender. Items are indices of the catalogue; those outside it are ignored.")
      .def_property_readonly(
          "items", [](const PythonScorer& self) { return self.any().items(); },
          "Size of the catalogue.")
      .def("scores", &scores, "basket"_a = py::tuple(), "viewed"_a = py::none(),
           "customer"_a = py::none(), "store"_a = py::none(), "when"_a = py::none(),
           "quantities"_a = py::none(), "session"_a = py::tuple(), "channel"_a = "unknown",
           "rush"_a = "unknown",
           "A score for each item of the catalogue, float32. store, when, channel ('kiosk' or "
           "'assisted'), rush ('quiet' or 'busy'): where, when and how it is asked, for a "
           "ShopPrior. quantities: of each item of the basket. session: what was looked at, the "
           "earliest first: items, or pairs of an item and seconds. `uses` says which of them "
           "count.")
      .def_property_readonly(
          "uses",
          [](const PythonScorer& self) {
            std::vector<std::string> parts;
            self.any().uses().for_each([&](QueryPart part) { parts.emplace_back(name(part)); });
            return parts;
          },
          "The parts of a question that its answers depend on: \"basket\", \"quantities\", "
          "\"viewed\", \"session\", \"dwell\", \"customer\", \"store\", \"weekday\", \"hour\", "
          "\"channel\", \"rush\".")
      .def("recommend", &recommend, "basket"_a = py::tuple(), "k"_a = 10, "viewed"_a = py::none(),
           "customer"_a = py::none(), "allowed"_a = py::none(), "query_items"_a = "excluded",
           "store"_a = py::none(), "when"_a = py::none(), "quantities"_a = py::none(),
           "session"_a = py::tuple(), "channel"_a = "unknown", "rush"_a = "unknown",
           "The best k items, best first, with reasons: only with a score above 0, only what "
           "`allowed` (a boolean array, an entry for each item) allows. query_items: 'excluded' "
           "shows none of the basket; 'allowed' may, for a session or the next basket, and leaves "
           "the query as it is, with its repeats.")
      .def("explain", &explain, "basket"_a, "item"_a, "viewed"_a = py::none(),
           "customer"_a = py::none(), "store"_a = py::none(), "when"_a = py::none(),
           "quantities"_a = py::none(), "session"_a = py::tuple(), "channel"_a = "unknown",
           "rush"_a = "unknown", "Why `item` has its score: the strongest reasons.");

  m.def("blend", &blend_of,
        "The weighted sum of scorers, itself a scorer: blend(ease, 0.7, content, 0.3).");
  m.def(
      "describe",
      [](const Reason& reason, const Only<Catalog>& catalog, const std::string& term) {
        return to_text(bodega::describe(reason, catalog.get(), term));
      },
      "reason"_a, "catalog"_a, "term"_a = "",
      "A reason in plain English: \"bought with BREAD\". term: the name of reason.term.");
}

}  // namespace bodega::python
