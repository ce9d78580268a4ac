# SPDX-License-Identifier: MIT
"""Compiles and runs the code blocks of a page of documentation.

Every ```cpp and ```python block is run, except where the line before it is
<!-- not run: reason -->. The blocks under one heading belong together, in their order:

- a cpp block with `int main` is a program by itself;
- a cpp block that starts with struct, class, template, namespace, inline or concept is put in
  front of main, any other one in main; <bodega/bodega.hpp> and common standard headers are there.
  Lines with #include and `using namespace` go to the top.
- python blocks are run one after the other as one script.

Programs run in a folder where `examples/` is that of the repository and the files of
examples/data lie beside them. A page's files stay from heading to heading.

    python3 tests/checks/snippets.py <repository> <page> cpp <work folder> <compiler> <options>...
    python3 tests/checks/snippets.py <repository> <page> python <work folder> <python>
"""
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

STANDARD = ["algorithm", "array", "cmath", "filesystem", "fstream", "iostream", "optional", "span",
            "sstream", "string", "string_view", "utility", "vector"]
TOP = re.compile(r"^(?:#include .*|using namespace .*;)$", re.MULTILINE)
HAS_MAIN = re.compile(r"\bint main\(")
AT_FILE_SCOPE = re.compile(r"(//[^\n]*\n|\s)*(struct|class|template|namespace|inline|concept)\b")


@dataclass
class Program:
    heading: str
    line: int  # of its first block
    blocks: list[str] = field(default_factory=list)


def read_programs(text: str, language: str) -> list[Program]:
    """The page's code, put together by heading; each cpp block with a main is one of its own."""
    programs, heading, current = [], "top", None
    inside, wanted, skip, first, block = False, False, False, 0, []
    for number, line in enumerate(text.split("\n"), 1):
        if not inside and line.startswith("```"):
            inside, wanted = True, line[3:].strip() == language and not skip
            first, block, skip = number + 1, [], False
        elif not inside:
            if line.startswith("#"):
                heading, current = line.lstrip("# "), None
            skip = line.startswith("<!-- not run:") or (skip and not line.strip())
        elif not line.startswith("```"):
            block.append(line)
        else:
            inside = False
            if not wanted:
                continue
            code = "\n".join(block)
            if language == "cpp" and HAS_MAIN.search(code):
                programs.append(Program(heading, first, [code]))
                continue
            if current is None:
                current = Program(heading, first)
                programs.append(current)
            current.blocks.append(code)
    return programs


def cpp_source(program: Program) -> str:
    if HAS_MAIN.search(program.blocks[0]):
        return program.blocks[0]
    top = [f"#include <{header}>" for header in STANDARD] + ["#include <bodega/bodega.hpp>"]
    outside, inside = [], []
    for block in program.blocks:
        top += TOP.findall(block)
        rest = TOP.sub("", block)
        (outside if AT_FILE_SCOPE.match(rest) else inside).append(rest)
    return "\n".join([*top, *outside, "int main() {", *inside, "}", ""])


def run(command: list[str], folder: Path, what: str) -> bool:
    result = subprocess.run(command, cwd=folder, text=True, stdout=subprocess.PIPE,
                            stderr=subprocess.STDOUT, timeout=300)
    if result.returncode:
        print(f"{what}: failed ({result.returncode})\n{result.stdout}")
    return result.returncode == 0


def main(root: Path, page: str, language: str, work: Path, tool: list[str]) -> int:
    programs = read_programs((root / page).read_text(), language)
    if language == "python":
        here = Path(tool[0]).exists() and subprocess.run(
            [*tool, "-c", "import bodega"], capture_output=True).returncode == 0
        if not here:
            print(f"{page}: {len(programs)} programs not run, the Python module is not installed")
            return 77
    folder = work / language
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "examples").symlink_to(root / "examples")
    for data in (root / "examples" / "data").glob("*"):
        (folder / data.name).symlink_to(data)
    failed = 0
    for index, program in enumerate(programs):
        what = f"{page}:{program.line}, {program.heading}"
        source = folder / f"snippet{index}.{'py' if language == 'python' else 'cpp'}"
        if language == "python":
            source.write_text("\n".join(program.blocks) + "\n")
            good = run([*tool, source.name], folder, what)
        else:
            source.write_text(cpp_source(program))
            good = (run([*tool, source.name, "-o", f"snippet{index}"], folder, what + ", compile")
                    and run([f"./snippet{index}"], folder, what))
        failed += not good
    print(f"{page}: {len(programs) - failed} of {len(programs)} {language} programs ran")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3], Path(sys.argv[4]), sys.argv[5:]))
