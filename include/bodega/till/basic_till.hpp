// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include <bodega/bundle/bundle.hpp>
#include <bodega/core/abi.hpp>
#include <bodega/till/ladder.hpp>
#include <bodega/till/part.hpp>
#include <bodega/till/till_engine.hpp>
#include <bodega/till/till_models.hpp>
#include <bodega/till/till_options.hpp>

namespace bodega::inline BODEGA_ABI {

/// A till that knows these models: `Part`, `Ladder` and `PartList` as its caller composes them, of
/// the library's and his own.
///
///   using MyTill = BasicTill<StandardParts, Part<"mine", MyScorer>>;
template <class... Parts>
class BasicTill : public TillEngine {
 public:
  /// Throws what `Bundle::open` and the constructor do, naming the file.
  static BasicTill open(const std::string& path, const TillOptions& options = {}) {
    return BasicTill(Bundle::open(path, {options.max_file_bytes, options.max_decoded_bytes}),
                     options, path);
  }

  /// Throws what `load_models` does, Error (invalid_argument) for an option, and (io) where the
  /// file of the state cannot be made or is another till's at this moment.
  explicit BasicTill(const Bundle& bundle, const TillOptions& options = {})
      : BasicTill(bundle, options, "bundle") {}

 private:
  BasicTill(const Bundle& bundle, const TillOptions& options, const std::string& where)
      : TillEngine(&load_models<Parts...>, bundle, options, where) {}
};

}  // namespace bodega::inline BODEGA_ABI
