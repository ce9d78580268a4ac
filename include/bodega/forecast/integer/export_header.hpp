// SPDX-License-Identifier: MIT
#pragma once

#include <cctype>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/forecast/integer/integer_forecaster.hpp>

namespace bodega::inline BODEGA_ABI {

namespace detail {

/// Code that the preprocessor made one line of, with a line for each statement and member.
std::string broken_into_lines(std::string_view code);

/// The numbers as a constant, and its name; nothing and "nullptr" where there are none.
class ConstantWriter {
 public:
  template <class Numbers>
  std::string add(const std::string& name, const Numbers& numbers) {
    using T = std::remove_cvref_t<decltype(*numbers.data())>;
    if (numbers.size() == 0) return "nullptr";
    const std::string type =
        std::string(std::is_signed_v<T> ? "int" : "uint") + std::to_string(8 * sizeof(T)) + "_t";
    text_ += "inline constexpr " + type + " " + name + "[] = {";
    std::string line = "\n    ";
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const std::string number =
          std::to_string(numbers.data()[i]) + (i + 1 < numbers.size() ? ", " : "");
      if (line.size() + number.size() > 100) {
        text_ += line.substr(0, line.size() - 1);
        line = "\n    ";
      }
      line += number;
    }
    text_ += line + "};\n";
    bytes_ += numbers.size() * sizeof(T);
    return name;
  }
  const std::string& text() const noexcept { return text_; }
  std::size_t bytes() const noexcept { return bytes_; }

 private:
  std::string text_;
  std::size_t bytes_ = 0;
};

}  // namespace detail

/// The forecaster as a C++17 header of its own: constants and the code that reads them, in the
/// namespace `name`. It needs <stdint.h>, 32-bit integers and what the compiler itself calls
/// (division where the processor has none, memset); no file, heap, exception or floating point.
/// What it answers equals `model` to the bit. It offers
///
///   namespace::forecast(const Window&, Scaled*)         as IntegerForecaster's, all inputs and
///   quantiles namespace::forecast(const int32_t* sales, int32_t target)   14 whole units, units x
///   256 back
///
/// Stack in bytes: 6 H + 4 I + 500 or so. Error (invalid_argument) where `name` is no identifier.
template <class Cell>
std::string export_header(const IntegerForecaster<Cell>& model, const std::string& name) {
  model.validate("export_header");
  const auto is_letter = [](char c) {
    return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_';
  };
  bool is_name = !name.empty() && is_letter(name.front());
  for (const char c : name) is_name = is_name && (is_letter(c) || (c >= '0' && c <= '9'));
  if (!is_name)
    throw Error(ErrorCode::invalid_argument, "export_header, name", "an identifier", name);

  const IntegerParts& p = model.parts();
  detail::ConstantWriter constants;
  std::string members;
  const auto member = [&](const std::string& value) { members += "    " + value + ",\n"; };
  const auto number = [&](auto value) { member(std::to_string(value)); };
  const auto array = [&](const char* constant, const auto& numbers) {
    member(constants.add(constant, numbers));
  };
  const auto scaled = [&](int mantissa, int exponent) {
    member("{" + std::to_string(mantissa) + ", " + std::to_string(exponent) + "}");
  };
  member(std::is_same_v<Cell, GruCell> ? "true" : "false");
  number(p.kinds);
  number(p.input.columns());
  number(p.covariates);
  number(model.hidden());
  number(p.output.rows());
  array("input_weights", p.input);
  array("recurrent_weights", p.recurrent);
  array("bias", p.bias);
  array("multiplier", p.multiplier);
  array("shift", p.shift);
  array("bias_shift", p.bias_shift);
  array("input_shift", p.input_shift);
  array("output_weights", p.output);
  array("output_bias", p.output_bias);
  array("output_multiplier", p.output_multiplier);
  array("output_shift", p.output_shift);
  array("skip_weights", p.skip);
  array("skip_multiplier", p.skip_multiplier);
  array("skip_shift", p.skip_shift);
  array("effects", p.effects);
  number(p.effects.size());
  array("series_levels", p.series);
  number(p.series.size());
  scaled(p.prior, p.prior_exponent);
  scaled(p.prior_days, p.prior_days_exponent);

  const std::string hidden = std::to_string(model.hidden()),
                    inputs = std::to_string(p.input.columns());
  const std::string outputs = std::to_string(p.output.rows());
  return "// A demand forecaster in integers, written by bodega: constants of " +
         std::to_string(constants.bytes()) + " bytes and their code.\n" +
         "// Needs <stdint.h> only; no file, heap, exception, library or floating point.\n"
         "#pragma once\n\n#include <stdint.h>\n\nnamespace " +
         name + " {\n\n" + detail::broken_into_lines(fixed_point::arithmetic_text) +
         detail::broken_into_lines(fixed_point::network_text) + constants.text() +
         "\ninline constexpr Network network = {\n" + members + "};\n\n" +
         "// units[0]: the point forecast, then the quantiles (" + outputs +
         " numbers in all), each mantissa x\n"
         "// 2^exponent units. Days count from 1970-01-01; sales are whole multiples of "
         "2^window.exponent\n"
         "// units, each below 2^27; covariates are in 1/2048. False where nothing tells the "
         "level.\n"
         "inline bool forecast(const Window& window, Scaled* units) {\n"
         "  return forecast<" +
         hidden + ", " + inputs +
         ">(network, window, units);\n}\n\n"
         "// Where each day is a day of trade: the whole units of the 14 days before `target`, "
         "oldest first, to\n"
         "// 256ths of a unit on `target`; -1 where nothing tells the level.\n"
         "inline int32_t forecast(const int32_t* sales, int32_t target) {\n"
         "  int32_t days[14] = {};\n"
         "  for (int32_t d = 0; d < 14; ++d) days[d] = target - 14 + d;\n"
         "  Scaled units[" +
         outputs +
         "] = {};\n"
         "  const Window window = {sales, 0, days, target, 16383, nullptr, 0, 4294967295u, false, "
         "{0, 0}};\n"
         "  return forecast(window, units) ? to_fixed(units[0], 8, 2147483647) : -1;\n}\n\n"
         "}  // namespace " +
         name + "\n";
}

