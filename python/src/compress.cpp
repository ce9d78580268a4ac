// SPDX-License-Identifier: MIT
#include "model.hpp"

namespace bodega::python {
namespace {

QuantizeOptions quantize_options(const std::string& scheme, const std::string& granularity,
                                 int bits) {
  return {choose<Scheme>("quantize, option scheme", scheme,
                         {{"symmetric", Scheme::symmetric}, {"affine", Scheme::affine}}),
          choose<Granularity>("quantize, option granularity", granularity,
                              {{"per_row", Granularity::per_row},
                               {"per_tensor", Granularity::per_tensor},
                               {"per_gate", Granularity::per_gate}}),
          bits};
}

PruneOptions prune_options(float sparsity, const std::string& threshold) {
  return {sparsity, choose<PruneThreshold>("prune, option threshold", threshold,
                                           {{"per_tensor", PruneThreshold::per_tensor},
                                            {"per_gate", PruneThreshold::per_gate},
                                            {"per_model", PruneThreshold::per_model}})};
}

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
      .def("size_report", &Model::size_report, "See bodega.size_report.");

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

  m.def(
      "prune",
      [](const Model& model, float sparsity, const std::string& threshold) {
        const PruneOptions options = prune_options(sparsity, threshold);
        return unlocked([&] { return model.prune(options); });
      },
      "model"_a, py::kw_only(), "sparsity"_a = PruneOptions{}.sparsity,
      "threshold"_a = "per_tensor",
      "The model without this share of its weights, the smallest of each tensor. Biases stay. "
      "threshold: 'per_tensor', 'per_gate' (of a recurrent network) or 'per_model'.");
  m.def(
      "prune_mask",
      [](const Model& model, float sparsity, const std::string& threshold) {
        const PruneOptions options = prune_options(sparsity, threshold);
        return unlocked([&] { return model.prune_mask(options); });
      },
      "model"_a, py::kw_only(), "sparsity"_a = PruneOptions{}.sparsity,
      "threshold"_a = "per_tensor", "Which weights prune() would keep, for fine_tune(mask=...).");
  m.def(
      "quantize",
      [](const Model& model, const std::string& scheme, const std::string& granularity, int bits) {
        const QuantizeOptions options = quantize_options(scheme, granularity, bits);
        return unlocked([&] { return model.quantize(options); });
      },
      "model"_a, py::kw_only(), "scheme"_a = "symmetric", "granularity"_a = "per_row",
      "bits"_a = QuantizeOptions{}.bits,
      "The model with its weights in INT8 and all else as it was. scheme: 'symmetric' or 'affine'; "
      "granularity: 'per_row', 'per_tensor' or 'per_gate' (of a recurrent network); bits: 2 to 8.");
  m.def(
      "dequantize", [](const Model& model) { return unlocked([&] { return model.dequantize(); }); },
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
