# SPDX-License-Identifier: MIT
"""benchmarks/protocols makes the case folders that the published tables were measured on, and scores as was
scored then. Held to recorded checksums and numbers: on the example data always, on the public data sets where
they are laid out. Where another implementation of the same protocols stands beside them, both must write the
same bytes and print the same numbers.

    python3 tests/checks/protocols.py <repository> <shared folder> <work folder>

The shared folder has data/ as benchmarks/protocols/README.md lays it out, and perhaps protocols/ with the other
implementation.
"""
import csv
import hashlib
import importlib.util
import json
import shutil
import subprocess
import sys
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

Recorded = dict[str, str]

CASE_FILES = ("train.csv", "items.csv", "valid.jsonl", "test.jsonl", "meta.json")
DEMAND_FILES = ("demand.csv", "meta.json")

# Of each case folder, the first 16 digits of the SHA-256 of its files.
EXAMPLES: Recorded = {
    "example basket": "c0b4aede7914c767 17d1e419b5f9bdd2 df692a3bab62cfe8 "
        "c903952b345c1b3c dc73e8358d27876b",
    "example file order": "d04eea9fabcac247 983c64d67162dd02 fc6eb32e53f30ee2 "
        "7d72668c2e72d004 df940ce34bba3612",
    "example relative": "d467afdca18a646d 2f8dcd16449bfe96 60b7585a91cd6856 "
        "3f01198e1eac8973 01b89c45b0012d80",
    "example next": "fe36e7753e53dc26 7d92eb23539c16fe e899bf712c947a7c "
        "836dd1de6a74cbd9 6e0da1f223769b1c",
    "example session": "a2e4a70abb721fbb 1632f5ddd8e29230 b5b49cbc14c628d9 "
        "c68aeb6a883ea63f 2c08d38a103eccf6",
    "example topn": "fafa546479b99490 2b0196abe554f4a4 bbde8b0ac075cb4d "
        "27002f82527964d3 2a484aa95a7d259d",
    "example demand": "6b757baa50d3dda8 6e12f36ab5c22323",
}
PUBLIC: Recorded = {
    "basket groceries": "9d40fd79ff0a3aa0 10dcb15c4235d651 c53bb59c8a607e03 "
        "3ce08ee3208a93dd 25c4661ad482244b",
    "basket bakery": "ec6aa7d9a5c40bfc 27bdecc757b5ecc8 3d60102b53f22a0d "
        "cfef7017f1d5a6d1 5e1c5766bbbf1513",
    "basket complete_journey": "42ac5da853e7f35c 8ff99e58fa1d2425 e5406893cf5ae571 "
        "81c498e6c63af19d bf11832711aefddf",
    "basket coop100": "d3e2b7262dcf0210 c1c07b72e6181289 a1e68968f2aa74ef "
        "cf01d89f0f11c644 7a214f61ef0d278d",
    "basket online_retail": "afb2966f05b0812d 80904d38734486e2 5df0d3664a8062c8 "
        "f893a0317beb7797 dddf8c7e0587e6db",
    "next coop100": "ff07281c85214338 08628a82d032c507 a4a541f2b505c1a0 "
        "aa18e9d62303d7ef f51d896f7d850b99",
    "next coop100 --last 10": "f30fa227142071ae 2b95e463a1ce718e 16afb3c32854c390 "
        "560bb97e048308ab 4c73fe535b4cd020",
    "next complete_journey": "a89d6ca1e618aa72 fa1650b7ca208a43 42eda4bc72c1d3e6 "
        "6c62e43d840273b3 18bbfebe0a318539",
    "session diginetica": "342fe2b75911d549 e376faeb285a6a2b 844e8600b822b557 "
        "f135d0a0d1e370f4 4b8cfff2b11147ad",
    "session yoochoose64": "1a803557810d2956 102d06ceac318e74 cf18273875e4ab7c "
        "998e8c58f9489c83 bddd94eea710aff1",
    "topn movielens_100k": "660fa33c159f5905 66a02d4896070a1e 319a05531a53393a "
        "9fe5718ce81d0ec6 368256ce92cbd40e",
    "seed50": "60afb5d01923a01c 52f299feb53fb27d",
    "seed500": "791b9395073832ba d89aa67d834a16fc",
}
# HR@10, MRR@10 and NDCG@10 of what sells most.
POPULARITY = {"basket groceries": [0.3772, 0.1618, 0.2119], "basket bakery": [0.6788, 0.3996, 0.4663],
              "basket complete_journey": [0.0626, 0.0266, 0.0350]}
