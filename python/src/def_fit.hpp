// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "options.hpp"

namespace bodega::inline BODEGA_ABI {
class Catalog;
class Cooccurrence;
class DailySales;
class SessionWindow;
}  // namespace bodega::inline BODEGA_ABI

/// Functions of Python whose keyword arguments are the options of a struct: names, types, defaults,
/// words and their meanings are read off its list.
///
///   def_fit<AnyItemItem>(m, "fit_ease", &bodega::fit_ease, "EASE: ...", {}, "counts"_a);
namespace bodega::python {

// ---------------------------------------------------------------- arguments before the options

/// A type as signatures write it.
template <class U>
std::string python_type() {
  if constexpr (Offered<U>)
    return OptionCaster<U>::type();
  else if constexpr (std::is_base_of_v<py::object, U>)
    return "object";
  else if constexpr (std::is_class_v<U> && std::is_convertible_v<U, std::size_t>)
    return "int";  // Count
  else if constexpr (requires { typename U::element_type; })
    return python_type<typename U::element_type>();
  else if constexpr (requires(U value) { value.has_value(); })
    return python_type<typename U::value_type>() + " | None";
  else
    return py::str(py::type::of<U>().attr("__name__"));
}

/// How a leading argument of the library's function crosses over: the type that Python gives, and
/// what the library takes of it.
template <class T>
struct Argument {
  using Given = const T&;
  static const T& read(const T& given, const std::string&) { return given; }
  static std::string type() { return python_type<T>(); }
};

/// A table or model that Python holds as Only<T>.
template <class T>
struct HeldArgument {
  using Given = const Only<T>&;
  static const T& read(const Only<T>& given, const std::string&) { return given.get(); }
  static std::string type() { return python_type<Only<T>>(); }
};

template <>
struct Argument<Catalog> : HeldArgument<Catalog> {};
template <>
struct Argument<Cooccurrence> : HeldArgument<Cooccurrence> {};
template <>
struct Argument<DailySales> : HeldArgument<DailySales> {};
template <>
struct Argument<SessionWindow> : HeldArgument<SessionWindow> {};

template <>
struct Argument<ProgressCallback> {
  using Given = const py::object&;
  static ProgressCallback read(const py::object& given, const std::string&) {
    return progress_callback(given);
  }
  static std::string type() { return "_Progress"; }
};
template <>
struct Argument<CsrMatrix<float>> {
  using Given = const py::object&;
  static CsrMatrix<float> read(const py::object& given, const std::string& where) {
    return to_csr(given, where);
  }
  static std::string type() { return "object"; }
};

template <>
struct Argument<Matrix<float>> {
  using Given = const py::object&;
  static Matrix<float> read(const py::object& given, const std::string& where) {
    return to_matrix(given, where);
  }
  static std::string type() { return "object"; }
};

// ---------------------------------------------------------------- declaring functions

/// What was declared, as the module's list `_options`, which the stubs are made of: (name, names of
/// the leading parameters, options, docstring), an option being (name, type, default, meaning).
py::list declared();

/// Where a function's keyword arguments differ from the struct's list.
template <OptionsList Options>
struct Settings {
  Options defaults = {};
  Omitted omitted = {};
};

/// What takes no options beside others of its name that do.
struct NoOptions {
  template <class Self, class Visit>
  static void options(Self&, Visit&&) {}
};

namespace detail {

/// Parameters and options of the library's function, or of a lambda that calls it.
template <class Work>
struct Signature : Signature<decltype(&Work::operator())> {};
template <class R, class... All>
struct Signature<R (*)(All...)> {
  using Result = R;
  using Parameters = std::tuple<std::remove_cvref_t<All>...>;
  static constexpr std::size_t leading = sizeof...(All) - 1;
  using Options = std::tuple_element_t<leading, Parameters>;
};
template <class C, class R, class... All>
struct Signature<R (C::*)(All...) const> : Signature<R (*)(All...)> {};

/// A signature as text, a docstring and an entry of `declared`.
class Declaration {
 public:
  Declaration(std::string name, std::string result)
      : name_(std::move(name)), result_(std::move(result)) {}
  void add(const py::arg& argument, const std::string& type);
  void add(const py::arg_v& argument, const std::string& type);
  void add(const py::kw_only&);
  const std::string& argument(std::size_t i) const { return arguments_[i]; }
  /// Enters the list and returns the docstring. `owner`: the module, or the class.
  std::string finish(py::handle owner, const std::vector<Keyword>& keywords, const char* doc);

