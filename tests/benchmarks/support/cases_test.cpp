// SPDX-License-Identifier: MIT
#include "support/cases.hpp"

#include <fstream>
#include <string>
#include <vector>

#include "bundle/temporary_folder.hpp"
#include "catch.hpp"
#include "check_error.hpp"
#include "support/basket_windows.hpp"

using namespace bodega;
using namespace bodega_benchmark;

namespace {

class Folder {
 public:
  Folder() {
    put("meta.json",
        R"({"dataset":"toy","protocol":"basket","metrics":["HR@10"],"fit_for_valid":["train"],)"
        R"("fit_for_test":["train"],"exclude_query":true})");
    put("items.csv", "item,count\na,1\nb,3\nc,2\n");
    put("train.csv",
        "part,customer,basket,item\ntrain,7,0,b\ntrain,7,0,c\ntrain,7,0,x\ntrain,,1,a\n");
    put("valid.jsonl", "");
    put("test.jsonl", R"({"id": "2.0", "customer": "7", "query": ["b", "x"], "target": ["a"]})"
                      "\n");
  }
  void put(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  Cases read() const { return read_cases(folder_.path(), "basket"); }

 private:
  bodega_test::TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("A folder of cases is read with its items in the order of their counts") {
  const Cases cases = Folder().read();
  CHECK(cases.items[0] == "b");
  CHECK(cases.items[2] == "a");
  REQUIRE(cases.train.size() == 2);
  CHECK(cases.train[0].items == std::vector<ItemIndex>{ItemIndex(0), ItemIndex(1)});  // no x
  CHECK(cases.train[1].customer == CustomerIndex::none());
  REQUIRE(cases.test.size() == 1);
  CHECK(cases.test[0].group() == "2");
  CHECK(cases.test[0].customer == cases.train[0].customer);
  CHECK(cases.test[0].query == std::vector<ItemIndex>{ItemIndex(0)});
  CHECK(cases.test[0].target == std::vector<ItemIndex>{ItemIndex(2)});
}

TEST_CASE("What is wrong in a folder of cases is told with file and line") {
  const Folder folder;
  CHECK_ERROR(read_cases("no such folder", "basket"), ErrorCode::io, "no such folder");
  folder.put("test.jsonl", R"({"id": "2.0", "customer": null, "query": [], "target": ["x"]})");
  CHECK_ERROR(folder.read(), ErrorCode::unknown_id, "test.jsonl:1");
  folder.put("test.jsonl", "{");
  CHECK_ERROR(folder.read(), ErrorCode::format, "test.jsonl:1");
  folder.put("items.csv", "item,count\na,1\na,2\n");
  CHECK_ERROR(folder.read(), ErrorCode::duplicate, "items.csv");
  folder.put("items.csv", "item,count\na,many\n");
  CHECK_ERROR(folder.read(), ErrorCode::format, "items.csv:2");
  folder.put("meta.json", "{}");
  CHECK_ERROR(folder.read(), ErrorCode::format, "meta.json");
}

TEST_CASE("Windows of older baskets ask for the eighths before, each item hidden in turn") {
  Baskets baskets(4);
  for (int b = 0; b < 16; ++b)
    baskets.add(Day(b), {}, std::vector{ItemIndex(0), ItemIndex(1), ItemIndex(2)});
  Case valid;
  valid.id = "20.0";
  valid.target = {ItemIndex(3)};
  const auto windows = basket_windows(baskets, {valid}, 3);
  REQUIRE(windows.size() == 3);
  CHECK(windows[0].history.size() == 14);
  CHECK(windows[0].cases.size() == 1);
  CHECK(windows[1].history.size() == 12);
  CHECK(windows[1].cases.size() == 2 * 3);
  CHECK(windows[1].cases[1].id == "14.1");
  CHECK(windows[1].cases[1].target == std::vector<ItemIndex>{ItemIndex(1)});
  CHECK(windows[1].cases[1].query == std::vector<ItemIndex>{ItemIndex(0), ItemIndex(2)});
  CHECK(windows[2].history.size() == 10);
}