# MAPE, WMAPE and bias of the day before, percent.
LAST_DAY = {"seed50": [23.32, 19.50, -0.1]}


class Check:
    def __init__(self, root: Path, shared: Path, work: Path):
        self.ours = root / "benchmarks" / "protocols"
        self.examples = root / "examples" / "data"
        self.data = shared / "data"
        self.other = shared / "protocols"
        self.work = work
        self.failures: list[str] = []
        self.compared = 0
        self.found: dict[str, str] = {}

    def expect(self, right: bool, what: str) -> None:
        self.compared += 1
        if not right:
            self.failures.append(what)

    def run(self, scripts: Path, script: str, *arguments: object) -> str:
        run = subprocess.run([sys.executable, "-B", scripts / script, *map(str, arguments)],
                             capture_output=True, text=True, timeout=600)
        if run.returncode:
            self.failures.append(f"{scripts / script} {arguments}: {run.stderr}")
        return run.stdout

    def other_can(self, script: str) -> bool:
        """Whether the other implementation is there, with the packages it needs."""
        needs = {"score.py": []}.get(script, ["pandas", "numpy"])
        return (self.other / script).is_file() and all(map(importlib.util.find_spec, needs))

    def cases(self, name: str, script: str, files: tuple[str, ...], *arguments: object) -> Path:
        """Makes a folder with ours and compares it with what is recorded, and with the other's."""
        folder = self.work / name.replace(" ", "_")
        shutil.rmtree(folder, ignore_errors=True)
        self.run(self.ours, script, *arguments, "--out", folder)
        self.found[name] = checksums(folder, files)
        recorded = {**EXAMPLES, **PUBLIC}.get(name)
        self.expect(self.found[name] == recorded, f"{name}: {self.found[name]}, recorded {recorded}")
        if self.other_can(script):
            self.run(self.other, script, *arguments, "--out", folder / "other")
            for file in files:
                self.expect(same(folder / file, folder / "other" / file), f"{name}: {file} is another")
        return folder

    def scores(self, name: str, script: str, *arguments: object) -> dict[str, Any]:
        """The numbers that ours prints; the other must print the same."""
        lines = json_lines(self.run(self.ours, script, *arguments))
        if self.other_can(script):
            others = json_lines(self.run(self.other, script, *arguments))
            self.expect(lines == others, f"{name}: {lines}, the other {others}")
        return json.loads(lines[0]) if lines else {}


def json_lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("{")]


def checksums(folder: Path, files: tuple[str, ...]) -> str:
    return " ".join(hashlib.sha256((folder / file).read_bytes()).hexdigest()[:16]
                    if (folder / file).is_file() else "none" for file in files)


def same(a: Path, b: Path) -> bool:
    return a.is_file() and b.is_file() and a.read_bytes() == b.read_bytes()


# Predictions as simple as they can be.

