// SPDX-License-Identifier: MIT
#pragma once

// The one place the version is written. CMake, Conan and the Python package read these lines.
#define BODEGA_VERSION_MAJOR 0
#define BODEGA_VERSION_MINOR 1
#define BODEGA_VERSION_PATCH 0
