# SPDX-License-Identifier: MIT
"""Each model can be saved, measured, and where it has weights pruned and quantized."""

from datetime import date

import numpy as np
import pytest

import bodega

FIRST_DAY = date(2024, 1, 1)
QUERY = {"basket": [3, 8], "customer": 7}


def brands():
    """Five brands of each of six needs; of two needs at once, one brand each."""
    random = np.random.default_rng(2)
    counts = bodega.Cooccurrence(30)
    for pair in random.integers(0, 3, size=3000):
        counts.add(5 * (2 * pair + np.arange(2)) + random.integers(0, 5, size=2), FIRST_DAY)
    return counts


def models(baskets):
    window = bodega.SessionWindow(30, sessions=1000)
    for i in range(len(baskets)):
        window.append(baskets[i])
    rows = baskets.user_items()
    return {
        "association_rules": bodega.fit_association_rules(baskets, confidence=0.05).model,
        "substitutes": bodega.fit_substitutes(brands(), least_alike=0.1),
        "factor_model": bodega.fit_als(rows, factors=8, threads=1),
        "customer_items": bodega.fit_customer_neighbours(rows, neighbours=5, threads=1),
        "repeat_purchase": bodega.fit_repeat_purchase(baskets, per_step=0.9),
        "purchase_cycle": bodega.fit_purchase_cycle(baskets),
        "customer_baskets": bodega.fit_customer_baskets(baskets, power=1),
        "customer_table": bodega.CustomerTable(["77", "78"], key=(1, 2)),
        "sequential_rules": bodega.fit_sequential_rules(window, view_decay=0.5),
        "session_neighbours": bodega.SessionNeighbours(window, half_life=200),
        "session_window": window,
    }


NAMES = ["association_rules", "substitutes", "factor_model", "customer_items", "repeat_purchase",
         "purchase_cycle", "sequential_rules", "session_neighbours", "session_window"]
WITHOUT_WEIGHTS = ["session_neighbours", "session_window"]


@pytest.fixture(scope="module")
def every(baskets):
    return models(baskets)


def scores(model):
    if isinstance(model, bodega.SessionWindow):
        return np.array([model.count(item) for item in range(30)], dtype=np.float32)
    return model.scores(**QUERY)


def reopened(model):
    bundle = bodega.Bundle()
    bundle.add("model", model)
    return bodega.Bundle.parse(bundle.serialize()).get("model")


@pytest.mark.parametrize("name", NAMES)
def test_saved_and_opened(every, name):
    model = every[name]
    assert model.kind == name
    same = reopened(model)
    assert type(same) is type(model) and same.format == model.format
    np.testing.assert_array_equal(scores(same), scores(model))
    assert scores(model).any()
    stored = sum(row["bytes"] for row in bodega.size_report(model).rows)
    assert 0 < stored == bodega.size_report(model).bytes
    assert bodega.state_dict(model).keys() == bodega.state_dict(same).keys()


@pytest.mark.parametrize("name", [name for name in NAMES if name not in WITHOUT_WEIGHTS])
def test_compressed(every, name):
    model = every[name]
    assert model.format == "float32"
    small = bodega.quantize(model)
    assert type(small) is type(model) and small.format == "int8"
    assert bodega.size_report(small).bytes < bodega.size_report(model).bytes
    exact, rounded = scores(model), scores(small)
    np.testing.assert_allclose(rounded, exact, atol=0.05 * max(np.abs(exact).max(), 1e-9))
    np.testing.assert_array_equal(scores(reopened(small)), rounded)
    np.testing.assert_allclose(scores(bodega.dequantize(small)), rounded, rtol=1e-3, atol=1e-5)
    pruned = bodega.prune(model, sparsity=0.9)
    assert type(pruned) is type(model)
    assert not np.array_equal(scores(pruned), exact)


@pytest.mark.parametrize("name", WITHOUT_WEIGHTS)
def test_nothing_to_compress(every, name):
    assert every[name].format is None
    with pytest.raises(bodega.Error) as caught:
        bodega.quantize(every[name])
    assert caught.value.code == "invalid_argument"
