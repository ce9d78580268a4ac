# SPDX-License-Identifier: MIT
"""What makes no sense is refused with the argument's name, or answered as is stated; never silently."""

import math
from datetime import date, datetime, timedelta, timezone

import numpy as np
import pytest
from scipy import sparse

import bodega

try:
    import pandas as pd
except ImportError:
    pd = None
needs_pandas = pytest.mark.skipif(pd is None, reason="without pandas")

DAY = date(2024, 1, 1)
PAIRS = bodega.ItemItem(sparse.csr_matrix(np.ones((5, 5)) - np.eye(5)))
NAIVE = [bodega.LastDay(), bodega.SameWeekday(), bodega.WindowMean(), bodega.WeekdayMean([1.0] * 7)]


# ---------------------------------------------------------------- arrays that say nothing


def test_flags_of_days_by_strides():
    pad = np.zeros(120, dtype=bool)
    pad[::4] = True
    units = np.where(pad[::2], 1.0, 0.0)[None]
    assert bodega.DailySales(units, DAY, traded=pad[::2]).traded.sum() == 30
    backwards = bodega.DailySales(units[:, ::-1], DAY, traded=pad[::2][::-1])
    assert backwards.traded.tolist() == pad[::2][::-1].tolist()


def test_an_empty_list_of_items_is_none_of_them(sales):
    assert len(bodega.SalesWindows(sales, items=[])) == 0
    none = bodega.items_with_sale_days(sales, 61, DAY)
    assert len(none) == 0 and len(bodega.SalesWindows(sales, none)) == 0
    assert len(bodega.SalesWindows(sales, items=None)) > 0


def test_errors_of_nothing_sold_are_nan():
    errors = bodega.forecast_errors([0, 0], [100, 100])
    assert math.isnan(errors.wmape) and math.isnan(errors.mape) and math.isnan(errors.bias)
    assert errors.mae == 100 and errors.count == 2


def test_days_not_known_are_counted():
    errors = bodega.forecast_errors([1, math.nan, 3], [1, 2, 3])
    assert (errors.count, errors.unknown, errors.mae) == (2, 1, 0)
    for actual, forecast, name in [([1], [math.nan], "forecast, number 0"),
                                   ([1, 1], [1, math.inf], "forecast, number 1"),
                                   ([-math.inf], [1], "actual, number 0")]:
        with pytest.raises(bodega.Error, match=name):
            bodega.forecast_errors(actual, forecast)


# ---------------------------------------------------------------- days

ZONED = datetime(2024, 1, 1, 23, tzinfo=timezone(timedelta(hours=-5)))
SOLD = [1.0] * 14


@needs_pandas
def test_not_a_time_of_pandas():
    for call in (lambda: bodega.DailySales(np.ones((2, 20)), pd.NaT),
                 lambda: bodega.Baskets(3).add(pd.NaT, [1]),
                 lambda: bodega.TimeCut(pd.NaT, DAY),
                 lambda: NAIVE[0].forecast(SOLD, pd.NaT),
                 lambda: NAIVE[0].forecast(SOLD, [pd.NaT])):
        with pytest.raises(bodega.Error):
            call()


def test_not_a_time_of_numpy():
    for call in (lambda: NAIVE[0].forecast(SOLD, np.datetime64("NaT")),
                 lambda: NAIVE[0].forecast(SOLD, DAY, [np.datetime64("NaT")] * 14)):
        with pytest.raises(bodega.Error):
            call()


@pytest.mark.parametrize("kind", ["datetime", pytest.param("Timestamp", marks=needs_pandas)])
def test_a_time_with_a_zone_is_refused_and_not_shifted(kind):
    zoned = ZONED if kind == "datetime" else pd.Timestamp(ZONED)
    columns = [] if pd is None else [pd.DatetimeIndex([zoned] * 2), pd.Series([zoned] * 2)]
    for call in (lambda: bodega.DailySales(np.ones((2, 20)), zoned),
                 lambda: bodega.Baskets(3).add(zoned, [1]),
                 lambda: bodega.TimeCut(zoned, zoned),
                 lambda: bodega.items_with_sale_days(
                     bodega.DailySales(np.ones((2, 20)), DAY), 1, zoned),
                 lambda: NAIVE[0].forecast(SOLD, zoned),
                 lambda: NAIVE[0].forecast([SOLD, SOLD], [DAY, zoned]),
                 *(lambda c=c: NAIVE[0].forecast([SOLD, SOLD], c) for c in columns)):
        with pytest.raises(bodega.Error, match="without a time zone"):
            call()


