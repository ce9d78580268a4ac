// SPDX-License-Identifier: MIT
// What the steps of a slate are worth: how honest probabilities are on public receipts, what the
// hour of the day gains, whether rules are ever broken while stock flips, and what a call costs.
//
// Receipts in order of time: models learn from the first 70 %, probabilities from the slates of the
// next 15 %, and what is reported are the slates of the last 15 %. A basket is asked with its first
// half; a hit is a pick that stands in the rest of it. A known customer is asked with an empty
// basket, before anything is scanned.
#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <bodega/collaborative/customers/repeat_purchase_trainer.hpp>
#include <bodega/collaborative/items/ease_trainer.hpp>
#include <bodega/collaborative/shop/context_lift_trainer.hpp>
#include <bodega/collaborative/shop/popularity.hpp>
#include <bodega/collaborative/sums/cooccurrence.hpp>
#include <bodega/evaluate/ranking.hpp>
#include <bodega/hybrid/any_scorer.hpp>
#include <bodega/hybrid/blend.hpp>
#include <bodega/hybrid/confidence_trainer.hpp>
#include <bodega/hybrid/slate_steps.hpp>
#include <bodega/inventory/stock.hpp>
#include <bodega/metrics/calibration.hpp>

#include "support/arguments.hpp"
#include "support/measure.hpp"
#include "support/report_lines.hpp"
#include "support/shop_lines.hpp"
#include "support/synthetic_shop.hpp"
#include "support/telling.hpp"

