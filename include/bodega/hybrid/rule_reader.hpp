// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <fstream>
#include <istream>
#include <string>
#include <string_view>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/data/csv.hpp>
#include <bodega/hybrid/rule_set.hpp>
#include <bodega/hybrid/rule_text.hpp>

namespace bodega::inline BODEGA_ABI {

/// Reads rules from CSV with the columns name, rule, items, value, when (rule_text.hpp has how
/// items and conditions are written):
///
///   name,rule,items,value,when
///   no alcohol under 18,require_age,category=wine|beer|spirits,18,
///   summer,boost,category=ice cream,1.5,from=2026-06-01; until=2026-08-31
///   one of a brand,cap,each=brand,1,
///
/// Returns them in their order. Throws Error with file and line for what cannot be read, makes no
/// sense, or contradicts an earlier line; nothing is returned then.
RuleSet read_rules(std::istream& in, const std::string& name);

/// The same from a file. Throws Error(io) where it cannot be read.
RuleSet read_rules(const std::string& path);

#if BODEGA_BODIES

BODEGA_INLINE RuleSet read_rules(std::istream& in, const std::string& name) {
  CsvReader csv(in, name);
  const CsvHeader header(csv);
  std::array<std::size_t, 5> columns{};
  for (std::size_t c = 0; c < columns.size(); ++c) columns[c] = header.need(rule_columns[c]);
  RuleSet rules;
  while (csv.next()) {
    header.check(csv);
    std::array<std::string_view, 5> texts;
    for (std::size_t c = 0; c < columns.size(); ++c) texts[c] = csv.fields()[columns[c]];
    rules.add(parse_rule(texts, csv.where()), csv.where());
  }
  return rules;
}

BODEGA_INLINE RuleSet read_rules(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw Error(ErrorCode::io, path, "a file that can be read", "none");
  return read_rules(in, path);
}

#endif

}  // namespace bodega::inline BODEGA_ABI
