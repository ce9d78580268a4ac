// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/compression_row.hpp"
#include "support/text.hpp"

namespace bodega_benchmark {

/// Bytes (logarithmic) against MAPE. Naive rules are lines, since they weigh next to nothing.
class CompressionPlot {
 public:
  CompressionPlot(const std::vector<CompressionRow>& rows, const std::string& dataset,
                  std::optional<double> floor) {
    double least = floor ? *floor : 1e9, most = 0, bytes_least = 1e9, bytes_most = 0;
    for (const CompressionRow& row : rows) {
      if (row.naive()) continue;
      const double mape = mean(row.mape), bytes = static_cast<double>(row.payload_bytes);
      least = std::min(least, mape);
      most = std::max(most, mape);
      bytes_least = std::min(bytes_least, bytes);
      bytes_most = std::max(bytes_most, bytes);
    }
    low_ = std::floor(2 * least - 0.4) / 2;
    high_ = std::ceil(2 * most + 0.4) / 2;
    left_ = std::floor(std::log2(bytes_least));
    right_ = std::ceil(std::log2(bytes_most));

    text(width / 2, 24, "What a forecaster weighs and how far it is off (" + dataset + ")",
         "middle", "#111", 16);
    axes();
    std::string beyond;
    for (const CompressionRow& row : rows) {
      if (!row.naive()) continue;
      const double mape = mean(row.mape);
      if (mape < high_)
        level(mape, row.model + " " + fixed(mape, 2), "#777", "2 4");
      else
        beyond += (beyond.empty() ? "" : ", ") + row.model + " " + fixed(mape, 2);
    }
    if (!beyond.empty()) text(frame_left, frame_top - 8, "above: " + beyond, "start", "#777");
    if (floor) level(*floor, "noise floor " + fixed(*floor, 2), "#c0392b", "8 4");
    for (const CompressionRow& row : rows)
      if (!row.naive()) point(row);
    legend();
  }

  std::string take() && { return std::move(svg_) + "</svg>\n"; }

 private:
  static constexpr double width = 960, height = 670;
  static constexpr double frame_left = 64, frame_right = 700, frame_top = 64, frame_bottom = 560;

  double x(double bytes) const {
    return frame_left + (std::log2(bytes) - left_) / (right_ - left_) * (frame_right - frame_left);
  }
  double y(double mape) const {
    return frame_bottom - (mape - low_) / (high_ - low_) * (frame_bottom - frame_top);
  }

  void text(double at_x, double at_y, const std::string& words, const char* anchor,
            const char* colour, int size = 12) {
    std::string safe;
    for (const char c : words) {
      if (c == '<' || c == '&')
        safe += c == '<' ? "&lt;" : "&amp;";
      else
        safe += c;
    }
    svg_ += "<text x='" + fixed(at_x, 1) + "' y='" + fixed(at_y, 1) + "' text-anchor='" + anchor +
            "' font-size='" + std::to_string(size) + "' fill='" + colour + "'>" + safe +
            "</text>\n";
  }
  void line(double x1, double y1, double x2, double y2, const char* colour, const char* dashes) {
    svg_ += "<line x1='" + fixed(x1, 1) + "' y1='" + fixed(y1, 1) + "' x2='" + fixed(x2, 1) +
            "' y2='" + fixed(y2, 1) + "' stroke='" + colour + "' stroke-dasharray='" + dashes +
            "'/>\n";
  }

  void axes() {
    for (double power = left_; power <= right_; ++power) {
      const double at = x(std::exp2(power));
      line(at, frame_top, at, frame_bottom, "#e4e4e4", "none");
      text(at, frame_bottom + 18,
           power < 10 ? fixed(std::exp2(power), 0) + " B" : fixed(std::exp2(power - 10), 0) + " KB",
           "middle", "#333");
    }
    for (double mape = low_; mape <= high_; mape += 0.5) {
      line(frame_left, y(mape), frame_right, y(mape), "#e4e4e4", "none");
      text(frame_left - 8, y(mape) + 4, fixed(mape, 1), "end", "#333");
    }
    text((frame_left + frame_right) / 2, frame_bottom + 40, "bytes stored (logarithmic)", "middle",
         "#333");
    text(frame_left - 40, frame_top - 28, "MAPE %", "start", "#333");
  }

