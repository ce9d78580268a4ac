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
    till.stock.set("A001", 0)
    found = {pick.code for pick in till.lane().search("mug", k=30)}
    assert found == {catalog.ids[item] for item in range(1, 30, 5)} - {"A001"}


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


def test_text_beyond_latin_1_codes_are_normalised_whatever_their_letters_and_blanks(tmp_path):
    path = tmp_path / "items.csv"
    path.write_text("id\n\u00a0арт-12б\u200b\né1\n", encoding="utf-8")
    assert bodega.read_catalog(path, normalise="upper_case_trimmed").ids == ["АРТ-12Б", "É1"]


def test_foreign_inputs_are_quoted_escaped_and_bounded():
    catalog = bodega.Catalog()
    with pytest.raises(bodega.Error) as error:
        catalog.at("\x1b[2J\n\u202e" + "9" * 788_000 + "\0")
    text = str(error.value)
    assert len(text) < 1_000 and text.isprintable() and r"\u{1B}[2J\n\u{202E}999" in text
    catalog.add("1", "Молоко 3,2%")
    catalog.add("2", "TEA\x1b[2J")
    assert catalog.unprintable == [1]


@pytest.mark.parametrize("text, size", [
    (".33 l", (330, "ml")),
    ("WINE 0,750 L", (750, "ml")),
    ("1,250 L", (1250, "ml")),
    ("1,250 g", (1250, "g")),
    ("100GM", (100, "g")),
    ("2 kilo", (2000, "g")),
    ("1 LITRES", (1000, "ml")),
    ("10 000 g", (10000, "g")),
    ("6х330 мл", (1980, "ml")),
    ("SET/6 PLATES", (6, "pieces")),
    ("FAIRY CAKES A7", None),
])
def test_numbers_as_the_world_writes_them_pack_sizes(text, size):
    found = bodega.parse_pack_size(text)
    assert found == (size and (pytest.approx(size[0]), size[1]))
