// SPDX-License-Identifier: MIT
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <bodega/collaborative/sums/store_sales.hpp>
#include <bodega/data/receipts.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "reload.hpp"

using namespace bodega;
using bodega_test::Approx;

namespace {
using Items = std::vector<ItemIndex>;
const Day monday(4);  // 1970-01-05
}  // namespace

TEST_CASE("sales are counted by store, by hour and by weekday") {
  StoreSales sales(3);
  sales.add(StoreId(7), Moment(monday, 8 * 3600 + 59 * 60), Items{ItemIndex(0), ItemIndex(2)});
  sales.add(StoreId(2), Moment(monday + 1, 23 * 3600 + 3599), Items{ItemIndex(2), ItemIndex(2)},
            0.5f);
  sales.add(StoreId(2), Moment(monday), {});
  REQUIRE(sales.stores() == 2);
  CHECK(sales.store(0) == StoreId(7));
  CHECK(sales.of_store(0)[2] == 1);
  CHECK(sales.of_store(1)[2] == 1);
  CHECK(sales.at_hour(8)[0] == 1);
  CHECK(sales.at_hour(23)[2] == 1);
  CHECK(sales.on_weekday(0)[2] == 1);
  CHECK(sales.on_weekday(1)[2] == 1);
  CHECK(sales.present() == 1);
}

TEST_CASE("the sales of receipts are those of their lines, of baskets those of their items") {
  Catalog catalog;
  for (const char* id : {"a", "b", "c"}) catalog.add({.id = id});
  Receipts receipts(catalog);
  const auto line = [](std::uint32_t item, std::int64_t units) {
    return ReceiptLine{ItemIndex(item), Quantity::from_whole(units), Money()};
  };
  const ReceiptLine first[] = {line(0, 3), line(2, 1), line(0, 1)}, second[] = {line(1, 1)};
  const Moment when(monday + 1, 9 * 3600);
  receipts.add({.when = when, .store = StoreId(7), .lines = first});
  receipts.add({.when = when, .lines = second});

  const StoreSales lines(receipts);
  REQUIRE(lines.stores() == 2);
  CHECK(lines.store(0) == StoreId(7));
  CHECK(lines.store(1).is_none());
  CHECK(lines.of_store(0)[0] == 2);
  CHECK(lines.of_store(0)[2] == 1);
  CHECK(lines.at_hour(9)[1] == 1);
  CHECK(lines.on_weekday(1)[0] == 2);
  const StoreSales items(receipts.baskets());
  CHECK(items.store(0) == StoreId(7));
  CHECK(items.of_store(0)[0] == 1);
  CHECK(items.at_hour(9)[2] == 1);

  StoreSales more(3);
  static_assert(Listener<StoreSales>);
  const ReceiptLine returned[] = {line(1, -1)}, mixed[] = {line(1, -1), line(2, 2)};
  const ReceiptLine unknown[] = {line(1, 1), line(3, -1)};
  more.observe({.when = when, .store = StoreId(1), .lines = returned});
  CHECK_ERROR(more.observe({.when = when, .lines = unknown}), ErrorCode::out_of_range, "item");
  CHECK(more == StoreSales(3));
  more.observe({.when = when, .store = StoreId(1), .lines = mixed});
  CHECK(more.of_store(0)[1] == 0);
  CHECK(more.of_store(0)[2] == 1);
}

