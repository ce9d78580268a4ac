# SPDX-License-Identifier: MIT
import threading
from datetime import date, datetime

import numpy as np
import pytest
from safetensors.numpy import load_file

import bodega


@pytest.fixture(scope="module")
def bundle(catalog, baskets, counts, sales, windows, lstm):
    bundle = bodega.Bundle()
    bundle.add("catalog", catalog)
    bundle.add("items", bodega.quantize(bodega.fit_ease(counts, l2=20)))
    bundle.add("content", bodega.ContentModel(catalog))
    bundle.add("popularity", bodega.Popularity(baskets))
    bundle.add("demand", bodega.quantize(bodega.prune(lstm, sparsity=0.5)))
    bundle.add("demand_baseline", bodega.fit_weekday_mean(windows))
    bundle.add("history", sales.tail(20))
    bundle.add("vectors", bodega.fit_item_vectors(counts, dimensions=8))
    bundle.add("counts", counts)
    bundle.add("weights", bodega.TillWeights(content=0.2))
    return bundle


@pytest.fixture
def path(bundle, tmp_path):
    path = tmp_path / "store-17.bodega"
    bundle.save(path)
    return path


def test_every_model_comes_back(bundle, path):
    opened = bodega.Bundle.open(path)
    assert opened.names() == bundle.names() == sorted(bundle.names())
    assert len(opened) == 10 and "items" in opened and "nothing" not in opened
    assert opened.kind("demand") == "lstm" and "int8" in opened.signature("demand")
    for name in opened.names():
        before, after = bundle.get(name), opened.get(name)
        assert type(before) is type(after) and before.format == after.format
        assert before.kind == after.kind == opened.kind(name)
        state = after.state_dict()
        for tensor, numbers in before.state_dict().items():
            np.testing.assert_array_equal(state[tensor], numbers)
            assert state[tensor].dtype == numbers.dtype
    assert opened.get("items").scores([3]).any()
    assert repr(opened.get("items")) == "<bodega item_item in int8>"
    assert repr(opened.get("catalog")) == "<bodega catalog>"
    assert opened.serialize() == bundle.serialize() == path.read_bytes()
    assert bodega.Bundle.parse(path.read_bytes()).names() == opened.names()


def test_any_safetensors_reader_opens_it(bundle, path):
    """What the public safetensors package reads is what the models hold."""
    tensors = load_file(path)
    plain = 0
    for name in bundle.names():
        model = bundle.get(name)
        state = model.state_dict()
        for row in model.size_report().rows:
            suffix = "" if row["encoding"] == "plain" else "." + row["encoding"]
            key = f"{name}.{row['tensor']}{suffix}"
            if key == "popularity.count":
                assert key not in tensors  # what is counted is written where it is not receipts
                continue
            stored = tensors.pop(key)
            assert stored.shape == row["shape"] and stored.nbytes == row["bytes"]
            if row["encoding"] == "plain":
                np.testing.assert_array_equal(stored, state[row["tensor"]])
                plain += 1
    assert tensors == {} and plain > 20


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda file: file[: len(file) // 2], "format"),
        (lambda file: file[:-1] + bytes([file[-1] ^ 1]), "checksum"),
        (lambda file: b"not a bundle", "format"),
        (lambda file: b"", "format"),
    ],
)
def test_damaged_files(path, damage, code):
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(bodega.Error) as caught:
        bodega.Bundle.open(path)
    assert caught.value.code == code and "store-17.bodega" in caught.value.where


def test_bundle_refuses(bundle, tmp_path):
    with pytest.raises(bodega.Error) as caught:
        bundle.get("nothing")
    assert caught.value.code == "missing"
    with pytest.raises(bodega.Error) as caught:
        bundle.add("items", bundle.get("items"))
    assert caught.value.code == "duplicate"
    with pytest.raises(bodega.Error):
        bundle.add("Not A Name", bundle.get("items"))
    with pytest.raises(bodega.Error) as caught:
        bundle.save(tmp_path / "no" / "such" / "folder")
    assert caught.value.code == "io"


def test_till_recommends_what_is_in_stock(path):
    till = bodega.Till.open(path)
    lane = till.lane()
    slate = lane.recommend(["A003", "A008"], k=4)
    assert len(slate) == 4 and slate.answered_by in ("items", "content")
    assert all(pick.instead_of == "" and pick.probability != pick.probability for pick in slate)
    codes = [pick.code for pick in slate]
    assert codes == [pick.code for pick in slate.picks]
    first = slate[0]
    assert first.description and first.score >= slate[1].score
    reason = first.because[0]
    assert reason.text and reason.part in ("items", "content") and reason.contribution > 0
    assert repr(slate) == f"Slate({', '.join(codes)}; answered_by='{slate.answered_by}')"
    assert not {"A003", "A008"} & set(codes)

    till.stock.set(first.code, 0)
    assert not till.stock.available(first.code) and till.stock.units(first.code) == 0
    assert first.code not in [pick.code for pick in lane.recommend(["A003", "A008"], k=4)]
    till.stock.forget(first.code)
    assert till.stock.units(first.code) is None
    assert lane.recommend(["A003", "A008"], k=4)[0].code == first.code
    assert lane.recommend([("A003", 2), "A008"], k=4)[0].code == first.code

    assert lane.recommend().answered_by == "popularity"
    assert lane.recommend(viewed="A003", k=1)[0].code != "A003"
    assert len(lane.recommend(["A003"], k=10**6)) < 30
    assert lane.recommend(["no such item"]).answered_by == "popularity"
    assert lane.recommend(session=["A003", ("A008", 12.5)], card="77", k=1)
    with pytest.raises(TypeError):
        lane.recommend("A003")
    for bad in ([None], [3], [("A003",)], [("A003", None)]):
        with pytest.raises((TypeError, bodega.Error)):
            lane.recommend(bad)
    with pytest.raises(IndexError):
        slate[4]
    with pytest.raises(bodega.Error) as caught:
        till.stock.set("no such item", 1)
    assert caught.value.code == "unknown_id"


