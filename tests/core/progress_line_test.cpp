// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstdio>
#include <string>

#include <bodega/core/progress_line.hpp>

#include "catch.hpp"

using namespace bodega;

namespace {

/// What `draw(stream)` writes into a file.
template <class Draw>
std::string written(Draw&& draw) {
  std::FILE* file = std::tmpfile();
  REQUIRE(file != nullptr);
  draw(file);
  std::rewind(file);
  std::string text(10'000, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), file));
  std::fclose(file);
  return text;
}

void read_and_train(const ProgressCallback& show) {
  for (std::size_t i = 0; i <= 4; ++i) report_progress(show, {"reading", i, 4, 0});
  for (std::size_t i = 0; i <= 2; ++i) report_progress(show, {"training", i, 4, 0.5});
}

const std::string read_line = "  reading                      [########################] 100 %\n";
const std::string train_line =
    "  training                     [############............]  50 %  validation loss 0.5000\n";

}  // namespace

TEST_CASE("A progress line is written once for each task where nobody looks") {
  // The second task stops early: its line says how far it came.
  CHECK(written([](std::FILE* file) { read_and_train(ProgressLine(file)); }) ==
        read_line + train_line);
}

TEST_CASE("A progress line is redrawn on a terminal, and ended before anything else is said") {
  const std::string text = written([](std::FILE* file) {
    const ProgressLine show(file, true);
    read_and_train(show);
    show.finish();
    show.finish();
    std::fputs("done\n", file);
  });
  CHECK(std::count(text.begin(), text.end(), '\r') == 5 + 3);
  CHECK(std::count(text.begin(), text.end(), '\n') == 3);
  CHECK(text.ends_with("\r" + train_line + "done\n"));
}

TEST_CASE("The same task may be shown again") {
  const auto once = [](const ProgressLine& show) {
    for (const std::size_t done : {0, 1, 1}) show({"fitting", done, 1, 0});
    show.finish();
  };
  const std::string text = written([&](std::FILE* file) {
    const ProgressLine show(file);
    once(show);
    once(show);
  });
  CHECK(std::count(text.begin(), text.end(), '\n') == 2);
}
