// SPDX-License-Identifier: MIT
#include "def_fit.hpp"

#include <algorithm>

namespace bodega::python {

void refuse_option(const std::string& where, const std::string& type, py::handle found) {
  throw py::type_error(where + ": expected " + type + ", found " +
                       py::repr(found).cast<std::string>());
}

std::string keyword(std::string_view option) {
  std::string word(option);
  std::replace(word.begin(), word.end(), '.', '_');
  return word;
}

void refuse_unknown(const py::kwargs& given, const char* function,
                    const std::vector<Keyword>& known) {
  for (const auto& [name, value] : given) {
    const auto word = name.cast<std::string>();
    if (std::any_of(known.begin(), known.end(),
                    [&](const Keyword& one) { return one.name == word; }))
      continue;
    std::string names;
    for (const Keyword& one : known) names += (names.empty() ? "" : ", ") + one.name;
    throw py::type_error(std::string(function) + "() has no option '" + word + "', but " + names);
  }
}

py::dict from_record(const OptionsRecord& record) {
  const auto value = [](const std::string& text) -> py::object {
    bool flag = false;
    std::int64_t whole = 0;
    double number = 0;
    if (parse_option(text, flag)) return py::bool_(flag);
    if (parse_option(text, whole)) return py::int_(whole);
    if (parse_option(text, number)) return py::float_(number);
    if (text == "none") return py::none();
    return py::str(text);
  };
  py::dict all;
  for (const RecordedOption& one : record) all[py::str(one.name)] = value(one.value);
  return all;
}

py::list declared() {
  static const py::handle all = py::list().release();  // lives as long as the interpreter
  return py::reinterpret_borrow<py::list>(all);
}

namespace detail {

void Declaration::add(const py::arg& argument, const std::string& type) {
  arguments_.emplace_back(argument.name);
  leading_ += (leading_.empty() ? "" : ", ") + arguments_.back() + ": " + type;
}

void Declaration::add(const py::arg_v& argument, const std::string& type) {
  add(static_cast<const py::arg&>(argument), type);
  leading_ += " = " + py::repr(argument.value).cast<std::string>();
}

void Declaration::add(const py::kw_only&) {
  leading_ += leading_.empty() ? "*" : ", *";
  keywords_only_ = true;
}

std::string Declaration::finish(py::handle owner, const std::vector<Keyword>& keywords,
                                const char* doc) {
  const bool method = py::isinstance<py::type>(owner);
  std::string parameters = leading_;
  const auto append = [&](const std::string& one) {
    parameters += (parameters.empty() ? "" : ", ") + one;
  };
  if (!keywords.empty() && !keywords_only_) append("*");
  std::string meanings;
  py::list options;
  for (const Keyword& one : keywords) {
    append(one.name + ": " + one.type + " = " + one.shown);
    meanings += (meanings.empty() ? "\n\n" : "\n") + one.name + ": " + one.meaning;
    options.append(py::make_tuple(one.name, one.type, one.shown, one.meaning));
  }
  const std::string full =
      (method ? std::string(py::str(owner.attr("__name__"))) + "." : "") + name_;
  declared().append(py::make_tuple(full, py::tuple(py::cast(arguments_)), options, doc));
  return name_ + "(" + (method ? parameters.empty() ? "self" : "self, " : "") + parameters +
         ") -> " + (name_ == "__init__" ? "None" : result_) + "\n\n" + doc + meanings;
}

}  // namespace detail
}  // namespace bodega::python
