// SPDX-License-Identifier: MIT
#include "support/demand_cases.hpp"

#include <filesystem>
#include <fstream>
#include <string>

#include "bundle/temporary_folder.hpp"
#include "catch.hpp"
#include "check_error.hpp"

using namespace bodega;
using bodega_benchmark::read_demand_cases;

namespace {

const std::string header = "date,store,item,sales,open,t,part,scored\n";
const std::string rows =
    "2024-01-01,1,10,4,1,0,lead,0\n"
    "2024-01-02,1,10,5.5,1,1,train,1\n"
    "2024-01-03,1,10,,0,2,valid,0\n"
    "2024-01-04,1,10,7,1,3,test,1\n"
    "2024-01-02,1,9,1,1,1,train,1\n"
    "2024-01-03,1,9,,0,2,valid,0\n"
    "2024-01-04,1,9,0,1,3,test,0\n";

/// A case folder that lives as long as this.
class Folder {
 public:
  Folder() {
    put("meta.json",
        R"({"dataset":"toy","protocol":"demand","keys":["store","item"],"first_day":"2024-01-01",)"
        R"("valid_from_t":2,"test_from_t":3})");
    put("demand.csv", header + rows);
  }

  void put(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  const std::filesystem::path& path() const { return folder_.path(); }

 private:
  bodega_test::TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("A folder of daily demand is read as it was made") {
  const Folder folder;
  const auto cases = read_demand_cases(folder.path());
  CHECK(cases.dataset == "toy");
  CHECK(cases.keys == std::vector<std::string>{"store", "item"});
  CHECK(cases.series == std::vector<std::vector<std::string>>{{"1", "10"}, {"1", "9"}});
  CHECK(cases.valid_from == *Day::from_civil(2024, 1, 3));
  CHECK(cases.test_from == *Day::from_civil(2024, 1, 4));
  REQUIRE(cases.sales.items() == 2);
  REQUIRE(cases.sales.days() == 4);
  CHECK(cases.sales.at(ItemIndex(0), 1) == 5.5f);
  CHECK(cases.sales.at(ItemIndex(1), 1) == 1.0f);
  CHECK_FALSE(cases.sales.traded(2));  // closed for all
  REQUIRE(cases.test.size() == 1);     // the other row is not scored
  CHECK(cases.test[0].series == ItemIndex(0));
  CHECK(cases.test[0].day == cases.test_from);
  CHECK(cases.test[0].sold == 7.0f);
}

TEST_CASE("A series that is closed, unknown or absent while others trade is unknown") {
  const Folder folder;
  folder.put("demand.csv", header + rows +
                               "2024-01-05,1,10,1,1,4,test,1\n2024-01-05,1,9,,0,4,test,0\n"
                               "2024-01-06,1,10,1,1,5,test,1\n"
                               "2024-01-07,1,10,,1,6,test,0\n2024-01-07,1,9,3,1,6,test,0\n");
  const DailySales sales = read_demand_cases(folder.path()).sales;
  const ItemIndex ten(0), nine(1);
  CHECK_FALSE(sales.known(nine, 0));  // before its first row
  CHECK(sales.known(nine, 3));
  CHECK_FALSE(sales.known(nine, 4));  // closed
  CHECK_FALSE(sales.known(nine, 5));  // no row
  CHECK_FALSE(sales.known(ten, 6));   // no sales
  CHECK(sales.known(nine, 6));
  CHECK(sales.traded(6));
}

TEST_CASE("Covariates of a folder are read by name") {
  const Folder folder;
  const auto meta = [&](const std::string& names) {
    folder.put("meta.json", R"({"dataset":"toy","protocol":"demand","keys":["item"],)"
                            R"("covariates":[)" +
                                names +
                                R"(],"first_day":"2024-01-01","valid_from_t":2,"test_from_t":3})");
  };
  const auto table = [&](const std::string& price) {
    folder.put("demand.csv",
               "date,item,sales,open,price,promo,t,part,scored\n"
               "2024-01-01,a,1,1,-0.5,0,0,lead,0\n2024-01-02,a,1,1," +
                   price + ",1,1,valid,1\n2024-01-02,b,1,1,2,1,1,train,1\n");
  };
  meta(R"("price","promo")");
  table("0.25");
  const auto cases = read_demand_cases(folder.path());
  REQUIRE(cases.covariates.count() == 2);
  CHECK(cases.covariates.at(ItemIndex(0), cases.sales.day(1))[0] == 0.25f);
  CHECK(cases.covariates.at(ItemIndex(1), cases.sales.day(1))[0] == 2.0f);
  CHECK(cases.covariates.at(ItemIndex(1), cases.sales.day(0))[0] == 0.0f);  // no row
  CHECK(cases.covariates.at(ItemIndex(0), cases.sales.day(1))[1] == 1.0f);
  CHECK(cases.valid.size() == 1);
  for (const std::string bad : {"", "cheap", "inf"}) {
    table(bad);
    CHECK_ERROR(read_demand_cases(folder.path()), ErrorCode::format, "column price");
  }
  meta(R"("weather")");
  CHECK_ERROR(read_demand_cases(folder.path()), ErrorCode::missing, "demand.csv, header");
}

TEST_CASE("What is wrong with a folder of daily demand is told with its place") {
  const Folder folder;
  CHECK_ERROR(read_demand_cases(folder.path() / "none"), ErrorCode::io, "none");

  const auto refuses = [&](const std::string& text, ErrorCode code, const std::string& where) {
    folder.put("demand.csv", text);
    CHECK_ERROR(read_demand_cases(folder.path()), code, where);
  };
  refuses("", ErrorCode::missing, "demand.csv");
  refuses(header, ErrorCode::missing, "demand.csv");
  refuses("date,store,item,open,part,scored\n", ErrorCode::missing, "demand.csv, header");
  refuses("date,item,sales,open,t,part,scored\n", ErrorCode::missing, "demand.csv, header");
  refuses(header + "2024-01-01,1,10\n", ErrorCode::format, "demand.csv:2");
  refuses(header + rows + "2024-02-30,1,10,1,1,0,test,1\n", ErrorCode::format,
          "demand.csv:9, column date");
  for (const std::string sales : {"-1", "many", "1x", "nan", "inf", "1e99"})
    refuses(header + "2024-01-01,1,10," + sales + ",1,0,lead,0\n", ErrorCode::format,
            "demand.csv:2, column sales");
  refuses(header + "2024-01-01,1,10,1,yes,0,lead,0\n", ErrorCode::format, "column open");
  refuses(header + "2024-01-01,1,10,1,1,0,lead,2\n", ErrorCode::format, "column scored");
  refuses(header + "2024-01-01,1,10,,1,0,test,1\n", ErrorCode::format, "column scored");
  refuses(header + rows + "2024-01-04,1,9,0,1,3,test,0\n", ErrorCode::duplicate, "demand.csv:9");

  folder.put("meta.json", R"({"dataset":"toy","protocol":"basket"})");
  CHECK_ERROR(read_demand_cases(folder.path()), ErrorCode::invalid_argument, "meta.json");
  folder.put("meta.json", R"({"dataset":"toy","protocol":"demand"})");
  CHECK_ERROR(read_demand_cases(folder.path()), ErrorCode::format, "meta.json");
  folder.put("meta.json", "{");
  CHECK_ERROR(read_demand_cases(folder.path()), ErrorCode::format, "meta.json");
}
