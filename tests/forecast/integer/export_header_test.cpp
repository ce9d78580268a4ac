// SPDX-License-Identifier: MIT
#include <bodega/forecast/integer/export_header.hpp>

#include <string>

#include <bodega/forecast/integer/integer_converter.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "forecast/integer/random_networks.hpp"

using namespace bodega;
using namespace bodega_test;

TEST_CASE("a header for small devices has the constants, the code and no floating point") {
  const auto model = to_integer(random_network<LstmCell>(4, {}, 1, false, false));
  const std::string text = export_header(model, "demand");
  CHECK(text.find("namespace demand {") != std::string::npos);
  CHECK(text.find("inline constexpr int8_t recurrent_weights[] = {") != std::string::npos);
  for (const char* word : {"float ", "double ", "std::", "throw", "new ", "bodega::"})
    CHECK(text.find(word) == std::string::npos);
  CHECK_ERROR(export_header(model, ""), ErrorCode::invalid_argument, "name");
  CHECK_ERROR(export_header(model, "4you"), ErrorCode::invalid_argument, "name");
  CHECK_ERROR(export_header(model, "a-b"), ErrorCode::invalid_argument, "name");
  CHECK_ERROR(export_header(IntegerLstm(), "demand"), ErrorCode::shape, "export_header");
}
