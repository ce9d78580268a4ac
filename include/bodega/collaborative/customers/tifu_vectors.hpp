// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/options.hpp>
#include <bodega/data/baskets.hpp>
#include <bodega/data/interactions.hpp>
#include <bodega/tensor/sparse.hpp>

namespace bodega::inline BODEGA_ABI {

struct TifuOptions {
  std::size_t groups = 7;
  double within_decay = 0.9;
  double between_decay = 0.7;

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("groups", self.groups, "A customer's baskets are cut into so many runs, oldest first.");
    visit("within_decay", self.within_decay,
          "For each basket of age within its group, above 0, at most 1.");
    visit("between_decay", self.between_decay, "For each group of age.");
  }
};

/// The customers x items vectors of TIFU-kNN: the mean over groups, decayed by their age, of the
/// mean over the group's baskets, decayed by theirs. Groups have the same size, the first one what
/// is left over. Predict with a blend: `alpha` times `CustomerItems<>(vectors)`, and `1 - alpha`
/// times `fit_customer_neighbours(vectors, {.similarity = euclidean})`.
/// Source: Hu, He, Gao, Zhang, "Modeling personalized item frequency information for next-basket
/// recommendation", SIGIR 2020.
/// Baskets of a customer must come oldest first. Error (invalid_argument) on a bad option.
CsrMatrix<float> tifu_vectors(const Baskets& baskets, const TifuOptions& options = {});

#if BODEGA_BODIES

BODEGA_INLINE CsrMatrix<float> tifu_vectors(const Baskets& baskets, const TifuOptions& options) {
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

#endif

}  // namespace bodega::inline BODEGA_ABI
