// SPDX-License-Identifier: MIT
#include <bodega/compress/prune.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <bodega/compress/quantize.hpp>
#include <bodega/compress/size_report.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "toy_models.hpp"

using namespace bodega;
using namespace bodega_test;

namespace {

std::size_t zeros(std::span<const float> values) {
  return static_cast<std::size_t>(std::count(values.begin(), values.end(), 0.0f));
}

/// What is kept is as it was, and nothing that was removed is larger than what is kept.
void check_smallest_removed(std::span<const float> before, std::span<const float> after) {
  float largest_removed = 0, smallest_kept = INFINITY;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (after[i] == 0) {
      largest_removed = std::max(largest_removed, std::abs(before[i]));
    } else {
      CHECK(after[i] == before[i]);
      smallest_kept = std::min(smallest_kept, std::abs(before[i]));
    }
  }
  CHECK(largest_removed <= smallest_kept);
}

}  // namespace

TEST_CASE("each weight tensor loses its own smallest share, biases none") {
  auto net = toy_net<8>();
  for (float& w : net.recurrent.values()) w *= 100;  // one threshold for all would empty the input
  for (const float sparsity : {0.0f, 0.3f, 0.5f, 0.7f, 1.0f}) {
    CAPTURE(sparsity);
    const auto pruned = prune(net, {.sparsity = sparsity});
    CHECK(zeros(pruned.input.values()) == static_cast<std::size_t>(std::lround(sparsity * 24)));
    CHECK(zeros(pruned.recurrent.values()) == static_cast<std::size_t>(std::lround(sparsity * 64)));
    check_smallest_removed(net.input.values(), pruned.input.values());
    check_smallest_removed(net.recurrent.values(), pruned.recurrent.values());
    CHECK(pruned.bias == net.bias);
    CHECK(pruned.scale == net.scale);
  }
}

TEST_CASE("of equal magnitudes the first are removed, so the count is exact") {
  ToyNet<4> net;
  net.input = Matrix<float>(1, 4, std::vector<float>{-1, 1, 2, -1});
  net.recurrent = Matrix<float>(4, 4, 1.0f);
  const auto pruned = prune(net, {.sparsity = 0.5f});
  CHECK(pruned.input == Matrix<float>(1, 4, std::vector<float>{0, 0, 2, -1}));
  CHECK(zeros(pruned.recurrent.values()) == 8);
  CHECK(zeros(pruned.recurrent.values().first(8)) == 8);
}

TEST_CASE("a sparse model loses entries, so its file shrinks") {
  const auto items = toy_items(60);
  const auto pruned = prune(items, {.sparsity = 0.5f});
  CHECK_NOTHROW(pruned.validate("pruned"));
  const std::size_t removed = (items.weights.size() + 1) / 2;
  CHECK(pruned.weights.size() == items.weights.size() - removed);
  std::vector<float> magnitudes;
  for (const float w : items.weights.values()) magnitudes.push_back(std::abs(w));
  std::sort(magnitudes.begin(), magnitudes.end());
  for (std::size_t i = 0; i < 60; ++i)
    for (std::size_t j = 0; j < 60; ++j) {
      const float w = items.weights.at(i, j);
      CHECK(pruned.weights.at(i, j) == (std::abs(w) >= magnitudes[removed] ? w : 0));
    }
  CHECK(10 * size_report(pruned).bytes < 6 * size_report(items).bytes);
  CHECK(prune(items, {.sparsity = 1}).weights.size() == 0);
  CHECK(prune(items, {.sparsity = 1}).weights.rows() == 60);
}

TEST_CASE("a dense pruned model is stored smaller") {
  const auto net = toy_net<64>();
  const std::size_t full = size_report(net).bytes;
  const std::size_t weights = 3 * 64 + 64 * 64;
  CHECK(size_report(prune(net, {.sparsity = 0.7f})).bytes <=
        full - static_cast<std::size_t>(0.7 * weights) * 4 + weights / 8 + 8 + 8 + 4);
}

TEST_CASE("a mask holds the removed weights at zero while others change") {
  auto net = toy_net<8>();
  const PruneMask mask = prune_mask(net, {.sparsity = 0.5f});
  CHECK(mask.tensors.size() == 2);
  CHECK(mask.tensors[0].name == "input");
  const auto pruned = prune(net, {.sparsity = 0.5f});
  for (float& w : net.input.values()) w = w == 0 ? 0 : w + 3;  // a step of training
  apply_mask(mask, net);
  for (std::size_t i = 0; i < net.input.size(); ++i)
    CHECK((net.input.data()[i] == 0) == (pruned.input.data()[i] == 0));

  auto items = toy_items();
  const auto size = items.weights.size();
  apply_mask(prune_mask(items, {.sparsity = 0.25f}), items);
  CHECK(items.weights.size() == size);  // the pattern stays, so the mask still fits
  CHECK(zeros(items.weights.values()) == (size + 2) / 4);
}

TEST_CASE("pruning twice is pruning once") {
  const auto once = prune(toy_net<8>(), {.sparsity = 0.5f});
  CHECK(prune(once, {.sparsity = 0.5f}) == once);
}

namespace {

/// With two gates, as a recurrent network says it.
struct GatedNet : ToyNet<8> {
  static constexpr std::size_t column_blocks(std::string_view parameter) {
    return parameter == "input" ? 2 : 1;
  }
};

}  // namespace

