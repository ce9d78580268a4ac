# SPDX-License-Identifier: MIT
"""What is missing is said by CMake in the first second, with what to install.

    python3 tests/checks/first_words.py <repository> <work folder>
"""
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

SECONDS = 10  # a second and a half on an idle machine, most of it CMake's look at the compiler
DOWNLOAD_OFF = "-DBODEGA_DOWNLOAD=OFF"
CASES = [  # name, folder, options, environment, what must be said
    ("no compiler", ".", [], {"CXX": "no-such-compiler"}, ["C++20 compiler", "apt install g++"]),
    ("no compiler, Python module", "python", [], {"CXX": "no-such-compiler"},
     ["C++20 compiler", "apt install g++"]),
    ("no xsimd", ".", ["-DCMAKE_DISABLE_FIND_PACKAGE_xsimd=ON", DOWNLOAD_OFF], {},
     ["needs xsimd 8.1", "apt install libxsimd-dev"]),
]


def main(root: Path, work: Path) -> int:
    failed = 0
    for name, folder, options, environment, words in CASES:
        shutil.rmtree(work, ignore_errors=True)
        start = time.monotonic()
        run = subprocess.run(["cmake", "-S", root / folder, "-B", work, *options], text=True,
                             capture_output=True, env={**os.environ, **environment})
        seconds = time.monotonic() - start
        said = " ".join(run.stderr.split())  # CMake breaks lines where it likes
        good = run.returncode != 0 and all(word in said for word in words) and seconds < SECONDS
        print(f"{name}: {'said' if good else 'NOT SAID'} after {seconds:.1f} s\n{run.stderr}")
        failed += not good
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()))
