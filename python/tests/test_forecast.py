# SPDX-License-Identifier: MIT
from datetime import date, timedelta

import numpy as np
import pytest

import bodega


def test_windows(sales, windows):
    trading = sales.trading_days()
    assert bodega.WINDOW_DAYS == 14
    n = len(windows)
    assert windows.sales.shape == windows.days.shape == (n, 14)
    assert windows.actual.shape == windows.item.shape == windows.target.shape == (n,)
    i = n // 2
    column = trading.days.tolist().index(windows.target[i].item())
    row = trading.units[windows.item[i]]
    np.testing.assert_array_equal(windows.sales[i], row[column - 14 : column])
    assert windows.actual[i] == row[column]
    assert (np.diff(windows.target).astype(int) >= 0).all()

    cut = windows.last_part(0.25)
    before, after = windows.before(cut), windows.since(cut)
    assert len(before) + len(after) == n and after.target.min() == np.datetime64(cut)
    assert len(windows.slice(5, 8)) == 3
    assert set(bodega.SalesWindows(sales, [4]).item) == {4}
    with pytest.raises(bodega.Error) as caught:
        bodega.SalesWindows(sales.tail(10))
    assert caught.value.code == "shape"
    with pytest.raises(bodega.Error):
        windows.slice(0, 0).last_part(0.5)


def test_ladder(windows):
    sold, days, actual = windows.sales, windows.days, windows.actual
    np.testing.assert_array_equal(bodega.LastDay().forecast(windows), sold[:, -1])
    whole = windows.known.all(axis=1)  # the day of an item's first sale counts for no mean
    assert whole.mean() > 0.5
    np.testing.assert_allclose(
        bodega.WindowMean().forecast(windows)[whole], sold[whole].mean(1), rtol=1e-5)
    np.testing.assert_array_equal(bodega.SameWeekday().forecast(windows), sold[:, -6])

    factors = bodega.fit_weekday_mean(windows)
    assert factors.factors.mean() == pytest.approx(1, abs=1e-5)
    assert factors.factors[5] > 2 * factors.factors[0]  # Saturdays
    forecasts = factors.forecast(windows)
    errors = bodega.evaluate_forecaster(factors, windows)
    assert errors.count == len(windows)
    assert errors.mae == pytest.approx(np.abs(forecasts - actual).mean(), rel=1e-5)
    assert errors.wmape == pytest.approx(np.abs(forecasts - actual).sum() / actual.sum(), rel=1e-5)
    assert bodega.forecast_errors(actual, forecasts).mae == pytest.approx(errors.mae)
    assert errors.wmape < bodega.evaluate_forecaster(bodega.LastDay(), windows).wmape
    assert np.isnan(bodega.forecast_errors([], []).wmape)
    assert np.isnan(bodega.forecast_errors([0.0], [3.0]).mape)
    assert days.dtype == np.dtype("datetime64[D]")


def test_forecast_shapes(windows, lstm):
    i = 17
    sales, days, target = windows.sales, windows.days, windows.target
    all_at_once = lstm.forecast(windows)
    assert all_at_once.dtype == np.float32
    one = lstm.forecast(sales[i], target[i].item(), days[i])
    assert isinstance(one, float) and one == all_at_once[i]
    whole = windows.known.all(axis=1)  # arrays do not tell which days are not known
    np.testing.assert_array_equal(lstm.forecast(sales, target, days)[whole], all_at_once[whole])
    np.testing.assert_array_equal(
        lstm.forecast(sales[:3], date(2024, 3, 4)),
        [lstm.forecast(row, date(2024, 3, 4)) for row in sales[:3]],
    )
    daily = [date(2024, 3, 4) - timedelta(days=14 - k) for k in range(14)]
    assert lstm.forecast(sales[0], date(2024, 3, 4), daily) == lstm.forecast(
        sales[0], date(2024, 3, 4)
    )


@pytest.mark.parametrize(
    ("sold", "target", "days"),
    [
        (np.ones(13), date(2024, 1, 1), None),
        (np.ones((2, 2, 14)), date(2024, 1, 1), None),
        (np.ones((2, 14)), [date(2024, 1, 1)] * 3, None),
        (np.ones(14), date(2024, 1, 1), [date(2024, 1, 1)] * 13),
    ],
)
def test_forecast_refuses(lstm, sold, target, days):
    with pytest.raises(bodega.Error) as caught:
        lstm.forecast(sold, target, days)
    assert caught.value.code == "shape"