def test_days_of_sales_come_before_the_target():
    target = date(2024, 1, 15)
    before = [target - timedelta(days=d) for d in range(14, 0, -1)]
    assert NAIVE[0].forecast(SOLD, target, days=before) == 1
    for days in (before[::-1], before[1:] + [target], before[:13] + [date(2024, 3, 1)],
                 [before[0]] * 14):
        with pytest.raises(bodega.Error, match="forecast, days"):
            NAIVE[0].forecast(SOLD, target, days=days)


# ---------------------------------------------------------------- numbers


@pytest.mark.parametrize("forecaster", NAIVE, ids=lambda one: type(one).__name__)
def test_negative_sales_are_refused_by_all_alike(forecaster, lstm):
    for units in (-7.5, math.nan, math.inf):
        for asked in (forecaster, lstm):
            with pytest.raises(bodega.Error, match="forecast, sales"):
                asked.forecast([units] * 14, DAY)


BAD_COUNTS = {"NaN": math.nan, "infinite": math.inf, "negative": -1.0}


@pytest.mark.parametrize("bad", BAD_COUNTS.values(), ids=BAD_COUNTS)
def test_counts_that_are_none(bad):
    table = sparse.csr_matrix(np.array([[1.0, 1, 0], [0, bad, 1], [1, 0, 1]]))
    for take in (bodega.Cooccurrence.from_user_items, bodega.fit_item_vectors, bodega.ItemItem,
                 lambda t: bodega.fit_als(t, factors=2), lambda t: bodega.fit_bpr(t, factors=2),
                 bodega.fit_customer_neighbours, bodega.tifu_vectors):
        if bad < 0 and take in (bodega.ItemItem,):
            continue  # weights may be negative
        with pytest.raises((bodega.Error, TypeError)):
            take(table)
    counts = bodega.Cooccurrence(3)
    with pytest.raises(bodega.Error):
        counts.add([0, 1], DAY, weight=bad)
    popularity = bodega.Popularity(3)
    with pytest.raises(bodega.Error):
        popularity.add(0, DAY, weight=bad)


def test_complex_counts():
    table = sparse.csr_matrix(np.array([[1 + 1j, 0], [0, 1]]))
    with pytest.raises((bodega.Error, TypeError)):
        bodega.Cooccurrence.from_user_items(table)


@pytest.mark.parametrize("metric", ["recall_at", "ndcg_at", "reciprocal_rank_at",
                                    "average_precision_at"])
def test_lists_name_each_item_once(metric):
    of = getattr(bodega, metric)
    with pytest.raises(bodega.Error, match=f"{metric}, items: expected each item once"):
        of(3, [1, 1, 1], [1])
    with pytest.raises(bodega.Error, match=f"{metric}, targets"):
        of(3, [1, 2], [1, 1])
    assert 0 <= of(3, [1, 2, 3], [1]) <= 1


def test_words_are_no_flags():
    for traded in (["no"], ["True"], [None], [2], [math.nan]):
        with pytest.raises((bodega.Error, TypeError)):
            bodega.DailySales(np.zeros((1, 1)), DAY, traded=traded)


def test_masked_and_ragged_arrays_are_refused():
    masked = np.ma.masked_array(np.arange(14), np.arange(14) % 2 == 0)
    for bad, found in ((masked, "masked"), ([[1, 2], [3]], "inhomogeneous")):
        for take in (lambda a: PAIRS.recommend(a), lambda a: NAIVE[0].forecast(a, DAY),
                     lambda a: bodega.recall_at(3, a, [1]), bodega.ItemVectors,
                     lambda a: bodega.forecast_errors(a, [1] * 14)):
            with pytest.raises(bodega.Error, match=found):
                take(bad)
    whole = np.ma.masked_array([1, 2], [False, False])
    assert len(PAIRS.recommend(whole)) == 3


def test_vectors_without_a_finite_cosine():
    for huge in (1e30, math.inf, math.nan):
        with pytest.raises(bodega.Error, match="ItemVectors, vectors"):
            bodega.ItemVectors(np.full((2, 3), huge))


