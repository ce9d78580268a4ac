// SPDX-License-Identifier: MIT
#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include "catch.hpp"

namespace bodega_test {

/// A file of the slice that is shipped with the examples; always there.
inline std::filesystem::path example_data(const std::string& name) {
  return std::filesystem::path(BODEGA_EXAMPLE_DATA) / name;
}

/// A larger file that is not shipped, for instance "online_retail.csv.gz": looked for in the folder
/// BODEGA_SHARED_DATA (environment, else CMake) and its data/. Where it is absent the test says so
/// and goes without.
inline std::optional<std::filesystem::path> shared_data(const std::string& name) {
  const char* set = std::getenv("BODEGA_SHARED_DATA");
  const std::filesystem::path folder = set ? set : BODEGA_SHARED_DATA;
  for (const auto& path : {folder / "data" / name, folder / name})
    if (std::filesystem::exists(path)) return path;
  WARN("left out, no " << name << " in BODEGA_SHARED_DATA (" << folder.string() << ")");
  return std::nullopt;
}

}  // namespace bodega_test
