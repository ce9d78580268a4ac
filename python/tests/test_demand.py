# SPDX-License-Identifier: MIT
"""Unknown days, covariates, factors, longer memory and rare demand."""

from datetime import date, timedelta

import numpy as np
import pytest

import bodega

FIRST = date(2024, 1, 1)  # a Monday


@pytest.fixture(scope="module")
def promoted():
    """(sales, covariates) of four items over 400 days: Saturdays double, a promotion triples."""
    random = np.random.default_rng(2)
    days = np.arange(400)
    promotion = random.random((4, 400)) < 0.15
    mean = np.array([3, 6, 12, 24])[:, None] * np.where(days % 7 == 5, 2.0, 1.0)
    sales = bodega.DailySales(random.poisson(mean * np.where(promotion, 3, 1)), FIRST)
    covariates = bodega.Covariates(["promotion"], FIRST, 400, items=4)
    dates = [FIRST + timedelta(days=int(d)) for d in days]
    for item in range(4):
        covariates.set("promotion", dates, promotion[item], item=item)
    return sales, covariates


def test_unknown_cells():
    units = np.ones((2, 20))
    units[0, 3] = np.nan
    known = ~np.isnan(units)
    sales = bodega.DailySales(units, FIRST, known=known)
    np.testing.assert_array_equal(sales.known, known)
    assert sales.units[0, 3] == 0
    windows = bodega.SalesWindows(sales)
    assert windows.known[0].tolist() == [d != 3 for d in range(14)]
    assert windows.known[1].all()
    np.testing.assert_array_equal(bodega.WindowMean().forecast(windows), 1)
    with pytest.raises(bodega.Error) as caught:
        bodega.DailySales(units, FIRST, known=known[:, :5])
    assert caught.value.code == "shape"


def test_zeros_that_are_no_demand():
    units = np.zeros((5, 90))
    units[0] = 10
    units[1, 87:] = 10  # new
    units[2, :45] = 10  # left
    units[3, :30] = units[3, 85:] = 10  # away in between
    sales = bodega.DailySales(units, FIRST)
    assert sales.known.sum(axis=1).tolist() == [90, 3, 90, 90, 0]
    found = bodega.mark_absences(sales)
    assert found == bodega.absences(sales)
    assert (found["never_sold"], found["came_later"]) == (1, 1)
    assert (found["left"], found["first_left"]) == (1, [2])
    assert (found["came_back"], found["first_back"]) == (1, [3])
    assert sales.known.sum(axis=1).tolist() == [90, 3, 45, 35, 0]
    sales.list(1, FIRST + timedelta(days=80))
    sales.mark_away(0, [FIRST])
    assert sales.known.sum(axis=1).tolist() == [89, 10, 45, 35, 0]
    with pytest.raises(bodega.Error):
        bodega.mark_absences(sales, chance=2)


def test_covariates(promoted):
    _, covariates = promoted
    assert covariates.names == ["promotion"]
    assert covariates.at(FIRST, 0).shape == (1,)
    shop = bodega.Covariates(["holiday", "price"], FIRST, 10)
    shop.set("price", FIRST, -0.25)
    assert shop.at(FIRST).tolist() == [0, -0.25]
    assert shop.select(["price"]).at(FIRST).tolist() == [-0.25]
    assert len(shop.at(FIRST + timedelta(days=10))) == 0
    before = shop.at(FIRST + timedelta(days=1)).tolist()
    for name, value, code in [("weather", 1, "missing"), ("price", np.nan, "not_finite")]:
        with pytest.raises(bodega.Error) as caught:
            shop.set(name, [FIRST + timedelta(days=1), FIRST], value)
        assert caught.value.code == code
    assert shop.at(FIRST + timedelta(days=1)).tolist() == before


def test_factors_and_longer_memory(promoted):
    sales, covariates = promoted
    windows = bodega.SalesWindows(sales, covariates=covariates)
    factors = bodega.fit_demand_factors(windows, months=False, years=False, series=True)
    assert factors.covariates[0] == pytest.approx(3, rel=0.05)
    assert factors.weekdays[5] / factors.weekdays[:5].mean() == pytest.approx(2, rel=0.05)
    assert factors.series_levels[3] / factors.series_levels[0] == pytest.approx(8, rel=0.1)
    assert factors.factor(FIRST, [1.0]) == pytest.approx(factors.factor(FIRST) * factors.covariates[0])

    late = windows.since(FIRST + timedelta(days=300))
    model = bodega.FactorMean(factors)
    plain = bodega.evaluate_forecaster(model, late).wmape
    longer, level = bodega.with_pooled_levels(late, factors)
    assert np.isnan(late.level).all() and np.isfinite(longer.level).all()
    assert level.levels.shape == (4,)
    assert bodega.evaluate_forecaster(model, longer).wmape < plain
    assert plain < bodega.evaluate_forecaster(bodega.WindowMean(), late).wmape


def test_rare_demand():
    random = np.random.default_rng(4)
    units = np.where(random.random((3, 300)) < [[0.1], [0.5], [1.0]], 4, 0)
    sales = bodega.DailySales(units, FIRST)
    demand = bodega.IntermittentDemand(sales)
    assert demand.patterns == ["intermittent", "intermittent", "smooth"]
    np.testing.assert_allclose(demand.forecast(), [0.4, 2, 4], rtol=0.5)
    quantiles = demand.quantiles([0.1, 0.5, 0.95])
    assert quantiles.shape == (3, 3) and (np.diff(quantiles) >= 0).all()
    assert quantiles[0].tolist()[:2] == [0, 0]
    assert bodega.IntermittentDemand(sales, "tsb").forecast()[2] == pytest.approx(4)
    with pytest.raises(bodega.Error) as caught:
        bodega.IntermittentDemand(sales, "holt")
    assert caught.value.code == "invalid_argument"


def test_calendar():
    christmas = date(2024, 12, 25)
    calendar = bodega.Calendar(range(6), closed=[christmas], holidays=[christmas])
    assert calendar.open(date(2024, 12, 24)) and not calendar.open(christmas)
    assert not calendar.open(date(2024, 12, 29))  # a Sunday
    assert calendar.holiday(christmas)
    assert calendar.next_trading_day(date(2024, 12, 24)) == date(2024, 12, 26)
    with pytest.raises(bodega.Error):
        bodega.Calendar([7])


def test_a_till_remembers_and_knows_of_promotions(promoted, tmp_path):
    sales, covariates = promoted
    catalog = bodega.Catalog()
    for item in "abcd":
        catalog.add(item)
    windows = bodega.SalesWindows(sales, covariates=covariates)
    factors = bodega.fit_demand_factors(windows, months=False, years=False)
    bundle = bodega.Bundle()
    bundle.add("catalog", catalog)
    bundle.add("demand_factors", bodega.FactorMean(factors))
    bundle.add("demand_levels", bodega.with_pooled_levels(windows, factors)[1])
    bundle.add("demand_memory", bodega.IntermittentDemand(sales))
    bundle.add("covariates", covariates)
    bundle.add("history", sales.tail(20))
    bundle.save(tmp_path / "shop.bodega")
    till = bodega.Till.open(tmp_path / "shop.bodega")
    usual = till.forecast("b")
    assert usual.answered_by == "factor_mean"
    till.set_covariate("promotion", till.forecast_day(), 1, "b")
    assert till.forecast("b").units == pytest.approx(3 * usual.units, rel=0.05)
    low, middle, high = till.quantiles("b", [0.1, 0.5, 0.9])
    assert low < middle < high