def test_a_network_of_numbers_from_elsewhere_is_not_shifted():
    random = np.random.default_rng(1)
    parts = dict(input=random.normal(size=(1, 8)), recurrent=random.normal(size=(2, 8)),
                 bias=random.normal(size=8), output=random.normal(size=(1, 2)), inputs="window")
    for make, parts in ((bodega.Lstm, parts),
                        (bodega.Gru, dict(parts, input=random.normal(size=(1, 6)),
                                          recurrent=random.normal(size=(2, 6))))):
        network = make(**parts)
        assert network.prior == 0
        sold = np.arange(1.0, 15)
        shares = [make(**parts).forecast(sold * k, DAY) / k for k in (1, 10, 1000)]
        np.testing.assert_allclose(shares, shares[0], rtol=1e-5)  # the unit makes no difference


# ---------------------------------------------------------------- arguments of the wrong kind


def test_attributes_are_texts():
    for attributes in ({"brand": math.nan}, {"brand": None}, {1: "a"}, [("brand",)], ["ab"], [3]):
        with pytest.raises(TypeError, match="Catalog.add, item A, attributes"):
            bodega.Catalog().add("A", attributes=attributes)


@needs_pandas
def test_a_frame_is_no_file():
    frame = pd.DataFrame({"id": ["A"]})
    for read in (bodega.read_receipts, bodega.read_catalog):
        with pytest.raises(TypeError, match=f"{read.__name__}, source: .* found DataFrame"):
            read(frame)


@pytest.mark.parametrize("source", [3, None, [], object()])
def test_what_is_no_file(source):
    for read in (bodega.read_receipts, bodega.read_catalog):
        with pytest.raises(TypeError, match=f"{read.__name__}, source: expected a path"):
            read(source)


def test_blends_are_of_scorers_and_weights():
    for arguments, name in [((1.0, PAIRS), "argument 1"), ((PAIRS, 1.0, 2.0, PAIRS), "argument 3"),
                            ((PAIRS, "a", PAIRS, 1.0), "argument 2"),
                            ((PAIRS, None, PAIRS, 1.0), "argument 2")]:
        with pytest.raises(TypeError, match=f"blend, {name}"):
            bodega.blend(*arguments)
    for weight in (math.nan, math.inf, 1e300):
        with pytest.raises(bodega.Error, match="blend, argument 4"):
            bodega.blend(PAIRS, 1.0, PAIRS, weight)
    with pytest.raises(bodega.Error, match="each followed by its weight"):
        bodega.blend(PAIRS, 1.0)


def test_numbers_below_0_are_named(windows, counts, baskets, sales):
    cases = {
        "k": [lambda: PAIRS.recommend([1], k=-1), lambda: bodega.recall_at(-1, [1], [1]),
              lambda: bodega.evaluate_baskets(PAIRS, bodega.BasketCases(np.ones(5, bool)), k=-1),
              lambda: bodega.ItemVectors(np.eye(3)).nearest(0, k=-1)],
        "epochs": [lambda: bodega.train_lstm(windows, epochs=-1)],
        "seed": [lambda: bodega.train_lstm(windows, seed=-1),
                 lambda: bodega.fit_als(baskets.user_items(), seed=-1),
                 lambda: bodega.fit_item_vectors(counts, seed=-1)],
        "items": [lambda: bodega.Baskets(-1), lambda: bodega.Cooccurrence(-3),
                  lambda: bodega.Popularity(-1), lambda: bodega.SessionWindow(-1),
                  lambda: bodega.revisits(-1)],
        "days": [lambda: bodega.items_with_sale_days(sales, -1, DAY)],
        "at_least": [lambda: bodega.items_in_baskets(baskets, -1)],
        "last": [lambda: bodega.split_last_baskets(baskets, last=-1)],
        "count": [lambda: sales.tail(-1)],
        "begin": [lambda: sales.slice(-1, 3)],
    }
    for name, calls in cases.items():
        for number, call in enumerate(calls):
            with pytest.raises(bodega.Error, match=rf"\b{name}\b.*0 or more.*-[13]"):
                call()
                pytest.fail(f"{name}, call {number}")


def test_counts_are_whole_numbers():
    for k in (1.5, "3", True, None):
        with pytest.raises(TypeError):
            PAIRS.recommend([1], k=k)
    assert len(PAIRS.recommend([1], k=np.int8(2))) == 2
    assert len(PAIRS.recommend([1], k=10**30)) == 4
