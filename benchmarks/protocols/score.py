#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Scores predictions on a folder that make_cases.py made. README.md has the rules.

    python3 benchmarks/protocols/score.py build/cases/coop100 build/out/best.tsv [--against other.tsv]

A prediction is a line: the case, a tab, and items with blanks between them, best first. Prints a table and then
the same as a line of JSON. A wrong file ends the program with status 2, saying in which line; a case without
a prediction scores 0 and is counted.
"""
import argparse
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tables import Malformed, Table, stop

Lists = dict[str, list[str]]
CONFIDENCE = 1.96  # standard deviations that hold 95 %


@dataclass
class Cases:
    meta: dict[str, Any]
    asked: dict[str, dict[str, Any]]  # by id
    items: set[str]


def read_cases(folder: Path, part: str) -> Cases:
    for name in ("meta.json", f"{part}.jsonl"):
        if not (folder / name).is_file():
            raise Malformed(f"{folder / name}: no such file")
    with open(folder / f"{part}.jsonl", encoding="utf-8") as file:
        asked = {case["id"]: case for case in map(json.loads, file)}
    items = Table(folder / "items.csv")
    return Cases(json.loads((folder / "meta.json").read_text(encoding="utf-8")), asked,
                 {row[items.places(["item"])[0]] for row in items})


def read_lists(path: Path, cases: Cases) -> Lists:
    lists: Lists = {}
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise Malformed(f"{path}: {error.strerror}") from None
    for number, line in enumerate(text.split("\n"), 1):
        if not (line := line.rstrip("\r")):
            continue
        name, tab, rest = line.partition("\t")
        items = rest.split()
        if problem := what_is_wrong(name, bool(tab), items, lists, cases):
            raise Malformed(f"{path}:{number}: {problem}")
        lists[name] = items
    return lists


def what_is_wrong(name: str, has_tab: bool, items: list[str], before: Lists, cases: Cases) -> str:
    if not has_tab:
        return "a case, a tab and items are needed; there is no tab"
    if name not in cases.asked:
        return f"there is no case '{name}'"
    if name in before:
        return f"case '{name}' was answered before"
    if len(set(items)) < len(items):
        return f"case '{name}' names an item twice"
    if strangers := [item for item in items if item not in cases.items]:
        return f"'{strangers[0]}' is not in items.csv"
    if cases.meta["exclude_query"] and (known := set(items).intersection(cases.asked[name]["query"])):
        return f"'{min(known)}' is in the query of case '{name}' already"
    return ""


# The metrics. Each looks at the first k of a list and at a set of targets.

def hit_rate(found: list[int], targets: int, k: int) -> float:
    return float(bool(found))


def reciprocal_rank(found: list[int], targets: int, k: int) -> float:
    return 1 / found[0] if found else 0.0


def recall(found: list[int], targets: int, k: int) -> float:
    return len(found) / targets


def ndcg(found: list[int], targets: int, k: int) -> float:
    def gain(ranks: Any) -> float:
        return sum(1 / math.log2(1 + rank) for rank in ranks)
    return gain(found) / gain(range(1, min(k, targets) + 1))


METRICS = {"HR": hit_rate, "MRR": reciprocal_rank, "R": recall, "NDCG": ndcg,
           "repeat_R": recall, "explore_R": recall}


def targets_of(kind: str, case: dict[str, Any]) -> set[str]:
    targets = set(case["target"])
    if kind == "repeat_R":
        return set(case["seen"])
    return targets - set(case["seen"]) if kind == "explore_R" else targets


def values(name: str, cases: Cases, lists: Lists) -> Iterator[tuple[str, float]]:
    """Of each case that has a target for this metric: its id and its value."""
    kind, _, k = name.partition("@")
    if kind not in METRICS:
        raise Malformed(f"meta.json: no metric '{name}'")
    for case in cases.asked.values():
        if targets := targets_of(kind, case):
            first = lists.get(case["id"], [])[:int(k)]
            found = [rank for rank, item in enumerate(first, 1) if item in targets]
            yield case["id"], METRICS[kind](found, len(targets), int(k))


def mean(of: list[tuple[str, float]]) -> tuple[float, float]:
    """The mean, and half the width of its interval. Cases of one basket, session or customer are not
    independent: they count as one observation."""
    if not of:
        return math.nan, math.nan
    middle = math.fsum(value for _, value in of) / len(of)
    group_sums: dict[str, float] = {}
    for name, value in of:
        group = name.split(".")[0]
        group_sums[group] = group_sums.get(group, 0.0) + (value - middle)
    spread = math.sqrt(math.fsum(total ** 2 for total in group_sums.values()))
    return middle, CONFIDENCE * spread / len(of)


def coverage(name: str, cases: Cases, lists: Lists) -> float:
    k = int(name.partition("@")[2])
    return len({item for items in lists.values() for item in items[:k]}) / len(cases.items)


def scores(cases: Cases, lists: Lists) -> tuple[dict[str, Any], list[str]]:
    """What goes into the JSON line, and the lines of the table."""
    numbers: dict[str, Any] = {
        "dataset": cases.meta["dataset"], "protocol": cases.meta["protocol"],
        "cases": len(cases.asked), "missing": len(cases.asked.keys() - lists.keys()),
        "empty": sum(not items for items in lists.values())}
    table = [f"{numbers['dataset']}, {numbers['protocol']}: {numbers['cases']} cases, "
             f"{numbers['missing']} without a prediction, {numbers['empty']} empty"]
    for name in cases.meta["metrics"]:
        if name.startswith("coverage@"):
            numbers[name] = round(coverage(name, cases, lists), 6)
            table.append(f"  {name:<13} {numbers[name]:.4f}")
            continue
        of = list(values(name, cases, lists))
        middle, half = mean(of)
        numbers[name], numbers[f"{name}_pm"] = round(middle, 6), round(half, 6)
        table.append(f"  {name:<13} {middle:.4f} +- {half:.4f}  over {len(of)} cases")
    return numbers, table


def difference(cases: Cases, lists: Lists, others: Lists) -> tuple[dict[str, Any], list[str]]:
    """The same of what each case gains on the other predictions."""
    numbers: dict[str, Any] = {}
    table = []
    for name in cases.meta["metrics"]:
        if name.startswith("coverage@"):
            continue
        of = [(case, ours - theirs) for (case, ours), (_, theirs) in
              zip(values(name, cases, lists), values(name, cases, others))]
        if of:
            middle, half = mean(of)
            numbers[name], numbers[f"{name}_pm"] = round(middle, 6), round(half, 6)
            table.append(f"  {name:<13} {middle:+.4f} +- {half:.4f}")
    return numbers, table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="made by make_cases.py")
    parser.add_argument("predictions", type=Path)
    parser.add_argument("--part", choices=["test", "valid"], default="test")
    parser.add_argument("--against", metavar="PREDICTIONS", help="others, to compare case by case")
    args = parser.parse_args()
    try:
        cases = read_cases(args.folder, args.part)
        lists = read_lists(args.predictions, cases)
        numbers, table = scores(cases, lists)
        print("\n".join(table), json.dumps(numbers), sep="\n")
        if args.against:
            numbers, table = difference(cases, lists, read_lists(Path(args.against), cases))
            print(f"above {args.against}:", *table, json.dumps({"against": args.against, **numbers}),
                  sep="\n")
    except Malformed as error:
        stop(error, 2)


if __name__ == "__main__":
    main()
