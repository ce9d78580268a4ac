// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <bodega/data/daily_sales.hpp>
#include <bodega/forecast/recurrent/recurrent.hpp>

#include "catch.hpp"

namespace bodega_test {

/// A file of golden/make_golden.py: named lists of numbers.
class Golden {
 public:
  explicit Golden(const std::string& file) {
    std::ifstream in(std::filesystem::path(BODEGA_TESTS) / "forecast/golden" / file);
    REQUIRE(in);
    for (std::string line; std::getline(in, line);) {
      std::istringstream fields(line);
      std::string name, number;
      std::getline(fields, name, ',');
      while (std::getline(fields, number, ',')) lists_[name].push_back(std::stof(number));
    }
  }

  const std::vector<float>& operator[](const std::string& name) const { return lists_.at(name); }
  float number(const std::string& name) const { return lists_.at(name).at(0); }

  bodega::DailySales sales() const {
    bodega::DailySales table(3, day(0), 0);
    for (std::uint32_t i = 0; i < 3; ++i)
      for (std::size_t d = 0; d < (*this)["days"].size(); ++d)
        table.add(bodega::ItemIndex(i), day(d), (*this)["sales" + std::to_string(i)][d]);
    for (std::uint32_t i = 0; i < 3; ++i) table.list(bodega::ItemIndex(i), day(0));
    return table;
  }

  template <int Hidden>
  bodega::Lstm<Hidden> model() const {
    using bodega::Matrix;
    REQUIRE(number("hidden") == Hidden);
    bodega::RecurrentParts<> parts;
    parts.inputs.weekday = number("calendar") != 0;
    parts.input = Matrix<float>(parts.inputs.count(), 4 * Hidden, (*this)["input"]);
    parts.recurrent = Matrix<float>(Hidden, 4 * Hidden, (*this)["recurrent"]);
    parts.bias = (*this)["bias"];
    parts.output = Matrix<float>(1, Hidden, (*this)["output"]);
    parts.output_bias = {number("output_bias")};
    parts.prior = number("prior");
    return bodega::Lstm<Hidden>(std::move(parts));
  }

 private:
  bodega::Day day(std::size_t d) const {
    return bodega::Day(static_cast<std::int32_t>((*this)["days"][d]));
  }
  std::map<std::string, std::vector<float>> lists_;
};

}  // namespace bodega_test
