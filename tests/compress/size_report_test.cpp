// SPDX-License-Identifier: MIT
#include <bodega/compress/size_report.hpp>

#include <cstddef>
#include <string>
#include <vector>

#include <bodega/compress/prune.hpp>
#include <bodega/compress/quantize.hpp>

#include "catch.hpp"
#include "toy_models.hpp"

using namespace bodega;
using namespace bodega_test;

namespace {

template <class Model>
void check_counts_what_is_stored(const Model& model) {
  std::vector<StoredTensor> stored;
  encode(model, "", stored);
  const SizeReport report = size_report(model);
  REQUIRE(report.rows.size() == stored.size());
  std::size_t sum = 0;
  for (std::size_t i = 0; i < stored.size(); ++i) {
    const SizeRow& row = report.rows[i];
    CHECK(row.bytes == stored[i].bytes.size());
    CHECK(row.dtype == stored[i].dtype);
    CHECK(row.shape == stored[i].shape);
    CHECK(row.tensor + (row.encoding == "plain" ? "" : "." + row.encoding) == stored[i].name);
    sum += row.bytes;
  }
  CHECK(report.bytes == sum);
  CHECK(report.parameters == count_parameters(model));
}

}  // namespace

TEST_CASE("the report counts the bytes that are stored") {
  check_counts_what_is_stored(toy_net<8>());
  check_counts_what_is_stored(quantize(toy_net<32>()));
  check_counts_what_is_stored(prune(toy_net<32>(), {.sparsity = 0.7f}));
  check_counts_what_is_stored(quantize(prune(toy_net<64>()), {.scheme = Scheme::affine}));
  check_counts_what_is_stored(quantize(toy_items(40)));
  check_counts_what_is_stored(toy_table());
}

TEST_CASE("float, INT8 and pruned INT8 weigh what they should") {
  const std::size_t weights = 3 * 64 + 64 * 64;
  const auto net = toy_net<64>();
  CHECK(size_report(net).bytes == 4 * (weights + 64 + 1));
  CHECK(size_report(quantize(net)).bytes == weights + 4 * (3 + 64) + 4 * (64 + 1));
  CHECK(size_report(quantize(net, {.granularity = Granularity::per_tensor})).bytes ==
        weights + 4 * 2 + 4 * (64 + 1));
  const auto pruned = prune(net, {.sparsity = 0.7f});
  for (const Scheme scheme : {Scheme::symmetric, Scheme::affine}) {
    const auto bytes = size_report(quantize(pruned, {.scheme = scheme})).bytes;
    CHECK(bytes < size_report(quantize(net)).bytes);
    CHECK(bytes < 3 * weights / 10 + weights / 8 + 4 * (3 + 64) + 4 * (64 + 1) + 300);
  }
}

TEST_CASE("the report prints as a Markdown table") {
  const std::string text = size_report(toy_net<64>()).to_string();
  CHECK(text.find("| recurrent | F32 plain | 64 x 64 | 16384 |\n") != std::string::npos);
  CHECK(text.find("| scale | F32 plain | 1 | 4 |\n") != std::string::npos);
  CHECK(text.find("| total of 4353 numbers | | | 17412 |\n") != std::string::npos);
}
