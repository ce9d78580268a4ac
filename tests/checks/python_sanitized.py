# SPDX-License-Identifier: MIT
"""Builds the Python module with the address sanitizer and runs the tests of all that comes in:
arrays, files, codes, numbers that make no sense.

    python3 tests/checks/python_sanitized.py <repository>/python <work folder> <Python> <compiler>

The Python is one that has numpy, scipy, pytest and pybind11, such as that of python_wheel.py.
"""
import os
import subprocess
import sys
from pathlib import Path

TESTS = ["test_arrays.py", "test_doors.py", "test_no_nonsense.py", "test_data.py",
         "test_dirty_reality.py"]
# Optimised a little, or the tests take longer than the compiler saves.
FLAGS = "-O1 -g1 -fno-omit-frame-pointer -fsanitize=address"


def library(compiler: str, name: str) -> Path | None:
    found = subprocess.run([compiler, f"-print-file-name={name}"], capture_output=True, text=True)
    path = Path(found.stdout.strip())
    return path if found.returncode == 0 and path.is_absolute() and path.exists() else None


def main(source: Path, work: Path, python: Path, compiler: str) -> int:
    sanitizer, cxx = library(compiler, "libasan.so"), library(compiler, "libstdc++.so")
    if sanitizer is None or cxx is None:
        print(f"left out: {compiler} has no libasan.so to load into an interpreter")
        return 77

    def call(*command: object, **environment: str) -> None:
        print("+", *command, flush=True)
        subprocess.run([str(part) for part in command], check=True,
                       env={**os.environ, **environment})

    if subprocess.run([python, "-c", "import pybind11"], capture_output=True).returncode != 0:
        call(python, "-m", "pip", "install", "--quiet", "pybind11")
    call("cmake", "-S", source, "-B", work, "-G", "Ninja", f"-DPython_EXECUTABLE={python}",
         f"-DCMAKE_CXX_COMPILER={compiler}", "-DCMAKE_BUILD_TYPE=Debug",
         f"-DCMAKE_CXX_FLAGS_DEBUG={FLAGS}")
    call("cmake", "--build", work)
    # Whatever pytest makes of it, a report of the sanitizer ends the interpreter. Interpreters leak
    # by design.
    call(python, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--import-mode=importlib",
         *(source / "tests" / test for test in TESTS), PYTHONPATH=str(work),
         LD_PRELOAD=f"{sanitizer}:{cxx}", ASAN_OPTIONS="detect_leaks=0:abort_on_error=1")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve(),
                      Path(sys.argv[3]).absolute(), sys.argv[4]))
    except subprocess.CalledProcessError as error:
        sys.exit(f"failed: {' '.join(map(str, error.cmd))}")
