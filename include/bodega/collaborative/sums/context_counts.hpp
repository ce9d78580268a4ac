// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <bodega/collaborative/sums/decayed_sums.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/context.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/options.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/baskets.hpp>
#include <bodega/data/receipt.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

struct ContextCountsOptions {
  double half_life_days = 0;

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("half_life_days", self.half_life_days,
          "A sale this old counts half; 0 = all sales count the same.");
  }
};

/// How many receipts hold each item in each context: in a block of hours on a weekday, and at a
/// checkout of a kind that is busy or quiet. Sums that fade and merge; the training input of
/// `ContextLift`.
/// Memory: 4 bytes x items x (moments + checkouts). Thread safety: const calls from many threads; a
/// change excludes all others.
class ContextCounts {
 public:
  static constexpr std::string_view kind = "context_counts";
  static constexpr std::size_t block_hours = 3;
  static constexpr std::size_t moments = 7 * (24 / block_hours);
  static constexpr std::size_t checkouts = 4;  // kiosk or assisted x quiet or busy
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  /// The block of hours of a weekday; `none` where either is not known.
  static constexpr std::size_t moment(const Context& context) noexcept {
    if (!context.knows_weekday() || !context.knows_hour()) return none;
    return static_cast<std::size_t>(context.weekday) * (24 / block_hours) +
           static_cast<std::size_t>(context.hour) / block_hours;
  }
  /// The kind of checkout and how busy it is; `none` where either is not known.
  static constexpr std::size_t checkout(const Context& context) noexcept {
    if (context.channel == Channel::unknown || context.rush == Rush::unknown) return none;
    return (context.channel == Channel::assisted ? 2u : 0u) +
           (context.rush == Rush::busy ? 1u : 0u);
  }

  ContextCounts() : ContextCounts(0) {}
  /// Throws Error(invalid_argument) where the half-life is neither 0 nor a finite number above 0.
  explicit ContextCounts(std::size_t items, const ContextCountsOptions& options = {})
      : clock_(options.half_life_days, "ContextCounts"),
        moments_(moments, items),
        checkouts_(checkouts, items) {}
  /// The items of all baskets at their times.
  explicit ContextCounts(const Baskets& baskets, const ContextCountsOptions& options = {})
      : ContextCounts(baskets.items(), options) {
    for (std::size_t b = 0; b < baskets.size(); ++b)
      add(Context(StoreId::none(), baskets.when(b)), baskets.day(b), baskets[b]);
  }

  std::size_t items() const noexcept { return moments_.columns(); }
  // As stored; contexts x items.
  const Matrix<float>& by_moment() const noexcept { return moments_; }
  const Matrix<float>& by_checkout() const noexcept { return checkouts_; }
  /// What a stored sum times gives as of the latest day.
  double present() const noexcept { return clock_.present(); }

  /// Adds what a receipt sells; its returns and items outside the catalogue are left out. An item
  /// counts for each line. A receipt does not say at what checkout it was, `add` does.
  void observe(const Receipt& receipt) noexcept {
    const Context context(receipt.store, receipt.when);
    const float stored = weigh(receipt.when.day());
    for (const ReceiptLine& line : receipt.lines)
      if (line.quantity > Quantity()) add(context, line.item, stored);
  }

  /// Adds a receipt's items in any context; items outside the catalogue are left out.
  void add(const Context& context, Day day, std::span<const ItemIndex> sold) noexcept {
    const float stored = weigh(day);
    for (const ItemIndex item : sold) add(context, item, stored);
  }

  /// Adds the sums of another store or period. Throws Error(shape, invalid_argument) where
  /// catalogue size or half-life differ. Precondition: both catalogues list the same items in the
  /// same order.
  void merge(const ContextCounts& other) {
    clock_.check_merge(other.clock_, items(), other.items(), "ContextCounts::merge");
    const double factor = clock_.join(other.clock_, moments_.values(), checkouts_.values());
    DecayedSums::add(moments_.values(), other.moments_.values(), factor);
    DecayedSums::add(checkouts_.values(), other.checkouts_.values(), factor);
  }

  void validate(const std::string& where) const {
    clock_.validate(where + ", clock");
    const auto check = [&](const Matrix<float>& sums, std::size_t rows, const std::string& name) {
      validate_size(sums.rows(), rows, where + ", rows of " + name);
      validate_size(sums.columns(), items(), where + ", columns of " + name);
      DecayedSums::validate_sums(sums.values(), where + ", " + name);
    };
    check(moments_, moments, "moments");
    check(checkouts_, checkouts, "checkouts");
  }

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("clock", self.clock_);
    visit("moments", self.moments_);
    visit("checkouts", self.checkouts_);
  }

  bool operator==(const ContextCounts&) const = default;

 private:
  float weigh(Day day) noexcept {
    return static_cast<float>(clock_.weigh(day, 1, moments_.values(), checkouts_.values()));
  }
  void add(const Context& context, ItemIndex item, float stored) noexcept {
    if (item.value() >= items()) return;
    if (const std::size_t at = moment(context); at != none) moments_(at, item.value()) += stored;
    if (const std::size_t at = checkout(context); at != none)
      checkouts_(at, item.value()) += stored;
  }

  DecayedSums clock_;
  Matrix<float> moments_, checkouts_;
};

}  // namespace bodega::inline BODEGA_ABI
