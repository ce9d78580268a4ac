// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <limits>
#include <locale>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/options.hpp>
#include <bodega/core/recorded_option.hpp>

/// Options as text and back: the record of how a model was trained.
namespace bodega::inline BODEGA_ABI {

template <OptionValue T>
std::string option_text(const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value ? "true" : "false";
  } else if constexpr (std::is_same_v<T, char>) {
    return std::string(value != '\0' ? 1 : 0, value);
  } else if constexpr (std::is_arithmetic_v<T>) {
    char text[32];
    return {text, std::to_chars(text, text + sizeof(text), value).ptr};
  } else if constexpr (NamedEnum<T>) {
    return std::string(name(value));
  } else if constexpr (std::is_same_v<T, std::string>) {
    return value;
  } else if constexpr (requires { value.has_value(); }) {
    return value ? option_text(*value) : "none";
  } else {
    std::string text = "[";
    for (const auto& one : value) text += (text.size() > 1 ? "," : "") + option_text(one);
    return text + "]";
  }
}

/// Reads what `option_text` wrote. Returns false, and leaves `value` alone, where it is no such
/// text. Strings with a comma within a vector are not told apart.
template <OptionValue T>
bool parse_option(std::string_view text, T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    if (text != "true" && text != "false") return false;
    value = text == "true";
  } else if constexpr (std::is_same_v<T, char>) {
    if (text.size() > 1) return false;
    value = text.empty() ? '\0' : text[0];
  } else if constexpr (std::integral<T>) {
    T parsed{};
    const auto end = std::from_chars(text.data(), text.data() + text.size(), parsed);
    if (end.ec != std::errc{} || end.ptr != text.data() + text.size()) return false;
    value = parsed;
  } else if constexpr (std::floating_point<T>) {
    using Limits = std::numeric_limits<T>;
    if (text == "inf" || text == "-inf" || text == "nan") {
      value = text == "inf"   ? Limits::infinity()
              : text == "nan" ? Limits::quiet_NaN()
                              : -Limits::infinity();
      return true;
    }
    // libc++ has no from_chars for floats before 20.
    std::istringstream in{std::string(text)};
    in.imbue(std::locale::classic());
    T parsed{};
    if (!(in >> parsed) || in.peek() != std::istringstream::traits_type::eof()) return false;
    value = parsed;
  } else if constexpr (NamedEnum<T>) {
    const std::optional<T> named = value_named<T>(text);
    if (!named) return false;
    value = *named;
  } else if constexpr (std::is_same_v<T, std::string>) {
    value = text;
  } else if constexpr (requires { value.has_value(); }) {
    typename T::value_type parsed{};
    if (text == "none")
      value.reset();
    else if (parse_option(text, parsed))
      value = parsed;
    else
      return false;
  } else {
    if (text.size() < 2 || text.front() != '[' || text.back() != ']') return false;
    T parsed;
    for (text = text.substr(1, text.size() - 2); !text.empty();) {
      const std::size_t comma = std::min(text.find(','), text.size());
      typename T::value_type one{};
      if (!parse_option(text.substr(0, comma), one)) return false;
      parsed.push_back(one);
      text.remove_prefix(std::min(comma + 1, text.size()));
    }
    value = std::move(parsed);
  }
  return true;
}

/// Vectors of more elements are data rather than options, and stand in no record.
inline constexpr std::size_t most_recorded = 64;

/// Returns the options that have a text, in the order of their list.
template <OptionsList Options>
OptionsRecord record_of(const Options& options) {
  OptionsRecord record;
  for_each_option(options, [&]<class T>(std::string_view name, const T& value, std::string_view) {
    if constexpr (!std::is_same_v<T, std::string> && requires { value.size(); })
      if (value.size() > most_recorded) return;
    if constexpr (OptionValue<T>) record.push_back({std::string(name), option_text(value)});
  });
  return record;
}

/// Returns options as recorded, to train again as a model was trained; those that the record does
/// not name, and those without text, as in `options`. Names that the list does not have are left
/// out, so that a record may say more. Throws Error (format) on a value that is no such text.
template <OptionsList Options>
Options options_of(const OptionsRecord& record, Options options = {}) {
  for_each_option(options, [&]<class T>(std::string_view name, T& value, std::string_view) {
    if constexpr (OptionValue<T>)
      for (const RecordedOption& one : record)
        if (one.name == name && !parse_option(one.value, value))
          throw Error(ErrorCode::format, "recorded option " + one.name, "a value of its type",
                      "'" + one.value + "'");
  });
  return options;
}

}  // namespace bodega::inline BODEGA_ABI
