// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <bodega/core/error.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega {

enum class Scheme {
  symmetric,  ///< -127 to 127 around 0, no zero-point stored
  affine      ///< -128 to 127 over the range of the weights and 0, with a zero-point
};
enum class Granularity {
  per_row,    ///< a scale for each row (an item, or an input unit of an LSTM)
  per_tensor  ///< one scale
};

struct QuantizeOptions {
  Scheme scheme = Scheme::symmetric;
  Granularity granularity = Granularity::per_row;
};

namespace detail {

/// The scale and zero-point of some weights. 0 is always one of the values that can be stored, so
/// pruned weights stay exactly 0.
struct Step {
  double scale = 1;
  int zero_point = 0;

  Step(std::span<const float> weights, Scheme scheme) {
    double low = 0, high = 0;
    for (const float w : weights) {
      low = std::min<double>(low, w);
      high = std::max<double>(high, w);
    }
    const double width =
        scheme == Scheme::symmetric ? std::max(-low, high) / 127 : (high - low) / 255;
    if (width == 0) return;  // all are 0
    // The stored scale is a normal float: the weights of a subnormal one would all be nearly 0.
    scale = static_cast<float>(std::max<double>(width, std::numeric_limits<float>::min()));
    if (scheme == Scheme::affine)
      zero_point = static_cast<int>(std::clamp(std::round(-128 - low / scale), -128.0, 127.0));
  }

  std::int8_t stored(float w, Scheme scheme) const {
    const double lowest = scheme == Scheme::symmetric ? -127 : -128;
    return static_cast<std::int8_t>(
        std::clamp(std::round(w / scale) + zero_point, lowest, 127.0));
  }
};

/// Quantizes blocks of weights (rows, or the whole tensor as one) in order.
class Quantizer {
 public:
  explicit Quantizer(Scheme scheme) : scheme_(scheme) {}

  void add(std::span<const float> weights) {
    const Step step(weights, scheme_);
    scale_.push_back(static_cast<float>(step.scale));
    if (scheme_ == Scheme::affine) zero_point_.push_back(static_cast<std::int8_t>(step.zero_point));
    for (const float w : weights) stored_.push_back(step.stored(w, scheme_));
  }
  std::vector<std::int8_t> take_stored() { return std::move(stored_); }
  QuantizationScale take_scale() { return {std::move(scale_), std::move(zero_point_)}; }

 private:
  Scheme scheme_;
  std::vector<std::int8_t> stored_;
  std::vector<float> scale_;
  std::vector<std::int8_t> zero_point_;
};

template <class Weights>
Quantizer quantize_weights(const Weights& w, const QuantizeOptions& options,
                           const std::string& where) {
  validate_finite(w.values(), where);
  Quantizer quantizer(options.scheme);
  if (options.granularity == Granularity::per_tensor) {
    quantizer.add(w.values());
  } else {
    for (std::size_t i = 0; i < w.rows(); ++i) {
      if constexpr (requires { w.row(i).values; })
        quantizer.add(w.row(i).values);
      else
        quantizer.add(w.row(i));
    }
  }
  return quantizer;
}

template <class W>
struct Int8Format;
template <>
struct Int8Format<Matrix<float>> {
  using type = QuantizedMatrix;
};
template <>
struct Int8Format<CsrMatrix<float>> {
  using type = QuantizedCsrMatrix;
};
template <class W>
struct FloatFormat;
template <>
struct FloatFormat<QuantizedMatrix> {
  using type = Matrix<float>;
};
template <>
struct FloatFormat<QuantizedCsrMatrix> {
  using type = CsrMatrix<float>;
};

template <class Model, class W>
concept HasWeights = requires {
  requires std::same_as<typename Model::template with_weights<W>, Model>;
};

/// The model's weight format among two.
template <class Model, class Dense, class Sparse>
using WeightsAmong = std::conditional_t<HasWeights<Model, Dense>, Dense, Sparse>;

/// Fills `to` with the parameters of `from` of the same name, each through
/// `convert(name, from, to)` where the types differ.
template <class From, class To, class Convert>
void convert_parameters(const From& from, To& to, Convert&& convert) {
  for_each_parameter(to, [&]<class Target>(const std::string& name, Target& target, Role) {
    bool found = false;
    for_each_parameter(from, [&]<class Source>(const std::string& source_name,
                                               const Source& source, Role) {
      if (source_name != name) return;
      if constexpr (std::is_same_v<Source, Target>) {
        target = source;
        found = true;
      } else if constexpr (requires { convert(name, source, target); }) {
        convert(name, source, target);
        found = true;
      }
    });
    if (!found)
      throw Error(ErrorCode::missing, "quantize, " + name,
                  "a parameter of this name and kind in both models", "none");
  });
  to.validate("quantize");
  if constexpr (requires { to.restore(); }) to.restore();
}

}  // namespace detail

