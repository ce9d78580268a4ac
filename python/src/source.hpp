// SPDX-License-Identifier: MIT
#pragma once

#include <istream>
#include <optional>
#include <streambuf>

#include "python.hpp"

namespace bodega::python {

/// What a reader of the module reads from: a path, or what a file object of Python gives, unpacked
/// where gzip packed it (`bodega._source`), block by block.
class Source {
 public:
  /// `argument` names it in errors. TypeError for what is neither.
  Source(const py::object& source, const char* argument);

  /// `read(path)`, or `read(stream, name)`; without the interpreter lock.
  template <class Read>
  auto visit(Read&& read) {
    return unlocked([&] {
      if (!blocks_) return read(std::filesystem::path(name_));
      std::istream in(&*blocks_);
      in.exceptions(std::ios::badbit);  // what `read` of Python raises goes through
      return read(in, name_);
    });
  }

 private:
  class Blocks : public std::streambuf {
   public:
    explicit Blocks(py::object read) : read_(std::move(read)) {}

   protected:
    int_type underflow() override;

   private:
    py::object read_;
    std::string block_;
  };

  std::optional<Blocks> blocks_;
  std::string name_;
};

}  // namespace bodega::python
