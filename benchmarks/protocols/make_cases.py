#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes a folder of ranking cases: what to learn from and what is asked. README.md has the rules.

    python3 benchmarks/protocols/make_cases.py basket coop100 --data data --out build/cases/coop100
    python3 benchmarks/protocols/make_cases.py basket --csv mine.csv --basket receipt --item article \\
        --time sold_at --out build/cases/mine

Writes train.csv, items.csv, valid.jsonl, test.jsonl and meta.json.
"""
import argparse
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from data_sets import LINES, DataSet
from tables import Malformed, Table, stop, write_table

ROLES = ("basket", "item", "customer", "time", "split", "rating")
LONGEST_BASKET = 30
LIKED = 4  # stars

Case = dict[str, Any]


@dataclass
class Line:
    """A line of a data set; a column it does not have is ''."""
    basket: str = ""
    item: str = ""
    customer: str = ""
    time: str = ""
    split: str = ""
    rating: str = ""


@dataclass
class Basket:
    customer: str
    time: str
    items: list[str] = field(default_factory=list)  # each once, as first met


@dataclass
class CaseSet:
    """`train` has a row (part, customer, basket, item) for each line to learn from; `facts` go into meta.json
    in this order."""
    facts: dict[str, Any]
    train: list[tuple[str, str, int | str, str]]
    catalogue: Counter[str]
    valid: list[Case]
    test: list[Case]


# What is read.

def read_lines(source: DataSet) -> Iterator[Line]:
    table = Table(source.file)
    places = dict(zip(source.columns, table.places(list(source.columns.values()))))
    for number, row in table.numbered():
        if not source.counts(dict(zip(table.header, row))):
            continue
        line = Line(**{role: row[place] for role, place in places.items()})
        line.item = "_".join(source.item_code(line.item).split())  # blanks part the items of predictions
        if not line.item:
            raise Malformed(f"{source.file}:{number}: no item")
        yield line


def read_baskets(source: DataSet, order: str) -> list[Basket]:
    """Oldest first. A basket is as old as its earliest line; equals stay as in the file."""
    found: dict[tuple[str, str], Basket] = {}
    for line in read_lines(source):
        basket = found.setdefault((line.customer, line.basket), Basket(line.customer, line.time))
        basket.time = min(basket.time, line.time)
        basket.items.append(line.item)
    baskets = list(found.values())
    for basket in baskets:
        basket.items = list(dict.fromkeys(basket.items))
    if order == "time":
        baskets.sort(key=lambda basket: basket.time)
    elif order == "relative":
        ages = places_in_history(baskets)
        baskets = [basket for _, basket in sorted(zip(ages, baskets), key=lambda pair: pair[0])]
    return baskets


def places_in_history(baskets: list[Basket]) -> list[float]:
    """How far through its customer's baskets each one stands, from 0 to 1."""
    of_customer = Counter(basket.customer for basket in baskets)
    so_far: Counter[str] = Counter()
    places = []
    for basket in baskets:
        places.append((2 * so_far[basket.customer] + 1) / (2 * of_customer[basket.customer]))
        so_far[basket.customer] += 1
    return places


# What all protocols share.

def in_how_many(groups: Iterable[Iterable[str]]) -> Counter[str]:
    """Of each item, how many groups hold it."""
    counts: Counter[str] = Counter()
    for items in groups:
        counts.update(set(items))
    return counts