TEST_CASE("the sums of two stores are those of all receipts, faded alike, in any order") {
  const StoreSalesOptions options{.half_life_days = 1};
  StoreSales all(2, options), one(2, options), other(2, options);
  for (int day = 0; day < 100; ++day) {
    const Moment when(monday + day, day % 24 * 3600);
    const Items items{ItemIndex(static_cast<std::uint32_t>(day % 2))};
    const StoreId store(day % 3 == 0 ? 5 : 6);
    all.add(store, when, items);
    (day % 3 == 0 ? one : other).add(store, when, items);
  }
  other.merge(one);
  for (std::size_t row = 0; row < 2; ++row) {
    const std::size_t same = other.store(0) == all.store(row) ? 0 : 1;
    for (std::size_t i = 0; i < 2; ++i)
      CHECK(other.of_store(same)[i] * other.present() ==
            Approx(all.of_store(row)[i] * all.present()));
  }
  CHECK(all.of_store(0)[1] * all.present() == Approx(1.0159).epsilon(1e-4));  // 1 + 1/64 + ...
  CHECK(other.at_hour(3)[1] * other.present() == Approx(all.at_hour(3)[1] * all.present()));
  CHECK(bodega_test::reload(other) == other);
}

TEST_CASE("sales that make no sense are Errors and change nothing") {
  StoreSales sales(3);
  CHECK_ERROR(sales.add(StoreId(1), Moment(monday), Items{ItemIndex(0), ItemIndex(3)}),
              ErrorCode::out_of_range, "item of a receipt");
  for (const float weight : {0.0f, -1.0f, NAN, INFINITY})
    CHECK_ERROR(sales.add(StoreId(1), Moment(monday), Items{ItemIndex(0)}, weight),
                ErrorCode::invalid_argument, "weight");
  CHECK(sales == StoreSales(3));
  CHECK_ERROR(sales.merge(StoreSales(4)), ErrorCode::shape, "merge");
  CHECK_ERROR(sales.merge(StoreSales(3, {.half_life_days = 2})), ErrorCode::invalid_argument,
              "merge");
  CHECK_ERROR(StoreSales(3, {.half_life_days = NAN}), ErrorCode::invalid_argument,
              "half_life_days");
  sales.add(StoreId(1), Moment(monday), Items{ItemIndex(0)});
  CHECK_ERROR(bodega_test::reload(
                  sales,
                  []([[maybe_unused]] const std::string& name, [[maybe_unused]] auto& leaf, Role) {
                    if constexpr (std::is_same_v<Matrix<float>&, decltype(leaf)>)
                      if (name == "hours") leaf(0, 0) = -1;
                  }),
              ErrorCode::out_of_range, "hours");
}

namespace {
/// Receipts of stores in the order that a file names them: each sells the item of its number.
Receipts file_of(const std::vector<std::string>& stores, std::uint32_t item) {
  Catalog catalog;
  for (const char* id : {"a", "b", "c"}) catalog.add({.id = id});
  StringSet names;
  for (const std::string& name : stores) names.add(name);
  Receipts receipts(std::move(catalog), {}, std::move(names));
  const ReceiptLine line[] = {{ItemIndex(item), Quantity::from_whole(1), Money()}};
  for (std::uint32_t store = 0; store < stores.size(); ++store)
    receipts.add({.when = Moment(monday), .store = StoreId(store), .lines = line});
  receipts.add({.when = Moment(monday), .lines = line});
  return receipts;
}
}  // namespace

TEST_CASE("sums of files that were read apart are merged by the names of their stores") {
  StoreSales sales(file_of({"Mill Lane", "Harbour"}, 0));
  const StoreSales second(file_of({"Harbour", "Station", "Mill Lane"}, 1));
  sales.merge(second);
  REQUIRE(sales.stores() == 4);  // and that of no store
  const auto of = [&](StoreId store) {
    for (std::size_t row = 0; row < sales.stores(); ++row)
      if (sales.store(row) == store) return sales.of_store(row);
    FAIL("no such store");
    return sales.of_store(0);
  };
  for (const char* name : {"Mill Lane", "Harbour"}) {
    CHECK(of(sales.store_named(name))[0] == 1);
    CHECK(of(sales.store_named(name))[1] == 1);
  }
  CHECK(of(sales.store_named("Station"))[0] == 0);
  CHECK(of(sales.store_named("Station"))[1] == 1);
  CHECK(of(StoreId())[0] == 1);
  CHECK(sales.store_named("mill lane").is_none());
  CHECK(bodega_test::reload(sales) == sales);
  CHECK(bodega_test::reload(sales).store_named("Station") == StoreId(2));

  // Either way round it is the same chain.
  StoreSales other = second;
  other.merge(StoreSales(file_of({"Mill Lane", "Harbour"}, 0)));
  CHECK(other.of_store(1)[1] == 1);
  CHECK(other.store_named("Station") == StoreId(1));
  CHECK(other.at_hour(0)[0] == sales.at_hour(0)[0]);
}

