// SPDX-License-Identifier: MIT
//
// One shop from receipts to answers: reads a slice of real receipts, learns who goes with whom and
// what sells tomorrow, makes it small, puts it into one file, and opens that file at a till.
//
//   quickstart [DATA FOLDER] [OUTPUT FILE]

#include "quickstart.hpp"

#include <chrono>
#include <cstdio>
#include <exception>

#include <bodega/core/progress_line.hpp>

namespace quickstart {

void title(std::string_view text) {
  std::printf("\n%.*s\n", static_cast<int>(text.size()), text.data());
  std::printf("%s\n", std::string(text.size(), '-').c_str());
  std::fflush(stdout);  // also where the output is a file: who waits sees how far it is
}

void end_row(std::size_t bytes) {
  if (bytes > 0) std::printf("   %9zu", bytes);
  std::printf("\n");
}

}  // namespace quickstart

int main(int argc, char** argv) {
  using namespace quickstart;
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  const std::string file = argc > 2 ? argv[2] : "store.bodega";
  try {
    const bodega::ProgressLine progress;
    const Shop shop = read_shop(argc > 1 ? argv[1] : BODEGA_EXAMPLE_DATA, progress);
    const ItemModels items = learn_items(shop, progress);
    const DemandModels demand = learn_demand(shop, progress);
    write_file(shop, items, demand, file);
    ask_till(shop, demand, file);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "\nquickstart: %s\n", error.what());
    return 1;
  }
  std::printf("\nAll of it took %.1f seconds.\n",
              std::chrono::duration<double>(Clock::now() - start).count());
}
