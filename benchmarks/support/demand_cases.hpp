// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <bodega/core/error.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/covariates.hpp>
#include <bodega/data/csv.hpp>
#include <bodega/data/daily_sales.hpp>
#include <bodega/data/string_table.hpp>
#include <bodega/forecast/windows.hpp>

#include "support/text.hpp"

/// Reads a folder of daily demand: who sold what on which day (demand.csv), and from which day on
/// is validated and tested (meta.json).
namespace bodega_benchmark {

/// What a forecaster may know, as the protocol tells it apart.
enum class Inputs {
  window,       ///< the 14 days
  calendar,     ///< and weekdays, months, holidays
  long_history  ///< and older sales, and those of other series
};

inline const char* name(Inputs inputs) {
  constexpr std::array names = {"window", "window+calendar", "long history"};
  return names[static_cast<std::size_t>(inputs)];
}

/// A row that is scored.
struct DemandCase {
  bodega::ItemIndex series;
  bodega::Day day;
  float sold = 0;
};

struct DemandCases {
  std::string dataset;
  std::vector<std::string> keys;                 ///< columns that name a series
  std::vector<std::vector<std::string>> series;  ///< what stands in them, in order of first row
  /// A day on which no series is open has no trade; a series that is closed, or whose sales are not
  /// given, on a day on which others trade is unknown.
  bodega::DailySales sales;
  bodega::Covariates covariates;  ///< of each series; none where the folder has none
  bodega::Day valid_from, test_from;
  std::vector<DemandCase> valid, test;  ///< the scored rows of these parts

  bodega::SalesWindows windows() const {
    return covariates.count() > 0 ? bodega::SalesWindows(sales, covariates)
                                  : bodega::SalesWindows(sales);
  }
};

namespace detail {

inline std::ifstream open_demand(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file)
    throw bodega::Error(bodega::ErrorCode::io, path.string(),
                        "a file of a case folder (made by make_demand.py)", "none to read");
  return file;
}

inline bodega::Day day_of(std::string_view text, const std::string& where) {
  const auto day = bodega::Day::parse(text);
  if (!day)
    throw bodega::Error(bodega::ErrorCode::format, where, "a day as YYYY-MM-DD",
                        "'" + std::string(text) + "'");
  return *day;
}

inline void read_demand_meta(const std::filesystem::path& path, DemandCases& cases,
                             std::vector<std::string>& covariates) {
  std::ifstream file = open_demand(path);
  try {
    const auto meta = nlohmann::json::parse(file);
    if (const std::string protocol = meta.at("protocol"); protocol != "demand")
      throw bodega::Error(bodega::ErrorCode::invalid_argument, path.string(), "protocol 'demand'",
                          "'" + protocol + "'");
    meta.at("dataset").get_to(cases.dataset);
    meta.at("keys").get_to(cases.keys);
    covariates = meta.value("covariates", std::vector<std::string>());
    const bodega::Day first =
        day_of(meta.at("first_day").get<std::string>(), path.string() + ", first_day");
    cases.valid_from = first + meta.at("valid_from_t").get<int>();
    cases.test_from = first + meta.at("test_from_t").get<int>();
  } catch (const nlohmann::json::exception& e) {
    throw bodega::Error(bodega::ErrorCode::format, path.string(),
                        "JSON as make_demand.py writes it", e.what());
  }
}

/// A row of demand.csv. Sales are NaN where the shop was closed or nobody knows.
struct DemandRow {
  bodega::ItemIndex series;
  bodega::Day day;
  float sold = 0;
  std::size_t line = 0;
  std::vector<float> covariates{};
};

/// A finite number of at least `least`.
inline float number_of(std::string_view text, float least, const std::string& where,
                       const char* expected) {
  float value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= least) ||
      !std::isfinite(value))
    throw bodega::Error(bodega::ErrorCode::format, where, expected, "'" + std::string(text) + "'");
  return value;
}

