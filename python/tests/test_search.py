# SPDX-License-Identifier: MIT
"""The catalogue searched by a text as it is typed."""

import numpy as np
import pytest

import bodega


def items(picks):
    return {pick.item for pick in picks}


@pytest.fixture(scope="module")
def index(catalog):
    return bodega.SearchIndex(catalog)


def test_matches(index):
    """Descriptions are colours (remainder by 3) and things (remainder by 5)."""
    assert items(index.search("lantern", k=30)) == set(range(0, 30, 5))
    assert items(index.search("lant", k=30)) == set(range(0, 30, 5))  # as it is typed
    assert items(index.search("lantren", k=30)) == set(range(0, 30, 5))  # two letters swapped
    assert items(index.search("blue lantern", k=2)) == {10, 25}  # both words first
    assert index.search("zeppelin") == [] and index.search("") == []
    best = index.search("clock", k=1)[0]
    reason = best.because[0]
    assert reason.kind == "matches" and index.term(reason.term) == "clock"
    allowed = np.ones(30, dtype=bool)
    allowed[3] = False
    assert 3 not in items(index.search("clock", k=30, allowed=allowed))


def test_taste(index, counts):
    ease = bodega.fit_ease(counts, l2=20)
    scores = ease.scores([3, 8])
    clocks = [13, 18, 23, 28]
    picks = index.search("clock", k=30, scorer=ease, basket=[3, 8])
    liked = [pick.item for pick in picks if pick.item in clocks]
    assert liked == sorted(clocks, key=lambda item: -scores[item])
    with pytest.raises(bodega.Error) as caught:
        index.search("clock", scorer=bodega.Popularity(31))
    assert caught.value.code == "shape"


def test_saved_and_asked_at_the_till(index, catalog, baskets):
    small = bodega.quantize(index)
    assert small.format == "int8"
    bundle = bodega.Bundle()
    bundle.add("catalog", catalog)
    bundle.add("popularity", bodega.Popularity(baskets))
    bundle.add("search", small)
    again = bodega.Bundle.parse(bundle.serialize())
    assert items(again.get("search").search("mug", k=30)) == set(range(1, 30, 5))
    till = bodega.Till(again)
    till.stock.set(1, 0)
    found = till.search("mug", k=30)
    assert items(found) == set(range(1, 30, 5)) - {1}
    assert "A006" in {catalog.ids[pick.item] for pick in found}


@pytest.mark.parametrize("typed, name", [
    ("молоко", "МОЛОКО 3,2%"),
    ("хлеб", "ХЛЕБ РЖАНОЙ"),
    ("beans", "Coffee\u00a0beans"),
    ("creme brulee", "CRE\u0300ME BRÛLÉE"),
    ("STRASSE", "Straße"),
    ("ελληνικος", "ΕΛΛΗΝΙΚΟΣ"),
    ("kırmızı", "KIRMIZI"),
    ("牛奶", "有机牛奶"),
    ("カフェ", "ｶﾌｪｵﾚ"),
    ("softener", "soft\u00adener"),
    ("чаи\u0306", "ЧАЙ"),
])
def test_text_beyond_latin_1_is_found_whatever_its_case_accents_and_blanks(typed, name):
    catalog = bodega.Catalog()
    catalog.add("1", "something else")
    catalog.add("2", name)
    picks = bodega.SearchIndex(catalog).search(typed)
    assert [catalog.ids[pick.item] for pick in picks] == ["2"]
