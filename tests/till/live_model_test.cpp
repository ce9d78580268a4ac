// SPDX-License-Identifier: MIT
#include <bodega/till/live_model.hpp>

#include <array>
#include <vector>

#include <bodega/collaborative/shop/popularity.hpp>
#include <bodega/session/session_neighbours.hpp>

#include "allocation_counter.hpp"
#include "catch.hpp"
#include "check_error.hpp"
#include "till/own_models.hpp"

using namespace bodega;
using bodega_test::Approx;
using bodega_test::OwnScorer;

namespace {
const Day monday = *Day::parse("2024-03-04");

std::vector<float> scores_of(const AnyScorer& scorer, const Query& query = {}) {
  std::vector<float> scores(scorer.items());
  scorer.add_scores(query, 1, scores);
  return scores;
}
Receipt sale(const std::array<ReceiptLine, 1>& lines, Day day = monday) {
  return {.when = Moment(day, 36'000), .lines = lines};
}
const std::array<ReceiptLine, 1> second{{{ItemIndex(1), Quantity::from_whole(1), {}}}},
    third{{{ItemIndex(2), Quantity::from_whole(1), {}}}};
}  // namespace

TEST_CASE("A live model learns, and its copies are on their own") {
  LiveModel model(Popularity(3));
  REQUIRE(model);
  CHECK(model.items() == 3);
  CHECK_FALSE(model.last_day());
  const AnyScorer scorer = model.scorer();
  CHECK(bodega_test::allocations_in([&] { model.observe(sale(second)); }) == 0);
  CHECK(scores_of(scorer)[1] == Approx(1));
  CHECK(model.last_day() == monday);
  LiveModel copy = model;
  copy.observe(sale(third));
  CHECK(scores_of(copy.scorer())[2] == Approx(0.5f));
  CHECK(scores_of(scorer)[1] == Approx(1));

  model = copy;  // in place: a scorer of before speaks for it
  CHECK(scores_of(scorer)[2] == Approx(0.5f));
  LiveModel moved = std::move(model);
  CHECK(scores_of(scorer)[2] == Approx(0.5f));
  moved = LiveModel(OwnScorer(3));
  CHECK(moved.items() == 3);
  moved = copy;  // of another type
  CHECK(scores_of(moved.scorer())[2] == Approx(0.5f));
  LiveModel none;
  CHECK_FALSE(none);
  none = moved;
  CHECK(none.items() == 3);
  moved = LiveModel();
  CHECK_FALSE(moved);
  CHECK_FALSE(LiveModel(moved));
}

TEST_CASE("A live model hears of what its type listens to, and grows if it can") {
  LiveModel own(OwnScorer(3));
  own.close_day(monday);
  CHECK(own.last_day() == monday);
  own.grow(5);
  CHECK(own.items() == 5);
  own.grow(4);
  CHECK(own.items() == 5);
  LiveModel sessions(SessionNeighbours(3, {.sessions = 4}));
  sessions.close_day(monday);
  CHECK_FALSE(sessions.last_day());
  const std::array<ReceiptLine, 2> lines{{second[0], third[0]}};
  sessions.observe({.when = Moment(monday), .lines = lines});
  sessions.observe({.when = Moment(monday),
                    .lines = std::array{ReceiptLine{ItemIndex(0), Quantity::from_whole(1), {}}}});
  const std::array basket{ItemIndex(1)};
  CHECK(scores_of(sessions.scorer(), {.basket = basket})[2] > 0);
}

TEST_CASE("What sells, and what was viewed together, is learnt of an item that is new today") {
  const std::array<ReceiptLine, 2> lines{
      {second[0], {ItemIndex(3), Quantity::from_whole(1), {}}}};  // the fourth is new
  LiveModel popularity(Popularity(3)), sessions(SessionNeighbours(3, {.sessions = 4}));
  for (LiveModel* model : {&popularity, &sessions}) {
    model->observe(sale(third));
    model->grow(4);
    CHECK(model->items() == 4);
    model->observe({.when = Moment(monday), .lines = lines});
  }
  CHECK(scores_of(popularity.scorer())[3] == Approx(1 / 3.0));
  CHECK(scores_of(popularity.scorer())[2] == Approx(1 / 3.0));
  const std::array basket{ItemIndex(1)};
  CHECK(scores_of(sessions.scorer(), {.basket = basket})[3] > 0);
}

TEST_CASE("A live model goes into a bundle and back with what it has learnt") {
  LiveModel model(Popularity(3));
  model.observe(sale(second));
  Bundle bundle;
  model.save(bundle, "popularity");
  const Bundle file = Bundle::parse(bundle.serialize());
  const LiveModel back = LiveModel(Popularity()).read(file, "popularity");
  CHECK(scores_of(back.scorer()) == scores_of(model.scorer()));
  CHECK(back.last_day() == monday);
  CHECK_ERROR(LiveModel(OwnScorer(3)).read(file, "popularity"), ErrorCode::format, "popularity");
  CHECK_ERROR(model.read(file, "absent"), ErrorCode::missing, "absent");
}
