// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/tensor/coding/encoding.hpp>
#include <bodega/tensor/parameters.hpp>

namespace bodega::inline BODEGA_ABI {

/// One stored tensor of a model.
struct SizeRow {
  std::string tensor;              ///< the model's own name of it: "input", "weights.values"
  std::string encoding;            ///< "plain", "coded", "gaps", "mask" or "nonzero" (encoding.hpp)
  DType dtype = DType::U8;         ///< as stored
  std::vector<std::size_t> shape;  ///< as stored
  std::size_t bytes = 0;
};

/// What a model weighs: every byte a file stores for it, and the file's header apart.
struct SizeReport {
  std::vector<SizeRow> rows;
  std::size_t parameters = 0;  ///< numbers in memory, of weights and states
  std::size_t bytes = 0;       ///< sum of the rows

  /// A Markdown table.
  std::string to_string() const;
};

/// Cost: that of writing the model.
template <Parameterised Model>
SizeReport size_report(const Model& model) {
  SizeReport report;
  report.parameters = count_parameters(model);
  for_each_tensor(model, [&](const std::string& tensor, const auto& leaf, Role) {
    std::vector<StoredTensor> stored;
    detail::encode_block(tensor, detail::block_of(leaf), stored);
    for (StoredTensor& part : stored) {
      std::string encoding = part.name == tensor ? "plain" : part.name.substr(tensor.size() + 1);
      report.bytes += part.bytes.size();
      report.rows.push_back(
          {tensor, std::move(encoding), part.dtype, std::move(part.shape), part.bytes.size()});
    }
  });
  return report;
}

#if BODEGA_BODIES

BODEGA_INLINE std::string SizeReport::to_string() const {
  std::string text = "| tensor | stored as | shape | bytes |\n| --- | --- | --- | ---: |\n";
  for (const SizeRow& row : rows) {
    std::string shape;
    for (const std::size_t side : row.shape)
      shape += (shape.empty() ? "" : " x ") + std::to_string(side);
    text += "| " + row.tensor + " | " + std::string(name(row.dtype)) + " " + row.encoding + " | " +
            (shape.empty() ? "1" : shape) + " | " + std::to_string(row.bytes) + " |\n";
  }
  return text + "| total of " + std::to_string(parameters) + " numbers | | | " +
         std::to_string(bytes) + " |\n";
}

#endif

}  // namespace bodega::inline BODEGA_ABI
