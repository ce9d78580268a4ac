# SPDX-License-Identifier: MIT
"""Checks what the headers of a till reach: no trainer, and of bodega's headers those
that till_headers.txt lists, so that every one more is seen in review.

    python3 tests/checks/till_reach.py <source that includes them> <compiler> <its options>...
"""
import re
import subprocess
import sys
from pathlib import Path

FORBIDDEN = re.compile(r"_trainer\.hpp$|/tensor/(invert|solve)\.hpp$")
LIST = Path(__file__).with_name("till_headers.txt")


def reached(dependencies: str) -> list[str]:
    """The files in a compiler's -M output."""
    return dependencies.replace("\\\n", " ").split()[1:]


def forbidden(files: list[str]) -> list[str]:
    """Those that a till must not read."""
    return [path for path in files if FORBIDDEN.search(path)]


def headers(files: list[str]) -> list[str]:
    """Those of bodega, sorted, as they are included."""
    found = (re.search(r"\binclude/(bodega/.*)$", path) for path in files)
    return sorted({match.group(1) for match in found if match})


def changes(found: list[str], listed: list[str]) -> list[str]:
    """What is wrong with a list, a line each."""
    wrong = [f"more than listed: {header}" for header in found if header not in listed]
    wrong += [f"listed and not reached: {header}" for header in listed if header not in found]
    if not wrong and listed != sorted(set(listed)):
        wrong.append("the list is not sorted, or has a header twice")
    return wrong


def main(source: str, compiler: list[str]) -> int:
    if not open(source).read().strip():
        print("no headers under include/bodega/till/")
        return 1
    run = subprocess.run([*compiler, "-M", source], capture_output=True, text=True)
    if run.returncode:
        print(run.stderr)
        return 1
    files = reached(run.stdout)
    if bad := forbidden(files):
        print("\n".join(["a till reaches:", *bad]))
        return 1
    found = headers(files)
    if wrong := changes(found, LIST.read_text().splitlines() if LIST.exists() else []):
        written = Path(source).with_name(LIST.name)
        written.write_text("\n".join(found) + "\n")
        print("\n".join(["the headers that a till reads have changed:", *wrong,
                         "If each is meant (every till program pays for it), accept the new list:",
                         f"    cp {written} {LIST}"]))
        return 1
    print(f"a till reads the {len(found)} headers that are listed, and no trainer")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