/// A model on float weights that names its twin on INT8 ones:
/// `template <WeightFormat V> using with_weights = ItemItem<V>;`
template <class Model>
concept Quantizable = Parameterised<Model> && (detail::HasWeights<Model, Matrix<float>> ||
                                               detail::HasWeights<Model, CsrMatrix<float>>);
template <class Model>
concept Quantized = Parameterised<Model> && (detail::HasWeights<Model, QuantizedMatrix> ||
                                             detail::HasWeights<Model, QuantizedCsrMatrix>);

/// INT8 weights whose real values differ from `w` by at most half a scale. Halves round away from
/// zero. An all-zero row has scale 1. Error (not_finite, at `where`).
inline QuantizedMatrix quantize(const Matrix<float>& w, const QuantizeOptions& options = {},
                                const std::string& where = "quantize") {
  auto result = detail::quantize_weights(w, options, where);
  return {Matrix<std::int8_t>(w.rows(), w.columns(), result.take_stored()), result.take_scale()};
}
inline QuantizedCsrMatrix quantize(const CsrMatrix<float>& w, const QuantizeOptions& options = {},
                                   const std::string& where = "quantize") {
  auto result = detail::quantize_weights(w, options, where);
  return {CsrMatrix<std::int8_t>(w.pattern(), result.take_stored()), result.take_scale()};
}

inline Matrix<float> dequantize(const QuantizedMatrix& w) {
  Matrix<float> real(w.rows(), w.columns());
  for (std::size_t i = 0; i < w.rows(); ++i)
    for (std::size_t j = 0; j < w.columns(); ++j) real(i, j) = w.at(i, j);
  return real;
}
inline CsrMatrix<float> dequantize(const QuantizedCsrMatrix& w) {
  CsrMatrix<float> real(w.stored().pattern(), std::vector<float>(w.size()));
  for (std::size_t i = 0; i < w.rows(); ++i) {
    const auto from = w.stored().row(i);
    const auto to = real.row(i);
    for (std::size_t k = 0; k < from.size(); ++k) to.values[k] = w.scale().real(i, from.values[k]);
  }
  return real;
}

/// The model with its weights in INT8 and all else as it was. Errors: not_finite; those of the
/// model's own `validate`.
template <Quantizable Model>
auto quantize(const Model& model, const QuantizeOptions& options = {}) {
  using W = detail::WeightsAmong<Model, Matrix<float>, CsrMatrix<float>>;
  typename Model::template with_weights<typename detail::Int8Format<W>::type> small;
  detail::convert_parameters(
      model, small,
      [&](const std::string& name, const W& from, typename detail::Int8Format<W>::type& to) {
        to = quantize(from, options, "quantize, " + name);
      });
  return small;
}

/// The model with the float weights that its INT8 weights stand for.
template <Quantized Model>
auto dequantize(const Model& model) {
  using W = detail::WeightsAmong<Model, QuantizedMatrix, QuantizedCsrMatrix>;
  typename Model::template with_weights<typename detail::FloatFormat<W>::type> real;
  detail::convert_parameters(
      model, real,
      [](const std::string&, const W& from, typename detail::FloatFormat<W>::type& to) {
        to = dequantize(from);
      });
  return real;
}

}  // namespace bodega
