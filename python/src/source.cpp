// SPDX-License-Identifier: MIT
#include "source.hpp"

namespace bodega::python {

Source::Source(const py::object& source, const char* argument) {
  const auto opened = py::module_::import("bodega._source").attr("opened")(source, argument);
  const auto [read, name] = opened.cast<std::pair<py::object, std::string>>();
  name_ = name;
  if (!read.is_none()) blocks_.emplace(read);
}

Source::Blocks::int_type Source::Blocks::underflow() {
  py::gil_scoped_acquire lock;
  if (PyErr_CheckSignals() != 0) throw py::error_already_set();
  py::object block = read_(std::size_t{1} << 16);
  if (py::isinstance<py::str>(block)) block = block.attr("encode")("utf-8");
  block_ = block.cast<std::string>();
  setg(block_.data(), block_.data(), block_.data() + block_.size());
  return block_.empty() ? traits_type::eof() : traits_type::to_int_type(block_[0]);
}

}  // namespace bodega::python
