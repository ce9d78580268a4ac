// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <bodega/collaborative/items/ease_trainer.hpp>
#include <bodega/collaborative/shop/popularity.hpp>
#include <bodega/collaborative/sums/basket_weights.hpp>
#include <bodega/collaborative/sums/cooccurrence.hpp>
#include <bodega/compress/quantize.hpp>
#include <bodega/core/error.hpp>
#include <bodega/data/baskets.hpp>
#include <bodega/hybrid/blend.hpp>
#include <bodega/metrics/tune.hpp>

#include "support/basket_windows.hpp"
#include "support/evaluation.hpp"
#include "support/fitted.hpp"
#include "support/grid.hpp"
#include "support/telling.hpp"
#include "support/text.hpp"

namespace bodega_benchmark {

template <bodega::Scorer Items>
using WithPopularity = bodega::Blend<const Items&, const bodega::Popularity&>;

/// The penalty is relative to the sums, which shrink when baskets are damped.
inline bodega::ItemItem<> weighted_ease(const bodega::Baskets& baskets, double penalty,
                                        double half_life_days, double power, std::size_t weights,
                                        bodega::EaseKeep keep, double symmetry) {
  const bodega::Cooccurrence counts(baskets,
                                    {.half_life_days = half_life_days,
                                     .max_basket = std::max<std::size_t>(baskets.items(), 2),
                                     .weights = bodega::inverse_size_weights(baskets, power)});
  double sum = 0;
  for (std::uint32_t i = 0; i < counts.items(); ++i) sum += counts.count(bodega::ItemIndex(i));
  return bodega::fit_ease(counts, {.l2 = penalty * sum / std::max(lines_of(baskets), 1.0),
                                   .neighbours = weights,
                                   .keep = keep,
                                   .symmetry = symmetry,
                                   .single_precision = true,
                                   .progress = show_progress()});
}

/// `share` of the chance that a basket holds the item, on top of what its items say.
template <bodega::Scorer Items>
WithPopularity<Items> with_popularity(const bodega::Baskets& baskets, const Items& items,
                                      const bodega::Popularity& sales, double share) {
  const double per_basket = share * lines_of(baskets) / static_cast<double>(baskets.size());
  return bodega::blend(items, 1.0f, sales, per_basket);
}

/// One INT8 table of weights and a popularity, both as recent as they should be: `best` of the open
/// baskets.
class BestBasketModel {
 public:
  using Table = bodega::ItemItem<bodega::QuantizedCsrMatrix>;

  /// What `best` is made of.
  struct Settings {
    double l2 = 0, half_life = 0, power = 0, symmetry = 0;  ///< of the item-item table
    std::size_t weights = kept;                             ///< of it for each item
    double share = 0, fashion = 0;                          ///< of the popularity
  };
  struct Parts {
    Settings chosen;
    Fitted<Table> items;
    Fitted<bodega::Popularity> sales;
  };

  /// `baskets` are what may be learnt from; `max_bytes` is for the file. Both references must stay.
  BestBasketModel(const Evaluation& evaluation, const bodega::Baskets& baskets,
                  std::optional<std::size_t> max_bytes)
      : evaluation_(evaluation), baskets_(baskets), max_bytes_(max_bytes) {}

  /// EASE on sums that fade and in which large baskets are damped, plus what sells these days. As
  /// many weights an item are kept as the limit of bytes allows. Chosen once.
  const Parts& parts() {
    if (parts_) return *parts_;
    const TableGrid::Point recent{4, 6, 4, 1, 4, 1};
    const std::size_t weights = weights_within_limit(settings_at(recent, kept));
    const TableGrid::Point top = chosen(recent, weights);
    const Settings settings = settings_at(top, weights_within_limit(settings_at(top, weights)));
    auto items = fit_items(baskets_, settings);
    return parts_.emplace(Parts{settings, std::move(items), fit_sales(baskets_, settings)});
  }

  Fitted<Table> fit_items(const bodega::Baskets& baskets, const Settings& s) const {
    return timed("l2 " + number(s.l2) + ", half-life " + number(s.half_life) + ", size power " +
                     number(s.power) + ", symmetry " + number(s.symmetry) + ", " +
                     std::to_string(s.weights) + " weights an item",
                 [&] {
                   return bodega::quantize(weighted_ease(baskets, s.l2, days(s.half_life), s.power,
                                                         s.weights, bodega::EaseKeep::least_missed,
                                                         s.symmetry));
                 });
  }
  Fitted<bodega::Popularity> fit_sales(const bodega::Baskets& baskets, const Settings& s) const {
    return timed("half-life " + number(s.fashion),
                 [&] { return bodega::Popularity(baskets, {.half_life_days = days(s.fashion)}); });
  }

  Fitted<WithPopularity<Table>> blended(const Fitted<Table>& items,
                                        const Fitted<bodega::Popularity>& sales,
                                        double share) const {
    return {with_popularity(baskets_, items.scorer, sales.scorer, share),
            items.settings + "; popularity " + number(share) + " of " + sales.settings,
            items.bytes + (share > 0 ? sales.bytes : 0), items.seconds + sales.seconds};
  }

  /// A half-life in days (baskets) from one in shares of the training baskets.
  double days(double share) const noexcept {
    return share * static_cast<double>(evaluation_.cases().train.size());
  }