def test_training(windows, lstm):
    assert (lstm.hidden, lstm.inputs, lstm.prior, lstm.format) == (8, "calendar", 1.0, "float32")
    again = bodega.train_lstm(windows, hidden=8, epochs=2, seed=3, threads=1)
    for name, tensor in lstm.state_dict().items():
        np.testing.assert_array_equal(tensor, again.state_dict()[name])
    other = bodega.train_lstm(windows, hidden=8, epochs=2, seed=4)
    assert (other.state_dict()["input"] != lstm.state_dict()["input"]).any()

    longer = bodega.train_lstm(windows, hidden=16, epochs=15, seed=1)
    assert longer.hidden == 16
    wmape = bodega.evaluate_forecaster(longer, windows).wmape
    assert wmape < bodega.evaluate_forecaster(bodega.WindowMean(), windows).wmape


def test_training_takes_daily_sales(sales):
    assert bodega.train_lstm(sales, hidden=8, epochs=1, inputs="window").inputs == "window"
    with pytest.raises(TypeError):
        bodega.train_lstm(sales.units, hidden=8)


def test_gru_with_quantiles(windows):
    levels = [0.1, 0.5, 0.9]
    gru = bodega.train_gru(
        windows, hidden=5, epochs=2, seed=3, quantiles=levels, skip=True, season=True, level=True,
        loss="poisson", schedule="cosine", warm_up=0.5,
    )
    assert (gru.hidden, gru.kind, gru.format) == (5, "gru", "float32")
    np.testing.assert_allclose(gru.quantiles, levels)
    quantiles = gru.forecast_quantiles(windows)
    assert quantiles.shape == (len(windows), 3)
    assert (np.diff(quantiles, axis=1) >= 0).all() and (quantiles >= 0).all()
    tuned = bodega.fine_tune(gru, windows, epochs=1, loss="squared")
    assert isinstance(tuned, bodega.Gru)
    np.testing.assert_allclose(
        bodega.quantize(gru).forecast(windows), gru.forecast(windows), rtol=0.3, atol=0.5
    )


@pytest.mark.parametrize(
    "option",
    [{"hidden": 0}, {"hidden": 257}, {"epochs": 0}, {"loss": "none"}, {"prior": -1}, {"dispersion": 1},
     {"quantiles": [0.5, 0.5]}],
)
def test_training_refuses(windows, option):
    with pytest.raises(bodega.Error) as caught:
        bodega.train_lstm(windows, **option)
    assert caught.value.code == "invalid_argument"


def test_numbers_trained_elsewhere(windows, lstm):
    """What PyTorch or numpy trained is served here."""
    state = lstm.state_dict()
    same = bodega.Lstm(
        state["input"], state["recurrent"], state["bias"], state["output"],
        state["output_bias"].item(), inputs="calendar", prior=1.0,
    )
    np.testing.assert_array_equal(same.forecast(windows), lstm.forecast(windows))

    def sigmoid(x):
        return 1 / (1 + np.exp(-x))

    weights, recurrent, output = (state[n].astype(float) for n in ("input", "recurrent", "output"))
    i = 5
    sales, days = windows.sales[i].astype(float), windows.days[i].tolist()
    target = windows.target[i].item()
    level = (sales.sum() + 1) / 14
    hidden, cell = np.zeros(8), np.zeros(8)
    for step in range(14):
        following = days[step + 1] if step < 13 else target
        x = np.zeros(9)
        x[0] = sales[step] / level
        x[1 + following.weekday()] = 1
        x[8] = days[step].weekday() == target.weekday()
        gates = x @ weights + hidden @ recurrent + state["bias"]
        enter, forget, candidate, leave = np.split(gates, 4)
        cell = sigmoid(forget) * cell + sigmoid(enter) * np.tanh(candidate)
        hidden = sigmoid(leave) * np.tanh(cell)
    expected = max(0.0, level * (hidden @ output[0] + state["output_bias"]))
    assert lstm.forecast(windows)[i] == pytest.approx(expected, rel=1e-4)
    with pytest.raises(bodega.Error) as caught:
        bodega.Lstm(state["input"], state["recurrent"], state["bias"][1:], state["output"])
    assert caught.value.code == "shape"


def test_fine_tune_keeps_pruned_weights(windows, lstm):
    mask = bodega.prune_mask(lstm, sparsity=0.5)
    tuned = bodega.fine_tune(lstm, windows, mask=mask, epochs=2)
    state = tuned.state_dict()
    assert {name for name, kept in mask.kept.items() if kept.size} == {"input", "recurrent", "output"}
    for name, kept in mask.kept.items():
        assert kept.sum() == kept.size // 2 or kept.size % 2
        assert (state[name].ravel()[~kept] == 0).all()
    assert (state["input"] != lstm.state_dict()["input"]).any()
    with pytest.raises(bodega.Error):
        bodega.fine_tune(bodega.quantize(lstm), windows)
