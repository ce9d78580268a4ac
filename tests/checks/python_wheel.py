# SPDX-License-Identifier: MIT
"""Builds the wheel, installs it in a fresh virtual environment and runs python/tests against it.

Packages that the machine's Python has already are used; the others come from the package index.

    python3 tests/checks/python_wheel.py <repository>/python <work folder>
"""
import os
import shutil
import subprocess
import sys
from pathlib import Path

NEEDED = ["numpy", "scipy", "pytest", "safetensors"]


def main(source: Path, work: Path) -> int:
    if not (source / "pyproject.toml").exists():
        print(f"left out: there is no {source / 'pyproject.toml'}")
        return 77
    shutil.rmtree(work, ignore_errors=True)
    venv, wheels = work / "venv", work / "wheels"
    wheels.mkdir(parents=True)
    subprocess.run([sys.executable, "-m", "venv", "--system-site-packages", venv], check=True)
    python = venv / "bin" / "python"

    def call(*command: object) -> None:
        print("+", *command, flush=True)
        subprocess.run([python, *command], check=True, cwd=work,
                       env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"})

    build_tools_here = subprocess.run(
        [python, "-c", "import scikit_build_core, pybind11"], capture_output=True).returncode == 0
    call("-m", "pip", "install", "--quiet", *NEEDED)
    call("-m", "pip", "wheel", "--no-deps", "--wheel-dir", wheels, source,
         *(["--no-build-isolation"] if build_tools_here else []))
    call("-m", "pip", "install", "--no-deps", "--force-reinstall", *wheels.glob("*.whl"))
    call("-m", "pytest", "-q", "-p", "no:cacheprovider", "--import-mode=importlib",
         source / "tests")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()))
    except subprocess.CalledProcessError as error:
        sys.exit(f"failed: {' '.join(map(str, error.cmd))}")
