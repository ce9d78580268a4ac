# SPDX-License-Identifier: MIT
"""Runs an example and compares what it prints with the file that says what it should.

    python3 tests/checks/example_output.py <program> <expected.txt> <work folder>
"""
import difflib
import subprocess
import sys
from pathlib import Path

MOST_LINES = 80


def main(program: Path, expected: Path, work: Path) -> int:
    work.mkdir(parents=True, exist_ok=True)
    sources = [path for path in expected.parent.glob("*.cpp")
               if len(path.read_text().splitlines()) >= MOST_LINES]
    for path in sources:
        print(f"{path} has {MOST_LINES} lines or more: an example is shorter")
    run = subprocess.run([program], cwd=work, text=True, stdout=subprocess.PIPE, timeout=300)
    difference = "".join(difflib.unified_diff(
        expected.read_text().splitlines(True), run.stdout.splitlines(True), str(expected), "printed"))
    print(difference or f"{program.name} printed what it should")
    return 1 if run.returncode or difference or sources else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve(), Path(sys.argv[3])))
