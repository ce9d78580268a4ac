# SPDX-License-Identifier: MIT
"""Builds the site strictly: a broken link or a heading that is not there fails.

    python3 tests/checks/site.py <repository> <work folder>
"""
import os
import subprocess
import sys
from pathlib import Path

import python_tool


def main(root: Path, work: Path) -> int:
    pages, html = work / "pages", work / "html"
    subprocess.run([sys.executable, "-B", root / "docs" / "make_reference.py", root, pages], check=True)
    mkdocs = python_tool.tool(work / "venv", "mkdocs-material>=9.5,<10", "mkdocs")
    if mkdocs is None:
        print("left out: mkdocs-material cannot be installed")
        return 77
    env = {**os.environ, "BODEGA_SITE_PAGES": str(pages), "BODEGA_SITE": str(html),
           "NO_MKDOCS_2_WARNING": "1"}
    build = subprocess.run([mkdocs, "build", "--quiet", "--strict", "-f", root / "docs" / "mkdocs.yml"],
                           env=env)
    if build.returncode == 0:
        print(f"the site stands in {html}/index.html")
    return build.returncode


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()))
