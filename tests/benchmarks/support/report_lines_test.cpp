// SPDX-License-Identifier: MIT
#include "support/report_lines.hpp"

#include "catch.hpp"

TEST_CASE("A report line has a name and a value, and its aim where there is one") {
  bodega_benchmark::ReportLines lines;
  lines.add("items", 3);
  lines.at_most("\"p99\", us", 2.5, 4);
  lines.at_least("NDCG@10", 0.5, 0.25);
  CHECK(lines.text() ==
        "{\"name\":\"items\",\"value\":3.0}\n"
        "{\"name\":\"\\\"p99\\\", us\",\"value\":2.5,\"relation\":\"<=\",\"target\":4.0}\n"
        "{\"name\":\"NDCG@10\",\"value\":0.5,\"relation\":\">=\",\"target\":0.25}\n");
}
