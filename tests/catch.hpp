// SPDX-License-Identifier: MIT
#pragma once

// Catch2 3 where it is installed, else the single header of Catch2 2.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
namespace bodega_test {
using Approx = Catch::Approx;
}
#else
#include <catch2/catch.hpp>
namespace bodega_test {
using Approx = Catch::Detail::Approx;
}
#endif
