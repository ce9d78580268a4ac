// SPDX-License-Identifier: MIT
// Stands in for libFuzzer's main: runs the fuzz target once over every file of the given folders,
// and over each file's first half, which is what a broken download looks like.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv) {
  std::size_t files = 0;
  for (int i = 1; i < argc; ++i) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[i])) {
      if (!entry.is_regular_file()) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      const std::vector<char> text{std::istreambuf_iterator<char>(in), {}};
      const std::vector<std::uint8_t> bytes(text.begin(), text.end());
      LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
      LLVMFuzzerTestOneInput(bytes.data(), bytes.size() / 2);
      ++files;
    }
  }
  std::cout << files << " inputs replayed\n";
  return files == 0;  // an empty corpus checks nothing
}
