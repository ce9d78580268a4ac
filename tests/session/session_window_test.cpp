// SPDX-License-Identifier: MIT
#include <algorithm>
#include <deque>
#include <set>
#include <vector>

#include <bodega/core/random.hpp>
#include <bodega/session/session_window.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "reload.hpp"

using namespace bodega;

namespace {
using Session = std::vector<ItemIndex>;
constexpr std::uint32_t items = 30;

Session session_of(std::initializer_list<std::uint32_t> list) {
  Session result;
  for (const std::uint32_t item : list) result.emplace_back(item);
  return result;
}

/// Many short ones, some long, some empty, some with unknown items; few items, so they repeat.
Session random_session(std::uint32_t seed) {
  const CounterRandom random(5);
  const std::uint32_t kind = random.below(50, seed, 0);
  const std::uint32_t length = kind == 0  ? 300 + random.below(900, seed, 1)
                               : kind < 5 ? 0
                                          : 1 + random.below(9, seed, 1);
  Session result;
  for (std::uint32_t i = 0; i < length; ++i)
    result.emplace_back(random.below(items + 2, seed, 2 + i));
  return result;
}

/// What is to be in the window of a session.
std::vector<std::uint32_t> kept(const Session& session) {
  std::vector<std::uint32_t> known;
  for (const ItemIndex item : session)
    if (item.value() < items) known.push_back(item.value());
  if (known.size() > SessionWindow::longest)
    known.erase(known.begin(), known.end() - static_cast<std::ptrdiff_t>(SessionWindow::longest));
  return known;
}

std::vector<SessionWindow::Number> newest_of(const SessionWindow& window, std::uint32_t item) {
  std::vector<SessionWindow::Number> found;
  for (auto walk = window.newest(item); walk.head() > 0; walk.advance(1))
    found.push_back(walk.head() - 1);
  return found;
}

void check_same(const SessionWindow& window,
                const std::deque<std::vector<std::uint32_t>>& expected) {
  REQUIRE(window.size() == expected.size());
  for (std::uint32_t s = 0; s < expected.size(); ++s) {
    const auto views = window[window.oldest() + s];
    const auto again = window.again(window.oldest() + s);
    REQUIRE(std::vector<std::uint32_t>(views.begin(), views.end()) == expected[s]);
    std::vector<std::uint32_t> once;
    for (const std::uint32_t item : expected[s])
      if (std::find(once.begin(), once.end(), item) == once.end()) once.push_back(item);
    const auto distinct = window.distinct(window.oldest() + s);
    REQUIRE(std::vector<std::uint32_t>(distinct.begin(), distinct.end()) == once);
    for (std::size_t i = 0; i < views.size(); ++i) {
      const auto same = std::count(views.begin(), views.end(), views[i]);
      if (again.empty()) REQUIRE(same == 1);
      if (again.empty()) continue;
      REQUIRE((again[i].previous == 0 && again[i].next == 0) == (same == 1));
      for (std::size_t j = 0; j < views.size(); ++j) {
        const auto from = views.begin() + static_cast<std::ptrdiff_t>(std::min(i, j)) + 1;
        const auto to = views.begin() + static_cast<std::ptrdiff_t>(std::max(i, j));
        const bool between = i != j && std::find(from, to, views[i]) != to;
        if (i == j || views[i] != views[j] || between) continue;
        REQUIRE((j < i ? again[i].previous : again[i].next) == (j < i ? i - j : j - i));
      }
    }
  }
  for (std::uint32_t item = 0; item < items; ++item) {
    std::vector<SessionWindow::Number> holds;
    for (std::uint32_t s = 0; s < expected.size(); ++s)
      if (std::count(expected[s].begin(), expected[s].end(), item) > 0)
        holds.insert(holds.begin(), window.oldest() + s);
    REQUIRE(newest_of(window, item) == holds);
    REQUIRE(window.count(item) == holds.size());
  }
}
}  // namespace

TEST_CASE("A window keeps sessions in order with repeats and says who holds an item") {
  SessionWindow window(items, {.sessions = 3});
  window.append(session_of({4, 7, 4}));
  window.append(session_of({}));
  window.append(session_of({items, 7}));
  window.append(session_of({items, items + 5}));
  check_same(window, {{4, 7, 4}, {7}});
  CHECK(window.log_count(7) == Approx(std::log(2.0)));
  window.append(session_of({1}));
  window.append(session_of({4}));
  check_same(window, {{7}, {1}, {4}});
  window.expire_oldest();
  window.expire_oldest();
  window.expire_oldest();
  window.expire_oldest();
  check_same(window, {});
}

