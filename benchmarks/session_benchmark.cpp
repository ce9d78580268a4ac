// SPDX-License-Identifier: MIT
// The next view of a session, by the neighbours among all recent sessions: score, take the best 20,
// and with reasons; and what a finished session costs to learn. Every call has another query.
//
// The sessions are those of the case folder in the environment variable BODEGA_SESSION_CASES
// (make_cases.py session yoochoose64), else made up in that shape.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include <benchmark/benchmark.h>

#include <bodega/core/random.hpp>
#include <bodega/hybrid/mask.hpp>
#include <bodega/hybrid/slate.hpp>
#include <bodega/session/session_neighbours.hpp>

#include "cases.hpp"
#include "measure.hpp"

namespace {

using namespace bodega;
using Session = std::vector<ItemIndex>;

constexpr std::size_t picks = 20;

struct History {
  std::size_t items = 0;
  std::vector<Session> sessions, queries;
};

/// 120,000 sessions over 17,000 items: a few items are in many sessions, a session stays among items
/// that are alike, and goes back to what it has seen.
History made_up() {
  constexpr std::uint32_t items = 17'000, sessions = 120'000, queries = 10'000;
  const CounterRandom random(7);
  History history;
  history.items = items;
  for (std::uint32_t s = 0; s < sessions + queries; ++s) {
    const auto uniform = [&](std::uint32_t k) {
      return (random.below(1 << 24, s, k) + 0.5) / (1 << 24);
    };
    const auto length = static_cast<std::uint32_t>(2 - 2.7 * std::log(uniform(0)));
    const double topic = std::pow(uniform(1), 2.5);
    Session session;
    for (std::uint32_t i = 0; i < length; ++i) {
      const bool back = i > 0 && uniform(3 * i + 2) < 0.2;
      const double near = topic + 0.02 * topic * (uniform(3 * i + 3) - 0.5);
      session.push_back(back ? session[random.below(i, s, 3 * i + 4)]
                             : ItemIndex(static_cast<std::uint32_t>(near * 0.98 * items)));
    }
    (s < sessions ? history.sessions : history.queries).push_back(std::move(session));
  }
  return history;
}

const History& history() {
  static const History result = [] {
    const char* folder = std::getenv("BODEGA_SESSION_CASES");
    if (folder == nullptr) return made_up();
    auto cases = bodega_benchmark::read_cases(folder, "session");
    History real;
    real.items = cases.items.size();
    for (auto& session : cases.train) real.sessions.push_back(std::move(session.items));
    for (auto& one : cases.test) real.queries.push_back(std::move(one.query));
    return real;
  }();
  return result;
}

SessionNeighbours model(const SessionNeighboursOptions& options) {
  std::size_t views = SessionWindow::longest;
  for (const Session& session : history().sessions) views += session.size();
  SessionNeighbours result(history().items,
                           {.sessions = history().sessions.size(), .views = views}, options);
  for (const Session& session : history().sessions) result.append(session);
  return result;
}

/// VMIS-kNN as published, m 1,500, k 300; and with the decays of V-STAN over more views.
const SessionNeighbours& neighbours(bool decays) {
  static const SessionNeighbours plain = model({});
  static const SessionNeighbours all = model({.last_views = 9,
                                              .view_decay = 0.2f,
                                              .match_rarity = 4,
                                              .half_life = 80'000,
                                              .distance_decay = 0.3f,
                                              .itself = 0.25f});
  return decays ? all : plain;
}

void picks_of_a_session(benchmark::State& state) {
  const SessionNeighbours& scorer = neighbours(state.range(0) != 0);
  Workspace workspace(scorer.items(), picks);
  const ItemMask all(scorer.items());
  bodega_benchmark::latency(state, [&](std::size_t i) {
    return select_picks(scorer, {.basket = history().queries[i % history().queries.size()]}, all,
                        picks, workspace, QueryItems::allowed).size();
  });
}

void slate_of_a_session(benchmark::State& state) {
  const SessionNeighbours& scorer = neighbours(state.range(0) != 0);
  Workspace workspace(scorer.items(), picks);
  const ItemMask all(scorer.items());
  bodega_benchmark::latency(state, [&](std::size_t i) {
    return select_slate(scorer, {.basket = history().queries[i % history().queries.size()]}, all,
                        picks, workspace, QueryItems::allowed).size();
  });
}

/// The window is full, so the oldest session goes.
void append_a_session(benchmark::State& state) {
  SessionNeighbours scorer = neighbours(false);
  bodega_benchmark::latency(state, [&](std::size_t i) {
    scorer.append(history().sessions[i % history().sessions.size()]);
    return scorer.window().size();
  });
}

BENCHMARK(picks_of_a_session)->ArgName("decays")->Arg(0)->Arg(1)->UseManualTime()
    ->Iterations(28'000);
BENCHMARK(slate_of_a_session)->ArgName("decays")->Arg(0)->Arg(1)->UseManualTime()
    ->Iterations(3'000);
BENCHMARK(append_a_session)->UseManualTime()->Iterations(100'000);

}  // namespace

BENCHMARK_MAIN();