namespace {

using namespace bodega;
using namespace bodega_benchmark;

constexpr std::size_t slate_size = 5;
constexpr double learnt = 0.7, calibrated = 0.85;

// ---- Probabilities

/// Asks for the slates of baskets, in their order.
struct Asked {
  ShownSlates slates;
  std::vector<Foretold> picks, any;
  double hits = 0;  ///< share of the picks
};

/// As a till goes on: each basket is asked for, then heard by what learns from it (`hear`), and by
/// the blocks of the confidence, if there is one.
template <Scorer S, class Hear>
Asked ask(const S& scorer, const Baskets& baskets, const Popularity& popularity, bool customers,
          Confidence* confidence, Hear&& hear) {
  StepsWorkspace room(baskets.items());
  const ItemMask all(baskets.items());
  const SlateSteps steps{.confidence = confidence, .popularity = &popularity};
  Asked asked;
  std::vector<ShownPick> shown;
  std::vector<ReceiptLine> lines;
  std::vector<float> probabilities;
  for (std::size_t b = 0; b < baskets.size(); ++b) {
    const auto basket = baskets[b];
    const std::size_t known = customers ? 0 : (basket.size() + 1) / 2;
    if (basket.size() > known && !(customers && baskets.customer(b).is_none())) {
      const Query query{.basket = basket.first(known),
                        .customer = customers ? baskets.customer(b) : CustomerIndex::none(),
                        .context = Context(baskets.store(b), baskets.when(b))};
      const auto rest = basket.subspan(known);
      const SteppedSlate slate = select_slate(scorer, query, {}, all, slate_size, steps, room);
      shown.clear();
      probabilities.clear();
      bool any = false;
      for (std::size_t i = 0; i < slate.picks.size(); ++i) {
        const Pick& pick = slate.picks[i];
        const bool hit = std::find(rest.begin(), rest.end(), pick.item) != rest.end();
        any |= hit;
        asked.hits += hit;
        shown.push_back({pick_signs(slate.picks, i, known, &popularity), hit});
        probabilities.push_back(pick.probability);
        if (confidence)
          asked.picks.push_back(
              {pick.probability, pick.probability_lower, static_cast<std::uint32_t>(i + 1), hit});
      }
      asked.slates.add(shown);
      if (confidence && !shown.empty()) {
        asked.any.push_back({slate.any.probability, slate.any.lower, 1, any});
        for (const ShownPick& pick : shown) confidence->learn(pick.signs, pick.hit);
        confidence->learn_any(probabilities, any);
      }
    }
    lines.clear();
    for (const ItemIndex item : basket) lines.push_back({item, Quantity::from_whole(1), {}});
    hear(Receipt{.when = baskets.when(b), .customer = baskets.customer(b), .lines = lines});
  }
  asked.hits /= std::max(1.0, static_cast<double>(asked.slates.picks()));
  return asked;
}

void print_calibration(const std::string& name, const CalibrationReport& report,
                       ReportLines& lines) {
  std::printf("| %s | %zu | %.3f | %.3f | %.4f | %.4f | %.4f |", name.c_str(), report.count,
              report.base_rate, report.brier_skill, report.calibration_error,
              report.calibration_error_noise, report.calibration_error_at_first);
  for (const GateResult& gate : report.gates)
    if (gate.passed == 0)
      std::printf(" none |");
    else
      std::printf(" %.3f of %.2f %%%s |", gate.hit_rate, 100 * gate.coverage,
                  gate.holds() ? "" : " (!)");
  std::printf("\n");
  lines.at_least(name + ": Brier skill", report.brier_skill, 0);
  lines.add(name + ": ECE", report.calibration_error);
  lines.add(name + ": ECE, noise line", report.calibration_error_noise);
  lines.add(name + ": ECE@1", report.calibration_error_at_first);
  for (const GateResult& gate : report.gates) {
    char at[16];
    std::snprintf(at, sizeof at, "%.2f", gate.gate);
    const std::string of = name + ": gate " + at;
    lines.add(of + ", coverage", gate.coverage);
    if (gate.passed == 0) continue;
    lines.at_least(of + ", hit rate", gate.hit_rate, gate.gate - 2 * gate.standard_error);
  }
}

void calibrate(const std::string& name, bool customers, const Asked& after, ReportLines& lines) {
  const auto picks = report_calibration(after.picks), any = report_calibration(after.any);
  print_calibration(name, picks, lines);
  print_calibration(name + ", any of five", any, lines);
  if (customers)
    lines.at_least(name + ": coverage at .85, of 0.3 % of picks or 20 % of slates",
                   std::max(picks.gates.back().coverage / 0.003, any.gates.back().coverage / 0.2),
                   1);
}

/// An open basket: bought together, and popular.
void calibrate_baskets(const std::string& name, const ItemItem<>& ease, const Baskets& all,
                       ReportLines& lines) {
  Popularity popularity(part_of(all, 0, learnt), {.half_life_days = 0});
  const auto scorer = blend(ease, 1.0f, popularity, 0.3f);
  const auto hear = [&](const Receipt& receipt) { popularity.observe(receipt); };
  const Asked before =
      ask(scorer, part_of(all, learnt, calibrated), popularity, false, nullptr, hear);
  Confidence confidence = fit_confidence(before.slates);
  const Asked after =
      ask(scorer, part_of(all, calibrated, 1), popularity, false, &confidence, hear);
  calibrate(name, false, after, lines);
}

/// A known customer before anything is scanned: what is bought again, the forgetting chosen by the
/// hits of the middle part.
void calibrate_customers(const std::string& name, const Baskets& all, ReportLines& lines) {
  const Baskets training = part_of(all, 0, learnt), middle = part_of(all, learnt, calibrated);
  double best = -1, step = 1;
  for (const double per_step : {1.0, 0.99, 0.97, 0.95, 0.9, 0.8}) {
    Popularity popularity(training, {.half_life_days = 0});
    RepeatPurchase<> again = fit_repeat_purchase(training, {.forgetting = {.per_step = per_step}});
    const double hits = ask(again, middle, popularity, true, nullptr, [&](const Receipt& receipt) {
                          again.observe(receipt);
                        }).hits;
    if (hits > best) {
      best = hits;
      step = per_step;
    }
  }
  tell(name + ": a step of " + std::to_string(step));
  Popularity popularity(training, {.half_life_days = 0});
  RepeatPurchase<> again = fit_repeat_purchase(training, {.forgetting = {.per_step = step}});
  const auto hear = [&](const Receipt& receipt) {
    again.observe(receipt);
    popularity.observe(receipt);
  };
  const Asked before = ask(again, middle, popularity, true, nullptr, hear);
  Confidence confidence = fit_confidence(before.slates);
  const Asked after = ask(again, part_of(all, calibrated, 1), popularity, true, &confidence, hear);
  calibrate(name, true, after, lines);
}

// ---- Context

struct Ranked {
  std::vector<std::uint32_t> rank;  ///< of each hidden item, 0 beyond 10
  std::vector<std::size_t> group;   ///< its basket
  Estimate hit_rate, ndcg;
};

/// HR@10 and NDCG@10 of the hidden items of baskets, asked at their times.
template <Scorer S>
Ranked rank_at_times(const S& scorer, const Baskets& baskets, const ItemMask& catalogue) {
  // The cases of `LeaveOneOut` know no times: these are made in the same way, one by one.
  Workspace room(baskets.items());
  Ranked report;
  std::vector<std::size_t>& groups = report.group;
  std::vector<ItemIndex> kept, query_items;
  for (std::size_t b = 0; b < baskets.size(); ++b) {
    kept.clear();
    for (const ItemIndex item : baskets[b])
      if (catalogue.allows(item) && kept.size() < 30) kept.push_back(item);
    if (kept.size() < 2) continue;
    for (const ItemIndex hidden : kept) {
      query_items.clear();
      for (const ItemIndex item : kept)
        if (item != hidden) query_items.push_back(item);
      const Query query{.basket = query_items,
                        .context = Context(baskets.store(b), baskets.when(b))};
      std::uint32_t place = 0, found = 0;
      for (const Pick& pick : select_slate(scorer, query, catalogue, 10, room)) {
        ++place;
        if (pick.item == hidden) found = place;
      }
      report.rank.push_back(found);
      groups.push_back(b);
    }
  }
  const auto group = [&](std::size_t i) { return groups[i]; };
  report.hit_rate = estimate(
      report.rank.size(), [&](std::size_t i) { return bodega::detail::hit(report.rank[i]); },
      group);
  report.ndcg = estimate(
      report.rank.size(), [&](std::size_t i) { return bodega::detail::gain(report.rank[i]); },
      group);
  return report;
}

/// The gain in NDCG@10 case by case, the cases of a basket as one. Precondition: the same cases.
Estimate paired_gain(const Ranked& with, const Ranked& without) {
  return estimate(
      with.rank.size(),
      [&](std::size_t i) {
        return bodega::detail::gain(with.rank[i]) - bodega::detail::gain(without.rank[i]);
      },
      [&](std::size_t i) { return with.group[i]; });
}

template <Scorer S>
void context(const std::string& name, const S& plain, const Baskets& all, ReportLines& lines) {
  const Baskets training = part_of(all, 0, learnt), valid = part_of(all, learnt, calibrated),
                test = part_of(all, calibrated, 1);
  const ItemMask catalogue = items_in_baskets(training);
  const ContextCounts counts(training);
  double best = rank_at_times(plain, valid, catalogue).ndcg.mean;
  float weight = 0;
  double shrinkage = 20;
  for (const double s : {5.0, 20.0, 100.0}) {
    const ContextLift<> lift = fit_context_lift(counts, {.shrinkage = s});
    for (const float w : {0.003f, 0.01f, 0.03f, 0.1f}) {
      const double ndcg = rank_at_times(blend(plain, 1.0f, lift, w), valid, catalogue).ndcg.mean;
      if (ndcg > best) {
        best = ndcg;
        weight = w;
        shrinkage = s;
      }
    }
  }
  const ContextLift<> lift = fit_context_lift(counts, {.shrinkage = shrinkage});
  const Ranked without = rank_at_times(plain, test, catalogue);
  const Ranked with = rank_at_times(blend(plain, 1.0f, lift, weight), test, catalogue);
  const Estimate gain = paired_gain(with, without);
  std::printf("| %s | %.4f | %.4f | %.4f | %.4f | %+.4f +- %.4f | %g, %g |\n", name.c_str(),
              without.hit_rate.mean, with.hit_rate.mean, without.ndcg.mean, with.ndcg.mean,
              gain.mean, gain.half_width, double{weight}, shrinkage);
  lines.add(name + ": HR@10 without context", without.hit_rate.mean);
  lines.add(name + ": HR@10 with context", with.hit_rate.mean);
  lines.add(name + ": NDCG@10 without context", without.ndcg.mean);
  lines.add(name + ": NDCG@10 with context", with.ndcg.mean);
  const double low = gain.mean - gain.half_width;
  if (name == "bakery")
    lines.at_least(name + ": lower end of the gain in NDCG@10", low, 0);
  else
    lines.add(name + ": lower end of the gain in NDCG@10", low);
}

// ---- Rules under flipping stock, and what a call costs

Catalog synthetic_catalog(std::size_t items) {
  Catalog catalog;
  for (std::size_t i = 0; i < items; ++i)
    catalog.add({.id = "i" + std::to_string(i),
                 .attributes = {{"category", std::to_string(i % 12)},
                                {"brand", std::to_string(i % 40)},
                                {"margin", i % 3 == 0 ? "0.1" : "0.3"}}});
  return catalog;
}

SlateRule rule(std::string name, RuleAction action, double value, const char* field = "",
               std::string of = {}) {
  SlateRule rule{.name = std::move(name), .action = action, .value = value};
  if (*field != '\0') rule.items.wanted.push_back({field, {std::move(of)}});
  return rule;
}

/// Fixed scores, so that a call is the steps and little else.
class Noise {
 public:
  Noise(std::size_t items, std::uint64_t seed) : scores_(items) {
    std::mt19937_64 random(seed);
    for (float& score : scores_) score = static_cast<float>(random() % 1000) / 1000;
  }
  std::size_t items() const noexcept { return scores_.size(); }
  void add_scores(const Query&, float weight, std::span<float> out) const noexcept {
    for (std::size_t i = 0; i < scores_.size(); ++i) out[i] += weight * scores_[i];
  }
  void explain(const Query&, float, ItemIndex, Reasons&) const noexcept {}

