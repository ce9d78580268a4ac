// SPDX-License-Identifier: MIT
#include "python.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include <datetime.h>

namespace bodega::python {
namespace {

void need_datetime() {
  if (PyDateTimeAPI == nullptr) PyDateTime_IMPORT;
  if (PyDateTimeAPI == nullptr) throw py::error_already_set();
}

std::string type_name(py::handle value) {
  return py::str(py::type::handle_of(value).attr("__name__"));
}

std::string shown(py::handle value) { return py::repr(value); }

/// Through the text, so that 2.55 is 2.55 and not the binary fraction next to it.
template <class Number>
Number to_fixed_point(py::handle value, const char* what) {
  const bool number = PyFloat_Check(value.ptr()) || PyIndex_Check(value.ptr()) ||
                      py::hasattr(value, "as_integer_ratio");
  if (!number)
    throw py::type_error(std::string(what) + ": expected a number, found " + type_name(value));
  const py::object rounded =
      py::module_::import("builtins")
          .attr("format")(value,
                          std::string(".") + (Number::scale == Money::scale ? "4" : "3") + "f");
  const auto parsed = Number::parse(rounded.cast<std::string>());
  if (!parsed) throw Error(ErrorCode::out_of_range, what, "a finite number", shown(value));
  return *parsed;
}

}  // namespace

Day to_day(py::handle value) {
  need_datetime();
  if (!PyDate_Check(value.ptr()))
    throw py::type_error("expected a datetime.date, found " + type_name(value));
  // pandas.NaT is a datetime whose fields are unset: its year is NaN to Python and 1 to C.
  if (!py::isinstance<py::int_>(value.attr("year")))
    throw Error(ErrorCode::invalid_argument, "time", "a date", shown(value));
  if (PyDateTime_Check(value.ptr()) && !value.attr("tzinfo").is_none())
    throw Error(ErrorCode::invalid_argument, "time", "the shop's own clock, without a time zone",
                shown(value));
  return *Day::from_civil(PyDateTime_GET_YEAR(value.ptr()), PyDateTime_GET_MONTH(value.ptr()),
                          PyDateTime_GET_DAY(value.ptr()));
}

Moment to_moment(py::handle value) {
  const Day day = to_day(value);
  if (!PyDateTime_Check(value.ptr())) return Moment(day);
  return Moment(day, PyDateTime_DATE_GET_HOUR(value.ptr()) * 3600 +
                         PyDateTime_DATE_GET_MINUTE(value.ptr()) * 60 +
                         PyDateTime_DATE_GET_SECOND(value.ptr()));
}

Money to_money(py::handle value) { return to_fixed_point<Money>(value, "price"); }
Quantity to_quantity(py::handle value) { return to_fixed_point<Quantity>(value, "quantity"); }

py::object from_day(Day day) {
  need_datetime();
  const Day::Civil c = day.civil();
  PyObject* const date = PyDate_FromDate(c.year, c.month, c.day);
  if (date == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::object>(date);
}

py::object from_moment(Moment moment) {
  need_datetime();
  const Day::Civil c = moment.day().civil();
  const int s = moment.second_of_day();
  PyObject* const time =
      PyDateTime_FromDateAndTime(c.year, c.month, c.day, s / 3600, s / 60 % 60, s % 60, 0);
  if (time == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::object>(time);
}

std::uint32_t to_index(py::handle value) {
  if (PyBool_Check(value.ptr())) throw py::type_error("expected an index, found " + shown(value));
  const py::int_ whole = py::reinterpret_steal<py::int_>(PyNumber_Index(value.ptr()));
  if (!whole) throw py::error_already_set();
  int overflow = 0;
  const long long index = PyLong_AsLongLongAndOverflow(whole.ptr(), &overflow);
  if (overflow != 0 || index < 0 || index >= std::numeric_limits<std::uint32_t>::max())
    throw Error(ErrorCode::out_of_range, "index", "a whole number from 0 to 4294967294",
                shown(value));
  return static_cast<std::uint32_t>(index);
}

void refuse_type(const std::string& where, const char* expected, py::handle found) {
  throw py::type_error(where + ": expected " + expected + ", found " + type_name(found));
}

bool read_count(py::handle value, const char* where, std::size_t& result) {
  if (PyBool_Check(value.ptr()) || !PyIndex_Check(value.ptr())) return false;
  const py::int_ whole = py::reinterpret_steal<py::int_>(PyNumber_Index(value.ptr()));
  if (!whole) throw py::error_already_set();
  int overflow = 0;
  const long long count = PyLong_AsLongLongAndOverflow(whole.ptr(), &overflow);
  if (overflow < 0 || (overflow == 0 && count < 0))
    throw Error(ErrorCode::out_of_range, where, "a whole number of 0 or more", shown(value));
  constexpr std::size_t most = std::numeric_limits<std::size_t>::max();
  result = overflow > 0 ? most : static_cast<std::size_t>(count);
  return true;
}

float to_weight(const py::object& value, const std::string& where) {
  const bool number = PyFloat_Check(value.ptr()) || PyIndex_Check(value.ptr()) ||
                      py::hasattr(value, "as_integer_ratio");
  if (!number || PyBool_Check(value.ptr())) refuse_type(where, "a number", value);
  const double weight = PyFloat_AsDouble(value.ptr());
  if (PyErr_Occurred() != nullptr) throw py::error_already_set();
  if (!std::isfinite(static_cast<float>(weight)))
    throw Error(ErrorCode::not_finite, where, "a finite number", shown(value));
  return static_cast<float>(weight);
}

py::str to_text(std::string_view text) {
  PyObject* const decoded =
      PyUnicode_DecodeUTF8(text.data(), static_cast<py::ssize_t>(text.size()), "replace");
  if (decoded == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::str>(decoded);
}

namespace {

py::array to_array(const py::object& values, const std::string& where) {
  if (py::hasattr(values, "mask") &&
      py::module_::import("numpy.ma").attr("is_masked")(values).cast<bool>())
    throw Error(ErrorCode::invalid_argument, where, "an array with all of its elements",
                "a masked one");
  try {
    return py::array(values);
  } catch (const py::error_already_set& error) {
    if (!error.matches(PyExc_ValueError)) throw;  // of rows that are not equally long, say
    throw Error(ErrorCode::invalid_argument, where, "an array",
                py::str(error.value()).cast<std::string>());
  }
}

std::string dtype_name(const py::array& array) {
  return "an array of " + std::string(py::str(array.dtype()));
}

void need_dimensions(const py::array& array, py::ssize_t wanted, const std::string& where,
                     const char* expected) {
  if (array.ndim() != wanted)
    throw Error(ErrorCode::shape, where, expected, std::to_string(array.ndim()) + " dimensions");
}

void need_numbers(const py::array& array, const std::string& where) {
  if (array.size() > 0 && std::string_view("fiubO").find(array.dtype().kind()) == std::string::npos)
    throw Error(ErrorCode::invalid_argument, where, "an array of numbers", dtype_name(array));
}

/// A copy, row after row. Objects are converted as float() does, or numpy's TypeError is thrown.
template <class T>
std::vector<T> copied(const py::array& array) {
  const py::array_t<T, py::array::c_style | py::array::forcecast> numbers(array);
  return {numbers.data(), numbers.data() + numbers.size()};
}

template <class T>
Numbers<T> with_shape(const py::array& array) {
  return {copied<T>(array), {array.shape(), array.shape() + array.ndim()}};
}

}  // namespace

template <class T>
Numbers<T> to_numbers(const py::object& values, const std::string& where) {
  const py::array array = to_array(values, where);
  need_numbers(array, where);
  return with_shape<T>(array);
}
template Numbers<float> to_numbers<float>(const py::object&, const std::string&);
template Numbers<std::int64_t> to_numbers<std::int64_t>(const py::object&, const std::string&);
template Numbers<double> to_numbers<double>(const py::object&, const std::string&);

std::vector<float> to_vector(const py::object& values, const std::string& where) {
  const py::array array = to_array(values, where);
  need_dimensions(array, 1, where, "a one-dimensional array");
  need_numbers(array, where);
  return copied<float>(array);
}

Numbers<std::uint8_t> to_flags(const py::object& values, const std::string& where) {
  const py::array array = to_array(values, where);
  if (array.dtype().kind() != 'b') {
    need_numbers(array, where);
    for (const double number : copied<double>(array))
      if (number != 0 && number != 1)
        throw Error(ErrorCode::out_of_range, where, "True or False", std::to_string(number));
  }
  return with_shape<std::uint8_t>(array);
}

std::vector<std::uint8_t> to_booleans(const py::object& values, const std::string& where) {
  const py::array array = to_array(values, where);
  if (array.dtype().kind() != 'b')
    throw Error(ErrorCode::invalid_argument, where, "a boolean array", dtype_name(array));
  need_dimensions(array, 1, where, "a one-dimensional array");
  return copied<std::uint8_t>(array);
}

std::vector<std::uint32_t> to_indices(const py::object& values, const std::string& where) {
  const py::array array = to_array(values, where);
  need_dimensions(array, 1, where, "a one-dimensional array or list of item indices");
  const auto below = [&](const auto& numbers) {
    for (const auto number : numbers)
      if (std::cmp_less(number, 0) ||
          std::cmp_greater_equal(number, std::numeric_limits<std::uint32_t>::max()))
        throw Error(ErrorCode::out_of_range, where, "indices from 0 to 4294967294",
                    std::to_string(number));
    return std::vector<std::uint32_t>(numbers.begin(), numbers.end());
  };
  const bool wide = array.itemsize() > 4;
  if (array.dtype().kind() == 'u')
    return wide ? below(copied<std::uint64_t>(array)) : below(copied<std::uint32_t>(array));
  if (array.size() > 0 && array.dtype().kind() != 'i')
    throw Error(ErrorCode::invalid_argument, where, "item indices (whole numbers)",
                dtype_name(array));
  return wide ? below(copied<std::int64_t>(array)) : below(copied<std::int32_t>(array));
}

std::vector<ItemIndex> to_items(const py::object& values, const std::string& where) {
  std::vector<ItemIndex> items;
  for (const std::uint32_t index : to_indices(values, where)) items.push_back(ItemIndex(index));
  return items;
}

Matrix<float> to_matrix(const py::object& values, const std::string& where) {
  const py::array array = to_array(values, where);
  need_dimensions(array, 2, where, "a two-dimensional array");
  if (array.dtype().kind() == 'b' || array.dtype().kind() == 'O')
    throw Error(ErrorCode::invalid_argument, where, "an array of numbers", dtype_name(array));
  need_numbers(array, where);
  return {static_cast<std::size_t>(array.shape(0)), static_cast<std::size_t>(array.shape(1)),
          copied<float>(array)};
}

CsrMatrix<float> to_csr(const py::object& values, const std::string& where) {
  const py::module_ sparse = py::module_::import("scipy.sparse");
  if (!py::cast<bool>(sparse.attr("issparse")(values)))
    throw py::type_error(where + ": expected a scipy.sparse matrix, found " + type_name(values));
  py::object csr = values.attr("tocsr")();
  if (!py::cast<bool>(csr.attr("has_canonical_format"))) {
    if (csr.is(values)) csr = csr.attr("copy")();
    csr.attr("sum_duplicates")();
  }
  const auto limit = static_cast<std::int64_t>(std::numeric_limits<std::uint32_t>::max());
  const auto shape = csr.attr("shape").cast<std::pair<std::int64_t, std::int64_t>>();
  if (std::max(shape.first, shape.second) >= limit || csr.attr("nnz").cast<std::int64_t>() >= limit)
    throw Error(ErrorCode::out_of_range, where, "below 4294967295 rows, columns and entries",
                std::to_string(shape.first) + " x " + std::to_string(shape.second));
  // The arrays may have room beyond the entries, with anything in it.
  const auto entries = [&](const char* part) {
    return csr.attr(part)[py::slice(0, csr.attr("nnz").cast<py::ssize_t>(), 1)];
  };
  const py::array numbers = to_array(entries("data"), where);
  need_numbers(numbers, where);
  return {SparsePattern(static_cast<std::size_t>(shape.second),
                        to_indices(csr.attr("indptr"), where + ", indptr"),
                        to_indices(entries("indices"), where + ", indices")),
          copied<float>(numbers)};
}

py::object from_csr(CsrMatrix<float>&& matrix) {
  // scipy wants signed indices; below 2^31 the bytes are the same.
  const std::size_t most = static_cast<std::size_t>(std::numeric_limits<std::int32_t>::max());
  if (matrix.columns() > most || matrix.size() > most)
    throw Error(ErrorCode::out_of_range, "sparse matrix", "at most 2147483647 columns and entries",
                std::to_string(matrix.columns()) + " and " + std::to_string(matrix.size()));
  auto kept = std::make_unique<CsrMatrix<float>>(std::move(matrix));
  CsrMatrix<float>& m = *kept;
  const py::capsule owner(kept.release(),
                          [](void* p) { delete static_cast<CsrMatrix<float>*>(p); });
  const auto indices = [&](std::span<const std::uint32_t> values) {
    return py::array_t<std::int32_t>(static_cast<py::ssize_t>(values.size()),
                                     reinterpret_cast<const std::int32_t*>(values.data()), owner);
  };
  const py::array_t<float> numbers(static_cast<py::ssize_t>(m.size()), m.values().data(), owner);
  return py::module_::import("scipy.sparse")
      .attr("csr_matrix")(
          py::make_tuple(numbers, indices(m.pattern().column()), indices(m.pattern().row_begin())),
          "shape"_a = py::make_tuple(m.rows(), m.columns()), "copy"_a = false);
}

py::object days_array(std::vector<std::int64_t>&& days_since_1970) {
  return owned(std::move(days_since_1970)).attr("view")("datetime64[D]");
}

}  // namespace bodega::python
