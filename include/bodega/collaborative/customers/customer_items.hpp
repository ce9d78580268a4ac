// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <bodega/core/abi.hpp>
#include <bodega/core/enum_names.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/query.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/tensor/rows.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

/// Whether a table of customers and items says what a customer bought, or what others alike did.
enum class CustomerItemsOf : std::uint8_t { own, alike };
constexpr auto enum_names(CustomerItemsOf) noexcept {
  using enum CustomerItemsOf;
  return std::to_array<EnumName<CustomerItemsOf>>({{own, "own"}, {alike, "alike"}});
}

/// A score for each item that speaks for a customer, found in advance: the row of the query's
/// customer. What the customer bought, what neighbours bought (`fit_customer_neighbours`) or any
/// other table of the kind. Shape of the table: customers x items. A customer outside it gets
/// nothing.
/// Thread rule: immutable, any number of readers. Cost: the stored entries of one row.
template <WeightFormat W = CsrMatrix<float>>
class CustomerItems {
 public:
  static constexpr std::string_view kind = "customer_items";
  template <WeightFormat V>
  using with_weights = CustomerItems<V>;

  CustomerItems() = default;
  /// Error (shape, not_finite) where the table is not well formed or holds a NaN or an infinity.
  explicit CustomerItems(W weights, CustomerItemsOf of = CustomerItemsOf::own)
      : weights_(std::move(weights)), of_(static_cast<std::uint8_t>(of)) {
    validate("CustomerItems");
  }

  const W& weights() const noexcept { return weights_; }
  std::size_t items() const noexcept { return weights_.columns(); }
  static constexpr QueryParts uses() noexcept { return QueryPart::customer; }
  std::size_t customers() const noexcept { return weights_.rows(); }

  void add_scores(const Query& query, float weight, std::span<float> scores) const noexcept {
    if (query.customer.value() < customers())
      add_row(weights_, query.customer.value(), weight, scores);
  }

  void explain(const Query& query, float weight, ItemIndex item, Reasons& reasons) const noexcept {
    if (query.customer.value() >= customers() || item.value() >= items()) return;
    reasons.offer({of_ == static_cast<std::uint8_t>(CustomerItemsOf::own)
                       ? Reason::Kind::bought_before
                       : Reason::Kind::bought_by_alike,
                   ItemIndex::none(), Reason::no_term,
                   weight * entry(weights_, query.customer.value(), item.value())});
  }

  void validate(const std::string& where) const {
    validate_weights(weights_, where + ", weights");
    if (of_ > 1)
      throw Error(ErrorCode::out_of_range, where + ", of", "0 or 1", std::to_string(of_));
  }

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("weights", self.weights_, Role::weight);
    visit("of", self.of_);
  }

  bool operator==(const CustomerItems&) const = default;

 private:
  W weights_;
  std::uint8_t of_ = 0;  // a CustomerItemsOf
};

}  // namespace bodega::inline BODEGA_ABI
