// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>

#include <bodega/core/abi.hpp>
#include <bodega/core/enum_names.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/units.hpp>

namespace bodega::inline BODEGA_ABI {

/// Who works the checkout.
enum class Channel : std::uint8_t {
  unknown,
  kiosk,    ///< the customer alone: a kiosk, a self-checkout
  assisted  ///< somebody of the shop
};
constexpr auto enum_names(Channel) noexcept {
  using enum Channel;
  return std::to_array<EnumName<Channel>>(
      {{unknown, "unknown"}, {kiosk, "kiosk"}, {assisted, "assisted"}});
}

/// Whether customers queue.
enum class Rush : std::uint8_t { unknown, quiet, busy };
constexpr auto enum_names(Rush) noexcept {
  using enum Rush;
  return std::to_array<EnumName<Rush>>({{unknown, "unknown"}, {quiet, "quiet"}, {busy, "busy"}});
}

/// Where and when is asked, and how the checkout is worked; any part may be absent.
struct Context {
  StoreId store = StoreId::none();
  std::int8_t weekday = -1;  ///< 0 = Monday to 6 = Sunday; any other number: not known
  std::int8_t hour = -1;     ///< of the shop's clock, 0 to 23; any other number: not known
  Channel channel = Channel::unknown;
  Rush rush = Rush::unknown;

  constexpr Context() noexcept = default;
  constexpr Context(StoreId of, std::int8_t on_weekday, std::int8_t at_hour,
                    Channel through = Channel::unknown, Rush how_busy = Rush::unknown) noexcept
      : store(of), weekday(on_weekday), hour(at_hour), channel(through), rush(how_busy) {}
  constexpr Context(StoreId of, Moment when, Channel through = Channel::unknown,
                    Rush how_busy = Rush::unknown) noexcept
      : Context(of, static_cast<std::int8_t>(when.day().weekday()),
                static_cast<std::int8_t>(when.second_of_day() / 3600), through, how_busy) {}

  constexpr bool knows_weekday() const noexcept { return weekday >= 0 && weekday < 7; }
  constexpr bool knows_hour() const noexcept { return hour >= 0 && hour < 24; }

  constexpr bool operator==(const Context&) const noexcept = default;
};

}  // namespace bodega::inline BODEGA_ABI
