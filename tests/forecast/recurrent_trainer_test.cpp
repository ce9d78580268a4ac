// SPDX-License-Identifier: MIT
#include <bodega/forecast/recurrent_trainer.hpp>

#include <cmath>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include <bodega/compress/prune.hpp>
#include <bodega/evaluate/forecasting.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "forecast/golden.hpp"
#include "forecast/sales_table.hpp"

using namespace bodega;
using namespace bodega_test;

namespace {

std::vector<std::uint32_t> numbers_below(std::size_t count) {
  std::vector<std::uint32_t> numbers(count);
  std::iota(numbers.begin(), numbers.end(), 0u);
  return numbers;
}

/// Loss and gradient over all windows.
template <int Hidden>
std::vector<float> gradient_of(const Lstm<Hidden>& model, const SalesWindows& windows,
                               const ForecastTrainingOptions& options, double* loss = nullptr) {
  const float unit = detail::mean_level(windows, model);
  detail::LstmObjective<Hidden> objective(model, options, unit);
  const auto learned = detail::learned_numbers(model);
  const auto numbers = numbers_below(windows.size());
  std::vector<float> gradient(learned.size());
  const double found = objective.loss(learned, windows, numbers, gradient);
  if (loss) *loss = found;
  return gradient;
}

void check_close(const std::vector<float>& found, const std::vector<float>& expected,
                 double tolerance) {
  REQUIRE(found.size() == expected.size());
  double worst = 0;
  for (std::size_t i = 0; i < found.size(); ++i)
    worst = std::max(worst, std::abs(double{found[i]} - double{expected[i]}));
  CHECK(worst < tolerance);
}

/// 40 items x (60 - 14) windows.
const SalesWindows& weekly() {
  static const SalesWindows windows(weekly_sales(40, 60));
  return windows;
}
const ForecastTrainingOptions quick{.epochs = 3, .batch = 64, .threads = 1};

}  // namespace

TEST_CASE("Loss, gradient and Adam agree with an independent implementation") {
  for (const std::string file : {"lstm_8.csv", "lstm_8_window.csv"}) {
    INFO(file);
    const Golden golden(file);
    auto model = golden.model<8>();
    const SalesWindows windows(golden.sales());
    const ForecastTrainingOptions options{.huber_delta = golden.number("huber_delta"),
                                      .level_power = golden.number("level_power")};
    double loss = 0;
    check_close(gradient_of(model, windows, options, &loss), golden["gradient"], 2e-6);
    CHECK(loss == Approx(golden.number("loss")).epsilon(1e-5));

    auto learned = detail::learned_numbers(model);
    detail::Adam adam(learned.size());
    for (int step = 0; step < 2; ++step) {
      adam.step(learned, gradient_of(model, windows, options), golden.number("learning_rate"),
                golden.number("clip_norm"));
      detail::set_learned_numbers(model, learned);
    }
    // Adam divides by the gradient's size, so rounding weighs most where that is near zero.
    check_close(learned, golden["adam"], 1e-4);
  }
}

TEST_CASE("Back-propagation agrees with central differences for every loss") {
  for (const ForecastLoss loss :
       {ForecastLoss::squared, ForecastLoss::absolute, ForecastLoss::huber, ForecastLoss::relative})
    for (const WindowInputs inputs : {WindowInputs{.weekday = false}, WindowInputs{}}) {
      const ForecastTrainingOptions options{
          .seed = 5, .loss = loss, .huber_delta = 0.3f, .threads = 1, .inputs = inputs};
      const auto model = detail::initial_lstm<4>(options);
      const SalesWindows windows = weekly().slice(0, 70);
      const auto gradient = gradient_of(model, windows, options);
      auto numbers = detail::learned_numbers(model);
      const auto numbers_of_windows = numbers_below(windows.size());
      detail::LstmObjective<4> objective(model, options,
                                         detail::mean_level(windows, model));
      std::vector<float> differences(numbers.size());
      for (std::size_t i = 0; i < numbers.size(); ++i) {
        const float before = numbers[i], step = 1e-2f;
        numbers[i] = before + step;
        const double above = objective.loss(numbers, windows, numbers_of_windows);
        numbers[i] = before - step;
        const double below = objective.loss(numbers, windows, numbers_of_windows);
        numbers[i] = before;
        differences[i] = static_cast<float>((above - below) / (2.0 * step));
      }
      // The kinks of an absolute loss are smeared over a step.
      const bool kinks = loss == ForecastLoss::absolute || loss == ForecastLoss::relative;
      check_close(gradient, differences, kinks ? 2e-2 : 5e-4);
    }
}

