// SPDX-License-Identifier: MIT
// How fast a shop's receipts are read, and in how much memory: read_receipts on a CSV file with the
// columns of UCI's Online Retail, beside one pass of std::getline over the same file, in turns.

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <bodega/data/read_receipts.hpp>

#include "support/arguments.hpp"
#include "support/report_lines.hpp"

namespace {

using namespace bodega_benchmark;

/// Of the processor, which other work on the machine disturbs least: reading has one thread.
double seconds(const auto& work) {
  const std::clock_t begin = std::clock();
  work();
  return static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}
double median(std::vector<double> times) {
  std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2),
                   times.end());
  return times[times.size() / 2];
}

/// The most memory that the process has held so far, in MiB; NaN where the system does not say.
double most_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024;
  return std::numeric_limits<double>::quiet_NaN();
}

std::size_t count_lines(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::size_t lines = 0;
  for (std::string line; std::getline(file, line);) ++lines;
  return lines;
}

bodega::Receipts read(const std::string& path) {
  bodega::ReceiptOptions options;
  options.columns.receipt = "invoice_no";
  options.columns.item = "stock_code";
  options.columns.time = "invoice_datetime";
  options.columns.price = "unit_price";
  options.columns.customer = "customer_id";
  options.malformed = bodega::Malformed::lenient;
  options.cancellation_prefix = "C";
  options.normalise = bodega::upper_case_trimmed;
  return bodega::read_receipts(path, options);
}

void run(const std::string& path, std::size_t rounds, const std::filesystem::path& json) {
  const std::size_t lines = count_lines(path);
  const double before = most_memory();
  std::size_t kept = 0;
  std::vector<double> reading{seconds([&] { kept = read(path).report().kept; })}, passing;
  const double after = most_memory();
  for (std::size_t round = 0; round < rounds; ++round) {
    passing.push_back(seconds([&] { count_lines(path); }));
    reading.push_back(seconds([&] { kept = read(path).report().kept; }));
  }
  const double read_s = median(reading), pass_s = median(passing);
  std::printf(
      "%zu lines, %zu sales kept\n"
      "| | median s of processor | lines/s | of getline's speed | memory at most, MiB |\n"
      "| --- | ---: | ---: | ---: | ---: |\n"
      "| std::getline | %.3f | %.0f | 1 | %.1f |\n"
      "| read_receipts | %.3f | %.0f | %.3f | %.1f |\n",
      lines, kept, pass_s, static_cast<double>(lines) / pass_s, before, read_s,
      static_cast<double>(lines) / read_s, pass_s / read_s, after);
  ReportLines report;
  report.add("reading: lines a second", static_cast<double>(lines) / read_s);
  report.add("reading: share of getline's speed", pass_s / read_s);
  report.add("reading: memory at most, MiB", after);
  report.save(json);
}

}  // namespace

int main(int argc, char** argv) {
  std::filesystem::path csv, json;
  std::size_t rounds = 9;
  Arguments arguments("How fast receipts are read, beside a pass of std::getline.");
  arguments.need("--csv", "FILE", "receipts with the columns of UCI's Online Retail, unpacked",
                 csv);
  arguments.number("--rounds", "N", "how often each is timed", rounds, 1);
  arguments.take("--json", "FILE", "where what was measured goes, an object a line", json);
  return arguments.run(argc, argv, [&] { run(csv.string(), rounds, json); });
}
