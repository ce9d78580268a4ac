// SPDX-License-Identifier: MIT
#include <map>

#include <bodega/till/till.hpp>

#include "model.hpp"

namespace bodega::python {
namespace {

// ---------------------------------------------------------------- what is asked

/// A query of Python's texts, which it owns.
class AskedQuery {
 public:
  AskedQuery(const py::object& basket, const py::object& viewed, const py::object& card,
             const py::object& session, const std::optional<Moment>& when) {
    if (py::isinstance<py::str>(basket))
      throw py::type_error("basket: expected a list of item codes, found one text");
    for (const py::handle line : basket) {
      if (py::isinstance<py::str>(line)) {
        codes_.push_back(line.cast<std::string>());
        quantities_.push_back(Quantity::from_whole(1));
        continue;
      }
      const auto [code, quantity] = pair(line, "basket");
      codes_.push_back(code.cast<std::string>());
      quantities_.push_back(to_quantity(quantity));
      weighed_ = true;
    }
    if (!viewed.is_none()) viewed_ = viewed.cast<std::string>();
    if (!card.is_none()) card_ = card.cast<std::string>();
    for (const py::handle view : session) {
      if (py::isinstance<py::str>(view)) {
        looked_at_.emplace_back(view.cast<std::string>(), View::no_dwell);
        continue;
      }
      const auto [code, seconds] = pair(view, "session");
      looked_at_.emplace_back(code.cast<std::string>(), seconds.cast<float>());
    }
    for (const auto& [code, seconds] : looked_at_) views_.push_back({code, seconds});
    if (when) context_ = Context(StoreId::none(), *when);
  }
  AskedQuery(const AskedQuery&) = delete;
  AskedQuery& operator=(const AskedQuery&) = delete;

  TillQuery query() const noexcept {
    TillQuery query{.basket = codes_};
    if (weighed_) query.quantities = quantities_;
    query.viewed = viewed_;
    query.session = views_;
    query.card = card_;
    query.context = context_;
    return query;
  }

 private:
  static std::pair<py::object, py::object> pair(const py::handle& given, const char* where) {
    if (!py::isinstance<py::tuple>(given) || py::len(given) != 2)
      throw py::type_error(std::string(where) +
                           ": expected item codes, or pairs of a code and a "
                           "number");
    const auto both = py::reinterpret_borrow<py::tuple>(given);
    return {both[0], both[1]};
  }

