// SPDX-License-Identifier: MIT
// Reads, trains, saves and serves by way of the compiled library.
#include <iostream>
#include <sstream>
#include <string>

#include <bodega/bodega.hpp>

#include "../own_part.hpp"

#if BODEGA_BODIES
#error "bodega::compiled must define BODEGA_COMPILED"
#endif

int main() {
  std::ostringstream csv;
  csv << "receipt,time,item,quantity,price\n";
  for (int day = 1; day <= 28; ++day)
    for (int receipt = 0; receipt < 6; ++receipt)
      for (const char* item : {"bread", "butter", receipt % 2 ? "jam" : "honey"})
        csv << day * 10 + receipt << ",2024-01-" << (day < 10 ? "0" : "") << day << " 10:0"
            << receipt << ':' << "00," << item << ",1,2.50\n";
  std::istringstream in(csv.str());
  const auto receipts = bodega::read_receipts(in, "receipts");
  const auto ease = bodega::fit_ease(bodega::Cooccurrence(receipts.baskets()), {.l2 = 5});
  const auto network = bodega::train_lstm<8>(bodega::SalesWindows(receipts.daily_sales()),
                                             {.epochs = 1, .validation_fraction = 0});
  bodega::Bundle bundle;
  bundle.add("catalog", receipts.catalog());
  bundle.add("items", ease);
  bundle.add("demand", network);
  bodega::Till till(bodega::Bundle::parse(bundle.serialize()));
  bodega::Lane lane = till.lane();
  const auto slate = lane.recommend({.basket = {"bread"}}, 1);
  std::cout << slate.size() << " pick\n";
  return slate.size() == 1 && own_part_answers<bodega::StandardParts>() ? 0 : 1;
}
