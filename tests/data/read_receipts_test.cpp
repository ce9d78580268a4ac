// SPDX-License-Identifier: MIT
#include <cstdio>
#include <sstream>

#include <bodega/data/read_receipts.hpp>

#include "check_error.hpp"
#include "shared_data.hpp"

using namespace bodega;

namespace {

const std::string header = "receipt,item,quantity,time,price,customer,description\n";

Receipts read(const std::string& text, ReceiptOptions options = {},
              std::optional<Catalog> catalog = {}) {
  std::istringstream in(text);
  return read_receipts(in, "r.csv", options, std::move(catalog));
}

ReceiptOptions lenient() {
  ReceiptOptions options;
  options.malformed = Malformed::lenient;
  return options;
}

ReceiptOptions cancelling(Returns returns = Returns::net) {
  ReceiptOptions options;
  options.cancellation_prefix = "C";
  options.returns = returns;
  return options;
}

bool adds_up(const ReadReport& r) {
  return r.lines == r.kept + r.returns + r.not_items + r.zero_quantity + r.free_dropped + r.lonely +
                        r.malformed;
}

/// "a x2, b x1" for each receipt.
std::vector<std::string> as_text(const Receipts& receipts) {
  std::vector<std::string> result;
  for (std::size_t i = 0; i < receipts.size(); ++i) {
    std::string text;
    for (const ReceiptLine& line : receipts[i].lines) {
      std::ostringstream quantity;
      quantity << line.quantity.value();
      text += (text.empty() ? "" : ", ") + std::string(receipts.catalog().id(line.item)) + " x" +
              quantity.str();
    }
    result.push_back(text);
  }
  return result;
}
using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("Receipts are read with catalogue, customers, baskets and daily sales") {
  const Receipts receipts = read(header +
                                 "2,milk,1,2011-03-02 09:00,0.95,ann,\n"
                                 "1,bread,2,2011-03-01 10:30:05,2.50,bob,Rye bread\n"
                                 "1,milk,0.5,2011-03-01 10:30:05,0.90,bob,\"Milk, 1 l\"\n"
                                 "3,bread,1,2011-03-04,2.55,,RYE BREAD\n");
  CHECK(as_text(receipts) == Texts{"bread x2, milk x0.5", "milk x1", "bread x1"});
  CHECK(receipts.id(0) == "1");
  CHECK(receipts[0].when == Moment::parse("2011-03-01 10:30:05"));
  CHECK(receipts[0].lines[0].price.value() == 2.5);
  CHECK(receipts.store(0).is_none());

  const Catalog& catalog = receipts.catalog();
  REQUIRE(catalog.size() == 2);
  CHECK(catalog.id(ItemIndex(0)) == "milk");  // the first sold in the file
  CHECK(catalog.description(catalog.at("milk")) == "Milk, 1 l");
  CHECK(catalog.description(catalog.at("bread")) == "Rye bread");
  CHECK(catalog.price(catalog.at("milk")).value() == 0.95);  // the latest, not the last in the file
  CHECK(catalog.price(catalog.at("bread")).value() == 2.55);

  CHECK(receipts.customers().size() == 2);
  CHECK(receipts.customers()[receipts[0].customer.value()] == "bob");
  CHECK(receipts[2].customer.is_none());

  const Baskets baskets = receipts.baskets();
  REQUIRE(baskets.size() == 3);
  CHECK(baskets[0].size() == 2);
  CHECK(baskets.items() == 2);
  CHECK(baskets.customer(0) == receipts[0].customer);

  const DailySales sales = receipts.daily_sales();
  REQUIRE(sales.days() == 4);
  CHECK(sales.at(catalog.at("bread"), 0) == 2);
  CHECK(sales.at(catalog.at("milk"), 0) == 0.5f);
  CHECK_FALSE(sales.traded(2));
  CHECK(sales.traded(3));
  CHECK(receipts.interactions().at(receipts[0].customer.value(), catalog.at("milk").value()) == 1);

  const ReadReport& report = receipts.report();
  CHECK(report.lines == 4);
  CHECK(report.kept == 4);
  CHECK(report.receipts == 3);
  CHECK(report.without_customer == 1);
  CHECK(report.first_day == Day::parse("2011-03-01"));
  CHECK(report.last_day == Day::parse("2011-03-04"));
  CHECK(report.trading_days == 3);
  CHECK(report.summary().find("3 of 4 days with trade") != std::string::npos);
}

TEST_CASE("Columns are configurable, and optional ones may be absent") {
  ReceiptOptions options;
  options.columns = {.receipt = "ticket",
                     .item = "sku",
                     .quantity = "",
                     .time = "when",
                     .price = "amount",
                     .customer = "",
                     .description = "",
                     .store = "shop"};
  options.separator = ';';
  const Receipts receipts = read(
      "when;shop;ticket;sku\n2016-10-30T09:58:11;7;1;Bread\n2016-10-30T09:58:11;8;1;Bread\n"
      "2016-10-30T09:58:11;7;1;Bread\n",
      options);
  CHECK(as_text(receipts) == Texts{"Bread x1, Bread x1", "Bread x1"});  // repeats are scans
  CHECK(receipts.stores()[receipts.store(0).value()] == "7");
  CHECK(receipts.stores()[receipts.store(1).value()] == "8");
  CHECK(receipts.catalog().price(ItemIndex(0)) == Money());
  CHECK(receipts.report().absent_columns == Texts{"amount"});
  CHECK(receipts.report().summary().find("no column 'amount'") != std::string::npos);
}

TEST_CASE("A missing needed column is an Error in every mode") {
  for (const ReceiptOptions& options : {ReceiptOptions{}, lenient()}) {
    CHECK_ERROR(read("item,quantity,time\n", options), ErrorCode::missing, "r.csv, header");
    CHECK_ERROR(read("receipt,quantity,time\n", options), ErrorCode::missing, "r.csv, header");
    CHECK_ERROR(read("receipt,item,time\n", options), ErrorCode::missing, "r.csv, header");
    CHECK_ERROR(read("receipt,item,quantity\n", options), ErrorCode::missing, "r.csv, header");
    CHECK_ERROR(read("receipt,item,quantity,time,time\n", options), ErrorCode::duplicate, "r.csv");
    CHECK_ERROR(read("", options), ErrorCode::missing, "r.csv");
    CHECK_ERROR(read_receipts("no such file.csv", options), ErrorCode::io, "no such file.csv");
  }
  CHECK(read(header).empty());
  CHECK(read(header).daily_sales().days() == 0);
}

TEST_CASE("A malformed line throws when strict, and is counted and shown when lenient") {
  const std::string good = "1,a,1,2011-03-01,2,ann,A\n";
  const auto check = [&](const std::string& line, ErrorCode code, const std::string& where) {
    INFO(line);
    const std::string text = header + good + line + "\n" + good;
    CHECK_ERROR(read(text), code, where);
    const Receipts receipts = read(text, lenient());
    const ReadReport& report = receipts.report();
    CHECK(report.kept == 2);
    CHECK(report.malformed == 1);
    CHECK(adds_up(report));
    REQUIRE(report.first_offenders.size() == 1);
    CHECK(report.first_offenders[0].line == 3);
    CHECK(report.first_offenders[0].error.code() == code);
    CHECK(report.summary().find(where) != std::string::npos);
    CHECK(receipts.catalog().size() == 1);
  };
  check("1,b,1,2011-02-30,2,ann,B", ErrorCode::format, "r.csv:3, column time");
  check("1,b,1,01/03/11x,2,ann,B", ErrorCode::format, "r.csv:3, column time");
  check("1,b,1,,2,ann,B", ErrorCode::format, "r.csv:3, column time");
  check("1,b,one,2011-03-01,2,ann,B", ErrorCode::format, "r.csv:3, column quantity");
  check("1,b,,2011-03-01,2,ann,B", ErrorCode::format, "r.csv:3, column quantity");
  check("1,b,0.0001,2011-03-01,2,ann,B", ErrorCode::format, "r.csv:3, column quantity");
  check("1,b,1,2011-03-01,2f0,ann,B", ErrorCode::format, "r.csv:3, column price");
  check("1,b,1,2011-03-01,NaN,ann,B", ErrorCode::format, "r.csv:3, column price");
  check("1,b,1,2011-03-01,-2,ann,B", ErrorCode::out_of_range, "r.csv:3, column price");
  check("1,,1,2011-03-01,2,ann,B", ErrorCode::format, "r.csv:3, column item");
  check(",b,1,2011-03-01,2,ann,B", ErrorCode::format, "r.csv:3, column receipt");
  check("1,b,1,2011-03-01,2,ann", ErrorCode::format, "r.csv:3");
  check("1,b,1,2011-03-01,2,ann,B,more", ErrorCode::format, "r.csv:3");
  check("1,b,1,2011-03-01,2,ann,B\"", ErrorCode::format, "r.csv:3, field 7");
  check("1,\"b\"x,1,2011-03-01,2,ann,B", ErrorCode::format, "r.csv:3, field 2");
}

TEST_CASE("Only the first offenders are kept") {
  std::string text = header;
  for (int i = 0; i < 20; ++i) text += "1,a,x,2011-03-01,2,,\n";
  ReceiptOptions options = lenient();
  options.min_readable = 0;
  CHECK(read(text, options).report().first_offenders.size() == 10);
  options.max_offenders = 0;
  CHECK(read(text, options).report().first_offenders.empty());
  options.max_offenders = 2;
  const Receipts receipts = read(text, options);
  CHECK(receipts.report().malformed == 20);
  REQUIRE(receipts.report().first_offenders.size() == 2);
  CHECK(receipts.report().first_offenders[1].line == 3);
  CHECK(receipts.empty());
}

TEST_CASE("Stores and tills are names, and may be empty") {
  for (const std::string column : {"store", "till"}) {
    ReceiptOptions options;
    (column == "store" ? options.columns.store : options.columns.till) = column;
    const Receipts receipts = read("receipt,item,quantity,time," + column +
                                       "\n1,a,1,2011-03-01,North\n2,a,1,2011-03-01,007\n"
                                       "3,a,1,2011-03-01,\n4,a,1,2011-03-01, North\n",
                                   options);
    const StringSet& names = column == "store" ? receipts.stores() : receipts.tills();
    REQUIRE(names.size() == 2);
    CHECK(names[0] == "North");
    CHECK(names[1] == "007");
    const auto of = [&](std::size_t i) {
      return column == "store" ? receipts.store(i).value() : receipts.till(i).value();
    };
    CHECK(of(0) == 0);
    CHECK(of(1) == 1);
    CHECK(of(2) == StoreId::none().value());
    CHECK(of(3) == 0);
  }
}

TEST_CASE("Tills that use the same receipt numbers sell different receipts") {
  ReceiptOptions options;
  options.columns.store = "store";
  options.columns.till = "till";
  const Receipts receipts = read(
      "receipt,item,time,store,till,quantity\n1,a,2011-03-01,4,1,1\n1,b,2011-03-01,4,2,1\n"
      "1,c,2011-03-01,4,1,1\n1,d,2011-03-01,5,1,1\n",
      options);
  CHECK(as_text(receipts) == Texts{"a x1, c x1", "b x1", "d x1"});
  const Baskets baskets = receipts.baskets();
  for (std::size_t i = 0; i < receipts.size(); ++i) {
    CHECK(receipts[i].id == "1");
    CHECK(receipts.stores()[receipts[i].store.value()] == (i < 2 ? "4" : "5"));
    CHECK(receipts.tills()[receipts[i].till.value()] == (i == 1 ? "2" : "1"));
    CHECK(baskets.store(i) == receipts.store(i));
    CHECK(baskets.till(i) == receipts.till(i));
  }
}

TEST_CASE("A return takes from the customer's latest earlier purchases of the item") {
  const std::string text = header +
                           "1,a,3,2011-03-01,2,ann,\n"
                           "2,a,2,2011-03-02,2,ann,\n"
                           "2,b,1,2011-03-02,2,ann,\n"
                           "3,a,9,2011-03-03,2,bob,\n"
                           "C4,a,-4,2011-03-04,2,ann,\n"
                           "5,a,1,2011-03-05,2,ann,\n";
  const Receipts netted = read(text, cancelling());
  CHECK(as_text(netted) == Texts{"a x1", "b x1", "a x9", "a x1"});
  CHECK(netted.report().returns == 1);
  CHECK(netted.report().returns_unmatched == 0);
  CHECK(netted.report().sales_undone == 1);
  CHECK(adds_up(netted.report()));

  const Receipts dropped = read(text, cancelling(Returns::drop));
  CHECK(as_text(dropped) == Texts{"a x3", "a x2, b x1", "a x9", "a x1"});
  CHECK(dropped.report().returns == 1);
  CHECK(dropped.report().sales_undone == 0);
}

TEST_CASE("What a return cannot take away is counted as unmatched") {
  const Receipts receipts = read(header +
                                     "C1,a,-1,2011-03-01,2,ann,\n"  // before the purchase
                                     "2,a,2,2011-03-02,2,ann,\n"
                                     "C3,a,-5,2011-03-03,2,ann,\n"  // more than was bought
                                     "C4,z,-1,2011-03-03,2,ann,\n"  // never sold
                                     "5,a,1,2011-03-04,2,,\n"
                                     "C6,a,-1,2011-03-05,2,,\n",  // nobody's return
                                 cancelling());
  CHECK(as_text(receipts) == Texts{"a x1"});
  CHECK(receipts.report().returns == 4);
  CHECK(receipts.report().returns_unmatched == 4);
  CHECK(receipts.catalog().size() == 1);
  CHECK(receipts.catalog().find("z").is_none());
  CHECK(receipts.report().trading_days == 2);
  CHECK(receipts.daily_sales().traded(0));  // a sale was made, though it was undone later
  CHECK(receipts.daily_sales().at(ItemIndex(0), 0) == 0);
}

TEST_CASE("A void on a receipt without a customer is netted within that receipt") {
  const Receipts receipts = read(header +
                                 "1,a,2,2011-03-01,2,,\n"
                                 "2,a,2,2011-03-02,2,,\n"
                                 "2,b,1,2011-03-02,2,,\n"
                                 "2,a,-1,2011-03-02,2,,\n"
                                 "2,b,-1,2011-03-02,2,,\n");
  CHECK(as_text(receipts) == Texts{"a x2", "a x1"});
  CHECK(receipts.report().returns == 2);
  CHECK(receipts.report().returns_unmatched == 0);
}

TEST_CASE("A cancellation is a return whatever its sign and price") {
  const Receipts receipts = read(header +
                                     "1,a,2,2011-03-01,2,ann,\n"
                                     "C2,a,1,2011-03-01,-2,ann,\n",
                                 cancelling());
  CHECK(as_text(receipts) == Texts{"a x1"});
}

TEST_CASE("A file without order in time is netted in order of time") {
  const Receipts receipts = read(header +
                                     "C2,a,-1,2011-03-02,2,ann,\n"
                                     "1,a,1,2011-03-01,2,ann,\n"
                                     "3,a,4,2011-03-03,2,ann,\n",
                                 cancelling());
  CHECK(as_text(receipts) == Texts{"a x4"});
}

TEST_CASE("Lines of zero units and free lines have their rules") {
  const std::string text = header +
                           "1,a,0,2011-03-01,2,ann,\n"
                           "1,b,1,2011-03-01,0,ann,\n"
                           "1,c,1,2011-03-01,,ann,\n"
                           "1,d,1,2011-03-01,2,ann,\n";
  const Receipts kept = read(text);
  CHECK(as_text(kept) == Texts{"b x1, c x1, d x1"});
  CHECK(kept.report().zero_quantity == 1);
  CHECK(kept.report().free_kept == 1);
  ReceiptOptions options;
  options.free_lines = FreeLines::drop;
  const Receipts dropped = read(text, options);
  CHECK(as_text(dropped) == Texts{"c x1, d x1"});
  CHECK(dropped.report().free_dropped == 1);
  CHECK(adds_up(dropped.report()));
}

TEST_CASE("Codes are normalised before all else, and codes that are no articles left out") {
  ReceiptOptions options;
  options.normalise = upper_case_trimmed;
  std::size_t asked = 0;
  options.is_item = [&](std::string_view id) {
    ++asked;
    return id != "POST";
  };
  const std::string text = header +
                           "1,85123a,1,2011-03-01,2,ann,\n"
                           "1, 85123A ,1,2011-03-01,2,ann,HEART\n"
                           "1,post,1,2011-03-01,-9,ann,POSTAGE\n"
                           "2,post,1,2011-03-02,9,ann,POSTAGE\n"
                           "2,post,1,2011-03-02,9,ann\n";
  options.malformed = Malformed::lenient;
  const Receipts receipts = read(text, options);
  CHECK(as_text(receipts) == Texts{"85123A x1, 85123A x1"});
  CHECK(receipts.baskets()[0].size() == 1);
  CHECK(receipts.catalog().description(ItemIndex(0)) == "HEART");
  CHECK(receipts.report().not_items == 2);
  CHECK(receipts.report().malformed == 1);
  CHECK(asked == 2);

  options.normalise = [](std::string& id) { id.clear(); };
  options.min_readable = 0;
  CHECK(read(text, options).report().malformed == 5);
}

TEST_CASE("With a catalogue, its items are the items and others malformed") {
  Catalog catalog;
  catalog.add({.id = "b", .description = "Bread", .price = Money::from_whole(3)});
  catalog.add({.id = "a"});
  const std::string text = header + "1,a,1,2011-03-01,2,,Apple\n1,x,1,2011-03-01,2,,\n";
  CHECK_ERROR(read(text, {}, catalog), ErrorCode::unknown_id, "r.csv:3, column item");
  const Receipts receipts = read(text, lenient(), catalog);
  CHECK(as_text(receipts) == Texts{"a x1"});
  CHECK(receipts.catalog() == catalog);
  CHECK(receipts[0].lines[0].item == ItemIndex(1));
  CHECK(receipts.report().malformed == 1);
  CHECK(receipts.daily_sales().items() == 2);
}

TEST_CASE("A receipt is one id on one day, wherever its lines stand") {
  const Receipts receipts = read(header +
                                 "1,a,1,2011-03-01 09:00,2,,\n"
                                 "2,a,1,2011-03-01 08:00,2,,\n"
                                 "1,b,1,2011-03-01 09:01,2,ann,\n"
                                 "1,a,1,2011-03-02 09:00,2,,\n"
                                 "9,b,1,2011-03-01 09:00,2,,\n");
  CHECK(as_text(receipts) == Texts{"a x1", "a x1, b x1", "b x1", "a x1"});
  CHECK(receipts[1].when == Moment::parse("2011-03-01 09:00"));
  CHECK(receipts[1].customer == CustomerIndex(0));
  CHECK(receipts.id(2) == "9");  // equal times stay in the order of the file
}

TEST_CASE("Times in another form are read by a hook") {
  ReceiptOptions options;
  options.parse_time = [](std::string_view text) -> std::optional<Moment> {
    if (text.size() != 8) return std::nullopt;
    return Moment::parse(std::string(text.substr(0, 4)) + "-" + std::string(text.substr(4, 2)) +
                         "-" + std::string(text.substr(6, 2)));
  };
  CHECK(read(header + "1,a,1,20110301,2,,\n", options)[0].when.day() == Day::parse("2011-03-01"));
  CHECK_ERROR(read(header + "1,a,1,20110301,2,,\n1,a,1,2011-03-01,2,,\n", options),
              ErrorCode::format, "r.csv:3, column time");
}

TEST_CASE("One receipt a thousand years off makes no table of a thousand years") {
  std::string text = header + "1,a,1,1011-03-01,2,,\n";
  for (int i = 0; i < 1000; ++i) text += "2,i" + std::to_string(i) + ",1,2011-03-01,2,,\n";
  CHECK_ERROR(read(text).daily_sales(), ErrorCode::out_of_range, "daily_sales");
}

TEST_CASE("Reading shows progress and can be cancelled") {
  const std::string text = header + "1,a,1,2011-03-01,2,,\n";
  ReceiptOptions options;
  std::size_t done = 0, total = 0;
  options.progress = [&](const Progress& progress) {
    done = progress.done;
    total = progress.total;
    return true;
  };
  read(text, options);
  CHECK(done == text.size());
  CHECK(total == text.size());
  options.progress = [](const Progress&) { return false; };
  options.malformed = Malformed::lenient;
  CHECK_ERROR(read(text, options), ErrorCode::cancelled, "reading receipts");
}

TEST_CASE("A stream that fails to read is an Error in every mode") {
  struct Broken : std::streambuf {
    int_type underflow() override { throw 1; }
  } buffer;
  std::istream in(&buffer);
  CHECK_ERROR(read_receipts(in, "r.csv", lenient()), ErrorCode::io, "r.csv");
  CHECK_ERROR(read_receipts(std::filesystem::temp_directory_path(), lenient()), ErrorCode::io, "");
}

#ifndef _WIN32
TEST_CASE("online_retail is read with its traps") {
  const auto path = bodega_test::shared_data("online_retail.csv.gz");
  if (!path) return;
  std::FILE* pipe = popen(("gzip -dc '" + path->string() + "'").c_str(), "r");
  REQUIRE(pipe);
  std::string text;
  for (char block[1 << 16]; const std::size_t n = std::fread(block, 1, sizeof block, pipe);)
    text.append(block, n);
  REQUIRE(pclose(pipe) == 0);

  ReceiptOptions options = cancelling();
  options.columns = {.receipt = "invoice_no",
                     .item = "stock_code",
                     .quantity = "quantity",
                     .time = "invoice_datetime",
                     .price = "unit_price",
                     .customer = "customer_id"};
  CHECK_ERROR(read(text, options), ErrorCode::out_of_range, "column unit_price");  // bad debt
  options.malformed = Malformed::lenient;
  const ReadReport plain = read(text, options).report();
  CHECK(plain.lines == 541'909);
  CHECK(plain.malformed == 2);  // the two negative prices
  CHECK(plain.returns == 10'624);
  CHECK(plain.free_kept == 2'515 - 1'336);  // the write-offs have price 0 too
  CHECK(plain.trading_days == 305);
  CHECK(plain.first_day == Day::parse("2010-12-01"));
  CHECK(plain.last_day == Day::parse("2011-12-09"));
  CHECK(adds_up(plain));

  options.normalise = upper_case_trimmed;
  const Receipts receipts = read(text, options);
  CHECK(plain.items - receipts.report().items == 112);  // codes in two spellings
  CHECK(receipts.customers().size() == 4'372);
  float most = 0;  // the 80,995 and 74,215 units were cancelled at once
  const DailySales sales = receipts.daily_sales();
  for (std::size_t i = 0; i < sales.items(); ++i)
    for (const float units : sales.row(ItemIndex(static_cast<std::uint32_t>(i))))
      most = std::max(most, units);
  CHECK(most < 20'000);
  CHECK(sales.trading_days().days() == 305);
}
#endif
