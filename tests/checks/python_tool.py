# SPDX-License-Identifier: MIT
"""A virtual environment with a tool of the package index, made once in a build tree."""
import subprocess
import sys
from pathlib import Path


def tool(folder: Path, package: str, command: str) -> Path | None:
    """Returns the path of `command`, which `package` installs; None if it cannot be installed."""
    path = folder / "bin" / command
    if path.exists():
        return path
    if subprocess.run([sys.executable, "-m", "venv", folder], capture_output=True).returncode:
        return None
    install = subprocess.run(
        [folder / "bin" / "python", "-m", "pip", "install", "--quiet",
         "--disable-pip-version-check", "--retries", "1", "--timeout", "10", package],
        capture_output=True, text=True)
    if install.returncode:
        print(install.stderr)
    return path if path.exists() else None
