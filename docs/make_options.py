# SPDX-License-Identifier: MIT
"""Writes docs/options.md, the tables of all options, of what the program options_list prints.

    python3 docs/make_options.py <program> [--check]

With --check nothing is written: it is an error if the page is not what would be written, or if a
struct of options in include/ is not in the program's list.
"""
import re
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]
PAGE = TOP / "docs" / "options.md"
HEAD = """# Options

Every option of every function, read off the lists in the headers (`core/options.hpp`): the same
names, defaults and words hold in C++, where they are members of the struct, and in Python, where
they are keyword arguments (a dot is an underscore there: `fold_in_l2`). A few belong to a struct
within the struct in C++, and a few functions take more or fewer of them in Python.

Made by `docs/make_options.py`; do not edit it by hand.
"""


def structs(include: Path) -> dict[str, str]:
    """Name -> header of every struct of options."""
    found = {}
    for header in sorted(include.rglob("*.hpp")):
        for name in re.findall(r"^struct (\w+Options) \{", header.read_text(), re.M):
            found[name] = header.relative_to(include).as_posix()
    return found


def page(listed: str, headers: dict[str, str]) -> str:
    text = HEAD
    for line in listed.splitlines():
        kind, *fields = line.split("\t")
        if kind == "S":
            name, takers = fields
            calls = ", ".join(f"`{one}`" for one in takers.split(", "))
            text += (f"\n## {name}\n\n{calls}; `bodega/{headers[name].removeprefix('bodega/')}`\n\n"
                     "| option | type | default | meaning |\n| --- | --- | --- | --- |\n")
        else:
            name, type_, default, meaning = fields
            shown = f"`{default}`".replace("|", "\\|") if default else ""
            text += f"| `{name}` | {type_} | {shown} | {meaning} |\n".replace("|  |", "| |")
    return text


def main(program: str, check: bool) -> int:
    headers = structs(TOP / "include")
    listed = subprocess.run([program], capture_output=True, text=True, check=True).stdout
    missing = sorted(headers.keys() - set(re.findall(r"^S\t(\w+)", listed, re.M)))
    if missing:
        print("not in tests/checks/options_list.cpp:", ", ".join(missing))
        return 1
    text = page(listed, headers)
    if not check:
        PAGE.write_text(text)
    elif PAGE.read_text() != text:
        print(f"docs/options.md is not current: python3 docs/make_options.py {program}")
        return 1
    print(f"{len(headers)} structs of options")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], "--check" in sys.argv[2:]))
