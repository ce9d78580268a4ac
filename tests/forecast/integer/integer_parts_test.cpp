// SPDX-License-Identifier: MIT
#include <bodega/forecast/integer/integer_parts.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

#include <bodega/forecast/integer/integer_converter.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "forecast/integer/random_networks.hpp"

using namespace bodega;
using namespace bodega_test;

namespace {
constexpr WindowInputs everything{
    .weekday = true, .season = true, .level = true, .gaps = true, .covariates = 3};
}  // namespace

TEST_CASE("parts that do not fit are refused") {
  const IntegerParts parts = to_integer(random_network<LstmCell>(4, {}, 2, true, true)).parts();
  const auto make = [&](auto&& change) {
    IntegerParts changed = parts;
    change(changed);
    return IntegerLstm(std::move(changed));
  };
  CHECK_NOTHROW(make([](IntegerParts&) {}));
  CHECK_ERROR(make([](auto& p) { p.recurrent = {}; }), ErrorCode::shape, "hidden size");
  CHECK_ERROR(make([](auto& p) { p.recurrent = Matrix<std::int8_t>(4 * 257, 257); }),
              ErrorCode::shape, "hidden size");
  CHECK_ERROR(make([](auto& p) { p.input = Matrix<std::int8_t>(16, 8); }), ErrorCode::shape,
              "input");
  CHECK_ERROR(make([](auto& p) { p.bias.pop_back(); }), ErrorCode::shape, "bias");
  CHECK_ERROR(make([](auto& p) { p.multiplier[2] = 0; }), ErrorCode::out_of_range, "multiplier");
  CHECK_ERROR(make([](auto& p) { p.multiplier.clear(); }), ErrorCode::shape, "multiplier");
  CHECK_ERROR(make([](auto& p) { p.output_multiplier[1] = -3; }), ErrorCode::out_of_range,
              "output, multiplier");
  CHECK_ERROR(make([](auto& p) { p.skip_multiplier[1] = 0; }), ErrorCode::out_of_range,
              "skip, multiplier");
  CHECK_ERROR(make([](auto& p) { p.shift[0] = 0; }), ErrorCode::out_of_range, "shift");
  CHECK_ERROR(make([](auto& p) { p.shift[0] = 15; }), ErrorCode::out_of_range, "shift");
  CHECK_ERROR(make([](auto& p) { p.input_shift[1] = 9; }), ErrorCode::out_of_range, "input_shift");
  CHECK_ERROR(make([](auto& p) { p.bias_shift[1] = 31; }), ErrorCode::out_of_range, "bias_shift");
  CHECK_ERROR(make([](auto& p) { p.skip = Matrix<std::int8_t>(2, 13); }), ErrorCode::shape, "skip");
  CHECK_ERROR(make([](auto& p) { p.effects.resize(18); }), ErrorCode::shape, "effects");
  CHECK_ERROR(make([](auto& p) { p.prior = 77; }), ErrorCode::out_of_range, "prior");
  CHECK_ERROR(make([](auto& p) { p.prior_exponent = 101; }), ErrorCode::out_of_range, "prior");
  CHECK_ERROR(make([](auto& p) { p.kinds = 16; }), ErrorCode::out_of_range, "inputs");
  CHECK_ERROR(make([](auto& p) { p.quantiles = {1.5f}; }), ErrorCode::out_of_range, "quantiles");
}

TEST_CASE("sums that could leave 32 bits are refused") {
  IntegerParts parts = to_integer(random_network<LstmCell>(4, everything, 1, false, false)).parts();
  for (std::size_t i = 0; i < parts.input.columns(); ++i) {
    parts.input(2, i) = -127;
    parts.input_shift[i] = 8;
  }
  CHECK_ERROR(IntegerLstm(parts), ErrorCode::out_of_range, "sum 0 of unit 0");
}
