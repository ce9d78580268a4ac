// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include <bodega/core/error.hpp>

/// Numbers and lines as the programs print them.
namespace bodega_benchmark {

/// As short as it can be: "0.3", "1000".
inline std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

/// With so many digits after the point.
inline std::string fixed(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

/// The text in lines of at most 100 columns where it has blanks to break at; all but the first are
/// indented by `indent`.
inline std::string wrapped(const std::string& text, std::size_t indent) {
  constexpr std::size_t columns = 100;
  std::string lines, line;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin + 1), text.size());
    if (line.size() + (end - begin) > columns) {
      lines += line + "\n";
      line = std::string(indent, ' ');
      begin += text[begin] == ' ' ? 1 : 0;
    }
    line.append(text, begin, end - begin);
    begin = end;
  }
  return lines + line + "\n";
}

/// Throws Error (io) where the file cannot be written.
inline void write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.flush();
  if (!file)
    throw bodega::Error(bodega::ErrorCode::io, path.string(), "a file to write",
                        "none, or no room");
}

}  // namespace bodega_benchmark
