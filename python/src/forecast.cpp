// SPDX-License-Identifier: MIT
#include "forecaster.hpp"

#include <array>
#include <cmath>

#include <bodega/data/daily_sales.hpp>
#include <bodega/forecast/baselines.hpp>
#include <bodega/forecast/baselines_trainer.hpp>
#include <bodega/forecast/evaluate_forecaster.hpp>
#include <bodega/forecast/pooled_level_trainer.hpp>
#include <bodega/metrics/forecast_errors.hpp>

namespace bodega::python {

SalesWindows to_windows(const py::object& windows_or_sales) {
  if (py::isinstance<SalesWindows>(windows_or_sales))
    return windows_or_sales.cast<const SalesWindows&>();
  if (py::isinstance<Only<DailySales>>(windows_or_sales))
    return SalesWindows(windows_or_sales.cast<const Only<DailySales>&>().get());
  throw py::type_error("expected SalesWindows or DailySales, found " +
                       std::string(py::str(py::type::of(windows_or_sales).attr("__name__"))));
}

std::vector<Day> to_days(const py::object& days) {
  const py::module_ numpy = py::module_::import("numpy");
  std::vector<Day> result;
  const py::object array = numpy.attr("asarray")(days);
  // Dates with a zone are objects here; numpy would shift them to those of Greenwich.
  if (array.attr("dtype").attr("kind").cast<std::string>() == "O") {
    for (const py::handle one : array.attr("ravel")()) result.push_back(to_day(one));
    return result;
  }
  const std::vector<std::int64_t> numbers =
      to_numbers<std::int64_t>(array.attr("astype")("datetime64[D]").attr("astype")("int64"), "day")
          .values;
  for (const std::int64_t day : numbers) {
    if (day < std::int64_t{Day::from_civil(1, 1, 1)->days_since_1970()} ||
        day > std::int64_t{Day::from_civil(9999, 12, 31)->days_since_1970()})
      throw Error(ErrorCode::out_of_range, "day", "a day of the years 1 to 9999",
                  std::to_string(day) + " days from 1970-01-01");
    result.push_back(Day(static_cast<std::int32_t>(day)));
  }
  return result;
}

namespace {

/// A naive rung of the ladder: nothing to store, so no Model.
template <class Rung>
class Naive : public PythonForecaster {
 public:
  AnyForecaster any() const noexcept override { return AnyForecaster::refer_to(rung_); }

