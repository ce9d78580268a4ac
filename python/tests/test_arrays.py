# SPDX-License-Identifier: MIT
"""An array means the same in every dtype, byte order, stride and order; what is none is refused."""

import ast
import re
from datetime import date, datetime
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

import bodega

ITEMS = 3000
DAY = date(2024, 1, 1)
SIZES = [0, 1, 128, 1500]
WHOLE = ["int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", ">i4", ">u8"]


def forms(values, dtypes):
    """(name, array) of the same values."""
    for dtype in dtypes:
        if len(values) and not np.array_equal(np.array(values).astype(dtype), values):
            continue
        plain = np.array(values, dtype=dtype)
        spread = np.zeros(2 * len(plain), dtype=dtype)
        spread[::2] = plain
        table = np.zeros((len(plain), 3), dtype=dtype, order="F")
        table[:, 1] = plain
        frozen = plain.copy()
        frozen.flags.writeable = False
        yield f"{dtype}", plain
        yield f"{dtype}, every second", spread[::2]
        yield f"{dtype}, backwards", plain[::-1].copy()[::-1]
        yield f"{dtype}, a column", table[:, 1]
        yield f"{dtype}, read-only", frozen
        if plain.dtype != object:
            unaligned = np.zeros(plain.nbytes + 1, np.uint8)[1:].view(dtype)
            unaligned[:] = plain
            yield f"{dtype}, unaligned", unaligned


# ---------------------------------------------------------------- functions of index arrays


def baskets_add(indices):
    baskets = bodega.Baskets(ITEMS)
    baskets.add(datetime(2024, 1, 1), indices)
    return baskets[0].tolist() if len(baskets) else []


def cooccurrence_add(indices):
    counts = bodega.Cooccurrence(ITEMS, max_basket=2)  # all count as items, two as a pair
    counts.add(indices, DAY)
    return counts.baskets, [counts.count(item) for item in range(0, ITEMS, 7)]


def window_append(indices):
    window = bodega.SessionWindow(ITEMS, sessions=2000)
    window.append(indices)
    return window[0].tolist() if len(window) else []


def window_extend(indices):
    window = bodega.SessionWindow(ITEMS, sessions=2000)
    window.extend(indices, np.ones(len(indices), dtype=np.int32))
    return [session.tolist() for session in window]


def window_lengths(indices):
    """The indices as the lengths of sessions of one item."""
    window = bodega.SessionWindow(ITEMS, sessions=2000, views=160_000)
    lengths = np.asarray(indices)
    sane = lengths.dtype.kind in "iu" and lengths.size and 0 <= lengths.min() <= lengths.max() < 200
    window.extend(np.zeros(lengths.sum(dtype=int) if sane else 1, dtype=np.uint8), indices)
    return [len(session) for session in window]


def neighbours_append(indices):
    model = bodega.SessionNeighbours(bodega.SessionWindow(ITEMS, sessions=2000))
    model.append(indices)
    return [session.tolist() for session in model.window]


def pairs_of_all():
    """Each item with the next one."""
    rows = np.arange(ITEMS)
    return sparse.csr_matrix((rows + 1.0, (rows, (rows + 1) % ITEMS)), (ITEMS, ITEMS))


PAIRS = bodega.ItemItem(pairs_of_all())
RANDOM = np.random.default_rng(5)
FACTORS = bodega.FactorModel(vectors=RANDOM.normal(size=(ITEMS, 4)))


def scores(indices):
    return PAIRS.scores(indices).tolist()


def recommend(indices):
    return [pick.item for pick in PAIRS.recommend(indices, k=20)]


def explain(indices):
    return [reason.contribution for reason in PAIRS.explain(indices, 1)]


def fold_in(indices):
    return FACTORS.fold_in(indices).tolist()


def metric(name):
    def of_items(indices):
        return getattr(bodega, name)(10, indices, [0, 5, 70])

    def of_targets(indices):
        return getattr(bodega, name)(10, [5, 3, 70], indices) if len(indices) else None

    return [of_items, of_targets]


