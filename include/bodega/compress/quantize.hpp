// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
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

#include <bodega/core/abi.hpp>
#include <bodega/core/enum_names.hpp>
#include <bodega/core/error.hpp>
#include <bodega/core/options.hpp>
#include <bodega/tensor/half.hpp>
#include <bodega/tensor/parameters.hpp>
#include <bodega/tensor/validate.hpp>

namespace bodega::inline BODEGA_ABI {

enum class Scheme {
  symmetric,  ///< around 0, no zero-point stored: -127 to 127, or -7 to 7 in 4 bits
  affine      ///< over the range of the weights and 0, with a zero-point: -128 to 127, or -8 to 7
};
constexpr auto enum_names(Scheme) noexcept {
  using enum Scheme;
  return std::to_array<EnumName<Scheme>>({{symmetric, "symmetric"}, {affine, "affine"}});
}

enum class Granularity {
  per_row,     ///< a scale for each row (an item, or an input unit of an LSTM)
  per_tensor,  ///< one scale
  per_gate     ///< one for each gate of a recurrent network (`column_blocks`); else one
};
constexpr auto enum_names(Granularity) noexcept {
  using enum Granularity;
  return std::to_array<EnumName<Granularity>>(
      {{per_row, "per_row"}, {per_tensor, "per_tensor"}, {per_gate, "per_gate"}});
}

struct QuantizeOptions {
  Scheme scheme = Scheme::symmetric;
  Granularity granularity = Granularity::per_row;
  /// 2 to 8. Numbers of fewer bits lie in memory like those of 8, and in a file by their
  /// frequencies (tensor/coding/encoding.hpp). Of a model, constants keep 8 bits.
  int bits = 8;

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("scheme", self.scheme, "Whether a zero-point is stored.");
    visit("granularity", self.granularity, "What shares a scale.");
    visit("bits", self.bits, "Of a weight, 2 to 8. Constants keep 8.");
  }
};

namespace detail {

/// The numbers that may be stored.
struct StoredRange {
  int lowest, highest;
  explicit StoredRange(const QuantizeOptions& options)
      : lowest(-(1 << (options.bits - 1)) + (options.scheme == Scheme::symmetric ? 1 : 0)),
        highest((1 << (options.bits - 1)) - 1) {}
};

/// The scale and zero-point of some weights. 0 is always one of the values that can be stored, so
/// pruned weights stay exactly 0. Scales are halves where that loses no precision.
struct Step {
  double scale = 1;
  int zero_point = 0;

  /// Of the whole range of the weights, shrunk by `part`; what lies beyond is clipped.
  Step(double low, double high, const QuantizeOptions& options, double part = 1);

  std::int8_t stored(float w, const StoredRange& range) const {
    return static_cast<std::int8_t>(
        std::clamp<double>(std::round(w / scale) + zero_point, range.lowest, range.highest));
  }
};

#if BODEGA_BODIES
/// Some columns of some rows. `each` visits their places, from the first weight on.
struct WeightBlock {
  std::span<const float> weights;
  std::size_t rows, columns, stride;

  template <class Visit>
  void each(Visit&& visit) const {
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t j = 0; j < columns; ++j) visit(i * stride + j);
  }
};

/// Fewer than 8 bits are too few to spend them on the largest weight: of 16 shares of the range the
/// one with the least squared error.
Step best_step(const WeightBlock& block, const QuantizeOptions& options);

/// Weights in INT8, blocks one after the other.
class Quantizer {
 public:
  Quantizer(std::size_t size, const QuantizeOptions& options);

  /// `at` is the place of the block's first weight.
  void add(const WeightBlock& block, std::size_t at);
  std::vector<std::int8_t> take_stored() { return std::move(stored_); }
  QuantizationScale take_scale(std::size_t blocks) {
    return {std::move(scale_), std::move(zero_point_), blocks};
  }

