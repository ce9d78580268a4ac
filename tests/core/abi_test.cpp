// SPDX-License-Identifier: MIT
#include <bodega/core/abi.hpp>

#include <string>
#include <type_traits>
#include <typeinfo>

#include <bodega/core/error.hpp>

#include "catch.hpp"

#define BODEGA_TEST_TEXT_OF(name) #name
#define BODEGA_TEST_TEXT(name) BODEGA_TEST_TEXT_OF(name)

TEST_CASE("the library's names hold its version and the instruction set") {
  const std::string abi = BODEGA_TEST_TEXT(BODEGA_ABI);
  CHECK(abi.rfind("v" BODEGA_TEST_TEXT(BODEGA_VERSION_MAJOR) "_" BODEGA_TEST_TEXT(
                      BODEGA_VERSION_MINOR) "_",
                  0) == 0);
  CHECK(abi.find(BODEGA_TEST_TEXT(BODEGA_ISA)) != std::string::npos);
  CHECK(std::string(typeid(bodega::Error).name()).find(abi) != std::string::npos);
  CHECK(std::is_same_v<bodega::Error, bodega::BODEGA_ABI::Error>);
}