TEST_CASE("Appending and expiring at random leaves what a list would hold") {
  for (const auto& options : {SessionWindowOptions{40, 0}, SessionWindowOptions{1000, 300},
                              SessionWindowOptions{1000, 1000}, SessionWindowOptions{1, 0}}) {
    SessionWindow window(items, options);
    std::deque<std::vector<std::uint32_t>> expected;
    for (std::uint32_t step = 0; step < 1500; ++step) {
      const Session session = random_session(step);
      window.append(session);
      if (auto views = kept(session); !views.empty()) expected.push_back(std::move(views));
      if (step % 37 == 0) window.expire_oldest();
      while (expected.size() > window.size()) expected.pop_front();
      if (step % 50 == 0) {
        window.validate("window");
        check_same(window, expected);
        if (step % 250 == 0) check_same(bodega_test::reload(window), expected);
      }
    }
    check_same(window, expected);
    CHECK(window.size() > 0);
  }
}

TEST_CASE("A window uses its room: sessions go only when there is none") {
  SessionWindow window(items, {.sessions = 1000, .views = 600});
  for (std::uint32_t step = 0; step < 500; ++step) {
    window.append(session_of({step % items, (step + 1) % items, (step + 2) % items}));
    REQUIRE(window.size() >= std::min<std::size_t>(step + 1, 198));
  }
}

TEST_CASE("Nothing of an expired session is in the tensors") {
  SessionWindow window(items, {.sessions = 2, .views = 300});
  window.append(session_of({29, 29, 29}));
  window.append(session_of({1}));
  window.append(session_of({2}));
  for_each_tensor(window, []<class Leaf>(const std::string& name, const Leaf& leaf, Role) {
    if constexpr (std::is_same_v<Leaf, std::vector<std::uint32_t>>) {
      if (name == "views") CHECK(std::count(leaf.begin(), leaf.end(), 29u) == 0);
    }
  });
}

TEST_CASE("A window without room and one that was spoilt are refused") {
  CHECK_THROWS_AS(SessionWindow(items, {.sessions = 0}), Error);
  CHECK_THROWS_AS(SessionWindow(items, {.sessions = std::size_t{1} << 31}), Error);
  CHECK_THROWS_AS(SessionWindow(items, {.sessions = 10, .views = std::size_t{1} << 31}), Error);

  SessionWindow window(items, {.sessions = 8, .views = 260});
  for (std::uint32_t step = 0; step < 300; ++step) window.append(random_session(step));
  REQUIRE(window.size() > 1);
  const auto spoilt = [&](const std::string& tensor, auto&& change) {
    INFO(tensor);
    CHECK_THROWS_AS(bodega_test::reload(window,
                                        [&]<class Leaf>(const std::string& name, Leaf& leaf, Role) {
                                          if (name == tensor) change(leaf);
                                        }),
                    Error);
  };
  const auto every = [](auto change) {
    return [change](auto& leaf) {
      if constexpr (requires { leaf.begin(); })
        for (auto& value : leaf)
          value = static_cast<std::remove_reference_t<decltype(value)>>(change(value));
      else
        leaf = static_cast<std::remove_reference_t<decltype(leaf)>>(change(leaf));
    };
  };
  spoilt("first", every([](auto) { return 500; }));
  spoilt("length", every([](auto) { return 0; }));
  spoilt("length", every([](auto) { return 255; }));
  spoilt("views", every([](auto) { return items; }));
  spoilt("items", every([](auto) { return 1; }));
  spoilt("oldest", every([](auto) { return 100000; }));
  spoilt("end", every([](auto) { return 100000; }));
  spoilt("length", [](auto& leaf) {
    if constexpr (requires { leaf.pop_back(); }) leaf.pop_back();
  });
  spoilt("views", [](auto& leaf) {
    if constexpr (requires { leaf.resize(3); }) leaf.resize(3);
  });
}

TEST_CASE("A receipt is the session of the items that it sells") {
  static_assert(Listener<SessionWindow>);
  SessionWindow window(5, {.sessions = 3});
  const auto line = [](std::uint32_t item, std::int64_t units) {
    return ReceiptLine{ItemIndex(item), Quantity::from_whole(units), Money()};
  };
  const ReceiptLine lines[] = {line(3, 1), line(0, -1), line(9, 1), line(1, 2), line(3, 1)};
  const ReceiptLine returned[] = {line(2, -1)};
  window.observe({.lines = lines});
  window.observe({.lines = returned});
  REQUIRE(window.size() == 1);
  const auto session = window[window.oldest()];
  CHECK(std::vector<std::uint32_t>(session.begin(), session.end()) ==
        std::vector<std::uint32_t>{3, 1, 3});
}
