// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <vector>

#include <bodega/bundle/bundle.hpp>
#include <bodega/compress/quantize.hpp>
#include <bodega/core/random.hpp>
#include <bodega/hybrid/blend.hpp>
#include <bodega/hybrid/mask.hpp>
#include <bodega/hybrid/slate.hpp>
#include <bodega/session/sequential_rules_trainer.hpp>
#include <bodega/session/session_neighbours.hpp>

#include "bundle/temporary_folder.hpp"
#include "catch.hpp"
#include "contract/scorer_contract.hpp"
#include "toy_shop.hpp"

using namespace bodega;
using bodega_test::Approx;

namespace {
using Session = std::vector<ItemIndex>;
using Number = SessionWindow::Number;
constexpr std::uint32_t items = 30;

Session session_of(std::initializer_list<std::uint32_t> list) {
  Session result;
  for (const std::uint32_t item : list) result.emplace_back(item);
  return result;
}

Session random_session(std::uint32_t seed, std::uint32_t longest = 12) {
  const CounterRandom random(11);
  Session result;
  const std::uint32_t length = 1 + random.below(longest, seed, 0);
  for (std::uint32_t i = 0; i < length; ++i)  // low items are viewed more
    result.emplace_back(
        std::min(random.below(items, seed, 2 * i + 1), random.below(items, seed, 2 * i + 2)));
  return result;
}

SessionNeighbours model_of(std::uint32_t sessions, const SessionNeighboursOptions& options,
                           std::size_t room = 0) {
  SessionNeighbours model(items, {.sessions = room > 0 ? room : sessions, .views = 10'000},
                          options);
  for (std::uint32_t s = 0; s < sessions; ++s) model.append(random_session(s));
  return model;
}

std::vector<float> scores(const SessionNeighbours& model, const Session& session,
                          ItemIndex viewed = ItemIndex::none()) {
  std::vector<float> result(model.items(), 0.0f);
  model.add_scores({.basket = session, .viewed = viewed}, 1, result);
  return result;
}

/// The definition, by looking at every session of the window.
std::vector<double> slow_scores(const SessionNeighbours& model, const Session& query) {
  const SessionNeighboursOptions& o = model.options();
  const SessionWindow& window = model.window();
  std::vector<std::uint32_t> last;
  for (std::size_t b = 0; b < std::min<std::size_t>(query.size(), o.last_views); ++b) {
    const std::uint32_t item = query[query.size() - 1 - b].value();
    if (std::find(last.begin(), last.end(), item) == last.end()) last.push_back(item);
  }
  const auto rarity = [&](std::uint32_t item) {
    return std::log(static_cast<double>(window.size()) / window.count(item));
  };
  const auto n = static_cast<float>(last.size());
  struct Like {
    double alike;
    Number session;
    std::size_t latest;
  };
  std::vector<Like> found;
  for (Number session = window.end(); session-- > window.oldest() && found.size() < o.recent;) {
    const auto views = window[session];
    // In float as well, so that what is equally alike is so here too.
    float alike = 0;
    std::size_t latest = last.size();
    for (std::size_t i = 0; i < last.size(); ++i) {
      if (std::find(views.begin(), views.end(), last[i]) == views.end()) continue;
      const auto steps = static_cast<float>(i);
      const float rare = window.log_size() - window.log_count(last[i]);
      alike += (o.view_decay > 0 ? std::exp(-o.view_decay * steps) : (n - steps) / n) *
               (o.match_rarity == 0 ? 1.0f : std::pow(rare, o.match_rarity));
      latest = std::min(latest, i);
    }
    if (latest == last.size()) continue;
    if (o.half_life > 0)
      alike *= std::exp2(-1 / o.half_life * static_cast<float>(window.end() - 1 - session));
    found.push_back({alike, session, latest});
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const Like& a, const Like& b) { return a.alike > b.alike; });
  if (found.size() > o.neighbours) found.resize(o.neighbours);
  std::vector<double> result(model.items(), 0);
  double total = 0;
  for (Like& like : found) {
    like.alike *= std::max(0.0, 1 - o.match_decay * static_cast<double>(like.latest + 1));
    total += like.alike;
  }
  for (const Like& like : found) {
    const auto views = window[like.session];
    const auto place = [&](auto from, auto to, std::uint32_t item) {
      return std::find(from, to, item) - from;
    };
    const auto at = static_cast<std::ptrdiff_t>(views.size()) - 1 -
                    place(views.rbegin(), views.rend(), last[like.latest]);
    std::map<std::uint32_t, std::pair<std::ptrdiff_t, double>> part;  // steps, what is said
    for (std::ptrdiff_t i = static_cast<std::ptrdiff_t>(views.size()); i-- > 0;) {
      const std::uint32_t item = views[static_cast<std::size_t>(i)];
      const std::ptrdiff_t steps = i == at ? 10'000 : std::abs(i - at);  // itself if nothing else
      const double said = i == at ? double{o.itself}
                                  : std::exp(-o.distance_decay * static_cast<double>(steps - 1)) *
                                        (i < at ? double{o.before} : 1.0);
      const auto known = part.find(item);
      if (known == part.end() || steps < known->second.first) part[item] = {steps, said};
    }
    for (const auto& [item, said] : part)
      result[item] += like.alike * said.second * (o.rare_first ? rarity(item) : 1.0) / total;
  }
  return result;
}

const std::vector<SessionNeighboursOptions>& settings() {
  static const std::vector<SessionNeighboursOptions> all = {
      {},
      {.recent = 60, .neighbours = 20},
      {.recent = 4, .neighbours = 2, .last_views = 2, .rare_first = 0},
      {.recent = 100,
       .neighbours = 25,
       .last_views = 6,
       .view_decay = 0.37f,
       .match_rarity = 2,
       .half_life = 41,
       .match_decay = 0.06f,
       .distance_decay = 0.3f,
       .before = 0.7f,
       .itself = 0.2f},
      {.recent = 70,
       .neighbours = 30,
       .last_views = 16,
       .distance_decay = 0.1f,
       .before = 1.3f,
       .itself = 0}};
  return all;
}
}  // namespace

