#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes a folder of daily demand, to be forecast one day ahead by the 14 days before. README.md has the rules.

    python3 benchmarks/protocols/make_demand.py seed50 --data data --out build/cases/seed50
    python3 benchmarks/protocols/make_demand.py --csv mine.csv --date day --keys shop,article \\
        --sales units --open open --covariates promo --out build/cases/mine

Writes demand.csv and meta.json.
"""
import argparse
import json
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from data_sets import DAILY, DataSet
from tables import Malformed, Table, stop, write_table

WINDOW = 14
PARTS = ("lead", "train", "valid", "test")


@dataclass
class Row:
    """A series on a day. `t` counts days from the first of all."""
    date: str
    key: tuple[str, ...]
    sales: int | float | None
    open: int
    covariates: list[str]
    t: int = 0
    part: str = ""
    scored: int = 0


def cuts(days: int) -> tuple[int, int]:
    """From which t on is validated and tested, of so many days: the last fifth of the forecasts, and the last
    tenth of those before it."""
    forecasts = days - WINDOW
    test = forecasts * 8 // 10
    return WINDOW + test - test // 10, WINDOW + test


def day_of(text: str, where: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Malformed(f"{where}: a day as YYYY-MM-DD is needed, not '{text}'") from None


def units_of(text: str, where: str) -> int | float | None:
    """Nothing where it is not known."""
    try:
        return None if not text else float(text) if not text.isdigit() else int(text)
    except ValueError:
        raise Malformed(f"{where}: a number of units is needed, not '{text}'") from None


def read_rows(source: DataSet, keys: list[str], covariates: list[str], has_open: bool) -> list[Row]:
    table = Table(source.file)
    on, sales, *others = table.places([source.columns["date"], source.columns["sales"], *keys, *covariates])
    opened = table.places([source.columns["open"]])[0] if has_open else None
    rows = []
    seen: set[tuple[str, ...]] = set()
    for number, fields in table.numbered():
        if not source.counts(dict(zip(table.header, fields))):
            continue
        where = f"{source.file}:{number}"
        more = [fields[place] for place in others]
        row = Row(fields[on], tuple(more[:len(keys)]), units_of(fields[sales], where), 1, more[len(keys):])
        row.t = day_of(row.date, where).toordinal()
        if opened is not None:
            if fields[opened] not in ("0", "1"):
                raise Malformed(f"{where}: open is 0 or 1, not '{fields[opened]}'")
            row.open = int(fields[opened])
        if (row.date, *row.key) in seen:
            raise Malformed(f"{where}: {row.key} a second time on {row.date}")
        seen.add((row.date, *row.key))
        rows.append(row)
    if not rows:
        raise Malformed(f"{source.file}: no rows")
    first = min(row.t for row in rows)
    for row in rows:
        row.t -= first
    if any(isinstance(row.sales, float) or row.sales is None for row in rows):  # all written in one way
        for row in rows:
            row.sales = None if row.sales is None else float(row.sales)
    return rows


def close_days_without_trade(rows: list[Row]) -> None:
    sold: Counter[str] = Counter()
    for row in rows:
        sold[row.date] += row.sales or 0
    for row in rows:
        row.open = int(sold[row.date] > 0)


def series_order(key: tuple[str, ...]) -> tuple[tuple[int, int, str], ...]:
    """Numbers by their value and before words."""
    return tuple((0, int(word), "") if word.isdigit() else (1, 0, word) for word in key)


def chosen_series(rows: list[Row], test_from: int, args: argparse.Namespace) -> set[tuple[str, ...]]:
    least = args.min_sale_days or 0
    days = Counter(row.key for row in rows
                   if not least or (row.t < test_from and (row.sales or 0) > 0))
    names = sorted((key for key, n in days.items() if n >= least), key=series_order)
    return set(names[::args.every][:args.limit])


def mark(rows: list[Row], valid_from: int, test_from: int) -> None:
    """Says of each row in which part it is, and whether its forecast is scored."""
    there = {(row.key, row.t) for row in rows}
    for row in rows:
        row.part = PARTS[(row.t >= WINDOW) + (row.t >= valid_from) + (row.t >= test_from)]
        row.scored = int(row.part != "lead" and row.open == 1 and row.sales is not None
                         and all((row.key, row.t - back) in there for back in range(1, WINDOW + 1)))


def make(source: DataSet, args: argparse.Namespace) -> tuple[list[Row], dict[str, Any]]:
    rows = read_rows(source, args.keys, args.covariates, "open" in source.columns)
    days = max(row.t for row in rows) + 1
    valid_from, test_from = cuts(days)
    if args.closed_when_total_zero:
        close_days_without_trade(rows)
    first_day = min(row.date for row in rows)
    series = chosen_series(rows, test_from, args)
    rows = sorted((row for row in rows if row.key in series), key=lambda row: (row.key, row.t))
    mark(rows, valid_from, test_from)
    scored = Counter(row.part for row in rows if row.scored)
    return rows, {"protocol": "demand", "keys": args.keys, "series": len(series),
                  "covariates": args.covariates, "first_day": first_day, "days": days,
                  "valid_from_t": valid_from, "test_from_t": test_from,
                  "scored": {part: scored[part] for part in ("train", "valid", "test")}}


def write_cases(folder: Path, dataset: str, rows: list[Row], facts: dict[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_table(folder / "demand.csv",
                ["date", *facts["keys"], "sales", "open", *facts["covariates"], "t", "part", "scored"],
                ([row.date, *row.key, "" if row.sales is None else row.sales, row.open, *row.covariates,
                  row.t, row.part, row.scored] for row in rows))
    meta = {"dataset": dataset, **facts}
    (folder / "meta.json").write_text(json.dumps(meta, indent=1), encoding="utf-8")
    print(json.dumps(meta))


def arguments() -> argparse.Namespace:
    def names(text: str) -> list[str]:
        return [name for name in text.split(",") if name]

    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", nargs="?", choices=DAILY, help="one of the public sets, or --csv")
    parser.add_argument("--data", type=Path, default=Path("data"), help="where the public sets lie")
    parser.add_argument("--out", type=Path, required=True, help="the folder to write")
    parser.add_argument("--csv", help="a file of your own, plain or .gz: a row a series and day")
    parser.add_argument("--date", default="date", metavar="COLUMN", help="the day, YYYY-MM-DD")
    parser.add_argument("--keys", type=names, metavar="COLUMNS", help="what names a series, with commas")
    parser.add_argument("--sales", default="sales", metavar="COLUMN", help="units; empty: not known")
    parser.add_argument("--open", metavar="COLUMN", help="0 on closed days, which are not scored")
    parser.add_argument("--covariates", type=names, default=[], metavar="COLUMNS",
                        help="what is known the day before, with commas")
    parser.add_argument("--min-sale-days", type=int, metavar="N",
                        help="only series that sold on so many days before the test")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="of those every n-th")
    parser.add_argument("--limit", type=int, metavar="N", help="and of those the first so many")
    parser.add_argument("--closed-when-total-zero", action="store_true",
                        help="a day on which nothing at all was sold is closed")
    args = parser.parse_args()
    if bool(args.dataset) == bool(args.csv):
        parser.error("give a public set or --csv, one of them")
    if args.dataset:
        args.keys = ["store", "item"]
    elif not args.keys:
        parser.error("--csv needs --keys")
    return args


def main() -> None:
    args = arguments()
    known = DAILY.get(args.dataset)
    columns = {"date": args.date, "sales": args.sales, **({"open": args.open} if args.open else {})}
    source = (DataSet(str(args.data / known.file), columns, known.counts) if known
              else DataSet(args.csv, columns))
    try:
        rows, facts = make(source, args)
    except Malformed as error:
        stop(error)
    write_cases(args.out, args.dataset or Path(args.csv).name, rows, facts)


if __name__ == "__main__":
    main()
