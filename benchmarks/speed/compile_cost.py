# SPDX-License-Identifier: MIT
"""Measures what bodega costs the compiler, beside a program that includes nlohmann/json.hpp and
parses one string. All in one run, in turns, the lesser of the turns.

    python3 benchmarks/speed/compile_cost.py [--compiler g++] [--turns 3] [--json FILE]
        [--include FOLDER]... [--pip]

"Compiled" is what links the library bodega::compiled, for which the headers only declare what is
heavy; building that library once is a row of its own. Prints processor seconds, the memory at its peak and ratios. FILE receives a line of JSON each:
{"name": .., "value": .., "relation": "<=", "target": ..}. With --pip also `pip install ./python`.
"""
import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

JSON = """\
#include <nlohmann/json.hpp>
#include <string>
int main(int, char** arguments) {
  return nlohmann::json::parse(std::string(arguments[1])).size() == 1 ? 0 : 1;
}
"""
TILL_HEADER = "#include <bodega/till/till.hpp>\nint main() {}\n"
ALL_HEADERS = "#include <bodega/bodega.hpp>\nint main() {}\n"
TILL = """\
#include <bodega/till/till.hpp>
#include <cstdio>
int main(int, char** arguments) {
  auto till = bodega::Till::open(arguments[1]);
  auto lane = till.lane();
  for (const auto& pick : lane.recommend({.basket = {"20725"}}, 3))
    std::printf("%s %g\\n", std::string(pick.code).c_str(), till.forecast(pick.code).units);
}
"""
TRAIN = """\
#include <bodega/bodega.hpp>
using namespace bodega;
int main(int, char** arguments) {
  const Receipts receipts = read_receipts(arguments[1], {});
  Bundle bundle;
  bundle.add("catalog", receipts.catalog());
  bundle.add("items", fit_ease(Cooccurrence(receipts.baskets()), {.l2 = 200, .neighbours = 50}));
  bundle.add("demand", train_lstm<16>(SalesWindows(receipts.daily_sales()), {.epochs = 5}));
  bundle.save(arguments[2]);
}
"""


@dataclass
class Cost:
    seconds: float  # of the processor
    megabytes: float  # at the peak, of one process


def run(command: list[str], **more) -> Cost:
    """What a command and all that it started took."""
    process = subprocess.Popen(command, **more)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"failed: {' '.join(map(str, command))}")
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def least(costs: list[Cost]) -> Cost:
    return Cost(min(c.seconds for c in costs), min(c.megabytes for c in costs))


def measure(options, work: Path) -> dict[str, Cost]:
    programs = {"json": (JSON, ["-O2", "-c"]), "json, front end": (JSON, ["-fsyntax-only"]),
                "till.hpp": (TILL_HEADER, ["-fsyntax-only"]),
                "bodega.hpp": (ALL_HEADERS, ["-fsyntax-only"]),
                "till program": (TILL, ["-O2", "-c"]), "training program": (TRAIN, ["-O2", "-c"])}
    costs: dict[str, list[Cost]] = {name: [] for name in programs}
    programs |= {f"{name}, compiled": (text, [*flags, "-DBODEGA_COMPILED"])
                 for name, (text, flags) in programs.items() if not name.startswith("json")}
    costs |= {name: [] for name in programs}
    compile = [options.compiler, "-std=c++20", f"-I{ROOT / 'include'}",
               *(f"-I{folder}" for folder in options.include)]
    for turn in range(options.turns):
        for name, (text, flags) in programs.items():
            source = work / f"{name.replace(' ', '_')}.cpp"
            source.write_text(text)
            out = [] if "-fsyntax-only" in flags else ["-o", source.with_suffix(".o")]
            costs[name].append(run([*compile, *flags, source, *out]))
            print(f"turn {turn + 1}: {name} {costs[name][-1].seconds:.2f} s", file=sys.stderr)
    costs["the library"] = [build_library(options, work / "library")]
    linked = [options.compiler, "-s", "-pthread", "-o"]
    subprocess.run([*linked, work / "till", work / "till_program.o"], check=True)
    subprocess.run([*linked, work / "till_compiled", work / "till_program,_compiled.o",
                    work / "library/libbodega_compiled.a", "-Wl,--gc-sections"], check=True)
    return {name: least(turns) for name, turns in costs.items()}


