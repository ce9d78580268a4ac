// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>

/// Choosing settings by what a measure says of them.
namespace bodega::inline BODEGA_ABI {

/// Returns the one of `settings` whose `quality(setting)` is highest, the first of equals; NaN is
/// below everything. Asks for each once, in order.
/// Throws Error (missing) where there are none.
template <class Setting, class Quality>
Setting best_of(const std::vector<Setting>& settings, Quality&& quality) {
  if (settings.empty())
    throw Error(ErrorCode::missing, "best_of", "settings to choose from", "none");
  std::size_t best = 0;
  double most = quality(settings[0]);
  for (std::size_t s = 1; s < settings.size(); ++s)
    if (const double reached = quality(settings[s]); reached > most || most != most) {
      best = s;
      most = reached;
    }
  return settings[best];
}

namespace detail {

/// Steps up while `step(up)` says that this rose, then down in the same way. Returns whether any
/// step did.
template <class Step>
bool climb_axis(Step&& step) {
  bool rose = false;
  for (const bool up : {true, false})
    while (step(up)) rose = true;
  return rose;
}

/// Visits all axes in turn, until a whole round of `visit(axis)` says that nothing rose.
template <class Visit>
void climb_axes(std::size_t axes, Visit&& visit) {
  for (bool rises = true; rises;) {
    rises = false;
    for (std::size_t axis = 0; axis < axes; ++axis) rises |= visit(axis);
  }
}

}  // namespace detail

/// Looks for the best point of a grid of N settings without asking for all of it: moves one
/// coordinate at a time to the neighbouring value, as long as that raises the quality
/// (coordinate ascent). A top is one that no single step leads up from; start from several points
/// where settings depend on each other.
///
///   GridSearch<2> search({penalties.size(), shares.size()}, [&](const auto& at) {
///     return ndcg(fit(penalties[at[0]]), shares[at[1]]);
///   });
///   const auto top = search.best_of({search.climb({0, 0}), search.climb({4, 2})});
///
/// Thread safety: calls from one thread at a time.
template <std::size_t N>
class GridSearch {
 public:
  using Point = std::array<std::size_t, N>;  ///< the place of each setting's value

  /// `sizes`: how many values each setting has. `quality(point)` is asked once for each point, and
  /// what it said is remembered.
  GridSearch(const Point& sizes, std::function<double(const Point&)> quality)
      : sizes_(sizes), quality_(std::move(quality)) {}

  /// Throws Error (out_of_range) for a point outside the grid, and what the function throws.
  double quality(const Point& point) {
    if (const auto found = known_.find(point); found != known_.end()) return found->second;
    for (std::size_t axis = 0; axis < N; ++axis)
      if (point[axis] >= sizes_[axis])
        throw Error(ErrorCode::out_of_range, "GridSearch, setting " + std::to_string(axis),
                    "a place below " + std::to_string(sizes_[axis]), std::to_string(point[axis]));
    const double reached = quality_(point);
    known_.emplace(point, reached);
    return reached;
  }

  /// Returns the best of some points. Throws as `quality` and bodega::best_of do.
  Point best_of(const std::vector<Point>& points) {
    return bodega::best_of(points, [this](const Point& point) { return quality(point); });
  }

  /// Returns a top above `point`, or itself. Throws as `quality` does.
  /// Source: the coordinate ascent of Metzler and Croft, "Linear feature-based models for
  /// information retrieval", Information Retrieval 10, 2007, on a grid.
  Point climb(Point point) {
    double here = quality(point);
    detail::climb_axes(N, [&](std::size_t axis) {
      return detail::climb_axis([&](bool up) {
        if (up ? point[axis] + 1 >= sizes_[axis] : point[axis] == 0) return false;
        Point next = point;
        next[axis] = up ? point[axis] + 1 : point[axis] - 1;
        const double reached = quality(next);
        if (!(reached > here)) return false;
        point = next;
        here = reached;
        return true;
      });
    });
    return point;
  }

  /// How many points were asked for.
  std::size_t tried() const noexcept { return known_.size(); }

 private:
  Point sizes_;
  std::function<double(const Point&)> quality_;
  std::map<Point, double> known_;
};

}  // namespace bodega::inline BODEGA_ABI