TEST_CASE("Session neighbours score what their definition says") {
  for (const SessionNeighboursOptions& options : settings()) {
    const SessionNeighbours model = model_of(400, options, 250);
    for (std::uint32_t q = 0; q < 40; ++q) {
      const Session query = random_session(10'000 + q);
      const auto found = scores(model, query);
      const auto expected = slow_scores(model, query);
      for (std::uint32_t i = 0; i < items; ++i)
        if (!(std::abs(found[i] - expected[i]) < 1e-5)) {
          INFO("query " << q << ", item " << i << ": " << found[i] << " for " << expected[i]);
          FAIL_CHECK("scores differ");
        }
    }
  }
}

TEST_CASE("VMIS by hand") {
  SessionNeighbours model(6, {.sessions = 10}, {.match_decay = 0});
  model.append(session_of({0, 1, 2}));
  model.append(session_of({3, 4}));
  model.append(session_of({0, 2, 2}));
  model.append(session_of({5}));
  // Viewed 1, then 0: the third session shares 0 (1), the first shares both (1.5).
  const auto found = scores(model, session_of({1, 0}));
  CHECK(found[1] == Approx(1.5 / 2.5 * std::log(4.0)));
  CHECK(found[0] == Approx(std::log(2.0)));
  CHECK(found[2] == Approx(std::log(2.0)));
  CHECK(found[3] == 0);
  CHECK(scores(model, session_of({1}), ItemIndex(0)) == found);
}

TEST_CASE("Appending and expiring leaves the same model as building it of the same window") {
  for (const SessionNeighboursOptions& options : settings()) {
    const SessionNeighbours rolled = model_of(300, options, 100);
    REQUIRE(rolled.window().size() == 100);
    SessionNeighbours fresh(items, {.sessions = 100, .views = 10'000}, options);
    for (std::uint32_t s = 200; s < 300; ++s) fresh.append(random_session(s));
    for (std::uint32_t q = 0; q < 30; ++q)
      CHECK(scores(rolled, random_session(q)) == scores(fresh, random_session(q)));
  }
}

TEST_CASE("An expired session has no influence") {
  SessionNeighbours model(items, {.sessions = 50});
  model.append(session_of({28, 29}));
  CHECK(scores(model, session_of({28}))[29] == 0);  // one session of one: no item is rare
  for (std::uint32_t s = 0; s < 49; ++s) model.append(session_of({s % 20, (s + 1) % 20}));
  CHECK(scores(model, session_of({28}))[29] > 0);
  model.append(session_of({1}));
  CHECK(scores(model, session_of({28})) == std::vector<float>(items, 0.0f));
  Reasons reasons;
  const Session query = session_of({28});
  model.explain({.basket = query}, 1, ItemIndex(29), reasons);
  CHECK(reasons.empty());
  while (model.window().size() > 0) model.expire_oldest();
  CHECK(scores(model, session_of({1})) == std::vector<float>(items, 0.0f));
}

TEST_CASE("Odd questions have an answer: nothing, or as if what is odd were not there") {
  const SessionNeighbours model = model_of(200, {});
  const std::vector<float> nothing(items, 0.0f);
  CHECK(scores(model, {}) == nothing);
  CHECK(scores(model, session_of({items, items + 7})) == nothing);
  CHECK(scores(model, session_of({3, items, 5, items})) == scores(model, session_of({3, 5})));
  CHECK(scores(model, session_of({3, 5}), ItemIndex(items)) == scores(model, session_of({3, 5})));

  Session thousands = session_of({9});
  for (std::uint32_t i = 0; i < 5000; ++i) thousands.emplace_back(i % 7);
  const Session end(thousands.end() - 4, thousands.end());
  CHECK(scores(model, thousands) == scores(model, end));
  CHECK(scores(model, session_of({4, 4, 4, 4})) == scores(model, session_of({4})));

  for (const SessionNeighboursOptions& options :
       {SessionNeighboursOptions{.recent = 0}, SessionNeighboursOptions{.neighbours = 0},
        SessionNeighboursOptions{.last_views = 0}, SessionNeighboursOptions{.match_decay = 1}})
    CHECK(scores(model_of(200, options), session_of({1, 2, 3})) == nothing);
  CHECK(scores(model_of(20, {.neighbours = 4'000'000}), session_of({1, 2})) ==
        scores(model_of(20, {.neighbours = 20}), session_of({1, 2})));
  CHECK(scores(model_of(50, {.half_life = 1e-6f}), session_of({29})).size() == items);
}

TEST_CASE("Scores stay finite where sessions, options and weights are extreme") {
  for (const SessionNeighboursOptions& options :
       {SessionNeighboursOptions{.match_rarity = 8}, SessionNeighboursOptions{.half_life = 1e-30f},
        SessionNeighboursOptions{.half_life = 0.1f, .before = 1e6f, .itself = 1e6f},
        SessionNeighboursOptions{.view_decay = 1e6f, .distance_decay = 1e6f}}) {
    SessionNeighbours model = model_of(300, options, 100);
    Session same(4000, ItemIndex(3));
    model.append(same);
    for (std::uint32_t q = 0; q < 30; ++q)
      for (const float score : scores(model, random_session(q))) REQUIRE(std::isfinite(score));
  }
}

TEST_CASE("Options that mean nothing are refused") {
  constexpr float nan = std::numeric_limits<float>::quiet_NaN();
  for (const SessionNeighboursOptions& options :
       {SessionNeighboursOptions{.recent = 4097}, SessionNeighboursOptions{.last_views = 17},
        SessionNeighboursOptions{.view_decay = -1}, SessionNeighboursOptions{.match_rarity = 9},
        SessionNeighboursOptions{.half_life = nan}, SessionNeighboursOptions{.match_decay = nan},
        SessionNeighboursOptions{.distance_decay = -0.1f}, SessionNeighboursOptions{.before = -1},
        SessionNeighboursOptions{.itself = std::numeric_limits<float>::infinity()},
        SessionNeighboursOptions{.rare_first = 2}})
    CHECK_THROWS_AS(SessionNeighbours(items, {.sessions = 10}, options), Error);
}

TEST_CASE("A saved model answers as before and goes on learning") {
  const bodega_test::TemporaryFolder folder;
  SessionNeighbours model = model_of(300, settings()[3], 100);
  Bundle bundle;
  bundle.add("session", model);
  bundle.save(folder / "session.bodega");
  SessionNeighbours same =
      Bundle::open(folder / "session.bodega").get<SessionNeighbours>("session");
  for (std::uint32_t round = 0; round < 3; ++round) {
    for (std::uint32_t q = 0; q < 20; ++q)
      CHECK(scores(same, random_session(q)) == scores(model, random_session(q)));
    for (std::uint32_t s = 0; s < 70; ++s) {
      model.append(random_session(1000 + 100 * round + s));
      same.append(random_session(1000 + 100 * round + s));
    }
  }
}

TEST_CASE("A slate of a session has no item twice and none that the mask forbids") {
  const SessionNeighbours model = model_of(300, {});
  ItemMask mask(items);
  for (std::uint32_t i = 0; i < items; i += 3) mask.forbid(ItemIndex(i));
  Workspace workspace(items);
  for (std::uint32_t q = 0; q < 50; ++q) {
    const Session query = random_session(500 + q);
    for (const QueryItems shown : {QueryItems::allowed, QueryItems::excluded}) {
      std::set<ItemIndex> seen;
      float before = std::numeric_limits<float>::infinity();
      for (const Pick& pick : select_slate(model, {.basket = query}, mask, 12, workspace, shown)) {
        CHECK(mask.allows(pick.item));
        CHECK(seen.insert(pick.item).second);
        CHECK(pick.score <= before);
        before = pick.score;
        CHECK_FALSE(pick.because.empty());
        if (shown == QueryItems::excluded)
          CHECK(std::find(query.begin(), query.end(), pick.item) == query.end());
      }
    }
    CHECK(select_slate(model, {.basket = query}, mask, 0, workspace, QueryItems::allowed).empty());
    CHECK(select_slate(model, {.basket = query}, ItemMask(items, false), 12, workspace,
                       QueryItems::allowed)
              .empty());
  }
}

TEST_CASE("The picks of a slate are explained at once as they are one by one") {
  for (const SessionNeighboursOptions& options : settings()) {
    const SessionNeighbours model = model_of(300, options);
    const auto mixed = blend(model, 0.5f, revisits(items), 0.3f);
    for (std::uint32_t q = 0; q < 20; ++q) {
      const Session session = random_session(700 + q);
      const Query query{.basket = session};
      std::vector<Pick> picks;  // every item, and one that there is not
      for (std::uint32_t i = 0; i <= items; ++i) picks.push_back({ItemIndex(i), 0, {}});
      explain_all(mixed, query, 2, picks);
      std::size_t explained = 0;
      for (const Pick& pick : picks) {
        Reasons alone;
        mixed.explain(query, 2, pick.item, alone);
        REQUIRE(pick.because.size() == alone.size());
        explained += !alone.empty();
        for (std::size_t r = 0; r < alone.size(); ++r) {
          CHECK(pick.because[r].item == alone[r].item);
          CHECK(pick.because[r].contribution == alone[r].contribution);
        }
      }
      CHECK(explained > 0);
      CHECK(picks.back().because.empty());
    }
  }
}

TEST_CASE("A slate of more picks than are explained at a time") {
  constexpr std::uint32_t many = 500;
  SessionNeighbours model(many, {.sessions = 400}, {});
  for (std::uint32_t s = 0; s < 390; ++s) model.append(session_of({0, 1 + s, 1 + (s * 7) % many}));
  Workspace workspace(many, 200);
  const Session query = session_of({0});
  const auto picks =
      select_slate(model, {.basket = query}, ItemMask(many), 200, workspace, QueryItems::allowed);
  REQUIRE(picks.size() == 200);
  for (const Pick& pick : picks) {
    Reasons alone;
    model.explain({.basket = query}, 1, pick.item, alone);
    REQUIRE(pick.because.size() == 1);
    REQUIRE(alone.size() == 1);
    CHECK(pick.because[0].item == ItemIndex(0));
    CHECK(pick.because[0].contribution == alone[0].contribution);
    CHECK(pick.because[0].contribution == Approx(pick.score));
  }
}

TEST_CASE("session neighbours, sequential rules and their blend keep the scorer contract") {
  const bodega_test::ScorerPromises in_order{.sums_over_items = false, .any_order = false};
  SessionWindow window(bodega_test::toy_items, {.sessions = 300});
  const Baskets baskets = bodega_test::toy_baskets();
  for (std::size_t b = 0; b < baskets.size(); ++b) window.append(baskets[b]);
  const SessionNeighbours plain(window, {.recent = 100, .neighbours = 30});
  bodega_test::check_scorer_contract(plain, bodega_test::toy_items, in_order);
  bodega_test::check_scorer_contract(SessionNeighbours(window, {.last_views = 9,
                                                                .view_decay = 0.3f,
                                                                .match_rarity = 2,
                                                                .half_life = 100,
                                                                .distance_decay = 0.2f,
                                                                .before = 0.5f,
                                                                .itself = 0.1f}),
                                     bodega_test::toy_items, in_order);
  bodega_test::check_scorer_contract(SessionNeighbours(bodega_test::toy_items),
                                     bodega_test::toy_items, in_order);
  const auto rules = fit_sequential_rules(window, {.view_decay = 0.4f});
  bodega_test::check_scorer_contract(rules, bodega_test::toy_items, in_order);
  bodega_test::check_scorer_contract(quantize(rules), bodega_test::toy_items, in_order);
  bodega_test::check_scorer_contract(revisits(bodega_test::toy_items), bodega_test::toy_items,
                                     in_order);
  bodega_test::check_scorer_contract(
      blend(plain, 1.0f, rules, 0.3f), bodega_test::toy_items,
      {.sums_over_items = false, .explains_all = false, .any_order = false});
}

namespace {
/// Who viewed 1 went on to 11, who viewed 2 to 12; equally many of each.
SessionNeighbours two_paths(const SessionNeighboursOptions& options = {}) {
  SessionNeighbours model(items, {.sessions = 100}, options);
  for (int n = 0; n < 10; ++n) {
    model.append(session_of({1, 11}));
    model.append(session_of({2, 12}));
    model.append(session_of({20}));  // so that no item is in all
  }
  return model;
}
std::vector<float> of_session(const SessionNeighbours& model, const std::vector<View>& session) {
  std::vector<float> result(model.items(), 0.0f);
  model.add_scores({.session = session}, 1, result);
  return result;
}
}  // namespace

TEST_CASE("What was looked at longer counts more, up to twice") {
  const SessionNeighbours model = two_paths({.half_dwell = 20});
  const auto share_of_1 = [&](float dwell_of_1, float dwell_of_2) {
    const auto found = of_session(model, {{ItemIndex(1), dwell_of_1}, {ItemIndex(2), dwell_of_2}});
    return found[11] / (found[11] + found[12]);
  };
  // Two views ago counts half of what the last one does, and is less sure of what comes next.
  const auto expected = [](float weight_of_1, float weight_of_2) {
    return weight_of_1 * 0.5f * 0.8f / (weight_of_1 * 0.5f * 0.8f + weight_of_2 * 0.9f);
  };
  constexpr float unknown = View::no_dwell;
  CHECK(share_of_1(unknown, unknown) == Approx(expected(1, 1)));
  CHECK(share_of_1(20, unknown) == Approx(expected(1, 1)));
  CHECK(share_of_1(60, 20) == Approx(expected(1.5f, 1)));
  CHECK(share_of_1(1e9f, 20) == Approx(expected(2, 1)));
  CHECK(share_of_1(std::numeric_limits<float>::infinity(), 20) == Approx(expected(2, 1)));
  CHECK(share_of_1(0, 20) == Approx(expected(0.1f, 1)));
  CHECK(share_of_1(std::numeric_limits<float>::quiet_NaN(), 20) == Approx(expected(1, 1)));
}

TEST_CASE("Views of one item add up their time") {
  const SessionNeighbours model = two_paths({.half_dwell = 20});
  const auto once = of_session(model, {{ItemIndex(1), 60}, {ItemIndex(2), 5}});
  CHECK(of_session(model, {{ItemIndex(1), 60}, {ItemIndex(2), 2}, {ItemIndex(2), 3}}) == once);
  CHECK(of_session(model, {{ItemIndex(1), 60}, {ItemIndex(2)}, {ItemIndex(2), 5}}) == once);
}

TEST_CASE("Dwell is left out where the option says so, and told so") {
  const SessionNeighbours model = two_paths({.half_dwell = 0});
  CHECK(of_session(model, {{ItemIndex(1), 60}, {ItemIndex(2), 1}}) ==
        of_session(model, {{ItemIndex(1)}, {ItemIndex(2)}}));
  CHECK_FALSE(model.uses().has(QueryPart::dwell));
  CHECK(two_paths().uses() == (QueryParts::views() | QueryPart::dwell));
}

TEST_CASE("A session is answered as the basket of its items is, where no dwell is known") {
  const SessionNeighbours model = model_of(200, {});
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    const Session basket = random_session(5000 + seed);
    std::vector<View> session;
    for (const ItemIndex item : basket) session.push_back({item});
    CHECK(of_session(model, session) == scores(model, basket));
  }
}

TEST_CASE("A file of before dwell was used is read, and written where dwell is used as usual") {
  Bundle bundle;
  bundle.add("usual", two_paths());
  bundle.add("other", two_paths({.half_dwell = 7}));
  CHECK(bundle.signature("usual").find("half_dwell") == std::string_view::npos);
  CHECK(bundle.get<SessionNeighbours>("usual").options().half_dwell ==
        SessionNeighboursOptions::usual_half_dwell);
  CHECK(bundle.get<SessionNeighbours>("other").options().half_dwell == 7);
}
