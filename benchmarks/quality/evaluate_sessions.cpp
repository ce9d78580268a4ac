// SPDX-License-Identifier: MIT
// How well each model foresees the next view of a session, how large it is and how fast: fits every
// model on the sessions of a case folder (make_cases.py session ...), tunes it on the valid cases
// alone, and measures it on the test cases.

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <bodega/collaborative/shop/popularity.hpp>
#include <bodega/compress/quantize.hpp>
#include <bodega/compress/size_report.hpp>
#include <bodega/hybrid/blend.hpp>
#include <bodega/metrics/tune.hpp>
#include <bodega/session/sequential_rules.hpp>
#include <bodega/session/sequential_rules_trainer.hpp>
#include <bodega/session/session_neighbours.hpp>
#include <bodega/session/session_window.hpp>

#include "support/evaluate.hpp"
#include "support/grid.hpp"

namespace {

using namespace bodega;
using namespace bodega_benchmark;

class Program {
 public:
  Program(const Evaluation& evaluation, std::optional<std::size_t> max_bytes)
      : evaluation_(evaluation),
        windows_{window_of(Part::valid), window_of(Part::test)},
        max_bytes_(max_bytes) {}

  using Model = Row (Program::*)(std::string_view name);
  static std::vector<std::pair<std::string_view, Model>> models() {
    return {{"popularity", &Program::popularity},
            {"rules", &Program::rules},
            {"vmis", &Program::vmis},
            {"vmis+rules", &Program::vmis_and_rules},
            {"best", &Program::best}};
  }

 private:
  /// As in the reference: every view counts, also a second one in a session.
  Row popularity(std::string_view name) {
    return evaluation_.measure(name, timed("", [&] {
                                 Popularity views(evaluation_.items(), {.half_life_days = 0});
                                 for (const History* history : evaluation_.histories(Part::test))
                                   for (const ItemIndex item : history->items)
                                     views.add(item, Day(0));
                                 return views;
                               }));
  }

  /// As in the reference: no item comes after itself.
  Row rules(std::string_view name) {
    return evaluation_.measure(
        name, timed("10 steps",
                    [&] { return fit_sequential_rules(window(Part::test), {.repeats = false}); }));
  }

  Row vmis(std::string_view name) {
    return evaluation_.measure(name, timed("m 1500, k 300, 4 views",
                                           [&] { return SessionNeighbours(window(Part::test)); }));
  }

  /// VMIS as published and rules that know that items are viewed again.
  Row vmis_and_rules(std::string_view name) {
    const SessionNeighbours neighbours(window(Part::valid));
    const auto rules = fit_sequential_rules(window(Part::valid));
    const double share = best_of<double>({0.03, 0.1, 0.3, 1, 3}, [&](double of) {
      return evaluation_.valid(blend(neighbours, 1.0f, rules, of), "rules " + number(of));
    });
    const auto similar =
        timed("m 1500, k 300, 4 views", [&] { return SessionNeighbours(window(Part::test)); });
    const auto next = timed("", [&] { return fit_sequential_rules(window(Part::test)); });
    const auto both = blend(similar.scorer, 1.0f, next.scorer, share);
    return evaluation_.measure(
        name, Fitted<std::remove_const_t<decltype(both)>>{
                  both, similar.settings + "; rules " + number(share), similar.bytes + next.bytes,
                  similar.seconds + next.seconds});
  }

  // What is climbed on in `best`.
  enum {
    of_rules,
    of_revisits,
    of_view_decay,
    of_rarity,
    of_distance,
    of_itself,
    of_before,
    of_match,
    of_half_life,
    of_views,
    of_rule_decay,
    of_revisit_decay,
    of_recent,
    axes
  };
  static constexpr std::array<const char*, axes> axis_names = {
      "rules",       "revisits",  "view decay", "rarity",     "distance decay", "itself", "before",
      "match decay", "half-life", "views",      "rule decay", "revisit decay",  "m"};
  using BestGrid = Grid<axes>;
  static const BestGrid& grid() {
    static const BestGrid values({{{0, 0.1, 0.25, 0.5, 1, 1.5, 2, 3, 4},  // weight of the rules
                                   {0, 0.1, 0.2, 0.35, 0.6, 1, 1.5, 2},   // and of the revisits
                                   {0, 0.1, 0.2, 0.35, 0.5, 0.7, 1},
                                   {0, 1, 2, 3, 4, 5},
                                   {0, 0.05, 0.1, 0.2, 0.3, 0.45},
                                   {0, 0.1, 0.25, 0.5, 0.75, 1},
                                   {0.6, 0.8, 1, 1.2, 1.4},
                                   {0, 0.05, 0.1},
                                   {0, 4, 2, 1.4, 0.7, 0.45, 0.3},  // in windows
                                   {4, 6, 9, 15},
                                   {0, 0.1, 0.2, 0.3, 0.4},
                                   {0.5, 0.7, 0.8, 0.9, 1},
                                   {1500, 3000}}});
    return values;
  }
  static double value(const BestGrid::Point& at, std::size_t axis) {
    return grid().value(at, axis);
  }
  static float real(const BestGrid::Point& at, std::size_t axis) {
    return static_cast<float>(value(at, axis));
  }
  static std::string settings_text(const BestGrid::Point& at) {
    std::string text = "k 300";
    for (std::size_t axis = 0; axis < axes; ++axis)
      text += std::string(", ") + axis_names[axis] + " " + number(value(at, axis));
    return text;
  }

