// SPDX-License-Identifier: MIT
#include <bodega/core/progress.hpp>

#include <string>

#include "catch.hpp"
#include "check_error.hpp"

using namespace bodega;

TEST_CASE("Progress is told to whoever listens, and nobody need") {
  CHECK_NOTHROW(report_progress({}, {"counting", 1, 2}));
  std::string heard;
  const ProgressCallback callback = [&](const Progress& progress) {
    heard = std::string(progress.task) + " " + std::to_string(progress.done) + " of " +
            std::to_string(progress.total);
    return true;
  };
  report_progress(callback, {"counting", 1, 2});
  CHECK(heard == "counting 1 of 2");
}

TEST_CASE("A listener who says no cancels the task by its name") {
  const ProgressCallback stop = [](const Progress&) { return false; };
  CHECK_ERROR(report_progress(stop, {"counting", 1, 2}), ErrorCode::cancelled, "counting");
}
