// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include <bodega/core/error.hpp>
#include <bodega/core/ids.hpp>
#include <bodega/core/progress.hpp>
#include <bodega/core/units.hpp>
#include <bodega/tensor/matrix.hpp>
#include <bodega/tensor/sparse.hpp>

/// What every file of the Python module needs: how values cross between the languages, the
/// interpreter lock and progress.
namespace bodega::python {

namespace py = pybind11;
using py::literals::operator""_a;

// One function a file. Classes are registered before the functions that name them, so the order
// in module.cpp is the layers'.
void bind_compress(py::module_& m);
void bind_data(py::module_& m);
void bind_codes(py::module_& m);
void bind_scorers(py::module_& m);
void bind_collaborative(py::module_& m);
void bind_shop(py::module_& m);
void bind_relations(py::module_& m);
void bind_factors(py::module_& m);
void bind_customers(py::module_& m);
void bind_session(py::module_& m);
void bind_content(py::module_& m);
void bind_embedding(py::module_& m);
void bind_forecast(py::module_& m);
void bind_evaluate(py::module_& m);
void bind_bundle(py::module_& m);
void bind_till(py::module_& m);

// ---------------------------------------------------------------- values (convert.cpp)

/// datetime.date, datetime.datetime and decimal-like prices, both ways. The `to_` functions throw
/// py::type_error for another type and Error (out_of_range) for a value that does not fit.
Day to_day(py::handle value);
Moment to_moment(py::handle value);
Money to_money(py::handle value);
Quantity to_quantity(py::handle value);
py::object from_day(Day day);
py::object from_moment(Moment moment);

/// An index; py::type_error for what is no int, a bool among them.
std::uint32_t to_index(py::handle value);

/// What an argument is called, for `Count`.
struct ArgumentName {
  template <std::size_t size>
  constexpr ArgumentName(const char (&name)[size]) : text{} {
    static_assert(size <= sizeof text);
    for (std::size_t i = 0; i < size; ++i) text[i] = name[i];
  }
  char text[48];
};

/// An argument that is a whole number of 0 or more: `Count<"recommend, k">`. Error (out_of_range)
/// names it.
template <ArgumentName name>
struct Count {
  std::size_t value = 0;
  operator std::size_t() const noexcept { return value; }
};

/// False for what is no int, a bool among them.
bool read_count(py::handle value, const char* where, std::size_t& count);

/// A finite number. TypeError and Error (not_finite) name the argument.
float to_weight(const py::object& value, const std::string& where);

/// "expected a list, found float".
[[noreturn]] void refuse_type(const std::string& where, const char* expected, py::handle found);

/// Bytes that are no UTF-8 show as U+FFFD.
py::str to_text(std::string_view text);

// Arrays given by Python are copied into vectors by these functions and by nothing else of the
// module: what numpy converts is a new array, and a view of it would end with it. All take any
// numeric type, byte order, stride and order. Error (shape, invalid_argument, out_of_range).

/// What an array or a sequence held, row after row.
template <class T>
struct Numbers {
  std::vector<T> values;
  std::vector<std::size_t> shape;
};

/// Of any number of dimensions, of whole numbers or floats. T: float, double or std::int64_t.
template <class T>
Numbers<T> to_numbers(const py::object& values, const std::string& where);

/// As to_numbers, of one dimension.
std::vector<float> to_vector(const py::object& values, const std::string& where);

/// Of any number of dimensions, of booleans, or numbers that are 0 or 1.
Numbers<std::uint8_t> to_flags(const py::object& values, const std::string& where);

/// As to_flags, of one dimension and of booleans alone: where indices could be given by mistake.
std::vector<std::uint8_t> to_booleans(const py::object& values, const std::string& where);

/// A one-dimensional array or sequence of whole numbers below 2^32 - 1.
std::vector<std::uint32_t> to_indices(const py::object& values, const std::string& where);
std::vector<ItemIndex> to_items(const py::object& values, const std::string& where);

/// A dense two-dimensional array of numbers; one copy.
Matrix<float> to_matrix(const py::object& values, const std::string& where);

/// Any scipy.sparse matrix or array; duplicates are added up; one copy. Error (out_of_range) beyond
/// 32-bit indices.
CsrMatrix<float> to_csr(const py::object& values, const std::string& where);

/// As scipy.sparse.csr_matrix. The numbers move into the arrays, nothing is copied.
py::object from_csr(CsrMatrix<float>&& matrix);

/// A numpy array that owns `values`; nothing is copied.
template <class T>
py::array_t<T> owned(std::vector<T>&& values, std::vector<py::ssize_t> shape) {
  auto kept = std::make_unique<std::vector<T>>(std::move(values));
  T* const data = kept->data();
  py::capsule owner(kept.get(), [](void* p) { delete static_cast<std::vector<T>*>(p); });
  kept.release();
  return py::array_t<T>(std::move(shape), data, owner);
}
template <class T>
py::array_t<T> owned(std::vector<T>&& values) {
  const auto size = static_cast<py::ssize_t>(values.size());
  return owned(std::move(values), {size});
}

/// A read-only numpy view of numbers that live as long as the Python object `owner`, which must
/// never change them.
template <class T>
py::array_t<T> view(const T* data, std::vector<py::ssize_t> shape, py::handle owner) {
  py::array_t<T> array(std::move(shape), data, owner);
  array.attr("setflags")("write"_a = false);
  return array;
}

/// Days as numpy's datetime64[D].
py::object days_array(std::vector<std::int64_t>&& days_since_1970);

// ---------------------------------------------------------------- classes

/// A read-only property: a member, a member function or a lambda of what `held` holds, which is the
/// library's model where Python has one class for all of its formats.
template <class Class, class Get>
Class& def_get(Class& held, const char* name, Get get, const char* doc) {
  using Held = typename Class::type;
  const auto of = [get](const Held& self) {
    if constexpr (requires { self.kind(); })
      return self.visit([&](const auto& model) { return std::invoke(get, model); });
    else
      return std::invoke(get, self);
  };
  held.def_property_readonly(name, of, doc);
  return held;
}

// ---------------------------------------------------------------- long calls (progress.cpp)

/// `progress` as the keyword argument was given: None or False (silent), True (a bar on a
/// terminal's stderr) or a callable(task, done, total, loss). In every case the callback looks for
/// a waiting Ctrl-C, which ends the call with KeyboardInterrupt; a callable cancels by a return
/// that is false but None. To be called, copied and destroyed with or without the interpreter lock.
ProgressCallback progress_callback(const py::object& progress);

/// Runs `work` without the interpreter lock.
template <class Work>
auto unlocked(Work&& work) {
  py::gil_scoped_release release;
  return std::forward<Work>(work)();
}

}  // namespace bodega::python

