// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/enum_names.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/options.hpp>
#include <bodega/core/ratio.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

/// Where the weights are compared with each other.
enum class PruneThreshold {
  per_tensor,  ///< each weight tensor loses the same share
  per_gate,    ///< and so does each gate of a recurrent network (`column_blocks`)
  /// Each weight is measured by its square's share of the squares of the tensor's weights that are
  /// no smaller, so that no tensor is emptied and small ones that matter keep more. Source: Lee et
  /// al., "Layer-adaptive sparsity for the magnitude-based pruning", ICLR 2021.
  per_model
};
constexpr auto enum_names(PruneThreshold) noexcept {
  using enum PruneThreshold;
  return std::to_array<EnumName<PruneThreshold>>(
      {{per_tensor, "per_tensor"}, {per_gate, "per_gate"}, {per_model, "per_model"}});
}

struct PruneOptions {
  float sparsity = 0.5f;
  PruneThreshold threshold = PruneThreshold::per_tensor;

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("sparsity", self.sparsity, "Share of the weights to remove, 0 to 1.");
    visit("threshold", self.threshold, "What the smallest weights are the smallest of.");
  }
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

template <class Leaf>
std::size_t columns_of(const Leaf& leaf) noexcept {
  if constexpr (requires { leaf.columns(); })
    return leaf.columns();
  else
    return 0;
}

/// Calls `visit(name, values, columns)` for each weight tensor; columns are 0 where it has none of
/// its own. Error (invalid_argument) for INT8 weights.
template <class Model, class Visit>
void for_each_prunable(Model& model, Visit&& visit) {
  for_each_tensor(model, [&]<class Leaf>(const std::string& name, Leaf& leaf, Role role) {
    if constexpr (!std::is_arithmetic_v<Leaf>) {
      using T = typename Leaf::value_type;
      if (role != Role::weight) return;
      if constexpr (std::floating_point<T>)
        visit(name, std::span(leaf.data(), leaf.size()), columns_of(leaf));
      else
        throw Error(ErrorCode::invalid_argument, "prune, " + name, "float weights",
                    "integers: prune first, then quantize");
    }
  });
}

inline void check_sparsity(float sparsity, const char* where) {
  if (!(sparsity >= 0 && sparsity <= 1))
    throw Error(ErrorCode::out_of_range, where, "0 to 1", std::to_string(sparsity));
}

/// A weight of one of the tensors of a mask.
struct WeightPlace {
  float magnitude;
  std::uint32_t tensor;
  std::size_t at;
};

/// Replaces the magnitudes of one tensor by what they count among all.
void adapt_to_layer(std::span<WeightPlace> places);

/// Takes the smallest share of the places out of the mask; of equal magnitudes those that come
/// first.
void drop_smallest(std::vector<WeightPlace>& places, float sparsity, PruneMask& mask);

/// The entries that the mask keeps.
CsrMatrix<float> kept_entries(const CsrMatrix<float>& matrix, const PruneMask::Tensor& mask);

}  // namespace detail

/// Keeps the weights of largest magnitude, with a threshold of its own for each tensor (or gate, or
/// one for all): exactly the nearest whole number of sparsity x size is removed (halves round up),
/// of equal magnitudes those that come first. Source: Han, Pool, Tran, Dally, "Learning both
/// weights and connections for efficient neural networks", NIPS 2015. Errors: out_of_range
/// (sparsity outside 0 to 1), not_finite, invalid_argument (INT8 weights).
template <Parameterised Model>
PruneMask prune_mask(const Model& model, const PruneOptions& options = {}) {
  detail::check_sparsity(options.sparsity, "prune, option sparsity");
  PruneMask mask;
  std::vector<std::vector<detail::WeightPlace>> compared(1);  // with one another
  detail::for_each_prunable(
      model, [&](const std::string& name, std::span<const float> weights, std::size_t columns) {
        validate_finite(weights, "prune, " + name);
        const auto tensor = static_cast<std::uint32_t>(mask.tensors.size());
        mask.tensors.push_back(
            {name, weights.size(),
             std::vector<std::uint64_t>((weights.size() + 63) / 64, ~std::uint64_t{0})});
        std::size_t gates =
            options.threshold == PruneThreshold::per_gate ? column_blocks<Model>(name) : 1;
        if (columns == 0 || columns % gates != 0) gates = 1;
        const bool apart = options.threshold != PruneThreshold::per_model;
        const std::size_t first = apart ? compared.size() : 0;
        if (apart) compared.resize(first + gates);
        const std::size_t before = compared[first].size();
        for (std::size_t i = 0; i < weights.size(); ++i)
          compared[first + (gates == 1 ? 0 : i % columns / (columns / gates))].push_back(
              {std::abs(weights[i]), tensor, i});
        if (!apart) detail::adapt_to_layer(std::span(compared[0]).subspan(before));
      });
  for (auto& places : compared) detail::drop_smallest(places, options.sparsity, mask);
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
  detail::for_each_prunable(
      model, [&](const std::string& name, std::span<float> weights, std::size_t) {
        if (!fits(count++, name, weights.size()))
          throw Error(ErrorCode::shape, "apply_mask, " + name,
                      "a mask for " + std::to_string(weights.size()) + " weights", "another");
      });
  if (count != mask.tensors.size())
    throw Error(ErrorCode::shape, "apply_mask", std::to_string(count) + " weight tensors",
                std::to_string(mask.tensors.size()));
  auto tensor = mask.tensors.begin();
  detail::for_each_prunable(model, [&](const std::string&, std::span<float> weights, std::size_t) {
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
        if (tensor.name == name + ".values") parameter = detail::kept_entries(parameter, tensor);
    }
  });
  if constexpr (requires { model.restore(); }) model.restore();
  return model;
}