 private:
  // What is climbed on in `best`: the popularity, then the item-item table.
  enum { of_share, of_fashion, of_half_life, of_symmetry, of_l2, of_power, axes };
  using TableGrid = Grid<axes>;
  static const TableGrid& grid() {
    static const std::vector<double> half_lives = {0, 2, 1, 0.5, 0.25, 0.125, 0.0625, 0.03};
    static const TableGrid grid({{{0, 0.03, 0.1, 0.2, 0.3, 0.5, 1, 3, 10},
                                  half_lives,
                                  half_lives,
                                  {0, 0.125, 0.25, 0.375},
                                  {1, 3, 10, 30, 100, 300, 1000},
                                  {0, 0.25, 0.5, 0.75, 1}}});
    return grid;
  }

  /// Climbs on the windows from `recent` and from the best of a coarse grid far from it.
  TableGrid::Point chosen(const TableGrid::Point& recent, std::size_t weights) const {
    const std::vector<BasketWindow> asked = basket_windows(baskets_, evaluation_.cases().valid, 4);
    std::vector<WindowParts> parts(asked.size());
    bodega::GridSearch<axes> search(grid().sizes(), [&](const auto& at) {
      const Settings settings = settings_at(at, weights);
      for (std::size_t w = 0; w < asked.size(); ++w)
        fit_what_changed(parts[w], asked[w].history, at, settings);
      return reached(asked, [&](std::size_t w) {
        return blended(*parts[w].items, *parts[w].sales, settings.share);
      });
    });
    const TableGrid::Point from_recent = search.climb(recent);
    return search.best_of({from_recent, search.climb(search.best_of(coarse_starts()))});
  }

  /// Far apart in what depends on each other most: the penalty and the popularity's share.
  static std::vector<TableGrid::Point> coarse_starts() {
    std::vector<TableGrid::Point> starts;
    for (const std::size_t l2 : {2u, 4u, 6u})
      for (std::size_t share = 0; share < grid().values(of_share).size(); share += 2)
        starts.push_back({share, 0, 0, 1, l2, 1});
    starts.push_back({2, 0, 0, 1, 3, 1});
    return starts;
  }

  static Settings settings_at(const TableGrid::Point& at, std::size_t weights) {
    const auto value = [&](std::size_t axis) { return grid().value(at, axis); };
    return {.l2 = value(of_l2),
            .half_life = value(of_half_life),
            .power = value(of_power),
            .symmetry = value(of_symmetry),
            .weights = weights,
            .share = value(of_share),
            .fashion = value(of_fashion)};
  }

  /// Of a window: the parts fitted last, and where on the grid.
  struct WindowParts {
    std::optional<Fitted<Table>> items;
    std::optional<Fitted<bodega::Popularity>> sales;
    TableGrid::Point at{};
  };

  void fit_what_changed(WindowParts& parts, const bodega::Baskets& history,
                        const TableGrid::Point& at, const Settings& settings) const {
    const auto changed = [&](std::initializer_list<std::size_t> among) {
      return std::any_of(among.begin(), among.end(),
                         [&](std::size_t axis) { return parts.at[axis] != at[axis]; });
    };
    if (!parts.items || changed({of_half_life, of_symmetry, of_l2, of_power}))
      parts.items.emplace(fit_items(history, settings));
    if (!parts.sales || changed({of_fashion})) parts.sales.emplace(fit_sales(history, settings));
    parts.at = at;
  }

  /// The mean of the objective over all windows, with a model for each.
  template <class Model>
  double reached(const std::vector<BasketWindow>& asked, Model&& model) const {
    double sum = 0;
    std::string text;
    for (std::size_t w = 0; w < asked.size(); ++w) {
      const auto fitted = model(w);
      sum += evaluation_.quality(fitted.scorer, asked[w].cases, asked[w].popular);
      text = fitted.settings;
    }
    const double mean = sum / static_cast<double>(asked.size());
    evaluation_.show(text, mean);
    return mean;
  }

  /// The largest number of weights an item of a table that keeps the limit together with a
  /// popularity, by what the file of such a table takes.
  std::size_t weights_within_limit(Settings settings) const {
    if (!max_bytes_) return settings.weights;
    const std::size_t sales = settings.share > 0 ? fit_sales(baskets_, settings).bytes : 0;
    const std::size_t limit = *max_bytes_ - std::min(*max_bytes_, sales);
    std::size_t fits = 0, beyond = std::max<std::size_t>(baskets_.items(), 2);
    for (settings.weights = std::clamp<std::size_t>(settings.weights, 1, beyond - 1);
         fits + 1 < beyond;) {
      const std::size_t bytes = fit_items(baskets_, settings).bytes;
      (bytes <= limit ? fits : beyond) = settings.weights;
      if (fits + 1 >= beyond) break;
      // Bytes grow a little slower than weights, so this comes close from either side.
      settings.weights = std::clamp(settings.weights * limit / std::max<std::size_t>(bytes, 1),
                                    fits + 1, beyond - 1);
    }
    if (fits == 0)
      throw bodega::Error(bodega::ErrorCode::out_of_range, "--max-bytes",
                          "room for a weight an item", std::to_string(*max_bytes_));
    return fits;
  }

  static constexpr std::size_t kept = 50;  // weights an item, where no limit says how many

  const Evaluation& evaluation_;
  const bodega::Baskets& baskets_;
  std::optional<std::size_t> max_bytes_;
  std::optional<Parts> parts_;
};

}  // namespace bodega_benchmark