def every_nth(groups: list[list[Case]], most: int) -> tuple[list[Case], int]:
    """The cases of every n-th group, with the least n that leaves about `most` cases, and n."""
    n = max(1, -(-sum(len(cases) for cases in groups) // most))
    return [case for cases in groups[::n] for case in cases], n


# The protocols.

def open_baskets(source: DataSet, args: argparse.Namespace) -> CaseSet:
    baskets = read_baskets(source, args.order)
    valid_from, test_from = len(baskets) * 8 // 10, len(baskets) * 9 // 10
    sold = in_how_many(basket.items for basket in baskets[:valid_from])
    catalogue = Counter({item: n for item, n in sold.items() if n >= args.floor})
    facts: dict[str, Any] = {
        "order": args.order, "baskets": len(baskets), "train_baskets": valid_from,
        "fit_for_valid": ["train"], "fit_for_test": ["train"], "exclude_query": True,
        "metrics": ["HR@10", "MRR@10", "NDCG@10", "coverage@10"]}
    asked = {}
    for part, begin, end, most in (("valid", valid_from, test_from, args.cap_valid),
                                   ("test", test_from, len(baskets), args.cap)):
        cases: list[list[Case]] = []
        unknown = scored = 0
        for number in range(begin, end):
            known = [item for item in baskets[number].items if item in catalogue]
            unknown += len(baskets[number].items) - len(known)
            hidden = each_hidden(number, baskets[number].customer, known[:LONGEST_BASKET])
            scored += bool(hidden)
            cases += [[case] for case in hidden]
        asked[part], n = every_nth(cases, most)
        facts[part] = {"baskets": end - begin, "scored_baskets": scored,
                       "items_outside_catalogue": unknown, "all_cases": len(cases), "every": n}
    train = [("train", basket.customer, number, item)
             for number, basket in enumerate(baskets[:valid_from]) for item in basket.items]
    return CaseSet(facts, train, catalogue, asked["valid"], asked["test"])


def each_hidden(number: int, customer: str, items: list[str]) -> list[Case]:
    """A case for each item of a basket: the others are there, which is missing?"""
    if len(items) < 2:
        return []
    return [{"id": f"{number}.{place}", "customer": customer or None,
             "query": items[:place] + items[place + 1:], "target": [items[place]]}
            for place in range(len(items))]


def next_baskets(source: DataSet, args: argparse.Namespace) -> CaseSet:
    last = args.last
    histories: dict[str, list[list[str]]] = {}
    for basket in read_baskets(source, args.order):
        if basket.customer:
            histories.setdefault(basket.customer, []).append(basket.items)
    long_enough = {c: baskets for c, baskets in histories.items() if len(baskets) > 2 * last}

    train, valid, test = [], [], []
    for customer, baskets in long_enough.items():
        valid_from, test_from = len(baskets) - 2 * last, len(baskets) - last
        train += [("train" if number < valid_from else "valid", customer, number, item)
                  for number, items in enumerate(baskets[:test_from]) for item in items]
        valid += next_cases(customer, baskets[:test_from], valid_from)
        test += next_cases(customer, baskets, test_from)
    catalogue = in_how_many(items for baskets in long_enough.values() for items in baskets[:-last])
    targets = [item for case in test for item in case["target"]]
    return CaseSet(
        {"last": last, "customers": len(long_enough),
         "skipped_customers": len(histories) - len(long_enough), "test_items": len(targets),
         "test_items_outside_catalogue": sum(item not in catalogue for item in targets),
         "fit_for_valid": ["train"], "fit_for_test": ["train", "valid"], "exclude_query": False,
         "metrics": ["R@10", "NDCG@10", "R@20", "repeat_R@10", "explore_R@10", "coverage@10"]},
        train, catalogue, valid, test)


def next_cases(customer: str, baskets: list[list[str]], begin: int) -> Iterator[Case]:
    """The baskets from `begin` on, all asked for by those before it."""
    before = {item for items in baskets[:begin] for item in items}
    for number, items in enumerate(baskets[begin:], begin):
        yield {"id": f"{customer}.{number}", "customer": customer, "query": [], "target": items,
               "seen": [item for item in items if item in before]}


def next_views(source: DataSet, args: argparse.Namespace) -> CaseSet:
    found: dict[str, dict[str, list[str]]] = {"train": {}, "valid": {}, "test": {}}
    for line in read_lines(source):
        if line.split in found:
            found[line.split].setdefault(line.basket, []).append(line.item)
    sessions = {part: list(of_part.items()) for part, of_part in found.items()}
    fit = {"valid": ["train"], "test": ["train"]}
    if not sessions["valid"]:  # the newest tenth of what there is to learn from, and learnt for the test
        cut = len(sessions["train"]) * 9 // 10
        sessions["train"], sessions["valid"] = sessions["train"][:cut], sessions["train"][cut:]
        fit["test"] = ["train", "valid"]

    facts: dict[str, Any] = {
        "sessions": {part: len(of_part) for part, of_part in sessions.items()},
        "fit_for_valid": fit["valid"], "fit_for_test": fit["test"], "exclude_query": False,
        "metrics": ["HR@20", "MRR@20", "coverage@20"]}
    asked = {}
    for part, most in (("valid", args.cap_valid), ("test", args.cap)):
        known = {item for name in fit[part] for _, items in sessions[name] for item in items}
        cases = [view_cases(name, items, known) for name, items in sessions[part]]
        asked[part], n = every_nth(cases, most)
        facts[part] = {
            "targets_unseen_in_fit": sum(item not in known for _, items in sessions[part]
                                         for item in items[1:]),
            "all_cases": sum(len(of_session) for of_session in cases), "every": n}
    learnt = [(part, name, items) for part in fit["test"] for name, items in sessions[part]]
    return CaseSet(facts, [(part, "", name, item) for part, name, items in learnt for item in items],
                   in_how_many(items for _, _, items in learnt), asked["valid"], asked["test"])


def view_cases(session: str, items: list[str], known: set[str]) -> list[Case]:
    return [{"id": f"{session}.{place + 1}", "customer": None, "query": items[:place],
             "target": [items[place]]}
            for place in range(1, len(items)) if items[place] in known]


def liked_items(source: DataSet, args: argparse.Namespace) -> CaseSet:
    liked: dict[str, list[str]] = {}
    for line in read_lines(source):
        if not line.rating or float(line.rating) >= LIKED:
            liked.setdefault(line.customer, []).append(line.item)
    train, valid, test = [], [], []
    for user in sorted(liked, key=int):
        items = sorted(liked[user], key=lambda item: drawn(int(user), int(item)))
        test_from = len(items) - len(items) // 5
        valid_from = test_from - len(items) // 10
        train += [("train" if place < valid_from else "valid", user, "", item)
                  for place, item in enumerate(items[:test_from])]
        for cases, begin, end in ((valid, valid_from, test_from), (test, test_from, len(items))):
            if begin < end:
                cases.append({"id": user, "customer": user, "query": items[:begin],
                              "target": items[begin:end]})
    catalogue = Counter(item for *_, item in train)
    return CaseSet(
        {"users": len(liked), "positives": sum(len(items) for items in liked.values()),
         "fit_for_valid": ["train"], "fit_for_test": ["train", "valid"], "exclude_query": True,
         "metrics": ["R@20", "NDCG@20", "coverage@20"],
         "test_items_outside_catalogue": sum(item not in catalogue for case in test
                                             for item in case["target"])},
        train, catalogue, valid, test)


def drawn(user: int, item: int) -> int:
    """A number of 64 bits as if drawn at random for the pair: splitmix64 (Steele, Lea, Flood, 2014)."""
    bits = 2 ** 64 - 1
    state = ((user << 32 | item) + 0x9E3779B97F4A7C15) & bits
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        state = (state ^ state >> shift) * factor & bits
    return state ^ state >> 31


PROTOCOLS = {"basket": open_baskets, "next": next_baskets, "session": next_views, "topn": liked_items}


# What is written.

def write_cases(folder: Path, dataset: str, protocol: str, cases: CaseSet) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_table(folder / "train.csv", ["part", "customer", "basket", "item"], cases.train)
    write_table(folder / "items.csv", ["item", "count"], sorted(cases.catalogue.items()))
    for part, asked in (("valid", cases.valid), ("test", cases.test)):
        with open(folder / f"{part}.jsonl", "w", encoding="utf-8") as file:
            file.writelines(json.dumps(case, ensure_ascii=False) + "\n" for case in asked)
    meta = {"dataset": dataset, "protocol": protocol, **cases.facts, "catalogue": len(cases.catalogue),
            "valid_cases": len(cases.valid), "test_cases": len(cases.test)}
    (folder / "meta.json").write_text(json.dumps(meta, indent=1), encoding="utf-8")
    print(json.dumps(meta))


def source_of(args: argparse.Namespace) -> DataSet:
    if args.dataset:
        known = LINES[args.dataset]
        return DataSet(str(args.data / known.file), known.columns, known.counts, known.item_code)
    return DataSet(args.csv, {role: name for role in ROLES if (name := getattr(args, role))})


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("protocol", choices=PROTOCOLS)
    parser.add_argument("dataset", nargs="?", choices=LINES, help="one of the public sets, or --csv")
    parser.add_argument("--data", type=Path, default=Path("data"), help="where the public sets lie")
    parser.add_argument("--out", type=Path, required=True, help="the folder to write")
    parser.add_argument("--csv", help="a file of your own, plain or .gz")
    for role in ROLES:
        parser.add_argument(f"--{role}", metavar="COLUMN", help=f"its column of the {role}")
    parser.add_argument("--order", choices=["time", "file", "relative"],
                        help="of the baskets; by time if there is one, else as in the file")
    parser.add_argument("--floor", type=int, default=5, metavar="N",
                        help="basket: items in fewer training baskets are not in the catalogue (5)")
    parser.add_argument("--last", type=int, default=1, metavar="N",
                        help="next: baskets of each customer that are asked for (1)")
    parser.add_argument("--cap", type=int, default=50_000, metavar="N",
                        help="thin out more test cases than these (50000)")
    parser.add_argument("--cap-valid", type=int, default=20_000, metavar="N",
                        help="thin out more valid cases than these (20000)")
    args = parser.parse_args()
    if bool(args.dataset) == bool(args.csv):
        parser.error("give a public set or --csv, one of them")
    return args


def main() -> None:
    args = arguments()
    try:
        source = source_of(args)
        args.order = args.order or ("time" if "time" in source.columns else "file")
        cases = PROTOCOLS[args.protocol](source, args)
    except Malformed as error:
        stop(error)
    write_cases(args.out, args.dataset or Path(args.csv).name, args.protocol, cases)


if __name__ == "__main__":
    main()
