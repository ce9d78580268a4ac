# SPDX-License-Identifier: MIT
import io
import pickle
from datetime import date, datetime, timezone
from decimal import Decimal

import numpy as np
import pytest
from scipy import sparse

import bodega

CSV = """receipt,item,quantity,time,price,customer,description
1,bread,2,2024-01-01 09:00,1.25,ann,White bread
1,milk,1,2024-01-01 09:00,0.89,ann,Milk
2,bread,1,2024-01-02 10:30,1.30,,White bread
3,bread,-1,2024-01-03 11:00,1.25,ann,
4,POST,1,2024-01-03 11:00,3.00,,Postage
"""


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "receipts.csv"
    path.write_text(CSV)
    return path


def test_receipts_become_tables(path):
    receipts = bodega.read_receipts(path, is_item=lambda id: id != "POST")
    assert len(receipts) == 2
    assert receipts.catalog.ids == ["bread", "milk"]
    assert receipts.catalog.description(0) == "White bread"
    assert receipts.customers == ["ann"]
    report = receipts.report
    assert (report.lines, report.kept, report.returns, report.not_items) == (5, 3, 1, 1)
    assert report.first_day == date(2024, 1, 1)
    assert "5 lines" in str(report)

    baskets = receipts.baskets()
    assert baskets[0].tolist() == [0, 1] and baskets[1].tolist() == [0]
    assert baskets.when(1) == datetime(2024, 1, 2, 10, 30)
    assert (baskets.customer(0), baskets.customer(1)) == (0, None)
    with pytest.raises(IndexError):
        baskets[2]

    user_items = receipts.user_items()
    assert isinstance(user_items, sparse.csr_matrix)
    assert user_items.toarray().tolist() == [[1, 1]]

    sales = receipts.daily_sales()
    assert sales.units.tolist() == [[1, 1], [1, 0]]  # one of Ann's two breads came back
    assert sales.days.tolist() == [date(2024, 1, 1), date(2024, 1, 2)]

    lines = receipts.lines()
    assert lines["receipt"].tolist() == [0, 0, 1]
    assert lines["quantity"].tolist() == [1, 1, 1]
    assert lines["customer"].tolist() == [0, 0, -1]
    assert lines["time"][2] == np.datetime64("2024-01-02T10:30")
    assert lines["store"].tolist() == lines["till"].tolist() == [-1, -1, -1]


def test_receipts_say_their_store_and_till():
    text = "receipt,item,time,quantity,shop,lane\n7,bread,2024-01-01,3,4,1\n7,milk,2024-01-01,1,4,2\n"
    receipts = bodega.read_receipts(io.StringIO(text), store="shop", till="lane")
    assert (len(receipts), receipts.id(1)) == (2, "7")
    assert (receipts.stores, receipts.tills) == (["4"], ["1", "2"])
    assert receipts.lines()["till"].tolist() == [0, 1]
    baskets = receipts.baskets()
    assert (baskets.store(0), baskets.till(0), baskets.till(1)) == (0, 0, 1)
    baskets.add(date(2024, 1, 2), [0], till=3)
    assert (baskets.store(2), baskets.till(2)) == (None, 3)
    units = bodega.Popularity(receipts, half_life_days=0, count="units")
    assert (units.share(0), bodega.Popularity(receipts, half_life_days=0).share(0)) == (0.75, 0.5)


def test_receipts_from_an_open_file(path):
    with open(path, "rb") as file:
        assert len(bodega.read_receipts(file)) == len(bodega.read_receipts(str(path))) == 3
    assert len(bodega.read_receipts(io.StringIO(CSV))) == 3


def test_options_are_keywords(path):
    dropped = bodega.read_receipts(path, returns="drop", normalise=str.upper)
    assert dropped.daily_sales().units[0].tolist()[:2] == [2, 1]
    assert dropped.catalog.ids[0] == "BREAD"
    with pytest.raises(bodega.Error) as caught:
        bodega.read_receipts(path, returns="forget")
    assert caught.value.code == "invalid_argument"
    assert "'net', 'drop'" in caught.value.expected
    with pytest.raises(TypeError):
        bodega.read_receipts(path, retruns="net")


def test_times_may_be_parsed_by_python():
    def day_first(text):
        try:
            return datetime.strptime(text, "%d/%m/%Y")
        except ValueError:
            return None

    text = "receipt,item,quantity,time\n1,bread,1,24/12/2023\n2,bread,1,soon\n"
    receipts = bodega.read_receipts(io.StringIO(text), parse_time=day_first, malformed="lenient")
    assert receipts.report.first_day == date(2023, 12, 24)
    [(line, what)] = receipts.report.first_offenders
    assert line == 3 and "soon" in what


def test_a_failing_callable_is_the_callers_error(path):
    def is_item(id):
        raise KeyError(id)

    with pytest.raises(KeyError):
        bodega.read_receipts(path, is_item=is_item)


