// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <utility>
#include <vector>

#include <bodega/collaborative/factors/factor_model.hpp>
#include <bodega/data/interactions.hpp>

#include "toy_shop.hpp"

namespace bodega_test {

using namespace bodega;

using Dense = std::vector<std::vector<double>>;

/// x with a x = b, by Gauss: owes nothing to the solvers under test.
inline std::vector<double> solved(Dense a, std::vector<double> b) {
  const std::size_t n = b.size();
  for (std::size_t c = 0; c < n; ++c)
    for (std::size_t r = 0; r < n; ++r) {
      if (r == c) continue;
      const double factor = a[r][c] / a[c][c];
      for (std::size_t j = 0; j < n; ++j) a[r][j] -= factor * a[c][j];
      b[r] -= factor * b[c];
    }
  for (std::size_t c = 0; c < n; ++c) b[c] /= a[c][c];
  return b;
}

/// The vector of least loss of a row whose observations are given, from the normal equations.
inline std::vector<double> least_loss(const Matrix<float>& others, const ImplicitLoss& loss,
                                      const std::vector<std::pair<std::size_t, double>>& observed) {
  const std::size_t f = others.columns();
  Dense a(f, std::vector<double>(f, 0.0));
  std::vector<double> b(f, 0.0);
  const auto add = [&](std::size_t j, double factor) {
    for (std::size_t x = 0; x < f; ++x)
      for (std::size_t y = 0; y < f; ++y)
        a[x][y] += factor * double{others(j, x)} * double{others(j, y)};
  };
  for (std::size_t j = 0; j < others.rows(); ++j) add(j, loss.unobserved);
  for (const auto& [j, c] : observed) {
    add(j, loss.observed_too ? c : c - loss.unobserved);
    for (std::size_t x = 0; x < f; ++x) b[x] += c * double{others(j, x)};
  }
  const double penalty =
      loss.l2 * std::pow(static_cast<double>(observed.size()) +
                             loss.unobserved * static_cast<double>(others.rows()),
                         loss.frequency_scaling);
  for (std::size_t x = 0; x < f; ++x) a[x][x] += penalty;
  return solved(a, b);
}

inline const CsrMatrix<float>& toy_rows() {
  static const CsrMatrix<float> rows = basket_items(toy_baskets());
  return rows;
}

inline std::vector<ItemIndex> items(std::initializer_list<std::uint32_t> indices) {
  std::vector<ItemIndex> result;
  for (const std::uint32_t i : indices) result.emplace_back(i);
  return result;
}

/// The objective that ImplicitLoss tells, for item vectors and rows folded in exactly.
inline double reached(const FactorModel<>& model, const CsrMatrix<float>& rows) {
  const ImplicitLoss& loss = model.loss();
  const Matrix<float>& v = model.vectors();
  double sum = 0;
  std::vector<double> known(v.rows(), 0.0);
  for (std::size_t r = 0; r < rows.rows(); ++r) {
    std::vector<std::pair<std::size_t, double>> observed;
    for (const std::uint32_t j : rows.row(r).columns) {
      observed.emplace_back(j, 1.0);
      ++known[j];
    }
    const std::vector<double> u = least_loss(v, loss, observed);
    double squares = 0;
    for (const double x : u) squares += x * x;
    sum +=
        squares * loss.penalty(static_cast<double>(observed.size()), static_cast<double>(v.rows()));
    for (std::size_t j = 0; j < v.rows(); ++j) {
      double s = 0;
      for (std::size_t k = 0; k < u.size(); ++k) s += u[k] * double{v(j, k)};
      sum += loss.unobserved * s * s + (rows.at(r, j) > 0 ? (1 - s) * (1 - s) : 0.0);
    }
  }
  for (std::size_t j = 0; j < v.rows(); ++j)
    for (const float x : v.row(j))
      sum += loss.penalty(known[j], static_cast<double>(rows.rows())) * double{x} * double{x};
  return sum / static_cast<double>(rows.size());
}

}  // namespace bodega_test