 private:
  std::string name_, result_, leading_;
  std::vector<std::string> arguments_;
  bool keywords_only_ = false;
};

template <class Held, class Result>
std::string result_type() {
  if constexpr (std::is_void_v<Held>)
    return python_type<Result>();
  else
    return python_type<Held>();
}

/// Calls `define(call, names..., doc)` with what Python calls: it reads the options, takes the
/// leading arguments apart and runs `work`, without the lock if it takes no Python objects. The
/// result is held as `Held`, with the record of its options; where Held is void, or the result is
/// held already, `work` runs under the lock and its result is given back as it is.
template <class Held, class Define, class Work, class... Names>
void declare(py::handle owner, const char* called, const char* name, const Define& define,
             Work work, const char* doc,
             const Settings<typename Signature<Work>::Options>& settings, const Names&... names) {
  using Of = Signature<Work>;
  [&]<std::size_t... i>(std::index_sequence<i...>) {
    using Parameters = typename Of::Parameters;
    const std::vector<std::string> types = {
        Argument<std::tuple_element_t<i, Parameters>>::type()...};
    Declaration declaration(name, result_type<Held, typename Of::Result>());
    std::size_t at = 0;
    const auto add = [&]<class Name>(const Name& one) {
      if constexpr (std::is_same_v<Name, py::kw_only>)
        declaration.add(one);
      else
        declaration.add(one, types.at(at++));
    };
    (add(names), ...);
    const std::vector<std::string> where = {std::string(called) + ", " +
                                            declaration.argument(i)...};
    py::options written;
    written.disable_function_signatures();  // the docstring has one
    const std::string text =
        declaration.finish(owner, keywords_of(settings.defaults, settings.omitted), doc);
    define(
        [=](typename Argument<std::tuple_element_t<i, Parameters>>::Given... given,
            const py::kwargs& keywords) {
          const auto options = read_options(keywords, called, settings.defaults, settings.omitted);
          const auto run = [&](const auto&... arguments) {
            using Result = typename Of::Result;
            if constexpr (std::is_void_v<Held> || std::is_same_v<Result, std::shared_ptr<Held>>) {
              return work(arguments..., options);
            } else {
              constexpr bool free =
                  !(std::is_base_of_v<py::object, std::tuple_element_t<i, Parameters>> || ...);
              const auto make = [&] { return std::make_shared<Held>(work(arguments..., options)); };
              const std::shared_ptr<Held> held = free ? unlocked(make) : make();
              if constexpr (std::is_base_of_v<Model, Held>) held->made_with(called, options);
              return held;
            }
          };
          return run(Argument<std::tuple_element_t<i, Parameters>>::read(given, where[i])...);
        },
        names..., text.c_str());
  }
  (std::make_index_sequence<Of::leading>());
}

}  // namespace detail

/// A function of the module. `work(leading..., options)` is the library's own function or a lambda.
template <class Held = void, class Work, class... Names>
void def_fit(py::module_& m, const char* name, Work work, const char* doc,
             const Settings<typename detail::Signature<Work>::Options>& settings,
             const Names&... names) {
  detail::declare<Held>(
      m, name, name, [&](auto call, const auto&... extra) { m.def(name, call, extra...); }, work,
      doc, settings, names...);
}

/// A constructor. `work` returns the library's object.
template <class Held, class... More, class Work, class... Names>
void def_init(py::class_<Held, More...>& held, Work work, const char* doc,
              const Settings<typename detail::Signature<Work>::Options>& settings,
              const Names&... names) {
  static const std::string name = py::str(held.attr("__name__"));
  detail::declare<Held>(
      held, name.c_str(), "__init__",
      [&](auto call, const auto&... extra) { held.def(py::init(call), extra...); }, work, doc,
      settings, names...);
}

}  // namespace bodega::python
