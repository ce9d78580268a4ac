// SPDX-License-Identifier: MIT
#include "scorer_contract.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <thread>

#include <bodega/core/random.hpp>
#include <bodega/hybrid/mask.hpp>
#include <bodega/hybrid/slate.hpp>

#include "allocation_counter.hpp"

namespace bodega_test {
namespace {

using Items = std::vector<bodega::ItemIndex>;

class ScorerContract {
 public:
  ScorerContract(const bodega::AnyScorer& scorer, std::size_t items, const ScorerPromises& promises)
      : scorer_(scorer), items_(items), promises_(promises) {}

  void check() const {
    REQUIRE(scorer_.items() == items_);
    REQUIRE(items_ >= 8);
    for (const auto& basket : baskets()) {
      const bodega::Query query{.basket = basket};
      check_scores(query);
      check_reasons(query);
    }
    check_customers();
    check_uses();
    check_scores({.basket = {}, .viewed = item(3)});
    check_unknown_items();
    check_viewed();
    check_order_of_items();
    check_sum();
    check_giant_basket();
    check_slates();
    check_allocations();
    check_threads();
  }

  void check_equal_to(const bodega::AnyScorer& scorer) const {
    const ScorerContract original(scorer, items_, promises_);
    for (const auto& basket : baskets()) {
      const bodega::Query query{.basket = basket, .customer = customer(0)};
      CHECK(scores(query) == original.scores(query));
    }
  }

 private:
  static bodega::ItemIndex item(std::size_t i) {
    return bodega::ItemIndex(static_cast<std::uint32_t>(i));
  }

  /// Empty, several, repeated items, each item alone.
  std::vector<Items> baskets() const {
    std::vector<Items> all{
        {}, {item(0), item(5)}, {item(6), item(2), item(7), item(1)}, {item(4), item(4)}};
    for (std::size_t i = 0; i < items_; ++i) all.push_back({item(i)});
    return all;
  }

  static bodega::CustomerIndex customer(std::size_t c) {
    return bodega::CustomerIndex(static_cast<std::uint32_t>(c));
  }

  std::vector<float> scores(const bodega::Query& query, float weight = 1) const {
    std::vector<float> result(items_, 0.0f);
    scorer_.add_scores(query, weight, result);
    return result;
  }

  /// Equal to rounding, relative to the largest of both.
  void check_close(const std::vector<float>& found, const std::vector<float>& expected) const {
    float largest = 1;
    for (const float score : expected) largest = std::max(largest, std::abs(score));
    for (std::size_t j = 0; j < items_; ++j) {
      INFO("item " << j << ": " << found[j] << " for " << expected[j]);
      if (!(std::abs(found[j] - expected[j]) <= promises_.tolerance * largest))
        FAIL_CHECK("scores differ");
    }
  }

  void check_scores(const bodega::Query& query) const {
    const std::vector<float> once = scores(query);
    for (const float score : once) REQUIRE(std::isfinite(score));
    CHECK(scores(query) == once);  // to the bit

    std::vector<float> added(items_), expected(items_);
    for (std::size_t j = 0; j < items_; ++j) {
      added[j] = static_cast<float>(j % 7) - 3;
      expected[j] = added[j] - 2.5f * once[j];
    }
    scorer_.add_scores(query, -2.5f, added);
    check_close(added, expected);

    const std::vector<float> none = scores(query, 0);
    CHECK(std::all_of(none.begin(), none.end(), [](float score) { return score == 0; }));
  }

  void check_unknown_items() const {
    const Items unknown{item(items_), bodega::ItemIndex::none()};
    CHECK(scores({.basket = unknown, .viewed = item(items_ + 7)}) == scores({}));
    const Items mixed{unknown[0], item(2), unknown[1]}, known{item(2)};
    CHECK(scores({.basket = mixed}) == scores({.basket = known}));
    bodega::Reasons reasons;
    scorer_.explain({.basket = known}, 1, unknown[0], reasons);
    scorer_.explain({.basket = known}, 1, unknown[1], reasons);
    CHECK(reasons.empty());
  }

  void check_customers() const {
    const Items two{item(2), item(6)};
    for (std::size_t c = 0; c < std::min<std::size_t>(promises_.customers, 5); ++c)
      for (const Items& basket : {Items{}, two}) {
        const bodega::Query query{.basket = basket, .customer = customer(c)};
        check_scores(query);
        check_reasons(query);
      }
    for (const std::size_t unknown : {promises_.customers, promises_.customers + 100}) {
      const bodega::Query query{.basket = two, .customer = customer(unknown)};
      CHECK(scores(query) == scores({.basket = two}));
      bodega::Reasons reasons;
      scorer_.explain({.customer = customer(0)}, 1, item(items_), reasons);
      CHECK(reasons.empty());
    }
  }