def best_sellers(folder: Path, skip: int = 0) -> Path:
    """For each test case what most histories hold, without the query; `skip` leaves out the first of them."""
    with open(folder / "items.csv", newline="", encoding="utf-8") as file:
        items = [row["item"] for row in sorted(csv.DictReader(file), key=lambda row: -int(row["count"]))]
    excluded = json.loads((folder / "meta.json").read_text())["exclude_query"]
    lines = []
    for text in (folder / "test.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(text)
        query = set(case["query"]) if excluded else set()
        best = [item for item in items[skip:skip + 20 + len(query)] if item not in query][:20]
        lines.append(f"{case['id']}\t{' '.join(best)}\n")
    path = folder / f"best_sellers_{skip}.tsv"
    path.write_text("".join(lines[skip:]), encoding="utf-8")
    return path


def day_before(folder: Path, quantiles: bool) -> Path:
    """For each row what was sold the day before it, and half and twice of it."""
    with open(folder / "demand.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    keys = json.loads((folder / "meta.json").read_text())["keys"]
    path = folder / f"day_before_{quantiles}.csv"
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["date", *keys, "forecast", *(["q10", "q50", "q90"] if quantiles else [])])
        for before, row in zip(rows, rows[1:]):
            if row["part"] == "test" and row["scored"] == "1":
                units = float(before["sales"] or 0)
                writer.writerow([row["date"], *(row[key] for key in keys), units,
                                 *([units / 2, units, 2 * units] if quantiles else [])])
    return path


def example_days(slice_file: Path, path: Path) -> None:
    """Units an item and day of the example's receipts; some days are closed, some sales not known."""
    with open(slice_file, newline="", encoding="utf-8") as file:
        sold: Counter[tuple[str, str]] = Counter()
        for row in csv.DictReader(file):
            sold[row["item"], row["time"][:10]] += max(0, int(row["quantity"]))
    first, last = (date.fromisoformat(extreme(day for _, day in sold)) for extreme in (min, max))
    days = [str(first + timedelta(n)) for n in range((last - first).days + 1)]
    items = [item for item, _ in Counter(item for item, _ in sold).most_common(25)]
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["item", "day", "units", "open", "weekday"])
        for item in items:
            for number, day in enumerate(days):
                known = (number + int(item[:5])) % 11 > 0
                writer.writerow([item, day, sold[item, day] if known else "", int(number % 13 > 0), number % 7])


def example_sessions(path: Path) -> None:
    views = [("train", s, (s * s + 3 * p) % 17) for s in range(40) for p in range(2 + s % 4)]
    views += [("test", s, (s + 5 * p) % 19) for s in range(100, 112) for p in range(2 + s % 3)]
    path.write_text("split,session,item\n" + "".join(f"{a},{b},{c}\n" for a, b, c in views))


def example_ratings(path: Path) -> None:
    rows = [(u, i, 1 + (u * 7 + i * 3) % 5) for u in range(1, 30) for i in range(1, 40) if (u + i) % 3]
    path.write_text("user,film,stars\n" + "".join(f"{u},{i},{r}\n" for u, i, r in rows))


def on_examples(check: Check) -> None:
    check.work.mkdir(parents=True, exist_ok=True)
    receipts = check.examples / "online_retail_slice.csv"
    sessions, ratings, days = (check.work / name for name in ("sessions.csv", "ratings.csv", "days.csv"))
    example_sessions(sessions)
    example_ratings(ratings)
    example_days(receipts, days)
    columns = ["--csv", receipts, "--basket", "invoice", "--item", "item"]
    known = [*columns, "--time", "time", "--customer", "customer"]
    made = [
        check.cases("example basket", "make_cases.py", CASE_FILES, "basket", *known),
        check.cases("example file order", "make_cases.py", CASE_FILES, "basket", *columns, "--floor", 20,
                    "--cap", 500, "--cap-valid", 300),
        check.cases("example relative", "make_cases.py", CASE_FILES, "basket", *known, "--order", "relative"),
        check.cases("example next", "make_cases.py", CASE_FILES, "next", *known, "--last", 2),
        check.cases("example session", "make_cases.py", CASE_FILES, "session", "--csv", sessions,
                    "--basket", "session", "--item", "item", "--split", "split"),
        check.cases("example topn", "make_cases.py", CASE_FILES, "topn", "--csv", ratings,
                    "--customer", "user", "--item", "film", "--rating", "stars")]
    for folder in made:
        best, others = best_sellers(folder), best_sellers(folder, 3)
        numbers = check.scores(folder.name, "score.py", folder, best, "--against", others)
        check.expect(numbers.get("missing") == 0, f"{folder.name}: {numbers}")
    demand = check.cases(
        "example demand", "make_demand.py", DEMAND_FILES, "--csv", days, "--date", "day", "--keys", "item",
        "--sales", "units", "--open", "open", "--covariates", "weekday", "--every", 2, "--limit", 10,
        "--min-sale-days", 30)
    for quantiles in (False, True):
        numbers = check.scores("example demand", "score_demand.py", demand / "demand.csv",
                               day_before(demand, quantiles))
        check.expect(numbers.get("cases", 0) > 300 and numbers["missing"] == 0, f"example demand: {numbers}")
    refuse(check, made[0], demand)


