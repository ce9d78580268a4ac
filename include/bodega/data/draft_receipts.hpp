// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/net_returns.hpp>
#include <bodega/data/string_table.hpp>

namespace bodega::inline BODEGA_ABI {

/// The receipts of a file while it is read. Lines belong to one receipt if its id, business day,
/// store, till and further key are the same, and its customer: a line without a customer belongs to
/// the last such receipt, and the first customer who is named is that of the lines before.
class DraftReceipts {
 public:
  struct Head {
    Moment when, last;  // of the first line and the last one in time
    Day day;            // the business day
    StoreId store;
    TillId till;
    CustomerIndex customer;
    std::uint32_t id = 0;                    // among the ids
    std::uint32_t before = StringSet::none;  // the receipt of the same number before this one
  };

  struct Line {
    std::string_view id, key;
    Moment when;
    Day day;
    StoreId store;
    TillId till;
    CustomerIndex customer;
  };

  const Head& operator[](std::uint32_t receipt) const noexcept { return heads_[receipt]; }
  std::size_t size() const noexcept { return heads_.size(); }
  std::string_view id(std::uint32_t receipt) const noexcept { return ids_[heads_[receipt].id]; }
  /// Receipts whose number another customer has on the same day.
  std::size_t numbers_shared() const noexcept { return numbers_shared_; }

  /// The number of the receipt that a line belongs to.
  std::uint32_t find(const Line& line);

  /// Sorts receipts by time and their lines by receipt, both stably, and numbers them anew.
  void put_in_order(std::vector<DraftLine>& lines);

  Buyer buyer(std::uint32_t receipt) const noexcept;

 private:
  /// The number of what all but the customer tells apart. Lines of a receipt mostly stand together,
  /// so the last one is remembered.
  std::uint32_t find_slot(const Line& line);

  /// The receipt of the line's customer among those of one number.
  std::uint32_t of_customer(std::uint32_t slot, const Line& line);

  std::string key_;
  Line last_;  // its texts are those beside it
  std::string last_id_, last_line_key_;
  std::uint32_t last_slot_ = StringSet::none;
  StringSet keys_;
  StringTable ids_;                     // by key
  std::vector<std::uint32_t> last_of_;  // by key: its receipt that began last
  std::vector<Head> heads_;
  std::size_t numbers_shared_ = 0;
};

#if BODEGA_BODIES

BODEGA_INLINE std::uint32_t DraftReceipts::find(const Line& line) {
  const std::uint32_t slot = find_slot(line);
  const std::uint32_t receipt = of_customer(slot, line);
  Head& head = heads_[receipt];
  head.when = std::min(head.when, line.when);
  head.last = std::max(head.last, line.when);
  if (head.customer.is_none()) head.customer = line.customer;
  return receipt;
}

BODEGA_INLINE void DraftReceipts::put_in_order(std::vector<DraftLine>& lines) {
  std::vector<std::uint32_t> order(heads_.size()), place(heads_.size());
  std::iota(order.begin(), order.end(), 0u);
  std::stable_sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return heads_[a].when < heads_[b].when;
  });
  std::vector<Head> heads;
  for (const std::uint32_t receipt : order) {
    place[receipt] = static_cast<std::uint32_t>(heads.size());
    heads.push_back(heads_[receipt]);
  }
  heads_ = std::move(heads);
  for (DraftLine& line : lines) line.receipt = place[line.receipt];
  const auto earlier = [](const DraftLine& a, const DraftLine& b) { return a.receipt < b.receipt; };
  if (!std::is_sorted(lines.begin(), lines.end(), earlier))
    std::stable_sort(lines.begin(), lines.end(), earlier);
}

BODEGA_INLINE Buyer DraftReceipts::buyer(std::uint32_t receipt) const noexcept {
  constexpr std::uint64_t without_customer = std::uint64_t{1} << 33;
  const Head& head = heads_[receipt];
  return {head.customer.is_none() ? without_customer + receipt : head.customer.value(),
          head.store.value(), !head.customer.is_none(), head.day.days_since_1970()};
}

BODEGA_INLINE std::uint32_t DraftReceipts::find_slot(const Line& line) {
  const bool as_last = last_slot_ != StringSet::none && line.day == last_.day &&
                       line.store == last_.store && line.till == last_.till &&
                       line.id == last_id_ && line.key == last_line_key_;
  if (as_last) return last_slot_;
  key_.assign(line.id);
  for (const std::uint32_t part : {static_cast<std::uint32_t>(line.day.days_since_1970()),
                                   line.store.value(), line.till.value()})
    for (int shift = 0; shift < 32; shift += 8) key_ += static_cast<char>(part >> shift & 0xFF);
  key_ += line.key;
  last_ = line;
  last_id_ = line.id;
  last_line_key_ = line.key;
  last_slot_ = keys_.add(key_);
  if (last_slot_ == last_of_.size()) {
    last_of_.push_back(StringSet::none);
    ids_.add(line.id);
  }
  return last_slot_;
}

BODEGA_INLINE std::uint32_t DraftReceipts::of_customer(std::uint32_t slot, const Line& line) {
  const std::uint32_t last = last_of_[slot];
  for (std::uint32_t r = last; r != StringSet::none; r = heads_[r].before)
    if (line.customer.is_none() || heads_[r].customer.is_none() ||
        heads_[r].customer == line.customer)
      return r;
  numbers_shared_ += last != StringSet::none;
  heads_.push_back(
      {line.when, line.when, line.day, line.store, line.till, line.customer, slot, last});
  return last_of_[slot] = static_cast<std::uint32_t>(heads_.size() - 1);
}

#endif

}  // namespace bodega::inline BODEGA_ABI
