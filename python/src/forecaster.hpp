// SPDX-License-Identifier: MIT
#pragma once

#include <bodega/forecast/recurrent/recurrent.hpp>
#include <bodega/forecast/recurrent/recurrent_trainer.hpp>
#include <bodega/forecast/windows.hpp>

#include "model.hpp"

namespace bodega::python {

class AnyLstm
    : public AnyOf<AnyLstm, Lstm<8>, Lstm<8, QuantizedMatrix>, Lstm<16>, Lstm<16, QuantizedMatrix>,
                   Lstm<32>, Lstm<32, QuantizedMatrix>, Lstm<64>, Lstm<64, QuantizedMatrix>>,
      public ForecasterOf<AnyLstm> {
 public:
  using AnyOf::AnyOf;
};

class AnyGru : public AnyOf<AnyGru, Gru<run_time>, Gru<run_time, QuantizedMatrix>>,
               public ForecasterOf<AnyGru> {
 public:
  using AnyOf::AnyOf;
};

/// Calls `use` with the hidden size as a constant. Error (invalid_argument) for another than 8, 16,
/// 32 and 64, which are those that a till opens.
template <class Use>
auto with_hidden_size(int hidden, const char* where, Use&& use) {
  switch (hidden) {
    case 8:
      return use(std::integral_constant<int, 8>());
    case 16:
      return use(std::integral_constant<int, 16>());
    case 32:
      return use(std::integral_constant<int, 32>());
    case 64:
      return use(std::integral_constant<int, 64>());
    default:
      throw Error(ErrorCode::invalid_argument, where, "hidden size 8, 16, 32 or 64",
                  std::to_string(hidden));
  }
}

/// SalesWindows as they are; those of all items of a DailySales.
SalesWindows to_windows(const py::object& windows_or_sales);

/// Dates as a list or as numpy's datetime64.
std::vector<Day> to_days(const py::object& days);

void bind_demand(py::module_& m);
void bind_recurrent(py::module_& m);

}  // namespace bodega::python
