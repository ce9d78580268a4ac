# SPDX-License-Identifier: MIT
"""What comes in: packed files, codes of a scanner, files with a budget."""

import gzip
import io

import numpy as np
import pytest

import bodega
from bodega import _source

RECEIPTS = "receipt,item,quantity,time,price,customer\n" + "".join(
    f"{i},A{i % 7},1,2024-01-{1 + i % 28:02d} 10:00,2.50,C{i % 5}\n" for i in range(5000))


# ---------------------------------------------------------------- packed files


def test_packed_files_are_read_as_plain_ones(tmp_path):
    plain, packed = tmp_path / "r.csv", tmp_path / "r.csv.gz"
    plain.write_text(RECEIPTS)
    packed.write_bytes(gzip.compress(RECEIPTS.encode()))
    expected = bodega.read_receipts(plain).lines()
    with open(packed, "rb") as opened, gzip.open(packed) as binary, gzip.open(packed, "rt") as text:
        for source in (packed, str(packed), opened, binary, text,
                       io.BytesIO(packed.read_bytes()), io.StringIO(RECEIPTS)):
            lines = bodega.read_receipts(source).lines()
            for name in expected:
                np.testing.assert_array_equal(lines[name], expected[name])
    (tmp_path / "c.csv.gz").write_bytes(gzip.compress(b"id,price\n") + gzip.compress(b"A,2.5\n"))
    assert bodega.read_catalog(tmp_path / "c.csv.gz").ids == ["A"]


def test_a_packed_file_that_is_cut_or_changed_is_refused_by_name(tmp_path):
    packed = gzip.compress(RECEIPTS.encode())
    path = tmp_path / "r.csv.gz"
    for spoilt in (packed[:-1], packed[: len(packed) // 2], packed[:20],
                   packed[:-6] + b"\0\0" + packed[-4:], packed[:30] + b"\xff\xff" + packed[32:]):
        path.write_bytes(spoilt)
        with pytest.raises(bodega.Error, match="r.csv.gz: .*gzip"):
            bodega.read_receipts(path, malformed="lenient")


def test_a_bomb_ends_at_its_bounds(tmp_path, monkeypatch):
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(gzip.compress(b"receipt,item,quantity,time\n" + b"1,A,1,2024-01-01\n" * 2**21))
    assert path.stat().st_size < 200_000
    monkeypatch.setattr(_source, "UNPACKED_BYTES", 1 << 20)
    with pytest.raises(bodega.Error, match="bomb.csv.gz: expected at most") as caught:
        bodega.read_receipts(path)
    assert caught.value.code == "out_of_range"


class Endless(io.RawIOBase):
    """Lines for ever, or one line without an end."""

    def __init__(self, block):
        self.block, self.reads = block, 0

    def read(self, size=-1):
        assert size > 0, "not all at once"
        self.reads += 1
        return self.block


def test_an_endless_file_object_is_refused_and_not_read_to_its_end():
    zeros = Endless(b"0" * 65536)
    with pytest.raises(bodega.Error):
        bodega.read_receipts(zeros)
    assert zeros.reads < 1000


def test_what_a_file_object_raises_goes_through():
    class Broken:
        name = "broken"

        def __init__(self):
            self.blocks = iter([RECEIPTS[:5000].encode()])

        def read(self, size):
            for block in self.blocks:
                return block
            raise ConnectionError("the cable was pulled")

    with pytest.raises(ConnectionError, match="cable"):
        bodega.read_receipts(Broken())


def test_files_that_are_not_there_and_folders(tmp_path):
    with pytest.raises(bodega.Error, match="none.csv"):
        bodega.read_receipts(tmp_path / "none.csv")
    with pytest.raises(bodega.Error):
        bodega.read_receipts(tmp_path)


# ---------------------------------------------------------------- codes

SPELLINGS = ["0036000291452", "036000291452", "36000291452", "'036000291452", "036000291452\u00a0",
             "36000291452.0", "]E00036000291452", "0-36000 29145-2"]
RULES = dict(normalise=["without_symbology", "joined", "gtin"], normalise_customer="whole_number",
             normalise_store="upper_case_trimmed", normalise_receipt="without_zeros",
             variable_weight=["21IIIIIWWWWWC", ("28IIIIIPPPPPC", 2)], no_customer=["walk-in"])


def test_rules_of_the_reader_stand_in_the_bundle():
    rules = bodega.code_rules(**RULES)
    bundle = bodega.Bundle()
    bundle.add("codes", rules)
    again = bodega.Bundle.parse(bundle.serialize()).get("codes")
    for one in (rules, again):
        assert {one.item(code) for code in SPELLINGS} == {("0036000291452", None, None)}
        first, second = one.item("2112345004508"), one.item("2112345012305")
        assert first[0] == second[0] and (first[1], second[1]) == (0.45, 1.23)
        assert one.item("2812345002505")[2] == 2.5
        assert one.customer("17850.0") == "17850" and one.customer("Walk-In") is None
        assert one.customer("") is None and one.store(" n1 ") == "N1" and one.receipt("007") == "7"
    assert again.options["item"] == RULES["normalise"]
    assert again.options["variable_weight"] == [("21IIIIIWWWWWC", 3), ("28IIIIIPPPPPC", 2)]
    assert bodega.CodeRules(item="gtin").item("36000291452")[0] == "0036000291452"


def test_files_and_scanners_agree():
    text = "receipt,item,quantity,time\n" + "".join(f'1,"{c}",1,2024-01-01\n' for c in SPELLINGS)
    text += "2,2112345004508,1,2024-01-01\n3,2112345012305,2,2024-01-01\n"
    receipts = bodega.read_receipts(io.StringIO(text), **RULES)
    rules = bodega.code_rules(**RULES)
    assert receipts.catalog.ids == ["0036000291452", rules.item("2112345012305")[0]]
    assert receipts.report.weighed == 2
    assert receipts.lines()["quantity"].tolist()[-2:] == [0.45, 2.46]


def test_rules_that_are_none():
    with pytest.raises(bodega.Error, match="option normalise_store: .*a function"):
        bodega.code_rules(normalise_store=str.upper)
    with pytest.raises(bodega.Error, match="option normalise.*'gtin'.*'gtins'"):
        bodega.code_rules(normalise="gtins")
    with pytest.raises(TypeError, match="no option 'normalize'"):
        bodega.code_rules(normalize="gtin")
    for scheme in (["21WWWC"], [("21IIIIIWWWWWC", 5)]):
        with pytest.raises(bodega.Error, match="variable_weight"):
            bodega.CodeRules(variable_weight=scheme)
    for scheme in ("21IIIIIWWWWWC", [3], 5):
        with pytest.raises(TypeError, match="variable_weight"):
            bodega.CodeRules(variable_weight=scheme)


# ---------------------------------------------------------------- files with a budget


def test_a_bundle_is_opened_within_a_budget(tmp_path):
    bundle = bodega.Bundle()
    catalog = bodega.Catalog()
    for i in range(2000):
        catalog.add(f"A{i:06d}", "the same words again and again")
    bundle.add("catalog", catalog)
    path = tmp_path / "shop.bodega"
    bundle.save(path)
    size = path.stat().st_size
    assert bodega.Bundle.open(path, file_bytes=size, decoded_bytes=1 << 20).names() == ["catalog"]
    for budget in (dict(file_bytes=size - 1), dict(decoded_bytes=1)):
        with pytest.raises(bodega.Error) as caught:
            bodega.Bundle.open(path, **budget)
        assert caught.value.code == "out_of_range"
        with pytest.raises(bodega.Error):
            bodega.Bundle.parse(path.read_bytes(), **budget)