#if BODEGA_BODIES

namespace detail {

BODEGA_INLINE std::string broken_into_lines(std::string_view code) {
  std::string text, line;
  int depth = 0, parentheses = 0, lists = 0;
  const auto end_line = [&] {
    if (line.empty()) return;
    text += std::string(static_cast<std::size_t>(2 * depth), ' ') + line + '\n';
    line.clear();
  };
  for (std::size_t i = 0; i < code.size(); ++i) {
    const char c = code[i];
    if (c == ' ' && line.empty()) continue;
    const bool is_struct = line.starts_with("struct ") && line.find('=') == std::string::npos;
    const bool after_head = line.ends_with(") ") || line.ends_with("else ");
    if (c == '{' && lists == 0 && (is_struct || after_head)) {
      line += c;
      end_line();
      ++depth;
    } else if (c == '{' || c == '}') {
      if (c == '}' && lists == 0) {
        end_line();
        --depth;
        line = code.substr(i).starts_with("};") ? "};" : "}";
        if (line == "};") ++i;
        if (code.substr(i + 1).starts_with(" else")) {
          line += ' ';
          ++i;
        } else {
          end_line();
          if (depth == 0) text += '\n';
        }
        continue;
      }
      lists += c == '{' ? 1 : -1;
      line += c;
    } else {
      parentheses += c == '(' ? 1 : c == ')' ? -1 : 0;
      line += c;
      if (c == ';' && parentheses == 0) end_line();
    }
  }
  end_line();
  return text;
}

}  // namespace detail

#endif

}  // namespace bodega::inline BODEGA_ABI
