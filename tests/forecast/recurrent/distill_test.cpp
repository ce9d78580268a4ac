// SPDX-License-Identifier: MIT
#include <bodega/forecast/recurrent/distill.hpp>

#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "catch.hpp"
#include "check_error.hpp"
#include "forecast/sales_table.hpp"

using namespace bodega;

namespace {

struct Constant {
  float units;
  float forecast(const SalesWindow&) const noexcept { return units; }
};
struct WithQuantiles : Constant {
  std::vector<float> levels;
  std::span<const float> quantiles() const noexcept { return levels; }
  using Constant::forecast;
  float forecast(const SalesWindow&, std::span<float> to) const noexcept {
    for (std::size_t q = 0; q < to.size(); ++q) to[q] = units + static_cast<float>(q);
    return units;
  }
};

const SalesWindows& windows() {
  static const SalesWindows all(bodega_test::weekly_sales(2, 60));
  return all;
}

const ForecastTrainingOptions options{.epochs = 60,
                                      .learning_rate = 0.02f,
                                      .batch = 32,
                                      .loss = ForecastLoss::squared,
                                      .validation_fraction = 0,
                                      .threads = 1};

Lstm<run_time> untrained() { return Lstm<run_time>(WindowInputs{}, 1.0f, 4); }

}  // namespace

TEST_CASE("an ensemble teaches its mean") {
  TeacherForecasts teachers(windows(), {});
  teachers.add(Constant{2});
  teachers.add(Constant{5});
  CHECK(teachers.mean() == std::vector<float>(windows().size(), 3.5f));

  const float levels[] = {0.25f, 0.75f};
  TeacherForecasts both(windows(), levels);
  both.add(WithQuantiles{{4}, {0.25f, 0.75f}});
  both.add(WithQuantiles{{6}, {0.25f, 0.75f}});
  const auto mean = both.mean();
  REQUIRE(mean.size() == 3 * windows().size());
  CHECK(mean[3] == 5);
  CHECK(mean[4] == 5);
  CHECK(mean[5] == 6);
  TeacherForecasts point(windows(), {});
  point.add(WithQuantiles{{4}, {0.25f, 0.75f}});
  CHECK(point.mean() == std::vector<float>(windows().size(), 4.0f));
}

TEST_CASE("a teacher without quantiles is given those of its errors") {
  const float levels[] = {0.1f, 0.9f};
  TeacherForecasts teachers(windows(), levels);
  teachers.add(WindowMean{});
  const auto soft = teachers.mean();
  std::size_t below_low = 0, below_high = 0;
  for (std::size_t i = 0; i < windows().size(); ++i) {
    CHECK(soft[3 * i + 1] <= soft[3 * i + 2]);
    below_low += windows().actual(i) < soft[3 * i + 1];
    below_high += windows().actual(i) < soft[3 * i + 2];
  }
  const auto n = static_cast<double>(windows().size());
  CHECK(static_cast<double>(below_low) / n == bodega_test::Approx(0.1).margin(0.02));
  CHECK(static_cast<double>(below_high) / n == bodega_test::Approx(0.9).margin(0.02));
}

TEST_CASE("a student that hears its teacher alone forecasts what it does") {
  // Twice what the window says: nothing that the sales would teach.
  struct Twice {
    float forecast(const SalesWindow& window) const noexcept {
      return 2 * WindowMean{}.forecast(window);
    }
  };
  TeacherForecasts teachers(windows(), {});
  teachers.add(Twice{});
  const auto student = distill(untrained(), teachers, windows(), options, 1.0f);
  double off = 0, from_sales = 0, of = 0;
  for (std::size_t i = 0; i < windows().size(); ++i) {
    const double wanted = Twice{}.forecast(windows()[i]);
    off += std::abs(student.forecast(windows()[i]) - wanted);
    from_sales += std::abs(windows().actual(i) - wanted);
    of += wanted;
  }
  CHECK(off / of < 0.1);
  CHECK(off < 0.3 * from_sales);
}

TEST_CASE("teachers that teach nothing are refused") {
  const float levels[] = {0.25f, 0.75f};
  TeacherForecasts teachers(windows(), levels);
  CHECK_ERROR(teachers.mean(), ErrorCode::invalid_argument, "distillation");
  CHECK_ERROR(teachers.add(WithQuantiles{{4}, {0.1f, 0.9f}}), ErrorCode::invalid_argument,
              "quantiles of the teacher");
  CHECK_ERROR(teachers.add(Constant{std::numeric_limits<float>::quiet_NaN()}),
              ErrorCode::not_finite, "forecasts of a teacher");
  TeacherForecasts good(windows(), {});
  good.add(Constant{1});
  for (const float weight : {-0.5f, 0.0f, 1.5f})
    CHECK_ERROR(distill(untrained(), good, windows(), options, weight), ErrorCode::invalid_argument,
                "teacher_weight");
  CHECK_ERROR(distill(untrained(), good, windows().slice(0, 20), options), ErrorCode::shape,
              "teacher");
}
