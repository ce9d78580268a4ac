// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <bodega/collaborative/customers/customer_items.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/core/enum_names.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/options.hpp>
#include <bodega/core/parallel.hpp>
#include <bodega/core/progress.hpp>
#include <bodega/core/progress_pulse.hpp>
#include <bodega/tensor/sparse.hpp>
#include <bodega/tensor/strongest_rows.hpp>
#include <bodega/tensor/top_k.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

/// Which customers are alike, from their rows x, y of a customers x items table.
enum class CustomerSimilarity {
  cosine,    ///< of sqrt(x_i) ln(1 + customers / customers with i); neighbours weigh by it
  euclidean  ///< nearest by |x - y|; all neighbours weigh the same (TIFU-kNN)
};
constexpr auto enum_names(CustomerSimilarity) noexcept {
  using enum CustomerSimilarity;
  return std::to_array<EnumName<CustomerSimilarity>>(
      {{cosine, "cosine"}, {euclidean, "euclidean"}});
}

struct CustomerNeighboursOptions {
  CustomerSimilarity similarity = CustomerSimilarity::cosine;
  std::size_t neighbours = 100;
  std::size_t items = 50;
  std::size_t threads = 0;
  ProgressCallback progress = {};

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("similarity", self.similarity, "How alike two customers are.");
    visit("neighbours", self.neighbours, "Customers whose rows are averaged.");
    visit("items", self.items, "The strongest kept for each customer; 0 = all.");
    visit("threads", self.threads,
          "How many threads; 0 = all cores. The result is the same at any number.");
    visit("progress", self.progress, "Hears how far the work is, and may end it.");
  }
};

namespace detail {

#if BODEGA_BODIES
/// The rows as they are compared, their squared lengths, and who has which item.
struct ComparedCustomers {
  CsrMatrix<float> rows;
  std::vector<double> squares;
  CsrMatrix<float> item_customers;

  ComparedCustomers(const CsrMatrix<float>& history, bool cosine);
};

/// What a thread needs to average the rows of a customer's neighbours.
class NeighbourMean {
 public:
  struct Row {
    std::vector<std::uint32_t> columns;
    std::vector<float> values;
  };

  NeighbourMean(const CsrMatrix<float>& history, const ComparedCustomers& compared,
                const CustomerNeighboursOptions& options);

  Row of(std::size_t u);

 private:
  bool cosine() const noexcept { return options_.similarity == CustomerSimilarity::cosine; }

  /// The products of customer u's row with each customer's.
  void find_products(std::size_t u);

  void find_nearest(std::size_t u);

  Row strongest_of_mean();

  const CsrMatrix<float>& history_;
  const ComparedCustomers& compared_;
  const CustomerNeighboursOptions& options_;
  std::vector<double> products_;  // with each customer
  std::vector<float> sums_;       // for each item
  TopK nearest_;
};
#endif

}  // namespace detail

/// Gives each customer the mean of the rows of the most alike other customers (equal likeness keeps
/// the lower index), cut to its strongest items. A customer whose row is empty, or like nobody
/// else's, gets nothing. Throws Error(invalid_argument) for 0 neighbours, (not_finite,
/// out_of_range) if a number of the history is not finite or below 0, (cancelled).
/// Complexity: for each customer the customers of each of its items, and the rows of its
/// neighbours; memory for each thread some numbers a customer and an item.
/// Source: Faggioli, Polato, Aiolli, "Recency aware collaborative filtering for next basket
/// recommendation", UMAP 2020 (cosine).
CustomerItems<> fit_customer_neighbours(const CsrMatrix<float>& history,
                                        const CustomerNeighboursOptions& options = {});

#if BODEGA_BODIES

