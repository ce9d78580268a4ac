// SPDX-License-Identifier: MIT
#include <bodega/version.hpp>

#include "def_fit.hpp"

namespace {

namespace py = pybind11;

/// Every bodega::Error becomes bodega.Error with the same four parts.
void translate(std::exception_ptr thrown) {
  try {
    if (thrown) std::rethrow_exception(thrown);
  } catch (const bodega::Error& error) {
    const auto text = bodega::python::to_text;
    const py::object type = py::module_::import("bodega._error").attr("Error");
    const py::object value = type(text(name(error.code())), text(error.where()),
                                  text(error.expected()), text(error.found()));
    PyErr_SetObject(type.ptr(), value.ptr());
  }
}

}  // namespace

PYBIND11_MODULE(_core, m) {
  using namespace bodega::python;
  m.doc() = "The C++ library bodega: recommendations and demand forecasts inside the shop.";
  m.attr("__version__") = std::to_string(BODEGA_VERSION_MAJOR) + "." +
                          std::to_string(BODEGA_VERSION_MINOR) + "." +
                          std::to_string(BODEGA_VERSION_PATCH);
  py::register_exception_translator(&translate);
  bind_compress(m);
  bind_data(m);
  bind_codes(m);
  bind_scorers(m);
  bind_collaborative(m);
  bind_shop(m);
  bind_relations(m);
  bind_factors(m);
  bind_customers(m);
  bind_session(m);
  bind_content(m);
  bind_embedding(m);
  bind_forecast(m);
  bind_evaluate(m);
  bind_bundle(m);
  bind_till(m);
  m.attr("_options") = declared();
}
