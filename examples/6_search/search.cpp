// SPDX-License-Identifier: MIT
//
// Search as it is typed, with letters missing or wrong, ranked by match and by what sells. It needs
// a catalogue and nothing else.
//
//   search [DATA FOLDER]

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include <bodega/collaborative/shop/popularity.hpp>
#include <bodega/content/search_index.hpp>
#include <bodega/data/catalog_reader.hpp>
#include <bodega/hybrid/search.hpp>

using namespace bodega;

int main(int argc, char** argv) {
  const std::filesystem::path data = argc > 1 ? argv[1] : BODEGA_EXAMPLE_DATA;
  const Catalog catalog = read_catalog(data / "online_retail_items.csv");
  const SearchIndex<> index(catalog);

  // Anything that scores may be the taste: here what sells, of two bags the blue one.
  Baskets baskets(catalog.size());
  const std::vector<ItemIndex> sold = {catalog.at("20728")};
  for (int i = 0; i < 10; ++i) baskets.add({}, {}, sold);
  const Popularity popularity(baskets);

  const ItemMask everything(catalog.size());
  SearchWorkspace workspace(catalog.size());
  for (const char* typed : {"lunch b", "lunsh bag", "tea pot", "22382", "xyzzy"}) {
    std::printf("%s\n", typed);
    const auto picks = search(index, typed, popularity, {}, everything, 3, workspace);
    for (const Pick& pick : picks) {
      std::printf("  %-36s", std::string(catalog.description(pick.item)).c_str());
      for (const Reason& reason : pick.because)
        if (reason.kind == Reason::Kind::matches)
          std::printf(" matches %s", std::string(index.term(reason.term)).c_str());
      std::printf("\n");
    }
    if (picks.empty()) std::printf("  nothing matches\n");
  }
}
