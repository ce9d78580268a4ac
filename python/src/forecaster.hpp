// SPDX-License-Identifier: MIT
#pragma once

#include <bodega/forecast/recurrent/recurrent.hpp>
#include <bodega/forecast/recurrent/recurrent_trainer.hpp>
#include <bodega/forecast/windows.hpp>

#include "model.hpp"

namespace bodega::python {

template <class Self, class Cell>
using AnyWeights = AnyOf<Self, RecurrentForecaster<Cell, run_time>,
                         RecurrentForecaster<Cell, run_time, QuantizedMatrix>>;

/// A recurrent network of any hidden size.
template <class Cell>
class AnyNetwork : public AnyWeights<AnyNetwork<Cell>, Cell>,
                   public ForecasterOf<AnyNetwork<Cell>> {
  using Weights = AnyWeights<AnyNetwork, Cell>;

 public:
  using Weights::Weights;
};
using AnyLstm = AnyNetwork<LstmCell>;
using AnyGru = AnyNetwork<GruCell>;

/// SalesWindows as they are; those of all items of a DailySales.
SalesWindows to_windows(const py::object& windows_or_sales);

/// Dates as a list or as numpy's datetime64.
std::vector<Day> to_days(const py::object& days);

void bind_demand(py::module_& m);
void bind_recurrent(py::module_& m);

}  // namespace bodega::python
