// SPDX-License-Identifier: MIT
#include <cstdio>

#include <bodega/bundle/bundle.hpp>
#include <bodega/compress/quantize.hpp>

#include "quickstart.hpp"

namespace quickstart {

using namespace bodega;

void write_file(const Shop& shop, const ItemModels& items, const DemandModels& demand,
                const std::string& file) {
  title("4. One file");
  Bundle bundle;
  bundle.add("catalog", shop.catalog);
  bundle.add("items", items.items);
  bundle.add("content", quantize(items.content));
  bundle.add("popularity", items.popularity);
  bundle.add("demand", demand.network);
  bundle.add("demand_baseline", demand.weekdays);
  bundle.add("history", shop.sales.trading_days().tail(window_days));
  bundle.save(file);
  std::printf("%s, %ju bytes:", file.c_str(),
              static_cast<std::uintmax_t>(std::filesystem::file_size(file)));
  for (const std::string& name : bundle.names()) std::printf(" %s", name.c_str());
  std::printf("\n");
}

}  // namespace quickstart