def cases_add(indices):
    cases = bodega.BasketCases(np.ones(ITEMS, dtype=bool))
    cases.add(indices, [7])
    return bodega.evaluate_baskets(PAIRS, cases, threads=1).shown.tolist()


def cases_target(indices):
    cases = bodega.BasketCases(np.ones(ITEMS, dtype=bool))
    cases.add([2], np.unique(indices), seen=indices)
    return bodega.evaluate_baskets(PAIRS, cases, threads=1).recall.mean


def leave_one_out(indices):
    cases = bodega.LeaveOneOut(np.ones(ITEMS, dtype=bool))
    cases.add(indices, 0)
    return len(cases), bodega.evaluate_ranking(PAIRS, cases, threads=1).rank.tolist()


SALES = bodega.DailySales(RANDOM.poisson(2, size=(ITEMS, 16)), DAY)


def windows_of(indices):
    return np.unique(bodega.SalesWindows(SALES, items=indices).item).tolist()


def pools(indices):
    few = bodega.SalesWindows(SALES, items=[0, 1])
    factors = bodega.fit_demand_factors(few)
    if len(indices) < ITEMS:
        indices = np.concatenate([indices, np.zeros(ITEMS - len(indices), indices.dtype)])
    return bodega.with_pooled_levels(few, factors, pools=indices)[1].levels.tolist()


FUNCTIONS = [baskets_add, cooccurrence_add, window_append, window_extend, window_lengths,
             neighbours_append, scores, recommend, explain, fold_in, cases_add, cases_target,
             leave_one_out, windows_of,
             *metric("recall_at"), *metric("ndcg_at"), *metric("reciprocal_rank_at"),
             *metric("average_precision_at")]
NAMES = [f"{i}-{one.__name__}" for i, one in enumerate(FUNCTIONS)]
FEWEST = {windows_of: 1, window_lengths: 1, cases_target: 1, leave_one_out: 2}
BAD = {
    "bool": np.array([True, False]),
    "float": np.array([1.0, 2.0]),
    "NaN": np.array([1.0, np.nan]),
    "complex": np.array([1 + 0j]),
    "text": np.array(["1", "2"]),
    "bytes": np.array([b"1"]),
    "object": np.array([1, 2], dtype=object),
    "mixed": np.array([1, None], dtype=object),
    "dates": np.array(["2024-01-01"], dtype="datetime64[D]"),
    "0-d": np.array(3),
    "2-d": np.array([[1, 2]]),
    "negative": np.array([1, -1], dtype=np.int8),
    "lowest": np.array([np.iinfo(np.int64).min]),
    "2^32 - 1": np.array([2**32 - 1], dtype=np.uint32),
    "2^32 + 3": np.array([2**32 + 3]),
    "2^64 - 1": np.array([2**64 - 1], dtype=np.uint64),
}


def some(size, function=None):
    """Distinct items in no order; few of them fit into every type."""
    values = np.random.default_rng(size).permutation(128 if size <= 128 else ITEMS)[:size]
    return values % 100 + 1 if function is window_lengths else values


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("function", FUNCTIONS, ids=NAMES)
def test_indices_of_every_form(function, size):
    if size < FEWEST.get(function, 0):
        return
    values = some(size, function)
    expected = function(values.tolist())
    for name, array in forms(values, WHOLE):
        np.testing.assert_equal(function(array), expected, err_msg=name)


@pytest.mark.parametrize("size", [1, 500])
def test_pools_of_every_form(size):
    values = some(size) % 100
    expected = pools(values)
    for name, array in forms(values, WHOLE):
        np.testing.assert_equal(pools(array), expected, err_msg=name)


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("function", FUNCTIONS, ids=NAMES)
def test_what_is_no_index_is_refused(function, bad):
    with pytest.raises((bodega.Error, TypeError)):
        function(BAD[bad])


