// SPDX-License-Identifier: MIT
//
// From receipts to a slate: reads half a year of a real shop, learns what is bought together, and
// recommends for a basket, with reasons.
//
//   recommend [DATA FOLDER]

#include <array>
#include <cstdio>
#include <filesystem>
#include <string>

#include <bodega/collaborative/items/item_neighbours_trainer.hpp>
#include <bodega/collaborative/sums/cooccurrence.hpp>
#include <bodega/data/catalog_reader.hpp>
#include <bodega/data/read_receipts.hpp>
#include <bodega/hybrid/describe.hpp>
#include <bodega/hybrid/slate.hpp>

using namespace bodega;

int main(int argc, char** argv) {
  const std::filesystem::path data = argc > 1 ? argv[1] : BODEGA_EXAMPLE_DATA;
  const Catalog catalog = read_catalog(data / "online_retail_items.csv");
  const Receipts receipts =
      read_receipts(data / "online_retail_slice.csv",
                    {.columns = {.receipt = "invoice", .description = ""},
                     .malformed = Malformed::lenient,  // counts bad lines and goes on
                     .cancellation_prefix = "C",
                     .normalise = upper_case_trimmed,
                     // Postage and fees have codes of letters; goods begin with a digit.
                     .is_item = [](std::string_view id) { return id >= "0" && id < ":"; }},
                    catalog);
  std::printf("%s", receipts.report().summary().c_str());

  // What a shop learns is a sum over its receipts; a model is read off it.
  const Cooccurrence counts(receipts.baskets());
  const ItemItem<> model =
      fit_item_neighbours(counts, {.similarity = Similarity::cosine, .neighbours = 50});

  const std::array basket = {catalog.at("20725"), catalog.at("22382")};
  std::printf("\nIn the basket\n");
  for (const ItemIndex item : basket)
    std::printf("  %s\n", std::string(catalog.description(item)).c_str());

  // A mask says what may be shown (here all), a workspace is the memory of one answer.
  const ItemMask everything(model.items());
  Workspace workspace(model.items());
  std::printf("\nWe suggest\n");
  for (const Pick& pick : select_slate(model, {.basket = basket}, everything, 5, workspace)) {
    std::printf("  %s\n", std::string(catalog.description(pick.item)).c_str());
    for (const Reason& reason : pick.because)
      std::printf("    %s\n", describe(reason, catalog).c_str());
  }
}
