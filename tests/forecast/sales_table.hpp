// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <bodega/core/random.hpp>
#include <bodega/data/daily_sales.hpp>

namespace bodega_test {

/// 2024-01-01, a Monday.
inline constexpr bodega::Day monday(19723);

/// A shop that trades every day but Sunday: `rows[i]` is what item i sold on the trading days.
inline bodega::DailySales sales_table(const std::vector<std::vector<float>>& rows,
                                      bodega::Day first = monday) {
  bodega::DailySales sales(rows.size(), first, 0);
  bodega::Day day = first;
  for (std::size_t column = 0; column < rows.front().size(); ++column, ++day) {
    if (day.weekday() == 6) ++day;
    for (std::size_t i = 0; i < rows.size(); ++i)
      sales.add(bodega::ItemIndex(static_cast<std::uint32_t>(i)), day, rows[i][column]);
  }
  return sales;
}

/// Items of levels 2, 8, 32, ... whose Saturdays are twice, and Mondays half, a usual day, give or
/// take a fifth.
inline bodega::DailySales weekly_sales(std::size_t items, std::size_t days,
                                       std::uint64_t seed = 3) {
  const bodega::CounterRandom random(seed);
  std::vector<std::vector<float>> rows(items, std::vector<float>(days));
  for (std::size_t i = 0; i < items; ++i)
    for (std::size_t d = 0; d < days; ++d) {
      const float factor = d % 6 == 0 ? 0.5f : d % 6 == 5 ? 2.0f : 1.0f;
      rows[i][d] = std::pow(4.0f, static_cast<float>(i % 4)) * 2.0f * factor *
                   (0.8f + 0.4f * random.uniform(i, d));
    }
  return sales_table(rows);
}

}  // namespace bodega_test