def test_own_arrays_go_back_in(baskets):
    again = bodega.Baskets(baskets.items)
    for i in range(len(baskets)):
        again.add(baskets.when(i), baskets[i], baskets.customer(i))
    assert (again.basket_items() != baskets.basket_items()).nnz == 0
    items = bodega.items_with_sale_days(SALES, 1, date(2024, 1, 17))
    assert items.dtype == np.uint32 and len(items) > 1000
    assert np.unique(bodega.SalesWindows(SALES, items=items).item).tolist() == items.tolist()


SOURCES = Path(__file__).resolve().parents[1] / "src"


@pytest.mark.skipif(not SOURCES.exists(), reason="without the sources of the module")
def test_one_file_takes_arrays_apart():
    """A view of a converted array ends with it, so conversions are named and stand in one file."""
    taking = re.compile(r"forcecast|unchecked<|mutable_unchecked|array::ensure|\.request\(")
    found = {p.name for p in SOURCES.glob("*.?pp") if taking.search(p.read_text())}
    assert found == {"convert.cpp"}
    text = (SOURCES / "convert.cpp").read_text()
    assert not re.search(r"array_t<[^;()]*>\([^;]*\)\s*\.\w+", text)  # none is used without a name


# ---------------------------------------------------------------- booleans


def flags_forms(values):
    return forms(values, ["bool", "int8", "uint64", "float32", "float64", "object"])


def test_allowed_in_every_form():
    allowed = np.arange(ITEMS) % 3 == 0
    expected = [pick.item for pick in PAIRS.recommend([1, 5, 8], allowed=allowed)]
    assert expected == [9, 6]
    for name, array in forms(allowed, ["bool"]):
        assert [p.item for p in PAIRS.recommend([1, 5, 8], allowed=array)] == expected, name
    for bad in (allowed[:-1], allowed.astype(int), allowed.astype(object), allowed[None],
                np.array(True), np.array([], dtype=bool)):
        with pytest.raises(bodega.Error, match="allowed"):
            PAIRS.recommend([1], allowed=bad)


@pytest.mark.parametrize("cases", [bodega.LeaveOneOut, bodega.BasketCases])
def test_catalogue_in_every_form(cases):
    catalogue = np.arange(ITEMS) < 20
    for _, array in forms(catalogue, ["bool"]):
        cases(array)
    for bad in (catalogue.astype(int), np.array(True), catalogue[None]):
        with pytest.raises(bodega.Error, match="catalogue"):
            cases(bad)


def test_traded_and_known_in_every_form():
    units = np.ones((3, 40), dtype=np.float32)
    traded = np.arange(40) % 3 != 2
    units[:, ~traded] = 0
    for name, array in flags_forms(traded):
        sales = bodega.DailySales(units, DAY, traded=array)
        np.testing.assert_equal(sales.traded, traded, err_msg=name)
    padded = np.zeros(80, dtype=bool)
    padded[::2] = traded
    padded[1::2] = ~traded
    np.testing.assert_equal(bodega.DailySales(units, DAY, traded=padded[::2]).traded, traded)

    known = (np.arange(120).reshape(3, 40) % 7 != 1) & traded
    for name, array in flags_forms(known.ravel()):
        for table in (array.reshape(3, 40), np.asfortranarray(array.reshape(3, 40))):
            sales = bodega.DailySales(units, DAY, traded=traded, known=table)
            np.testing.assert_equal(sales.known, known, err_msg=name)
    for bad in (np.array([2] * 40), np.array([np.nan] * 40), np.array(["True"] * 40),
                np.array(1), np.ones((1, 40), bool), np.ones(39, bool)):
        with pytest.raises(bodega.Error, match="traded"):
            bodega.DailySales(units, DAY, traded=bad)
        with pytest.raises(bodega.Error, match="known"):
            bodega.DailySales(units, DAY, known=bad)


# ---------------------------------------------------------------- numbers

NUMBERS = ["int8", "uint8", "int64", "uint64", "float16", "float32", "float64", ">f4", ">f8"]


