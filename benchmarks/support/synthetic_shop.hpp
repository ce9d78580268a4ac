// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include <bodega/core/ids.hpp>
#include <bodega/core/random.hpp>
#include <bodega/inventory/stock.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/sparse.hpp>

namespace bodega_benchmark {

/// A catalogue of any size whose sales look like a shop's: the item of rank r sells in proportion
/// to 1 / (r + 10) (Zipf's law, flattened at the top), in an order that has nothing to do with the
/// index. Items stand in aisles of 200; half of what is bought with an item is from its aisle.
/// The same `items` give the same shop everywhere.
class SyntheticShop {
 public:
  explicit SyntheticShop(std::size_t items) : order_(items), share_(items) {
    std::iota(order_.begin(), order_.end(), 0u);
    random_.shuffle(std::span(order_), 0);
    double sum = 0;
    for (std::size_t rank = 0; rank < items; ++rank)
      share_[rank] = sum += 1 / static_cast<double>(rank + 10);
  }

  std::size_t items() const noexcept { return order_.size(); }

  /// Distinct items, as they go over the counter.
  std::vector<bodega::ItemIndex> basket(std::size_t size, std::uint64_t number) const {
    std::vector<bodega::ItemIndex> basket;
    for (std::uint64_t step = 0; basket.size() < size; ++step) {
      const bodega::ItemIndex item(any_item(number, step));
      if (std::find(basket.begin(), basket.end(), item) == basket.end()) basket.push_back(item);
    }
    return basket;
  }

  /// Items x items with `neighbours` weights between 0 and 1 in each row: the shape that
  /// `fit_item_neighbours` and `fit_ease` give.
  bodega::CsrMatrix<float> neighbours(std::size_t neighbours) const {
    bodega::CsrMatrix<float> table(items());
    std::vector<std::uint32_t> columns;
    std::vector<float> weights(neighbours);
    for (std::uint32_t item = 0; item < items(); ++item) {
      columns.clear();
      for (std::uint64_t step = 0; columns.size() < neighbours; ++step) {
        const std::uint64_t row = (std::uint64_t{1} << 32) + item;
        const std::uint32_t aisle = item / 200 * 200;
        const std::uint32_t with =
            step % 2 == 0 ? any_item(row, step) : aisle + random_.below(200, row, step);
        if (with < items() && with != item &&
            std::find(columns.begin(), columns.end(), with) == columns.end())
          columns.push_back(with);
      }
      std::sort(columns.begin(), columns.end());
      for (std::size_t k = 0; k < neighbours; ++k)
        weights[k] = 1e-3f + random_.uniform(columns[k], item);
      table.add_row(columns, weights);
    }
    return table;
  }

  /// Items x dimensions, rows of length 1.
  bodega::Matrix<float> vectors(std::size_t dimensions) const {
    bodega::Matrix<float> table(items(), dimensions);
    for (std::size_t i = 0; i < items(); ++i) {
      const auto row = table.row(i);
      for (std::size_t d = 0; d < dimensions; ++d) row[d] = random_.normal(i, d);
      const float length = std::sqrt(std::inner_product(row.begin(), row.end(), row.begin(), 0.0f));
      for (float& x : row) x /= length;
    }
    return table;
  }

  /// Counts every item; one in five is sold out.
  void fill(bodega::Stock& stock) const {
    for (std::uint32_t i = 0; i < items(); ++i)
      stock.set(bodega::ItemIndex(i), random_.below(5, 2, i));
  }

 private:
  std::uint32_t any_item(std::uint64_t row, std::uint64_t step) const {
    const double at = share_.back() * random_.uniform(row, step);
    const auto rank = std::upper_bound(share_.begin(), share_.end(), at) - share_.begin();
    return order_[std::min(static_cast<std::size_t>(rank), items() - 1)];
  }

  bodega::CounterRandom random_{2026};
  std::vector<std::uint32_t> order_;  ///< item by rank
  std::vector<double> share_;         ///< of the items up to a rank
};

}  // namespace bodega_benchmark
