# SPDX-License-Identifier: MIT
import pytest

import bodega

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")


def test_plots(windows, lstm):
    from bodega import plot

    ladder = {"last day": bodega.LastDay(), "lstm": lstm}
    ax = plot.forecasts(windows, ladder, item=20)
    assert [line.get_label() for line in ax.lines] == ["sold", "last day", "lstm"]
    sold = windows.actual[windows.item == 20]
    assert ax.lines[0].get_ydata().tolist() == sold.tolist()
    with pytest.raises(ValueError):
        plot.forecasts(windows, ladder, item=99)

    ax = plot.size_and_error({**ladder, "int8": bodega.quantize(lstm)}, windows)
    sizes = [line.get_xdata()[0] for line in ax.lines]
    assert sizes[0] == 0 < sizes[2] < sizes[1]
    assert len(plot.size_report_bars(lstm).patches) == len(bodega.size_report(lstm).rows)
