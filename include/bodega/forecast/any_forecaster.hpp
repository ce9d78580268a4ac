// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <limits>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>

#include <bodega/core/abi.hpp>
#include <bodega/forecast/sales_window.hpp>

namespace bodega::inline BODEGA_ABI {

/// A forecaster whose type was left behind, itself a `Forecaster`: what serves, evaluates or tests
/// forecasters is compiled once, and not for each type. Copies share the forecaster, which is never
/// changed through it. As thread-safe as the forecaster; costs an indirect call on top of it and
/// allocates nothing once it is made.
class AnyForecaster {
 public:
  /// None: everything is answered with NaN.
  AnyForecaster() = default;
  /// Owns the forecaster.
  template <Forecaster F>
  requires(!std::same_as<F, AnyForecaster>) explicit AnyForecaster(F forecaster)
      : AnyForecaster(std::make_shared<const F>(std::move(forecaster))) {}
  /// Shares it.
  template <Forecaster F>
  explicit AnyForecaster(std::shared_ptr<const F> forecaster)
      : forecaster_(std::move(forecaster)), calls_(&calls_of<F>) {}
  /// Refers to a forecaster that outlives it.
  template <Forecaster F>
  static AnyForecaster refer_to(const F& forecaster) {
    return AnyForecaster(std::shared_ptr<const F>(std::shared_ptr<void>(), &forecaster));
  }

  explicit operator bool() const noexcept { return forecaster_ != nullptr; }

  float forecast(const SalesWindow& window) const noexcept {
    return forecaster_ ? calls_->forecast(forecaster_.get(), window) : nan;
  }
  /// Also fills the first `units.size()` quantiles, those beyond `quantiles()` with NaN.
  float forecast(const SalesWindow& window, std::span<float> units) const noexcept;
  /// Levels of the quantiles that it foresees; most foresee none.
  std::span<const float> quantiles() const noexcept {
    return forecaster_ ? calls_->quantiles(forecaster_.get()) : std::span<const float>();
  }

 private:
  static constexpr float nan = std::numeric_limits<float>::quiet_NaN();

  struct Calls {
    float (*forecast)(const void*, const SalesWindow&) noexcept;
    float (*forecast_quantiles)(const void*, const SalesWindow&, std::span<float>) noexcept;
    std::span<const float> (*quantiles)(const void*) noexcept;
  };
  template <class F>
  static constexpr bool foresees_quantiles = requires(const F& f, const SalesWindow& window,
                                                      std::span<float> units) {
    { f.forecast(window, units) }
    noexcept->std::same_as<float>;
    { f.quantiles() }
    noexcept->std::convertible_to<std::span<const float>>;
  };
  template <class F>
  static constexpr Calls calls_of = {
      [](const void* self, const SalesWindow& window) noexcept {
        return static_cast<const F*>(self)->forecast(window);
      },
      []([[maybe_unused]] const void* self, [[maybe_unused]] const SalesWindow& window,
         [[maybe_unused]] std::span<float> units) noexcept {
        if constexpr (foresees_quantiles<F>)
          return static_cast<const F*>(self)->forecast(window, units);
        else
          return nan;
      },
      []([[maybe_unused]] const void* self) noexcept {
        if constexpr (foresees_quantiles<F>)
          return std::span<const float>(static_cast<const F*>(self)->quantiles());
        else
          return std::span<const float>();
      }};

  std::shared_ptr<const void> forecaster_;
  const Calls* calls_ = nullptr;
};

#if BODEGA_BODIES

BODEGA_INLINE float AnyForecaster::forecast(const SalesWindow& window,
                                            std::span<float> units) const noexcept {
  for (std::size_t q = quantiles().size(); q < units.size(); ++q) units[q] = nan;
  return forecaster_ && !quantiles().empty()
             ? calls_->forecast_quantiles(forecaster_.get(), window, units)
             : forecast(window);
}

#endif

}  // namespace bodega::inline BODEGA_ABI
