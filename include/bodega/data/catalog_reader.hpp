// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <functional>
#include <istream>
#include <string>
#include <string_view>
#include <vector>

#include <bodega/core/error.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/catalog.hpp>
#include <bodega/data/csv.hpp>

namespace bodega {

/// Changes an item code to the one spelling that is used, in place.
using NormaliseItem = std::function<void(std::string& id)>;

/// ASCII letters to upper case, blanks at both ends away: "85123a " is "85123A".
inline void upper_case_trimmed(std::string& id) {
  const std::size_t first = id.find_first_not_of(" \t");
  if (first == std::string::npos) return id.clear();
  id = id.substr(first, id.find_last_not_of(" \t") + 1 - first);
  for (char& c : id)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
}

/// Names of the columns. `id` is needed; an absent or empty name of the others = not there.
struct CatalogColumns {
  std::string id = "id", description = "description", price = "price";
  /// Empty = every other column is an attribute of the name in the header.
  std::vector<std::string> attributes = {};
  char separator = ',';
  /// Between several values in one attribute field; 0 = none.
  char value_separator = '|';
};

/// Reads a catalogue from CSV with a header. An empty price is not known, an empty attribute is
/// none. Error (missing, format, duplicate, out_of_range, io) with file and line, for a double id
/// with both lines; nothing is returned then.
inline Catalog read_catalog(std::istream& in, const std::string& name,
                            const CatalogColumns& columns = {},
                            const NormaliseItem& normalise = {}) {
  CsvReader csv(in, name, columns.separator);
  const CsvHeader header(csv);
  const std::size_t id = header.need(columns.id);
  const std::size_t description = header.find(columns.description);
  const std::size_t price = header.find(columns.price);
  std::vector<std::size_t> attributes;
  for (const std::string& attribute : columns.attributes)
    attributes.push_back(header.need(attribute));
  if (columns.attributes.empty())
    for (std::size_t i = 0; i < header.size(); ++i)
      if (i != id && i != description && i != price && !header[i].empty()) attributes.push_back(i);

  Catalog catalog;
  std::vector<std::size_t> lines;
  while (csv.next()) {
    header.check(csv);
    const auto fields = csv.fields();
    Item item{.id = std::string(fields[id])};
    if (normalise) normalise(item.id);
    if (item.id.empty())
      throw Error(ErrorCode::format, csv.where() + ", column " + columns.id, "an item id",
                  "an empty field");
    if (const ItemIndex known = catalog.find(item.id); !known.is_none())
      throw Error(ErrorCode::duplicate, csv.where() + ", column " + columns.id, "each item id once",
                  "'" + item.id + "' as in line " + std::to_string(lines[known.value()]));
    if (description != CsvHeader::absent) item.description = fields[description];
    if (price != CsvHeader::absent && !fields[price].empty()) {
      const auto parsed = Money::parse(fields[price]);
      if (!parsed || *parsed < Money())
        throw Error(ErrorCode::format, csv.where() + ", column " + columns.price,
                    "a price of 0 or more such as 2.55", "'" + std::string(fields[price]) + "'");
      item.price = *parsed;
    }
    for (const std::size_t a : attributes) {
      std::string_view rest = fields[a];
      while (!rest.empty()) {
        const std::size_t end =
            columns.value_separator != 0 ? rest.find(columns.value_separator) : rest.npos;
        if (end != 0) item.attributes.emplace_back(header[a], rest.substr(0, end));
        rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
      }
    }
    catalog.add(item);
    lines.push_back(csv.line());
  }
  return catalog;
}

inline Catalog read_catalog(const std::filesystem::path& path, const CatalogColumns& columns = {},
                            const NormaliseItem& normalise = {}) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw Error(ErrorCode::io, path.string(), "a file to read", "none that can be opened");
  return read_catalog(in, path.string(), columns, normalise);
}

}  // namespace bodega
