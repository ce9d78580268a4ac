// SPDX-License-Identifier: MIT
#include <bodega/forecast/recurrent/recurrent_gradient.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include <bodega/core/random.hpp>
#include <bodega/forecast/recurrent/recurrent_objective.hpp>
#include <bodega/forecast/recurrent/recurrent_trainer.hpp>

#include "catch.hpp"
#include "forecast/golden.hpp"
#include "forecast/recurrent/objective.hpp"
#include "forecast/sales_table.hpp"

using namespace bodega;
using namespace bodega_test;

namespace {

void check_close(const std::vector<float>& found, const std::vector<float>& expected,
                 double tolerance) {
  REQUIRE(found.size() == expected.size());
  double worst = 0;
  for (std::size_t i = 0; i < found.size(); ++i)
    worst = std::max(worst, std::abs(double{found[i]} - double{expected[i]}));
  CHECK(worst < tolerance);
}

template <class Model>
void check_gradient(Model model, const SalesWindows& windows,
                    const ForecastTrainingOptions& options, double tolerance) {
  auto numbers = detail::learned_numbers(model);
  // Away from the start, where zeros (skip, biases) would hide a mistake.
  const CounterRandom random(9);
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] += 0.1f * random.normal(i, 0);
  Objective<Model> objective(model, windows, options);
  const auto gradient = objective.gradient(numbers);
  std::vector<float> differences(numbers.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const float before = numbers[i], step = 1e-2f;
    numbers[i] = before + step;
    const double above = objective.loss(numbers);
    numbers[i] = before - step;
    const double below = objective.loss(numbers);
    numbers[i] = before;
    differences[i] = static_cast<float>((above - below) / (2.0 * step));
  }
  check_close(gradient, differences, tolerance);
}

/// Three items with unknown days and two covariates, one of them a promotion that doubles sales.
const SalesWindows& gapped_windows() {
  static const SalesWindows windows = [] {
    DailySales sales = weekly_sales(3, 60);
    Covariates covariates({"promotion", "price"}, monday, 80);
    for (int d = 0; d < 80; ++d) {
      covariates.set("promotion", monday + d, d % 9 == 0 ? 1.0f : 0.0f);
      covariates.set("price", monday + d, 0.3f * static_cast<float>(d % 4));
    }
    for (int d = 3; d < 60; d += 11)
      sales.mark_unknown(ItemIndex(static_cast<std::uint32_t>(d % 3)), monday + d);
    return SalesWindows(sales, covariates);
  }();
  return windows;
}

/// 40 items x (60 - 14) windows.
const SalesWindows& weekly() {
  static const SalesWindows windows(weekly_sales(40, 60));
  return windows;
}

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
    Adam adam(learned.size());
    for (int step = 0; step < 2; ++step) {
      adam.step(learned, gradient_of(model, windows, options), golden.number("learning_rate"),
                golden.number("clip_norm"));
      detail::set_learned_numbers(model, learned);
    }
    // Adam divides by the gradient's size, so rounding weighs most where that is near zero.
    check_close(learned, golden["adam"], 1e-4);
  }
}

TEST_CASE("Back-propagation agrees with central differences: every loss") {
  for (const ForecastLoss loss :
       {ForecastLoss::squared, ForecastLoss::absolute, ForecastLoss::huber, ForecastLoss::relative,
        ForecastLoss::poisson, ForecastLoss::negative_binomial}) {
    INFO("loss " << static_cast<int>(loss));
    const ForecastTrainingOptions options{
        .seed = 5,
        .loss = loss,
        .huber_delta = 0.3f,
        .dispersion = loss == ForecastLoss::negative_binomial ? 0.2f : 0.0f,
        .inputs = {.weekday = false}};
    // The kinks of an absolute loss are smeared over a step.
    const bool kinks = loss == ForecastLoss::absolute || loss == ForecastLoss::relative;
    check_gradient(detail::initial_network<Lstm<4>>(options, "test"), weekly().slice(0, 70),
                   options, kinks ? 2e-2 : 5e-4);
  }
}

TEST_CASE("Back-propagation agrees with central differences: every cell, input and output") {
  ForecastTrainingOptions options{.seed = 5, .loss = ForecastLoss::squared};
  options.skip = true;
  options.prior_days = 3;
  options.inputs = {.season = true, .level = true, .gaps = true, .covariates = 2};
  std::vector<float> effects(21);
  for (std::size_t i = 0; i < effects.size(); ++i) effects[i] = 0.1f * static_cast<float>(i % 5);
  options.factors = DemandFactors<>(Matrix<float>(1, 21, effects), Matrix<float>(1, 3, 1.0f));
  const SalesWindows windows = gapped_windows().slice(0, 30);

  check_gradient(detail::initial_network<Lstm<3>>(options, "test"), windows, options, 1e-3);
  check_gradient(detail::initial_network<Gru<3>>(options, "test"), windows, options, 1e-3);

  options.quantiles = {0.1f, 0.5f, 0.9f};
  options.quantile_weight = 0.5f;
  options.hidden = 3;
  check_gradient(detail::initial_network<Gru<run_time>>(options, "test"),
                 gapped_windows().slice(0, 90), options, 2e-2);
}
