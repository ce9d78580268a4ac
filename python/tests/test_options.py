# SPDX-License-Identifier: MIT
"""Keyword arguments are the options of the library; a model knows how it was made."""

import numpy as np
import pytest

import bodega
from bodega import _core

SORTED = {name: options for name, _, options, _ in _core._options}


def test_an_option_that_is_none_is_named(counts):
    with pytest.raises(TypeError, match=r"fit_ease\(\) has no option 'l3', but l2, neighbours"):
        bodega.fit_ease(counts, l3=1)
    with pytest.raises(bodega.Error, match="'strongest', 'least_missed'") as error:
        bodega.fit_ease(counts, keep="most")
    assert error.value.where == "fit_ease, option keep"
    with pytest.raises(bodega.Error, match="fit_ease, option neighbours: .* 0 or more, found -1"):
        bodega.fit_ease(counts, neighbours=-1)
    for bad in ("many", 1.5, None, [1]):
        with pytest.raises(TypeError, match="fit_ease, option neighbours"):
            bodega.fit_ease(counts, neighbours=bad)
    with pytest.raises(TypeError):
        bodega.fit_ease(counts, 200.0)


def test_signatures_and_meanings_are_in_the_docstring():
    head, *rest = bodega.fit_ease.__doc__.splitlines()
    assert head.startswith("fit_ease(counts: Cooccurrence, *, l2: float = 200.0, neighbours: int")
    assert 'keep: Literal["strongest", "least_missed"] = \'strongest\'' in head
    assert any(line.startswith("l2: Ridge penalty") for line in rest)


def test_every_option_has_a_meaning_in_one_line():
    assert len(SORTED) > 25
    for name, options in SORTED.items():
        assert len({option[0] for option in options}) == len(options), name
        for option, kind, shown, meaning in options:
            assert kind and shown, (name, option)
            assert meaning.endswith(".") and "\n" not in meaning, (name, option)
            assert len(meaning) <= 100, (name, option)


def reopened(model):
    bundle = bodega.Bundle()
    bundle.add("model", model)
    bundle = bodega.Bundle.parse(bundle.serialize())
    return bundle, bundle.get("model")


def test_a_file_tells_how_a_model_was_trained(counts, windows):
    ease = bodega.fit_ease(counts, l2=31.5, keep="least_missed")
    assert ease.made_with["made_by"] == "fit_ease"
    assert ease.made_with["l2"] == 31.5 and ease.made_with["keep"] == "least_missed"
    assert ease.made_with["single_precision"] is False
    assert "progress" not in ease.made_with

    small = bodega.quantize(bodega.prune(ease, sparsity=0.25), bits=6)
    bundle, same = reopened(small)
    assert same.made_with == bundle.options("model") == small.made_with
    assert same.made_with["l2"] == 31.5
    assert same.made_with["prune.sparsity"] == 0.25 and same.made_with["quantize.bits"] == 6
    assert bodega.dequantize(same).made_with == same.made_with

    gru = bodega.train_gru(windows, hidden=4, epochs=1, inputs="window", quantiles=[0.5, 0.9])
    made = reopened(bodega.fine_tune(gru, windows, epochs=1))[1].made_with
    assert made["made_by"] == "train_gru" and made["hidden"] == 4 and made["weekday"] is False
    assert made["quantiles"] == "[0.5,0.9]" and made["fine_tune.epochs"] == 1


def test_what_was_made_of_numbers_says_nothing(counts):
    weights = bodega.ItemItem(bodega.fit_ease(counts).weights)
    assert weights.made_with == {}
    assert reopened(weights)[0].options("model") == {}
    with pytest.raises(bodega.Error, match="missing"):
        bodega.Bundle().options("model")


def test_options_can_train_again(counts):
    ease = bodega.fit_ease(counts, l2=77, neighbours=9)
    made = dict(ease.made_with)
    again = getattr(bodega, made.pop("made_by"))(counts, **made)
    assert np.array_equal(again.weights.toarray(), ease.weights.toarray())
