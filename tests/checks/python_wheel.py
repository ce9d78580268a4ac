# SPDX-License-Identifier: MIT
"""Builds the wheel, installs it in a fresh virtual environment and runs python/tests against it.

Packages that the machine's Python has already are used; the others come from the package index.

    python3 tests/checks/python_wheel.py <repository>/python <work folder>
"""
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path


def main(source: Path, work: Path) -> int:
    if not (source / "pyproject.toml").exists():
        print(f"left out: there is no {source / 'pyproject.toml'}")
        return 77
    shutil.rmtree(work, ignore_errors=True)
    venv, wheels = work / "venv", work / "wheels"
    wheels.mkdir(parents=True)
    subprocess.run([sys.executable, "-m", "venv", "--system-site-packages", venv], check=True)
    run = {"cwd": work, "env": {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}}

    def call(*command: object) -> None:
        print("+", *command, flush=True)
        subprocess.run([venv / "bin" / "python", "-m", *command], check=True, **run)

    # Without a network the build tools of this Python do, if they are new enough.
    tools = tomllib.loads((source / "pyproject.toml").read_text())["build-system"]["requires"]
    here = subprocess.run([venv / "bin" / "python", "-m", "pip", "install", "--no-index", *tools],
                          capture_output=True, **run).returncode == 0
    call("pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", wheels, source,
         *(["--no-build-isolation"] if here else []))
    wheel, = wheels.glob("*.whl")
    call("pip", "install", "--quiet", "--no-deps", "--force-reinstall", wheel)
    call("pip", "install", "--quiet", f"{wheel}[test]")
    call("pytest", "-q", "-p", "no:cacheprovider", "--import-mode=importlib", source / "tests")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()))
    except subprocess.CalledProcessError as error:
        sys.exit(f"failed: {' '.join(map(str, error.cmd))}")