  SessionNeighboursOptions neighbour_options(const BestGrid::Point& at, Part part) const {
    const auto sessions = static_cast<float>(window(part).capacity());
    return {.recent = static_cast<std::uint32_t>(value(at, of_recent)),
            .last_views = static_cast<std::uint32_t>(value(at, of_views)),
            .view_decay = real(at, of_view_decay),
            .match_rarity = real(at, of_rarity),
            .half_life = real(at, of_half_life) * sessions,
            .match_decay = real(at, of_match),
            .distance_decay = real(at, of_distance),
            .before = real(at, of_before),
            .itself = real(at, of_itself)};
  }
  SequentialRules<QuantizedCsrMatrix> rules_of(const BestGrid::Point& at, Part part) const {
    return quantize(fit_sequential_rules(
        window(part), {.neighbours = rules_kept_, .view_decay = real(at, of_rule_decay)}));
  }
  auto revisits_of(const BestGrid::Point& at) const {
    return revisits(evaluation_.items(), real(at, of_revisit_decay));
  }
  template <class Neighbours, class Rules, class Revisits>
  static auto blended(const Neighbours& neighbours, const Rules& rules, const Revisits& again,
                      const BestGrid::Point& at) {
    return blend(neighbours, 1.0f, rules, value(at, of_rules), again, value(at, of_revisits));
  }

  /// Session neighbours with all their decays, INT8 rules and revisits.
  Row best(std::string_view name) {
    keep_within_limit();
    const BestGrid::Point top = chosen_for_best();
    const auto similar = timed(settings_text(top), [&] {
      return SessionNeighbours(window(Part::test), neighbour_options(top, Part::test));
    });
    const auto next = timed("", [&] { return rules_of(top, Part::test); });
    const auto again = timed("", [&] { return revisits_of(top); });
    const auto all = blended(similar.scorer, next.scorer, again.scorer, top);
    return evaluation_.measure(name,
                               Fitted<std::remove_const_t<decltype(all)>>{
                                   all, similar.settings, similar.bytes + next.bytes + again.bytes,
                                   similar.seconds + next.seconds + again.seconds});
  }

  /// Every setting climbs on every other session of the valid cases, from the better of two starts:
  /// what suits sessions full of immediate repeats, and what suits a slower choice.
  BestGrid::Point chosen_for_best() const {
    SessionNeighbours neighbours(window(Part::valid));
    std::map<std::size_t, SequentialRules<QuantizedCsrMatrix>> rules;  // by their decay
    const auto reached = [&](const BestGrid::Point& at, const std::string& what,
                             std::size_t every) {
      neighbours.set_options(neighbour_options(at, Part::valid));
      if (!rules.contains(at[of_rule_decay]))
        rules.emplace(at[of_rule_decay], rules_of(at, Part::valid));
      const auto again = revisits_of(at);
      return evaluation_.valid(blended(neighbours, rules.at(at[of_rule_decay]), again, at), what,
                               every);
    };
    GridSearch<axes> search(grid().sizes(), [&](const BestGrid::Point& at) {
      return reached(at, settings_text(at), 2);
    });
    const BestGrid::Point top = search.climb(search.best_of(
        {{6, 1, 2, 4, 4, 2, 2, 0, 5, 3, 1, 2, 1}, {3, 4, 2, 3, 2, 2, 2, 2, 5, 1, 2, 3, 0}}));
    reached(top, "all valid cases", 1);
    return top;
  }

  /// Fewer rules an item where --max-bytes has no room for 50 beside the sessions.
  void keep_within_limit() {
    if (!max_bytes_) return;
    const std::size_t others = size_report(SessionNeighbours(window(Part::test))).bytes +
                               size_report(revisits(evaluation_.items())).bytes;
    for (;; rules_kept_ /= 2) {
      const std::size_t bytes =
          others + size_report(quantize(fit_sequential_rules(window(Part::test),
                                                             {.neighbours = rules_kept_})))
                       .bytes;
      if (bytes <= *max_bytes_) return;
      if (rules_kept_ == 1)
        throw Error(ErrorCode::out_of_range, "--max-bytes",
                    "room for the sessions and a rule an item: " + std::to_string(bytes),
                    std::to_string(*max_bytes_));
    }
  }

  /// All sessions of a part, none of which expires.
  SessionWindow window_of(Part part) const {
    const auto histories = evaluation_.histories(part);
    std::size_t views = SessionWindow::longest;
    for (const History* history : histories) views += history->items.size();
    SessionWindow window(evaluation_.items(), {.sessions = histories.size(), .views = views});
    for (const History* history : histories) window.append(history->items);
    return window;
  }
  const SessionWindow& window(Part part) const { return windows_[part == Part::valid ? 0 : 1]; }

  const Evaluation& evaluation_;
  const std::array<SessionWindow, 2> windows_;
  std::optional<std::size_t> max_bytes_;
  std::size_t rules_kept_ = 50;  // an item
};

}  // namespace

int main(int argc, char** argv) {
  return bodega_benchmark::evaluate<Program>(argc, argv,
                                             "How well models foresee the next view of a session.",
                                             "session", {"HR@20", "MRR@20"});
}
