# SPDX-License-Identifier: MIT
find_package(xsimd REQUIRED)
find_package(Eigen3 REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(Threads REQUIRED)
include(cmake/bodegaXsimd.cmake)
