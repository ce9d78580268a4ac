// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <bodega/core/abi.hpp>

namespace bodega::inline BODEGA_ABI {

/// An option and its value as text: a number in its shortest exact form, "true" or "false", the
/// name of an enum's value, a string as it is, "none" of an empty optional, "[1,2]" of a vector.
struct RecordedOption {
  std::string name, value;
  bool operator==(const RecordedOption&) const = default;
};
using OptionsRecord = std::vector<RecordedOption>;

/// A line "name=value" for each option; a line end or backslash in a value is written "\\n",
/// "\\\\".
std::string record_text(const OptionsRecord& record);

/// Reads what `record_text` wrote. A line without '=' is a name without a value.
OptionsRecord parse_record(std::string_view text);

#if BODEGA_BODIES

BODEGA_INLINE std::string record_text(const OptionsRecord& record) {
  std::string text;
  for (const RecordedOption& one : record) {
    if (!text.empty()) text += '\n';
    text += one.name;
    text += '=';
    for (const char c : one.value)
      if (c == '\n')
        text += "\\n";
      else
        text.append(c == '\\' ? 2 : 1, c);
  }
  return text;
}

BODEGA_INLINE OptionsRecord parse_record(std::string_view text) {
  OptionsRecord record;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    const std::size_t equals = std::min(line.find('='), line.size());
    RecordedOption& one =
        record.emplace_back(RecordedOption{std::string(line.substr(0, equals)), {}});
    for (std::size_t i = equals + 1; i < line.size(); ++i)
      if (line[i] != '\\' || i + 1 == line.size())
        one.value += line[i];
      else
        one.value += line[++i] == 'n' ? '\n' : line[i];
  }
  return record;
}

#endif

}  // namespace bodega::inline BODEGA_ABI