/// The mask of the weights that are not 0: what holds a pruned model pruned while it is trained on.
/// Error (invalid_argument) for INT8 weights.
template <Parameterised Model>
PruneMask nonzero_mask(const Model& model) {
  PruneMask mask;
  detail::for_each_prunable(
      model, [&](const std::string& name, std::span<const float> weights, std::size_t) {
        PruneMask::Tensor tensor{
            name, weights.size(),
            std::vector<std::uint64_t>((weights.size() + 63) / 64, ~std::uint64_t{0})};
        for (std::size_t i = 0; i < weights.size(); ++i)
          if (weights[i] == 0) tensor.keep[i / 64] &= ~(std::uint64_t{1} << i % 64);
        mask.tensors.push_back(std::move(tensor));
      });
  return mask;
}

struct GradualPruneOptions {
  float sparsity = 0.7f;
  float initial_sparsity = 0;
  std::size_t first_step = 0;
  std::size_t last_step = 1000;
  std::size_t every = 10;
  PruneThreshold threshold = PruneThreshold::per_tensor;

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("sparsity", self.sparsity, "At the end, 0 to 1.");
    visit("initial_sparsity", self.initial_sparsity, "At the first step.");
    visit("first_step", self.first_step, "Of the training, when pruning begins.");
    visit("last_step", self.last_step, "From here on the sparsity is reached and the mask held.");
    visit("every", self.every, "Steps from one mask to the next.");
    visit("threshold", self.threshold, "What the smallest weights are the smallest of.");
  }
};

/// Prunes a model while it is trained: a hook to be called after each step. The mask is made anew
/// every few steps by magnitude, its share rising fast at first, when weights to spare are many,
/// and slowly in the end: s = final + (initial - final) (1 - t)^3. Source: Zhu, Gupta, "To prune,
/// or not to prune", 2017, eq. 1. One object a training; hand it over by reference (std::ref).
class GradualPruning {
 public:
  /// Error (out_of_range, invalid_argument) for a sparsity outside 0 to 1, or steps that do not
  /// rise.
  explicit GradualPruning(const GradualPruneOptions& options);

  /// The share removed after so many steps.
  float sparsity(std::size_t step) const noexcept;

  /// After a step; the first call is taken for step 0. Errors of `prune_mask`.
  template <Parameterised Model>
  void operator()(Model& model) {
    const std::size_t step = step_++;
    if (step < options_.first_step) return;
    if (mask_.tensors.empty() || step == options_.last_step ||
        (step < options_.last_step && (step - options_.first_step) % options_.every == 0))
      mask_ = prune_mask(model, {.sparsity = sparsity(step), .threshold = options_.threshold});
    apply_mask(mask_, model);
  }

  /// That of the last step.
  const PruneMask& mask() const noexcept { return mask_; }
  std::size_t steps() const noexcept { return step_; }

 private:
  GradualPruneOptions options_;
  std::size_t step_ = 0;
  PruneMask mask_;
};

#if BODEGA_BODIES

namespace detail {

BODEGA_INLINE void adapt_to_layer(std::span<WeightPlace> places) {
  std::sort(places.begin(), places.end(), [](const WeightPlace& a, const WeightPlace& b) {
    return std::tie(b.magnitude, b.at) < std::tie(a.magnitude, a.at);
  });
  double squares = 0;
  for (WeightPlace& place : places) {  // the largest first
    const double square = double{place.magnitude} * place.magnitude;
    squares += square;
    place.magnitude = squares > 0 ? static_cast<float>(square / squares) : 0.0f;
  }
}

BODEGA_INLINE void drop_smallest(std::vector<WeightPlace>& places, float sparsity,
                                 PruneMask& mask) {
  const auto dropped = static_cast<std::size_t>(nearest_part(as_written(sparsity), places.size()));
  const auto end = places.begin() + static_cast<std::ptrdiff_t>(std::min(dropped, places.size()));
  if (end != places.end())
    std::nth_element(
        places.begin(), end, places.end(), [](const WeightPlace& a, const WeightPlace& b) {
          return std::tie(a.magnitude, a.tensor, a.at) < std::tie(b.magnitude, b.tensor, b.at);
        });
  for (auto place = places.begin(); place != end; ++place)
    mask.tensors[place->tensor].keep[place->at / 64] &= ~(std::uint64_t{1} << place->at % 64);
}

BODEGA_INLINE CsrMatrix<float> kept_entries(const CsrMatrix<float>& matrix,
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

BODEGA_INLINE GradualPruning::GradualPruning(const GradualPruneOptions& options)
    : options_(options) {
  detail::check_sparsity(options.sparsity, "gradual pruning, option sparsity");
  detail::check_sparsity(options.initial_sparsity, "gradual pruning, option initial_sparsity");
  if (options.last_step <= options.first_step || options.every == 0)
    throw Error(ErrorCode::invalid_argument,
                "gradual pruning, options first_step, last_step, every",
                "steps that rise, and 1 or more",
                std::to_string(options.first_step) + ", " + std::to_string(options.last_step) +
                    ", " + std::to_string(options.every));
}

BODEGA_INLINE float GradualPruning::sparsity(std::size_t step) const noexcept {
  if (step < options_.first_step) return 0;
  if (step >= options_.last_step) return options_.sparsity;
  const float left = 1.0f - static_cast<float>(step - options_.first_step) /
                                static_cast<float>(options_.last_step - options_.first_step);
  return options_.sparsity + (options_.initial_sparsity - options_.sparsity) * left * left * left;
}

#endif

}  // namespace bodega::inline BODEGA_ABI
