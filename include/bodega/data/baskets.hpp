// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/room.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/receipt.hpp>

namespace bodega::inline BODEGA_ABI {

/// Receipts reduced to what models eat: which distinct items were bought together, when, where and
/// by whom. Const calls may run from many threads.
class Baskets {
 public:
  Baskets() = default;
  /// `items` is the size of the catalogue that the item indices belong to.
  explicit Baskets(std::size_t items) : basket_of_(items, 0) {}

  std::size_t size() const noexcept { return when_.size(); }
  bool empty() const noexcept { return when_.empty(); }
  /// Size of the catalogue.
  std::size_t items() const noexcept { return basket_of_.size(); }
  /// One more than the highest customer index seen.
  std::size_t customers() const noexcept { return customers_; }

  /// The distinct items of basket i in the order of their first line; never empty.
  std::span<const ItemIndex> operator[](std::size_t i) const noexcept {
    const std::size_t begin = i > 0 ? end_[i - 1] : 0;
    return {items_.data() + begin, end_[i] - begin};
  }
  Moment when(std::size_t i) const noexcept { return when_[i]; }
  Day day(std::size_t i) const noexcept { return when_[i].day(); }
  /// These are none() where not known.
  CustomerIndex customer(std::size_t i) const noexcept { return customer_[i]; }
  StoreId store(std::size_t i) const noexcept { return store_[i]; }
  TillId till(std::size_t i) const noexcept { return till_[i]; }

  /// Appends a basket; an item on several lines counts once, and a basket without items says
  /// nothing and is not kept. Error (out_of_range) on an item outside the catalogue; nothing is
  /// changed then. Baskets may come in any order of time. Cost: linear in the lines.
  void add(Moment when, CustomerIndex customer, std::span<const ItemIndex> lines,
           StoreId store = {}, TillId till = {});

  /// Appends what a receipt sells; its returns (lines of 0 units or fewer) are left out.
  void add(const Receipt& receipt);

 private:
  void check(ItemIndex item) const;

  /// Room for one more basket of so many lines: what follows cannot fail.
  void make_room(std::size_t lines) {
    bodega::make_room(1, when_, customer_, store_, till_, end_);
    bodega::make_room(lines, items_);
  }

  /// One more item of the basket that is being added.
  void put(ItemIndex item);

  void close(Moment when, CustomerIndex customer, StoreId store, TillId till);

  std::vector<Moment> when_;
  std::vector<CustomerIndex> customer_;
  std::vector<StoreId> store_;
  std::vector<TillId> till_;
  std::vector<std::size_t> end_;
  std::vector<ItemIndex> items_;
  std::vector<std::uint32_t> basket_of_;  // per item: 1 + the last basket that holds it
  std::size_t customers_ = 0;
};

#if BODEGA_BODIES

BODEGA_INLINE void Baskets::add(Moment when, CustomerIndex customer,
                                std::span<const ItemIndex> lines, StoreId store, TillId till) {
  for (const ItemIndex item : lines) check(item);
  make_room(lines.size());
  for (const ItemIndex item : lines) put(item);
  close(when, customer, store, till);
}

BODEGA_INLINE void Baskets::add(const Receipt& receipt) {
  for (const ReceiptLine& line : receipt.lines) check(line.item);
  make_room(receipt.lines.size());
  for (const ReceiptLine& line : receipt.lines)
    if (line.quantity > Quantity()) put(line.item);
  close(receipt.when, receipt.customer, receipt.store, receipt.till);
}

BODEGA_INLINE void Baskets::check(ItemIndex item) const {
  if (item.value() >= items())
    throw Error(ErrorCode::out_of_range, "Baskets", "an item below " + std::to_string(items()),
                std::to_string(item.value()));
}

BODEGA_INLINE void Baskets::put(ItemIndex item) {
  if (std::exchange(basket_of_[item.value()], static_cast<std::uint32_t>(size() + 1)) != size() + 1)
    items_.push_back(item);
}

BODEGA_INLINE void Baskets::close(Moment when, CustomerIndex customer, StoreId store, TillId till) {
  if (items_.size() == (empty() ? 0 : end_.back())) return;
  when_.push_back(when);
  customer_.push_back(customer);
  store_.push_back(store);
  till_.push_back(till);
  end_.push_back(items_.size());
  if (!customer.is_none())
    customers_ = std::max<std::size_t>(customers_, customer.value() + std::size_t{1});
}

#endif

}  // namespace bodega::inline BODEGA_ABI
