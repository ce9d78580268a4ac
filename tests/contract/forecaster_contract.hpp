// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include <bodega/core/random.hpp>
#include <bodega/forecast/sales_window.hpp>
#include <bodega/tensor/parameters.hpp>

#include "allocation_counter.hpp"
#include "catch.hpp"
#include "reload.hpp"

/// The one contract of every Forecaster. A new forecaster is tested for the price of a constructor:
///
///   check_forecaster_contract(MyForecaster());
namespace bodega_test {

/// What a forecaster promises beyond the contract.
struct ForecasterPromises {
  bool scales = true;  ///< ten times the sales, ten times the forecast
  /// After a window without a sale.
  float most_after_zeros = 0;
  /// After a window of equal sales the forecast is theirs, give or take this share.
  float constant_within = 1e-5f;
};

template <bodega::Forecaster F>
class ForecasterContract {
 public:
  ForecasterContract(const F& forecaster, const ForecasterPromises& promises)
      : forecaster_(forecaster), promises_(promises) {}

  void check() const {
    check_answers();
    check_zeros();
    check_constant();
    check_scale();
    check_allocations();
    check_threads();
    if constexpr (bodega::Parameterised<F>) check_parameters();
  }

 private:
  using Units = std::array<float, bodega::window_days>;
  static constexpr bodega::Day day_{20000};

  /// Steady, rising, rare, one sale at either end, kilograms, container loads.
  static std::vector<Units> windows() {
    const bodega::CounterRandom random(11);
    std::vector<Units> all(20);
    for (std::size_t w = 0; w < all.size(); ++w)
      for (std::size_t d = 0; d < bodega::window_days; ++d) {
        const float drawn = random.uniform(w, d);
        switch (w % 5) {
          case 0:
            all[w][d] = 10 + drawn;
            break;
          case 1:
            all[w][d] = static_cast<float>(d * (w + 1));
            break;
          case 2:
            all[w][d] = drawn < 0.2f ? std::ceil(20 * drawn) : 0;
            break;
          case 3:
            all[w][d] = 1e-3f * drawn;
            break;
          default:
            all[w][d] = 1e6f * drawn;
        }
      }
    Units first{}, last{};
    first.front() = last.back() = 3;
    all.push_back(first);
    all.push_back(last);
    return all;
  }

  float ask(const Units& units, int days_later = 0) const {
    return forecaster_.forecast(bodega::SalesWindow(units, day_ + days_later));
  }

  void check_answers() const {
    for (const Units& units : windows())
      for (int weekday = 0; weekday < 7; ++weekday) {
        const float forecast = ask(units, weekday);
        REQUIRE(std::isfinite(forecast));
        REQUIRE(forecast >= 0);
        REQUIRE(ask(units, weekday) == forecast);  // to the bit
        // The days need not be consecutive.
        bodega::SalesWindow gaps(units, day_ + weekday);
        for (std::size_t d = 0; d < bodega::window_days; ++d)
          gaps.days[d] = day_ - 3 * static_cast<int>(bodega::window_days - d);
        REQUIRE(std::isfinite(forecaster_.forecast(gaps)));
        REQUIRE(forecaster_.forecast(gaps) >= 0);
      }
  }

  void check_zeros() const {
    for (int weekday = 0; weekday < 7; ++weekday) {
      const float forecast = ask(Units{}, weekday);
      REQUIRE(std::isfinite(forecast));
      REQUIRE(forecast >= 0);
      CHECK(forecast <= promises_.most_after_zeros);
    }
  }

  void check_constant() const {
    for (const float level : {0.5f, 3.0f, 40.0f, 1e6f}) {
      Units units;
      units.fill(level);
      for (int weekday = 0; weekday < 7; ++weekday) {
        INFO("level " << level << ", forecast " << ask(units, weekday));
        CHECK(std::abs(ask(units, weekday) - level) <= promises_.constant_within * level);
      }
    }
  }

  void check_scale() const {
    if (!promises_.scales) return;
    for (Units units : windows()) {
      const float before = ask(units);
      for (float& one : units) one *= 10;
      CHECK(ask(units) == Approx(10 * before).epsilon(1e-3));
    }
  }

  void check_allocations() const {
    const Units units = windows().front();
    float forecast = 0;
    CHECK(allocations_in([&] { forecast = ask(units); }) == 0);
    CHECK(forecast > 0);
    if constexpr (requires(std::span<float> out) {
                    forecaster_.forecast_many(std::span<const bodega::SalesWindow>(), out);
                  }) {
      const std::vector<bodega::SalesWindow> many(5, bodega::SalesWindow(units, day_));
      std::array<float, 5> forecasts{};
      CHECK(allocations_in([&] { forecaster_.forecast_many(many, forecasts); }) == 0);
      CHECK(forecasts.back() == Approx(forecast).epsilon(1e-5));
    }
  }

  void check_threads() const {
    const std::vector<Units> all = windows();
    std::vector<float> alone, beside(all.size());
    for (const Units& units : all) alone.push_back(ask(units));
    const auto run = [&](std::size_t first) {
      for (std::size_t i = first; i < all.size(); i += 2) beside[i] = ask(all[i]);
    };
    {
      const std::jthread other(run, 1);
      run(0);
    }
    CHECK(beside == alone);
  }

  /// Through its tensors and back it is the same forecaster; with a NaN it is refused.
  void check_parameters() const {
    const F copy = reload(forecaster_);
    for (const Units& units : windows())
      CHECK(copy.forecast(bodega::SalesWindow(units, day_)) == ask(units));
    std::vector<std::string> floats;
    bodega::for_each_tensor(
        forecaster_, [&]<class Leaf>(const std::string& name, const Leaf& leaf, bodega::Role) {
          if constexpr (std::is_same_v<Leaf, float>)
            floats.push_back(name);
          else if constexpr (has_floats<Leaf>)
            if (leaf.size() > 0) floats.push_back(name);
        });
    CHECK_FALSE(floats.empty());
    for (const std::string& spoilt : floats) {
      INFO("NaN in " << spoilt);
      CHECK_THROWS_AS(reload(forecaster_,
                             [&]<class Leaf>(const std::string& name, Leaf& leaf, bodega::Role) {
                               if (name != spoilt) return;
                               if constexpr (std::is_same_v<Leaf, float>)
                                 leaf = std::nanf("");
                               else if constexpr (has_floats<Leaf>)
                                 leaf.data()[leaf.size() / 2] = std::nanf("");
                             }),
                      bodega::Error);
    }
  }

  template <class Leaf>
  static constexpr bool has_floats =
      std::is_same_v<Leaf, float> || std::is_same_v<Leaf, std::vector<float>> ||
      std::is_same_v<Leaf, bodega::Matrix<float>>;

  const F& forecaster_;
  ForecasterPromises promises_;
};

template <bodega::Forecaster F>
void check_forecaster_contract(const F& forecaster, const ForecasterPromises& promises = {}) {
  ForecasterContract<F>(forecaster, promises).check();
}

}  // namespace bodega_test
