// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <bodega/core/random.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/tensor/validate.hpp>

/// Small models for tests of what walks parameters: one of each way that numbers can stand in a
/// model, without the rules of a real one.
namespace bodega_test {

/// Numbers in [-1, 1) that the seed names.
inline bodega::Matrix<float> random_matrix(std::size_t rows, std::size_t columns,
                                           std::uint64_t seed) {
  const bodega::CounterRandom random(seed);
  bodega::Matrix<float> m(rows, columns);
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < columns; ++j) m(i, j) = 2 * random.uniform(i, j) - 1;
  return m;
}

/// About `share` of the entries are stored; row 1 has none.
inline bodega::CsrMatrix<float> random_sparse(std::size_t rows, std::size_t columns, float share,
                                              std::uint64_t seed) {
  const bodega::CounterRandom random(seed);
  bodega::CsrMatrix<float> m(columns);
  for (std::size_t i = 0; i < rows; ++i) {
    std::vector<std::uint32_t> at;
    std::vector<float> values;
    for (std::size_t j = 0; j < columns && i != 1; ++j) {
      if (random.uniform(i, 2 * j) >= share) continue;
      at.push_back(static_cast<std::uint32_t>(j));
      values.push_back(2 * random.uniform(i, 2 * j + 1) - 1);
    }
    m.add_row(at, values);
  }
  return m;
}

/// A network in the manner of an LSTM: `Width` is fixed by the type.
template <int Width, bodega::WeightFormat W = bodega::Matrix<float>>
struct ToyNet {
  static constexpr std::string_view kind = "toy_net";
  template <bodega::WeightFormat V>
  using with_weights = ToyNet<Width, V>;

  W input, recurrent;
  std::vector<float> bias = std::vector<float>(Width, 0.25f);
  float scale = 1.5f;

  void validate(const std::string& where) const {
    bodega::validate_weights(input, where + ", input");
    bodega::validate_weights(recurrent, where + ", recurrent");
    bodega::validate_size(input.columns(), Width, where + ", columns of input");
    bodega::validate_size(recurrent.columns(), Width, where + ", columns of recurrent");
    bodega::validate_size(bias.size(), Width, where + ", bias");
    bodega::validate_finite(bias, where + ", bias");
  }
  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("input", self.input, bodega::Role::weight);
    visit("recurrent", self.recurrent, bodega::Role::weight);
    visit("bias", self.bias);
    visit("scale", self.scale);
  }
  bool operator==(const ToyNet&) const = default;
};

template <int Width>
ToyNet<Width> toy_net(std::uint64_t seed = 1) {
  ToyNet<Width> net;
  net.input = random_matrix(3, Width, seed);
  net.recurrent = random_matrix(Width, Width, seed + 1);
  return net;
}

/// Item-item weights, with an index that is not among the parameters.
template <bodega::WeightFormat W = bodega::CsrMatrix<float>>
struct ToyItems {
  static constexpr std::string_view kind = "toy_items";
  template <bodega::WeightFormat V>
  using with_weights = ToyItems<V>;

  W weights;
  std::size_t restored_rows = 0;

  void validate(const std::string& where) const {
    bodega::validate_weights(weights, where + ", weights");
    bodega::validate_size(weights.columns(), weights.rows(), where + ", columns of weights");
  }
  void restore() { restored_rows = weights.rows(); }
  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("weights", self.weights, bodega::Role::weight);
  }
};

inline ToyItems<> toy_items(std::size_t items = 12, std::uint64_t seed = 5) {
  return {random_sparse(items, items, 0.4f, seed)};
}

/// Every kind of leaf, and a model within a model.
struct ToyTable {
  static constexpr std::string_view kind = "toy_table";

  struct Options {
    bool flag = true;
    std::uint64_t large = 0;
    double ratio = 0.5;
    template <class Self, class Visit>
    static void parameters(Self& self, Visit&& visit) {
      visit("flag", self.flag);
      visit("large", self.large);
      visit("ratio", self.ratio);
    }
    bool operator==(const Options&) const = default;
  };

  Options options;
  std::vector<char> text;
  std::vector<std::size_t> begin;
  std::vector<std::int64_t> prices;
  std::vector<std::int8_t> small;
  std::vector<float> units;
  bodega::Matrix<double> table;

  void validate(const std::string& where) const {
    bodega::validate_size(units.size(), prices.size(), where + ", units");
  }
  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("options", self.options);
    visit("text", self.text);
    visit("begin", self.begin);
    visit("prices", self.prices);
    visit("small", self.small);
    visit("units", self.units);
    visit("table", self.table);
  }
  bool operator==(const ToyTable&) const = default;
};

inline ToyTable toy_table() {
  ToyTable table;
  table.options.large = std::uint64_t{1} << 40;
  table.text = {'t', 'e', 'a', static_cast<char>(0xC3), static_cast<char>(0xA9)};
  table.begin = {0, 3, 5};
  table.prices = {-120'000, 25'000};
  table.small = {-128, 0, 127};
  table.units = {0.5f, -0.0f};
  table.table = bodega::Matrix<double>(2, 1, std::vector<double>{1.0 / 3, 1e300});
  return table;
}

}  // namespace bodega_test
