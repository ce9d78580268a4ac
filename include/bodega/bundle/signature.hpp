// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

#include <bodega/core/abi.hpp>
#include <bodega/tensor/coding/stored_tensor.hpp>
#include <bodega/tensor/parameters.hpp>

namespace bodega::inline BODEGA_ABI {

/// What a bundle can hold: a model or table that lists its parameters, checks itself and names its
/// kind.
template <class M>
concept Bundled = Parameterised<M> && Validated<M> && std::default_initializable<M> && requires {
  { M::kind } -> std::convertible_to<std::string_view>;
};

namespace detail {

/// How a parameter's numbers are stored.
template <class P>
constexpr std::string_view format_name() noexcept {
  if constexpr (std::is_same_v<P, CsrMatrix<float>>)
    return "csr:F32";
  else if constexpr (std::is_same_v<P, QuantizedCsrMatrix>)
    return "csr:int8";
  else if constexpr (std::is_same_v<P, QuantizedMatrix>)
    return "int8";
  else if constexpr (std::is_arithmetic_v<P>)
    return name(dtype_of<P>());
  else
    return name(dtype_of<typename P::value_type>());
}

/// Adds a parameter to a signature. A function of its own, because every parameter of every model
/// has a call of it.
void sign(std::string& signature, const std::string& parameter, std::string_view format);

/// A signature as it is written today. Earlier files name sizes in brackets after each format,
/// those of an untrained model: nothing that a reader needs to know.
std::string without_sizes(std::string_view signature);

}  // namespace detail

/// A model type in words, such as "lstm(input:int8 recurrent:int8 bias:F32 ...)": its kind, its
/// parameters and their formats. Two types with the same signature can read each other's tensors;
/// whether the sizes suit is for the model's `validate` to say.
template <Bundled M>
std::string model_signature() {
  std::string signature(M::kind);
  signature += '(';
  const M model;
  for_each_parameter(model, [&]<class P>(const std::string& name, const P&, Role) {
    detail::sign(signature, name, detail::format_name<P>());
  });
  signature += ')';
  return signature;
}

#if BODEGA_BODIES

namespace detail {

[[gnu::noinline]] BODEGA_INLINE void sign(std::string& signature, const std::string& parameter,
                                          std::string_view format) {
  if (signature.back() != '(') signature += ' ';
  signature.append(parameter).append(1, ':').append(format);
}

BODEGA_INLINE std::string without_sizes(std::string_view signature) {
  std::string text;
  while (!signature.empty()) {
    const std::size_t open = signature.find('[');
    text += signature.substr(0, open);
    const std::size_t close = signature.find(']', std::min(open, signature.size()));
    if (close == std::string_view::npos) {
      if (open != std::string_view::npos) text += signature.substr(open);
      break;
    }
    signature.remove_prefix(close + 1);
  }
  return text;
}

}  // namespace detail

#endif

}  // namespace bodega::inline BODEGA_ABI
