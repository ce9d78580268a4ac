// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <bodega/collaborative/customers/customer_items.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/parallel.hpp>
#include <bodega/core/progress.hpp>
#include <bodega/data/baskets.hpp>
#include <bodega/data/interactions.hpp>
#include <bodega/tensor/sparse.hpp>
#include <bodega/tensor/strongest_rows.hpp>
#include <bodega/tensor/top_k.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega {

/// Which customers are alike, from their rows x, y of a customers x items table.
enum class CustomerSimilarity {
  cosine,    ///< of sqrt(x_i) ln(1 + customers / customers with i); neighbours weigh by it
  euclidean  ///< nearest by |x - y|; all neighbours weigh the same (TIFU-kNN)
};

struct CustomerNeighbourOptions {
  CustomerSimilarity similarity = CustomerSimilarity::cosine;
  std::size_t neighbours = 100;  ///< customers whose rows are averaged
  std::size_t items = 50;        ///< strongest kept for each customer; 0 = all
  std::size_t threads = 0;       ///< 0 = all cores; the result is the same at any number
  ProgressCallback progress = {};
};

/// For each customer, the mean of the rows of the most alike other customers (equal likeness keeps
/// the lower index), cut to its strongest items. A customer whose row is empty, or like nobody
/// else's, gets nothing.
/// Source: Faggioli, Polato, Aiolli, "Recency aware collaborative filtering for next basket
/// recommendation", UMAP 2020 (cosine).
/// Error (invalid_argument) for 0 neighbours, (not_finite, out_of_range) where a number of the
/// history is not finite or below 0, (cancelled). Cost: for each customer the customers of each of
/// its items, and the rows of its neighbours; memory for each thread some numbers a customer and
/// an item.
inline CustomerItems<> fit_customer_neighbours(const CsrMatrix<float>& history,
                                               const CustomerNeighbourOptions& options = {}) {
  if (options.neighbours == 0)
    throw Error(ErrorCode::invalid_argument, "fit_customer_neighbours, option neighbours",
                "1 or more", "0");
  validate_weights(history, "fit_customer_neighbours, history");
  for (const float value : history.values())
    if (value < 0)
      throw Error(ErrorCode::out_of_range, "fit_customer_neighbours, history",
                  "numbers of 0 or more", std::to_string(value));
  const std::size_t customers = history.rows(), items = history.columns();
  const bool cosine = options.similarity == CustomerSimilarity::cosine;

  CsrMatrix<float> compared = history;
  std::vector<double> squares(customers, 0.0);  // of each row's length
  {
    std::vector<std::size_t> holders(items, 0);
    for (const std::uint32_t item : history.pattern().column()) ++holders[item];
    for (std::size_t u = 0; u < customers; ++u) {
      const auto row = compared.row(u);
      for (std::size_t k = 0; k < row.size(); ++k) {
        const double rare = std::log1p(static_cast<double>(customers) /
                                       static_cast<double>(holders[row.columns[k]]));
        if (cosine)
          row.values[k] = static_cast<float>(std::sqrt(static_cast<double>(row.values[k])) * rare);
        squares[u] += static_cast<double>(row.values[k]) * row.values[k];
      }
    }
  }
  const CsrMatrix<float> item_customers = compared.transposed();

  struct Worker {
    std::vector<double> products;  // with each customer
    std::vector<float> sums;       // for each item
    TopK nearest;
  };
  const std::size_t threads = thread_count(options.threads);
  std::vector<Worker> workers(threads, {std::vector<double>(customers, 0.0),
                                        std::vector<float>(items, 0.0f), TopK(options.neighbours)});
  struct Kept {
    std::vector<std::uint32_t> columns;
    std::vector<float> values;
  };
  std::vector<Kept> rows(customers);

  const auto mean_of_neighbours = [&](Worker& worker, std::size_t u) {
    if (history.row(u).size() == 0) return;
    std::fill(worker.products.begin(), worker.products.end(), 0.0);
    const auto own = compared.row(u);
    for (std::size_t k = 0; k < own.size(); ++k) {
      const auto others = item_customers.row(own.columns[k]);
      for (std::size_t m = 0; m < others.size(); ++m)
        worker.products[others.columns[m]] += double{own.values[k]} * double{others.values[m]};
    }
    worker.nearest.reset(options.neighbours);
    for (std::uint32_t v = 0; v < customers; ++v) {
      if (v == u || history.row(v).size() == 0) continue;
      const double product = worker.products[v];
      if (cosine && product > 0)
        worker.nearest.offer(static_cast<float>(product / std::sqrt(squares[u] * squares[v])), v);
      if (!cosine)
        worker.nearest.offer(static_cast<float>(2 * product - squares[u] - squares[v]), v);
    }
    double total = 0;
    const auto nearest = worker.nearest.sorted();
    for (const ScoredIndex& one : nearest) total += cosine ? double{one.score} : 1.0;
    if (!(total > 0)) return;
    std::fill(worker.sums.begin(), worker.sums.end(), 0.0f);
    for (const ScoredIndex& one : nearest) {
      const auto weight = static_cast<float>((cosine ? double{one.score} : 1.0) / total);
      const auto row = history.row(one.index);
      for (std::size_t k = 0; k < row.size(); ++k)
        worker.sums[row.columns[k]] += weight * row.values[k];
    }
    StrongestRows strongest(items, options.items);
    for (std::uint32_t i = 0; i < items; ++i) strongest.offer(i, worker.sums[i]);
    strongest.end_row();
    const CsrMatrix<float> kept = strongest.take();
    rows[u].columns.assign(kept.row(0).columns.begin(), kept.row(0).columns.end());
    rows[u].values.assign(kept.row(0).values.begin(), kept.row(0).values.end());
  };
  const std::size_t step = std::max<std::size_t>(customers / 50, 1);
  for (std::size_t begin = 0; begin < customers; begin += step) {
    const std::size_t count = std::min(step, customers - begin);
    parallel_for(count, threads, [&](std::size_t from, std::size_t to, std::size_t part) {
      for (std::size_t i = from; i < to; ++i) mean_of_neighbours(workers[part], begin + i);
    });
    report_progress(options.progress, {"customer neighbours", begin + count, customers});
  }
  CsrMatrix<float> table(items);
  for (const Kept& row : rows) table.add_row(row.columns, row.values);
  return CustomerItems<>(std::move(table), CustomerItemsOf::alike);
}

