# SPDX-License-Identifier: MIT
"""The tree is formatted by clang-format 14 and spelt as codespell knows words.

    python3 tests/checks/format.py <repository> format|spelling

Ends with 77, which ctest shows as skipped, if the tool or git is absent.
"""
import shutil
import subprocess
import sys
from pathlib import Path

CODE = (".hpp", ".cpp")
NOT_TEXT = (".csv", ".svg")
BROKEN_ON_PURPOSE = "tests/fuzz/corpus/"


def tracked(root: Path) -> list[str] | None:
    """Returns the files of the repository that are there; None outside a git work tree."""
    if not shutil.which("git"):
        return None
    run = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"],
                         cwd=root, capture_output=True, text=True)
    return [f for f in run.stdout.splitlines() if (root / f).is_file()] or None


def clang_format() -> str | None:
    """Returns the program of version 14: other versions format differently."""
    for name in ("clang-format-14", "clang-format"):
        if shutil.which(name) and " 14." in subprocess.run(
                [name, "--version"], capture_output=True, text=True).stdout:
            return name
    return None


def main(root: Path, check: str) -> int:
    files = tracked(root)
    if files is None:
        print("left out: this is no git work tree")
        return 77
    if check == "format":
        tool, files = clang_format(), [f for f in files if f.endswith(CODE)]
        command = [tool, "--dry-run", "--Werror"]
        missing = "left out: clang-format 14 is absent (apt install clang-format-14)"
        mend = "clang-format-14 -i <file> mends it"
    else:
        tool = shutil.which("codespell")
        files = [f for f in files if not f.endswith(NOT_TEXT) and BROKEN_ON_PURPOSE not in f]
        command = [tool, "--config", ".codespellrc"]
        missing = "left out: codespell is absent (apt install codespell)"
        mend = "a word that is right goes into .codespellignore"
    if not tool:
        print(missing)
        return 77
    run = subprocess.run([*command, *files], cwd=root, text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    wrong = [line for line in run.stdout.splitlines() if ": error: " in line or "==>" in line]
    good = run.returncode == 0
    print(f"{len(files)} files are fine" if good else
          "\n".join([*(wrong or [run.stdout]), mend]))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve(), sys.argv[2]))
