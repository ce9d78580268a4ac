// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <string_view>

#include <bodega/data/catalog_reader.hpp>
#include <bodega/data/read_receipts.hpp>

#include "shared_data.hpp"

/// The shop that ships with the examples, read as the quickstart reads it.
namespace bodega_test {

inline bodega::ReceiptOptions example_options() {
  bodega::ReceiptOptions options;
  options.columns.receipt = "invoice";
  options.cancellation_prefix = "C";
  options.normalise = bodega::upper_case_trimmed;
  options.free_lines = bodega::FreeLines::drop;
  options.is_item = [](std::string_view id) {
    return id.size() >= 5 &&
           std::all_of(id.begin(), id.begin() + 5, [](char c) { return c >= '0' && c <= '9'; });
  };
  return options;
}

inline bodega::Catalog example_catalog() {
  return bodega::read_catalog(example_data("online_retail_items.csv"));
}

inline bodega::Receipts example_receipts() {
  return bodega::read_receipts(example_data("online_retail_slice.csv"), example_options(),
                               example_catalog());
}

}  // namespace bodega_test
