// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <random>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <bodega/bundle/bundle.hpp>
#include <bodega/collaborative/items/item_neighbours_trainer.hpp>
#include <bodega/collaborative/shop/popularity.hpp>
#include <bodega/compress/quantize.hpp>
#include <bodega/content/content_model_trainer.hpp>
#include <bodega/content/search_index.hpp>
#include <bodega/data/read_receipts.hpp>
#include <bodega/forecast/baselines_trainer.hpp>
#include <bodega/forecast/recurrent/recurrent.hpp>
#include <bodega/forecast/windows.hpp>
#include <bodega/till/till_receipt.hpp>

#include "toy_shop.hpp"

/// The toy shop as a till opens it.
namespace bodega_test {

inline const bodega::Day first_day = *bodega::Day::parse("2011-08-01");  // a Monday

/// 60 days, closed on Sundays, ten receipts a day, as a file.
inline bodega::Receipts toy_receipts() {
  const bodega::CounterRandom random(99);
  const bodega::Catalog catalog = toy_catalog();
  std::ostringstream csv;
  csv << "receipt,item,quantity,time\n";
  std::uint32_t receipt = 0;
  for (int d = 0; d < 60; ++d) {
    const bodega::Day day = first_day + d;
    if (day.weekday() == 6) continue;
    for (int n = 0; n < 10; ++n, ++receipt) {
      const std::uint32_t department = random.below(5, receipt, 0);
      for (std::uint32_t line = 0; line < 2 + random.below(3, receipt, 1); ++line) {
        const bodega::ItemIndex item(5 * random.below(7, receipt, 10 + line) + department);
        csv << receipt << ',' << catalog.id(item) << ',' << 1 + random.below(3, receipt, 20 + line)
            << ',' << day.to_string() << " 10:00\n";
      }
    }
  }
  std::istringstream in(csv.str());
  return read_receipts(in, "toy.csv", {}, catalog);
}

/// Weights that no training made: a till serves what it is given.
inline bodega::Lstm<8> some_network() {
  const auto small = [](std::size_t rows, std::size_t columns, std::uint64_t seed) {
    const bodega::CounterRandom random(seed);
    bodega::Matrix<float> weights(rows, columns);
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = 0; j < columns; ++j) weights(i, j) = 0.2f * random.normal(i, j);
    return weights;
  };
  return bodega::Lstm<8>({.input = small(bodega::WindowInputs{}.count(), 32, 1),
                          .recurrent = small(8, 32, 2),
                          .bias = std::vector<float>(32, 0.1f),
                          .output = small(1, 8, 3)});
}

struct Shop {
  bodega::Receipts receipts = toy_receipts();
  bodega::Baskets baskets = receipts.baskets();
  bodega::DailySales sales = receipts.daily_sales();
  bodega::ItemItem<bodega::CsrMatrix<float>> items =
      fit_item_neighbours(bodega::Cooccurrence(baskets));
  bodega::ContentModel<bodega::CsrMatrix<float>> content = fit_content_model(receipts.catalog());
  bodega::Popularity popularity{baskets};
  bodega::Lstm<8> demand = some_network();
  bodega::WeekdayMean baseline = fit_weekday_mean(bodega::SalesWindows(sales));
};

inline const Shop& shop() {
  static const Shop once;
  return once;
}

inline bodega::Bundle whole_bundle() {
  bodega::Bundle bundle;
  bundle.add("catalog", shop().receipts.catalog());
  bundle.add("items", shop().items);
  bundle.add("content", shop().content);
  bundle.add("popularity", shop().popularity);
  bundle.add("demand", shop().demand);
  bundle.add("demand_baseline", shop().baseline);
  bundle.add("history", shop().sales.tail(30));
  return bundle;
}

inline bodega::Bundle only_catalog() {
  bodega::Bundle bundle;
  bundle.add("catalog", shop().receipts.catalog());
  return bundle;
}

/// The code of the toy catalogue's i-th item. Its department is i % 5.
inline std::string code(std::size_t i) { return "A" + std::to_string(100 + i); }
inline std::string code(bodega::ItemIndex item) { return code(item.value()); }
inline std::size_t number(std::string_view code) {
  return std::stoul(std::string(code.substr(1))) - 100;
}

inline bodega::TillReceiptLine sold(std::string_view code, std::int64_t units) {
  return {code, bodega::Quantity::from_whole(units), bodega::Money()};
}

inline bodega::TillReceipt receipt_of(bodega::Day day,
                                      std::span<const bodega::TillReceiptLine> lines,
                                      std::string_view id = {}) {
  return {.id = id, .when = bodega::Moment(day, 12 * 3600), .lines = lines};
}

/// A file that is gone at the end of the test.
struct TemporaryFile {
  std::string path = (std::filesystem::temp_directory_path() /
                      ("bodega-till-test-" + std::to_string(std::random_device()()) + ".bodega"))
                         .string();
  TemporaryFile() = default;
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() { std::remove(path.c_str()); }
};

}  // namespace bodega_test
