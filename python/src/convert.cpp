// SPDX-License-Identifier: MIT
#include "python.hpp"

#include <algorithm>
#include <limits>
#include <optional>

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
  return *Day::from_civil(PyDateTime_GET_YEAR(value.ptr()), PyDateTime_GET_MONTH(value.ptr()),
                          PyDateTime_GET_DAY(value.ptr()));
}

Moment to_moment(py::handle value) {
  const Day day = to_day(value);
  if (!PyDateTime_Check(value.ptr())) return Moment(day);
  if (!value.attr("tzinfo").is_none())
    throw Error(ErrorCode::invalid_argument, "time", "the shop's own clock, without a time zone",
                shown(value));
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
  const py::int_ whole = py::reinterpret_steal<py::int_>(PyNumber_Index(value.ptr()));
  if (!whole) throw py::error_already_set();
  int overflow = 0;
  const long long index = PyLong_AsLongLongAndOverflow(whole.ptr(), &overflow);
  if (overflow != 0 || index < 0 || index >= std::numeric_limits<std::uint32_t>::max())
    throw Error(ErrorCode::out_of_range, "index", "a whole number from 0 to 4294967294",
                shown(value));
  return static_cast<std::uint32_t>(index);
}

py::str to_text(std::string_view text) {
  PyObject* const decoded =
      PyUnicode_DecodeUTF8(text.data(), static_cast<py::ssize_t>(text.size()), "replace");
  if (decoded == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::str>(decoded);
}

std::vector<ItemIndex> to_items(const py::object& values, const char* where) {
  const py::array array = py::array::ensure(values);
  if (!array) throw py::error_already_set();
  if (array.ndim() != 1)
    throw Error(ErrorCode::shape, where, "a one-dimensional array or list of item indices",
                std::to_string(array.ndim()) + " dimensions");
  const char kind = array.dtype().kind();
  if (array.size() > 0 && kind != 'i' && kind != 'u')
    throw Error(ErrorCode::invalid_argument, where, "item indices (whole numbers)",
                "an array of " + std::string(py::str(array.dtype())));
  const auto indices = py::array_t<std::int64_t, py::array::forcecast>(array).unchecked<1>();
  std::vector<ItemIndex> items;
  items.reserve(static_cast<std::size_t>(indices.size()));
  for (py::ssize_t i = 0; i < indices.size(); ++i) {
    if (indices(i) < 0 || indices(i) >= std::numeric_limits<std::uint32_t>::max())
      throw Error(ErrorCode::out_of_range, where, "indices from 0 to 4294967294",
                  std::to_string(indices(i)));
    items.push_back(ItemIndex(static_cast<std::uint32_t>(indices(i))));
  }
  return items;
}

Matrix<float> to_matrix(const py::object& values, const std::string& where) {
  const py::array array = py::array::ensure(values);
  if (!array) throw py::error_already_set();
  if (array.ndim() != 2)
    throw Error(ErrorCode::shape, where, "a two-dimensional array",
                std::to_string(array.ndim()) + " dimensions");
  const char kind = array.dtype().kind();
  if (kind != 'f' && kind != 'i' && kind != 'u')
    throw Error(ErrorCode::invalid_argument, where, "an array of numbers",
                "an array of " + std::string(py::str(array.dtype())));
  const py::array_t<float, py::array::c_style | py::array::forcecast> numbers(array);
  const auto rows = static_cast<std::size_t>(numbers.shape(0));
  const auto columns = static_cast<std::size_t>(numbers.shape(1));
  return {rows, columns, std::vector<float>(numbers.data(), numbers.data() + rows * columns)};
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
  using Indices = py::array_t<std::uint32_t, py::array::c_style | py::array::forcecast>;
  using Numbers = py::array_t<float, py::array::c_style | py::array::forcecast>;
  const Indices begin(csr.attr("indptr")), column(csr.attr("indices"));
  const Numbers numbers(csr.attr("data"));
  const auto copied = [](const auto& array) {
    return std::vector(array.data(), array.data() + array.size());
  };
  return {SparsePattern(static_cast<std::size_t>(shape.second), copied(begin), copied(column)),
          copied(numbers)};
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