namespace detail {

BODEGA_INLINE ComparedCustomers::ComparedCustomers(const CsrMatrix<float>& history, bool cosine)
    : rows(history), squares(history.rows(), 0.0) {
  std::vector<std::size_t> holders(history.columns(), 0);
  for (const std::uint32_t item : history.pattern().column()) ++holders[item];
  for (std::size_t u = 0; u < rows.rows(); ++u) {
    const auto row = rows.row(u);
    for (std::size_t k = 0; k < row.size(); ++k) {
      const double rare = std::log1p(static_cast<double>(history.rows()) /
                                     static_cast<double>(holders[row.columns[k]]));
      if (cosine)
        row.values[k] = static_cast<float>(std::sqrt(static_cast<double>(row.values[k])) * rare);
      squares[u] += static_cast<double>(row.values[k]) * row.values[k];
    }
  }
  item_customers = rows.transposed();
}

BODEGA_INLINE NeighbourMean::NeighbourMean(const CsrMatrix<float>& history,
                                           const ComparedCustomers& compared,
                                           const CustomerNeighboursOptions& options)
    : history_(history),
      compared_(compared),
      options_(options),
      products_(history.rows(), 0.0),
      sums_(history.columns(), 0.0f),
      nearest_(options.neighbours) {}

BODEGA_INLINE NeighbourMean::Row NeighbourMean::of(std::size_t u) {
  if (history_.row(u).size() == 0) return {};
  find_products(u);
  find_nearest(u);
  return strongest_of_mean();
}

BODEGA_INLINE void NeighbourMean::find_products(std::size_t u) {
  std::fill(products_.begin(), products_.end(), 0.0);
  const auto own = compared_.rows.row(u);
  for (std::size_t k = 0; k < own.size(); ++k) {
    const auto others = compared_.item_customers.row(own.columns[k]);
    for (std::size_t m = 0; m < others.size(); ++m)
      products_[others.columns[m]] += double{own.values[k]} * double{others.values[m]};
  }
}

BODEGA_INLINE void NeighbourMean::find_nearest(std::size_t u) {
  nearest_.reset(options_.neighbours);
  const std::vector<double>& squares = compared_.squares;
  for (std::uint32_t v = 0; v < products_.size(); ++v) {
    if (v == u || history_.row(v).size() == 0) continue;
    const double product = products_[v];
    if (cosine() && product > 0)
      nearest_.offer(static_cast<float>(product / std::sqrt(squares[u] * squares[v])), v);
    if (!cosine()) nearest_.offer(static_cast<float>(2 * product - squares[u] - squares[v]), v);
  }
}

BODEGA_INLINE NeighbourMean::Row NeighbourMean::strongest_of_mean() {
  const auto nearest = nearest_.sorted();
  double total = 0;
  for (const ScoredIndex& one : nearest) total += cosine() ? double{one.score} : 1.0;
  if (!(total > 0)) return {};
  std::fill(sums_.begin(), sums_.end(), 0.0f);
  for (const ScoredIndex& one : nearest) {
    const auto weight = static_cast<float>((cosine() ? double{one.score} : 1.0) / total);
    const auto row = history_.row(one.index);
    for (std::size_t k = 0; k < row.size(); ++k) sums_[row.columns[k]] += weight * row.values[k];
  }
  StrongestRows strongest(sums_.size(), options_.items);
  for (std::uint32_t i = 0; i < sums_.size(); ++i) strongest.offer(i, sums_[i]);
  strongest.end_row();
  const CsrMatrix<float> kept = strongest.take();
  return {{kept.row(0).columns.begin(), kept.row(0).columns.end()},
          {kept.row(0).values.begin(), kept.row(0).values.end()}};
}

}  // namespace detail

BODEGA_INLINE CustomerItems<> fit_customer_neighbours(const CsrMatrix<float>& history,
                                                      const CustomerNeighboursOptions& options) {
  if (options.neighbours == 0)
    throw Error(ErrorCode::invalid_argument, "fit_customer_neighbours, option neighbours",
                "1 or more", "0");
  validate_weights(history, "fit_customer_neighbours, history");
  for (const float value : history.values())
    if (value < 0)
      throw Error(ErrorCode::out_of_range, "fit_customer_neighbours, history",
                  "numbers of 0 or more", std::to_string(value));
  const std::size_t customers = history.rows(), threads = thread_count(options.threads);
  const detail::ComparedCustomers compared(history,
                                           options.similarity == CustomerSimilarity::cosine);
  std::vector<detail::NeighbourMean> means(threads, {history, compared, options});
  std::vector<detail::NeighbourMean::Row> rows(customers);
  ProgressPulse pulse(options.progress, "customer neighbours", customers);
  const std::size_t step = std::max<std::size_t>(customers / 50, 1);
  for (std::size_t begin = 0; begin < customers; begin += step) {
    const std::size_t count = std::min(step, customers - begin);
    const auto find = [&](std::size_t from, std::size_t to, std::size_t part) {
      for (std::size_t u = begin + from; u < begin + to; ++u, pulse()) rows[u] = means[part].of(u);
    };
    parallel_for(count, threads, find, &pulse);
    pulse(begin + count);
  }
  CsrMatrix<float> table(history.columns());
  for (const auto& row : rows) table.add_row(row.columns, row.values);
  return CustomerItems<>(std::move(table), CustomerItemsOf::alike);
}

#endif

}  // namespace bodega::inline BODEGA_ABI
