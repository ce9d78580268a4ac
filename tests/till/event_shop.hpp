// SPDX-License-Identifier: MIT
// A shop of a dozen items whose state is made of events, for the tests of what makes it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <bodega/collaborative/shop/popularity.hpp>
#include <bodega/forecast/baselines.hpp>
#include <bodega/till/event_bytes.hpp>
#include <bodega/till/event_log.hpp>
#include <bodega/till/event_snapshot.hpp>
#include <bodega/till/part.hpp>
#include <bodega/till/till_models.hpp>

namespace event_shop {

using namespace bodega;

inline const Day monday(20'002);

inline std::string code(std::size_t item) { return std::string(1, static_cast<char>('A' + item)); }

inline Bundle bundle(std::size_t items = 12, std::size_t first = 0) {
  Catalog catalog;
  for (std::size_t i = 0; i < items; ++i)
    catalog.add({.id = code(first + i), .description = "item " + code(first + i)});
  Bundle bundle;
  bundle.add("catalog", catalog);
  bundle.add("popularity", Popularity(items, {.half_life_days = 30}));
  bundle.add("demand_baseline", WeekdayMean());
  bundle.add("demand_memory", IntermittentDemand(items));
  bundle.add("demand_levels", PooledLevel(items));
  return bundle;
}

inline std::shared_ptr<const TillModels> models(const Bundle& of = bundle()) {
  return std::make_shared<const TillModels>(load_models<Part<"popularity", Popularity>>(of));
}

/// The bytes that a state is saved as: equal states have equal bytes.
inline std::vector<std::byte> bytes(const TillState& state) {
  Bundle bundle;
  state.save(bundle);
  return bundle.serialize();
}

struct Line {
  std::string code;
  double quantity = 1;
};

/// An event that owns all it refers to.
struct Event {
  EventKind kind = EventKind::receipt;
  std::string id = {}, till = "1";
  Moment when = {};
  std::uint64_t card = 0;
  std::vector<Line> lines = {};
  std::string code = {};
  double units = 0;
  std::optional<Moment> as_of = {};
  std::optional<Day> day = {};

  /// Calls `use(TillEvent)`.
  template <class Use>
  decltype(auto) with(Use&& use) const {
    std::vector<TillReceiptLine> texts;
    for (const Line& line : lines)
      texts.push_back(
          {line.code, Quantity::from_raw(static_cast<std::int64_t>(line.quantity * 1000)), {}});
    TillEvent event{.kind = kind};
    event.id = id;
    event.till = till;
    event.card = card;
    event.lines = texts;
    event.code = code;
    event.units = Quantity::from_raw(static_cast<std::int64_t>(units * 1000));
    event.when = kind == EventKind::receipt ? std::optional(when) : as_of;
    event.day = day;
    return use(event);
  }
};

/// A log, its state and the state's twin, as a till has them.
class Shop {
 public:
  explicit Shop(std::shared_ptr<const TillModels> of = models(), EventLogOptions options = {})
      : log(std::move(of), options), state(log.state()), twin(state) {}

  LogChange add(const Event& event) {
    return event.with([&](const TillEvent& borrowed) { return add(borrowed); });
  }
  LogChange add(const TillEvent& event, std::shared_ptr<const TillModels> grown = nullptr) {
    log.tidy(state);
    const LogChange change = log.add(event, state, std::move(grown));
    log.repeat(change, state, twin);
    return change;
  }

  // Short ways to say what happens.
  LogChange sell(Day day, const std::string& item, double units, const std::string& id = {},
                 int second = 12 * 3600, std::uint64_t card = 0) {
    return add(
        Event{.id = id, .when = Moment(day, second), .card = card, .lines = {{item, units}}});
  }
  LogChange set(const std::string& item, double units, std::optional<Moment> as_of = {}) {
    return add(Event{.kind = EventKind::stock_set, .code = item, .units = units, .as_of = as_of});
  }
  LogChange undo(const std::string& id, std::optional<Day> day = {}) {
    return add(Event{.kind = EventKind::undo, .id = id, .till = {}, .day = day});
  }
  LogChange close() { return add(Event{.kind = EventKind::day_closed}); }

  ItemIndex item(const std::string& of) const { return log.models()->catalog().at(of); }
  float forecast(const std::string& of) const {
    return log.models()->demand().forecast(state.demand(), item(of), {}, {}).units;
  }
  std::optional<double> stock(const std::string& of) const {
    const auto units = state.stock().units(item(of));
    return units ? std::optional(units->value()) : std::nullopt;
  }
  float popularity(const std::string& of) const {
    std::vector<float> scores(state.items(), 0.0f);
    state.live()[0].scorer().add_scores({}, 1, scores);
    return scores[item(of).value()];
  }

  /// Saves the log and opens what was saved.
  void restart(std::uint64_t models_id = 1, std::shared_ptr<const TillModels> over = nullptr) {
    Bundle saved;
    EventSnapshot::save(log, 1, saved);
    const Bundle opened = Bundle::parse(saved.serialize());
    auto of = over ? over : log.models();
    log = EventSnapshot::read(opened, models_id, std::move(of), log.options());
    state = log.state();
    twin = state;
  }

  EventLog log;
  TillState state, twin;
};

}  // namespace event_shop