  void level(double mape, const std::string& words, const char* colour, const char* dashes) {
    line(frame_left, y(mape), frame_right, y(mape), colour, dashes);
    text(frame_right + 8, y(mape) + 4, words, "start", colour);
  }

  static const char* colour(const CompressionRow& row) {
    if (row.published) return "#8e44ad";
    if (row.inputs == "window") return "#2471a3";
    return row.inputs == "window+calendar" ? "#229954" : "#b9770e";
  }

  /// FP32 a circle, pruned a triangle, INT8 a square, both a diamond; published ones are hollow.
  void shape(const std::string& format, double cx, double cy, const char* colour, bool hollow,
             const std::string& title) {
    const bool pruned = format.find("pruned") != std::string::npos;
    const bool int8 = format.find("INT") != std::string::npos;
    std::string path = "M";
    const auto corner = [&](double dx, double dy) {
      path += (path.size() > 1 ? " L" : "") + fixed(cx + dx, 1) + " " + fixed(cy + dy, 1);
    };
    if (pruned && int8)
      for (const auto& [dx, dy] : {std::pair{0, -6}, {6, 0}, {0, 6}, {-6, 0}}) corner(dx, dy);
    else if (pruned)
      for (const auto& [dx, dy] : {std::pair{0, -6}, {6, 5}, {-6, 5}}) corner(dx, dy);
    else
      for (const auto& [dx, dy] : {std::pair{-4, -4}, {4, -4}, {4, 4}, {-4, 4}}) corner(dx, dy);
    const std::string paint = std::string("fill='") + (hollow ? "white" : colour) +
                              "' fill-opacity='0.8' stroke='" + colour + "' stroke-width='1.5'>";
    if (pruned || int8)
      svg_ += "<path d='" + path + " Z' " + paint;
    else
      svg_ += "<circle cx='" + fixed(cx, 1) + "' cy='" + fixed(cy, 1) + "' r='5' " + paint;
    svg_ += "<title>" + title + "</title></" + (pruned || int8 ? "path" : "circle") + ">\n";
  }

  void point(const CompressionRow& row) {
    const double cx = x(static_cast<double>(row.payload_bytes)), cy = y(mean(row.mape));
    shape(row.format, cx, cy, colour(row), row.published,
          row.model + ", " + row.inputs + ", " + row.format + ": " +
              std::to_string(row.payload_bytes) + " bytes, " + fixed(mean(row.mape), 2) + " %");
    if (row.format == "FP32")
      text(cx + 8, cy - 6, std::to_string(row.hidden), "start", colour(row), 11);
  }

  void legend() {
    const auto entry = [&](int column, int row, const char* format, const char* colour, bool hollow,
                           const char* words) {
      const double at_x = frame_left + 8 + column * 220, at_y = height - 44 + row * 22;
      shape(format, at_x, at_y, colour, hollow, words);
      text(at_x + 14, at_y + 4, words, "start", "#333");
    };
    entry(0, 0, "FP32", "#2471a3", false, "window only");
    entry(1, 0, "FP32", "#229954", false, "window and calendar");
    entry(2, 0, "FP32", "#b9770e", false, "long history");
    entry(3, 0, "FP32", "#8e44ad", true, "published (no index or scale)");
    entry(0, 1, "FP32", "#555", false, "FP32, with its hidden size");
    entry(1, 1, "pruned", "#555", false, "pruned 30, 50, 70 %");
    entry(2, 1, "INT8", "#555", false, "INT8, INT4");
    entry(3, 1, "pruned INT8", "#555", false, "pruned 50 % and INT8");
  }

  double low_ = 0, high_ = 0, left_ = 0, right_ = 0;
  std::string svg_ =
      "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 960 670' font-family='sans-serif'>\n"
      "<rect width='960' height='670' fill='white'/>\n";
};

}  // namespace bodega_benchmark