def test_tables_in_every_form():
    values = np.arange(1500) % 90
    table = values.reshape(50, 30)
    expected = bodega.DailySales(table.tolist(), DAY).units
    for name, array in forms(values, NUMBERS):
        for form in (array.reshape(50, 30), np.asfortranarray(array.reshape(50, 30))):
            np.testing.assert_equal(bodega.DailySales(form, DAY).units, expected, err_msg=name)
            vectors = bodega.ItemVectors(form).vectors
            np.testing.assert_equal(vectors, expected, err_msg=name)
    wide = np.arange(6000).reshape(100, 60) % 90
    np.testing.assert_equal(bodega.DailySales(wide[::2, ::-2], DAY).units, wide[::2, ::-2])
    assert bodega.DailySales(np.zeros((0, 5)), DAY).units.shape == (0, 5)
    for bad in (np.array(3.0), values, table[None], table.astype(complex), table.astype(str),
                table.astype(object), table.astype(bool)):
        with pytest.raises(bodega.Error):
            bodega.DailySales(bad, DAY)
    with pytest.raises(bodega.Error):
        bodega.DailySales(np.full((2, 3), np.nan), DAY)


def test_windows_of_sales_in_every_form():
    forecaster = bodega.WindowMean()
    values = np.arange(14 * 200) % 90
    expected = forecaster.forecast(values.reshape(200, 14).tolist(), DAY)
    for name, array in forms(values, [*NUMBERS, "object"]):
        for form in (array.reshape(200, 14), np.asfortranarray(array.reshape(200, 14))):
            np.testing.assert_equal(forecaster.forecast(form, DAY), expected, err_msg=name)
    twice = np.repeat(values[:14], 2)
    assert forecaster.forecast(twice[::2], DAY) == expected[0]
    targets = np.arange("2024-02-01", "2024-08-19", dtype="datetime64[D]")
    for form in (targets, np.repeat(targets, 2)[::2], targets.tolist(),
                 targets.astype("datetime64[s]")):
        np.testing.assert_equal(forecaster.forecast(values.reshape(200, 14), form), expected)
    for bad in (np.array(1.0), values[:13], np.array(["1"] * 14), np.ones(14, complex),
                np.ones((1, 1, 14))):
        with pytest.raises(bodega.Error):
            forecaster.forecast(bad, DAY)
    with pytest.raises((TypeError, ValueError)):
        forecaster.forecast([object()] * 14, DAY)


def test_errors_of_lists_in_every_form():
    actual, said = np.arange(1000) % 90, np.arange(1000)[::-1] % 80
    expected = bodega.forecast_errors(actual.tolist(), said.tolist())
    for name, array in forms(said, [*NUMBERS, "object"]):
        errors = bodega.forecast_errors(actual, array)
        assert (errors.mae, errors.rmse) == (expected.mae, expected.rmse), name
    for bad in (np.array(1.0), said[:-1], said[None], said.astype(str), said.astype(complex)):
        with pytest.raises(bodega.Error, match="forecast_errors"):
            bodega.forecast_errors(actual, bad)


def test_values_of_covariates_in_every_form():
    days = np.arange("2024-01-01", "2024-07-19", dtype="datetime64[D]")
    values = np.arange(200) % 90
    for name, array in forms(values, [*NUMBERS, "object"]):
        table = bodega.Covariates(["price"], DAY, 200)
        table.set("price", days, array)
        assert [table.at(day)[0] for day in days.tolist()] == values.tolist(), name
    table = bodega.Covariates(["price"], DAY, 200)
    for bad in (values[:-1], values.astype(str), np.array([])):
        with pytest.raises(bodega.Error):
            table.set("price", days, bad)


def test_biases_in_every_form(lstm):
    parts = bodega.state_dict(lstm)
    arrays = [parts[name] for name in ("input", "recurrent", "bias", "output")]
    window = np.arange(14)
    expected = bodega.Lstm(*arrays).forecast(window, DAY)
    bias = arrays[2]
    for form in (bias.astype(np.float64), np.repeat(bias, 2)[::2], bias[::-1].copy()[::-1]):
        assert bodega.Lstm(*arrays[:2], form, arrays[3]).forecast(window, DAY) == expected
    for bad in (bias[None], bias.astype(str), np.array(1.0), bias[:-1]):
        with pytest.raises(bodega.Error):
            bodega.Lstm(*arrays[:2], bad, arrays[3])


