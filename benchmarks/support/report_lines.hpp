// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "support/text.hpp"

namespace bodega_benchmark {

/// What a program measured, for other programs: one JSON object a line, {"name": .., "value": ..},
/// and where there is an aim also {"relation": "<=" or ">=", "target": ..}.
class ReportLines {
 public:
  void add(const std::string& name, double value) { write({{"name", name}, {"value", value}}); }

  void at_most(const std::string& name, double value, double target) {
    write({{"name", name}, {"value", value}, {"relation", "<="}, {"target", target}});
  }
  void at_least(const std::string& name, double value, double target) {
    write({{"name", name}, {"value", value}, {"relation", ">="}, {"target", target}});
  }

  const std::string& text() const noexcept { return text_; }

  /// Writes them, unless `path` is empty. Throws Error (io).
  void save(const std::filesystem::path& path) const {
    if (!path.empty()) write_file(path, text_);
  }

 private:
  void write(const nlohmann::ordered_json& line) { text_ += line.dump() + "\n"; }

  std::string text_;
};

}  // namespace bodega_benchmark