  std::vector<std::string> codes_;
  std::vector<Quantity> quantities_;
  bool weighed_ = false;
  std::string viewed_, card_;
  std::vector<std::pair<std::string, float>> looked_at_;
  std::vector<TillView> views_;
  Context context_;
};

// ---------------------------------------------------------------- what is answered

struct PythonReason {
  std::string kind, code, part, text;
  float contribution = 0;
};
struct PythonPick {
  std::string code, description;
  float score = 0;
  std::vector<PythonReason> because = {};
  std::string instead_of = {};
  float probability = 0, probability_lower = 0;
};
struct PythonSlate {
  std::vector<PythonPick> picks;
  std::string answered_by;
};

PythonSlate copy_of(const TillSlate& slate) {
  PythonSlate copy{{}, std::string(slate.answered_by)};
  for (const TillPick& pick : slate) {
    PythonPick& to = copy.picks.emplace_back(PythonPick{std::string(pick.code),
                                                        std::string(pick.description),
                                                        pick.score,
                                                        {},
                                                        std::string(pick.instead_of),
                                                        pick.probability,
                                                        pick.probability_lower});
    for (const TillReason& reason : pick.because)
      to.because.push_back({std::string(name(reason.kind())), std::string(reason.code()),
                            std::string(reason.part()), reason.text(), reason.contribution()});
  }
  return copy;
}

/// The interpreter lock is held while a lane answers, so that Python threads may share one.
PythonSlate recommend(Lane& lane, const py::object& basket, std::size_t k, const py::object& viewed,
                      const py::object& card, const py::object& session,
                      const std::optional<Moment>& when) {
  const AskedQuery asked(basket, viewed, card, session, when);
  return copy_of(lane.recommend(asked.query(), k));
}

PythonSlate search(Lane& lane, const std::string& text, std::size_t k, const py::object& basket,
                   const py::object& viewed, const py::object& card, const py::object& session,
                   const std::optional<Moment>& when) {
  const AskedQuery asked(basket, viewed, card, session, when);
  return copy_of(lane.search(text, asked.query(), k));
}

// ---------------------------------------------------------------- what happens

/// A row of several values; `where` names it in the Error that says what was given instead.
py::tuple row_of(const py::handle& given, const std::string& where, const char* expected) {
  if (!py::isinstance<py::tuple>(given) && !py::isinstance<py::list>(given))
    throw Error(ErrorCode::invalid_argument, where, expected,
                static_cast<std::string>(py::str(py::type::of(given).attr("__name__"))));
  return py::reinterpret_steal<py::tuple>(PySequence_Tuple(given.ptr()));
}
std::string code_of(const py::handle& given, const std::string& where) {
  if (!py::isinstance<py::str>(given))
    throw Error(ErrorCode::invalid_argument, where, "a code, as text",
                static_cast<std::string>(py::str(py::type::of(given).attr("__name__"))));
  return given.cast<std::string>();
}

void observe(Till& till, Moment when, const py::object& lines, const std::string& id,
             const std::string& store, const std::string& lane, const std::string& card) {
  std::vector<std::string> codes;
  std::vector<TillReceiptLine> receipt;
  for (const py::handle given : lines) {
    const std::string where = "observe, line " + std::to_string(receipt.size() + 1);
    const py::tuple line = row_of(given, where, "(code, quantity) or (code, quantity, price)");
    if (line.size() < 1 || line.size() > 3)
      throw Error(ErrorCode::shape, "observe, line " + std::to_string(receipt.size() + 1),
                  "(code, quantity) or (code, quantity, price)",
                  std::to_string(line.size()) + " values");
    codes.push_back(code_of(line[0], where));
    receipt.push_back({{},
                       line.size() > 1 ? to_quantity(line[1]) : Quantity::from_whole(1),
                       line.size() > 2 ? to_money(line[2]) : Money()});
  }
  for (std::size_t i = 0; i < codes.size(); ++i) receipt[i].code = codes[i];
  unlocked([&] {
    till.observe(
        {.id = id, .when = when, .store = store, .till = lane, .card = card, .lines = receipt});
  });
}

Item item_of(const std::string& code, const std::string& description, const py::object& price,
             const std::map<std::string, std::string>& attributes) {
  Item item{code, description};
  if (!price.is_none()) item.price = to_money(price);
  item.attributes.assign(attributes.begin(), attributes.end());
  return item;
}

StockFeedReport feed(TillStock stock, const py::object& rows) {
  std::vector<std::string> codes;
  std::vector<StockRow> found;
  for (const py::handle given : rows) {
    const std::string where = "feed, row " + std::to_string(found.size() + 1);
    const py::tuple row = row_of(given, where, "(code, units, when)");
    if (row.size() != 3)
      throw Error(ErrorCode::shape, "feed, row " + std::to_string(found.size() + 1),
                  "(code, units, when)", std::to_string(row.size()) + " values");
    codes.push_back(code_of(row[0], where));
    if (!PyNumber_Check(row[1].ptr()) || PyComplex_Check(row[1].ptr()))
      throw Error(ErrorCode::invalid_argument, where, "units, as a number",
                  static_cast<std::string>(py::str(py::type::of(row[1]).attr("__name__"))));
    found.push_back({{}, py::float_(py::object(row[1])).cast<double>(), to_moment(row[2])});
  }
  for (std::size_t i = 0; i < codes.size(); ++i) found[i].item = codes[i];
  return unlocked([&] { return stock.feed(found); });
}

// ---------------------------------------------------------------- options

template <class Enum>
Enum value_of(const std::string& given, const char* option) {
  std::string all;
  for (const auto& one : enum_names(Enum{})) {
    if (one.name == given) return one.value;
    all += (all.empty() ? "" : ", ") + std::string(one.name);
  }
  throw Error(ErrorCode::invalid_argument, std::string("Till, option ") + option, "one of " + all,
              "'" + given + "'");
}

std::optional<PartWeights> weights_of(const py::object& given) {
  if (given.is_none()) return std::nullopt;
  if (py::isinstance<Only<TillWeights>>(given))
    return part_weights(given.cast<const Only<TillWeights>&>().get());
  const auto by_name = given.cast<std::map<std::string, float>>();
  std::vector<std::string> names;
  std::vector<float> numbers;
  for (const auto& [part, weight] : by_name) {
    names.push_back(part);
    numbers.push_back(weight);
  }
  PartWeights weights(names);
  weights.set(Situation(), numbers);
  weights.validate("Till, option weights");
  return weights;
}

TillOptions options_of(const std::filesystem::path& state, const std::string& sync,
                       const py::object& weights, const std::string& unknown_parts,
                       const std::string& unknown_items, int day_starts_at, int keep_days,
                       std::size_t max_picks) {
  TillOptions options;
  options.state = state.string();
  options.sync = value_of<SyncPolicy>(sync, "sync");
  options.weights = weights_of(weights);
  options.unknown_parts = value_of<UnknownParts>(unknown_parts, "unknown_parts");
  options.unknown_items = value_of<UnknownItems>(unknown_items, "unknown_items");
  options.day_starts_at = day_starts_at;
  options.keep_days = keep_days;
  options.max_picks = max_picks;
  return options;
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
  py::class_<PythonReason>(m, "TillReason", "One cause of a pick.")
      .def_readonly("kind", &PythonReason::kind, "Such as \"bought_together\".")
      .def_readonly("code", &PythonReason::code, "The item that led to the pick; else empty.")
      .def_readonly("part", &PythonReason::part, "The part of the till that says so.")
      .def_readonly("text", &PythonReason::text, "In words, such as \"bought with BREAD\".")
      .def_readonly("contribution", &PythonReason::contribution, "Its part of the pick's score.")
      .def("__repr__",
           [](const PythonReason& self) { return to_text("TillReason('" + self.text + "')"); });
  py::class_<PythonPick>(m, "TillPick", "One place of a slate, by the shop's own code.")
      .def_property_readonly(
          "code", [](const PythonPick& self) { return to_text(self.code); }, "The shop's own.")
      .def_property_readonly(
          "description", [](const PythonPick& self) { return to_text(self.description); },
          "As the catalogue has it; may be empty.")
      .def_readonly("score", &PythonPick::score, "What the parts give it, by their weights.")
      .def_property_readonly(
          "instead_of", [](const PythonPick& self) { return to_text(self.instead_of); },
          "The code of what it stands in for, sold out; mostly empty.")
      .def_readonly("probability", &PythonPick::probability,
                    "How likely it is bought; NaN where the file does not say.")
      .def_readonly("probability_lower", &PythonPick::probability_lower,
                    "What the probability is at least.")
      .def_readonly("because", &PythonPick::because, "Its causes, strongest first.")
      .def("__repr__", [](const PythonPick& self) {
        return to_text("TillPick('" + self.code + "', " + std::to_string(self.score) + ")");
      });
  py::class_<PythonSlate>(m, "Slate", "A lane's answer: a sequence of picks, best first.")
      .def_readonly("picks", &PythonSlate::picks, "Best first.")
      .def_readonly("answered_by", &PythonSlate::answered_by,
                    "The part that it rests on most; \"search\" where the text alone found it, "
                    "\"none\" for an empty one.")
      .def("__len__", [](const PythonSlate& self) { return self.picks.size(); })
      .def(
          "__getitem__",
          [](const PythonSlate& self, std::size_t i) {
            if (i >= self.picks.size()) throw py::index_error("Slate: " + std::to_string(i));
            return self.picks[i];
          },
          "i"_a)
      .def("__repr__", [](const PythonSlate& self) {
        std::string picks;
        for (const PythonPick& pick : self.picks) picks += (picks.empty() ? "" : ", ") + pick.code;
        return to_text("Slate(" + picks + "; answered_by='" + self.answered_by + "')");
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

void bind_stock(py::module_& m) {
  py::class_<StockFeedReport>(m, "StockFeedReport", "What became of the rows of a feed.")
      .def_readonly("rows", &StockFeedReport::rows, "Of the feed.")
      .def_readonly("set", &StockFeedReport::set, "Stock as they say.")
      .def_readonly("older", &StockFeedReport::older, "Left out: a later row was there before.")
      .def_readonly("negative", &StockFeedReport::negative, "The item's stock is unknown now.")
      .def_readonly("not_a_number", &StockFeedReport::not_a_number, "Likewise.")
      .def_readonly("too_large", &StockFeedReport::too_large, "Likewise.")
      .def_readonly("unknown_item", &StockFeedReport::unknown_item, "Left out: no such code.")
      .def_readonly("examples", &StockFeedReport::examples, "Such as \"20725: -3 units\".");
  py::class_<TillStock>(
      m, "Stock",
      "What is on the shelf, by code. An item whose stock nobody told counts as available. An "
      "answer begun after a call returned obeys it.")
      .def("set", &TillStock::set, "code"_a, "units"_a, py::call_guard<py::gil_scoped_release>(),
           "So much is there: 0 is sold out.")
      .def("add", &TillStock::add, "code"_a, "units"_a, py::call_guard<py::gil_scoped_release>(),
           "So much came besides what receipts say, or left where it is below 0.")
      .def("set_smallest", py::overload_cast<std::string_view, double>(&TillStock::set_smallest),
           "code"_a, "units"_a, py::call_guard<py::gil_scoped_release>(),
           "Less than this is not available: crumbs of what is sold by weight, such as 0.005.")
      .def("forget", &TillStock::forget, "code"_a, py::call_guard<py::gil_scoped_release>(),
           "Back to unknown.")
      .def("feed", &feed, "rows"_a,
           "Rows (code, units, when) of another system; one of an earlier time than what is known "
           "is left out.")
      .def("units", &TillStock::units, "code"_a, "None where the stock is unknown.")
      .def("available", &TillStock::available, "code"_a,
           "More than nothing on the shelf, or unknown.");
}

void bind_report(py::module_& m) {
  py::class_<TillReport>(m, "TillReport",
                         "What a till is made of, and what it held back, left out or put right.")
      .def_readonly("items", &TillReport::items, "Of the catalogue.")
      .def_readonly("parts", &TillReport::parts, "That recommend, by name.")
      .def_readonly("unknown", &TillReport::unknown,
                    "Models and weights of the file that the till does not know.")
      .def_property_readonly(
          "unused",
          [](const TillReport& self) {
            std::vector<std::string> parts;
            self.unused.for_each([&](QueryPart part) { parts.emplace_back(name(part)); });
            return parts;
          },
          "What of a query the file's parts cannot use.")
      .def_readonly("lanes", &TillReport::lanes, "Open ones.")
      .def_property_readonly(
          "receipts", [](const TillReport& r) { return r.state.receipts; }, "Observed.")
      .def_property_readonly(
          "held", [](const TillReport& r) { return r.state.held; },
          "Receipts of a day that was not believed.")
      .def_property_readonly(
          "unknown_lines", [](const TillReport& r) { return r.state.unknown_lines; },
          "Of items that the catalogue does not hold.")
      .def_property_readonly(
          "stock_wrong", [](const TillReport& r) { return r.state.stock_wrong; },
          "Sales of items whose stock was 0.")
      .def_property_readonly(
          "events", [](const TillReport& r) { return r.events.events; }, "Kept in the log.")
      .def_property_readonly(
          "undone", [](const TillReport& r) { return r.events.undone; }, "Receipts taken back.")
      .def_property_readonly(
          "twice", [](const TillReport& r) { return r.events.twice; },
          "Receipts that came again, and counted once.")
      .def_property_readonly(
          "late", [](const TillReport& r) { return r.events.late; },
          "Receipts that came after their day was closed.")
      .def_property_readonly(
          "swaps", [](const TillReport& r) { return r.events.swaps; }, "Files that took over.")
      .def_readonly("unreadable", &TillReport::unreadable,
                    "Records of the journal that could not be used.")
      .def("__str__", [](const TillReport& self) { return to_text(self.summary()); });
}

void bind_lane(py::module_& m) {
  py::class_<Lane>(m, "Lane", "A checkout: asks, waits for nobody, follows every swap.")
      .def("recommend", &recommend, "basket"_a = py::tuple(), "k"_a = 10, py::kw_only(),
           "viewed"_a = py::none(), "card"_a = py::none(), "session"_a = py::tuple(),
           "when"_a = py::none(),
           "The best k items that are in stock and not in the basket, with reasons. basket: codes, "
           "or (code, quantity). session: codes, or (code, seconds looked at). An empty question "
           "is answered by what sells.")
      .def("search", &search, "text"_a, "k"_a = 10, py::kw_only(), "basket"_a = py::tuple(),
           "viewed"_a = py::none(), "card"_a = py::none(), "session"_a = py::tuple(),
           "when"_a = py::none(),
           "The best k items in stock that match a text as it is typed, by match and by what "
           "recommend would say; empty without a model \"search\" in the bundle.");
}

void bind_till_class(py::module_& m) {
  const TillOptions usual;
  const auto named = [](auto value) { return std::string(name(value)); };
  py::class_<Till> till(m, "Till",
                        "The engine in the shop. Items are named by the shop's own codes. Any "
                        "thread may call anything at any time.");
  till.def(py::init([](const Bundle& bundle, const std::filesystem::path& state,
                       const std::string& sync, const py::object& weights,
                       const std::string& unknown_parts, const std::string& unknown_items,
                       int day_starts_at, int keep_days, std::size_t max_picks) {
             return Till(bundle, options_of(state, sync, weights, unknown_parts, unknown_items,
                                            day_starts_at, keep_days, max_picks));
           }),
           "bundle"_a, py::kw_only(), "state"_a = "", "sync"_a = named(usual.sync),
           "weights"_a = py::none(), "unknown_parts"_a = named(usual.unknown_parts),
           "unknown_items"_a = named(usual.unknown_items), "day_starts_at"_a = usual.day_starts_at,
           "keep_days"_a = usual.keep_days, "max_picks"_a = usual.max_picks)
      .def_static(
          "open",
          [](const std::filesystem::path& path, const std::filesystem::path& state,
             const std::string& sync, const py::object& weights, const std::string& unknown_parts,
             const std::string& unknown_items, int day_starts_at, int keep_days,
             std::size_t max_picks) {
            const TillOptions options =
                options_of(state, sync, weights, unknown_parts, unknown_items, day_starts_at,
                           keep_days, max_picks);
            return unlocked([&] { return Till::open(path.string(), options); });
          },
          "path"_a, py::kw_only(), "state"_a = "", "sync"_a = named(usual.sync),
          "weights"_a = py::none(), "unknown_parts"_a = named(usual.unknown_parts),
          "unknown_items"_a = named(usual.unknown_items), "day_starts_at"_a = usual.day_starts_at,
          "keep_days"_a = usual.keep_days, "max_picks"_a = usual.max_picks,
          "Opens the bundle at `path`. state: a file in which what happened outlives a restart and "
          "a power cut; sync: \"each_record\", \"each_second\" or \"never\". weights: by the "
          "parts' "
          "names, else those of the bundle. unknown_parts, unknown_items: \"ignore\", \"skip\" or "
          "\"refuse\".");
  till.def("lane", &Till::lane, "A new checkout.")
      .def_property_readonly(
          "stock", [](const Till& self) { return self.stock(); },
          "What is on the shelf; changes show in the next answer.")
      .def_property_readonly(
          "catalog",
          [](const Till& self) {
            return std::make_shared<Only<Catalog>>(self.models()->catalog());
          },
          "The articles of now: a copy.")
      .def("observe", &observe, "when"_a, "lines"_a, py::kw_only(), "id"_a = "", "store"_a = "",
           "till"_a = "", "card"_a = "",
           "A receipt was paid: lowers the stock, adds to the day's sales, teaches what learns. "
           "lines: (code,), (code, quantity) or (code, quantity, price).")
      .def(
          "undo",
          [](Till& self, const std::string& id, const std::string& store, const std::string& of,
             std::optional<Day> day) {
            return unlocked([&] { return self.undo(id, store, of, day); });
          },
          "id"_a, py::kw_only(), "store"_a = "", "till"_a = "", "day"_a = py::none(),
          "The receipt was voided: everything is as if it had never been. False where no such "
          "receipt is known.")
      .def("close_day", &Till::close_day, py::call_guard<py::gil_scoped_release>(),
           "The shop has closed: forecasts are for the next day from now on.")
      .def(
          "add",
          [](Till& self, const std::string& code, const std::string& description,
             const py::object& price, const std::map<std::string, std::string>& attributes) {
            const Item item = item_of(code, description, price, attributes);
            unlocked([&] { self.add(item); });
          },
          "code"_a, "description"_a = "", "price"_a = py::none(),
          "attributes"_a = std::map<std::string, std::string>(),
          "An item is new today: found, recommended by what it is and learnt from at once.")
      .def("relist", &Till::relist, "code"_a, "to"_a, py::call_guard<py::gil_scoped_release>(),
           "An item has a new code, and keeps its history.")
      .def(
          "replace",
          [](Till& self, const py::object& file) {
            if (py::isinstance<Bundle>(file)) {
              const Bundle& bundle = file.cast<const Bundle&>();
              return unlocked([&] { self.replace(bundle); });
            }
            const std::string path = file.cast<std::filesystem::path>().string();
            unlocked([&] { self.replace(path); });
          },
          "file"_a,
          "Serves from another file (or Bundle) from now on; what happened is carried over by "
          "code. Where the file is bad nothing has changed.");
  till.def(
          "forecast", [](const Till& self, const std::string& code) { return self.forecast(code); },
          "code"_a, "Units expected on forecast_day().")
      .def(
          "quantiles",
          [](const Till& self, const std::string& code, const std::vector<float>& levels) {
            std::vector<float> units(levels.size());
            self.forecast(code, levels, units);
            return owned(std::move(units));
          },
          "code"_a, "levels"_a,
          "The units that demand on forecast_day() stays at or below with each probability.")
      .def("forecast_day", &Till::forecast_day,
           "The day being sold once a receipt of it was observed, else the next trading day; None "
           "where no day is known.")
      .def(
          "set_covariate",
          [](Till& self, const std::string& covariate, Day day, float value,
             const std::string& code) {
            unlocked([&] { self.set_covariate(covariate, day, value, code); });
          },
          "name"_a, "day"_a, "value"_a, "code"_a = "",
          "What is known of a day to come, for all items or one.")
      .def("sync", &Till::sync, py::call_guard<py::gil_scoped_release>(),
           "After it returned, a power cut loses nothing of what happened before.")
      .def("report", &Till::report, py::call_guard<py::gil_scoped_release>(),
           "What the till is made of, and what it held back, left out or put right.");
}

}  // namespace

void bind_till(py::module_& m) {
  bind_weights(m);
  bind_answers(m);
  bind_stock(m);
  bind_report(m);
  bind_lane(m);
  bind_till_class(m);
}

}  // namespace bodega::python