# ---------------------------------------------------------------- sparse matrices


def entries(size):
    """(values, rows, columns) of a matrix of ITEMS x ITEMS."""
    random = np.random.default_rng(size)
    cells = np.sort(random.choice(ITEMS * ITEMS, size, replace=False))
    return random.integers(1, 90, size), cells // ITEMS, cells % ITEMS


@pytest.mark.parametrize("size", SIZES)
def test_sparse_matrices_in_every_form(size):
    values, rows, columns = entries(size)
    expected = sparse.csr_matrix((values, (rows, columns)), (ITEMS, ITEMS), dtype=np.float32)
    for dtype in ("int8", "uint16", "int64", "float32", "float64"):
        plain = sparse.csr_matrix((values.astype(dtype), (rows, columns)), (ITEMS, ITEMS))
        wide = plain.copy()
        wide.indices, wide.indptr = wide.indices.astype(np.int64), wide.indptr.astype(np.int64)
        strided = plain.copy()
        strided.indices = np.repeat(plain.indices, 2)[::2]
        strided.data = np.repeat(plain.data, 2)[::2]
        roomy = plain.copy()
        roomy.indices = np.concatenate([plain.indices, np.full(7, 99, plain.indices.dtype)])
        roomy.data = np.concatenate([plain.data, np.full(7, 99, dtype)])
        twice = sparse.coo_matrix((np.repeat(values, 2).astype(dtype),
                                   (np.repeat(rows, 2), np.repeat(columns, 2))), (ITEMS, ITEMS))
        forms = [plain, wide, strided, roomy, plain.tocsc(), plain.tocoo(), sparse.csr_array(plain)]
        for form in forms:
            assert (bodega.ItemItem(form).weights != expected).nnz == 0
        if dtype != "int8":
            assert (bodega.ItemItem(twice).weights != 2 * expected).nnz == 0


def test_sparse_matrices_that_contradict_themselves():
    values, rows, columns = entries(200)
    good = sparse.csr_matrix((values, (rows, columns)), (ITEMS, ITEMS))
    for index in (ITEMS, -1, 2**32, 2**32 + 1):
        bad = good.copy()
        bad.indices = bad.indices.astype(np.int64)
        bad.indices[-1] = index
        with pytest.raises(bodega.Error):
            bodega.ItemItem(bad)
    for dtype in (complex, object):
        with pytest.raises((bodega.Error, TypeError, ValueError)):
            bad = good.astype(dtype) if dtype is complex else good.copy()
            if dtype is object:
                bad.data = np.array([object()] * bad.nnz)
            bodega.ItemItem(bad)


# ---------------------------------------------------------------- every argument that is an array


def tables():
    """(name, array) of what may come as an array: most is nonsense somewhere."""
    long = np.arange(1200) % 100
    for kind in "bool int8 uint8 int16 uint32 int64 uint64 float16 float32 float64 >f8 complex64".split():
        plain = long.astype(kind)
        yield kind, plain
        yield f"{kind}, every third backwards", plain[::-3]
        yield f"{kind}, 2-d", plain.reshape(40, 30)
        yield f"{kind}, 2-d by columns", np.asfortranarray(plain.reshape(40, 30))
        yield f"{kind}, a window", plain[:14]
    for name, one in {
        "0-d": np.array(3.0), "empty": np.array([]), "0 x 5": np.zeros((0, 5)), "5 x 0": np.zeros((5, 0)),
        "3-d": np.zeros((2, 3, 4)), "NaN": np.full(14, np.nan), "infinite": np.full(14, np.inf),
        "huge": np.full(14, 1e300), "negative": np.full(14, -1), "lowest": np.full(14, -(2**63)),
        "2^64 - 1": np.full(14, 2**64 - 1, dtype=np.uint64), "text": np.array(["a"] * 14),
        "bytes": np.array([b"a"] * 14), "objects": np.array([object()] * 14),
        "None": np.array([None] * 14), "ints as objects": np.array([1] * 14, dtype=object),
        "masked": np.ma.masked_array(np.arange(14), np.arange(14) % 2 == 0),
        "records": np.zeros(14, dtype=[("a", "i4"), ("b", "f4")]),
        "dates": np.arange("2024-01-01", "2024-01-15", dtype="datetime64[D]"),
        "no dates": np.full(14, np.datetime64("NaT")), "spans": np.zeros(14, dtype="timedelta64[s]"),
        "a matrix": np.asmatrix(np.ones((3, 3))), "read-only": np.broadcast_to(np.float32(1), (14, 14)),
        "square": np.ones((14, 14)), "sparse": sparse.eye(14, format="csr"),
        "sparse with NaN": sparse.csr_matrix(np.full((14, 14), np.nan)),
        "sparse by columns": sparse.random(14, 14, 0.3, format="csc", random_state=1),
        "an array of arrays": np.array([np.ones(2), np.ones(2)], dtype=object),
        "ragged": [[1, 2], [3]], "a set": {1, 2}, "a dict": {1: 2}, "a text": "abc", "a number": 3,
        "no array": object(), "a function": len, "None alone": None, "a generator": (i for i in [1]),
    }.items():
        yield name, one


