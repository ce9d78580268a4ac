// SPDX-License-Identifier: MIT
#include "def_fit.hpp"

namespace bodega::python {
namespace {

py::list rows(const SizeReport& report) {
  py::list rows;
  for (const SizeRow& row : report.rows)
    rows.append(py::dict("tensor"_a = row.tensor, "dtype"_a = std::string(name(row.dtype)),
                         "encoding"_a = row.encoding, "shape"_a = py::tuple(py::cast(row.shape)),
                         "bytes"_a = row.bytes));
  return rows;
}

}  // namespace

void bind_compress(py::module_& m) {
  py::class_<Model, std::shared_ptr<Model>>(
      m, "Model",
      "A named list of tensors: what can be measured, stored and, with weights, compressed.")
      .def_property_readonly("kind", &Model::kind, "What it is: \"item_item\", \"lstm\", ...")
      .def_property_readonly(
          "format", &Model::format,
          "\"float32\" or \"int8\"; None where there are no weights to compress.")
      .def("__repr__",
           [](const Model& model) {
             const auto format = model.format();
             return "<bodega " + model.kind() + (format ? " in " + *format : "") + ">";
           })
      .def("state_dict", &Model::state_dict,
           "The tensors by name, each a numpy array of its own (one copy).")
      .def("size_report", &Model::size_report, "See bodega.size_report.")
      .def_property_readonly(
          "made_with", [](const Model& model) { return from_record(model.record); },
          "How it was made: the function as \"made_by\" and its options by name, of every step; "
          "empty "
          "where it is not known. A bundle keeps it.");

  py::class_<SizeReport>(m, "SizeReport",
                         "What a model weighs in a file, byte by byte. "
                         "str() of it is a Markdown table.")
      .def_property_readonly(
          "rows", &rows, "A dict for each stored tensor: tensor, dtype, encoding, shape, bytes.")
      .def_readonly("parameters", &SizeReport::parameters, "Numbers in all weights and states.")
      .def_readonly("bytes", &SizeReport::bytes, "Sum over the rows.")
      .def("__str__", &SizeReport::to_string)
      .def("_repr_markdown_", &SizeReport::to_string, "For notebooks.");

  py::class_<PruneMask>(m, "PruneMask", "Which weights stay, as prune_mask chose them.")
      .def(
          "__eq__", [](const PruneMask& a, const PruneMask& b) { return a == b; }, "other"_a)
      .def_property_readonly(
          "kept",
          [](const PruneMask& mask) {
            py::dict kept;
            for (const PruneMask::Tensor& tensor : mask.tensors) {
              py::array_t<bool> bits(static_cast<py::ssize_t>(tensor.size));
              for (std::size_t i = 0; i < tensor.size; ++i)
                bits.mutable_data()[i] = tensor.keeps(i);
              kept[py::str(tensor.name)] = bits;
            }
            return kept;
          },
          "A boolean array for each weight tensor, by its name.");

  def_fit(
      m, "prune",
      [](const Model& model, const PruneOptions& options) {
        const auto pruned = unlocked([&] { return model.prune(options); });
        pruned->made_from(model, "prune", options);
        return pruned;
      },
      "The model without this share of its weights, the smallest of each tensor. Biases stay.", {},
      "model"_a);
  def_fit(
      m, "prune_mask",
      [](const Model& model, const PruneOptions& options) {
        return unlocked([&] { return model.prune_mask(options); });
      },
      "Which weights prune() would keep, for fine_tune(mask=...).", {}, "model"_a);
  def_fit(
      m, "quantize",
      [](const Model& model, const QuantizeOptions& options) {
        const auto quantized = unlocked([&] { return model.quantize(options); });
        quantized->made_from(model, "quantize", options);
        return quantized;
      },
      "The model with its weights in INT8 and all else as it was.", {}, "model"_a);
  m.def(
      "dequantize",
      [](const Model& model) {
        const auto floats = unlocked([&] { return model.dequantize(); });
        floats->record = model.record;
        return floats;
      },
      "model"_a, "The model with the float weights that its INT8 weights stand for.");
  m.def(
      "size_report",
      [](const Model& model) { return unlocked([&] { return model.size_report(); }); }, "model"_a,
      "Every byte that a file stores for the model, tensor by tensor.");
  m.def(
      "state_dict", [](const Model& model) { return model.state_dict(); }, "model"_a,
      "The model's tensors by name, each a numpy array of its own (one copy).");
}

}  // namespace bodega::python
