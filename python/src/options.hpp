// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <concepts>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <bodega/core/enum_names.hpp>
#include <bodega/core/options.hpp>
#include <bodega/core/options_record.hpp>

#include "model.hpp"

/// Options as keyword arguments: what crosses over, and how signatures and docstrings show it.
namespace bodega::python {

// ---------------------------------------------------------------- one option

/// How a value crosses over as an option: its type as a signature has it, the value of a keyword
/// argument, and a default as Python writes it. Specialised for what is none of an OptionValue.
template <class T>
struct OptionCaster;

[[noreturn]] void refuse_option(const std::string& where, const std::string& type,
                                py::handle found);

/// Returns the value that a word stands for. Throws Error (invalid_argument) with all words.
template <NamedEnum E>
E named(const std::string& word, const std::string& where) {
  if (const std::optional<E> value = value_named<E>(word)) return *value;
  std::string words;
  for (const EnumName<E>& one : enum_names(E{}))
    words += (words.empty() ? "'" : ", '") + std::string(one.name) + "'";
  throw Error(ErrorCode::invalid_argument, where, words, "'" + word + "'");
}

template <OptionValue T>
struct OptionCaster<T> {
  static std::string type() {
    if constexpr (std::is_same_v<T, bool>) {
      return "bool";
    } else if constexpr (std::integral<T> && !std::is_same_v<T, char>) {
      return "int";
    } else if constexpr (std::floating_point<T>) {
      return "float";
    } else if constexpr (NamedEnum<T>) {
      std::string words;
      for (const EnumName<T>& one : enum_names(T{}))
        words += (words.empty() ? "\"" : ", \"") + std::string(one.name) + "\"";
      return "Literal[" + words + "]";
    } else if constexpr (requires(T value) { value.has_value(); }) {
      return OptionCaster<typename T::value_type>::type() + " | None";
    } else if constexpr (requires(T value) { value.push_back({}); } &&
                         !std::is_same_v<T, std::string>) {
      using Element = typename T::value_type;
      return std::is_arithmetic_v<Element> ? "ArrayLike"
                                           : "Sequence[" + OptionCaster<Element>::type() + "]";
    } else {
      return "str";
    }
  }
  static T read(py::handle value, const std::string& where) {
    if constexpr (NamedEnum<T>) {
      return named<T>(OptionCaster<std::string>::read(value, where), where);
    } else if constexpr (std::is_same_v<T, char>) {
      const auto text = OptionCaster<std::string>::read(value, where);
      if (text.size() > 1) refuse_option(where, "one letter", value);
      return text.empty() ? '\0' : text[0];
    } else if constexpr (requires(typename T::value_type one) {
                           enum_names(one);
                           T().push_back(one);
                         }) {
      // A word alone, or a sequence of words.
      using Element = typename T::value_type;
      if (py::isinstance<py::str>(value)) return {OptionCaster<Element>::read(value, where)};
      if (!py::isinstance<py::sequence>(value)) refuse_option(where, type(), value);
      T words;
      for (const py::handle one : py::reinterpret_borrow<py::sequence>(value))
        words.push_back(OptionCaster<Element>::read(one, where));
      return words;
    } else if constexpr (std::is_same_v<T, std::vector<std::uint32_t>>) {
      return to_indices(py::reinterpret_borrow<py::object>(value), where);
    } else {
      if constexpr (std::unsigned_integral<T> && !std::is_same_v<T, bool>)
        if (PyLong_Check(value.ptr()) && value < py::int_(0))
          throw Error(ErrorCode::out_of_range, where, "a whole number of 0 or more",
                      py::repr(value).cast<std::string>());
      if (!std::is_same_v<T, bool> || !value.is_none()) try {
          return value.cast<T>();
        } catch (const py::cast_error&) {
        }
      refuse_option(where, type(), value);
    }
  }
  static std::string shown(const T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      return value ? "True" : "False";
    } else if constexpr (std::floating_point<T>) {
      const std::string text = option_text(value);
      return text.find_first_not_of("-0123456789") == std::string::npos ? text + ".0" : text;
    } else if constexpr (NamedEnum<T> || std::is_same_v<T, std::string> ||
                         std::is_same_v<T, char>) {
      return py::repr(py::cast(option_text(value))).template cast<std::string>();
    } else if constexpr (requires { value.has_value(); }) {
      return value ? OptionCaster<typename T::value_type>::shown(*value) : "None";
    } else if constexpr (requires { value.size(); }) {
      std::string all;
      for (const auto& one : value)
        all += (all.empty() ? "" : ", ") + OptionCaster<typename T::value_type>::shown(one);
      return "(" + all + (value.size() == 1 ? ",)" : ")");
    } else {
      return option_text(value);
    }
  }
};

template <>
struct OptionCaster<ProgressCallback> {
  static std::string type() { return "_Progress"; }
  static ProgressCallback read(py::handle value, const std::string&) {
    return progress_callback(py::reinterpret_borrow<py::object>(value));
  }
  static std::string shown(const ProgressCallback&) { return "None"; }
};

// ---------------------------------------------------------------- a list of options

/// Names of the options that a function does not take.
using Omitted = std::vector<std::string_view>;

/// One keyword argument, as signatures, docstrings, stubs and pages write it.
struct Keyword {
  std::string name, type, shown, meaning;
};

/// "fold_in.l2" -> "fold_in_l2".
std::string keyword(std::string_view option);

/// Throws TypeError if `given` has other names than these.
void refuse_unknown(const py::kwargs& given, const char* function,
                    const std::vector<Keyword>& known);

template <class T>
concept Offered = requires {
  OptionCaster<T>::type();
};

template <OptionsList Options>
std::vector<Keyword> keywords_of(const Options& defaults, const Omitted& omitted) {
  std::vector<Keyword> keywords;
  for_each_option(defaults,
                  [&]<class T>(std::string_view name, const T& value, std::string_view meaning) {
                    if constexpr (Offered<T>)
                      if (std::find(omitted.begin(), omitted.end(), name) == omitted.end())
                        keywords.push_back({keyword(name), OptionCaster<T>::type(),
                                            OptionCaster<T>::shown(value), std::string(meaning)});
                  });
  return keywords;
}

/// The options given by keyword, the others as in `defaults`. Throws TypeError for a name or type
/// that is not of the list, Error (invalid_argument) for a word.
template <OptionsList Options>
Options read_options(const py::kwargs& given, const char* function, const Options& defaults,
                     const Omitted& omitted) {
  refuse_unknown(given, function, keywords_of(defaults, omitted));
  Options options = defaults;
  for_each_option(options, [&]<class T>(std::string_view name, T& value, std::string_view) {
    if constexpr (Offered<T>) {
      const std::string word = keyword(name);
      if (given.contains(word))
        value =
            OptionCaster<T>::read(given[word.c_str()], std::string(function) + ", option " + word);
      else if constexpr (std::is_same_v<T, ProgressCallback>)
        value = progress_callback(py::none());  // it looks for Ctrl-C
    }
  });
  return options;
}

/// The keyword arguments that stand for these options, as a dict.
template <OptionsList Options>
py::dict from_options(const Options& options) {
  py::dict all;
  for_each_option(options, [&]<class T>(std::string_view name, const T& value, std::string_view) {
    if constexpr (NamedEnum<T>)
      all[py::str(keyword(name))] = option_text(value);
    else if constexpr (OptionValue<T>)
      all[py::str(keyword(name))] = value;
  });
  return all;
}

/// A record as a dict: numbers, bools and None as such, all else as text.
py::dict from_record(const OptionsRecord& record);

}  // namespace bodega::python
