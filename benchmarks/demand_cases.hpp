// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <bodega/core/error.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/csv.hpp>
#include <bodega/data/daily_sales.hpp>
#include <bodega/data/string_table.hpp>

/// Reads a folder of daily demand: who sold what on which day (demand.csv), and from which day on
/// is validated and tested (meta.json).
namespace bodega_benchmark {

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
  bodega::DailySales sales;                      ///< a day on which no series is open has no trade
  bodega::Day valid_from, test_from;
  std::vector<DemandCase> test;                  ///< the scored rows of the test part
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

inline void read_demand_meta(const std::filesystem::path& path, DemandCases& cases) {
  std::ifstream file = open_demand(path);
  try {
    const auto meta = nlohmann::json::parse(file);
    if (const std::string protocol = meta.at("protocol"); protocol != "demand")
      throw bodega::Error(bodega::ErrorCode::invalid_argument, path.string(), "protocol 'demand'",
                          "'" + protocol + "'");
    meta.at("dataset").get_to(cases.dataset);
    meta.at("keys").get_to(cases.keys);
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
};

/// Reads the rows; adds the series and the scored test rows to the cases.
inline std::vector<DemandRow> read_demand_rows(const std::filesystem::path& path,
                                               DemandCases& cases) {
  std::ifstream file = open_demand(path);
  bodega::CsvReader csv(file, path.string());
  const bodega::CsvHeader header(csv);
  const std::size_t date = header.need("date"), sales = header.need("sales"),
                    open = header.need("open"), part = header.need("part"),
                    scored = header.need("scored");
  std::vector<std::size_t> keys;
  for (const std::string& key : cases.keys) keys.push_back(header.need(key));

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
    if (!text.empty()) {
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), row.sold);
      if (error != std::errc() || end != text.data() + text.size() || !(row.sold >= 0) ||
          !std::isfinite(row.sold))
        throw bodega::Error(bodega::ErrorCode::format, where(sales),
                            "a number of 0 or more, or nothing", "'" + std::string(text) + "'");
    }
    if (!flag(open)) row.sold = std::nanf("");
    if (flag(scored) && field[part] == "test") {
      if (std::isnan(row.sold))
        throw bodega::Error(bodega::ErrorCode::format, where(scored), "0 where sales are not known",
                            "1");
      cases.test.push_back({row.series, row.day, row.sold});
    }
    rows.push_back(row);
  }
  return rows;
}

/// A table of sales knows days without trade, but not series that are closed or unknown on a day
/// on which others trade; to take those for zero demand would be wrong.
inline bodega::DailySales daily_sales(const std::vector<DemandRow>& rows, std::size_t series,
                                      const std::string& name) {
  if (rows.empty()) throw bodega::Error(bodega::ErrorCode::missing, name, "rows", "none");
  const auto earlier = [](const DemandRow& a, const DemandRow& b) { return a.day < b.day; };
  const auto [first, last] = std::minmax_element(rows.begin(), rows.end(), earlier);
  const auto days = static_cast<std::size_t>(last->day - first->day) + 1;
  bodega::DailySales sales(series, first->day, days);
  enum : std::uint8_t { no_row, unknown, known };
  std::vector<std::uint8_t> state(series * days, no_row);
  for (const DemandRow& row : rows) {
    auto& at = state[row.series.value() * days + static_cast<std::size_t>(row.day - first->day)];
    if (at != no_row)
      throw bodega::Error(bodega::ErrorCode::duplicate, name + ":" + std::to_string(row.line),
                          "a series and day once", "them again");
    at = std::isnan(row.sold) ? unknown : known;
    if (at == known) sales.add(row.series, row.day, row.sold);
  }
  for (std::size_t s = 0; s < series; ++s) {
    bool started = false;
    for (std::size_t d = 0; d < days; ++d) {
      const auto at = state[s * days + d];
      started = started || at != no_row;
      if (started && sales.traded(d) && at != known)
        throw bodega::Error(bodega::ErrorCode::missing, name,
                            "sales of every series on a day with trade, from its first row on",
                            "none of series " + std::to_string(s + 1) + " on " +
                                sales.day(d).to_string());
    }
  }
  return sales;
}

}  // namespace detail

/// Error (io, format, missing, duplicate) naming file and line of what is not as make_demand.py
/// writes it, (invalid_argument) where the cases are of another protocol.
inline DemandCases read_demand_cases(const std::filesystem::path& folder) {
  if (!std::filesystem::is_directory(folder))
    throw bodega::Error(bodega::ErrorCode::io, folder.string(),
                        "a case folder (made by make_demand.py)", "no folder");
  DemandCases cases;
  detail::read_demand_meta(folder / "meta.json", cases);
  const std::filesystem::path table = folder / "demand.csv";
  const auto rows = detail::read_demand_rows(table, cases);
  cases.sales = detail::daily_sales(rows, cases.series.size(), table.string());
  return cases;
}

}  // namespace bodega_benchmark