/// Reads the rows; adds the series and the scored rows to the cases.
inline std::vector<DemandRow> read_demand_rows(const std::filesystem::path& path,
                                               const std::vector<std::string>& covariates,
                                               DemandCases& cases) {
  std::ifstream file = open_demand(path);
  bodega::CsvReader csv(file, path.string());
  const bodega::CsvHeader header(csv);
  const std::size_t date = header.need("date"), sales = header.need("sales"),
                    open = header.need("open"), part = header.need("part"),
                    scored = header.need("scored");
  std::vector<std::size_t> keys, known_ahead;
  for (const std::string& key : cases.keys) keys.push_back(header.need(key));
  for (const std::string& name : covariates) known_ahead.push_back(header.need(name));

  bodega::StringSet names;
  std::vector<DemandRow> rows;
  while (csv.next()) {
    header.check(csv);
    const auto field = csv.fields();
    const auto where = [&](std::size_t column) {
      return csv.where() + ", column " + header[column];
    };
    const auto flag = [&](std::size_t column) {
      if (field[column] != "0" && field[column] != "1")
        throw bodega::Error(bodega::ErrorCode::format, where(column), "0 or 1",
                            "'" + std::string(field[column]) + "'");
      return field[column] == "1";
    };
    std::vector<std::string> key;
    std::string name;
    for (const std::size_t column : keys) {
      key.emplace_back(field[column]);
      name.append(field[column]).append(1, '\n');
    }
    const std::uint32_t index = names.add(name);
    if (index == cases.series.size()) cases.series.push_back(std::move(key));

    DemandRow row{bodega::ItemIndex(index), day_of(field[date], where(date)), std::nanf(""),
                  csv.line()};
    const std::string_view text = field[sales];
    if (!text.empty())
      row.sold = number_of(text, 0, where(sales), "a number of 0 or more, or nothing");
    if (!flag(open)) row.sold = std::nanf("");
    for (const std::size_t column : known_ahead)
      row.covariates.push_back(number_of(field[column], std::numeric_limits<float>::lowest(),
                                         where(column), "a number"));
    if (flag(scored) && (field[part] == "test" || field[part] == "valid")) {
      if (std::isnan(row.sold))
        throw bodega::Error(bodega::ErrorCode::format, where(scored), "0 where sales are not known",
                            "1");
      (field[part] == "test" ? cases.test : cases.valid).push_back({row.series, row.day, row.sold});
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

/// The rows as a table. Also a day on which a series has no row though others trade is unknown.
inline bodega::DailySales daily_sales(const std::vector<DemandRow>& rows, std::size_t series,
                                      const std::string& name) {
  if (rows.empty()) throw bodega::Error(bodega::ErrorCode::missing, name, "rows", "none");
  const auto earlier = [](const DemandRow& a, const DemandRow& b) { return a.day < b.day; };
  const auto [first, last] = std::minmax_element(rows.begin(), rows.end(), earlier);
  const auto days = static_cast<std::size_t>(last->day - first->day) + 1;
  bodega::DailySales sales(series, first->day, days);
  std::vector<bool> seen(series * days), known(series * days);
  for (const DemandRow& row : rows) {
    const std::size_t at =
        row.series.value() * days + static_cast<std::size_t>(row.day - first->day);
    if (seen[at])
      throw bodega::Error(bodega::ErrorCode::duplicate, name + ":" + std::to_string(row.line),
                          "a series and day once", "them again");
    seen[at] = true;
    known[at] = !std::isnan(row.sold);
    if (known[at]) sales.add(row.series, row.day, row.sold);
  }
  for (std::uint32_t s = 0; s < series; ++s)
    for (std::size_t d = 0; d < days; ++d)
      if (sales.traded(d) && !known[s * days + d])
        sales.mark_unknown(bodega::ItemIndex(s), sales.day(d));
  return sales;
}

/// Days without a row are usual days.
inline bodega::Covariates covariates(const std::vector<DemandRow>& rows,
                                     const std::vector<std::string>& names,
                                     const bodega::DailySales& sales) {
  bodega::Covariates table(names, sales.first_day(), sales.days(), sales.items());
  for (const DemandRow& row : rows)
    for (std::size_t c = 0; c < names.size(); ++c)
      table.set(names[c], row.series, row.day, row.covariates[c]);
  return table;
}

}  // namespace detail

/// Error (io, format, missing, duplicate) naming file and line of what is not as make_demand.py
/// writes it, (invalid_argument) where the cases are of another protocol.
inline DemandCases read_demand_cases(const std::filesystem::path& folder) {
  if (!std::filesystem::is_directory(folder))
    throw bodega::Error(bodega::ErrorCode::io, folder.string(),
                        "a case folder (made by make_demand.py)", "no folder");
  DemandCases cases;
  std::vector<std::string> names;
  detail::read_demand_meta(folder / "meta.json", cases, names);
  const std::filesystem::path table = folder / "demand.csv";
  const auto rows = detail::read_demand_rows(table, names, cases);
  cases.sales = detail::daily_sales(rows, cases.series.size(), table.string());
  if (!names.empty()) cases.covariates = detail::covariates(rows, names, cases.sales);
  return cases;
}

/// Forecasts with their 10, 50 and 90 % quantiles, as score_demand.py reads them.
class ForecastTable {
 public:
  explicit ForecastTable(const DemandCases& cases) : cases_(cases) {
    text_ = "date";
    for (const std::string& key : cases.keys) text_ += "," + key;
    text_ += ",forecast,q10,q50,q90\n";
  }

  void add(bodega::Day day, bodega::ItemIndex series, float units,
           const std::array<float, 3>& quantiles) {
    std::vector<std::string> numbers = {day.to_string(), fixed(double{units}, 6)};
    for (const float quantile : quantiles) numbers.push_back(fixed(double{quantile}, 4));
    std::vector<std::string_view> fields = {numbers[0]};
    const auto& key = cases_.series[series.value()];
    fields.insert(fields.end(), key.begin(), key.end());
    fields.insert(fields.end(), numbers.begin() + 1, numbers.end());
    bodega::append_csv(text_, fields);
  }

  const std::string& text() const noexcept { return text_; }

 private:
  const DemandCases& cases_;
  std::string text_;
};

}  // namespace bodega_benchmark
