// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/room.hpp>
#include <bodega/core/sip_hash.hpp>
#include <bodega/data/string_table.hpp>

namespace bodega::inline BODEGA_ABI {

/// How many customers a shop can know: no index, however it came about, makes a model take more
/// memory than this many do.
inline constexpr std::uint32_t most_customers = 1u << 22;

/// A secret by which cards are hashed. Never all zeros.
using CardKey = std::array<std::uint64_t, 2>;

/// A key from the machine's source of random numbers. Throws what std::random_device throws where
/// there is none: a guessable key is none.
CardKey draw_card_key();

/// Who a loyalty card stands for. A shop's own card numbers stand neither in the file nor in a
/// till's state, only their 64 bits under a key that the file holds: SipHash-1-3, so who has
/// neither file nor key learns nothing from them and cannot make cards that collide. Who has both
/// can try all card numbers; the file is to be kept as the numbers would be. Two of a million
/// customers share a hash with a chance of 1 in 37 million, and are then one.
///
/// A card that was never seen becomes a customer by `add`, up to `most_customers`; beyond, the card
/// is as none shown. Models number customers as the table does.
/// Memory: 8 bytes a customer and 8 to 16 for finding them. Thread safety: const calls from many
/// threads; `add` excludes all others.
class CustomerTable {
 public:
  static constexpr std::string_view kind = "customer_table";
  static constexpr std::uint64_t no_card = 0;  ///< the hash of none shown

  /// Without a key: it knows nobody and adds nobody.
  CustomerTable() = default;
  /// Nobody yet. Throws Error(invalid_argument) on a key of zeros.
  explicit CustomerTable(const CardKey& key) : key_(key.begin(), key.end()) {
    validate("CustomerTable");
  }
  /// The customers of receipts (`Receipts::customers`), with the same indices. Throws Error
  /// (invalid_argument, out_of_range) on a key of zeros or too many customers, (duplicate) where
  /// two have one hash under this key: draw another.
  CustomerTable(const StringSet& customers, const CardKey& key);

  std::size_t size() const noexcept { return hashes_.size(); }
  bool empty() const noexcept { return hashes_.empty(); }
  /// Whether no more customers can be added.
  bool full() const noexcept { return size() >= most_customers || key_.size() != 2; }
  /// The key, for the table of the next file; nothing where there is none.
  std::optional<CardKey> key() const noexcept {
    if (key_.size() != 2) return std::nullopt;
    return CardKey{key_[0], key_[1]};
  }

  /// The card's hash; `no_card` for an empty one, and for every one where there is no key.
  /// Complexity: linear in the card's length.
  std::uint64_t hash(std::string_view card) const noexcept {
    if (card.empty() || key_.size() != 2) return no_card;
    return std::max<std::uint64_t>(detail::sip_hash(card, {key_[0], key_[1]}), 1);
  }
  /// The hash by which the customer is known; `no_card` for an index outside the table.
  std::uint64_t hash(CustomerIndex customer) const noexcept {
    return customer.value() < size() ? hashes_[customer.value()] : no_card;
  }

  /// Who has the card of that hash; none() where it was never seen. Allocates nothing.
  CustomerIndex find(std::uint64_t card_hash) const noexcept {
    return card_hash == no_card || slots_.empty() ? CustomerIndex() : slots_[slot(card_hash)];
  }
  CustomerIndex find(std::string_view card) const noexcept { return find(hash(card)); }

  /// Who has the card of that hash: a new customer where it was never seen, none() where the table
  /// is full or no card was shown. Strong guarantee.
  CustomerIndex add(std::uint64_t card_hash);
  CustomerIndex add(std::string_view card) { return add(hash(card)); }

  /// Throws Error(invalid_argument, shape, out_of_range, duplicate) on a key that is none, too many
  /// customers, and a hash that is none or there twice.
  void validate(const std::string& where) const;

  /// Makes the index anew from hashes that `validate` accepts.
  void restore() { build_slots(2 * size()); }

  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("key", self.key_);
    visit("hashes", self.hashes_);
  }

  bool operator==(const CustomerTable& other) const noexcept {
    return key_ == other.key_ && hashes_ == other.hashes_;
  }

