// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/room.hpp>
#include <bodega/core/units.hpp>
#include <bodega/data/absences.hpp>
#include <bodega/data/baskets.hpp>
#include <bodega/data/catalog.hpp>
#include <bodega/data/daily_sales.hpp>
#include <bodega/data/interactions.hpp>
#include <bodega/data/read_report.hpp>
#include <bodega/data/receipt.hpp>
#include <bodega/data/string_table.hpp>
#include <bodega/data/table_days.hpp>

namespace bodega::inline BODEGA_ABI {

/// Receipts in order of time (equal times: in the order they were added), and what they are made
/// of. `read_receipts` makes them of a file. Const calls may run from many threads.
class Receipts {
 public:
  Receipts() = default;
  /// None yet, of the items of this catalogue, and of customers, stores and tills with these names.
  /// A business day begins `day_starts_at` seconds after midnight.
  explicit Receipts(Catalog catalog, StringSet customers = {}, StringSet stores = {},
                    StringSet tills = {}, int day_starts_at = 0)
      : catalog_(std::move(catalog)),
        customers_(std::move(customers)),
        stores_(std::move(stores)),
        tills_(std::move(tills)),
        day_starts_at_(day_starts_at) {}

  /// Appends sales, and notes that their day has traded; a receipt without lines says nothing and
  /// is not kept. Error (out_of_range), with nothing changed, on an item outside the catalogue, a
  /// customer who is not among the customers, a quantity that is not above 0 and a receipt of
  /// before the last one.
  void add(const Receipt& receipt) {
    if (receipt.lines.empty()) return;
    check(receipt);
    make_room(receipt.lines.size(), lines_);
    make_room(1, heads_, trading_days_);
    ids_.add(receipt.id);
    lines_.insert(lines_.end(), receipt.lines.begin(), receipt.lines.end());
    heads_.push_back({receipt.when, receipt.store, receipt.till, receipt.customer, lines_.size()});
    open(receipt.when.business_day(day_starts_at_));
  }

  /// Makes room for so many, of so many lines in all.
  void reserve(std::size_t receipts, std::size_t lines) {
    heads_.reserve(receipts);
    lines_.reserve(lines);
  }

  /// Notes a day with trade: one whose sales were all taken back has no receipt.
  void open(Day day) {
    const auto at = std::lower_bound(trading_days_.begin(), trading_days_.end(), day);
    if (at == trading_days_.end() || *at != day) trading_days_.insert(at, day);
  }

  /// What became of the lines that these receipts were read from; the counts of the result are
  /// filled in here.
  void set_report(ReadReport report) {
    report_ = std::move(report);
    report_.receipts = size();
    report_.items = catalog_.size();
    report_.unprintable = catalog_.unprintable().size();
    report_.customers = customers_.size();
    report_.trading_days = trading_days_.size();
    if (trading_days_.empty()) return;
    report_.first_day = trading_days_.front();
    report_.last_day = trading_days_.back();
  }

  std::size_t size() const noexcept { return heads_.size(); }
  bool empty() const noexcept { return heads_.empty(); }
  /// Sales only: every quantity is above zero, and no receipt is without lines. An item may stand
  /// on several lines.
  Receipt operator[](std::size_t i) const noexcept {
    const Head& head = heads_[i];
    const std::size_t begin = i > 0 ? heads_[i - 1].lines_end : 0;
    return {ids_[i],   head.when,     head.store,
            head.till, head.customer, std::span(lines_).subspan(begin, head.lines_end - begin)};
  }
  std::string_view id(std::size_t i) const noexcept { return ids_[i]; }
  /// The business day.
  Day day(std::size_t i) const noexcept { return heads_[i].when.business_day(day_starts_at_); }
  /// none() where no store is named.
  StoreId store(std::size_t i) const noexcept { return heads_[i].store; }
  /// none() where no till is named.
  TillId till(std::size_t i) const noexcept { return heads_[i].till; }
  std::span<const ReceiptLine> lines() const noexcept { return lines_; }

  /// The catalogue that was given, or else one of every item sold: in the order of their first
  /// sale in the file, with the first description that is not empty and the latest price above 0.
  const Catalog& catalog() const noexcept { return catalog_; }
  /// External ids by CustomerIndex.
  const StringSet& customers() const noexcept { return customers_; }
  /// Names by StoreId and by TillId.
  const StringSet& stores() const noexcept { return stores_; }
  const StringSet& tills() const noexcept { return tills_; }
  /// When the business day begins, in seconds after midnight.
  int day_starts_at() const noexcept { return day_starts_at_; }
  const ReadReport& report() const noexcept { return report_; }

  Baskets baskets() const {
    Baskets result(catalog_.size());
    for (std::size_t i = 0; i < size(); ++i) result.add((*this)[i]);
    return result;
  }

  /// Items x calendar days from the first to the last day with a sale. A day has traded where
  /// there was a sale on it, also one that was returned later. Days on which an item was away from
  /// the shop are marked (`mark_absences`), and `absences` counts them. Error (out_of_range) where
  /// the table would pass 2^28 numbers, as it does when one receipt is dated a thousand years off.
  DailySales daily_sales(const AbsenceOptions& away = {}) const {
    if (trading_days_.empty()) return DailySales(catalog_.size(), Day(), 0);
    const Day first = trading_days_.front(), last = trading_days_.back();
    const std::size_t days = detail::columns_of(first, last, catalog_.size(), "daily_sales");
    DailySales result(catalog_.size(), first, days);
    for (const Day day : trading_days_) result.open(day);
    for (std::size_t i = 0; i < size(); ++i) {
      const Receipt receipt = (*this)[i];
      for (const ReceiptLine& line : receipt.lines)
        result.add(line.item, day(i), line.quantity.value());
    }
    mark_absences(result, away);
    return result;
  }

  /// Customers x items: number of receipts.
  CsrMatrix<float> interactions() const { return user_items(baskets()); }

 private:
  struct Head {
    Moment when;
    StoreId store;
    TillId till;
    CustomerIndex customer;
    std::size_t lines_end = 0;
  };

  void check(const Receipt& receipt) const {
    const auto refuse = [](const std::string& expected, const std::string& found) {
      throw Error(ErrorCode::out_of_range, "Receipts", expected, found);
    };
    if (!heads_.empty() && receipt.when < heads_.back().when)
      refuse("a receipt of no earlier time than the one before",
             "one of " + receipt.when.day().to_string());
    if (!receipt.customer.is_none() && receipt.customer.value() >= customers_.size())
      refuse("a customer below " + std::to_string(customers_.size()),
             std::to_string(receipt.customer.value()));
    for (const ReceiptLine& line : receipt.lines) {
      if (line.item.value() >= catalog_.size())
        refuse("an item below " + std::to_string(catalog_.size()),
               std::to_string(line.item.value()));
      if (line.quantity <= Quantity())
        refuse("a quantity above 0", std::to_string(line.quantity.value()));
    }
  }

  Catalog catalog_;
  StringSet customers_, stores_, tills_;
  int day_starts_at_ = 0;
  StringTable ids_;  // by receipt
  std::vector<Head> heads_;
  std::vector<ReceiptLine> lines_;
  std::vector<Day> trading_days_;  // rising
  ReadReport report_;
};

}  // namespace bodega::inline BODEGA_ABI
