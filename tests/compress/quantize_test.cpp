// SPDX-License-Identifier: MIT
#include <bodega/compress/quantize.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <bodega/compress/prune.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "toy_models.hpp"

using namespace bodega;
using namespace bodega_test;

namespace {

constexpr QuantizeOptions every_option[] = {
    {.scheme = Scheme::symmetric, .granularity = Granularity::per_row},
    {.scheme = Scheme::symmetric, .granularity = Granularity::per_tensor},
    {.scheme = Scheme::affine, .granularity = Granularity::per_row},
    {.scheme = Scheme::affine, .granularity = Granularity::per_tensor},
    {.scheme = Scheme::symmetric, .granularity = Granularity::per_gate},
    {.scheme = Scheme::affine, .granularity = Granularity::per_gate}};

/// Rows of very different range, one of zeros, one constant, one of one sign.
Matrix<float> mixed_rows() {
  Matrix<float> w = random_matrix(6, 33, 8);
  for (float& v : w.row(0)) v *= 1000;
  for (float& v : w.row(1)) v *= 1e-6f;
  for (float& v : w.row(2)) v = 0;
  for (float& v : w.row(3)) v = -0.75f;
  for (float& v : w.row(4)) v = 2 + std::abs(v);
  return w;
}

/// Every weight within half a scale, zeros exactly zero, the scheme's own range kept.
template <class Stored, class Values, class RowOf>
void check_within_half_a_scale(const Stored& small, const Values& w, RowOf&& row_of,
                               const QuantizeOptions& options) {
  CHECK(small.scale().symmetric() == (options.scheme == Scheme::symmetric));
  CHECK(small.scale().per_row() == (options.granularity == Granularity::per_row));
  double worst = 0;
  std::size_t at = 0;
  for (const float v : w.values()) {
    const std::size_t row = row_of(at);
    const std::int8_t stored = small.stored().values()[at++];
    const double scale = small.scale().scale(row);
    worst = std::max(worst, std::abs(double{v} - double{small.scale().real(row, stored)}) / scale);
    if (v == 0) CHECK(small.scale().real(row, stored) == 0.0f);
    if (options.scheme == Scheme::symmetric) CHECK(stored >= -127);
  }
  CHECK(worst <= 0.5 + 1e-5);
}

}  // namespace

TEST_CASE("dense weights differ by at most half a scale") {
  const auto w = mixed_rows();
  for (const auto& options : every_option) {
    const QuantizedMatrix small = quantize(w, options);
    CHECK_NOTHROW(small.validate("small"));
    check_within_half_a_scale(
        small, w, [](std::size_t i) { return i / 33; }, options);
    const Matrix<float> back = dequantize(small);
    for (std::size_t i = 0; i < w.rows(); ++i) CHECK(back(i, 7) == small.at(i, 7));
    // Real values that INT8 can hold are held exactly: once more changes nothing.
    if (options.granularity == Granularity::per_row)
      CHECK(quantize(back, options).stored() == small.stored());
  }
}

TEST_CASE("the range of a scheme is used up") {
  const Matrix<float> w(1, 3, std::vector<float>{-1, 0, 3});
  const auto symmetric = quantize(w, {.scheme = Scheme::symmetric});
  CHECK(symmetric.scale().scale(0) == bodega_test::Approx(3.0 / 127).epsilon(0.001));
  CHECK(symmetric.stored()(0, 2) == 127);
  const auto affine = quantize(w, {.scheme = Scheme::affine});
  CHECK(affine.scale().scale(0) == bodega_test::Approx(4.0 / 255).epsilon(0.001));
  CHECK(affine.scale().zero_point(0) == -64);
  CHECK(affine.stored()(0, 0) == -128);
  CHECK(affine.stored()(0, 2) == 127);
}

TEST_CASE("halves round away from zero") {
  const Matrix<float> w(1, 5, std::vector<float>{0.5f, 1.5f, -0.5f, -2.5f, 127});
  const Matrix<std::int8_t> rounded(1, 5, std::vector<std::int8_t>{1, 2, -1, -3, 127});
  CHECK(quantize(w).stored() == rounded);
}

