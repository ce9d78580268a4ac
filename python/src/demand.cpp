// SPDX-License-Identifier: MIT
#include <bodega/data/calendar.hpp>
#include <bodega/data/covariates.hpp>
#include <bodega/forecast/demand_factors_trainer.hpp>
#include <bodega/forecast/factor_mean.hpp>
#include <bodega/forecast/intermittent.hpp>
#include <bodega/forecast/pooled_level.hpp>
#include <bodega/forecast/pooled_level_trainer.hpp>

#include "def_fit.hpp"
#include "forecaster.hpp"

namespace bodega::python {

namespace {

class AnyDemandFactors
    : public AnyOf<AnyDemandFactors, DemandFactors<>, DemandFactors<QuantizedMatrix>> {
 public:
  using AnyOf::AnyOf;
};

class AnyFactorMean : public AnyOf<AnyFactorMean, FactorMean<>, FactorMean<QuantizedMatrix>>,
                      public ForecasterOf<AnyFactorMean> {
 public:
  using AnyOf::AnyOf;
};

void bind_calendar(py::module_& m) {
  py::class_<Calendar>(m, "Calendar", "When a shop is open, and which days are holidays.")
      .def(py::init([](const std::vector<int>& open, const py::object& closed,
                       const py::object& holidays) {
             Weekdays weekdays;
             for (const int weekday : open) {
               if (weekday < 0 || weekday > 6)
                 throw Error(ErrorCode::out_of_range, "Calendar, weekdays",
                             "0 (Monday) to 6 (Sunday)", std::to_string(weekday));
               weekdays = weekdays.with(weekday);
             }
             Calendar calendar(weekdays);
             for (const Day day : to_days(closed)) calendar.close(day);
             for (const Day day : to_days(holidays)) calendar.add_holiday(day);
             return calendar;
           }),
           "weekdays"_a = std::vector<int>{0, 1, 2, 3, 4, 5, 6}, "closed"_a = py::tuple(),
           "holidays"_a = py::tuple(),
           "weekdays: on which it trades, 0 is Monday; closed, holidays: dates.")
      .def("open", &Calendar::open, "day"_a, "Whether the shop trades.")
      .def("holiday", &Calendar::holiday, "day"_a, "Whether it is a holiday.")
      .def("next_trading_day", &Calendar::next_trading_day, "day"_a,
           "The first open day after `day`.");
}

void bind_covariates(py::module_& m) {
  using Held = Only<Covariates>;
  model_class<Held, Model>(
      m, "Covariates",
      "What is known of a day before it comes, in named columns: holiday, promotion, price. 0 is "
      "the usual day, so give a price as the logarithm of it over the usual one.")
      .def(py::init([](const std::vector<std::string>& names, Day first_day, std::size_t days,
                       std::size_t items) {
             return std::make_shared<Held>(Covariates(names, first_day, days, items));
           }),
           "names"_a, "first_day"_a, "days"_a, "items"_a = 0,
           "Zeros for so many calendar days, of each item or (items=0) the same for all.")
      .def_property_readonly(
          "names",
          [](const Held& self) {
            std::vector<std::string> names;
            for (std::size_t c = 0; c < self.get().count(); ++c)
              names.emplace_back(self.get().name(c));
            return names;
          },
          "The columns.")
      .def(
          "set",
          [](Held& self, const std::string& name, const py::object& days, const py::object& values,
             const py::object& item) {
            const std::vector<Day> when = to_days(days);
            const std::vector<float> given =
                to_numbers<float>(values, "Covariates.set, value").values;
            if (given.size() != 1 && given.size() != when.size())
              throw Error(ErrorCode::shape, "Covariates.set, value", "one, or one for each day",
                          std::to_string(given.size()));
            Covariates changed = self.get();  // all or nothing
            for (std::size_t i = 0; i < when.size(); ++i) {
              const float value = given[given.size() == 1 ? 0 : i];
              if (item.is_none())
                changed.set(name, when[i], value);
              else
                changed.set(name, ItemIndex(to_index(item)), when[i], value);
            }
            self.get() = std::move(changed);
          },
          "name"_a, "day"_a, "value"_a, "item"_a = py::none(),
          "One value or one for each of the days, for all items or one. Later days are appended.")
      .def(
          "at",
          [](const Held& self, Day day, ItemIndex item) {
            const auto values = self.get().at(item.is_none() ? ItemIndex(0) : item, day);
            return owned(std::vector<float>(values.begin(), values.end()));
          },
          "day"_a, "item"_a = py::none(), "A day's values; empty where the table has not the day.")
      .def(
          "select",
          [](const Held& self, const std::vector<std::string>& names) {
            return std::make_shared<Held>(self.get().select(names));
          },
          "names"_a, "Only these columns, in this order.");
}

/// exp of the logs [from, to) of the effects, as numpy.
py::array_t<float> factors_of(const AnyDemandFactors& self, std::size_t from, std::size_t to) {
  return self.visit([&](const auto& factors) {
    std::vector<float> values;
    for (std::size_t i = from; i < std::min(to, factors.effects().columns()); ++i)
      values.push_back(std::exp(entry(factors.effects(), 0, i)));
    return owned(std::move(values));
  });
}

void bind_demand_factors(py::module_& m) {
  model_class<AnyDemandFactors, Model>(
      m, "DemandFactors",
      "What a day is worth, by its weekday, month and covariates; and the level of each series.")
      .def_property_readonly(
          "weekdays", [](const AnyDemandFactors& self) { return factors_of(self, 0, 7); },
          "Monday first; the mean of those seen is 1.")
      .def_property_readonly(
          "months", [](const AnyDemandFactors& self) { return factors_of(self, 7, 19); },
          "January first; the mean of those seen is 1.")
      .def_property_readonly(
          "covariates",
          [](const AnyDemandFactors& self) { return factors_of(self, 19, std::size_t(-1)); },
          "The factor of each covariate at value 1.")
      .def_property_readonly(
          "series_levels",
          [](const AnyDemandFactors& self) {
            return self.visit([](const auto& factors) {
              std::vector<float> levels;
              for (std::uint32_t i = 0; i < factors.series(); ++i)
                levels.push_back(factors.series_level(ItemIndex(i)));
              return owned(std::move(levels));
            });
          },
          "Units a day at factor 1, of each series; empty where none were kept.")
      .def(
          "factor",
          [](const AnyDemandFactors& self, Day day, const std::vector<float>& covariates) {
            return self.visit([&](const auto& f) { return f.factor(day, covariates); });
          },
          "day"_a, "covariates"_a = py::tuple(), "What demand is multiplied by on that day.");
  def_fit(
      m, "fit_demand_factors",
      [](const py::object& windows, const DemandFactorsOptions& options) {
        const SalesWindows all = to_windows(windows);
        const auto fitted = unlocked(
            [&] { return std::make_shared<AnyDemandFactors>(fit_demand_factors(all, options)); });
        fitted->made_with("fit_demand_factors", options);
        return fitted;
      },
      "Poisson means of series (in each year) x weekday x month x covariates, from all that the "
      "windows tell.",
      {}, "windows"_a);
  model_class<AnyFactorMean, Model, PythonForecaster>(
      m, "FactorMean", "The window's level, or the longer one it brings, times the day's factor.")
      .def(py::init([](const AnyDemandFactors& factors, float prior, float prior_days) {
             return factors.visit([&]<class F>(const F& f) {
               if constexpr (std::is_same_v<F, DemandFactors<>>)
                 return std::make_shared<AnyFactorMean>(FactorMean<>(f, prior, prior_days));
               else
                 return std::make_shared<AnyFactorMean>(
                     FactorMean<QuantizedMatrix>(f, prior, prior_days));
             });
           }),
           "factors"_a, "prior"_a = 0.0f, "prior_days"_a = 0.0f,
           "prior: units, prior_days: days at the series' level, that count as seen.");

  using HeldLevel = Only<PooledLevel>;
  model_class<HeldLevel, Model>(
      m, "PooledLevel",
      "Levels of series, remembered for months and pooled; made by "
      "with_pooled_levels, carried on by a till under the name demand_levels.")
      .def_property_readonly(
          "levels",
          [](const HeldLevel& self) {
            std::vector<float> levels;
            for (std::uint32_t s = 0; s < self.get().series(); ++s)
              levels.push_back(self.get().level(ItemIndex(s)));
            return owned(std::move(levels));
          },
          "Units a day at factor 1, after the last day seen; NaN where nothing is known.");
  def_fit(
      m, "with_pooled_levels",
      [](const SalesWindows& windows, const AnyDemandFactors& factors,
         const PooledLevelOptions& options) {
        PooledLevel track;
        SalesWindows levelled = unlocked([&] {
          return factors.visit(
              [&](const auto& f) { return with_pooled_levels(windows, f, options, &track); });
        });
        const auto levels = std::make_shared<HeldLevel>(std::move(track));
        levels->made_with("with_pooled_levels", options);
        return py::make_tuple(std::move(levelled), levels);
      },
      "(windows, PooledLevel): the windows with the level that each series had on the eve of its "
      "target, and the levels after the last day.",
      {}, "windows"_a, "factors"_a);
}

void bind_intermittent(py::module_& m) {
  using Held = Only<IntermittentDemand>;
  auto held = model_class<Held, Model>(m, "IntermittentDemand",
                                       "Items that sell on few days, by Croston, SBA or TSB, from "
                                       "all days before; a till carries it "
                                       "on under the name demand_memory.");
  def_init(
      held,
      [](const DailySales& sales, const std::string& method, IntermittentOptions options) {
        options.method = named<IntermittentMethod>(method, "IntermittentDemand, method");
        const auto demand =
            unlocked([&] { return std::make_shared<Held>(IntermittentDemand(sales, options)); });
        demand->made_with("IntermittentDemand", options);
        return demand;
      },
      "method: croston, sba, tsb or by_pattern.", {.omitted = {"method"}}, "sales"_a,
      "method"_a = "by_pattern");
  held.def(
          "forecast",
          [](const Held& self) {
            std::vector<float> units;
            for (std::uint32_t i = 0; i < self.get().items(); ++i)
              units.push_back(self.get().forecast(ItemIndex(i)));
            return owned(std::move(units));
          },
          "Units of each item on the next day with trade.")
      .def(
          "quantiles",
          [](const Held& self, const std::vector<float>& levels) {
            std::vector<float> units;
            for (std::uint32_t i = 0; i < self.get().items(); ++i)
              for (const float level : levels)
                units.push_back(self.get().quantile(ItemIndex(i), level));
            return owned(std::move(units), {static_cast<py::ssize_t>(self.get().items()),
                                            static_cast<py::ssize_t>(levels.size())});
          },
          "levels"_a, "Items x levels: the units that such a share of days stays at or below.")
      .def_property_readonly(
          "patterns",
          [](const Held& self) {
            std::vector<std::string> patterns;
            for (std::uint32_t i = 0; i < self.get().items(); ++i)
              patterns.emplace_back(name(self.get().pattern(ItemIndex(i))));
            return patterns;
          },
          "smooth, erratic, intermittent or lumpy, of each item.");
}

}  // namespace

void bind_demand(py::module_& m) {
  bind_calendar(m);
  bind_covariates(m);
  bind_demand_factors(m);
  bind_intermittent(m);
}

}  // namespace bodega::python