MANY = bodega.Baskets(100)
for first in range(90):
    MANY.add(datetime(2024, 1, 1 + first % 28), [first, first + 1, first + 7], customer=first % 10)
COUNTS = bodega.Cooccurrence(MANY)
FEW = bodega.DailySales(RANDOM.poisson(3, size=(100, 40)), DAY)
WINDOWS = bodega.SalesWindows(FEW, items=[0, 1])
NAIVE = bodega.WindowMean()
CATALOG = bodega.Catalog()
for first in range(100):
    CATALOG.add(f"A{first}", f"thing {first}")
SEARCH = bodega.SearchIndex(CATALOG)
UNITS = np.ones((3, 14), dtype=np.float32)
GOOD = {"input": np.ones((1, 8)), "recurrent": np.ones((2, 8)), "bias": np.ones(8),
        "output": np.ones((1, 2)), "inputs": "window"}
GOOD_GRU = {**GOOD, "input": np.ones((1, 6)), "recurrent": np.ones((2, 6))}


def network(make, good, part):
    return lambda a: make(**{**good, part: a})


@cache
def a_till():
    bundle = bodega.Bundle()
    bundle.add("catalog", CATALOG)
    bundle.add("items", bodega.fit_ease(COUNTS))
    bundle.add("search", SEARCH)
    bundle.add("history", FEW)
    return bodega.Till(bundle)


@cache
def a_lane():
    return a_till().lane()


