// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

#include <bodega/core/abi.hpp>
#include <bodega/core/error.hpp>

namespace bodega::inline BODEGA_ABI {

/// Where a long task stands. `loss` is set by training (validation error so far), else 0.
struct Progress {
  std::string_view task;  ///< "reading receipts", "training lstm"
  std::size_t done = 0;
  std::size_t total = 0;
  double loss = 0;
};

/// Called from the thread that started the task, some ten to a hundred times in all and, in long
/// tasks, twenty times a second. Returning false cancels: the task throws `Error` (cancelled) and
/// leaves nothing half-done.
using ProgressCallback = std::function<bool(const Progress&)>;

/// Reports to `callback` where there is one, and turns its "no" into the Error.
void report_progress(const ProgressCallback& callback, const Progress& progress);

#if BODEGA_BODIES

BODEGA_INLINE void report_progress(const ProgressCallback& callback, const Progress& progress) {
  if (callback && !callback(progress))
    throw Error(ErrorCode::cancelled, std::string(progress.task), "to go on",
                "cancelled by the progress callback");
}

#endif

}  // namespace bodega::inline BODEGA_ABI
