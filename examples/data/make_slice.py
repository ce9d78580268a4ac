#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes online_retail_slice.csv and online_retail_items.csv from UCI Online Retail.

    make_slice.py ONLINE_RETAIL.csv[.gz] [FOLDER]

The input is the published sheet as CSV (UTF-8), with its own column names (InvoiceNo, StockCode,
Description, Quantity, InvoiceDate, UnitPrice, CustomerID) or the same in snake case, and times as
"YYYY-MM-DD HH:MM:SS". Only the standard library is needed; the same input gives the same bytes.
"""

import csv
import gzip
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path

FIRST_DAY = "2011-05-01"
LEAST_SALES = 180  # lines from FIRST_DAY on that make an article part of the slice
UNSOLD = 40        # articles of the department below that, in the item list only

# The department: what people have lunch, tea and cake with.
DEPARTMENT = {"LUNCH", "SNACK", "BOTTLE", "CAKE", "CAKES", "CAKESTAND", "BAKING", "TEACUP", "TEA",
              "MUG"}

# Attributes are words of the description and nothing else: the first kind, and every theme, colour
# and material.
ATTRIBUTES = {
    "kind": ["LUNCH BAG", "LUNCH BOX", "SNACK BOX", "WATER BOTTLE", "BOTTLE OPENER", "CAKE STAND",
             "CAKE TIN", "CAKE CASE", "CAKE PLATE", "TEACUP", "TEA TOWEL", "TEA PLATE", "TEA SET",
             "TEA GLASS", "MUG", "BAKING SET", "BAKING CASE", "MONEY BANK", "NOTEBOOK"],
    "theme": ["ALPHABET", "APPLE", "BIRD", "BUNTING", "CARS", "CHRISTMAS", "DINOSAUR", "DOILY",
              "DOLLY GIRL", "FAIRY", "FRUIT", "HEART", "LONDON", "PAISLEY", "PANTRY", "POLKADOT",
              "REGENCY", "RETROSPOT", "ROSES", "SKULL", "SPACEBOY", "STRAWBERRY", "SUKI",
              "SWEETHEART", "TEA TIME", "VINTAGE", "WOODLAND"],
    "colour": ["BLACK", "BLUE", "CREAM", "GREEN", "GREY", "PINK", "RED", "SILVER", "WHITE"],
    "material": ["CERAMIC", "ENAMEL", "GLASS", "METAL"],
}
SPELLINGS = {"CAKESTAND": "CAKE STAND", "DOILEY": "DOILY", "STRAWBERY": "STRAWBERRY",
             "TEATIME": "TEA TIME"}


def read(path):
    opened = gzip.open(path, "rt", encoding="utf-8", newline="") if path.suffix == ".gz" \
        else open(path, encoding="utf-8-sig", newline="")
    names = {"invoiceno": "invoice", "stockcode": "item", "description": "description",
             "quantity": "quantity", "invoicedate": "time", "invoicedatetime": "time",
             "unitprice": "price", "customerid": "customer"}
    with opened:
        rows = csv.reader(opened)
        header = [names.get(name.lower().replace("_", "")) for name in next(rows)]
        for row in rows:
            line = {name: value for name, value in zip(header, row) if name}
            line["code"] = line["item"].strip().upper()
            line["description"] = " ".join(line["description"].split())
            yield line


def is_article(line):
    return re.match(r"\d{5}", line["code"]) is not None


def is_sale(line):
    return (is_article(line) and line["invoice"][0] not in "CA" and int(line["quantity"]) > 0
            and float(line["price"]) > 0)


def attributes(description):
    for spelling, usual in SPELLINGS.items():
        description = description.replace(spelling, usual)

    def named(value):
        return re.search(rf"(?<![A-Z]){re.escape(value)}(?:S|ES)?(?![A-Z])", description)

    found = {name: [value for value in values if named(value)]
             for name, values in ATTRIBUTES.items()}
    found["kind"] = found["kind"][:1]
    return {name: "|".join(value.lower() for value in values) for name, values in found.items()}


def main():
    source = Path(sys.argv[1])
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).parent
    lines = list(read(source))

    description, prices, sales = {}, defaultdict(Counter), Counter()
    for line in filter(is_sale, lines):
        if line["description"]:
            description.setdefault(line["code"], line["description"])
        prices[line["code"]][line["price"]] += 1
        sales[line["code"]] += line["time"] >= FIRST_DAY
    department = [code for code, text in description.items()
                  if DEPARTMENT & set(re.split(r"[^A-Z]+", text))]
    by_sales = sorted(department, key=lambda code: (-sales[code], code))
    sold = [code for code in by_sales if sales[code] >= LEAST_SALES]
    unsold = by_sales[len(sold):len(sold) + UNSOLD]

    invoices = {line["invoice"] for line in lines
                if line["code"] in set(sold) and line["time"] >= FIRST_DAY}
    with open(folder / "online_retail_slice.csv", "w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        columns = ["invoice", "item", "quantity", "time", "price", "customer"]
        writer.writerow(columns)
        kept = set(sold)
        for line in lines:
            if line["time"] < FIRST_DAY:
                continue
            if line["code"] in kept or (not is_article(line) and
                                        (line["invoice"] in invoices or line["invoice"][0] == "A")):
                line["time"] = line["time"][:16]
                writer.writerow([line[name] for name in columns])
    with open(folder / "online_retail_items.csv", "w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["id", "description", "price", *ATTRIBUTES])
        for code in sorted(sold + unsold):
            found = attributes(description[code])
            price = prices[code].most_common(1)[0][0]  # the shop has several, by order and customer
            writer.writerow([code, description[code], price,
                             *(found[name] for name in ATTRIBUTES)])


if __name__ == "__main__":
    main()