NOON = datetime(2024, 3, 1, 12)
OBSERVERS = {
    "Cooccurrence": cache(lambda: bodega.Cooccurrence(MANY)),
    "Popularity": cache(lambda: bodega.Popularity(MANY)),
    "StoreSales": cache(lambda: bodega.StoreSales(MANY)),
    "SessionNeighbours": cache(lambda: bodega.SessionNeighbours(bodega.SessionWindow(100))),
    "RepeatPurchase": cache(lambda: bodega.fit_repeat_purchase(MANY)),
    "PurchaseCycle": cache(lambda: bodega.fit_purchase_cycle(MANY)),
    "CustomerBaskets": cache(lambda: bodega.fit_customer_baskets(MANY)),
}
#: Each argument of the module that may be an array, as the stub has it, and a call that hands it on.
TAKES = {
    "Catalog.add attributes": lambda a: bodega.Catalog().add("A", attributes=a),
    "Baskets.add items": lambda a: bodega.Baskets(100).add(NOON, a),
    "DailySales.__init__ units": lambda a: bodega.DailySales(a, DAY),
    "DailySales.__init__ traded": lambda a: bodega.DailySales(UNITS, DAY, traded=a),
    "DailySales.__init__ known": lambda a: bodega.DailySales(UNITS, DAY, known=a),
    "DailySales.mark_away days": lambda a: bodega.DailySales(UNITS, DAY).mark_away(0, a),
    "Scorer.scores basket": lambda a: PAIRS.scores(a),
    "Scorer.recommend basket": lambda a: PAIRS.recommend(a),
    "Scorer.recommend allowed": lambda a: PAIRS.recommend([1], allowed=a),
    "Scorer.explain basket": lambda a: PAIRS.explain(a, 1),
    **{f"Scorer.{one} {part}": (
        lambda a, of=getattr(PAIRS, one), part=part, also=[2] if one == "explain" else []:
        of([1] * 14, *also, **{part: a}))
       for one in ("scores", "recommend", "explain") for part in ("quantities", "session")},
    "Cooccurrence.__init__ weights": lambda a: bodega.Cooccurrence(MANY, weights=a),
    "Cooccurrence.from_user_items user_items": bodega.Cooccurrence.from_user_items,
    "Cooccurrence.add basket": lambda a: bodega.Cooccurrence(100).add(a, DAY),
    "Popularity.add basket": lambda a: bodega.Popularity(100).add(a, DAY),
    **{f"{name}.observe lines": (lambda a, of=of: of().observe(NOON, a, customer=1))
       for name, of in OBSERVERS.items()},
    "StoreSales.add items": lambda a: bodega.StoreSales(100).add(1, NOON, a),
    "fit_shop_prior expected": lambda a: bodega.fit_shop_prior(
        bodega.StoreSales(MANY), expected=a),
    "FactorModel.__init__ vectors": lambda a: bodega.FactorModel(vectors=a),
    "FactorModel.fold_in basket": lambda a: FACTORS.fold_in(a),
    "fit_als user_items": lambda a: bodega.fit_als(a, factors=2, iterations=1),
    "fit_bpr user_items": lambda a: bodega.fit_bpr(a, factors=2, epochs=1),
    "ItemItem.__init__ weights": bodega.ItemItem,
    "CustomerItems.__init__ weights": bodega.CustomerItems,
    "fit_customer_neighbours history": bodega.fit_customer_neighbours,
    "fit_item_vectors pairs": lambda a: bodega.fit_item_vectors(a, dimensions=2),
    "SessionWindow.append session": lambda a: bodega.SessionWindow(100).append(a),
    "SessionWindow.extend views": lambda a: bodega.SessionWindow(100).extend(a, [14]),
    "SessionWindow.extend lengths": lambda a: bodega.SessionWindow(100).extend([1] * 14, a),
    "SessionNeighbours.append session": lambda a: bodega.SessionNeighbours(
        bodega.SessionWindow(100)).append(a),
    "SequentialRules.__init__ weights": bodega.SequentialRules,
    "SearchIndex.search basket": lambda a: SEARCH.search("thing", basket=a),
    "SearchIndex.search allowed": lambda a: SEARCH.search("thing", allowed=a),
    "ItemVectors.__init__ vectors": bodega.ItemVectors,
    "SalesWindows.__init__ items": lambda a: bodega.SalesWindows(FEW, items=a),
    "Forecaster.forecast sales": lambda a: NAIVE.forecast(a, DAY),
    "Forecaster.forecast target": lambda a: NAIVE.forecast(UNITS, a),
    "Forecaster.forecast days": lambda a: NAIVE.forecast(UNITS, DAY, a),
    "WeekdayMean.__init__ factors": bodega.WeekdayMean,
    "Calendar.__init__ weekdays": lambda a: bodega.Calendar(weekdays=a),
    "Calendar.__init__ closed": lambda a: bodega.Calendar(closed=a),
    "Calendar.__init__ holidays": lambda a: bodega.Calendar(holidays=a),
    "Covariates.set day": lambda a: bodega.Covariates(["price"], DAY, 40).set("price", a, 1),
    "Covariates.set value": lambda a: bodega.Covariates(["price"], DAY, 40).set("price", DAY, a),
    "DemandFactors.factor covariates": lambda a: bodega.fit_demand_factors(WINDOWS).factor(
        DAY, covariates=a),
    "with_pooled_levels pools": lambda a: bodega.with_pooled_levels(
        WINDOWS, bodega.fit_demand_factors(WINDOWS), pools=a),
    "IntermittentDemand.quantiles levels": lambda a: bodega.IntermittentDemand(
        FEW).quantiles(a),
    **{f"Lstm.__init__ {p}": network(bodega.Lstm, GOOD, p) for p in list(GOOD)[:4]},
    **{f"Gru.__init__ {p}": network(bodega.Gru, GOOD_GRU, p) for p in list(GOOD)[:4]},
    "train_lstm quantiles": lambda a: bodega.train_lstm(
        WINDOWS, epochs=1, hidden=2, quantiles=a, threads=1),
    "train_gru quantiles": lambda a: bodega.train_gru(
        WINDOWS, epochs=1, hidden=2, quantiles=a, threads=1),
    "forecast_errors actual": lambda a: bodega.forecast_errors(a, np.ones(14)),
    "forecast_errors forecast": lambda a: bodega.forecast_errors(np.ones(14), a),
    "LeaveOneOut.__init__ catalogue": lambda a: (
        bodega.LeaveOneOut(a), bodega.LeaveOneOut(MANY, a)),
    "LeaveOneOut.add basket": lambda a: bodega.LeaveOneOut(np.ones(100, bool)).add(a, 0),
    "BasketCases.__init__ catalogue": lambda a: (
        bodega.BasketCases(a), bodega.BasketCases(MANY, MANY, a)),
    "BasketCases.add query": lambda a: bodega.BasketCases(np.ones(100, bool)).add(a, [1]),
    "BasketCases.add target": lambda a: bodega.BasketCases(np.ones(100, bool)).add([1], a),
    "BasketCases.add seen": lambda a: bodega.BasketCases(np.ones(100, bool)).add([1], [2], a),
    **{f"{metric} {argument}": (
        lambda a, of=getattr(bodega, metric), first=argument == "items":
        of(10, a, [1]) if first else of(10, [1], a))
       for metric in ("recall_at", "reciprocal_rank_at", "ndcg_at", "average_precision_at")
       for argument in ("items", "targets")},
    "Stock.feed rows": lambda a: a_till().stock.feed(a),
    "Lane.recommend basket": lambda a: a_lane().recommend(a),
    "Lane.recommend session": lambda a: a_lane().recommend([], session=a),
    "Lane.search basket": lambda a: a_lane().search("thing", basket=a),
    "Lane.search session": lambda a: a_lane().search("thing", session=a),
    "Till.quantiles levels": lambda a: a_till().quantiles("A1", a),
    "Till.observe lines": lambda a: a_till().observe(NOON, a),
}
#: What may hold an array, in the stub's words.
ARRAYS = re.compile(r"ArrayLike|NDArray|_Floats|_Days|_Sparse|spmatrix|Sequence\[(int|float)\]|Iterable")


def arguments(body, owner=""):
    for node in body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from arguments(node.body, node.name + ".")
        elif isinstance(node, ast.FunctionDef):
            a = node.args
            for argument in a.posonlyargs + a.args + a.kwonlyargs:
                if argument.annotation and ARRAYS.search(ast.unparse(argument.annotation)):
                    yield f"{owner}{node.name} {argument.arg}"


def test_the_table_has_every_argument_that_is_an_array():
    stub = Path(bodega.__file__).with_name("_core.pyi")
    missing = set(arguments(ast.parse(stub.read_text()).body)) - set(TAKES)
    assert not missing, "add them to TAKES"


@pytest.mark.parametrize("argument", TAKES)
def test_whatever_comes_is_answered_or_refused(argument):
    """Under the address sanitizer this is what finds a read beyond an array."""
    taken = refused = 0
    for name, array in tables():
        try:
            TAKES[argument](array)
            taken += 1
        except bodega.Error as error:
            assert error.where and error.expected, name
            refused += 1
        except (TypeError, ValueError, OverflowError) as error:
            assert "\0" not in str(error), name
            refused += 1
    assert refused > 0, "is anything an array there?"