 private:
  Rung rung_;
};

template <class Rung>
void bind_naive(py::module_& m, const char* name, const char* doc) {
  py::class_<Naive<Rung>, PythonForecaster, std::shared_ptr<Naive<Rung>>>(m, name, doc)
      .def(py::init<>());
}

class AnyWeekdayMean : public AnyOf<AnyWeekdayMean, WeekdayMean>,
                       public ForecasterOf<AnyWeekdayMean> {
 public:
  using AnyOf::AnyOf;
};

py::array_t<float> forecast_windows(const PythonForecaster& self, const SalesWindows& windows) {
  const AnyForecaster forecaster = self.any();
  std::vector<float> units(windows.size());
  const ProgressCallback progress = progress_callback(py::none());  // it looks for Ctrl-C
  unlocked([&] {
    ProgressPulse pulse(progress, "forecasting", units.size());
    for (std::size_t i = 0; i < units.size(); ++i, pulse())
      units[i] = forecaster.forecast(windows[i]);
  });
  return owned(std::move(units));
}

py::object forecast(const PythonForecaster& self, const py::object& sales, const py::object& target,
                    const py::object& days) {
  const Numbers<float> given = to_numbers<float>(sales, "forecast, sales");
  const std::size_t dimensions = given.shape.size();
  if ((dimensions != 1 && dimensions != 2) || given.shape.back() != window_days)
    throw Error(
        ErrorCode::shape, "forecast, sales", "14 days, or rows of 14 days",
        "an array of shape " + py::str(py::tuple(py::cast(given.shape))).cast<std::string>());
  for (const float units : given.values)
    if (!(units >= 0) || std::isinf(units))
      throw Error(ErrorCode::out_of_range, "forecast, sales", "finite units of 0 or more",
                  std::to_string(units));
  const std::size_t rows = given.values.size() / window_days;
  const std::vector<Day> targets = to_days(target);
  if (targets.size() != 1 && targets.size() != rows)
    throw Error(ErrorCode::shape, "forecast, target", "one day, or one for each row of sales",
                std::to_string(targets.size()));
  const std::vector<Day> known = days.is_none() ? std::vector<Day>() : to_days(days);
  if (!days.is_none() && known.size() != rows * window_days && known.size() != window_days)
    throw Error(ErrorCode::shape, "forecast, days", "14 days, or 14 for each row of sales",
                std::to_string(known.size()));

  const AnyForecaster forecaster = self.any();
  std::vector<float> units(rows);
  for (std::size_t i = 0; i < rows; ++i) {
    const std::span<const float, window_days> sold(given.values.data() + i * window_days,
                                                   window_days);
    SalesWindow window(sold, targets[targets.size() == 1 ? 0 : i]);
    if (!known.empty())
      std::copy_n(known.data() + (known.size() == window_days ? 0 : i * window_days), window_days,
                  window.days.begin());
    for (std::size_t d = 0; d < window_days; ++d)
      if (window.days[d] >= (d + 1 < window_days ? window.days[d + 1] : window.target))
        throw Error(ErrorCode::out_of_range, "forecast, days",
                    "days that rise, all before the target " + window.target.to_string(),
                    window.days[d].to_string());
    units[i] = forecaster.forecast(window);
  }
  if (dimensions == 1) return py::float_(units[0]);
  return owned(std::move(units));
}

/// One number for each window.
template <class Value>
auto column(const SalesWindows& windows, Value value) {
  std::vector<decltype(value(std::size_t{0}))> values;
  for (std::size_t i = 0; i < windows.size(); ++i) values.push_back(value(i));
  return values;
}

void bind_windows(py::module_& m) {
  py::class_<SalesWindows>(
      m, "SalesWindows",
      "Every question that daily sales answer: the 14 trading days before a day, and what was sold "
      "on it. Ordered by target day, then item, so a slice is a stretch of time.")
      .def(py::init([](const Only<DailySales>& sales, const py::object& items,
                       const py::object& covariates) {
             std::optional<std::vector<ItemIndex>> chosen;
             if (!items.is_none()) chosen = to_items(items, "SalesWindows, items");
             const auto* known_ahead =
                 covariates.is_none() ? nullptr : &covariates.cast<const Only<Covariates>&>();
             return unlocked([&] {
               return known_ahead ? SalesWindows(sales.get(), known_ahead->get(), chosen)
                                  : SalesWindows(sales.get(), chosen);
             });
           }),
           "sales"_a, "items"_a = py::none(), "covariates"_a = py::none(),
           "The windows of these items (of none where the list is empty, of all where None), with "
           "what was known ahead of each day.")
      .def("__len__", &SalesWindows::size)
      .def("slice", &SalesWindows::slice, "begin"_a, "end"_a,
           "Windows [begin, end), clamped to those that are there.")
      .def("before", &SalesWindows::before, "day"_a, "Those whose target lies before `day`.")
      .def("since", &SalesWindows::from, "day"_a, "Those whose target is `day` or later.")
      .def(
          "last_part",
          [](const SalesWindows& self, double fraction) {
            if (self.empty())
              throw Error(ErrorCode::invalid_argument, "SalesWindows.last_part",
                          "at least one window", "none");
            return self.last_part(fraction);
          },
          "fraction"_a,
          "The first day of the last `fraction` of the target days, for before() and since().")
      .def_property_readonly(
          "sales",
          [](const SalesWindows& self) {
            std::vector<float> sales;
            sales.reserve(self.size() * window_days);
            for (std::size_t i = 0; i < self.size(); ++i) {
              const SalesWindow window = self[i];
              sales.insert(sales.end(), window.sales.begin(), window.sales.end());
            }
            return owned(std::move(sales), {static_cast<py::ssize_t>(self.size()),
                                            static_cast<py::ssize_t>(window_days)});
          },
          "windows x 14, float32, oldest day first (a copy).")
      .def_property_readonly(
          "known",
          [](const SalesWindows& self) {
            py::array_t<bool> known(
                {static_cast<py::ssize_t>(self.size()), static_cast<py::ssize_t>(window_days)});
            for (std::size_t i = 0; i < self.size(); ++i) {
              const SalesWindow window = self[i];
              for (std::size_t d = 0; d < window_days; ++d)
                known.mutable_data()[i * window_days + d] = window.knows(d);
            }
            return known;
          },
          "windows x 14, False where the day's sales are unknown and stand as 0.")
      .def_property_readonly(
          "level",
          [](const SalesWindows& self) {
            return owned(column(self, [&](std::size_t i) { return self[i].level; }));
          },
          "The level of a longer memory (with_pooled_levels); NaN where there is none.")
      .def_property_readonly(
          "days",
          [](const SalesWindows& self) {
            std::vector<std::int64_t> days;
            for (std::size_t i = 0; i < self.size(); ++i)
              for (const Day day : self[i].days) days.push_back(day.days_since_1970());
            return days_array(std::move(days)).attr("reshape")(-1, window_days);
          },
          "windows x 14, the days of `sales` as datetime64[D].")
      .def_property_readonly(
          "actual",
          [](const SalesWindows& self) {
            return owned(column(self, [&](std::size_t i) { return self.actual(i); }));
          },
          "What was sold on the target days.")
      .def_property_readonly(
          "item",
          [](const SalesWindows& self) {
            return owned(column(self, [&](std::size_t i) { return self.item(i).value(); }));
          },
          "The windows' items.")
      .def_property_readonly(
          "target",
          [](const SalesWindows& self) {
            return days_array(column(self, [&](std::size_t i) {
              return std::int64_t{self.target(i).days_since_1970()};
            }));
          },
          "The target days as datetime64[D].");

  m.def(
      "items_with_sale_days",
      [](const Only<DailySales>& sales, Count<"items_with_sale_days, days"> days, Day before) {
        std::vector<std::uint32_t> items;
        for (const ItemIndex item : items_with_sale_days(sales.get(), days, before))
          items.push_back(item.value());
        return owned(std::move(items));
      },
      "sales"_a, "days"_a, "before"_a,
      "The items sold on at least `days` days before `before`: enough history to learn from.");
}

void bind_errors(py::module_& m) {
  py::class_<ForecastErrors>(
      m, "ForecastErrors",
      "How far forecasts were from what was sold; NaN if there is nothing to divide by.")
      .def_property_readonly("count", &ForecastErrors::count, "Forecasts made.")
      .def_property_readonly("unknown", &ForecastErrors::unknown,
                             "Forecasts left out, since what was sold is not known (NaN).")
      .def_property_readonly("mae", &ForecastErrors::mae, "Mean absolute error, in units.")
      .def_property_readonly("rmse", &ForecastErrors::rmse, "Root of the mean squared error.")
      .def_property_readonly("wmape", &ForecastErrors::wmape,
                             "Sum of the absolute errors over the sum of sales.")
      .def_property_readonly("mape", &ForecastErrors::mape,
                             "Mean of |error| / sales over the days with sales.")
      .def_property_readonly("bias", &ForecastErrors::bias,
                             "Sum of the errors over the sum of sales: above 0 forecasts too much.")
      .def("__repr__", [](const ForecastErrors& self) {
        return "ForecastErrors(mae=" + std::to_string(self.mae()) +
               ", wmape=" + std::to_string(self.wmape()) + ", bias=" + std::to_string(self.bias()) +
               ")";
      });
  m.def(
      "evaluate_forecaster",
      [](const PythonForecaster& forecaster, const SalesWindows& windows,
         const py::object& progress) {
        const ProgressCallback callback = progress_callback(progress);
        return unlocked([&] { return evaluate_forecaster(forecaster.any(), windows, callback); });
      },
      "forecaster"_a, "windows"_a, py::kw_only(), "progress"_a = py::none(),
      "The errors of one forecast a window, each made one step ahead from what was really sold.");
  m.def(
      "forecast_errors",
      [](const py::object& actual, const py::object& forecast) {
        const Numbers<double> sold = to_numbers<double>(actual, "forecast_errors, actual");
        const Numbers<double> said = to_numbers<double>(forecast, "forecast_errors, forecast");
        if (sold.shape.size() != 1 || sold.shape != said.shape)
          throw Error(
              ErrorCode::shape, "forecast_errors", "two lists of the same length",
              std::to_string(sold.values.size()) + " and " + std::to_string(said.values.size()));
        ForecastErrors errors;
        const auto need = [](bool good, const char* which, std::size_t i, const char* expected,
                             double found) {
          if (!good)
            throw Error(ErrorCode::out_of_range,
                        std::string("forecast_errors, ") + which + ", number " + std::to_string(i),
                        expected, std::to_string(found));
        };
        for (std::size_t i = 0; i < sold.values.size(); ++i) {
          need(!std::isinf(sold.values[i]), "actual", i, "a finite number, or NaN: not known",
               sold.values[i]);
          need(std::isfinite(said.values[i]), "forecast", i, "a finite number", said.values[i]);
        }
        for (std::size_t i = 0; i < sold.values.size(); ++i)
          errors.add(sold.values[i], said.values[i]);
        return errors;
      },
      "actual"_a, "forecast"_a,
      "The errors of forecasts that were made elsewhere. NaN in `actual`: not known; it is left "
      "out "
      "and counted in `unknown`.");
}

}  // namespace

void bind_forecast(py::module_& m) {
  m.attr("WINDOW_DAYS") = window_days;
  bind_windows(m);

  py::class_<PythonForecaster, std::shared_ptr<PythonForecaster>>(
      m, "Forecaster", "How many units will be sold on a day, from the 14 trading days before it?")
      .def("forecast", &forecast_windows, "windows"_a, "One forecast for each window, float32.")
      .def("forecast", &forecast, "sales"_a, "target"_a, "days"_a = py::none(),
           "A number for 14 days of sales, oldest first; an array for rows of 14. target: a date, "
           "or one for each row. days: on which the sales were made; None: on the 14 calendar days "
           "before the target.");
  bind_naive<LastDay>(m, "LastDay", "As many as on the last known day.");
  bind_naive<SameWeekday>(m, "SameWeekday",
                          "As many as on the latest day with the target's weekday.");
  bind_naive<WindowMean>(m, "WindowMean", "The mean of the window.");
  model_class<AnyWeekdayMean, Model, PythonForecaster>(
      m, "WeekdayMean", "The window's level times the target's weekday factor.")
      .def(py::init([](std::vector<float> factors) {
             return std::make_shared<AnyWeekdayMean>(WeekdayMean(std::move(factors)));
           }),
           "factors"_a, "Seven factors, Monday first.")
      .def_property_readonly(
          "factors",
          [](const AnyWeekdayMean& self) {
            const auto factors = self.get_if<WeekdayMean>()->factors();
            return py::array_t<float>(static_cast<py::ssize_t>(factors.size()), factors.data());
          },
          "Monday first; their mean is 1.");
  m.def(
      "fit_weekday_mean",
      [](const py::object& windows) {
        const SalesWindows all = to_windows(windows);
        return unlocked([&] { return std::make_shared<AnyWeekdayMean>(fit_weekday_mean(all)); });
      },
      "windows"_a, "Finds the weekday factors of these windows (or of all of a DailySales).");
  bind_demand(m);
  bind_recurrent(m);
  bind_errors(m);
}

}  // namespace bodega::python
