// SPDX-License-Identifier: MIT
// The next view of a session, by the neighbours among all recent sessions: score, take the best 20,
// and with reasons; and what a finished session costs to learn. Every call has another query.
//
// The sessions are those of the case folder in the environment variable BODEGA_SESSION_CASES
// (make_cases.py session yoochoose64), else made up in that shape.
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include <benchmark/benchmark.h>

#include <bodega/core/random.hpp>
#include <bodega/hybrid/slate.hpp>
#include <bodega/session/session_neighbours.hpp>

#include "support/cases.hpp"
#include "support/measure.hpp"

namespace {

using namespace bodega;
using Session = std::vector<ItemIndex>;

constexpr std::size_t picks = 20;

struct History {
  std::size_t items = 0;
  std::vector<Session> sessions, queries;
};

/// 120,000 sessions over 17,000 items: a few items are in many sessions, a session stays among
/// items that are alike, and goes back to what it has seen.
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
  SessionNeighbours result(history().items, {.sessions = history().sessions.size(), .views = views},
                           options);
  for (const Session& session : history().sessions) result.append(session);
  return result;
}

enum Settings { vmis_500_100, vmis_1500_300, with_decays };  // m and k of VMIS-kNN; as V-STAN

const SessionNeighbours& neighbours(std::int64_t settings) {
  static const std::array<SessionNeighbours, 3> models = {model({.recent = 500, .neighbours = 100}),
                                                          model({}),
                                                          model({.last_views = 9,
                                                                 .view_decay = 0.2f,
                                                                 .match_rarity = 4,
                                                                 .half_life = 80'000,
                                                                 .distance_decay = 0.3f,
                                                                 .itself = 0.25f})};
  return models[static_cast<std::size_t>(settings)];
}

/// 1,000 queries in turn, 20 rounds. Beside the latencies as they came, those of each query's
/// fastest round ("least"), which say what the work takes where others disturb the machine.
constexpr std::size_t queries = 1'000, rounds = 20;

struct Everything {
  bool allows(ItemIndex) const noexcept { return true; }
};

template <class Answer>
void ask(benchmark::State& state, Answer&& answer) {
  const SessionNeighbours& scorer = neighbours(state.range(0));
  Workspace workspace(scorer.items(), picks);
  const std::size_t step = std::max<std::size_t>(history().queries.size() / queries, 1);
  std::vector<double> least(queries, 1e9), all;
  bodega_benchmark::latency(state, [&](std::size_t i) {
    const auto start = std::chrono::steady_clock::now();
    const Session& query = history().queries[(i % queries) * step % history().queries.size()];
    const std::size_t found = answer(scorer, Query{.basket = query}, workspace);
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - start;
    least[i % queries] = std::min(least[i % queries], took.count());
    all.push_back(took.count());
    return found;
  });
  state.counters["p90_us"] = bodega_benchmark::quantile(all, 0.90);
  state.counters["p50_least_us"] = bodega_benchmark::quantile(least, 0.50);
  state.counters["p90_least_us"] = bodega_benchmark::quantile(least, 0.90);
  state.counters["p99_least_us"] = bodega_benchmark::quantile(least, 0.99);
}

void picks_of_a_session(benchmark::State& state) {
  ask(state, [](const SessionNeighbours& scorer, const Query& query, Workspace& workspace) {
    return select_picks(scorer, query, Everything(), picks, workspace, QueryItems::allowed).size();
  });
}

void slate_of_a_session(benchmark::State& state) {
  ask(state, [](const SessionNeighbours& scorer, const Query& query, Workspace& workspace) {
    return select_slate(scorer, query, Everything(), picks, workspace, QueryItems::allowed).size();
  });
}

/// The window is full, so the oldest session goes.
void append_a_session(benchmark::State& state) {
  SessionNeighbours scorer = neighbours(vmis_1500_300);
  bodega_benchmark::latency(state, [&](std::size_t i) {
    scorer.append(history().sessions[i % history().sessions.size()]);
    return scorer.window().size();
  });
}

BENCHMARK(picks_of_a_session)
    ->ArgName("settings")
    ->DenseRange(0, 2)
    ->UseManualTime()
    ->Iterations(queries* rounds);
BENCHMARK(slate_of_a_session)
    ->ArgName("settings")
    ->DenseRange(0, 2)
    ->UseManualTime()
    ->Iterations(queries * 2);
BENCHMARK(append_a_session)->UseManualTime()->Iterations(100'000);

}  // namespace

BENCHMARK_MAIN();
