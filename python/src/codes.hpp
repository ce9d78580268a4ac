// SPDX-License-Identifier: MIT
#pragma once

#include <bodega/data/code_rules.hpp>
#include <bodega/data/normalise_code.hpp>
#include <bodega/data/receipt_options.hpp>

#include "def_fit.hpp"

/// How normalisers and schemes of weighed codes cross over as options.
namespace bodega::python {

/// A callable of Python for the library to call without the lock; released under the lock.
inline std::shared_ptr<py::object> keep(const py::object& callable) {
  return {new py::object(callable), [](py::object* object) {
            py::gil_scoped_acquire lock;
            delete object;
          }};
}

/// A word, a list of words, or a callable from text to text.
template <>
struct OptionCaster<NormaliseCode> {
  static std::string type() { return "_Normalise"; }
  static NormaliseCode read(py::handle value, const std::string& where) {
    if (value.is_none()) return {};
    if (PyCallable_Check(value.ptr()) == 0)
      return OptionCaster<std::vector<CodeRule>>::read(value, where);
    return NormaliseCode([call = keep(py::reinterpret_borrow<py::object>(value))](std::string& id) {
      py::gil_scoped_acquire lock;
      id = (*call)(to_text(id)).cast<std::string>();
    });
  }
  static std::string shown(const NormaliseCode&) { return "None"; }
};

/// Patterns, or pairs of a pattern and its decimal places.
template <>
struct OptionCaster<std::vector<VariableWeight>> {
  static std::string type() { return "Sequence[str | tuple[str, int]]"; }
  static std::vector<VariableWeight> read(py::handle value, const std::string& where) {
    std::vector<VariableWeight> schemes;
    if (py::isinstance<py::str>(value) || !py::isinstance<py::sequence>(value))
      refuse_option(where, type(), value);
    for (const py::handle one : py::reinterpret_borrow<py::sequence>(value)) {
      VariableWeight scheme;
      if (py::isinstance<py::str>(one))
        scheme.pattern = one.cast<std::string>();
      else if (py::isinstance<py::tuple>(one) && py::len(one) == 2)
        scheme = {OptionCaster<std::string>::read(one[py::int_(0)], where),
                  OptionCaster<int>::read(one[py::int_(1)], where)};
      else
        refuse_option(where, type(), value);
      scheme.validate();
      schemes.push_back(std::move(scheme));
    }
    return schemes;
  }
  static std::string shown(const std::vector<VariableWeight>&) { return "()"; }
};

// Of what is an article, and of times. Here, so that every file sees ReceiptOptions alike.
template <>
struct OptionCaster<IsItem> {
  static std::string type() { return "Callable[[str], bool] | None"; }
  static IsItem read(py::handle value, const std::string&) {
    if (value.is_none()) return {};
    return [call = keep(py::reinterpret_borrow<py::object>(value))](std::string_view id) {
      py::gil_scoped_acquire lock;
      return (*call)(to_text(id)).template cast<bool>();
    };
  }
  static std::string shown(const IsItem&) { return "None"; }
};
template <>
struct OptionCaster<ParseTime> {
  static std::string type() { return "Callable[[str], datetime | None] | None"; }
  static ParseTime read(py::handle value, const std::string&) {
    if (value.is_none()) return {};
    return [call = keep(py::reinterpret_borrow<py::object>(value))](std::string_view text) {
      py::gil_scoped_acquire lock;
      const py::object moment = (*call)(to_text(text));
      return moment.is_none() ? std::nullopt : std::optional(to_moment(moment));
    };
  }
  static std::string shown(const ParseTime&) { return "None"; }
};

}  // namespace bodega::python
