// SPDX-License-Identifier: MIT
#include <limits>
#include <vector>

#include <bodega/compress/quantize.hpp>
#include <bodega/session/sequential_rules_trainer.hpp>

#include "check_error.hpp"

using namespace bodega;
using bodega_test::Approx;

namespace {
using Session = std::vector<ItemIndex>;

Session session_of(std::initializer_list<std::uint32_t> list) {
  Session result;
  for (const std::uint32_t item : list) result.emplace_back(item);
  return result;
}

SessionWindow window_of(std::initializer_list<Session> sessions, std::size_t items = 6) {
  SessionWindow window(items, {.sessions = 10});
  for (const Session& session : sessions) window.append(session);
  return window;
}

template <class Model>
std::vector<float> scores(const Model& model, const Session& session,
                          ItemIndex viewed = ItemIndex::none()) {
  std::vector<float> result(model.items(), 0.0f);
  model.add_scores({.basket = session, .viewed = viewed}, 1, result);
  return result;
}
}  // namespace

TEST_CASE("A rule counts one over its steps, relative to the row's strongest") {
  const auto window = window_of({session_of({0, 1, 2, 1}), session_of({0, 2})});
  const auto rules = fit_sequential_rules(window);
  // From 0: to 1 one step and three steps ahead, to 2 two steps and one step ahead.
  CHECK(scores(rules, session_of({0}))[1] == Approx((1 + 1 / 3.0) / 1.5));
  CHECK(scores(rules, session_of({0}))[2] == 1);
  CHECK(scores(rules, session_of({1}))[1] == Approx(0.5));  // again after two steps
  CHECK(scores(rules, session_of({1, 0})) == scores(rules, session_of({0})));
  const auto without = fit_sequential_rules(window, {.repeats = false});
  CHECK(scores(without, session_of({1}))[1] == 0);
  CHECK(scores(without, session_of({1}))[2] == 1);
}

TEST_CASE("Steps, their power, age and shrinkage do what they say") {
  const auto window = window_of({session_of({0, 1, 2, 3}), session_of({0, 4})});
  const auto near = fit_sequential_rules(window, {.steps = 1});
  CHECK(scores(near, session_of({0})) == std::vector<float>{0, 1, 0, 0, 1, 0});
  const auto square = fit_sequential_rules(window, {.step_power = 2});
  CHECK(scores(square, session_of({0}))[3] == Approx(1 / 9.0));
  const auto fading = fit_sequential_rules(window, {.half_life = 1});
  CHECK(scores(fading, session_of({0}))[1] == Approx(0.5));
  const auto shrunk = fit_sequential_rules(window, {.shrinkage = 3});
  CHECK(scores(shrunk, session_of({0}))[1] == Approx(0.25));
  const auto two = fit_sequential_rules(window, {.neighbours = 2});
  CHECK(scores(two, session_of({0})) == std::vector<float>{0, 1, 0, 0, 1, 0});
  const auto none = fit_sequential_rules(window, {.steps = 0});
  CHECK(scores(none, session_of({0})) == std::vector<float>(6, 0.0f));
}

TEST_CASE("With a decay the views before the last one speak too") {
  const auto window = window_of({session_of({0, 1}), session_of({2, 3})});
  const auto rules = fit_sequential_rules(window, {.view_decay = 0.5f});
  CHECK(scores(rules, session_of({0, 2})) == std::vector<float>{0, 0.5f, 0, 1, 0, 0});
  CHECK(scores(rules, session_of({0, 9}), ItemIndex(2)) == scores(rules, session_of({0, 2})));
  CHECK(scores(rules, session_of({0, 0})) == std::vector<float>{0, 1.5f, 0, 0, 0, 0});
  Session long_ago = session_of({0});
  long_ago.insert(long_ago.end(), 10, ItemIndex(5));
  CHECK(scores(rules, long_ago) == std::vector<float>(6, 0.0f));
  long_ago.pop_back();
  CHECK(scores(rules, long_ago)[1] == Approx(std::pow(0.5, 9)));
  CHECK(scores(revisits(6, 0.5f), session_of({3, 1, 3})) ==
        std::vector<float>{0, 0.5f, 0, 1.25f, 0, 0});
}

TEST_CASE("INT8 rules are near the float ones") {
  SessionWindow window(40, {.sessions = 200});
  for (std::uint32_t s = 0; s < 200; ++s)
    window.append(session_of({s % 40, (7 * s) % 40, (s * s) % 40, (s + 1) % 40}));
  const auto rules = fit_sequential_rules(window, {.view_decay = 0.3f});
  const auto small = quantize(rules);
  CHECK(small.view_decay() == rules.view_decay());
  for (std::uint32_t item = 0; item < 40; ++item)
    for (std::size_t j = 0; j < 40; ++j)
      CHECK(std::abs(scores(small, session_of({item, 3}))[j] -
                     scores(rules, session_of({item, 3}))[j]) < 0.01f);
}

TEST_CASE("Rules of nothing say nothing, and numbers that mean nothing are refused") {
  CHECK(scores(fit_sequential_rules(SessionWindow(6, {.sessions = 2})), session_of({1})) ==
        std::vector<float>(6, 0.0f));
  const auto window = window_of({session_of({0, 1})});
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_AS(fit_sequential_rules(window, {.step_power = -1}), Error);
  CHECK_THROWS_AS(fit_sequential_rules(window, {.half_life = nan}), Error);
  CHECK_THROWS_AS(fit_sequential_rules(window, {.shrinkage = -1}), Error);
  CHECK_THROWS_AS(fit_sequential_rules(window, {.view_decay = 1.5f}), Error);
  CHECK(scores(fit_sequential_rules(window, {.step_power = 1e6, .half_life = 1e-6}),
               session_of({0}))[1] == 1);
}

TEST_CASE("Who counts hears how far it is, and may end it") {
  SessionWindow window(3, {});
  window.append(std::vector<ItemIndex>{ItemIndex(0), ItemIndex(1)});
  std::size_t last = 0;
  SequentialRulesOptions options;
  options.progress = [&](const Progress& at) {
    last = at.done;
    return true;
  };
  fit_sequential_rules(window, options);
  CHECK(last == 3);
  options.progress = [](const Progress&) { return false; };
  CHECK_ERROR(fit_sequential_rules(window, options), ErrorCode::cancelled, "sequential rules");
}
