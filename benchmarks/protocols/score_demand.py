#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Scores forecasts on the demand.csv that make_demand.py wrote. README.md has the rules.

    python3 benchmarks/protocols/score_demand.py build/cases/seed50/demand.csv forecasts.csv [--part valid]

Forecasts are a CSV file with date, the columns that name a series, forecast, and none or all of q10, q50 and
q90. Prints a table and then the same as a line of JSON. A wrong file ends the program with status 2, saying in
which line; a scored row without a forecast counts as a forecast of 0.
"""
import argparse
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tables import Malformed, Table, stop

LEVELS = {"q10": 0.1, "q50": 0.5, "q90": 0.9}

Key = tuple[str, ...]
Forecast = dict[str, float]  # "forecast", and perhaps the quantiles


def read_actuals(path: Path, part: str) -> tuple[list[str], dict[Key, float | None]]:
    """The columns that name a row, and each row's sales: None where it is not scored."""
    meta = path.parent / "meta.json"
    if not meta.is_file():
        raise Malformed(f"{meta}: no such file")
    names = ["date", *json.loads(meta.read_text(encoding="utf-8"))["keys"]]
    table = Table(path)
    *keys, sales, of_part, scored = table.places([*names, "sales", "part", "scored"])
    return names, {tuple(row[place] for place in keys):
                   float(row[sales]) if row[of_part] == part and row[scored] == "1" else None
                   for row in table}


def number_of(text: str, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise Malformed(f"{where} '{text}' is no number of 0 or more")
    return value


def read_forecasts(path: Path, names: list[str], actuals: dict[Key, float | None]
                   ) -> tuple[list[str], dict[Key, Forecast]]:
    """The quantiles that are given, and the forecast of each row."""
    table = Table(path)
    levels = [name for name in LEVELS if name in table.header]
    if levels and len(levels) < len(LEVELS):
        raise Malformed(f"{path}: of {', '.join(LEVELS)} only {', '.join(levels)}; all or none are needed")
    keys = table.places(names)
    columns = dict(zip(["forecast", *levels], table.places(["forecast", *levels])))
    forecasts: dict[Key, Forecast] = {}
    for line, row in table.numbered():
        where = f"{path}:{line}:"
        key = tuple(row[place] for place in keys)
        if key not in actuals:
            raise Malformed(f"{where} demand.csv has no row {dict(zip(names, key))}")
        if key in forecasts:
            raise Malformed(f"{where} {dict(zip(names, key))} was forecast before")
        forecast = {name: number_of(row[place], f"{where} {name}") for name, place in columns.items()}
        if levels and not forecast["q10"] <= forecast["q50"] <= forecast["q90"]:
            raise Malformed(f"{where} quantiles that do not rise")
        forecasts[key] = forecast
    return levels, forecasts


def pinball(actual: float, quantile: float, level: float) -> float:
    """What too low costs, times the level, and what too high costs, times the rest."""
    short = actual - quantile
    return level * short if short > 0 else (level - 1) * short


def scores(actuals: dict[Key, float | None], levels: list[str], forecasts: dict[Key, Forecast]
           ) -> dict[str, Any]:
    nothing = dict.fromkeys(["forecast", *LEVELS], 0.0)
    rows = [(actual, forecasts.get(key, nothing)) for key, actual in actuals.items() if actual is not None]

    def total(of: Callable[[float, Forecast], float]) -> float:
        return math.fsum(of(actual, forecast) for actual, forecast in rows)

    def share(part: float, of: float) -> float:
        return part / of if of else math.nan

    sold = sum(actual > 0 for actual, _ in rows)
    units = total(lambda actual, _: actual)
    absolute = total(lambda actual, f: abs(f["forecast"] - actual))
    numbers: dict[str, Any] = {
        "cases": len(rows),
        "missing": sum(actual is not None and key not in forecasts for key, actual in actuals.items()),
        "zero_actuals": len(rows) - sold,
        "MAPE_percent": 100 * share(total(
            lambda actual, f: abs(f["forecast"] - actual) / actual if actual > 0 else 0), sold),
        "WMAPE_percent": 100 * share(absolute, units),
        "bias_percent": 100 * share(total(lambda actual, f: f["forecast"] - actual), units),
        "MAE": share(absolute, len(rows)),
        "RMSE": math.sqrt(share(total(lambda actual, f: (f["forecast"] - actual) ** 2), len(rows)))}
    for name in levels:
        numbers[f"pinball_{name}"] = share(math.fsum(
            pinball(actual, forecast[name], LEVELS[name]) for actual, forecast in rows), len(rows))
    if levels:
        numbers["pinball_mean"] = sum(numbers[f"pinball_{name}"] for name in levels) / len(levels)
        numbers["cover_q10_q90"] = share(total(
            lambda actual, f: f["q10"] <= actual <= f["q90"]), len(rows))
    return {name: round(value, 6) if isinstance(value, float) else value
            for name, value in numbers.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("actuals", type=Path, help="demand.csv, with meta.json beside it")
    parser.add_argument("forecasts", type=Path)
    parser.add_argument("--part", choices=["test", "valid"], default="test")
    args = parser.parse_args()
    try:
        names, actuals = read_actuals(args.actuals, args.part)
        numbers = scores(actuals, *read_forecasts(args.forecasts, names, actuals))
    except Malformed as error:
        stop(error, 2)
    for name, value in numbers.items():
        print(f"  {name:<14} {value:.4f}" if isinstance(value, float) else f"  {name:<14} {value}")
    print(json.dumps(numbers))


if __name__ == "__main__":
    main()
