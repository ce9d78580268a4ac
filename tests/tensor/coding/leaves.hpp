// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstring>
#include <vector>

#include <bodega/tensor/coding/decoding.hpp>
#include <bodega/tensor/coding/encoding.hpp>

namespace bodega_test {

using bodega::StoredTensor, bodega::TensorSource;

using Tensors = std::vector<StoredTensor>;

/// The tensors sorted by name, as a source wants them.
inline Tensors sorted(Tensors tensors) {
  std::sort(tensors.begin(), tensors.end(),
            [](const StoredTensor& a, const StoredTensor& b) { return a.name < b.name; });
  return tensors;
}

/// A model of one parameter, x.
template <class Leaf>
struct One {
  Leaf leaf{};
  template <class Self, class Visit>
  static void parameters(Self& self, Visit&& visit) {
    visit("x", self.leaf);
  }
};

/// How a parameter x of this value is stored.
template <class Leaf>
Tensors stored(const Leaf& leaf) {
  Tensors tensors;
  encode(One<Leaf>{leaf}, "", tensors);
  return tensors;
}

/// The parameter x that these tensors give.
template <class Leaf>
Leaf read(const Tensors& tensors) {
  const Tensors by_name = sorted(tensors);
  One<Leaf> one;
  decode(one, "", TensorSource(by_name, "file"));
  return one.leaf;
}

template <class T>
bool same_bits(const std::vector<T>& a, const std::vector<T>& b) {
  return a.size() == b.size() &&
         (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(T)) == 0);
}

}  // namespace bodega_test