def test_till_forecasts_and_observes(path):
    till = bodega.Till.open(path)
    assert till.forecast_day() == date(2024, 3, 11)  # 2024-03-10, a Sunday, was the last day
    before = till.forecast("A010")
    assert before.answered_by == "demand" and before.units > 0
    till.stock.set("A010", 50)
    lines = [("A010", 4, 11.25), ("A011", 1.5), ("A012",)]
    till.observe(datetime(2024, 3, 11, 9, 30), lines, id="1", card="77")
    assert till.stock.units("A010") == 46
    till.observe(datetime(2024, 3, 11, 9, 30), lines, id="1", card="77")
    assert till.stock.units("A010") == 46 and till.report().twice == 1
    till.close_day()
    assert till.forecast_day() == date(2024, 3, 12)
    assert till.forecast("A010").units != before.units
    till.observe(datetime(2024, 3, 12), [("A010", 1), ("no such", 1)])
    assert till.stock.units("A010") == 45
    report = till.report()
    assert (report.receipts, report.unknown_lines, report.held) == (2, 1, 0)
    assert "1 lines of items outside the catalogue" in str(report)


def answers(till):
    return ([(pick.code, pick.score) for pick in till.lane().recommend(["A003"], k=9)],
            [till.forecast(code).units for code in till.catalog.ids],
            [till.stock.units(code) for code in till.catalog.ids])


def test_an_undone_receipt_leaves_no_trace(path):
    till = bodega.Till.open(path)
    till.stock.set("A010", 50)
    till.observe(datetime(2024, 3, 11, 9), [("A011", 1)], id="1")
    before = answers(till)
    till.observe(datetime(2024, 3, 11, 10), [("A010", 4), ("A003", 9)], id="2")
    assert answers(till) != before
    assert till.undo("2") and not till.undo("2") and not till.undo("3", day=date(2024, 3, 11))
    assert answers(till) == before
    assert till.report().undone == 1


def test_state_outlives_a_restart(path, tmp_path):
    state = tmp_path / "store-17.state"
    till = bodega.Till.open(path, state=state, sync="each_record")
    till.stock.set("A010", 50)
    till.observe(datetime(2024, 3, 11, 9), [("A010", 4)], id="1")
    till.add("NEW", "a violet thing", price=2.5, attributes={"colour": "violet"})
    till.relist("A011", "Z011")
    till.sync()
    before = answers(till)
    with pytest.raises(bodega.Error) as caught:
        bodega.Till.open(path, state=state)
    assert caught.value.code == "io"
    del till
    again = bodega.Till.open(path, state=state)
    assert answers(again) == before
    assert again.stock.units("A010") == 46 and "Z011" in again.catalog.ids
    assert again.report().unreadable == 0
    with pytest.raises(bodega.Error):
        bodega.Till.open(path, sync="now and then")


def test_a_file_is_swapped_while_lanes_ask(path, bundle):
    till = bodega.Till.open(path)
    lane = till.lane()
    slate = lane.recommend(["A003"])
    till.stock.set(slate[0].code, 0)
    till.replace(path)
    till.replace(bundle)
    assert slate[0].code not in [pick.code for pick in lane.recommend(["A003"], k=30)]
    with pytest.raises(bodega.Error):
        till.replace("no such file")
    report = till.report()
    assert report.swaps == 2 and report.lanes == 1 and report.items == 30
    assert "items" in report.parts and "counts" in report.unknown and "customer" in report.unused
    with pytest.raises(bodega.Error):
        bodega.Till(bundle, unknown_parts="refuse")


def test_lanes_and_observers_share_a_till(path):
    till = bodega.Till.open(path)
    till.stock.set("A007", 0)
    wrong = []

    def ask():
        lane = till.lane()
        for _ in range(200):
            if "A007" in [pick.code for pick in lane.recommend(["A002"], k=30)]:
                wrong.append("A007")

    def sell(number):
        for receipt in range(50):
            till.observe(datetime(2024, 3, 11, 9), [("A010", 1)], id=f"{number}/{receipt}")

    threads = [threading.Thread(target=ask) for _ in range(2)]
    threads += [threading.Thread(target=sell, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong and till.report().receipts == 100


def test_a_feed_never_goes_back(path):
    stock = bodega.Till.open(path).stock
    noon = datetime(2024, 3, 11, 12)
    report = stock.feed([("A001", 5, noon), ("A001", 3, datetime(2024, 3, 11, 11)),
                         ("A002", -1, noon), ("no such", 1, noon)])
    assert (report.rows, report.set, report.older, report.negative, report.unknown_item) == (4, 1, 1, 1, 1)
    assert stock.units("A001") == 5 and stock.units("A002") is None
    stock.add("A001", -2)
    assert stock.units("A001") == 3


def test_till_without_models(catalog):
    bundle = bodega.Bundle()
    with pytest.raises(bodega.Error) as caught:
        bodega.Till(bundle)
    assert caught.value.code == "missing"
    bundle.add("catalog", catalog)
    for weights in (bodega.TillWeights(), {"items": 1.0}, None):
        till = bodega.Till(bundle, weights=weights)
        slate = till.lane().recommend(["A003"])
        assert len(slate) == 0 and slate.answered_by == "none"
        assert till.forecast("A003").answered_by == "none" and till.forecast_day() is None
        assert till.catalog.ids == catalog.ids
    stock = till.stock
    del till
    assert stock.available("A003")  # keeps its till alive