 private:
  QuantizeOptions options_;
  std::vector<std::int8_t> stored_;
  std::vector<float> scale_;
  std::vector<std::int8_t> zero_point_;
};
#endif

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
/// `convert(name, from, to, role)` where the types differ.
template <class From, class To, class Convert>
void convert_parameters(const From& from, To& to, Convert&& convert) {
  for_each_parameter(to, [&]<class Target>(const std::string& name, Target& target, Role) {
    bool found = false;
    for_each_parameter(
        from, [&]<class Source>(const std::string& source_name, const Source& source, Role role) {
          if (source_name != name) return;
          if constexpr (std::is_same_v<Source, Target>) {
            target = source;
            found = true;
          } else if constexpr (requires { convert(name, source, target, role); }) {
            convert(name, source, target, role);
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
concept Quantizable = Parameterised<Model> &&
    (detail::HasWeights<Model, Matrix<float>> || detail::HasWeights<Model, CsrMatrix<float>>);
template <class Model>
concept Quantized = Parameterised<Model> &&
    (detail::HasWeights<Model, QuantizedMatrix> || detail::HasWeights<Model, QuantizedCsrMatrix>);

/// INT8 weights whose real values differ from `w` by at most half a scale; below 8 bits the scale
/// is that of least squared error, and the largest weights may be clipped. Halves round away from
/// zero. An all-zero row has scale 1. `gates` are blocks of columns, for Granularity::per_gate.
/// Error: not_finite, shape (gates that do not share out the columns), at `where`; out_of_range
/// (bits).
QuantizedMatrix quantize(const Matrix<float>& w, const QuantizeOptions& options = {},
                         const std::string& where = "quantize", std::size_t gates = 1);
QuantizedCsrMatrix quantize(const CsrMatrix<float>& w, const QuantizeOptions& options = {},
                            const std::string& where = "quantize", std::size_t = 1);

Matrix<float> dequantize(const QuantizedMatrix& w);
CsrMatrix<float> dequantize(const QuantizedCsrMatrix& w);

/// The model with its weights in INT8 and all else as it was. Errors: not_finite; those of the
/// model's own `validate`.
template <Quantizable Model>
auto quantize(const Model& model, const QuantizeOptions& options = {}) {
  using W = detail::WeightsAmong<Model, Matrix<float>, CsrMatrix<float>>;
  typename Model::template with_weights<typename detail::Int8Format<W>::type> small;
  detail::convert_parameters(model, small,
                             [&](const std::string& name, const W& from,
                                 typename detail::Int8Format<W>::type& to, Role role) {
                               QuantizeOptions chosen = options;
                               if (role == Role::constant) chosen.bits = 8;
                               to = quantize(from, chosen, "quantize, " + name,
                                             column_blocks<Model>(name));
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
      [](const std::string&, const W& from, typename detail::FloatFormat<W>::type& to, Role) {
        to = dequantize(from);
      });
  return real;
}

/// The model as it forecasts once it is quantized, on float weights: what a training for
/// quantization sees in the place of the model (TrainingHooks::seen_as), so that it learns weights
/// that lose nothing by rounding. Source: Jacob et al. 2018, section 3.
template <Quantizable Model>
Model as_if_quantized(const Model& model, const QuantizeOptions& options = {}) {
  return dequantize(quantize(model, options));
}

/// Biases and other float states rounded to halves, which a file stores in two bytes: half the
/// bytes of what quantizing leaves as it is. Relative error at most 1/2048; numbers that no half
/// holds to that (beyond 65,504 or below 6e-5) stay.
template <Parameterised Model>
Model with_half_states(Model model) {
  for_each_tensor(model, [&]<class Leaf>(const std::string&, Leaf& leaf, Role role) {
    const auto round = [](float& value) {
      const float size = std::abs(value);
      if (size >= smallest_normal_half && size <= largest_half) value = round_to_half(value);
    };
    if (role != Role::state) return;
    if constexpr (std::is_same_v<Leaf, float>)
      round(leaf);
    else if constexpr (requires { requires std::same_as<typename Leaf::value_type, float>; })
      for (std::size_t i = 0; i < leaf.size(); ++i) round(leaf.data()[i]);
  });
  model.validate("with_half_states");
  if constexpr (requires { model.restore(); }) model.restore();
  return model;
}

#if BODEGA_BODIES

namespace detail {

BODEGA_INLINE Step::Step(double low, double high, const QuantizeOptions& options, double part) {
  const StoredRange range(options);
  const double width = options.scheme == Scheme::symmetric
                           ? std::max(-low, high) / range.highest
                           : (high - low) / (range.highest - range.lowest);
  if (width == 0) return;  // all are 0
  // The stored scale is a normal float: the weights of a subnormal one would all be nearly 0.
  const auto shrunk =
      static_cast<float>(std::max<double>(width * part, std::numeric_limits<float>::min()));
  scale = half_at_or_above(static_cast<double>(shrunk) < width * part
                               ? std::nextafter(shrunk, std::numeric_limits<float>::max())
                               : shrunk);
  if (options.scheme == Scheme::affine)
    zero_point = static_cast<int>(std::clamp<double>(std::round(range.lowest - low * part / scale),
                                                     range.lowest, range.highest));
}

BODEGA_INLINE Step best_step(const WeightBlock& block, const QuantizeOptions& options) {
  double low = 0, high = 0;
  block.each([&](std::size_t at) {
    low = std::min<double>(low, block.weights[at]);
    high = std::max<double>(high, block.weights[at]);
  });
  const Step whole(low, high, options);
  if (options.bits == 8) return whole;
  const StoredRange range(options);
  Step best = whole;
  double least = std::numeric_limits<double>::infinity();
  for (int sixteenth = 16; sixteenth > 4; --sixteenth) {
    const Step step(low, high, options, sixteenth / 16.0);
    double error = 0;
    block.each([&](std::size_t at) {
      const double off = step.scale * (step.stored(block.weights[at], range) - step.zero_point) -
                         block.weights[at];
      error += off * off;
    });
    if (error < least) {
      least = error;
      best = step;
    }
  }
  return best;
}

BODEGA_INLINE Quantizer::Quantizer(std::size_t size, const QuantizeOptions& options)
    : options_(options), stored_(size) {
  if (options.bits < 2 || options.bits > 8)
    throw Error(ErrorCode::out_of_range, "quantize, option bits", "2 to 8",
                std::to_string(options.bits));
}

BODEGA_INLINE void Quantizer::add(const WeightBlock& block, std::size_t at) {
  const Step step = best_step(block, options_);
  scale_.push_back(static_cast<float>(step.scale));
  if (options_.scheme == Scheme::affine)
    zero_point_.push_back(static_cast<std::int8_t>(step.zero_point));
  const StoredRange range(options_);
  block.each([&](std::size_t i) { stored_[at + i] = step.stored(block.weights[i], range); });
}

}  // namespace detail

BODEGA_INLINE QuantizedMatrix quantize(const Matrix<float>& w, const QuantizeOptions& options,
                                       const std::string& where, std::size_t gates) {
  validate_finite(w.values(), where);
  detail::Quantizer quantizer(w.size(), options);
  std::size_t blocks = 1;
  if (options.granularity == Granularity::per_row) {
    for (std::size_t i = 0; i < w.rows(); ++i)
      quantizer.add({w.row(i), 1, w.columns(), w.columns()}, i * w.columns());
  } else {
    if (options.granularity == Granularity::per_gate) blocks = gates;
    if (blocks == 0 || w.columns() % blocks != 0)
      throw Error(ErrorCode::shape, where, std::to_string(blocks) + " gates of equal width",
                  std::to_string(w.columns()) + " columns");
    const std::size_t width = w.columns() / blocks;
    for (std::size_t b = 0; b < blocks; ++b)
      quantizer.add(
          {w.values().subspan(w.rows() == 0 ? 0 : b * width), w.rows(), width, w.columns()},
          b * width);
  }
  return {Matrix<std::int8_t>(w.rows(), w.columns(), quantizer.take_stored()),
          quantizer.take_scale(blocks)};
}

BODEGA_INLINE QuantizedCsrMatrix quantize(const CsrMatrix<float>& w, const QuantizeOptions& options,
                                          const std::string& where, std::size_t) {
  validate_finite(w.values(), where);
  detail::Quantizer quantizer(w.size(), options);
  if (options.granularity == Granularity::per_row) {
    for (std::size_t i = 0; i < w.rows(); ++i)
      quantizer.add({w.row(i).values, 1, w.row(i).size(), 0}, w.pattern().begin(i));
  } else {
    quantizer.add({w.values(), 1, w.size(), 0}, 0);
  }
  return {CsrMatrix<std::int8_t>(w.pattern(), quantizer.take_stored()), quantizer.take_scale(1)};
}

BODEGA_INLINE Matrix<float> dequantize(const QuantizedMatrix& w) {
  Matrix<float> real(w.rows(), w.columns());
  for (std::size_t i = 0; i < w.rows(); ++i)
    for (std::size_t j = 0; j < w.columns(); ++j) real(i, j) = w.at(i, j);
  return real;
}

BODEGA_INLINE CsrMatrix<float> dequantize(const QuantizedCsrMatrix& w) {
  CsrMatrix<float> real(w.stored().pattern(), std::vector<float>(w.size()));
  for (std::size_t i = 0; i < w.rows(); ++i) {
    const auto from = w.stored().row(i);
    const auto to = real.row(i);
    for (std::size_t k = 0; k < from.size(); ++k) to.values[k] = w.scale().real(i, from.values[k]);
  }
  return real;
}

#endif

}  // namespace bodega::inline BODEGA_ABI