TEST_CASE("stores with names are not merged with stores of numbers alone") {
  StoreSales named(file_of({"Mill Lane"}, 0)), numbered(3);
  numbered.add(StoreId(0), Moment(monday), Items{ItemIndex(0)});
  const StoreSales before = named;
  CHECK_ERROR(named.merge(numbered), ErrorCode::invalid_argument, "store 0");
  CHECK(named == before);
  CHECK_ERROR(numbered.merge(named), ErrorCode::invalid_argument, "store 0");
  StringSet other_name, more;
  other_name.add("Harbour");
  for (const char* name : {"Mill Lane", "Harbour"}) more.add(name);
  CHECK_ERROR(named.name_stores(other_name), ErrorCode::invalid_argument, "store 0");
  CHECK_ERROR(named.name_stores({}), ErrorCode::invalid_argument, "store 0");
  named.name_stores(more);
  CHECK(named.store_named("Harbour") == StoreId(1));
  numbered.name_stores(more);
  named.merge(numbered);
  CHECK(named.of_store(0)[0] == 2);
  CHECK(named.name_store("Harbour") == StoreId(1));
  CHECK(named.name_store("Quay") == StoreId(2));
  CHECK_ERROR(named.name_store(""), ErrorCode::invalid_argument, "name");
  StoreSales only_numbers(3);
  only_numbers.add(StoreId(0), Moment(monday), Items{ItemIndex(0)});
  CHECK_ERROR(only_numbers.name_store("Quay"), ErrorCode::invalid_argument, "store 0");
  StoreSales nobody(3);  // has no store that could want a name
  nobody.add(StoreId(), Moment(monday), Items{ItemIndex(2)});
  CHECK_NOTHROW(named.merge(nobody));
}

TEST_CASE("sales are counted by channel and by rush, where receipts tell") {
  StoreSales sales(2, {.half_life_days = 1});
  CHECK_FALSE(sales.uses_added());
  const ReceiptLine first[] = {{ItemIndex(0), Quantity::from_whole(1), Money()}};
  const ReceiptLine both[] = {first[0], {ItemIndex(1), Quantity::from_whole(1), Money()}};
  sales.observe({.when = Moment(monday), .lines = both});
  CHECK(sales.by_channel().rows() == 0);
  sales.observe({.when = Moment(monday), .lines = first, .channel = Channel::kiosk});
  sales.observe({.when = Moment(monday + 1),
                 .lines = both,
                 .channel = Channel::assisted,
                 .rush = Rush::busy});
  sales.observe({.when = Moment(monday + 1), .lines = both, .channel = static_cast<Channel>(9)});
  const double now = sales.present();
  CHECK(double{sales.by_channel()(0, 0)} * now == Approx(0.5));
  CHECK(double{sales.by_channel()(1, 0)} * now == Approx(1.0));
  CHECK(sales.by_channel()(0, 1) == 0);
  CHECK(double{sales.by_rush()(1, 1)} * now == Approx(1.0));
  CHECK(sales.by_rush()(0, 1) == 0);
  CHECK(bodega_test::reload(sales) == sales);

  StoreSales merged(2, {.half_life_days = 1});
  merged.add(StoreId(1), Moment(monday + 40), Items{ItemIndex(0)});
  merged.merge(sales);
  CHECK(double{merged.by_channel()(1, 0)} * merged.present() == Approx(std::exp2(-39)));
  merged.merge(StoreSales(2, {.half_life_days = 1}));
  CHECK(merged.by_rush().rows() == 2);
}