def build_library(options, work: Path) -> Cost:
    """bodega::compiled, as who links it builds it once; its memory is that of the largest file."""
    environment = {**os.environ, "CCACHE_DISABLE": "1"}
    parts = [f"-DBODEGA_BUILD_{part}=OFF" for part in ("TESTS", "EXAMPLES", "BENCHMARKS")]
    run(["cmake", "-S", ROOT, "-B", work, "-DCMAKE_BUILD_TYPE=Release", *parts,
         f"-DCMAKE_CXX_COMPILER={options.compiler}"], stdout=subprocess.DEVNULL)
    return run(["cmake", "--build", work, "--target", "bodega_compiled"], env=environment,
               stdout=subprocess.DEVNULL)


def install(work: Path) -> Cost:
    environment = {**os.environ, "CMAKE_BUILD_PARALLEL_LEVEL": "1", "CCACHE_DISABLE": "1"}
    return run([sys.executable, "-m", "pip", "install", "--quiet", "--target", work / "site",
                "--no-deps", ROOT / "python"], env=environment)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compiler", default="g++")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--include", action="append", default=[], metavar="FOLDER",
                        help="where xsimd or nlohmann-json is, if not the system's")
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("--pip", action="store_true", help="also the Python module: minutes")
    options = parser.parse_args()
    work = Path(tempfile.mkdtemp(prefix="compile_cost_"))
    try:
        costs = measure(options, work)
        json_cost = costs["json"]
        rows = [  # name, value, target, unit
            ("till.hpp, front end", costs["till.hpp"].seconds / json_cost.seconds, 0.6, "x json"),
            ("open, recommend, forecast, -O2", costs["till program"].seconds / json_cost.seconds, 2.0,
             "x json"),
            ("bodega.hpp, front end", costs["bodega.hpp"].seconds / json_cost.seconds, 2.5, "x json"),
            ("training program, -O2", costs["training program"].seconds, 25, "s"),
            ("training program, memory", costs["training program"].megabytes, 700, "MB"),
            *((f"{name}, compiled", costs[f"{name}, compiled"].seconds / json_cost.seconds, most, "x json")
              for name, most in [("till.hpp", 0.3), ("till program", 0.6), ("bodega.hpp", 0.6),
                                 ("training program", 0.6)]),
            *((f"till program{how}, stripped", (work / file).stat().st_size / 1024, 250, "KB")
              for how, file in [("", "till"), (", compiled", "till_compiled")])]
        if options.pip:
            python = install(work)
            rows += [("pip install ./python", python.seconds, 240, "s"),
                     ("pip install ./python, memory", python.megabytes, 700, "MB")]
    finally:
        shutil.rmtree(work)
    print("| | seconds | MB | times json | times json's front end |\n| --- | ---: | ---: | ---: | ---: |")
    front = costs["json, front end"].seconds
    for name, cost in costs.items():
        print(f"| {name} | {cost.seconds:.2f} | {cost.megabytes:.0f} | "
              f"{cost.seconds / json_cost.seconds:.2f} | {cost.seconds / front:.2f} |")
    print("\n| | value | to reach |\n| --- | ---: | ---: |")
    for name, value, target, unit in rows:
        print(f"| {name} | {value:.2f} {unit} | <= {target} {unit} |")
    if options.json:
        Path(options.json).write_text("".join(
            json.dumps({"name": f"compile cost: {name}", "value": round(value, 3), "relation": "<=",
                        "target": target}) + "\n" for name, value, target, _ in rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
