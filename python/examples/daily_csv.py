# SPDX-License-Identifier: MIT
"""Receipts to a CSV of daily sales, a row an item and calendar day, with a column `open` that is 0 on
days without trade: what make_demand.py makes a case folder of.

    python daily_csv.py online_retail.csv.gz online_retail_daily.csv.gz

reads the columns of UCI's Online Retail; name others in `read_receipts`. Returns are left out, not
netted: what was asked for on the day counts, not what came back later.
"""

import csv
import gzip
import re
import sys

import bodega

source, target = sys.argv[1:3]
open_text = gzip.open if source.endswith(".gz") else open
with open_text(source, "rt", encoding="utf-8", newline="") as file:
    receipts = bodega.read_receipts(
        file, receipt="invoice_no", item="stock_code", time="invoice_datetime", price="unit_price",
        customer="customer_id", malformed="lenient", returns="drop", free_lines="drop",
        cancellation_prefix="C", normalise="upper_case_trimmed",
        is_item=lambda code: re.fullmatch(r"\d{5}[A-Z]*", code) is not None, progress=True,
    )
print(receipts.report)
sales = receipts.daily_sales()
units, days, traded = sales.units, [str(day) for day in sales.days], sales.traded

open_text = gzip.open if target.endswith(".gz") else open
with open_text(target, "wt", encoding="utf-8", newline="") as file:
    rows = csv.writer(file)
    rows.writerow(["date", "item", "sales", "open"])
    for item in range(sales.items):
        code = receipts.catalog.id(item)
        for day, sold, is_open in zip(days, units[item], traded):
            rows.writerow([day, code, f"{sold:g}", int(is_open)])
