// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <concepts>
#include <cstring>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include <bodega/bundle/bundle.hpp>
#include <bodega/compress/prune.hpp>
#include <bodega/compress/quantize.hpp>
#include <bodega/compress/size_report.hpp>
#include <bodega/core/options_record.hpp>
#include <bodega/forecast/any_forecaster.hpp>
#include <bodega/hybrid/any_scorer.hpp>
#include <bodega/tensor/parameters.hpp>

#include "python.hpp"

/// One Python class stands for one model in all its weight formats. What Python may do with any
/// model is virtual here; everything below the virtual call is the library's own template.
namespace bodega::python {

class Model {
 public:
  virtual ~Model() = default;
  virtual std::string kind() const = 0;
  /// "float32" or "int8"; nothing where the model has no weights to compress.
  virtual std::optional<std::string> format() const = 0;
  virtual py::dict state_dict() const = 0;
  virtual SizeReport size_report() const = 0;
  virtual void add_to(Bundle& bundle, std::string name) const = 0;
  // Error (invalid_argument) where the weights are not of the kind that is wanted.
  virtual PruneMask prune_mask(const PruneOptions& options) const = 0;
  virtual std::shared_ptr<Model> prune(const PruneOptions& options) const = 0;
  virtual std::shared_ptr<Model> quantize(const QuantizeOptions& options) const = 0;
  virtual std::shared_ptr<Model> dequantize() const = 0;

  /// How it was made: the function as "made_by", and its options. Empty where it is not known.
  OptionsRecord record;

  template <OptionsList Options>
  void made_with(const char* function, const Options& options) {
    record = record_of(options);
    record.insert(record.begin(), {"made_by", function});
  }
  /// It was made of `source` by `step`, whose options come after those of the source.
  template <OptionsList Options>
  void made_from(const Model& source, const std::string& step, const Options& options) {
    record = source.record;
    for (RecordedOption& one : record_of(options))
      record.push_back({step + "." + one.name, std::move(one.value)});
  }
};

/// What Python calls a Scorer. What selects and evaluates is compiled once, for `any()`.
class PythonScorer {
 public:
  virtual ~PythonScorer() = default;
  /// Shares this object with `owner`; without one it refers to it.
  virtual AnyScorer any(std::shared_ptr<const void> owner = {}) const noexcept = 0;
};

/// What Python calls a Forecaster, likewise.
class PythonForecaster {
 public:
  virtual ~PythonForecaster() = default;
  virtual AnyForecaster any() const noexcept = 0;
};

/// A numpy array of its own.
template <class Leaf>
py::object to_array(const Leaf& leaf) {
  if constexpr (std::is_arithmetic_v<Leaf>)
    return py::module_::import("numpy").attr("array")(leaf, py::dtype::of<Leaf>());
  else if constexpr (requires { leaf.rows(); })
    return py::array_t<typename Leaf::value_type>(
        {static_cast<py::ssize_t>(leaf.rows()), static_cast<py::ssize_t>(leaf.columns())},
        leaf.data());
  else
    return py::array_t<typename Leaf::value_type>(static_cast<py::ssize_t>(leaf.size()),
                                                  leaf.data());
}

[[noreturn]] inline void refuse(const char* what, const char* expected, std::string_view kind) {
  throw Error(ErrorCode::invalid_argument, what, expected, "a model of kind " + std::string(kind));
}

/// Holds one of the library's types `Ms`, which are one model in its weight formats.
template <class Self, class... Ms>
class AnyOf : public Model {
  template <class M>
  static constexpr bool among = (std::same_as<M, Ms> || ...);

 public:
  template <class M>
  requires among<M>
  explicit AnyOf(M model) : model_(std::move(model)) {}

  template <class Use>
  decltype(auto) visit(Use&& use) const {
    return std::visit(std::forward<Use>(use), model_);
  }
  template <class Use>
  decltype(auto) change(Use&& use) {
    return std::visit(std::forward<Use>(use), model_);
  }
  template <class M>
  const M* get_if() const noexcept {
    return std::get_if<M>(&model_);
  }

  std::string kind() const override {
    return visit([]<class M>(const M&) { return std::string(M::kind); });
  }
  std::optional<std::string> format() const override {
    return visit([]<class M>(const M&) -> std::optional<std::string> {
      if constexpr (Quantized<M>) return "int8";
      if constexpr (Quantizable<M>) return "float32";
      return std::nullopt;
    });
  }
  py::dict state_dict() const override {
    py::dict state;
    visit([&](const auto& model) {
      for_each_tensor(model, [&](const std::string& name, const auto& leaf, Role) {
        state[py::str(name)] = to_array(leaf);
      });
    });
    return state;
  }
  SizeReport size_report() const override {
    return visit([](const auto& model) { return bodega::size_report(model); });
  }
  void add_to(Bundle& bundle, std::string name) const override {
    visit([&](const auto& model) { bundle.add(std::move(name), model, record); });
  }
  PruneMask prune_mask(const PruneOptions& options) const override {
    return visit([&]<class M>(const M& model) -> PruneMask {
      if constexpr (Quantizable<M>) return bodega::prune_mask(model, options);
      refuse("prune", "a model with float weights", M::kind);
    });
  }
  std::shared_ptr<Model> prune(const PruneOptions& options) const override {
    return visit([&]<class M>(const M& model) -> std::shared_ptr<Model> {
      if constexpr (Quantizable<M>) return std::make_shared<Self>(bodega::prune(model, options));
      refuse("prune", "a model with float weights", M::kind);
    });
  }
  std::shared_ptr<Model> quantize(const QuantizeOptions& options) const override {
    return visit([&]<class M>(const M& model) -> std::shared_ptr<Model> {
      if constexpr (Quantizable<M>) return std::make_shared<Self>(bodega::quantize(model, options));
      refuse("quantize", "a model with float weights", M::kind);
    });
  }
  std::shared_ptr<Model> dequantize() const override {
    return visit([&]<class M>(const M& model) -> std::shared_ptr<Model> {
      if constexpr (Quantized<M>) return std::make_shared<Self>(bodega::dequantize(model));
      refuse("dequantize", "a model with INT8 weights", M::kind);
    });
  }