def test_bad_lines_are_errors_with_four_parts(path):
    path.write_text(CSV.replace("0.89", "cheap"))
    with pytest.raises(bodega.Error) as caught:
        bodega.read_receipts(path)
    error = caught.value
    assert isinstance(error, ValueError)
    assert error.code == "format"
    assert error.where.endswith("receipts.csv:3, column price")
    assert "cheap" in error.found
    assert str(error) == f"{error.where}: expected {error.expected}, found {error.found} [format]"
    assert str(pickle.loads(pickle.dumps(error))) == str(error)

    receipts = bodega.read_receipts(path, malformed="lenient")
    assert receipts.report.malformed == 1


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(bodega.Error) as caught:
        bodega.read_receipts(tmp_path / "none.csv")
    assert caught.value.code == "io"


def test_catalog(tmp_path):
    path = tmp_path / "items.csv"
    path.write_text("id,description,price,brand\nb1,Bread,1.25,Mill\nm1,Milk,,\n")
    catalog = bodega.read_catalog(path)
    assert len(catalog) == 2 and "b1" in catalog and "x" not in catalog
    assert (catalog.find("m1"), catalog.find("x"), catalog.at("b1")) == (1, None, 0)
    assert catalog.price(0) == 1.25 and catalog.attributes(0) == [("brand", "Mill")]
    assert catalog.kind == "catalog" and catalog.format is None
    with pytest.raises(bodega.Error) as caught:
        catalog.at("x")
    assert caught.value.code == "unknown_id"
    for index in (2, None):
        with pytest.raises(bodega.Error):
            catalog.id(index)
    assert catalog.add("c1", price=Decimal("0.1")) == 2 and catalog.price(2) == 0.1
    with pytest.raises(bodega.Error) as caught:
        catalog.add("c1")
    assert caught.value.code == "duplicate"
    with pytest.raises(TypeError):
        catalog.add("d1", price="1.25 pounds")


def test_receipts_with_a_catalogue(path):
    catalog = bodega.Catalog()
    catalog.add("milk")
    catalog.add("bread")
    receipts = bodega.read_receipts(path, catalog, malformed="lenient")
    assert receipts.report.malformed == 1  # the postage
    assert receipts.baskets()[0].tolist() == [1, 0]


def test_daily_sales_and_numpy():
    units = np.array([[1, 0, 2], [0, 0, 3]])
    sales = bodega.DailySales(units, date(2024, 2, 28), traded=[True, False, True])
    assert sales.units.dtype == np.float32
    np.testing.assert_array_equal(sales.units, units)
    assert sales.traded.tolist() == [True, False, True]
    assert sales.days[2] == np.datetime64("2024-03-01")
    assert sales.trading_days().units.tolist() == [[1, 2], [0, 3]]
    assert sales.tail(1).units.tolist() == [[2], [3]]
    assert sales.slice(0, 2).days.tolist() == [date(2024, 2, 28), date(2024, 2, 29)]
    with pytest.raises(ValueError):
        sales.units[0, 0] = 5


def test_units_outlive_their_table():
    units = bodega.DailySales([[1, 2]], date(2024, 1, 1)).units
    assert units.tolist() == [[1, 2]]


@pytest.mark.parametrize(
    ("units", "traded", "code"),
    [
        ([1, 2], None, "shape"),
        ([[1, 2]], [True], "shape"),
        ([[-1, 2]], None, "out_of_range"),
        ([[np.nan, 2]], None, "out_of_range"),
        ([[1, 2]], [False, True], "out_of_range"),
        ([["a", "b"]], None, "invalid_argument"),
    ],
)
def test_daily_sales_refuse(units, traded, code):
    with pytest.raises(bodega.Error) as caught:
        bodega.DailySales(units, date(2024, 1, 1), traded)
    assert caught.value.code == code


def test_dates():
    baskets = bodega.Baskets(2)
    baskets.add(date(2024, 2, 29), [0])
    assert baskets.when(0) == datetime(2024, 2, 29)
    baskets.add(datetime(1969, 12, 31, 23, 59, 58), [1])
    assert baskets.when(1) == datetime(1969, 12, 31, 23, 59, 58)
    with pytest.raises(bodega.Error):
        baskets.add(datetime(2024, 1, 1, tzinfo=timezone.utc), [0])
    with pytest.raises(TypeError):
        baskets.add("2024-01-01", [0])


@pytest.mark.parametrize(
    ("items", "code"),
    [([2], "out_of_range"), ([-1], "out_of_range"), ([0.5], "invalid_argument"), ([[0]], "shape")],
)
def test_baskets_refuse(items, code):
    baskets = bodega.Baskets(2)
    with pytest.raises(bodega.Error) as caught:
        baskets.add(date(2024, 1, 1), items)
    assert caught.value.code == code
    assert len(baskets) == 0


def test_split_by_time(baskets, sales):
    cut = bodega.time_cut(baskets, 0.1, 0.2)
    train, valid, test = bodega.split_by_time(baskets, cut)
    assert len(train) + len(valid) + len(test) == len(baskets)
    assert len(test) >= 0.2 * len(baskets)
    assert train.when(len(train) - 1).date() < cut.valid_from <= valid.when(0).date()
    cut = bodega.TimeCut(date(2024, 2, 1), date(2024, 3, 1))
    parts = bodega.split_by_time(sales, cut)
    assert [part.units.shape[1] for part in parts] == [31, 29, 10]
