// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <bodega/core/error.hpp>
#include <bodega/data/catalog.hpp>
#include <bodega/data/catalog_reader.hpp>
#include <bodega/data/csv.hpp>
#include <bodega/data/string_table.hpp>

#include "support/arguments.hpp"
#include "support/cases.hpp"
#include "support/report_lines.hpp"

namespace bodega_benchmark {

/// The catalogue of the cases with names out of a CSV file, which may name an item on several
/// lines: its first texts that are not empty count.
inline bodega::Catalog read_names(const Cases& cases, const std::string& path, std::string_view id,
                                  const std::vector<std::string>& texts) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw bodega::Error(bodega::ErrorCode::io, path, "a file to read", "none");
  bodega::CsvReader csv(file, path);
  const bodega::CsvHeader header(csv);
  const std::size_t id_column = header.need(id);
  std::vector<std::size_t> columns;
  for (const std::string& text : texts) columns.push_back(header.need(text));
  std::vector<std::string> name(cases.items.size());
  while (csv.next()) {
    header.check(csv);
    std::string code(csv.fields()[id_column]);
    bodega::upper_case_trimmed(code);
    const std::uint32_t item = cases.items.find(code);
    if (item == bodega::StringSet::none || !name[item].empty()) continue;
    for (const std::size_t column : columns)
      name[item].append(name[item].empty() ? "" : " ").append(csv.fields()[column]);
  }
  bodega::Catalog catalog;
  for (std::size_t i = 0; i < name.size(); ++i)
    catalog.add({.id = std::string(cases.items[i]), .description = name[i]});
  return catalog;
}

/// The whole of the `main` of a report on cases whose items have names: reads the command line, the
/// cases and the names, and calls `report(cases, catalog, lines)`. Returns the exit status.
template <class Report>
int report_on_named_items(int argc, char** argv, const std::string& about, Report&& report) {
  std::filesystem::path folder, items, json;
  std::string id;
  std::vector<std::string> texts;
  Arguments arguments(about);
  arguments.need("--cases", "FOLDER", "made by make_cases.py basket", folder);
  arguments.need("--items", "FILE.csv",
                 "what the items are called; of several lines of an item the first that is not "
                 "empty counts",
                 items);
  arguments.need("--id", "COLUMN", "the item, as the cases have it", id);
  arguments.each("--text", "COLUMN", "a part of its name", texts, 1);
  arguments.take("--json", "FILE", "where what was measured goes, an object a line", json);
  return arguments.run(argc, argv, [&] {
    const Cases cases = read_cases(folder, "basket");
    ReportLines lines;
    report(cases, read_names(cases, items.string(), id, texts), lines);
    lines.save(json);
  });
}

}  // namespace bodega_benchmark