  /// Null where the bundle holds another kind or format under the name.
  static std::shared_ptr<Model> load(const Bundle& bundle, const std::string& name) {
    std::shared_ptr<Model> found;
    const auto offer = [&]<class M>(std::type_identity<M>) {
      if (!found && bundle.holds<M>(name)) found = std::make_shared<Self>(bundle.get<M>(name));
    };
    (offer(std::type_identity<Ms>()), ...);
    if (found) found->record = bundle.options(name);
    return found;
  }

 protected:
  std::variant<Ms...> model_;
};

/// Makes a class with `visit` a PythonScorer.
template <class Self>
class ScorerOf : public PythonScorer {
 public:
  AnyScorer any(std::shared_ptr<const void> owner = {}) const noexcept override {
    return static_cast<const Self&>(*this).visit([&]<class M>(const M& model) {
      return AnyScorer(std::shared_ptr<const M>(std::move(owner), &model));
    });
  }
};

/// A scorer in its weight formats, of sparse weights or of dense ones.
template <template <class> class M>
class SparseScorer : public AnyOf<SparseScorer<M>, M<CsrMatrix<float>>, M<QuantizedCsrMatrix>>,
                     public ScorerOf<SparseScorer<M>> {
 public:
  using SparseScorer::AnyOf::AnyOf;
};
template <template <class> class M>
class DenseScorer : public AnyOf<DenseScorer<M>, M<Matrix<float>>, M<QuantizedMatrix>>,
                    public ScorerOf<DenseScorer<M>> {
 public:
  using DenseScorer::AnyOf::AnyOf;
};

/// Makes a class with `visit` a PythonForecaster.
template <class Self>
class ForecasterOf : public PythonForecaster {
 public:
  AnyForecaster any() const noexcept override {
    return static_cast<const Self&>(*this).visit(
        [](const auto& model) { return AnyForecaster::refer_to(model); });
  }
};

/// A type without weight formats.
template <class M>
class Only : public AnyOf<Only<M>, M> {
 public:
  using AnyOf<Only<M>, M>::AnyOf;
  const M& get() const noexcept { return *this->template get_if<M>(); }
  M& get() noexcept { return *std::get_if<M>(&this->model_); }
};

/// A scorer without weight formats.
template <class M>
class OnlyScorer : public AnyOf<OnlyScorer<M>, M>, public ScorerOf<OnlyScorer<M>> {
 public:
  using OnlyScorer::AnyOf::AnyOf;
  const M& get() const noexcept { return *this->template get_if<M>(); }
  M& get() noexcept { return *std::get_if<M>(&this->model_); }
};

using Loader = std::shared_ptr<Model> (*)(const Bundle& bundle, const std::string& name);

/// What Bundle.get tries, in order.
std::vector<Loader>& loaders();

/// Declares a model class whose objects a bundle gives back.
template <class Held, class... Bases>
py::class_<Held, Bases..., std::shared_ptr<Held>> model_class(py::module_& m, const char* name,
                                                              const char* doc) {
  loaders().push_back(&Held::load);
  return {m, name, doc};
}

/// As scipy.sparse.csr_matrix; of INT8 weights what they stand for. A copy.
template <class W>
py::object from_weights(const W& weights) {
  if constexpr (std::is_same_v<W, CsrMatrix<float>>)
    return from_csr(W(weights));
  else
    return from_csr(dequantize(weights));
}

/// As a numpy array; of INT8 vectors what they stand for. A copy.
template <class W>
py::object from_vectors(const W& vectors) {
  if constexpr (std::is_same_v<W, Matrix<float>>)
    return to_array(vectors);
  else
    return to_array(dequantize(vectors));
}

/// The property `weights` of a class whose models have sparse ones.
template <class Held, class... Bases>
void def_weights(py::class_<Held, Bases...>& held) {
  held.def_property_readonly(
      "weights",
      [](const Held& self) {
        return self.visit([](const auto& model) { return from_weights(model.weights()); });
      },
      "As scipy.sparse.csr_matrix of float32 (a copy; of INT8 weights what they stand for).");
}

}  // namespace bodega::python