 private:
  std::vector<float> scores_;
};

void rules_under_fire(std::size_t queries, ReportLines& lines) {
  constexpr std::size_t items = 120;
  const Catalog catalog = synthetic_catalog(items);
  Stock stock(items);
  std::atomic<bool> done = false;
  std::atomic<std::size_t> flips = 0;
  std::thread flipping([&] {
    std::mt19937 random(5);
    while (!done.load(std::memory_order_relaxed)) {
      stock.set(ItemIndex(static_cast<std::uint32_t>(random() % items)),
                static_cast<double>(random() % 2));
      flips.fetch_add(1, std::memory_order_relaxed);
    }
  });
  std::mt19937_64 random(1);
  const auto draw = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  StepsWorkspace room(items);
  std::size_t broken = 0, asked = 0, fired = 0;
  while (asked < queries) {
    std::vector<SlateRule> rules;
    for (std::size_t r = 0; r < 1 + draw(8); ++r) {
      const std::string name = std::to_string(r), category = std::to_string(draw(12)),
                        code = "i" + std::to_string(draw(items));
      switch (draw(7)) {
        case 0:
          rules.push_back(rule(name, RuleAction::exclude, 0, "item", code));
          break;
        case 1:
          rules.push_back(rule(name, RuleAction::require_age, 18, "category", category));
          break;
        case 2:
          rules.push_back(rule(name, RuleAction::minimum_margin, .2, "category", category));
          break;
        case 3:
          rules.push_back(rule(name, RuleAction::not_again, 5));
          break;
        case 4:
          rules.push_back(rule(name, RuleAction::cap, 1 + static_cast<double>(draw(3))));
          break;
        case 5:
          rules.push_back(rule(name, RuleAction::boost, 3, "category", category));
          break;
        default:
          rules.push_back(rule(name, RuleAction::pin, static_cast<double>(r + 1), "item", code));
      }
      if (rules.back().action == RuleAction::cap) rules.back().items.each = "brand";
    }
    std::optional<CompiledRules> compiled;
    try {
      compiled.emplace(RuleSet(rules), catalog);
    } catch (const Error&) {
      continue;  // a pin that can never be shown
    }
    const Noise scorer(items, random());
    for (std::size_t q = 0; q < 1000 && asked < queries; ++q, ++asked) {
      std::array<ItemIndex, 3> basket;
      for (ItemIndex& item : basket) item = ItemIndex(static_cast<std::uint32_t>(draw(items)));
      const std::array<Purchase, 1> bought = {
          {{ItemIndex(static_cast<std::uint32_t>(draw(items))), Day(97)}}};
      const Shopper shopper{
          .now = Moment(Day(101)), .verified_age = draw(2) == 0 ? 18 : 0, .purchases = bought};
      const auto slate =
          select_slate(scorer, {.basket = basket}, shopper, stock, 8, {.rules = &*compiled}, room);
      fired += slate.fired.count();
      for (std::size_t a = 0; a < slate.picks.size(); ++a) {
        const std::size_t item = slate.picks[a].item.value();
        for (const ItemIndex one : basket) broken += one == slate.picks[a].item;
        for (std::size_t b = 0; b < a; ++b) broken += slate.picks[b].item == slate.picks[a].item;
        for (const SlateRule& one : rules) {
          const bool of = one.items.wanted.empty() ||
                          (one.items.wanted[0].name == "item"
                               ? one.items.wanted[0].values[0] == "i" + std::to_string(item)
                               : one.items.wanted[0].values[0] == std::to_string(item % 12));
          if (!of) continue;
          broken += one.action == RuleAction::exclude;
          broken += one.action == RuleAction::require_age && shopper.verified_age < 18;
          broken += one.action == RuleAction::minimum_margin && item % 3 == 0;
          broken += one.action == RuleAction::not_again && slate.picks[a].item == bought[0].item;
          if (one.action != RuleAction::cap) continue;
          double same = 0;
          for (const Pick& pick : slate.picks) same += pick.item.value() % 40 == item % 40;
          broken += same > one.value;
        }
      }
    }
  }
  done = true;
  flipping.join();
  std::printf(
      "%zu random queries under random rules, %zu flips of stock meanwhile, %zu rules "
      "fired: %zu broken\n",
      asked, flips.load(), fired, broken);
  lines.add("random queries under rules", static_cast<double>(asked));
  lines.at_most("rules broken", static_cast<double>(broken), 0);
}

void cost(ReportLines& lines) {
  constexpr std::size_t items = 10000;
  const SyntheticShop shop(items);
  const ItemItem<> neighbours(shop.neighbours(50));
  Popularity popularity(items);
  for (std::uint64_t n = 0; n < 2000; ++n)
    for (const ItemIndex item : shop.basket(10, n)) popularity.add(item, Day(0));
  Matrix<float> moments(ContextCounts::moments, items), checkouts(ContextCounts::checkouts, items);
  for (std::size_t i = 0; i < items; ++i) moments(10, i) = static_cast<float>(i % 7) / 10;
  const ContextLift<> lift(std::move(moments), std::move(checkouts));
  const auto scorer = blend(neighbours, 1.0f, popularity, 0.3f, lift, 0.01f);
  Stock stock(items);
  for (std::uint32_t i = 0; i < items; i += 5) stock.set(ItemIndex(i), 0);
  std::vector<SlateRule> rules;
  for (int r = 0; r < 50; ++r) {
    const std::string name = std::to_string(r);
    if (r % 5 == 0)
      rules.push_back(rule(name, RuleAction::exclude, 0, "item", "i" + std::to_string(7 * r)));
    if (r % 5 == 1)
      rules.push_back(
          rule(name, RuleAction::require_age, 18, "category", r % 2 == 0 ? "10" : "11"));
    if (r % 5 == 2)
      rules.push_back(rule(name, RuleAction::boost, 1.2, "brand", std::to_string(r % 40)));
    if (r % 5 == 3) {
      rules.push_back(rule(name, RuleAction::cap, 2 + r % 3));
      rules.back().items.each = r % 2 == 0 ? "category" : "brand";
    }
    if (r % 5 == 4)
      rules.push_back(
          rule(name, RuleAction::minimum_margin, 0.05, "category", std::to_string(r % 12)));
  }
  rules.push_back(rule("pin", RuleAction::pin, 3, "item", "i4"));
  const CompiledRules compiled(RuleSet(rules), synthetic_catalog(items));
  const Substitutes<> substitutes(shop.neighbours(20));
  const Confidence confidence(ConfidenceEvent::bought, {0, 1, 0, 0, 0, 0},
                              {{-0.5f}, {1000, 1000}, {100, 800}}, {{0.5f}, {90, 90}, {9, 81}});
  StepsWorkspace room(items);
  std::vector<std::vector<ItemIndex>> baskets;
  for (std::uint64_t n = 0; n < 1024; ++n) baskets.push_back(shop.basket(10, 10000 + n));
  const auto time = [&](const std::string& name, const SlateSteps& steps, double p50_aim) {
    std::vector<double> times;
    for (std::size_t call = 0; call < 20000; ++call) {
      const Query query{.basket = baskets[call % baskets.size()],
                        .context = {StoreId(), 1, 8, Channel::kiosk, Rush::busy}};
      const Shopper shopper{.now = Moment(Day(20000), 8 * 3600), .card_holder = true};
      const double seconds = seconds_of(1, [&] {
        return select_slate(scorer, query, shopper, stock, 10, steps, room).picks.size();
      });
      if (call >= 1000) times.push_back(seconds * 1e6);
    }
    const double p50 = quantile(times, 0.5), p99 = quantile(times, 0.99);
    std::printf("| %s | %.1f | %.1f |\n", name.c_str(), p50, p99);
    if (p50_aim > 0) {
      lines.at_most(name + ": p50, us", p50, p50_aim);
      lines.at_most(name + ": p99, us", p99, 4 * p50_aim);
    } else {
      lines.add(name + ": p50, us", p50);
      lines.add(name + ": p99, us", p99);
    }
  };
  std::printf(
      "\n| a call, 10,000 items, basket of 10 | p50 us | p99 us |\n| --- | ---: | ---: |\n");
  time("scores, stock and reasons", {}, 0);
  time("and 50 rules", {.rules = &compiled}, 0);
  time("and substitutes", {.substitutes = &substitutes}, 0);
  time("and probabilities", {.confidence = &confidence, .popularity = &popularity}, 0);
  time("all steps",
       {.rules = &compiled,
        .substitutes = &substitutes,
        .confidence = &confidence,
        .popularity = &popularity},
       25);
}

struct Settings {
  std::filesystem::path data, json;
  std::size_t queries = 10'000'000;
};

void report(const Settings& settings) {
  ReportLines lines;
  struct Fitted {
    std::string name;
    ShopLines shop;
    ItemItem<> ease;
    Popularity popularity;
  };
  std::printf(
      "| shop | picks | base rate | Brier skill | ECE | noise line | ECE@1 |"
      " hit rate of what passes .1 | .2 | .3 | .5 | .7 | .85 |\n"
      "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
      " ---: | ---: | ---: | ---: | ---: | ---: |\n");
  std::vector<Fitted> timed;
  for (const ShopSet& set : shop_sets()) {
    auto shop = settings.data.empty() ? std::nullopt : read_shop(set, settings.data);
    if (!shop) {
      tell(std::string(set.name) + ": absent, left out");
      continue;
    }
    tell(std::string(set.name) + ": " + std::to_string(shop->baskets.size()) + " baskets, " +
         std::to_string(shop->items.size()) + " items");
    const Baskets training = part_of(shop->baskets, 0, learnt);
    Fitted fitted{
        std::string(set.name), std::move(*shop),
        fit_ease(Cooccurrence(training), {.l2 = 100,
                                          .neighbours = 50,
                                          .candidates = training.items() > 8000 ? 100u : 0u,
                                          .progress = show_progress()}),
        Popularity(training, {.half_life_days = 0})};
    const Baskets& all = fitted.shop.baskets;
    if (set.name != "bakery") calibrate_baskets(fitted.name, fitted.ease, all, lines);
    if (!set.customer.empty()) calibrate_customers(fitted.name + ", known customer", all, lines);
    if (fitted.shop.knows_hours) timed.push_back(std::move(fitted));
  }
  std::printf(
      "\n| shop | HR@10 | with context | NDCG@10 | with context | gain | weight, shrinkage |\n"
      "| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n");
  for (const Fitted& fitted : timed)
    context(fitted.name, blend(fitted.ease, 1.0f, fitted.popularity, 0.3f), fitted.shop.baskets,
            lines);
  std::printf("\n");
  rules_under_fire(settings.queries, lines);
  cost(lines);
  lines.save(settings.json);
}

}  // namespace

int main(int argc, char** argv) {
  Settings settings;
  Arguments arguments("Says what the steps of a slate are worth.");
  arguments.take("--data", "FOLDER", "public data sets, unpacked (benchmarks/protocols)",
                 settings.data);
  arguments.number("--queries", "N", "random queries under rules", settings.queries, 1);
  arguments.take("--json", "FILE", "where the figures go, one JSON object a line", settings.json);
  return arguments.run(argc, argv, [&] { report(settings); });
}