  /// A query of all parts is answered alike without those that the scorer says it does not use.
  void check_uses() const {
    const Items basket{item(1), item(7), item(3)};
    const std::vector quantities{bodega::Quantity::from_whole(2), bodega::Quantity::from_whole(1),
                                 bodega::Quantity::from_whole(7)};
    const std::vector<bodega::View> session{{item(5), 90}, {item(0), 2}, {item(6)}};
    std::vector<bodega::View> undwelt = session;
    for (bodega::View& view : undwelt) view.dwell_seconds = bodega::View::no_dwell;
    bodega::Query whole{.basket = basket,
                        .quantities = quantities,
                        .viewed = item(4),
                        .session = session,
                        .customer = customer(0)};
    whole.context =
        bodega::Context(bodega::StoreId(0), 4, 9, bodega::Channel::kiosk, bodega::Rush::busy);
    REQUIRE(whole.parts() == bodega::QueryParts::all());
    check_scores(whole);
    const auto without = [&](bodega::QueryPart part) {
      bodega::Query less = whole;
      switch (part) {
        case bodega::QueryPart::basket:
          less.basket = {};
          break;
        case bodega::QueryPart::quantities:
          less.quantities = {};
          break;
        case bodega::QueryPart::viewed:
          less.viewed = bodega::ItemIndex::none();
          break;
        case bodega::QueryPart::session:
          less.session = {};
          break;
        case bodega::QueryPart::dwell:
          less.session = undwelt;
          break;
        case bodega::QueryPart::customer:
          less.customer = bodega::CustomerIndex::none();
          break;
        case bodega::QueryPart::store:
          less.context.store = bodega::StoreId::none();
          break;
        case bodega::QueryPart::weekday:
          less.context.weekday = -1;
          break;
        case bodega::QueryPart::hour:
          less.context.hour = -1;
          break;
        case bodega::QueryPart::channel:
          less.context.channel = bodega::Channel::unknown;
          break;
        case bodega::QueryPart::rush:
          less.context.rush = bodega::Rush::unknown;
      }
      return less;
    };
    (bodega::QueryParts::all() - scorer_.uses()).for_each([&](bodega::QueryPart part) {
      INFO("without its " << bodega::name(part));
      const bodega::Query less = without(part);
      CHECK(scores(less) == scores(whole));
      for (std::size_t j = 0; j < items_; ++j) {
        bodega::Reasons reasons, all;
        scorer_.explain(less, 1, item(j), reasons);
        scorer_.explain(whole, 1, item(j), all);
        REQUIRE(reasons.size() == all.size());
        for (std::size_t r = 0; r < all.size(); ++r) {
          CHECK(reasons[r].item == all[r].item);
          CHECK(reasons[r].contribution == all[r].contribution);
        }
      }
    });
  }

  void check_viewed() const {
    const Items one{item(2)}, two{item(2), item(6)};
    check_close(scores({.basket = one, .viewed = item(6)}), scores({.basket = two}));
    CHECK(scores({.basket = two, .viewed = item(6)}) == scores({.basket = two}));
  }

  void check_order_of_items() const {
    if (!promises_.any_order) return;
    Items basket{item(1), item(7), item(3), item(0)};
    const std::vector<float> forward = scores({.basket = basket});
    std::reverse(basket.begin(), basket.end());
    check_close(scores({.basket = basket}), forward);
  }

  void check_sum() const {
    if (!promises_.sums_over_items) return;
    const Items basket{item(1), item(7), item(3)};
    std::vector<float> sum(items_, 0.0f);
    for (const auto& one : basket) {
      const Items alone{one};
      scorer_.add_scores({.basket = alone}, 1, sum);
    }
    check_close(scores({.basket = basket}), sum);
  }

  /// Under any mask: nothing forbidden, nothing of the basket, nothing twice, in the order of
  /// finite scores, and the same when asked again.
  void check_slates() const {
    const bodega::CounterRandom random(29);
    bodega::Workspace workspace(items_);
    std::uint64_t round = 0;
    for (Items basket : baskets()) {
      if (basket.size() == 2 && basket[0] == basket[1]) basket.pop_back();  // as a slate asks
      bodega::ItemMask mask(items_);
      for (std::uint32_t i = 0; i < items_; ++i)
        if (random.below(4, round, i) <= round % 4) mask.forbid(item(i));
      const bodega::Query query{.basket = basket, .customer = customer(0)};
      const auto slate = [&](std::size_t k) {
        const auto picks = bodega::select_slate(scorer_, query, mask, k, workspace);
        return std::vector<bodega::Pick>(picks.begin(), picks.end());
      };
      const std::vector<bodega::Pick> all = slate(2 * items_), five = slate(5);
      std::set<bodega::ItemIndex> shown;
      for (const bodega::Pick& pick : all) {
        INFO("item " << pick.item.value() << ", round " << round);
        REQUIRE(mask.allows(pick.item));
        REQUIRE(std::find(basket.begin(), basket.end(), pick.item) == basket.end());
        REQUIRE(shown.insert(pick.item).second);
        REQUIRE(std::isfinite(pick.score));
        // The slate's reasons, asked for together, are those of each pick alone.
        bodega::Reasons alone;
        scorer_.explain(query, 1, pick.item, alone);
        REQUIRE(pick.because.size() == alone.size());
        for (std::size_t r = 0; r < alone.size(); ++r)
          CHECK(pick.because[r].contribution == Approx(alone[r].contribution));
      }
      CHECK(std::is_sorted(all.begin(), all.end(), [](const auto& a, const auto& b) {
        return bodega::ranks_before({a.score, a.item.value()}, {b.score, b.item.value()});
      }));
      REQUIRE(five.size() == std::min<std::size_t>(5, all.size()));
      for (std::size_t p = 0; p < five.size(); ++p) CHECK(five[p].item == all[p].item);
      ++round;
    }
    CHECK(bodega::select_slate(scorer_, {}, bodega::ItemMask(items_, false), 5, workspace).empty());
    CHECK(bodega::select_slate(scorer_, {}, bodega::ItemMask(items_), 0, workspace).empty());
  }