TEST_CASE("The relative loss is the MAPE, and days without a sale cost nothing") {
  std::vector<std::vector<float>> rows(3, std::vector<float>(40));
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t d = 0; d < rows[i].size(); ++d)
      rows[i][d] = static_cast<float>((d * (i + 3)) % 5);  // every fifth is 0
  const SalesWindows windows(sales_table(rows));
  const ForecastTrainingOptions options{
      .loss = ForecastLoss::relative, .level_power = 0, .threads = 1};
  const auto model = train_lstm<4>(windows, {.epochs = 2, .batch = 16});
  double loss = 0;
  gradient_of(model, windows, options, &loss);

  const ForecastErrors errors = evaluate_forecaster(model, windows);
  std::size_t sold_days = 0;
  for (std::size_t i = 0; i < windows.size(); ++i) sold_days += windows.actual(i) > 0;
  REQUIRE(sold_days < windows.size());
  CHECK(loss * static_cast<double>(windows.size()) ==
        Approx(errors.mape() * static_cast<double>(sold_days)).epsilon(1e-4));
}

TEST_CASE("Training gives the same bytes at any number of threads, others with another seed") {
  ForecastTrainingOptions options = quick;
  const auto once = detail::learned_numbers(train_lstm<8>(weekly(), options));
  for (const std::size_t threads : {2, 3, 5}) {
    options.threads = threads;
    CHECK(detail::learned_numbers(train_lstm<8>(weekly(), options)) == once);
  }
  options.seed = 2;
  CHECK(detail::learned_numbers(train_lstm<8>(weekly(), options)) != once);
}

TEST_CASE("A trained network beats every naive rung on demand with a week in it") {
  const SalesWindows windows(weekly_sales(40, 150));
  const Day cut = windows.last_part(0.2);
  const auto model = train_lstm<8>(windows.before(cut), {.epochs = 15, .batch = 32});
  const auto wmape = [&](const auto& forecaster) {
    return evaluate_forecaster(forecaster, windows.from(cut)).wmape();
  };
  CHECK(wmape(model) < 0.9 * wmape(SameWeekday{}));
  CHECK(wmape(model) < 0.5 * wmape(WindowMean{}));
  CHECK(wmape(model) < 0.5 * wmape(LastDay{}));
}

TEST_CASE("Training stops early and keeps what did best on the days held back") {
  std::vector<double> losses;
  ForecastTrainingOptions options{.epochs = 60, .learning_rate = 0.05f, .batch = 32, .patience = 2};
  options.progress = [&](const Progress& progress) {
    CHECK(progress.task == "training lstm");
    CHECK(progress.total == 60);
    losses.push_back(progress.loss);
    CHECK(progress.done == losses.size());
    return true;
  };
  const auto model = train_lstm<4>(weekly(), options);
  REQUIRE(losses.size() < 60);
  const double best = *std::min_element(losses.begin(), losses.end());
  CHECK(best == losses[losses.size() - 3]);

  const Day cut = weekly().last_part(options.validation_fraction);
  const SalesWindows held_back = weekly().from(cut);
  detail::LstmObjective<4> objective(model, options,
                                     detail::mean_level(weekly().before(cut), model));
  CHECK(objective.loss(detail::learned_numbers(model), held_back,
                       numbers_below(held_back.size())) == Approx(best));
}

TEST_CASE("A progress callback may stop the training") {
  ForecastTrainingOptions options = quick;
  options.progress = [](const Progress& progress) { return progress.done < 2; };
  CHECK_ERROR(train_lstm<4>(weekly(), options), ErrorCode::cancelled, "training lstm");
}

TEST_CASE("Fine-tuning holds a mask and mends what pruning broke") {
  const auto model = train_lstm<8>(weekly(), {.epochs = 10, .batch = 32});
  const PruneMask mask = prune_mask(model, {.sparsity = 0.6f});
  auto pruned = model;
  apply_mask(mask, pruned);
  const auto tuned = fine_tune(pruned, weekly(), {.epochs = 5, .learning_rate = 0.003f, .batch = 32},
                               [&](Lstm<8>& network) { apply_mask(mask, network); });

  auto masked_again = tuned;
  apply_mask(mask, masked_again);
  CHECK(detail::learned_numbers(masked_again) == detail::learned_numbers(tuned));
  CHECK(detail::learned_numbers(tuned) != detail::learned_numbers(pruned));
  const auto wmape = [](const auto& forecaster) {
    return evaluate_forecaster(forecaster, weekly()).wmape();
  };
  CHECK(wmape(tuned) < wmape(pruned));
}

