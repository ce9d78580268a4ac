# SPDX-License-Identifier: MIT
"""Checks what the headers of a till reach: neither Eigen nor a trainer.

    python3 tests/checks/till_reach.py <source that includes them> <compiler> <its options>...
"""
import re
import subprocess
import sys

FORBIDDEN = re.compile(r"/Eigen/|_trainer\.hpp$|/tensor/linalg\.hpp$")


def forbidden(dependencies: str) -> list[str]:
    """Of the files in a compiler's -M output, those that a till must not read."""
    return [path for path in dependencies.replace("\\\n", " ").split()[1:] if FORBIDDEN.search(path)]


def main(source: str, compiler: list[str]) -> int:
    if not open(source).read().strip():
        print("no headers under include/bodega/till/")
        return 1
    run = subprocess.run([*compiler, "-M", source], capture_output=True, text=True)
    if run.returncode:
        print(run.stderr)
        return 1
    found = forbidden(run.stdout)
    print("\n".join(["a till reaches:", *found]) if found else
          f"a till reads {len(run.stdout.split())} files, none of them Eigen's or a trainer")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
