// SPDX-License-Identifier: MIT
#include <bodega/forecast/recurrent/recurrent_trainer.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <bodega/bundle/bundle.hpp>
#include <bodega/compress/prune.hpp>
#include <bodega/forecast/baselines.hpp>
#include <bodega/forecast/evaluate_forecaster.hpp>

#include "catch.hpp"
#include "check_error.hpp"
#include "forecast/recurrent/objective.hpp"
#include "forecast/sales_table.hpp"

using namespace bodega;
using namespace bodega_test;

namespace {

/// 40 items x (60 - 14) windows.
const SalesWindows& weekly() {
  static const SalesWindows windows(weekly_sales(40, 60));
  return windows;
}
const ForecastTrainingOptions quick{.epochs = 3, .batch = 64, .threads = 1};

}  // namespace

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
  const detail::SeenWindows training(weekly().before(cut), model, "test");
  const detail::SeenWindows held_back(weekly().from(cut), model, "test");
  detail::RecurrentObjective<LstmCell> objective(detail::shape_of(model),
                                                 targets_of(options, training.mean_scale()), 1);
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
  const auto tuned =
      fine_tune(pruned, weekly(), {.epochs = 5, .learning_rate = 0.003f, .batch = 32},
                {.after_step = [&](Lstm<8>& network) { apply_mask(mask, network); }});

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

TEST_CASE("numbers that no solver can tell: a rate that is far too large is halved, or refused") {
  const auto level = [](const SalesWindows& windows) {
    return evaluate_forecaster(WindowMean{}, windows).wmape();
  };
  for (const float rate : {1.0f, 30.0f, 1e4f, 1e30f})
    for (const double held_back : {0.0, 0.2}) {
      ForecastTrainingOptions options{.epochs = 3,
                                      .learning_rate = rate,
                                      .batch = 64,
                                      .clip_norm = 1e30f,
                                      .validation_fraction = held_back,
                                      .threads = 1};
      INFO("rate " << rate << ", held back " << held_back);
      std::size_t epochs = 0;
      options.progress = [&](const Progress&) { return ++epochs > 0; };
      const auto sound = [&](const auto& train) {
        try {
          const auto model = train();
          CHECK_NOTHROW(model.validate("trained"));
          // No worse than a network of random weights, which is near the level.
          CHECK(evaluate_forecaster(model, weekly()).wmape() < 1.5 * level(weekly()));
          return true;
        } catch (const Error& error) {
          CHECK(error.code() == ErrorCode::not_finite);
          return false;
        }
      };
      const bool lstm = sound([&] { return train_lstm<4>(weekly(), options); });
      const bool gru = sound([&] { return train_gru<4>(weekly(), options); });
      CHECK((rate > 100 || (lstm && gru)));
      CHECK((rate < 1e30f || !(lstm || gru)));
      CHECK(epochs >= 3);
    }
}

TEST_CASE("numbers that no solver can tell: scaled sales and options at their ends end soundly") {
  for (const double scale : {1e-3, 1.0, 1e6}) {
    DailySales sales = weekly_sales(12, 50);
    DailySales scaled(12, sales.first_day(), sales.days());
    for (std::size_t c = 0; c < sales.days(); ++c)
      for (std::uint32_t i = 0; i < 12 && sales.traded(c); ++i)
        scaled.add(ItemIndex(i), sales.day(c),
                   scale * double{sales.at(ItemIndex(i), c)} * std::pow(1000.0, i % 3));
    const SalesWindows windows(scaled);
    std::vector<ForecastTrainingOptions> all(7, quick);
    all[0].level_power = 30;
    all[1].huber_delta = 1e30f;
    all[1].loss = ForecastLoss::huber;
    all[2].loss = ForecastLoss::negative_binomial;
    all[2].dispersion = 1e20f;
    all[3].loss = ForecastLoss::poisson;
    all[3].level_power = 1;
    all[4].quantiles = {1e-6f, 0.5f, 0.999999f};
    all[4].quantile_weight = 1e20f;
    all[5].loss = ForecastLoss::squared;
    all[5].clip_norm = 1e30f;
    all[6].prior = 1e9f;
    for (std::size_t o = 0; o < all.size(); ++o) {
      INFO("scale " << scale << ", options " << o);
      try {
        const auto model = train_lstm<4>(windows, all[o]);
        CHECK_NOTHROW(model.validate("trained"));
        for (std::size_t i = 0; i < windows.size(); i += 7)
          CHECK(std::isfinite(model.forecast(windows[i])));
      } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::not_finite);
      }
    }
  }
}

