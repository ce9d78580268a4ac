// SPDX-License-Identifier: MIT
#include <bodega/tensor/parameters.hpp>

#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "toy_models.hpp"

using namespace bodega;
using namespace bodega_test;

namespace {

using Listed = std::vector<std::pair<std::string, bool>>;  // name, is it a weight

template <class Model>
Listed tensors_of(Model& model, const std::string& prefix = {}) {
  Listed listed;
  for_each_tensor(
      model,
      [&](const std::string& name, const auto&, Role role) {
        listed.emplace_back(name, role == Role::weight);
      },
      prefix);
  return listed;
}

struct Pair {
  ToyNet<2> first;
  ToyItems<QuantizedCsrMatrix> second;
  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("first", self.first);
    visit("second", self.second);
  }
};

}  // namespace

TEST_CASE("parameters are listed by name, weight formats as one") {
  const Pair pair;
  Listed listed;
  for_each_parameter(pair, [&](const std::string& name, const auto&, Role role) {
    listed.emplace_back(name, role == Role::weight);
  });
  CHECK(listed == Listed{{"first.input", true},
                         {"first.recurrent", true},
                         {"first.bias", false},
                         {"first.scale", false},
                         {"second.weights", true}});
}

TEST_CASE("tensors are listed by name, and only stored weights have the role of weights") {
  const Pair pair;
  CHECK(tensors_of(pair, "p") == Listed{{"p.first.input", true},
                                        {"p.first.recurrent", true},
                                        {"p.first.bias", false},
                                        {"p.first.scale", false},
                                        {"p.second.weights.stored.pattern.columns", false},
                                        {"p.second.weights.stored.pattern.row_begin", false},
                                        {"p.second.weights.stored.pattern.column", false},
                                        {"p.second.weights.stored.values", true},
                                        {"p.second.weights.quantization.scale", false},
                                        {"p.second.weights.quantization.zero_point", false}});
  const ToyNet<2, QuantizedMatrix> quantized;
  CHECK(tensors_of(quantized) == Listed{{"input.stored", true},
                                        {"input.quantization.scale", false},
                                        {"input.quantization.zero_point", false},
                                        {"recurrent.stored", true},
                                        {"recurrent.quantization.scale", false},
                                        {"recurrent.quantization.zero_point", false},
                                        {"bias", false},
                                        {"scale", false}});
}

TEST_CASE("a visitor changes a model that is not const") {
  auto net = toy_net<4>();
  for_each_tensor(net, [](const std::string&, auto& leaf, Role role) {
    if constexpr (requires { leaf.values(); })
      if (role == Role::weight) leaf.values()[0] = 9;
  });
  CHECK(net.input(0, 0) == 9.0f);
  CHECK(net.recurrent(0, 0) == 9.0f);
  CHECK(net.bias[0] == 0.25f);
}

TEST_CASE("parameters are counted") {
  CHECK(count_parameters(toy_net<4>()) == 3 * 4 + 4 * 4 + 4 + 1);
  const auto items = toy_items();
  CHECK(count_parameters(items) == 1 + 13 + 2 * items.weights.size());
}

static_assert(Parameterised<Pair>);
static_assert(!Parameterised<int>);
static_assert(TensorLeaf<std::vector<char>> && TensorLeaf<bool> && TensorLeaf<Matrix<double>>);
static_assert(!TensorLeaf<std::vector<bool>>);
static_assert(WeightFormat<QuantizedCsrMatrix> && !WeightFormat<Matrix<double>>);
static_assert(Validated<ToyItems<>> && !Validated<Pair>);
