// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include <bodega/core/abi.hpp>
#include <bodega/core/enum_names.hpp>
#include <bodega/core/options.hpp>
#include <bodega/hybrid/part_weights.hpp>
#include <bodega/hybrid/slate.hpp>
#include <bodega/till/journal.hpp>
#include <bodega/till/till_models_options.hpp>

namespace bodega::inline BODEGA_ABI {

/// What a receipt with items that the catalogue does not hold does.
enum class UnknownItems {
  skip,   ///< the other lines count, and these are counted
  refuse  ///< it is an Error
};

constexpr auto enum_names(UnknownItems) noexcept {
  return std::to_array<EnumName<UnknownItems>>(
      {{UnknownItems::skip, "skip"}, {UnknownItems::refuse, "refuse"}});
}

struct TillOptions {
  std::string state = {};
  SyncPolicy sync = SyncPolicy::each_second;
  std::optional<PartWeights> weights = {};
  std::vector<std::string> stores = {};
  UnknownParts unknown_parts = UnknownParts::ignore;
  UnknownItems unknown_items = UnknownItems::skip;
  int day_starts_at = 0;
  int keep_days = 35;
  std::size_t checkpoints = 3;
  std::size_t max_picks = Workspace::default_max_picks;
  std::size_t max_file_bytes = std::size_t{1} << 30;
  std::size_t max_decoded_bytes = 0;

  template <class Self, class Visit>
  static void options(Self& self, Visit&& visit) {
    visit("state", self.state,
          "File of the state: what happened is there again after a restart or a power cut. "
          "Empty: the state ends with the till.");
    visit("sync", self.sync, "When an event is safe from a power cut.");
    visit("weights", self.weights, "Else those of the bundle, else each part's usual one.");
    visit("stores", self.stores, "Names of the stores that rules may name, in the order of ids.");
    visit("unknown_parts", self.unknown_parts,
          "What a model or a weight does that the till does not know.");
    visit("unknown_items", self.unknown_items,
          "What a receipt with items that the catalogue does not hold does.");
    visit("day_starts_at", self.day_starts_at,
          "When the business day begins, in seconds after midnight.");
    visit("keep_days", self.keep_days,
          "Events of so many business days are kept: for undo, late receipts and new models.");
    visit(
        "checkpoints", self.checkpoints,
        "Copies of the state at the beginning of so many last days: an undo within them is quick.");
    visit("max_picks", self.max_picks, "Most picks of an answer.");
    visit("max_file_bytes", self.max_file_bytes, "A larger file is not opened.");
    visit("max_decoded_bytes", self.max_decoded_bytes,
          "A file whose codes stand for more is not opened; 0: 64 MiB and 64 times the file.");
  }
};

}  // namespace bodega::inline BODEGA_ABI
