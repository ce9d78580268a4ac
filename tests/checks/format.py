# SPDX-License-Identifier: MIT
"""The tree is formatted by clang-format 14, spelt as codespell knows words, and its pages have lines
of 100 columns.

    python3 tests/checks/format.py <repository> format|spelling|lines

Ends with 77, which ctest shows as skipped, if the tool or git is absent.
"""
import shutil
import subprocess
import sys
from pathlib import Path

COLUMNS = 100
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


def long_lines(text: str) -> list[int]:
    """The lines of a page that are too long; tables and links cannot be broken."""
    found, code = [], False
    for number, line in enumerate(text.split("\n"), 1):
        code ^= line.lstrip().startswith("```")
        words = line.strip().removeprefix("- ").split(" ")
        if len(line) > COLUMNS and not code and not line.startswith("|") and len(words) > 1:
            found.append(number)
    return found


def main(root: Path, check: str) -> int:
    files = tracked(root)
    if files is None:
        print("left out: this is no git work tree")
        return 77
    if check == "lines":
        pages = [f for f in files if f.endswith(".md") and f != "CHANGELOG.md"]
        wrong = [f"{page}:{number}: longer than {COLUMNS} columns" for page in pages
                 for number in long_lines((root / page).read_text())]
        print("\n".join(wrong) or f"{len(pages)} pages are fine")
        return 1 if wrong else 0
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