struct TifuOptions {
  std::size_t groups = 7;      ///< a customer's baskets are cut into so many runs, oldest first
  double within_decay = 0.9;   ///< for each basket of age within its group, above 0, at most 1
  double between_decay = 0.7;  ///< for each group of age
};

/// The customers x items vectors of TIFU-kNN: the mean over groups, decayed by their age, of the
/// mean over the group's baskets, decayed by theirs. Groups have the same size, the first one what
/// is left over. Predict with a blend: `alpha` times `CustomerItems<>(vectors)`, and `1 - alpha`
/// times `fit_customer_neighbours(vectors, {.similarity = euclidean})`.
/// Source: Hu, He, Gao, Zhang, "Modeling personalized item frequency information for next-basket
/// recommendation", SIGIR 2020.
/// Baskets of a customer must come oldest first. Error (invalid_argument) on a bad option.
inline CsrMatrix<float> tifu_vectors(const Baskets& baskets, const TifuOptions& options = {}) {
  for (const double decay : {options.within_decay, options.between_decay})
    if (!(decay > 0 && decay <= 1))
      throw Error(ErrorCode::invalid_argument, "tifu_vectors, decay", "above 0, at most 1",
                  std::to_string(decay));
  if (options.groups == 0)
    throw Error(ErrorCode::invalid_argument, "tifu_vectors, option groups", "1 or more", "0");
  std::vector<std::size_t> count(baskets.customers(), 0), seen(baskets.customers(), 0);
  for (std::size_t b = 0; b < baskets.size(); ++b)
    if (!baskets.customer(b).is_none()) ++count[baskets.customer(b).value()];
  std::vector<float> weights(baskets.size(), 0.0f);
  for (std::size_t b = 0; b < baskets.size(); ++b) {
    if (baskets.customer(b).is_none()) continue;
    const std::size_t u = baskets.customer(b).value();
    const std::size_t size = (count[u] + options.groups - 1) / options.groups;
    const std::size_t groups = (count[u] + size - 1) / size;
    const std::size_t age = count[u] - 1 - seen[u]++;
    const std::size_t group_age = age / size;
    const std::size_t in_group = group_age + 1 == groups ? count[u] - group_age * size : size;
    weights[b] =
        static_cast<float>(std::pow(options.within_decay, static_cast<double>(age % size)) /
                           static_cast<double>(in_group) *
                           std::pow(options.between_decay, static_cast<double>(group_age)) /
                           static_cast<double>(groups));
  }
  return user_items(baskets, weights);
}

}  // namespace bodega
