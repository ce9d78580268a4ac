# SPDX-License-Identifier: MIT
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
    slate = till.recommend(["A003", 8], k=4)
    assert len(slate) == 4 and slate.answered_by == "blend"
    assert [pick.item for pick in slate] == [pick.item for pick in slate.picks]
    first = slate[0]
    assert till.describe(first.because[0])
    items = ", ".join(str(pick.item) for pick in slate)
    assert repr(slate) == f"Slate(items=[{items}], answered_by='blend')"
    assert not {3, 8} & {pick.item for pick in slate}

    till.stock.set(first.item, 0)
    assert not till.stock.available(first.item) and till.stock.units(first.item) == 0
    assert first.item not in [pick.item for pick in till.recommend(["A003", 8], k=4)]
    till.stock.forget(first.item)
    assert till.stock.units(first.item) is None
    assert till.recommend(["A003", 8], k=4)[0].item == first.item

    assert till.recommend().answered_by == "popularity"
    assert till.recommend(viewed="A003", k=1)[0].item != 3
    assert len(till.recommend([3], k=10**6)) < 30
    with pytest.raises(bodega.Error) as caught:
        till.recommend(["no such item"])
    assert caught.value.code == "unknown_id"
    with pytest.raises(TypeError):
        till.recommend("A003")
    with pytest.raises(IndexError):
        slate[4]


def test_till_forecasts_and_observes(path):
    till = bodega.Till.open(path)
    assert till.forecast_day() == date(2024, 3, 11)  # 2024-03-10, a Sunday, was the last day
    before = till.forecast("A010")
    assert before.answered_by == "demand" and before.units > 0
    assert till.forecast(10).units == before.units
    till.stock.set(10, 50)
    till.observe(datetime(2024, 3, 11, 9, 30), [("A010", 4, 11.25), (11, 1.5), (12,)], customer=3)
    assert till.stock.units(10) == 46
    till.close_day()
    assert till.forecast_day() == date(2024, 3, 12)
    assert till.forecast("A010").units != before.units
    till.observe(datetime(2024, 3, 12), [(10, 1), (30, 1)])  # of 30 nothing is known
    assert till.stock.units(10) == 45


def test_till_without_models(catalog):
    bundle = bodega.Bundle()
    with pytest.raises(bodega.Error) as caught:
        bodega.Till(bundle)
    assert caught.value.code == "missing"
    bundle.add("catalog", catalog)
    till = bodega.Till(bundle, weights=bodega.TillWeights())
    assert len(till.recommend([3])) == 0 and till.recommend([3]).answered_by == "none"
    assert till.forecast(3).answered_by == "none" and till.forecast_day() is None
    assert till.catalog.ids == catalog.ids
    stock = till.stock
    del till
    assert stock.items == 30  # keeps its till alive
