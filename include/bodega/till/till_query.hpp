// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <ranges>
#include <span>
#include <string_view>
#include <type_traits>

#include <bodega/core/abi.hpp>
#include <bodega/core/query.hpp>
#include <bodega/core/units.hpp>

namespace bodega::inline BODEGA_ABI {

/// A list of the shop's own codes, borrowed for the length of a call: from any array or vector of
/// texts, of whatever type, or from braces, `{"20725", "22382"}`. Copies nothing.
class Codes {
 public:
  constexpr Codes() noexcept = default;
  template <std::ranges::contiguous_range Texts>
  requires(!std::same_as<std::remove_cvref_t<Texts>, Codes> &&
           std::convertible_to<std::ranges::range_reference_t<Texts>, std::string_view>)
      Codes(const Texts& texts)
  noexcept  // NOLINT: meant to convert
      : texts_(std::ranges::data(texts)),
        size_(std::ranges::size(texts)),
        at_(&text_at<std::remove_cvref_t<std::ranges::range_reference_t<const Texts>>>) {}
  Codes(std::initializer_list<std::string_view> texts) noexcept
      : Codes(std::span(texts.begin(), texts.size())) {}

  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  /// Precondition: i < size().
  std::string_view operator[](std::size_t i) const noexcept { return at_(texts_, i); }

 private:
  template <class Text>
  static std::string_view text_at(const void* texts, std::size_t i) noexcept {
    return static_cast<const Text*>(texts)[i];
  }

  const void* texts_ = nullptr;
  std::size_t size_ = 0;
  std::string_view (*at_)(const void*, std::size_t) noexcept = nullptr;
};

/// An item of a session by its code, and how long it was looked at.
struct TillView {
  std::string_view code = {};
  float dwell_seconds = View::no_dwell;  ///< a number that is not 0 or more: not known
};

/// An item by its code, and the day that a customer bought it last.
struct TillPurchase {
  std::string_view code = {};
  Day day = {};
};

/// What a checkout asks, in the shop's own codes; any part may be absent, and a code that the
/// catalogue does not hold is ignored. Borrowed for the length of the call.
struct TillQuery {
  Codes basket = {};                          ///< in the order of scanning
  std::span<const Quantity> quantities = {};  ///< of each item of the basket; none: not known
  std::string_view viewed = {};               ///< the item on the screen
  std::span<const TillView> session = {};     ///< what was looked at, the earliest first
  std::string_view card = {};                 ///< the loyalty card, as the shop writes it
  Context context = {};
  // What the bundle's rules may want to know (`Shopper`).
  std::optional<Moment> now = {};  ///< of the shop's clock
  int verified_age = 0;            ///< years at least; 0: nobody has looked
  Codes tags = {};                 ///< of the shopper: "vegan", "staff"
  std::span<const TillPurchase> purchases = {};
};

}  // namespace bodega::inline BODEGA_ABI
