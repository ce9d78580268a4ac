// SPDX-License-Identifier: MIT
// Names and texts of any bytes: the first line of an input is the text that is typed, each other
// line the name of an item. What is found is in the catalogue, once, with a score that is a number,
// and an item is found by its whole name if that has a word that counts.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <bodega/content/content_model_trainer.hpp>
#include <bodega/content/pack_size.hpp>
#include <bodega/content/search_index.hpp>

using namespace bodega;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const auto line = [&] {
    const std::string_view found = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), found.size() + 1));
    return found;
  };
  const std::string_view text = line();
  Catalog catalog;
  while (!rest.empty() && catalog.size() < 50)
    catalog.add({.id = std::to_string(catalog.size()), .description = std::string(line())});
  const SearchIndex index(catalog, {.id_weight = 0});
  index.validate("fuzz");
  fit_content_model(catalog, {.pack_weight = 1}).validate("fuzz");
  SearchMatches matches(catalog.size());
  const auto check = [&] {
    std::vector<bool> seen(catalog.size(), false);
    for (const ItemIndex item : matches.found()) {
      if (item.value() >= catalog.size() || seen[item.value()]) std::abort();
      seen[item.value()] = true;
      if (!(matches.score(item) > 0) || !std::isfinite(matches.score(item))) std::abort();
      if (index.term(matches.term(item)).empty()) std::abort();
    }
  };
  for (const std::size_t letters : {1u, 4u}) {
    index.match(text, matches, {.min_typo_letters = letters});
    check();
  }
  for (std::uint32_t i = 0; i < catalog.size(); ++i) {
    const std::string_view name = catalog.description(ItemIndex(i));
    if (const auto pack = parse_pack_size(name); pack && !(pack->amount > 0 && pack->amount < 1e9))
      std::abort();
    index.match(name, matches);
    check();
    bool has_word = false;
    for_each_word(name.substr(0, SearchMatches::max_text_bytes / 2), 1,
                  [&](std::string_view) { has_word = true; });
    if (has_word && name.size() <= SearchMatches::max_text_bytes &&
        !(matches.score(ItemIndex(i)) > 0))
      std::abort();
  }
  return 0;
}
