// SPDX-License-Identifier: MIT
#include "python.hpp"

namespace bodega::python {

ProgressCallback progress_callback(const py::object& progress) {
  py::object report = py::none();
  if (progress.is(py::bool_(true)))
    report = py::module_::import("bodega._progress").attr("Bar")();
  else if (PyCallable_Check(progress.ptr()) != 0)
    report = progress;
  else if (!progress.is_none() && !progress.is(py::bool_(false)))
    throw py::type_error(
        "progress: expected True, False, None or a callable(task, done, total, loss)");

  // The library copies and destroys the callback without the lock, so only the counted pointer is
  // touched there.
  const std::shared_ptr<py::object> kept(new py::object(std::move(report)), [](py::object* object) {
    py::gil_scoped_acquire lock;
    delete object;
  });
  return [kept](const Progress& at) {
    py::gil_scoped_acquire lock;
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    if (kept->is_none()) return true;
    const py::object answer = (*kept)(std::string(at.task), at.done, at.total, at.loss);
    if (answer.is_none()) return true;  // a function that returns nothing goes on
    const int go_on = PyObject_IsTrue(answer.ptr());
    if (go_on < 0) throw py::error_already_set();
    return go_on != 0;
  };
}

}  // namespace bodega::python
