// SPDX-License-Identifier: MIT
#pragma once

/// All of bodega, for programs that train. A till wants only <bodega/till/till.hpp>, which reaches
/// no trainer.

// 0  what everything is said in
#include <bodega/core/abi.hpp>
#include <bodega/core/context.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/exact_sum.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/left_right.hpp>
#include <bodega/core/parallel.hpp>
#include <bodega/core/progress.hpp>
#include <bodega/core/progress_line.hpp>
#include <bodega/core/query.hpp>
#include <bodega/core/query_parts.hpp>
#include <bodega/core/random.hpp>
#include <bodega/core/ratio.hpp>
#include <bodega/core/room.hpp>
#include <bodega/core/sip_hash.hpp>
#include <bodega/core/units.hpp>
#include <bodega/core/utf8.hpp>
#include <bodega/tensor/kernels/prefetch.hpp>
#include <bodega/version.hpp>

// 1  numbers: matrices in float and INT8, the kernels on them, and a model's list of tensors
#include <bodega/tensor/coarse_rows.hpp>
#include <bodega/tensor/coding/coded_numbers.hpp>
#include <bodega/tensor/coding/decoding.hpp>
#include <bodega/tensor/coding/encoding.hpp>
#include <bodega/tensor/coding/entropy_code.hpp>
#include <bodega/tensor/coding/number_block.hpp>
#include <bodega/tensor/coding/stored_tensor.hpp>
#include <bodega/tensor/eigenvectors.hpp>
#include <bodega/tensor/half.hpp>
#include <bodega/tensor/invert.hpp>
#include <bodega/tensor/kernels/byte_lanes.hpp>
#include <bodega/tensor/kernels/fixed_point.hpp>
#include <bodega/tensor/kernels/int16_lanes.hpp>
#include <bodega/tensor/kernels/int16_vectors.hpp>
#include <bodega/tensor/kernels/simd.hpp>
#include <bodega/tensor/kernels/tile_products.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/tensor/parts.hpp>
#include <bodega/tensor/quantized.hpp>
#include <bodega/tensor/row_products.hpp>
#include <bodega/tensor/rows.hpp>
#include <bodega/tensor/select.hpp>
#include <bodega/tensor/solve.hpp>
#include <bodega/tensor/sparse.hpp>
#include <bodega/tensor/tile_solver.hpp>
#include <bodega/tensor/top_k.hpp>
#include <bodega/text/fold.hpp>
#include <bodega/text/upper_case.hpp>

// 2  data: the shop's files and what is made of them
#include <bodega/data/absences.hpp>
#include <bodega/data/baskets.hpp>
#include <bodega/data/calendar.hpp>
#include <bodega/data/cases.hpp>
#include <bodega/data/catalog.hpp>
#include <bodega/data/catalog_reader.hpp>
#include <bodega/data/code_rules.hpp>
#include <bodega/data/covariates.hpp>
#include <bodega/data/csv.hpp>
#include <bodega/data/customer_table.hpp>
#include <bodega/data/daily_sales.hpp>
#include <bodega/data/day_sales.hpp>
#include <bodega/data/gtin.hpp>
#include <bodega/data/interactions.hpp>
#include <bodega/data/item_mask.hpp>
#include <bodega/data/net_receipt.hpp>
#include <bodega/data/normalise_code.hpp>
#include <bodega/data/read_receipts.hpp>
#include <bodega/data/receipt.hpp>
#include <bodega/data/receipt_options.hpp>
#include <bodega/data/receipts.hpp>
#include <bodega/data/split.hpp>

// 2  what good means
#include <bodega/metrics/calibration.hpp>
#include <bodega/metrics/estimate.hpp>
#include <bodega/metrics/forecast_errors.hpp>
#include <bodega/metrics/list_metrics.hpp>
#include <bodega/metrics/quantile_errors.hpp>
#include <bodega/metrics/tune.hpp>

