// SPDX-License-Identifier: MIT
#include <cstdio>
#include <utility>

#include <bodega/collaborative/items/ease_trainer.hpp>
#include <bodega/compress/prune.hpp>
#include <bodega/compress/quantize.hpp>
#include <bodega/compress/size_report.hpp>
#include <bodega/content/content_model_trainer.hpp>
#include <bodega/evaluate/ranking.hpp>
#include <bodega/hybrid/blend.hpp>
#include <bodega/hybrid/blend_trainer.hpp>

#include "quickstart.hpp"

namespace quickstart {

using namespace bodega;

namespace {

template <class Model>
void print_ranking(const char* name, const Model& model, const LeaveOneOut& cases,
                   std::size_t bytes) {
  const RankingReport report = evaluate_ranking(model, cases);
  std::printf("  %-34s %.3f +- %.3f   %.3f +- %.3f   %8.3f", name, report.hit_rate.mean,
              report.hit_rate.half_width, report.reciprocal_rank.mean,
              report.reciprocal_rank.half_width, report.coverage);
  end_row(bytes);
}

template <class Model>
void print_ranking(const char* name, const Model& model, const LeaveOneOut& cases) {
  print_ranking(name, model, cases, size_report(model).bytes);
}

/// The ridge is chosen on the weeks before the test weeks, from models of the weeks before those.
struct Chosen {
  double l2 = 0;
  ItemItem<> model;
};

Chosen choose_ridge(const Cooccurrence& earlier, const LeaveOneOut& valid) {
  Chosen best;
  double best_hit_rate = -1;
  for (const double l2 : {30.0, 100.0, 300.0}) {
    auto fitted = fit_ease(earlier, {.l2 = l2, .neighbours = 50});
    const double hit_rate = evaluate_ranking(fitted, valid).hit_rate.mean;
    if (hit_rate <= best_hit_rate) continue;
    best_hit_rate = hit_rate;
    best = {l2, std::move(fitted)};
  }
  return best;
}

}  // namespace

ItemModels learn_items(const Shop& shop, const ProgressCallback& progress) {
  title("2. What goes with what");
  const Cooccurrence counts(shop.past, {.progress = progress});
  const LeaveOneOut valid(shop.history.valid, items_in_baskets(shop.history.train));
  const Chosen chosen = choose_ridge(Cooccurrence(shop.history.train), valid);
  const auto ease = fit_ease(counts, {.l2 = chosen.l2, .neighbours = 50, .progress = progress});
  const auto half = prune(ease, {.sparsity = 0.5f});
  const ItemModels models{quantize(ease), fit_content_model(shop.catalog),
                          Popularity(shop.past, {.half_life_days = 30})};
  // How much each part of a blend counts is learnt on the same weeks. The cases hold items that
  // sell, so they cannot say what content is worth for one that nobody has bought yet: the till
  // keeps its own weights.
  const auto learnt = fit_blend_weights(valid, {.progress = progress}, chosen.model, models.content,
                                        Popularity(shop.history.train, {.half_life_days = 30}));

  const LeaveOneOut test(shop.history.test, items_in_baskets(shop.past));
  std::printf(
      "\nEvery item of the last receipts hidden in turn: is it among the first 10? (%zu cases, "
      "ridge %.0f)\n\n  %-34s %-16s %-16s %8s   %9s\n",
      test.size(), chosen.l2, "", "hit rate@10", "MRR@10", "coverage", "bytes");
  print_ranking("popularity", Popularity(shop.past, {.half_life_days = 0}), test);
  print_ranking("popularity of the last weeks", models.popularity, test);
  print_ranking("EASE, 50 neighbours, FP32", ease, test);
  print_ranking("EASE, pruned by half, FP32", half, test);
  print_ranking("EASE, 50 neighbours, INT8", models.items, test);
  print_ranking("EASE, pruned by half, INT8", quantize(half), test);
  const auto [of_items, of_content, of_popularity] = learnt.weights;
  print_ranking(
      "blend, weights learnt",
      blend(models.items, of_items, models.content, of_content, models.popularity, of_popularity),
      test, 0);
  std::printf("  (EASE INT8 %.3g, content %.3g, popularity %.3g)\n", double{of_items},
              double{of_content}, double{of_popularity});
  return models;
}

}  // namespace quickstart
