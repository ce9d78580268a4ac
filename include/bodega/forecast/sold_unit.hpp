// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

#include <bodega/core/abi.hpp>
#include <bodega/core/units.hpp>
#include <bodega/forecast/count_quantile.hpp>
#include <bodega/forecast/sales_window.hpp>

namespace bodega::inline BODEGA_ABI {

/// The unit that the known sales of the window are counted in: 1, pieces, where all are whole and
/// the item is not known to be weighed, else 0.001, the last place of a Quantity: what is sold in
/// kilograms is counted in grams, so that both measures say the same. Allocates nothing.
float sold_unit(const SalesWindow& window) noexcept;

/// The quantile of demand around a mean of `units`, negative binomial in the window's own unit
/// (`sold_unit`). What sells ten of its units a day or more, on days when it sells, is measured
/// rather than counted: there, where nobody knows a dispersion (0), it is what the window shows.
class DemandAround {
 public:
  DemandAround(const SalesWindow& window, float dispersion) noexcept;

  float quantile(float units, float level) const noexcept {
    return unit_ * count_quantile(units / unit_, dispersion_, level);
  }

 private:
  float unit_, dispersion_;
};

#if BODEGA_BODIES

BODEGA_INLINE float sold_unit(const SalesWindow& window) noexcept {
  if (window.weighed) return 1.0f / Quantity::scale;
  for (std::size_t d = 0; d < window_days; ++d)
    if (window.knows(d) && window.sales[d] != std::floor(window.sales[d]))
      return 1.0f / Quantity::scale;
  return 1;
}

BODEGA_INLINE DemandAround::DemandAround(const SalesWindow& window, float dispersion) noexcept
    : unit_(sold_unit(window)), dispersion_(dispersion) {
  if (dispersion > 0) return;
  double days = 0, sold_days = 0, sum = 0, squares = 0;
  for (std::size_t d = 0; d < window_days; ++d) {
    if (!window.knows(d)) continue;
    const double units = double{window.sales[d]} / double{unit_};
    ++days;
    sold_days += units > 0;
    sum += units;
    squares += units * units;
  }
  const double mean = sum / std::max(days, 1.0);
  if (days < 2 || !(sum >= 10 * sold_days) || !(mean > 0) || !std::isfinite(squares)) return;
  const double variance = (squares - sum * mean) / (days - 1);
  dispersion_ = static_cast<float>(std::max(0.0, (variance - mean) / (mean * mean)));
}

#endif

}  // namespace bodega::inline BODEGA_ABI
