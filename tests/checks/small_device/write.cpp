// SPDX-License-Identifier: MIT
// Writes two forecasters as headers, and windows with what the library's integer path answers them.
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include <bodega/forecast/integer/export_header.hpp>
#include <bodega/forecast/integer/integer_converter.hpp>

#include "forecast/integer/random_networks.hpp"

namespace {

using namespace bodega;
using namespace bodega_test;

constexpr WindowInputs everything{
    .weekday = true, .season = true, .level = true, .gaps = true, .covariates = 2};
constexpr std::size_t windows = 300;

struct Row {
  std::string text;
  template <class Numbers>
  void add(const Numbers& numbers, std::size_t count) {
    text += "{";
    for (std::size_t i = 0; i < count; ++i) text += std::to_string(numbers[i]) + ",";
    text += "},";
  }
  void add(std::int64_t number) { text += std::to_string(number) + ","; }
};

template <class Cell>
void write_windows(std::ofstream& out, const IntegerForecaster<Cell>& model, std::size_t covariates,
                   const std::string& name) {
  const WindowTable table(windows, covariates, 9);
  out << "inline constexpr Case " << name << "[] = {\n";
  for (std::size_t i = 0; i < table.size(); ++i) {
    const IntegerQuestion question(model.parts(), table[i]);
    const fixed_point::Window& w = question.window();
    if (!question.valid()) continue;
    fixed_point::Scaled units[32];
    const bool told = model.forecast(w, units);
    Row row;
    row.add(w.sales, 14);
    row.add(w.exponent);
    row.add(w.days, 14);
    row.add(w.target);
    row.add(w.known);
    const std::vector<std::int16_t> none(2 * 15, 0);
    row.add(covariates > 0 ? w.covariates : none.data(), 2 * 15);
    row.add(w.series);
    row.add(w.has_level);
    row.add(w.level.mantissa);
    row.add(w.level.exponent);
    row.add(w.weighed);
    row.add(told);
    row.text += "{";
    for (std::size_t q = 0; q < 3; ++q) {
      const bool is_there = q <= model.quantiles().size();
      row.add(is_there ? units[q].mantissa : 0);
      row.add(is_there ? units[q].exponent : 0);
    }
    out << "    {" << row.text << "}},\n";
  }
  out << "};\n";
}

}  // namespace

int main(int, char** argv) {
  const std::string folder = argv[1];
  const auto lstm = to_integer(random_network<LstmCell>(16, {}, 1, false, false));
  const auto gru = to_integer(random_network<GruCell>(9, everything, 3, true, true));
  std::ofstream(folder + "/lstm.hpp") << export_header(lstm, "lstm");
  std::ofstream(folder + "/gru.hpp") << export_header(gru, "gru");
  std::ofstream out(folder + "/windows.hpp");
  out << "#pragma once\n#include <stdint.h>\n"
         "struct Case {\n  int32_t sales[14]; int32_t exponent; int32_t days[14]; int32_t target; "
         "uint32_t known;\n"
         "  int16_t covariates[30]; uint32_t series; bool has_level; uint32_t mantissa; int32_t "
         "level_exponent;\n  bool weighed;\n"
         "  bool told; int32_t answer[6];\n};\n";
  write_windows(out, lstm, 0, "lstm_cases");
  write_windows(out, gru, 2, "gru_cases");
}
