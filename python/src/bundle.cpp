// SPDX-License-Identifier: MIT
#include "options.hpp"

namespace bodega::python {

std::vector<Loader>& loaders() {
  static std::vector<Loader> all;
  return all;
}

namespace {

std::shared_ptr<Model> get(const Bundle& bundle, const std::string& name) {
  const std::string signature(bundle.signature(name));  // Error (missing)
  for (const Loader load : loaders())
    if (auto model = load(bundle, name)) return model;
  throw Error(ErrorCode::format, "bundle, model " + name, "a kind that the Python module knows",
              signature);
}

}  // namespace

void bind_bundle(py::module_& m) {
  py::class_<Bundle>(
      m, "Bundle", "Models and tables under names, in one file that any safetensors reader opens.")
      .def(py::init<>())
      .def(
          "add",
          [](Bundle& bundle, const std::string& name, const Model& model) {
            model.add_to(bundle, name);
          },
          "name"_a, "model"_a,
          "Stores a model. The name is made of a-z, 0-9, _ and -, and must be new. A till knows "
          "'catalog', 'items', 'content', 'popularity', 'search', 'demand', 'demand_baseline' and "
          "'history'.")
      .def(
          "get",
          [](const Bundle& bundle, const std::string& name) {
            return unlocked([&] { return get(bundle, name); });
          },
          "name"_a, "The model under that name, checked, as the class it was added from.")
      .def("names", &Bundle::names, "In alphabetical order.")
      .def(
          "kind",
          [](const Bundle& bundle, const std::string& name) {
            return std::string(bundle.kind(name));
          },
          "name"_a, "The kind of that model.")
      .def(
          "signature",
          [](const Bundle& bundle, const std::string& name) {
            return std::string(bundle.signature(name));
          },
          "name"_a, "Kind, parameters and formats of that model in words.")
      .def(
          "options",
          [](const Bundle& bundle, const std::string& name) {
            return from_record(bundle.options(name));
          },
          "name"_a, "How that model was made, as its made_with; empty where it is not known.")
      .def("__len__", [](const Bundle& bundle) { return bundle.names().size(); })
      .def(
          "__contains__",
          [](const Bundle& bundle, const std::string& name) { return bundle.contains(name); },
          "name"_a)
      .def(
          "save",
          [](const Bundle& bundle, const std::filesystem::path& path) {
            unlocked([&] { bundle.save(path.string()); });
          },
          "path"_a, "Writes the file whole or not at all; an older one is replaced.")
      .def(
          "serialize",
          [](const Bundle& bundle) {
            const auto bytes = unlocked([&] { return bundle.serialize(); });
            return py::bytes(reinterpret_cast<const char*>(bytes.data()), bytes.size());
          },
          "The bytes of the file.")
      .def_static(
          "open",
          [](const std::filesystem::path& path, std::size_t file_bytes, std::size_t decoded_bytes) {
            return unlocked([&] {
              return Bundle::open(path.string(), {file_bytes, decoded_bytes});
            });
          },
          "path"_a, py::kw_only(), "file_bytes"_a = BundleLimits().file_bytes,
          "decoded_bytes"_a = BundleLimits().decoded_bytes,
          "Reads and checks a file. file_bytes: a larger file is not read. decoded_bytes: nor one "
          "whose codes stand for more in memory; 0: 64 MiB and 64 times the file. Error: io, "
          "out_of_range, format, version, checksum.")
      .def_static(
          "parse",
          [](const py::bytes& file, std::size_t file_bytes, std::size_t decoded_bytes) {
            const std::string_view bytes = file;
            return unlocked([&] {
              return Bundle::parse(std::as_bytes(std::span(bytes)), "bundle",
                                   {file_bytes, decoded_bytes});
            });
          },
          "file"_a, py::kw_only(), "file_bytes"_a = BundleLimits().file_bytes,
          "decoded_bytes"_a = BundleLimits().decoded_bytes, "As open, from bytes in memory.");
}

}  // namespace bodega::python
