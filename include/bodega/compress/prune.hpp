// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <bodega/core/error.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega {

struct PruneOptions {
  float sparsity = 0.5f;  ///< share of each weight tensor's stored numbers to remove, 0 to 1
};

/// Which weights stay: a bit for each stored number of each weight tensor. Biases and other state
/// are never in it.
struct PruneMask {
  struct Tensor {
    std::string name;
    std::size_t size = 0;
    std::vector<std::uint64_t> keep;  ///< bit i % 64 of word i / 64

    bool keeps(std::size_t i) const noexcept { return keep[i / 64] >> i % 64 & 1; }
    bool operator==(const Tensor&) const = default;
  };
  std::vector<Tensor> tensors;

  bool operator==(const PruneMask&) const = default;
};

namespace detail {

/// Calls `visit(name, values)` for each weight tensor. Error (invalid_argument) for INT8 weights.
template <class Model, class Visit>
void for_each_prunable(Model& model, Visit&& visit) {
  for_each_tensor(model, [&]<class Leaf>(const std::string& name, Leaf& leaf, Role role) {
    if constexpr (!std::is_arithmetic_v<Leaf>) {
      using T = typename Leaf::value_type;
      if (role != Role::weight) return;
      if constexpr (std::floating_point<T>)
        visit(name, std::span(leaf.data(), leaf.size()));
      else
        throw Error(ErrorCode::invalid_argument, "prune, " + name, "float weights",
                    "integers: prune first, then quantize");
    }
  });
}

inline PruneMask::Tensor smallest_dropped(std::string name, std::span<const float> weights,
                                          float sparsity) {
  PruneMask::Tensor mask{std::move(name), weights.size(),
                         std::vector<std::uint64_t>((weights.size() + 63) / 64, ~std::uint64_t{0})};
  const auto dropped =
      static_cast<std::size_t>(double{sparsity} * static_cast<double>(weights.size()) + 0.5);
  std::vector<std::size_t> order(weights.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto end = order.begin() + static_cast<std::ptrdiff_t>(std::min(dropped, order.size()));
  if (end != order.end())
    std::nth_element(order.begin(), end, order.end(), [&](std::size_t a, std::size_t b) {
      const float x = std::abs(weights[a]), y = std::abs(weights[b]);
      return x < y || (x == y && a < b);
    });
  for (auto at = order.begin(); at != end; ++at)
    mask.keep[*at / 64] &= ~(std::uint64_t{1} << *at % 64);
  return mask;
}

/// The entries that the mask keeps.
inline CsrMatrix<float> kept_entries(const CsrMatrix<float>& matrix,
                                     const PruneMask::Tensor& mask) {
  CsrMatrix<float> kept(matrix.columns());
  std::vector<std::uint32_t> columns;
  std::vector<float> values;
  for (std::size_t i = 0; i < matrix.rows(); ++i) {
    columns.clear();
    values.clear();
    const auto row = matrix.row(i);
    for (std::size_t k = 0; k < row.size(); ++k) {
      if (!mask.keeps(matrix.pattern().begin(i) + k)) continue;
      columns.push_back(row.columns[k]);
      values.push_back(row.values[k]);
    }
    kept.add_row(columns, values);
  }
  return kept;
}

}  // namespace detail

/// Keeps the weights of largest magnitude, with a threshold of its own for each tensor: exactly
/// the nearest whole number of sparsity x size is removed (halves round up), of equal magnitudes
/// those that come first. Source: Han, Pool, Tran, Dally, "Learning both weights and connections
/// for efficient neural networks", NIPS 2015.
/// Errors: out_of_range (sparsity outside 0 to 1), not_finite, invalid_argument (INT8 weights).
template <Parameterised Model>
PruneMask prune_mask(const Model& model, const PruneOptions& options = {}) {
  if (!(options.sparsity >= 0 && options.sparsity <= 1))
    throw Error(ErrorCode::out_of_range, "prune, option sparsity", "0 to 1",
                std::to_string(options.sparsity));
  PruneMask mask;
  detail::for_each_prunable(model, [&](const std::string& name, std::span<const float> weights) {
    validate_finite(weights, "prune, " + name);
    mask.tensors.push_back(detail::smallest_dropped(name, weights, options.sparsity));
  });
  return mask;
}

/// Sets the weights that the mask removes to zero; call it after each step of fine-tuning to hold
/// them there. Sizes stay. Error (shape) where the mask was made for another model.
template <Parameterised Model>
void apply_mask(const PruneMask& mask, Model& model) {
  const auto fits = [&](std::size_t at, const std::string& name, std::size_t size) {
    return at < mask.tensors.size() && mask.tensors[at].name == name &&
           mask.tensors[at].size == size;
  };
  std::size_t count = 0;
  detail::for_each_prunable(model, [&](const std::string& name, std::span<float> weights) {
    if (!fits(count++, name, weights.size()))
      throw Error(ErrorCode::shape, "apply_mask, " + name,
                  "a mask for " + std::to_string(weights.size()) + " weights", "another");
  });
  if (count != mask.tensors.size())
    throw Error(ErrorCode::shape, "apply_mask", std::to_string(count) + " weight tensors",
                std::to_string(mask.tensors.size()));
  auto tensor = mask.tensors.begin();
  detail::for_each_prunable(model, [&](const std::string&, std::span<float> weights) {
    for (std::size_t i = 0; i < weights.size(); ++i)
      if (!tensor->keeps(i)) weights[i] = 0.0f;
    ++tensor;
  });
  if constexpr (requires { model.restore(); }) model.restore();
}

/// The model without its smallest weights: zeros in dense matrices (a file stores those as bits),
/// and sparse matrices without those entries. Errors of `prune_mask`.
template <Parameterised Model>
Model prune(Model model, const PruneOptions& options = {}) {
  const PruneMask mask = prune_mask(model, options);
  apply_mask(mask, model);
  for_each_parameter(model, [&]<class P>(const std::string& name, P& parameter, Role role) {
    if constexpr (std::is_same_v<P, CsrMatrix<float>>) {
      if (role != Role::weight) return;
      for (const PruneMask::Tensor& tensor : mask.tensors)
        if (tensor.name == name + ".values")
          parameter = detail::kept_entries(parameter, tensor);
    }
  });
  return model;
}

}  // namespace bodega