TEST_CASE("rows of zeros, of one value and of one sign") {
  for (const auto& options : every_option) {
    const auto zeros = quantize(Matrix<float>(2, 3), options);
    CHECK(zeros.scale().scale(0) == 1.0f);
    CHECK(zeros.at(1, 2) == 0.0f);
    for (const float value : {0.75f, -0.75f}) {
      const auto constant = quantize(Matrix<float>(2, 3, value), options);
      CHECK(constant.at(1, 1) == bodega_test::Approx(value).epsilon(0.005));
    }
    const auto none = quantize(Matrix<float>(0, 3), options);
    CHECK(none.rows() == 0);
  }
}

TEST_CASE("very large and very small floats are quantized without overflow") {
  const float most = 0.9f * std::numeric_limits<float>::max();
  const float least = std::numeric_limits<float>::denorm_min();
  for (const auto& options : every_option) {
    const auto large = quantize(Matrix<float>(1, 2, std::vector<float>{-most, most}), options);
    CHECK(large.at(0, 1) == bodega_test::Approx(most).epsilon(0.01));
    const auto tiny = quantize(Matrix<float>(1, 2, std::vector<float>{least, 0}), options);
    CHECK(tiny.at(0, 0) == 0.0f);
  }
}

TEST_CASE("sparse weights differ by at most half a scale and keep their pattern") {
  const auto w = random_sparse(9, 30, 0.4f, 2);
  std::vector<std::size_t> row_of;
  for (std::size_t i = 0; i < w.rows(); ++i) row_of.insert(row_of.end(), w.row(i).size(), i);
  for (const auto& options : every_option) {
    const QuantizedCsrMatrix small = quantize(w, options);
    CHECK_NOTHROW(small.validate("small"));
    CHECK(small.stored().pattern() == w.pattern());
    check_within_half_a_scale(
        small, w, [&](std::size_t at) { return row_of[at]; }, options);
    const CsrMatrix<float> back = dequantize(small);
    CHECK(back.pattern() == w.pattern());
    CHECK(back.at(0, w.row(0).columns[0]) == small.at(0, w.row(0).columns[0]));
  }
}

TEST_CASE("a model is quantized weight by weight and keeps its state") {
  const auto net = toy_net<8>();
  for (const auto& options : every_option) {
    const auto small = quantize(net, options);
    static_assert(std::is_same_v<decltype(small), const ToyNet<8, QuantizedMatrix>>);
    CHECK(small.input == quantize(net.input, options));
    CHECK(small.recurrent == quantize(net.recurrent, options));
    CHECK(small.bias == net.bias);
    CHECK(small.scale == net.scale);
    const auto back = dequantize(small);
    static_assert(std::is_same_v<decltype(back), const ToyNet<8>>);
    CHECK(back.input == dequantize(small.input));
    CHECK(back.bias == net.bias);
  }
}

TEST_CASE("an item-item model is quantized row by row and restored") {
  const auto items = toy_items();
  const auto small = quantize(items);
  static_assert(std::is_same_v<decltype(small), const ToyItems<QuantizedCsrMatrix>>);
  CHECK(small.weights == quantize(items.weights));
  CHECK(small.restored_rows == 12);
  CHECK(dequantize(small).restored_rows == 12);
}

TEST_CASE("pruned weights stay exactly zero") {
  const auto pruned = prune(toy_net<8>(), {.sparsity = 0.5f});
  for (const auto& options : every_option) {
    const auto back = dequantize(quantize(pruned, options));
    for (std::size_t i = 0; i < back.recurrent.size(); ++i)
      if (pruned.recurrent.data()[i] == 0) CHECK(back.recurrent.data()[i] == 0.0f);
  }
}

TEST_CASE("weights that are no numbers are refused by name") {
  auto net = toy_net<8>();
  net.recurrent(1, 0) = std::nanf("");
  CHECK_ERROR(quantize(net), ErrorCode::not_finite, "quantize, recurrent, number 8");
  auto items = toy_items();
  items.weights.values()[2] = INFINITY;
  CHECK_ERROR(quantize(items), ErrorCode::not_finite, "quantize, weights, number 2");
}