namespace pybind11::detail {

/// An item or customer is an int; None is "nobody", "no item".
template <class Tag>
struct type_caster<bodega::Id<Tag>> {
  PYBIND11_TYPE_CASTER(bodega::Id<Tag>, const_name("int"));
  bool load(handle source, bool) {
    if (source.is_none()) {
      value = {};
      return true;
    }
    if (!PyIndex_Check(source.ptr()) || PyBool_Check(source.ptr())) return false;
    value = bodega::Id<Tag>(bodega::python::to_index(source));
    return true;
  }
  static handle cast(bodega::Id<Tag> id, return_value_policy, handle) {
    return id.is_none() ? none().release() : int_(id.value()).release();
  }
};

template <bodega::python::ArgumentName called>
struct type_caster<bodega::python::Count<called>> {
  PYBIND11_TYPE_CASTER(bodega::python::Count<called>, const_name("int"));
  bool load(handle source, bool) {
    return bodega::python::read_count(source, called.text, value.value);
  }
};

template <>
struct type_caster<bodega::Day> {
  PYBIND11_TYPE_CASTER(bodega::Day, const_name("datetime.date"));
  bool load(handle source, bool) {
    value = bodega::python::to_day(source);
    return true;
  }
  static handle cast(bodega::Day day, return_value_policy, handle) {
    return bodega::python::from_day(day).release();
  }
};

template <>
struct type_caster<bodega::Moment> {
  PYBIND11_TYPE_CASTER(bodega::Moment, const_name("datetime.datetime"));
  bool load(handle source, bool) {
    value = bodega::python::to_moment(source);
    return true;
  }
  static handle cast(bodega::Moment moment, return_value_policy, handle) {
    return bodega::python::from_moment(moment).release();
  }
};

}  // namespace pybind11::detail
