# SPDX-License-Identifier: MIT
"""Holds what an #include of bodega costs to a budget: lines after the preprocessor, of bodega's own
headers and of all, and, where clang++ is there, how often one of bodega's templates is instantiated.
Counts, because seconds are another number on every machine.

    python3 tests/checks/compile_budget.py <work folder> <compiler> <its options>...

compile_budget.json holds the budgets, those "compiled" of a program that links bodega::compiled, for
which the headers only declare what is heavy; the lines of all headers are those of GCC 12's library, and
elsewhere only told. A count above its budget is a question for review: raise the budget if the
answer is yes. A count far below lowers it.
"""
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

BUDGET = Path(__file__).with_name("compile_budget.json")
MARKER = re.compile(r'# \d+ "([^"]*)"')


def count_lines(preprocessed: str) -> dict[str, int]:
    """Lines that are not blank, by whose they are."""
    counts = {"own lines": 0, "all lines": 0}
    own = False
    for line in preprocessed.split("\n"):
        if marker := MARKER.match(line):
            own = "/include/bodega/" in marker[1]
        elif line.strip():
            counts["all lines"] += 1
            counts["own lines"] += own
    return counts


def count_instantiations(trace: dict) -> int:
    """Of clang's -ftime-trace: functions and classes of bodega."""
    return sum(event.get("name") in ("InstantiateFunction", "InstantiateClass")
               and event.get("args", {}).get("detail", "").startswith("bodega::")
               for event in trace["traceEvents"])


def measure(include: str, work: Path, compile: list[str], clang: str | None) -> dict[str, int]:
    """Of "bodega/x.hpp", or of "bodega/x.hpp, compiled"."""
    header, _, compiled = include.partition(", ")
    if compiled:
        compile = [*compile, "-DBODEGA_COMPILED"]
    source = work / "unit.cpp"
    source.write_text(f"#include <{header}>\n")
    counts = count_lines(subprocess.run([*compile, "-E", source], check=True, text=True,
                                        capture_output=True).stdout)
    if clang:
        subprocess.run([clang, *compile[1:], "-O0", "-ftime-trace", "-ftime-trace-granularity=0",
                        "-c", source, "-o", work / "unit.o"], check=True)
        counts["instantiations"] = count_instantiations(json.loads((work / "unit.json").read_text()))
    return counts


def faults(header: str, counts: dict[str, int], budget: dict[str, int], library: bool) -> list[str]:
    return [f"<{header}>: {counts[what]} {what}, the budget is {most}"
            for what, most in budget.items()
            if what in counts and counts[what] > most and (library or what != "all lines")]


def main(work: Path, compile: list[str]) -> int:
    work.mkdir(parents=True, exist_ok=True)
    version = subprocess.run([compile[0], "--version"], text=True, capture_output=True).stdout
    library = bool(re.search(r"^(g\+\+|c\+\+).* 12\.", version))
    clang = next(filter(None, map(shutil.which, ("clang++", "clang++-14"))), None)
    wrong = []
    for header, budget in json.loads(BUDGET.read_text()).items():
        counts = measure(header, work, compile, clang)
        print(f"<{header}>: " + ", ".join(f"{count} {what}" for what, count in counts.items()))
        wrong += faults(header, counts, budget, library)
    print("\n".join(wrong) or "within the budget")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve(), sys.argv[2:]))