// 2  making models small, and keeping them in one file
#include <bodega/bundle/bundle.hpp>
#include <bodega/bundle/earlier_form.hpp>
#include <bodega/bundle/held_file.hpp>
#include <bodega/compress/prune.hpp>
#include <bodega/compress/quantize.hpp>
#include <bodega/compress/size_report.hpp>

// 3  recommenders: learnt from receipts, from the catalogue, from the company items keep
#include <bodega/collaborative/customers/customer_baskets.hpp>
#include <bodega/collaborative/customers/customer_baskets_trainer.hpp>
#include <bodega/collaborative/customers/customer_items.hpp>
#include <bodega/collaborative/customers/customer_neighbours_trainer.hpp>
#include <bodega/collaborative/customers/fading.hpp>
#include <bodega/collaborative/customers/forgetting.hpp>
#include <bodega/collaborative/customers/forgetting_weights.hpp>
#include <bodega/collaborative/customers/later_baskets.hpp>
#include <bodega/collaborative/customers/later_purchases.hpp>
#include <bodega/collaborative/customers/purchase_cycle.hpp>
#include <bodega/collaborative/customers/purchase_cycle_trainer.hpp>
#include <bodega/collaborative/customers/repeat_purchase.hpp>
#include <bodega/collaborative/customers/repeat_purchase_trainer.hpp>
#include <bodega/collaborative/customers/tifu_vectors.hpp>
#include <bodega/collaborative/factors/als_row_solver.hpp>
#include <bodega/collaborative/factors/als_trainer.hpp>
#include <bodega/collaborative/factors/bpr_trainer.hpp>
#include <bodega/collaborative/factors/factor_model.hpp>
#include <bodega/collaborative/items/association_rules.hpp>
#include <bodega/collaborative/items/association_rules_trainer.hpp>
#include <bodega/collaborative/items/complements.hpp>
#include <bodega/collaborative/items/complements_trainer.hpp>
#include <bodega/collaborative/items/ease_gram.hpp>
#include <bodega/collaborative/items/ease_refit.hpp>
#include <bodega/collaborative/items/ease_trainer.hpp>
#include <bodega/collaborative/items/frequent_itemsets.hpp>
#include <bodega/collaborative/items/item_item.hpp>
#include <bodega/collaborative/items/item_neighbours_trainer.hpp>
#include <bodega/collaborative/items/similarity.hpp>
#include <bodega/collaborative/items/substitutes.hpp>
#include <bodega/collaborative/items/substitutes_trainer.hpp>
#include <bodega/collaborative/items/weighted_neighbours_trainer.hpp>
#include <bodega/collaborative/shop/context_lift_trainer.hpp>
#include <bodega/collaborative/shop/popularity.hpp>
#include <bodega/collaborative/shop/shop_prior.hpp>
#include <bodega/collaborative/shop/shop_prior_trainer.hpp>
#include <bodega/collaborative/sums/basket_weights.hpp>
#include <bodega/collaborative/sums/cooccurrence.hpp>
#include <bodega/collaborative/sums/count_pairs.hpp>
#include <bodega/collaborative/sums/store_sales.hpp>
#include <bodega/content/content_model.hpp>
#include <bodega/content/content_model_trainer.hpp>
#include <bodega/content/expected_sales.hpp>
#include <bodega/content/pack_size.hpp>
#include <bodega/content/search_index.hpp>
#include <bodega/embedding/attribute_map.hpp>
#include <bodega/embedding/attribute_map_trainer.hpp>
#include <bodega/embedding/item_vectors.hpp>
#include <bodega/embedding/item_vectors_trainer.hpp>
#include <bodega/session/sequential_rules.hpp>
#include <bodega/session/sequential_rules_trainer.hpp>
#include <bodega/session/session_neighbours.hpp>
#include <bodega/session/session_window.hpp>