 private:
  /// Where the hash is or would go. At least half of the slots are free, so the walk ends. Hashes
  /// are mixed with a key of the program's own, so a file made for them to collide does not.
  std::size_t slot(std::uint64_t card_hash) const noexcept;

  void build_slots(std::size_t at_least);

  std::vector<std::uint64_t> key_;     // two numbers, or none
  std::vector<std::uint64_t> hashes_;  // by customer
  std::vector<CustomerIndex> slots_;   // made by restore()
};

#if BODEGA_BODIES

BODEGA_INLINE CardKey draw_card_key() {
  std::random_device random;
  CardKey key{};
  while (key[0] == 0 || key[1] == 0)
    for (std::uint64_t& half : key) half = std::uint64_t{random()} << 32 | random();
  return key;
}

BODEGA_INLINE CustomerTable::CustomerTable(const StringSet& customers, const CardKey& key)
    : key_(key.begin(), key.end()) {
  if (customers.size() > most_customers)
    throw Error(ErrorCode::out_of_range, "CustomerTable, customers",
                "at most " + std::to_string(most_customers), std::to_string(customers.size()));
  for (std::size_t i = 0; i < customers.size(); ++i) hashes_.push_back(hash(customers[i]));
  validate("CustomerTable");
  restore();
}

BODEGA_INLINE CustomerIndex CustomerTable::add(std::uint64_t card_hash) {
  if (card_hash == no_card) return {};
  if (2 * (size() + 1) > slots_.size()) build_slots(2 * (size() + 1));
  CustomerIndex& found = slots_[slot(card_hash)];
  if (!found.is_none() || full()) return found;
  make_room(1, hashes_);
  hashes_.push_back(card_hash);
  return found = CustomerIndex(static_cast<std::uint32_t>(size() - 1));
}

BODEGA_INLINE void CustomerTable::validate(const std::string& where) const {
  if (key_.empty() && hashes_.empty()) return;
  if (key_.size() != 2)
    throw Error(ErrorCode::shape, where + ", key", "2 numbers", std::to_string(key_.size()));
  if (key_[0] == 0 && key_[1] == 0)
    throw Error(ErrorCode::invalid_argument, where + ", key", "a secret key", "zeros");
  if (size() > most_customers)
    throw Error(ErrorCode::out_of_range, where + ", customers",
                "at most " + std::to_string(most_customers), std::to_string(size()));
  std::vector<std::pair<std::uint64_t, std::size_t>> sorted;
  sorted.reserve(size());
  for (std::size_t i = 0; i < size(); ++i) sorted.emplace_back(hashes_[i], i);
  std::sort(sorted.begin(), sorted.end());
  if (!sorted.empty() && sorted.front().first == no_card)
    throw Error(ErrorCode::out_of_range,
                where + ", customer " + std::to_string(sorted.front().second), "the hash of a card",
                "that of none");
  const auto twice =
      std::adjacent_find(sorted.begin(), sorted.end(),
                         [](const auto& a, const auto& b) { return a.first == b.first; });
  if (twice != sorted.end())
    throw Error(ErrorCode::duplicate, where + ", customer " + std::to_string(twice->second),
                "a hash of its own, as another key gives",
                "that of customer " + std::to_string((twice + 1)->second));
}

BODEGA_INLINE std::size_t CustomerTable::slot(std::uint64_t card_hash) const noexcept {
  const std::size_t mask = slots_.size() - 1;
  std::array<char, 8> bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    bytes[i] = static_cast<char>(card_hash >> 8 * i & 0xff);
  std::size_t at = static_cast<std::size_t>(
                       detail::sip_hash({bytes.data(), bytes.size()}, detail::process_key())) &
                   mask;
  while (!slots_[at].is_none() && hashes_[slots_[at].value()] != card_hash) at = (at + 1) & mask;
  return at;
}

BODEGA_INLINE void CustomerTable::build_slots(std::size_t at_least) {
  std::vector<CustomerIndex> slots(std::bit_ceil(at_least + 16));
  slots_.swap(slots);
  for (std::size_t i = 0; i < size(); ++i)
    slots_[slot(hashes_[i])] = CustomerIndex(static_cast<std::uint32_t>(i));
}

#endif

}  // namespace bodega::inline BODEGA_ABI
