# SPDX-License-Identifier: MIT
"""Pictures for people who would rather look than read. Needs matplotlib.

``pip install "./python[plot]"`` brings it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from bodega import Forecaster, Model, SalesWindows, evaluate_forecaster, size_report


def _axes(ax: Any) -> Any:
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt  # type: ignore[import-not-found,unused-ignore]

    return plt.subplots(layout="constrained")[1]


def forecasts(
    windows: SalesWindows, forecasters: Mapping[str, Forecaster], item: int, ax: Any = None
) -> Any:
    """What was sold of one item, and what each forecaster said the day before. Returns the axes."""
    ax = _axes(ax)
    of_item = windows.item == item
    if not of_item.any():
        raise ValueError(f"no windows of item {item}")
    days = windows.target[of_item]
    ax.plot(days, windows.actual[of_item], color="0.3", marker=".", label="sold")
    for name, forecaster in forecasters.items():
        ax.plot(days, forecaster.forecast(windows)[of_item], label=name)
    ax.set(ylabel="units a day", ylim=(0, None), title=f"item {item}")
    ax.tick_params(axis="x", rotation=30)
    ax.legend()
    return ax


def size_and_error(
    models: Mapping[str, Forecaster], windows: SalesWindows, ax: Any = None
) -> Any:
    """Each model's bytes in a file (0 for the naive ones) beside its WMAPE. Returns the axes."""
    ax = _axes(ax)
    for name, model in models.items():
        size = size_report(model).bytes if isinstance(model, Model) else 0
        error = 100 * evaluate_forecaster(model, windows).wmape
        ax.plot(size, error, "o")
        ax.annotate(name, (size, error), textcoords="offset points", xytext=(6, 4))
    ax.set(xlabel="bytes in the file", ylabel="WMAPE, %", xscale="symlog", xlim=(-0.5, None))
    return ax


def size_report_bars(model: Model, ax: Any = None) -> Any:
    """The bytes of each tensor of a model, largest first. Returns the axes."""
    ax = _axes(ax)
    rows = sorted(size_report(model).rows, key=lambda row: row["bytes"])
    names = [f"{row['tensor']} ({row['dtype']} {row['encoding']})" for row in rows]
    ax.barh(names, np.array([row["bytes"] for row in rows]))
    ax.set(xlabel="bytes")
    return ax
