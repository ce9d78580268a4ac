// SPDX-License-Identifier: MIT
#include <bodega/forecast/recurrent/pipeline.hpp>

#include <cstddef>
#include <string>
#include <vector>

#include <bodega/bundle/bundle.hpp>
#include <bodega/forecast/evaluate_forecaster.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "forecast/sales_table.hpp"

using namespace bodega;

namespace {

using Network = Lstm<run_time>;

const ForecastTrainingOptions options{.epochs = 8,
                                      .learning_rate = 0.02f,
                                      .batch = 32,
                                      .validation_fraction = 0.2,
                                      .patience = 8,
                                      .threads = 1,
                                      .hidden = 8};
const ForecastTrainingOptions tuning{
    .epochs = 6, .learning_rate = 0.005f, .batch = 32, .threads = 1};

const SalesWindows& windows() {
  static const SalesWindows all(bodega_test::weekly_sales(3, 100));
  return all;
}

const ForecasterPipeline<Network>& trained() {
  static const ForecasterPipeline pipeline(train_lstm<run_time>(windows(), options), windows(),
                                           options);
  return pipeline;
}

template <class Model>
std::size_t bytes_in_file(const Model& model) {
  Bundle bundle;
  bundle.add("demand", model);
  std::size_t bytes = 0;
  for (const StoredTensor& tensor : bundle.tensors()) bytes += tensor.bytes.size();
  return bytes;
}

std::size_t zeros(const Matrix<float>& w) {
  std::size_t count = 0;
  for (const float v : w.values()) count += v == 0;
  return count;
}

template <class P>
concept Prunes = requires(const P& pipeline) {
  pipeline.prune({.sparsity = 0.5f});
};
template <class P>
concept Trains = requires(const P& pipeline) {
  pipeline.fine_tune({});
};
template <class P>
concept Quantizes = requires(const P& pipeline) {
  pipeline.quantize({});
};

}  // namespace

static_assert(Prunes<ForecasterPipeline<Network>> && Trains<ForecasterPipeline<Network>> &&
              Quantizes<ForecasterPipeline<Network>>);
static_assert(!Prunes<ForecasterPipeline<Lstm<run_time, QuantizedMatrix>>> &&
                  !Trains<ForecasterPipeline<Lstm<run_time, QuantizedMatrix>>> &&
                  !Quantizes<ForecasterPipeline<Lstm<run_time, QuantizedMatrix>>>,
              "what makes no sense does not compile");

TEST_CASE("every step reports the bytes of the file and the error on the days held back") {
  const auto small = trained()
                         .prune_gradually({.sparsity = 0.5f, .every = 4}, tuning)
                         .fine_tune(tuning)
                         .quantize({.granularity = Granularity::per_gate})
                         .half_states();
  const auto steps = small.steps();
  REQUIRE(steps.size() == 5);
  CHECK(steps[0].step == "trained");
  CHECK(steps[1].step == "pruned gradually to 50 %");
  CHECK(steps[2].step == "fine-tuned");
  CHECK(steps[3].step == "INT8");
  CHECK(steps[4].bytes == bytes_in_file(small.model()));
  CHECK(steps[0].bytes == bytes_in_file(trained().model()));
  CHECK(steps[1].parameters + (9 * 32 + 8 * 32 + 8) / 2 == steps[0].parameters);
  for (std::size_t i = 1; i < 5; ++i) {
    CAPTURE(i);
    if (i != 2) CHECK(steps[i].bytes < steps[i - 1].bytes);
    CHECK(steps[i].error.mape() < steps[0].error.mape() + 0.05);
    CHECK(steps[i].error.wmape() > 0);
  }
  const auto held_back = windows().from(windows().last_part(0.2));
  CHECK(steps[4].error.mape() == evaluate_forecaster(small.model(), held_back).mape());
  const std::string table = to_string(steps);
  CHECK(table.find("| pruned gradually to 50 % | 8 |") != std::string::npos);
}

TEST_CASE("what was pruned stays pruned through the steps that follow") {
  const auto pruned = trained().prune({.sparsity = 0.7f});
  const auto tuned = pruned.fine_tune(tuning);
  CHECK(zeros(tuned.model().recurrent()) == 179);
  CHECK(nonzero_mask(tuned.model()) == nonzero_mask(pruned.model()));
  CHECK(!(tuned.model().recurrent() == pruned.model().recurrent()));
  const auto taught = pruned.distill(tuning, 0.5f, trained().model(), WindowMean{});
  CHECK(nonzero_mask(taught.model()) == nonzero_mask(pruned.model()));
  const auto aware = pruned.quantize_aware({.bits = 4}, tuning);
  CHECK(zeros(dequantize(aware.model()).recurrent()) >= 179);
  const auto further = pruned.prune_gradually({.sparsity = 0.8f, .every = 3}, tuning);
  CHECK(zeros(further.model().recurrent()) == 205);
  for (std::size_t i = 0; i < pruned.model().recurrent().size(); ++i)
    if (pruned.model().recurrent().values()[i] == 0)
      CHECK(further.model().recurrent().values()[i] == 0.0f);
  // The way that was left is still there.
  CHECK(zeros(trained().model().recurrent()) == 0);
}

TEST_CASE("fewer units, then the usual steps") {
  const auto small = trained().prune_units(4).fine_tune(tuning).quantize();
  CHECK(small.model().hidden() == 4);
  CHECK(small.steps()[1].hidden == 4);
  CHECK(small.steps()[2].error.mape() <= small.steps()[1].error.mape());
  CHECK(small.steps()[3].bytes * 3 < trained().steps()[0].bytes);
}

TEST_CASE("trained for 3 bits, a network forecasts better than rounded to them") {
  const QuantizeOptions bits{.granularity = Granularity::per_gate, .bits = 3};
  const auto rounded = trained().quantize(bits), aware = trained().quantize_aware(bits, tuning);
  CHECK(aware.steps()[1].error.mape() < rounded.steps()[1].error.mape() - 0.002);
  CHECK(aware.steps()[1].bytes <= rounded.steps()[1].bytes * 11 / 10);
}

TEST_CASE("a pipeline refuses what it cannot do") {
  CHECK_ERROR(ForecasterPipeline(Network(), SalesWindows(), options), ErrorCode::invalid_argument,
              "pipeline");
  CHECK_ERROR(ForecasterPipeline(Network(), windows(), {.validation_fraction = 0}),
              ErrorCode::invalid_argument, "pipeline");
  CHECK_ERROR(trained().prune({.sparsity = 1.5f}), ErrorCode::out_of_range, "sparsity");
  CHECK_ERROR(trained().prune_gradually({.sparsity = -1}, tuning), ErrorCode::out_of_range,
              "sparsity");
  CHECK_ERROR(trained().prune_gradually({.last_step = 1'000'000}, tuning),
              ErrorCode::invalid_argument, "last_step");
  CHECK_ERROR(trained().prune_units(9), ErrorCode::invalid_argument, "units");
  CHECK_ERROR(trained().quantize({.bits = 1}), ErrorCode::out_of_range, "bits");
}