TEST_CASE("Without days held back the last weights are kept") {
  ForecastTrainingOptions options = quick;
  options.validation_fraction = 0;
  std::size_t epochs = 0;
  options.progress = [&](const Progress&) { return ++epochs > 0; };
  const auto model = train_lstm<4>(weekly(), options);
  CHECK(epochs == 3);
  CHECK(detail::learned_numbers(model) !=
        detail::learned_numbers(detail::initial_network<Lstm<4>>(options, "test")));
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
  refuses([](auto& o) { o.prior_days = -1; }, "prior_days");
  refuses([](auto& o) { o.warm_up = -1; }, "warm_up");
  refuses([](auto& o) { o.warm_up = 3; }, "warm_up");
  refuses([](auto& o) { o.dispersion = 0.1f; }, "dispersion");
  refuses([](auto& o) { o.loss = ForecastLoss::negative_binomial; }, "dispersion");
  refuses([](auto& o) { o.quantile_weight = 0; }, "quantile_weight");
  refuses([](auto& o) { o.quantiles = {0.5f, 0.5f}; }, "quantiles");
  refuses([](auto& o) { o.quantiles = {0.0f}; }, "quantiles");
  refuses([](auto& o) { o.quantiles = {1.0f}; }, "quantiles");

  CHECK_ERROR(train_lstm<4>(SalesWindows(), quick), ErrorCode::invalid_argument, "windows");
  CHECK_ERROR(train_lstm<4>(weekly_sales(2, 15), quick), ErrorCode::invalid_argument, "windows");
  CHECK_ERROR(train_lstm<4>(weekly_sales(2, 14), quick), ErrorCode::shape, "SalesWindows");
  const SalesWindows nothing_sold(sales_table({std::vector<float>(40, 0.0f)}));
  ForecastTrainingOptions relative = quick;
  relative.loss = ForecastLoss::relative;
  CHECK(nothing_sold.empty());  // an item's first window is the one in which it was first sold
  std::vector<float> once(40, 0.0f);
  once[0] = 3;
  const SalesWindows sold_once(sales_table({once}));
  CHECK_ERROR(train_lstm<4>(sold_once, relative), ErrorCode::invalid_argument, "windows");
  CHECK_ERROR(train_lstm<4>(nothing_sold, quick), ErrorCode::invalid_argument, "windows");
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

TEST_CASE("The learning rate rises, then falls as its schedule says") {
  ForecastTrainingOptions options{
      .epochs = 10, .learning_rate = 0.5f, .final_learning_rate = 0.2f, .warm_up = 2};
  const auto rate = [&](float epoch) { return detail::learning_rate(options, epoch); };
  for (const auto schedule : {LearningRateSchedule::constant, LearningRateSchedule::linear,
                              LearningRateSchedule::cosine}) {
    options.schedule = schedule;
    CHECK(rate(0) == 0.0f);
    CHECK(rate(1) == Approx(0.25));
    CHECK(rate(2) == Approx(0.5));
    CHECK(rate(10) == Approx(schedule == LearningRateSchedule::constant ? 0.5 : 0.1));
  }
  CHECK(rate(6) == Approx(0.3));  // half a wave is half way
  CHECK(rate(4) > 0.4f);          // and slow at first
  options.schedule = LearningRateSchedule::linear;
  CHECK(rate(4) == Approx(0.4));
}

TEST_CASE("A training that is resumed ends in the same bytes, on any number of threads") {
  ForecastTrainingOptions options{.epochs = 4, .learning_rate = 0.02f, .batch = 48, .threads = 1};
  options.schedule = LearningRateSchedule::cosine;
  options.skip = true;
  options.quantiles = {0.1f, 0.9f};
  const SalesWindows windows = weekly().slice(0, 900);
  std::vector<std::vector<std::byte>> files;  // at the end of each epoch
  const TrainingHooks<Gru<4>> keep{.checkpoint = [&](const TrainingState& state) {
    Bundle bundle;
    bundle.add("state", state);
    files.push_back(bundle.serialize());
  }};
  const auto whole = detail::learned_numbers(train_gru<4>(windows, options, keep));
  REQUIRE(files.size() == 4);
  options.threads = 3;
  for (const auto& file : files) {
    const auto state = Bundle::parse(file).get<TrainingState>("state");
    CHECK(detail::learned_numbers(train_gru<4>(windows, options, {.resume = &state})) == whole);
  }
  auto other = Bundle::parse(files[1]).get<TrainingState>("state");
  const auto refuses = [&](auto change, ErrorCode code, const std::string& where) {
    ForecastTrainingOptions changed = options;
    change(changed);
    CHECK_ERROR(train_gru<4>(windows, changed, {.resume = &other}), code, where);
  };
  refuses([](auto& o) { o.seed = 2; }, ErrorCode::invalid_argument, "resume");
  refuses([](auto& o) { o.epochs = 5; }, ErrorCode::invalid_argument, "resume");
  refuses([](auto& o) { o.quantiles = {0.5f}; }, ErrorCode::invalid_argument, "resume");
  other.best.pop_back();
  refuses([](auto&) {}, ErrorCode::shape, "resume");
}

TEST_CASE("A training that ran out of patience is over when it is resumed") {
  ForecastTrainingOptions options{.epochs = 60, .learning_rate = 0.05f, .batch = 32, .patience = 2};
  TrainingState last;
  const auto whole = train_lstm<4>(
      weekly(), options, {.checkpoint = [&](const TrainingState& state) { last = state; }});
  REQUIRE(last.epochs < 60);
  options.progress = [](const Progress&) { return false; };  // an epoch more would throw
  const auto again = train_lstm<4>(weekly(), options, {.resume = &last});
  CHECK(detail::learned_numbers(again) == detail::learned_numbers(whole));
}

TEST_CASE("Training through quantized weights makes a network that quantizing harms less") {
  ForecastTrainingOptions options{.epochs = 6, .learning_rate = 0.02f, .batch = 32, .threads = 1};
  const auto few_bits = [&](const Lstm<4>& model) {  // seven steps
    Lstm<4> seen = model;
    Lstm<4>::learned(seen, [](std::string_view, auto& part, Role role) {
      if (role != Role::weight || part.size() == 0) return;
      float most = 0;
      for (std::size_t i = 0; i < part.size(); ++i) most = std::max(most, std::abs(part.data()[i]));
      for (std::size_t i = 0; i < part.size(); ++i)
        part.data()[i] = std::round(part.data()[i] / most * 3) * most / 3;
    });
    seen.restore();
    return seen;
  };
  const auto plain = train_lstm<4>(weekly(), options);
  const auto aware = fine_tune(plain, weekly(), options, {.seen_as = few_bits});
  const auto error = [](const auto& model) { return evaluate_forecaster(model, weekly()).wmape(); };
  CHECK(error(few_bits(aware)) < 0.95 * error(few_bits(plain)));
  // What is trained keeps its own numbers between the steps.
  CHECK(detail::learned_numbers(few_bits(aware)) != detail::learned_numbers(aware));
}

TEST_CASE("A student learns a teacher's forecasts and quantiles") {
  const SalesWindows windows = weekly().slice(0, 1000);
  std::vector<float> taught;  // more than was ever sold: only the teacher says so
  for (std::size_t i = 0; i < windows.size(); ++i) {
    const float usual = WindowMean{}.forecast(windows[i]);
    taught.insert(taught.end(), {3 * usual, 2 * usual, 4 * usual});
  }
  ForecastTrainingOptions options{.epochs = 30, .learning_rate = 0.03f, .batch = 32, .threads = 1};
  options.validation_fraction = 0;
  options.prior = 0;
  options.quantiles = {0.1f, 0.9f};
  const auto student = train_lstm<4>(windows, options, {.teacher = taught, .teacher_weight = 1});
  std::array<float, 2> quantiles{};
  const float usual = WindowMean{}.forecast(windows[500]);
  CHECK(student.forecast(windows[500], quantiles) == Approx(3 * usual).epsilon(0.05));
  CHECK(quantiles[0] == Approx(2 * usual).epsilon(0.05));
  CHECK(quantiles[1] == Approx(4 * usual).epsilon(0.05));

  const auto refuses = [&](std::span<const float> teacher, float weight, ErrorCode code) {
    CHECK_ERROR(train_lstm<4>(windows, options, {.teacher = teacher, .teacher_weight = weight}),
                code, "teacher");
  };
  refuses(taught, 0, ErrorCode::invalid_argument);
  refuses(taught, 1.5f, ErrorCode::invalid_argument);
  refuses({}, 0.5f, ErrorCode::invalid_argument);
  refuses(std::span(taught).first(windows.size()), 0.5f, ErrorCode::shape);
  taught[7] = std::nanf("");
  refuses(taught, 0.5f, ErrorCode::not_finite);
}

TEST_CASE("Quantiles are met about as often as their levels say") {
  ForecastTrainingOptions options{.epochs = 15, .learning_rate = 0.02f, .batch = 32, .threads = 1};
  options.quantiles = {0.1f, 0.5f, 0.9f};
  const auto model = train_gru<8>(weekly(), options);
  std::array<double, 3> below{};
  for (std::size_t i = 0; i < weekly().size(); ++i) {
    std::array<float, 3> units{};
    model.forecast(weekly()[i], units);
    for (std::size_t q = 0; q < 3; ++q) below[q] += weekly().actual(i) <= units[q];
  }
  for (std::size_t q = 0; q < 3; ++q)
    CHECK(below[q] / static_cast<double>(weekly().size()) ==
          Approx(options.quantiles[q]).margin(0.08));
}

TEST_CASE("A size chosen at run time trains to the numbers of the same size in the type") {
  ForecastTrainingOptions options = quick;
  const auto fixed = train_lstm<8>(weekly(), options);
  options.hidden = 8;
  const auto chosen = train_lstm<run_time>(weekly(), options);
  CHECK(detail::learned_numbers(chosen) == detail::learned_numbers(fixed));
  for (std::size_t i = 0; i < 50; ++i)
    CHECK(chosen.forecast(weekly()[i]) == Approx(fixed.forecast(weekly()[i])).epsilon(1e-5));
  CHECK_ERROR(train_lstm<8>(weekly(), options), ErrorCode::invalid_argument, "hidden");
  options.hidden = 0;
  CHECK_ERROR(train_gru<run_time>(weekly(), options), ErrorCode::invalid_argument, "hidden");
  options.hidden = 257;
  CHECK_ERROR(train_gru<run_time>(weekly(), options), ErrorCode::invalid_argument, "hidden");
}

TEST_CASE("A promotion that doubles sales is learnt from its covariate, and wanted ever after") {
  DailySales sales = weekly_sales(8, 120);
  Covariates promotion({"promotion"}, monday, 160);
  const CounterRandom random(4);
  DailySales promoted = sales;
  for (int d = 0; d < 160; ++d)
    if (random.uniform(0, static_cast<std::uint64_t>(d)) < 0.2f)
      promotion.set("promotion", monday + d, 1.0f);
  for (std::size_t c = 0; c < sales.days(); ++c)
    if (sales.traded(c) && promotion.at(ItemIndex(0), sales.day(c))[0] > 0)
      for (std::uint32_t i = 0; i < 8; ++i)
        promoted.add(ItemIndex(i), sales.day(c), sales.at(ItemIndex(i), c));
  const SalesWindows told(promoted, promotion), not_told(promoted);
  ForecastTrainingOptions options{.epochs = 25, .learning_rate = 0.03f, .batch = 32, .threads = 1};
  const auto blind = train_lstm<6>(not_told, options);
  options.inputs.covariates = 1;
  const auto seeing = train_lstm<6>(told, options);
  CHECK(evaluate_forecaster(seeing, told).wmape() < 0.6 * evaluate_forecaster(blind, told).wmape());
  CHECK_ERROR(train_lstm<6>(not_told, options), ErrorCode::missing, "covariates");
}
