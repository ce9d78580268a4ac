#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The public data sets by name: where their files lie, what the columns mean and which rows count.

    python3 benchmarks/protocols/data_sets.py FOLDER

checks the files in a folder against the checksums below. README.md tells where the sets come from and
how a file is laid out.
"""
import gzip
import hashlib
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Row = dict[str, str]


def every_row(row: Row) -> bool:
    return True


def goods_sold(row: Row) -> bool:
    """Online Retail. An invoice number with a letter is a cancellation or an adjustment, a code without five
    digits is postage, a fee, a voucher or a sample; returns and gifts have no quantity or price above 0."""
    return bool(re.fullmatch(r"[0-9]+", row["invoice_no"])
                and re.fullmatch(r"[0-9]{5}[A-Z]*", one_spelling(row["stock_code"]))
                and int(row["quantity"]) > 0 and float(row["unit_price"]) > 0)


def one_spelling(code: str) -> str:
    """Online Retail has some codes in capitals and in small letters."""
    return code.strip().upper()


def an_article(row: Row) -> bool:
    """The bakery's till writes two lines that are no articles."""
    return row["item"] not in ("NONE", "Adjustment")


def small_part(row: Row) -> bool:
    return int(row["store"]) <= 5 and int(row["item"]) <= 10


@dataclass(frozen=True)
class DataSet:
    """`columns` maps what a protocol asks for to what the file calls it."""
    file: str
    columns: dict[str, str]
    counts: Callable[[Row], bool] = every_row
    item_code: Callable[[str], str] = str


LINES = {
    "online_retail": DataSet(
        "online_retail.csv.gz",
        {"basket": "invoice_no", "item": "stock_code", "time": "invoice_datetime"},
        counts=goods_sold, item_code=one_spelling),
    "complete_journey": DataSet(
        "complete_journey/transactions.csv.gz",
        {"basket": "basket_id", "item": "product_id", "customer": "household_id",
         "time": "transaction_datetime"}),
    "coop100": DataSet(
        "coop100/baskets.csv.gz",
        {"basket": "basket_no", "item": "item_id", "customer": "customer_id", "time": "date"}),
    "groceries": DataSet(
        "groceries/baskets.csv.gz", {"basket": "basket_id", "item": "item_id"}),
    "bakery": DataSet(
        "bakery_transactions.csv.gz",
        {"basket": "transaction_id", "item": "item", "time": "datetime"}, counts=an_article),
    "diginetica": DataSet(
        "diginetica_sessions.csv.gz",
        {"basket": "session_id", "item": "item_id", "split": "split"}),
    "yoochoose64": DataSet(
        "yoochoose64_sessions.csv.gz",
        {"basket": "session_id", "item": "item_id", "split": "split"}),
    "movielens_100k": DataSet(
        "movielens_100k/ratings.csv.gz",
        {"customer": "user_id", "item": "item_id", "rating": "rating"}),
}

DAILY = {
    "seed50": DataSet("store_item_demand.csv.gz", {}, counts=small_part),
    "seed500": DataSet("store_item_demand.csv.gz", {}),
}

# SHA-256 of the text, unpacked: how gzip packs it is no matter.
CHECKSUMS = {
    "bakery_transactions.csv.gz":
        "e89fbd7937b3906a888d7eb5a5bf49cf1d8a08c762f7db83a78e7564ee42ca75",
    "complete_journey/products.csv.gz":
        "54754a39140d1c49cd792da559a796db083372f0fb51c37c55c8e9a1c5b26a23",
    "complete_journey/transactions.csv.gz":
        "13fda4e4ec24630c1a225b95f88ac7f6164ead8e0d65f0da42bddd78dcdc018a",
    "coop100/baskets.csv.gz":
        "6a0e1aa1bd3069f31deabafe03a860bfa74b7fcef4ab9c8da99878ca19e2694c",
    "coop100/items.csv.gz":
        "7ea364cdcfe79ec8c067ccf0de891dd003f74065042c47f822c8d21b0ab5d859",
    "diginetica_sessions.csv.gz":
        "6dbeef7a369680097aa8f485b08e79e56b4d94cac03be8f67c05b8e23b3b3c74",
    "groceries/baskets.csv.gz":
        "db5a6ba6c05fa3f20da1bd7f5da59689d0cbf08c2b81440a776a69f12ff7a066",
    "instacart_products.csv.gz":
        "ff1bdd7e40e4b1eadef01909bc72bd53db0b8c475ab4e4577a8718917c5ed816",
    "movielens_100k/ratings.csv.gz":
        "010fac14271cf92527353173e77ddb19b9168a476d99c55c2f4bd55d93d4c205",
    "movielens_1m/ratings.csv.gz":
        "47f34dd134457b59b67e9e4fdb7861e75cd61def1a348228192f73b1f38d9596",
    "online_retail.csv.gz":
        "f8a98f90ac73dab066a398e9c3ee5c6adec96ff4d5c9a01e11b028954ed42a78",
    "rossmann_300_stores.csv.gz":
        "213558fcdb5fb06586d691823f8ab6465aa3d88dd1a6181c1a140e580a075ae1",
    "store_item_demand.csv.gz":
        "038f25690a65149c94f86ddd3deceda20c037a5cfd754cafdfc539a72992f2ed",
    "yoochoose64_sessions.csv.gz":
        "e6e640aacb759535d153455e593bc43aaa10456b92b68071303bfd3ce2fc1e0f",
}


def text_checksum(path: Path) -> str:
    digest = hashlib.sha256()
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def main(folder: Path) -> int:
    wrong = 0
    for name, checksum in CHECKSUMS.items():
        if not (folder / name).is_file():
            print(f"absent   {name}")
        elif text_checksum(folder / name) == checksum:
            print(f"right    {name}")
        else:
            print(f"another  {name}: not the text that the tables were made of")
            wrong += 1
    return 1 if wrong else 0


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] == "--help":
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1])))