TEST_CASE("each gate loses its own smallest share where that is wanted") {
  GatedNet net;
  static_cast<ToyNet<8>&>(net) = toy_net<8>();
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 4; j < 8; ++j) net.input(i, j) *= 100;
  const auto gate_zeros = [](const GatedNet& pruned, std::size_t first) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < 3; ++i)
      for (std::size_t j = first; j < first + 4; ++j) count += pruned.input(i, j) == 0;
    return count;
  };
  const auto by_tensor = prune(net, {.sparsity = 0.5f});
  CHECK(gate_zeros(by_tensor, 0) == 12);  // one threshold empties the gate of small weights
  CHECK(gate_zeros(by_tensor, 4) == 0);
  const auto by_gate = prune(net, {.sparsity = 0.5f, .threshold = PruneThreshold::per_gate});
  CHECK(gate_zeros(by_gate, 0) == 6);
  CHECK(gate_zeros(by_gate, 4) == 6);
  CHECK(zeros(by_gate.recurrent.values()) == 32);

  // One threshold for all tensors asks for shares, not sizes: to scale a tensor changes nothing.
  const PruneOptions most{.sparsity = 0.9f, .threshold = PruneThreshold::per_model};
  const auto by_model = prune(net, most);
  CHECK(zeros(by_model.input.values()) + zeros(by_model.recurrent.values()) == 79);
  CHECK(zeros(by_model.input.values()) < 24);
  CHECK(zeros(by_model.recurrent.values()) < 64);
  for (float& w : net.recurrent.values()) w *= 0.001f;
  const auto scaled = prune(net, most);
  CHECK(scaled.input == by_model.input);
  CHECK(zeros(scaled.recurrent.values()) == zeros(by_model.recurrent.values()));
}

TEST_CASE("gradual pruning follows its cubic and holds the mask afterwards") {
  const GradualPruneOptions options{
      .sparsity = 0.75f, .first_step = 10, .last_step = 110, .every = 20};
  GradualPruning pruning(options);
  CHECK(pruning.sparsity(9) == 0);
  CHECK(pruning.sparsity(10) == 0);
  CHECK(pruning.sparsity(60) == bodega_test::Approx(0.75 * (1 - 0.125)));
  CHECK(pruning.sparsity(110) == 0.75f);
  CHECK(pruning.sparsity(5000) == 0.75f);
  auto net = toy_net<8>();
  const CounterRandom random(1);
  float before = 0;
  PruneMask held;
  for (std::size_t step = 0; step <= 150; ++step) {
    for (std::size_t i = 0; step > 0 && i < net.recurrent.size(); ++i)  // a step of training
      net.recurrent.data()[i] += 0.01f * (random.uniform(step, i) - 0.5f);
    pruning(net);
    const auto share = static_cast<float>(zeros(net.recurrent.values())) / 64;
    CHECK(share >= before);
    before = share;
    if (step == 10 + 3 * 20)
      CHECK(share == bodega_test::Approx(std::round(64 * pruning.sparsity(70)) / 64));
    if (step == 110) held = pruning.mask();
  }
  CHECK(pruning.steps() == 151);
  CHECK(zeros(net.recurrent.values()) == 48);
  CHECK(pruning.mask() == held);
  CHECK(nonzero_mask(net) == held);

  for (const float bad : {-0.1f, 1.1f, std::nanf("")}) {
    CHECK_ERROR(GradualPruning({.sparsity = bad}), ErrorCode::out_of_range, "option sparsity");
    CHECK_ERROR(GradualPruning({.initial_sparsity = bad}), ErrorCode::out_of_range,
                "option initial_sparsity");
  }
  CHECK_ERROR(GradualPruning({.first_step = 5, .last_step = 5}), ErrorCode::invalid_argument,
              "last_step");
  CHECK_ERROR(GradualPruning({.every = 0}), ErrorCode::invalid_argument, "every");
  CHECK_ERROR(nonzero_mask(quantize(toy_net<8>())), ErrorCode::invalid_argument, "input.stored");
}

TEST_CASE("bad input is refused and changes nothing") {
  auto net = toy_net<8>();
  const auto before = net;
  for (const float bad : {-0.1f, 1.1f, std::nanf(""), INFINITY})
    CHECK_ERROR(prune_mask(net, {.sparsity = bad}), ErrorCode::out_of_range, "sparsity");
  CHECK_ERROR(apply_mask(prune_mask(toy_net<4>()), net), ErrorCode::shape, "input");
  CHECK_ERROR(apply_mask(PruneMask{}, net), ErrorCode::shape, "input");
  PruneMask more = prune_mask(net);
  more.tensors.push_back(more.tensors.back());
  CHECK_ERROR(apply_mask(more, net), ErrorCode::shape, "apply_mask");
  CHECK(net == before);
  net.recurrent(0, 3) = std::nanf("");
  CHECK_ERROR(prune(net), ErrorCode::not_finite, "recurrent, number 3");
  CHECK_ERROR(prune(quantize(before)), ErrorCode::invalid_argument, "input.stored");
}

TEST_CASE("ratios of whole numbers: halves of a weight are rounded up, as a share is written") {
  for (std::size_t size = 5; size <= 500; size += 5)
    for (int tenths = 1; tenths < 10; ++tenths) {
      std::vector<detail::WeightPlace> places;
      for (std::size_t i = 0; i < size; ++i) places.push_back({1.0f, 0, i});
      PruneMask mask;
      mask.tensors.push_back({"w", size, std::vector<std::uint64_t>(size / 64 + 1, ~0ull)});
      detail::drop_smallest(places, static_cast<float>(tenths) / 10.0f, mask);
      std::size_t kept = 0;
      for (std::size_t i = 0; i < size; ++i) kept += mask.tensors[0].keeps(i);
      CHECK(size - kept == (2 * size * static_cast<std::size_t>(tenths) + 10) / 20);
    }
}