  void check_giant_basket() const {
    Items lines;
    for (std::size_t k = 0; k < 5000; ++k) lines.push_back(item(k % items_));
    for (const float score : scores({.basket = lines})) REQUIRE(std::isfinite(score));
  }

  void check_reasons(const bodega::Query& query) const {
    const std::vector<float> all = scores(query);
    float largest = 1;
    for (const float score : all) largest = std::max(largest, std::abs(score));
    for (std::size_t j = 0; j < items_; ++j) {
      bodega::Reasons reasons, twice;
      scorer_.explain(query, 1, item(j), reasons);
      scorer_.explain(query, 2, item(j), twice);
      REQUIRE(twice.size() == reasons.size());
      float sum = 0, before = std::numeric_limits<float>::infinity();
      for (std::size_t r = 0; r < reasons.size(); ++r) {
        const bodega::Reason& reason = reasons[r];
        REQUIRE(reason.contribution > 0);
        REQUIRE(reason.contribution <= before);
        before = reason.contribution;
        sum += reason.contribution;
        CHECK(twice[r].contribution == Approx(2 * reason.contribution));
        if (reason.kind != bodega::Reason::Kind::bought_together &&
            reason.kind != bodega::Reason::Kind::alike)
          CHECK(reason.item.is_none());  // the shop or the customer speaks, no item of the query
        else
          CHECK(std::find(query.basket.begin(), query.basket.end(), reason.item) !=
                query.basket.end());
      }
      // With room for all reasons they add up to all that speaks for the item.
      if (!promises_.explains_all || query.basket.size() > bodega::Reasons::capacity) continue;
      float expected = 0;
      if (promises_.sums_over_items)
        for (const bodega::ItemIndex one : query.basket) {
          const Items alone{one};
          expected += std::max(0.0f, scores({.basket = alone})[j]);
        }
      else
        expected = std::max(0.0f, all[j]);
      INFO("item " << j << ", reasons " << sum << ", score " << expected);
      CHECK(std::abs(sum - expected) <= promises_.tolerance * largest);
    }
  }

  void check_allocations() const {
    const Items basket{item(1), item(7), item(3)};
    const bodega::Query query{.basket = basket, .viewed = item(4), .customer = customer(0)};
    std::vector<float> buffer(items_, 0.0f);
    bodega::Reasons reasons;
    CHECK(allocations_in([&] {
            scorer_.add_scores(query, 1, buffer);
            scorer_.explain(query, 1, item(5), reasons);
          }) == 0);
  }

  void check_threads() const {
    const std::vector<Items> all = baskets();
    std::vector<std::vector<float>> alone, beside(all.size());
    for (const Items& basket : all) alone.push_back(scores({.basket = basket}));
    const auto run = [&](std::size_t first, std::size_t step) {
      for (std::size_t i = first; i < all.size(); i += step) {
        bodega::Reasons reasons;
        scorer_.explain({.basket = all[i]}, 1, item(i % items_), reasons);
        beside[i] = scores({.basket = all[i]});
      }
    };
    {
      const std::jthread other(run, 1, 2);
      run(0, 2);
    }
    CHECK(beside == alone);
  }

  bodega::AnyScorer scorer_;
  std::size_t items_;
  ScorerPromises promises_;
};

}  // namespace

void check_behaviour(const bodega::AnyScorer& scorer, std::size_t items,
                     const ScorerPromises& promises) {
  ScorerContract(scorer, items, promises).check();
}

void check_equal(const bodega::AnyScorer& copy, const bodega::AnyScorer& scorer) {
  REQUIRE(copy.items() == scorer.items());
  ScorerContract(copy, copy.items(), {}).check_equal_to(scorer);
}

}  // namespace bodega_test