TEST_CASE("each gate has its own scale") {
  Matrix<float> w = random_matrix(5, 12, 3);
  for (std::size_t i = 0; i < 5; ++i)
    for (std::size_t j = 8; j < 12; ++j) w(i, j) *= 0.01f;
  for (const Scheme scheme : {Scheme::symmetric, Scheme::affine}) {
    const QuantizeOptions options{.scheme = scheme, .granularity = Granularity::per_gate};
    const auto small = quantize(w, options, "w", 3);
    CHECK(small.scale().blocks() == 3);
    CHECK(small.scale().scales().size() == 3);
    for (std::size_t i = 0; i < 5; ++i)
      for (std::size_t j = 0; j < 12; ++j)
        CHECK(std::abs(small.at(i, j) - w(i, j)) <= 0.5001f * small.scale().scale(i, j / 4));
    // One scale for all would leave the last gate a hundredth of the steps.
    CHECK(small.scale().scale(0, 2) < 0.02f * small.scale().scale(0, 0));
    CHECK(dequantize(small)(4, 11) == small.at(4, 11));
  }
  CHECK_ERROR(quantize(w, {.granularity = Granularity::per_gate}, "w", 5), ErrorCode::shape, "w");
}

TEST_CASE("fewer bits use fewer values, and clip what is rare") {
  Matrix<float> w = random_matrix(4, 200, 9);
  for (const int bits : {2, 3, 4, 5, 6, 7, 8})
    for (const Scheme scheme : {Scheme::symmetric, Scheme::affine}) {
      CAPTURE(bits);
      const auto small = quantize(w, {.scheme = scheme, .bits = bits});
      const int most = (1 << (bits - 1)) - 1, least = scheme == Scheme::affine ? -most - 1 : -most;
      const auto [low, high] =
          std::minmax_element(small.stored().values().begin(), small.stored().values().end());
      CHECK(*low >= least);
      CHECK(*high <= most);
      CHECK(*high > most / 2);
      double squares = 0;
      for (std::size_t i = 0; i < w.size(); ++i)
        squares += std::pow(small.at(i / 200, i % 200) - w.values()[i], 2.0f);
      // Uniform weights: the error is that of rounding to steps of 2 / values.
      const double step = 2.0 / (most - least);
      CHECK(squares / 800 < 1.25 * step * step / 12);
    }
  w(0, 0) = 4;  // to hold it, all others would be told apart by half as many steps
  const auto clipped = quantize(w, {.granularity = Granularity::per_tensor, .bits = 4});
  const auto whole = quantize(w, {.granularity = Granularity::per_tensor});
  CHECK(clipped.scale().scale(0) < 0.8f * 4 / 7);
  CHECK(whole.at(0, 0) == bodega_test::Approx(4).epsilon(0.001));
  for (const int bad : {-1, 0, 1, 9})
    CHECK_ERROR(quantize(w, {.bits = bad}), ErrorCode::out_of_range, "bits");
}

namespace {

template <WeightFormat W>
struct ConstantNetOf {
  static constexpr std::string_view kind = "constant_net";
  template <WeightFormat V>
  using with_weights = ConstantNetOf<V>;
  W weights, effects;
  void validate(const std::string&) const {}
  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("weights", self.weights, Role::weight);
    visit("effects", self.effects, Role::constant);
  }
};

}  // namespace

TEST_CASE("constants keep 8 bits and are not pruned") {
  const ConstantNetOf<Matrix<float>> net{random_matrix(2, 50, 1), random_matrix(1, 20, 2)};
  const auto small = quantize(net, {.bits = 4});
  CHECK(small.weights == quantize(net.weights, {.bits = 4}));
  CHECK(small.effects == quantize(net.effects));
  const auto pruned = prune(net, {.sparsity = 0.9f});
  CHECK(pruned.effects == net.effects);
  CHECK(std::count(pruned.weights.values().begin(), pruned.weights.values().end(), 0.0f) == 90);
}

TEST_CASE("states may be rounded to halves") {
  auto net = toy_net<8>();
  net.bias[1] = 0.1f;
  net.bias[2] = 1e-7f;
  net.scale = 1e6f;
  const auto rounded = with_half_states(net);
  CHECK(rounded.input == net.input);
  CHECK(rounded.bias[0] == net.bias[0]);
  CHECK(rounded.bias[1] != 0.1f);
  CHECK(std::abs(rounded.bias[1] - 0.1f) <= 0.1f / 2048);
  CHECK(rounded.bias[2] == 1e-7f);
  CHECK(rounded.scale == 1e6f);
  CHECK(as_if_quantized(net, {.bits = 4}).input == dequantize(quantize(net.input, {.bits = 4})));
}

static_assert(Quantizable<ToyNet<8>> && !Quantizable<ToyTable>);
static_assert(!Quantizable<ToyNet<8, QuantizedMatrix>>, "once is enough");
static_assert(Quantized<ToyItems<QuantizedCsrMatrix>> && !Quantized<ToyItems<>>);