TEST_CASE("Fine-tuning that only harms gives the model back") {
  const auto model = train_lstm<8>(weekly(), {.epochs = 10, .batch = 32});
  const auto same = fine_tune(model, weekly(), {.epochs = 1, .learning_rate = 50.0f});
  CHECK(detail::learned_numbers(same) == detail::learned_numbers(model));
  CHECK(same.inputs() == model.inputs());
}

TEST_CASE("Without days held back the last weights are kept") {
  ForecastTrainingOptions options = quick;
  options.validation_fraction = 0;
  std::size_t epochs = 0;
  options.progress = [&](const Progress&) { return ++epochs > 0; };
  const auto model = train_lstm<4>(weekly(), options);
  CHECK(epochs == 3);
  CHECK(detail::learned_numbers(model) !=
        detail::learned_numbers(detail::initial_lstm<4>(options)));
}

TEST_CASE("Training that cannot work says why") {
  const auto refuses = [](auto change, const std::string& option) {
    ForecastTrainingOptions options = quick;
    change(options);
    CHECK_ERROR(train_lstm<4>(weekly(), options), ErrorCode::invalid_argument, option);
  };
  refuses([](auto& o) { o.epochs = 0; }, "epochs");
  refuses([](auto& o) { o.batch = 0; }, "batch");
  refuses([](auto& o) { o.patience = 0; }, "patience");
  refuses([](auto& o) { o.learning_rate = 0; }, "learning_rate");
  refuses([](auto& o) { o.learning_rate = std::nanf(""); }, "learning_rate");
  refuses([](auto& o) { o.final_learning_rate = -1; }, "final_learning_rate");
  refuses([](auto& o) { o.clip_norm = 0; }, "clip_norm");
  refuses([](auto& o) { o.huber_delta = 0; }, "huber_delta");
  refuses([](auto& o) { o.level_power = std::nanf(""); }, "level_power");
  refuses([](auto& o) { o.validation_fraction = 1; }, "validation_fraction");
  refuses([](auto& o) { o.validation_fraction = -0.1; }, "validation_fraction");
  refuses([](auto& o) { o.prior = -1; }, "prior");

  CHECK_ERROR(train_lstm<4>(SalesWindows(), quick), ErrorCode::invalid_argument, "windows");
  CHECK_ERROR(train_lstm<4>(weekly_sales(2, 15), quick), ErrorCode::invalid_argument, "windows");
  CHECK_ERROR(train_lstm<4>(weekly_sales(2, 14), quick), ErrorCode::shape, "SalesWindows");
  CHECK_ERROR(fine_tune(Lstm<4>(), SalesWindows(), quick), ErrorCode::invalid_argument, "windows");
}

TEST_CASE("Items that sell rarely are learned with and without a prior") {
  std::vector<std::vector<float>> rows(4, std::vector<float>(90, 0.0f));
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t d = i; d < rows[i].size(); d += 9 + 5 * i) rows[i][d] = 2.0f;
  const SalesWindows windows(sales_table(rows));
  for (const float prior : {0.0f, 1.0f}) {
    const auto model = train_lstm<4>(windows, {.epochs = 4, .batch = 16, .prior = prior});
    const ForecastErrors errors = evaluate_forecaster(model, windows);
    CHECK(errors.wmape() < 2.5);  // and so a number
    const std::vector<float> zeros(window_days, 0.0f);
    const std::span<const float, window_days> nothing(zeros.data(), window_days);
    const float quiet = model.forecast(nothing, monday);
    CHECK(quiet <= prior);
    CHECK((quiet > 0) == (prior > 0));
  }
}

TEST_CASE("Constant sales are forecast as they are") {
  const SalesWindows windows(
      sales_table({std::vector<float>(50, 6.0f), std::vector<float>(50, 600.0f)}));
  const auto model = train_lstm<4>(windows, {.epochs = 40, .batch = 8, .prior = 0});
  CHECK(model.forecast(windows[0]) == Approx(6.0f).epsilon(0.05));
  CHECK(model.forecast(windows[1]) == Approx(600.0f).epsilon(0.05));
}
