// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <istream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/enum_names.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/options.hpp>
#include <bodega/core/units.hpp>
#include <bodega/core/utf8.hpp>
#include <bodega/data/catalog.hpp>
#include <bodega/data/csv.hpp>
#include <bodega/data/normalise_code.hpp>
#include <bodega/data/number_text.hpp>
#include <bodega/data/string_table.hpp>

namespace bodega::inline BODEGA_ABI {

using NormaliseItem = NormaliseCode;

/// Names of the columns. `id` is needed; an absent or empty name of the others = not there.
struct CatalogColumns {
  std::string id = "id", description = "description", price = "price";
  /// Empty = every other column is an attribute of the name in the header.
  std::vector<std::string> attributes = {};
  char separator = ',';
  /// Between several values in one attribute field; 0 = none.
  char value_separator = '|';

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("id", self.id, "Column of the item's code.");
    visit("description", self.description, "Column of the description.");
    visit("price", self.price, "Column of the price of a unit.");
    visit("attributes", self.attributes, "Columns of the attributes; empty = every other column.");
    visit("separator", self.separator, "Between the columns.");
    visit("value_separator", self.value_separator,
          "Between several values in one attribute field; 0 = none.");
  }
};

/// What a line that cannot be read does.
enum class Malformed {
  strict,  ///< throws
  lenient  ///< is left out, counted, and among the first offenders of the report
};
constexpr auto enum_names(Malformed) noexcept {
  using enum Malformed;
  return std::to_array<EnumName<Malformed>>({{strict, "strict"}, {lenient, "lenient"}});
}

struct CatalogOptions {
  CatalogColumns columns = {};
  NormaliseItem normalise = {};
  Malformed malformed = Malformed::strict;
  DecimalMark decimal_mark = DecimalMark::infer;
  std::size_t max_offenders = 10;

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    CatalogColumns::options(self.columns, visit);
    visit("normalise", self.normalise,
          "Changes item codes: rules, such as upper_case_trimmed, or a function.");
    visit("malformed", self.malformed, "What becomes of a bad line.");
    visit("decimal_mark", self.decimal_mark, "Of prices; inferred from the whole column.");
    visit("max_offenders", self.max_offenders, "Malformed lines that the report shows.");
  }
};

/// What became of every line of a catalogue: lines = items + malformed.
struct CatalogReport {
  struct Offender {
    std::size_t line = 0;
    Error error;
  };
  std::size_t lines = 0, items = 0, malformed = 0;
  std::size_t rounded = 0;  ///< prices of more places than are kept
  std::vector<Offender> first_offenders = {};
};

/// Reads a catalogue from CSV with a header. An empty price is not known, an empty attribute is
/// none. Throws Error (missing, format, duplicate, out_of_range, io) with file and line, for a
/// double id with both lines; nothing is returned then. A lenient read leaves out lines without an
/// id, with the id of an earlier line or with a price that cannot be read; `report` counts them.
Catalog read_catalog(std::istream& in, const std::string& name, const CatalogOptions& options,
                     CatalogReport* report = nullptr);

Catalog read_catalog(std::istream& in, const std::string& name, const CatalogColumns& columns = {},
                     const NormaliseItem& normalise = {});

Catalog read_catalog(const std::filesystem::path& path, const CatalogOptions& options,
                     CatalogReport* report = nullptr);

inline Catalog read_catalog(const std::filesystem::path& path, const CatalogColumns& columns = {},
                            const NormaliseItem& normalise = {}) {
  return read_catalog(path, CatalogOptions{.columns = columns, .normalise = normalise});
}

#if BODEGA_BODIES

BODEGA_INLINE Catalog read_catalog(std::istream& in, const std::string& name,
                                   const CatalogOptions& options, CatalogReport* report) {
  const CatalogColumns& columns = options.columns;
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

  CatalogReport counts;
  const auto refuse = [&](std::size_t line, Error error) {
    if (options.malformed == Malformed::strict) throw error;
    ++counts.malformed;
    if (counts.first_offenders.size() < options.max_offenders)
      counts.first_offenders.push_back({line, std::move(error)});
  };
  // Prices are read when all are there and have told how they are written.
  struct Draft {
    Item item;
    std::string price;
    std::size_t line;
  };
  std::vector<Draft> drafts;
  StringSet ids;
  NumberColumn prices(options.decimal_mark);
  for (CsvReader::Step step; (step = csv.step()) != CsvReader::Step::end;) {
    ++counts.lines;
    if (step == CsvReader::Step::malformed) {
      refuse(csv.line(), csv.fault());
      continue;
    }
    const auto fields = csv.fields();
    if (fields.size() != header.size()) {
      refuse(csv.line(), header.fault(csv));
      continue;
    }
    Draft draft{{.id = std::string(fields[id])}, {}, csv.line()};
    if (options.normalise) options.normalise(draft.item.id);
    if (draft.item.id.empty()) {
      refuse(csv.line(), Error(ErrorCode::format, csv.where() + ", column " + columns.id,
                               "an item id", "an empty field"));
      continue;
    }
    if (const std::uint32_t known = ids.find(draft.item.id); known != StringSet::none) {
      refuse(
          csv.line(),
          Error(ErrorCode::duplicate, csv.where() + ", column " + columns.id, "each item id once",
                "'" + draft.item.id + "' as in line " + std::to_string(drafts[known].line)));
      continue;
    }
    if (description != CsvHeader::absent) draft.item.description = fields[description];
    if (price != CsvHeader::absent) draft.price = fields[price];
    prices.learn(draft.price, csv.line());
    for (const std::size_t a : attributes) {
      std::string_view rest = fields[a];
      while (!rest.empty()) {
        const std::size_t end =
            columns.value_separator != 0 ? rest.find(columns.value_separator) : rest.npos;
        if (end != 0) draft.item.attributes.emplace_back(header[a], rest.substr(0, end));
        rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
      }
    }
    ids.add(draft.item.id);
    drafts.push_back(std::move(draft));
  }
  if (prices.mark() == DecimalMark::infer && !prices.ambiguous().empty())
    throw ambiguous_number(
        name + ":" + std::to_string(prices.ambiguous_line()) + ", column " + columns.price,
        prices.ambiguous());

  Catalog catalog;
  for (Draft& draft : drafts) {
    if (!draft.price.empty()) {
      bool rounded = false;
      const auto parsed = prices.read<Money>(draft.price, &rounded);
      if (!parsed || *parsed < Money()) {
        refuse(draft.line,
               Error(ErrorCode::format,
                     name + ":" + std::to_string(draft.line) + ", column " + columns.price,
                     "a price of 0 or more such as 2.55", "'" + draft.price + "'"));
        continue;
      }
      draft.item.price = *parsed;
      counts.rounded += rounded;
    }
    catalog.add(draft.item);
  }
  counts.items = catalog.size();
  if (report != nullptr) *report = std::move(counts);
  return catalog;
}

BODEGA_INLINE Catalog read_catalog(std::istream& in, const std::string& name,
                                   const CatalogColumns& columns, const NormaliseItem& normalise) {
  return read_catalog(in, name, CatalogOptions{.columns = columns, .normalise = normalise});
}

BODEGA_INLINE Catalog read_catalog(const std::filesystem::path& path, const CatalogOptions& options,
                                   CatalogReport* report) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw Error(ErrorCode::io, path.string(), "a file to read", "none that can be opened");
  return read_catalog(in, path.string(), options, report);
}

#endif

}  // namespace bodega::inline BODEGA_ABI
