// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/quantized.hpp>
#include <bodega/tensor/sparse.hpp>

/// A model is a named list of tensors. It says so once, in a static member template
///
///   template <class Self, class Visit>
///   static void parameters(Self& self, Visit&& visit) {
///     visit("weights", self.weights_, Role::weight);
///     visit("bias", self.bias_);
///   }
///
/// and pruning, quantizing, the size report, the model file and the Python state walk that list.
/// `Self` is the model or the const model. What stands in the list: arithmetic numbers, vectors
/// and matrices of them, the sparse and INT8 formats, and other models.
namespace bodega::inline BODEGA_ABI {

/// Whether compression may touch a parameter: `weight` may be pruned and quantized; `constant`
/// (numbers that mean something each by itself, such as the effect of a weekday) may be quantized
/// to 8 bits; `state` (biases, indices, scales, options, text) is kept as it is.
enum class Role { state, constant, weight };

namespace detail {
/// A function of its own, because every tensor of every model has a call of it.
std::string joined(const std::string& prefix, std::string_view name);

struct AnyVisitor {
  template <class T>
  void operator()(std::string_view, T&, Role = Role::state) const {}
};

template <class T>
struct is_vector_leaf : std::false_type {};
template <class T>
struct is_vector_leaf<std::vector<T>> : std::is_arithmetic<T> {};
template <>
struct is_vector_leaf<std::vector<bool>> : std::false_type {};  // its elements have no address
template <class T>
struct is_matrix_leaf : std::false_type {};
template <class T>
struct is_matrix_leaf<Matrix<T>> : is_vector_leaf<std::vector<T>> {};
}  // namespace detail

/// A type that lists its parameters.
template <class M>
concept Parameterised = requires(M& model) {
  M::parameters(model, detail::AnyVisitor{});
};

/// What is stored as one block of numbers: a number, a vector or a matrix of numbers.
template <class T>
concept TensorLeaf =
    std::is_arithmetic_v<T> || detail::is_vector_leaf<T>::value || detail::is_matrix_leaf<T>::value;

/// A matrix of weights in one of the formats that kernels multiply.
template <class W>
concept WeightFormat = std::same_as<W, Matrix<float>> || std::same_as<W, CsrMatrix<float>> ||
    std::same_as<W, QuantizedMatrix> || std::same_as<W, QuantizedCsrMatrix>;

/// Calls `visit(name, parameter, role)` for the model's parameters, going into nested models but
/// not into a weight format: "encoder.input" is one CsrMatrix. Names are joined by dots.
template <class Model, class Visit>
requires Parameterised<std::remove_const_t<Model>>
void for_each_parameter(Model& model, Visit&& visit, const std::string& prefix = {}) {
  std::remove_const_t<Model>::parameters(
      model, [&]<class P>(std::string_view name, P& parameter, Role role = Role::state) {
        using Plain = std::remove_const_t<P>;
        const std::string full = detail::joined(prefix, name);
        if constexpr (TensorLeaf<Plain> || WeightFormat<Plain>)
          visit(full, parameter, role);
        else
          for_each_parameter(parameter, visit, full);
      });
}

/// Calls `visit(name, leaf, role)` for every block of numbers of the model: "items.pattern.column"
/// is one vector. The role is `weight` only for the stored values of a weight.
template <class Model, class Visit>
requires Parameterised<std::remove_const_t<Model>>
void for_each_tensor(Model& model, Visit&& visit, const std::string& prefix = {},
                     Role outer = Role::state) {
  std::remove_const_t<Model>::parameters(model, [&]<class P>(std::string_view name, P& parameter,
                                                             Role role = Role::state) {
    using Plain = std::remove_const_t<P>;
    const std::string full = detail::joined(prefix, name);
    if constexpr (TensorLeaf<Plain>)
      visit(full, parameter, name == "values" || name == "stored" ? std::max(role, outer) : role);
    else
      for_each_tensor(parameter, visit, full, std::max(role, outer));
  });
}

/// How many equal blocks of columns a weight is made of, such as the gates of a recurrent network;
/// 1 where the model does not say. A model says so in a static member
/// `column_blocks(std::string_view parameter)`, for itself and the models within it.
template <class Model>
constexpr std::size_t column_blocks(std::string_view parameter) noexcept {
  if constexpr (requires { Model::column_blocks(parameter); })
    return Model::column_blocks(parameter);
  else
    return 1;
}

/// Numbers in all weights and states of the model.
template <class Model>
std::size_t count_parameters(const Model& model) {
  std::size_t count = 0;
  for_each_tensor(model, [&]<class L>(const std::string&, const L& leaf, Role) {
    if constexpr (std::is_arithmetic_v<L>)
      count += 1;
    else
      count += leaf.size();
  });
  return count;
}

/// A model checks itself, after a file was read into it or before it is written to one: sizes that
/// must agree, indices in range, weights that are finite. What the parameters only imply (an index
/// for look-ups) is built by its `restore()`, where it has one, from what `validate` accepted.
template <class M>
concept Validated = requires(const M& model, const std::string& where) {
  model.validate(where);
};

#if BODEGA_BODIES

namespace detail {

[[gnu::noinline]] BODEGA_INLINE std::string joined(const std::string& prefix,
                                                   std::string_view name) {
  std::string full = prefix;
  if (!full.empty()) full += '.';
  full += name;
  return full;
}

}  // namespace detail

#endif

}  // namespace bodega::inline BODEGA_ABI
