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

TEST_CASE("float, INT8, INT4 and pruned weigh what they should") {
  const std::size_t weights = 3 * 64 + 64 * 64, state = 2 * (64 + 1);  // 0.25 and 1.5 are halves
  const auto net = toy_net<64>();
  CHECK(size_report(net).bytes == 4 * weights + state);
  // The toy's weights are uniform: no frequencies to gain by, and 8 bits stay 8.
  const auto per_row = size_report(quantize(net)).bytes;
  CHECK(per_row <= weights + 4 * (3 + 64) + state);
  CHECK(per_row >= weights * 97 / 100);
  const auto pruned = prune(net, {.sparsity = 0.7f});
  for (const Scheme scheme : {Scheme::symmetric, Scheme::affine}) {
    const auto bytes = size_report(quantize(pruned, {.scheme = scheme})).bytes;
    // A third of the weights in 8 bits, and 0.881 bits for which they are.
    CHECK(bytes < (3 * weights / 10 + weights * 881 / 8000) * 103 / 100 + 5 * (3 + 64) + state);
  }
  CHECK(size_report(prune(net, {.sparsity = 0.7f})).bytes <
        4 * (3 * weights / 10 + 2) + weights * 89 / 800 + 16 + state);
}

TEST_CASE("the report prints as a Markdown table") {
  const std::string text = size_report(toy_net<64>()).to_string();
  CHECK(text.find("| recurrent | F32 plain | 64 x 64 | 16384 |\n") != std::string::npos);
  CHECK(text.find("| scale | F16 plain | 1 | 2 |\n") != std::string::npos);
  CHECK(text.find("| total of 4353 numbers | | | 17282 |\n") != std::string::npos);
}