def refuse(check: Check, folder: Path, demand: Path) -> None:
    """What is wrong ends the scorers with status 2 and is told with its line."""
    case = json.loads((folder / "test.jsonl").read_text().splitlines()[0])
    name, known = case["id"], case["query"][0]
    lists = {"no tab": f"{name} {known}", "no such case": f"none\t{known}", "no such item": f"{name}\tnone",
             "an item twice": f"{name}\t{case['target'][0]} {case['target'][0]}",
             "in the query": f"{name}\t{known}", "a case twice": f"{name}\t\n{name}\t"}
    with open(demand / "demand.csv", newline="", encoding="utf-8") as file:
        row = next(csv.DictReader(file))
    day, item = row["date"], row["item"]
    tables = {"negative": f"date,item,forecast\n{day},{item},-1", "no number": f"date,item,forecast\n{day},{item},x",
              "no such row": f"date,item,forecast\n1999-01-01,{item},1", "no column": "date,forecast\n",
              "twice": f"date,item,forecast\n{day},{item},1\n{day},{item},1",
              "quantiles fall": f"date,item,forecast,q10,q50,q90\n{day},{item},1,2,1,3",
              "one quantile": f"date,item,forecast,q10\n{day},{item},1,1"}
    for texts, script, cases in ((lists, "score.py", folder), (tables, "score_demand.py", demand / "demand.csv")):
        for what, text in texts.items():
            path = check.work / "wrong.txt"
            path.write_text(text + "\n")
            run = subprocess.run([sys.executable, "-B", check.ours / script, cases, path],
                                 capture_output=True, text=True)
            check.expect(run.returncode == 2 and "wrong.txt" in run.stderr,
                         f"{script}, {what}: status {run.returncode}, {run.stderr}")


def on_public_data(check: Check) -> None:
    for name in PUBLIC:
        demand = name.startswith("seed")
        sys.path.insert(0, str(check.ours))
        from data_sets import DAILY, LINES
        file = check.data / (DAILY[name] if demand else LINES[name.split()[1]]).file
        if not file.is_file():
            print(f"left out: {name}, no {file}")
            continue
        script, files = ("make_demand.py", DEMAND_FILES) if demand else ("make_cases.py", CASE_FILES)
        folder = check.cases(name, script, files, *name.split(), "--data", check.data)
        if name in POPULARITY:
            numbers = check.scores(name, "score.py", folder, best_sellers(folder))
            reached = [round(numbers[metric], 4) for metric in ("HR@10", "MRR@10", "NDCG@10")]
            check.expect(reached == POPULARITY[name], f"{name}: {reached}, published {POPULARITY[name]}")
        if name in LAST_DAY:
            numbers = check.scores(name, "score_demand.py", folder / "demand.csv", day_before(folder, True))
            reached = [round(numbers[f"{m}_percent"], d) for m, d in (("MAPE", 2), ("WMAPE", 2), ("bias", 1))]
            check.expect(reached == LAST_DAY[name], f"{name}: {reached}, published {LAST_DAY[name]}")
        shutil.rmtree(folder)


def main(root: Path, shared: Path, work: Path) -> int:
    check = Check(root, shared, work)
    for script in ("make_cases.py", "score.py"):
        if not check.other_can(script):
            print(f"left out: the other {script} ({check.other} or its packages are absent); "
                  "recorded checksums and numbers are compared")
    on_examples(check)
    on_public_data(check)
    print("\n".join(check.failures) or f"{check.compared} comparisons, all the same")
    if "--record" in sys.argv:
        print(json.dumps(check.found, indent=4))
    return 1 if check.failures else 0


if __name__ == "__main__":
    sys.exit(main(*(Path(argument).resolve() for argument in sys.argv[1:4])))