// 3  forecasters: the naive ladder and the network
#include <bodega/forecast/any_forecaster.hpp>
#include <bodega/forecast/baselines.hpp>
#include <bodega/forecast/baselines_trainer.hpp>
#include <bodega/forecast/count_quantile.hpp>
#include <bodega/forecast/demand_factors.hpp>
#include <bodega/forecast/demand_factors_trainer.hpp>
#include <bodega/forecast/dispersion_trainer.hpp>
#include <bodega/forecast/evaluate_forecaster.hpp>
#include <bodega/forecast/factor_mean.hpp>
#include <bodega/forecast/forecast.hpp>
#include <bodega/forecast/integer/export_header.hpp>
#include <bodega/forecast/integer/integer_converter.hpp>
#include <bodega/forecast/integer/integer_forecaster.hpp>
#include <bodega/forecast/integer/integer_kernel.hpp>
#include <bodega/forecast/integer/integer_network.hpp>
#include <bodega/forecast/integer/integer_parts.hpp>
#include <bodega/forecast/integer/integer_question.hpp>
#include <bodega/forecast/integer/integer_units.hpp>
#include <bodega/forecast/intermittent.hpp>
#include <bodega/forecast/intermittent_state.hpp>
#include <bodega/forecast/pooled_level.hpp>
#include <bodega/forecast/pooled_level_trainer.hpp>
#include <bodega/forecast/recurrent/adam.hpp>
#include <bodega/forecast/recurrent/distill.hpp>
#include <bodega/forecast/recurrent/forecast_loss.hpp>
#include <bodega/forecast/recurrent/forecast_training.hpp>
#include <bodega/forecast/recurrent/pipeline.hpp>
#include <bodega/forecast/recurrent/prune_units.hpp>
#include <bodega/forecast/recurrent/recurrent.hpp>
#include <bodega/forecast/recurrent/recurrent_block.hpp>
#include <bodega/forecast/recurrent/recurrent_cell.hpp>
#include <bodega/forecast/recurrent/recurrent_gradient.hpp>
#include <bodega/forecast/recurrent/recurrent_kernel.hpp>
#include <bodega/forecast/recurrent/recurrent_objective.hpp>
#include <bodega/forecast/recurrent/recurrent_trainer.hpp>
#include <bodega/forecast/recurrent/seen_windows.hpp>
#include <bodega/forecast/recurrent/sizing.hpp>
#include <bodega/forecast/sold_unit.hpp>
#include <bodega/forecast/window_inputs.hpp>
#include <bodega/forecast/windows.hpp>

// 4  from scores to a slate of what is on the shelf
#include <bodega/hybrid/any_scorer.hpp>
#include <bodega/hybrid/blend.hpp>
#include <bodega/hybrid/blend_trainer.hpp>
#include <bodega/hybrid/confidence_trainer.hpp>
#include <bodega/hybrid/describe.hpp>
#include <bodega/hybrid/mask.hpp>
#include <bodega/hybrid/part_blend.hpp>
#include <bodega/hybrid/part_weights.hpp>
#include <bodega/hybrid/part_weights_trainer.hpp>
#include <bodega/hybrid/rule_reader.hpp>
#include <bodega/hybrid/search.hpp>
#include <bodega/hybrid/slate.hpp>
#include <bodega/hybrid/slate_steps.hpp>
#include <bodega/hybrid/two_stage.hpp>
#include <bodega/inventory/stock.hpp>
#include <bodega/inventory/stock_book.hpp>
#include <bodega/inventory/stock_feed.hpp>

// 5  how good it is
#include <bodega/evaluate/next_basket.hpp>
#include <bodega/evaluate/novelty.hpp>
#include <bodega/evaluate/ranking.hpp>

// 6  the engine in the shop
#include <bodega/till/event_bytes.hpp>
#include <bodega/till/event_snapshot.hpp>
#include <bodega/till/journal.hpp>
#include <bodega/till/ladder.hpp>
#include <bodega/till/part.hpp>
#include <bodega/till/standard_parts.hpp>
#include <bodega/till/till.hpp>
#include <bodega/till/till_models.hpp>
