// SPDX-License-Identifier: MIT
#pragma once

// The parts of the quickstart, in the order of the tour. Each stands in a file of its own.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <bodega/collaborative/items/item_item.hpp>
#include <bodega/collaborative/shop/popularity.hpp>
#include <bodega/content/content_model.hpp>
#include <bodega/core/progress.hpp>
#include <bodega/data/baskets.hpp>
#include <bodega/data/catalog.hpp>
#include <bodega/data/daily_sales.hpp>
#include <bodega/data/split.hpp>
#include <bodega/forecast/baselines.hpp>
#include <bodega/forecast/recurrent/recurrent.hpp>

namespace quickstart {

/// What the receipts say, cut by time so that nothing learns from what it is judged on.
struct Shop {
  bodega::Catalog catalog;
  bodega::DailySales sales;
  bodega::TimeCut cut;
  bodega::TimeSplit<bodega::Baskets> history;  ///< to learn from, to choose by, to judge on
  bodega::Baskets past;                        ///< all before the days that are judged
};

/// What goes with what.
struct ItemModels {
  bodega::ItemItem<bodega::QuantizedCsrMatrix> items;
  bodega::ContentModel<> content;
  bodega::Popularity popularity;
};

/// Tomorrow's demand.
struct DemandModels {
  std::vector<bodega::ItemIndex> regulars;  ///< items that sell often enough to be judged
  bodega::Lstm<16, bodega::QuantizedMatrix> network;
  bodega::WeekdayMean weekdays;
};

Shop read_shop(const std::filesystem::path& folder, const bodega::ProgressCallback& progress);
ItemModels learn_items(const Shop& shop, const bodega::ProgressCallback& progress);
DemandModels learn_demand(const Shop& shop, const bodega::ProgressCallback& progress);
void write_file(const Shop& shop, const ItemModels& items, const DemandModels& demand,
                const std::string& file);
void ask_till(const Shop& shop, const DemandModels& demand, const std::string& file);

/// Prints a heading, underlined.
void title(std::string_view text);
/// Ends a line of a table with the bytes that a file stores for the model; 0 leaves them out.
void end_row(std::size_t bytes);

}  // namespace quickstart
