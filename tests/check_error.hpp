// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include <bodega/core/error.hpp>

#include "catch.hpp"

/// Checks that `expression` throws a bodega::Error of that code whose `where` has `part_of_where`
/// in it. Any other exception goes through and fails the test.
#define CHECK_ERROR(expression, expected_code, part_of_where)                            \
  do {                                                                                   \
    bool bodega_threw = false;                                                           \
    try {                                                                                \
      static_cast<void>(expression);                                                     \
    } catch (const bodega::Error& bodega_error) {                                        \
      bodega_threw = true;                                                               \
      INFO(bodega_error.what());                                                         \
      CHECK(std::string(name(bodega_error.code())) == std::string(name(expected_code))); \
      INFO("where should have in it: " << part_of_where);                                \
      CHECK(bodega_error.where().find(part_of_where) != std::string::npos);              \
    }                                                                                    \
    if (!bodega_threw) FAIL_CHECK("no Error from: " #expression);                        \
  } while (false)
