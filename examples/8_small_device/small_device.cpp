// SPDX-License-Identifier: MIT
//
// A forecaster for a device without files, heap or floating point: trains on a slice of real
// receipts, converts the network to integers, says what that costs, and writes it as a header.
//
//   small_device [DATA FOLDER] [OUTPUT HEADER]

#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <string>

#include <bodega/bodega.hpp>

namespace {

using namespace bodega;

template <class Model>
void print(const char* name, const Model& model, const SalesWindows& unseen) {
  ForecastErrors errors;
  for (std::size_t i = 0; i < unseen.size(); ++i)
    errors.add(unseen.actual(i), model.forecast(unseen[i]));
  std::printf("  %-22s WMAPE %.0f %%   %6zu bytes stored\n", name, 100 * errors.wmape(),
              size_report(model).bytes);
}

void run(const std::filesystem::path& data, const std::string& file) {
  const Receipts receipts = read_receipts(data / "online_retail_slice.csv",
                                          {.columns = {.receipt = "invoice", .description = ""},
                                           .malformed = Malformed::lenient,
                                           .returns = Returns::net,
                                           .free_lines = FreeLines::drop,
                                           .cancellation_prefix = "C"});
  const DailySales sales = receipts.daily_sales();
  const Day judged_from = SalesWindows(sales).last_part(0.25);
  const SalesWindows windows(sales, items_with_sale_days(sales, 60, judged_from));
  const auto network = train_lstm<8>(windows.before(judged_from), {.seed = 1, .level_power = 1});
  const IntegerLstm integers = to_integer(network);

  print("LSTM-8, FP32", network, windows.from(judged_from));
  print("LSTM-8, all integers", integers, windows.from(judged_from));

  std::ofstream out(file);
  out << export_header(integers, "demand");
  if (!out.flush()) throw Error(ErrorCode::io, file, "a file that can be written", "none");
  std::printf(
      "\n%s is written. On the device:\n\n  #include \"%s\"\n"
      "  int32_t units = demand::forecast(sales, today);  // in 256ths, from 14 days of sales\n",
      file.c_str(), std::filesystem::path(file).filename().string().c_str());
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run(argc > 1 ? argv[1] : BODEGA_EXAMPLE_DATA, argc > 2 ? argv[2] : "demand.hpp");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "\nsmall_device: %s\n", error.what());
    return 1;
  }
}
