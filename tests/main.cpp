// SPDX-License-Identifier: MIT
#define CATCH_CONFIG_MAIN  // Catch2 2; Catch2 3 brings its main as a library
#include "catch.hpp"
