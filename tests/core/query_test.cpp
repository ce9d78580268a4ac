// SPDX-License-Identifier: MIT
#include <cstdint>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include <bodega/core/query.hpp>

#include "catch.hpp"

using namespace bodega;

namespace {
Reason because(std::uint32_t item, float contribution) {
  return {
      .kind = Reason::Kind::bought_together, .item = ItemIndex(item), .contribution = contribution};
}
std::vector<std::uint32_t> items_of(const Reasons& reasons) {
  std::vector<std::uint32_t> items;
  for (const Reason& reason : reasons) items.push_back(reason.item.value());
  return items;
}
using Items = std::vector<std::uint32_t>;

using Views = std::vector<std::pair<std::uint32_t, std::size_t>>;

Views views_of(const Query& query, std::size_t most = 99) {
  Views views;
  for_each_view_back(query, 10, [&](const View& view, std::size_t back) {
    views.emplace_back(view.item.value(), back);
    return views.size() < most;
  });
  return views;
}
}  // namespace

TEST_CASE("Reasons keep the strongest three, equal ones in the order of their offer") {
  Reasons reasons;
  CHECK(reasons.empty());
  reasons.offer(because(1, 0.5f));
  reasons.offer(because(2, 0.9f));
  reasons.offer(because(3, 0.5f));
  CHECK(items_of(reasons) == Items{2, 1, 3});
  reasons.offer(because(4, 0.5f));  // as strong as the last, but later
  CHECK(items_of(reasons) == Items{2, 1, 3});
  reasons.offer(because(5, 0.7f));
  CHECK(items_of(reasons) == Items{2, 5, 1});
  reasons.offer(because(6, 2.0f));
  CHECK(items_of(reasons) == Items{6, 2, 5});
  CHECK(reasons[0].contribution == 2.0f);
  reasons.clear();
  CHECK(reasons.size() == 0);
}

TEST_CASE("What adds nothing is no reason") {
  Reasons reasons;
  for (const float nothing : {0.0f, -1.0f, std::numeric_limits<float>::quiet_NaN()})
    reasons.offer(because(1, nothing));
  CHECK(reasons.empty());
}

TEST_CASE("A query names its basket and the viewed item, each of the catalogue and once") {
  const auto visited = [](const Query& query) {
    Items items;
    for_each_query_item(query, 10, [&](ItemIndex item) { items.push_back(item.value()); });
    return items;
  };
  const std::vector<ItemIndex> basket{ItemIndex(4), ItemIndex(10), ItemIndex(2), ItemIndex::none()};
  CHECK(visited({}).empty());
  CHECK(visited({.basket = basket}) == Items{4, 2});
  CHECK(visited({.basket = basket, .viewed = ItemIndex(7)}) == Items{4, 2, 7});
  CHECK(visited({.basket = basket, .viewed = ItemIndex(2)}) == Items{4, 2});
  CHECK(visited({.viewed = ItemIndex(7)}) == Items{7});
  CHECK(visited({.viewed = ItemIndex(10)}).empty());
}

TEST_CASE("Views are told from the latest to the first, with their repeats") {
  const std::vector basket{ItemIndex(4), ItemIndex(2), ItemIndex(4)};
  CHECK(views_of({.basket = basket}) == Views{{4, 0}, {2, 1}, {4, 2}});
  CHECK(views_of({.basket = basket}, 2) == Views{{4, 0}, {2, 1}});
  CHECK(views_of({}).empty());
}

TEST_CASE("The viewed item is the latest, once") {
  const std::vector basket{ItemIndex(4), ItemIndex(2)};
  CHECK(views_of({.basket = basket, .viewed = ItemIndex(7)}) == Views{{7, 0}, {2, 1}, {4, 2}});
  CHECK(views_of({.basket = basket, .viewed = ItemIndex(2)}) == Views{{2, 0}, {4, 1}});
  CHECK(views_of({.basket = basket, .viewed = ItemIndex(7)}, 1) == Views{{7, 0}});
}

TEST_CASE("Items outside the catalogue are no step") {
  const std::vector basket{ItemIndex(4), ItemIndex(10), ItemIndex(2), ItemIndex::none()};
  CHECK(views_of({.basket = basket}) == Views{{2, 0}, {4, 1}});
  CHECK(views_of({.basket = basket, .viewed = ItemIndex(2)}) == Views{{2, 0}, {4, 1}});
  CHECK(views_of({.basket = basket, .viewed = ItemIndex(11)}) == Views{{2, 0}, {4, 1}});
}

TEST_CASE("A session follows the basket, and the item on the screen follows both") {
  const std::vector basket{ItemIndex(4), ItemIndex(2)};
  const std::vector<View> session{{ItemIndex(5), 3}, {ItemIndex(10), 9}, {ItemIndex(2), 7}};
  CHECK(views_of({.session = session}) == Views{{2, 0}, {5, 1}});
  CHECK(views_of({.basket = basket, .session = session}) == Views{{2, 0}, {5, 1}, {2, 2}, {4, 3}});
  CHECK(views_of({.viewed = ItemIndex(7), .session = session}) == Views{{7, 0}, {2, 1}, {5, 2}});
  CHECK(views_of({.viewed = ItemIndex(2), .session = session}) == Views{{2, 0}, {5, 1}});
  std::vector<float> dwells;
  const Query query{.basket = basket, .viewed = ItemIndex(7), .session = session};
  for_each_view_back(query, 10, [&](const View& view, std::size_t) {
    dwells.push_back(view.dwell_seconds);
    return true;
  });
  CHECK(dwells == std::vector<float>{View::no_dwell, 7, 3, View::no_dwell, View::no_dwell});
}

TEST_CASE("Quantities count where there is one for each item of the basket") {
  const std::vector basket{ItemIndex(4), ItemIndex(2)};
  const std::vector quantities{Quantity::from_whole(3), Quantity::from_whole(5)};
  CHECK(Query{.basket = basket, .quantities = quantities}.quantity(1) == Quantity::from_whole(5));
  CHECK(Query{.basket = basket}.quantity(1) == Quantity::from_whole(1));
  const std::span<const Quantity> one(quantities.data(), 1);
  CHECK(Query{.basket = basket, .quantities = one}.quantity(0) == Quantity::from_whole(1));
  CHECK_FALSE((Query{.basket = basket, .quantities = one}.parts().has(QueryPart::quantities)));
}

TEST_CASE("A query knows which of its parts say something") {
  CHECK(Query{}.parts().empty());
  const std::vector basket{ItemIndex(4)};
  const std::vector quantities{Quantity::from_whole(3)};
  std::vector<View> session{{ItemIndex(5)}};
  Query query{.basket = basket, .session = session};
  CHECK(query.parts() == QueryParts{QueryPart::basket, QueryPart::session});
  session[0].dwell_seconds = 0;
  query.quantities = quantities;
  query.viewed = ItemIndex(1);
  query.customer = CustomerIndex(0);
  query.context = Context(StoreId(1), Moment(Day(20000)), Channel::assisted, Rush::quiet);
  CHECK(query.parts() == QueryParts::all());
  query.context.weekday = 7;
  query.context.hour = 24;
  CHECK(QueryParts::all() - query.parts() == QueryParts{QueryPart::weekday, QueryPart::hour});
  session[0].dwell_seconds = std::numeric_limits<float>::quiet_NaN();
  CHECK_FALSE(query.parts().has(QueryPart::dwell));
}
