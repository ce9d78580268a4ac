// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <memory>
#include <string>

#if defined(_WIN32)
#include <io.h>
#else
#include <unistd.h>
#endif

#include <bodega/core/abi.hpp>
#include <bodega/core/progress.hpp>

namespace bodega::inline BODEGA_ABI {

/// Says whether somebody is looking: true if `stream` is a terminal.
bool is_terminal(std::FILE* stream) noexcept;

/// A progress callback that prints one line for each task. On a terminal the line fills up and is
/// redrawn whenever it changes; elsewhere (a log, a file) it is written once, when the task ends.
///
///   const ProgressLine show;
///   const auto items = fit_ease(counts, {.l2 = 100, .progress = show});
///
/// Copies share one line, so that a task may copy its callback.
/// Thread safety: one task at a time; copies count as one.
class ProgressLine {
 public:
  /// The error stream is the default, so that a program's answers can be sent to a file.
  explicit ProgressLine(std::FILE* stream = stderr) : ProgressLine(stream, is_terminal(stream)) {}
  ProgressLine(std::FILE* stream, bool redraw) : line_(std::make_shared<Line>(stream, redraw)) {}

  /// Returns true: printing never cancels a task.
  bool operator()(const Progress& progress) const {
    line_->show(progress);
    return true;
  }

  /// Ends a line that stands half drawn, so that other output starts on a line of its own. The
  /// next task and the last copy's destructor do so too.
  void finish() const { line_->finish(); }

 private:
  class Line {
   public:
    Line(std::FILE* stream, bool redraw) noexcept : stream_(stream), redraw_(redraw) {}
    Line(const Line&) = delete;
    Line& operator=(const Line&) = delete;
    ~Line() { finish(); }

    void show(const Progress& progress);

    void finish() noexcept;

   private:
    static std::string drawn(const Progress& progress);

    void end() noexcept;

    std::FILE* stream_;
    bool redraw_;
    bool open_ = false;
    std::string task_, text_;
  };

  std::shared_ptr<Line> line_;
};

#if BODEGA_BODIES

BODEGA_INLINE bool is_terminal(std::FILE* stream) noexcept {
#if defined(_WIN32)
  return _isatty(_fileno(stream)) != 0;
#else
  return ::isatty(::fileno(stream)) != 0;
#endif
}

BODEGA_INLINE void ProgressLine::Line::show(const Progress& progress) {
  if (progress.task != task_) {
    finish();
    task_ = progress.task;
  }
  const std::string text = drawn(progress);
  if (text == text_) return;  // also the repeated report of a task that has ended
  text_ = text;
  open_ = true;
  if (redraw_) {
    std::fprintf(stream_, "\r%s", text_.c_str());
    std::fflush(stream_);
  }
  if (progress.total > 0 && progress.done >= progress.total) end();
}

BODEGA_INLINE void ProgressLine::Line::finish() noexcept {
  end();
  task_.clear();
  text_.clear();
}

BODEGA_INLINE std::string ProgressLine::Line::drawn(const Progress& progress) {
  constexpr std::size_t width = 24;
  const double share =
      progress.total == 0
          ? 0
          : std::min(1.0, static_cast<double>(progress.done) / static_cast<double>(progress.total));
  const auto filled = static_cast<std::size_t>(static_cast<double>(width) * share);
  const std::string bar = std::string(filled, '#') + std::string(width - filled, '.');
  char numbers[64];
  std::snprintf(numbers, sizeof numbers, " [%s] %3.0f %%", bar.c_str(), 100 * share);
  std::string text = "  " + std::string(progress.task);
  text.resize(std::max<std::size_t>(text.size(), 30), ' ');
  text += numbers;
  if (progress.loss > 0) {
    std::snprintf(numbers, sizeof numbers, "  validation loss %.4f", progress.loss);
    text += numbers;
  }
  return text;
}

BODEGA_INLINE void ProgressLine::Line::end() noexcept {
  if (!open_) return;
  open_ = false;
  std::fprintf(stream_, "%s\n", redraw_ ? "" : text_.c_str());
}

#endif

}  // namespace bodega::inline BODEGA_ABI
