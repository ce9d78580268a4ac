// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include <bodega/core/query.hpp>
#include <bodega/core/random.hpp>
#include <bodega/data/baskets.hpp>
#include <bodega/data/receipt.hpp>

#include "catch.hpp"

namespace bodega_test {

/// Baskets of customers cut in two by time: what a model is fitted to, and what it hears later as
/// receipts. Some customers come in the later part only.
class LaterReceipts {
 public:
  static constexpr std::size_t items = 12, customers = 9;

  explicit LaterReceipts(std::uint64_t seed, std::size_t baskets = 120, std::size_t fitted = 70)
      : before(items), all(items) {
    const bodega::CounterRandom random(seed);
    std::int64_t seconds = std::int64_t{15000} * 86400 + 36000;
    for (std::size_t b = 0; b < baskets; ++b) {
      seconds += random.below(2 * 86400, b, 0);
      // The last three come in later.
      const std::uint32_t who = random.below(b < fitted ? customers - 3 : customers, b, 1);
      const auto customer =
          who == 2 && b % 3 > 0 ? bodega::CustomerIndex() : bodega::CustomerIndex(who);
      std::vector<bodega::ReceiptLine> lines;
      const std::uint32_t count = 1 + random.below(6, b, 2);
      for (std::uint32_t line = 0; line < count; ++line)
        lines.push_back({bodega::ItemIndex((who + random.below(items / 2, b, 3 + line)) % items),
                         bodega::Quantity::from_whole(1 + random.below(3, b, 20 + line)),
                         bodega::Money()});
      lines_.push_back(std::move(lines));  // whose memory stays where it is
      const bodega::Receipt receipt{
          .when = bodega::Moment(seconds), .customer = customer, .lines = lines_.back()};
      all.add(receipt);
      if (b < fitted)
        before.add(receipt);
      else
        later.push_back(receipt);
    }
  }
  LaterReceipts(const LaterReceipts&) = delete;

  bodega::Baskets before, all;
  std::vector<bodega::Receipt> later;

 private:
  std::vector<std::vector<bodega::ReceiptLine>> lines_;
};

/// Both give each customer, and one never seen, the same scores.
template <class S, class Check>
void for_each_customer_scores(const S& one, const S& other, const bodega::Query& asked,
                              Check&& check) {
  for (std::uint32_t u = 0; u <= LaterReceipts::customers; ++u) {
    bodega::Query query = asked;
    query.customer = bodega::CustomerIndex(u);
    std::vector<float> a(one.items(), 0.0f), b(one.items(), 0.0f);
    one.add_scores(query, 1, a);
    other.add_scores(query, 1, b);
    for (std::size_t i = 0; i < a.size(); ++i) {
      INFO("customer " << u << ", item " << i);
      check(a[i], b[i]);
    }
  }
}

}  // namespace bodega_test
