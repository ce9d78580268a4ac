# SPDX-License-Identifier: MIT
"""Reads the package's version from the C++ headers: those of the repository, or an sdist's copy."""

import re
from pathlib import Path

HEADERS = (Path("../include/bodega/version.hpp"), Path("cpp/include/bodega/version.hpp"))


def dynamic_metadata(settings, _project):
    header = next((path for path in HEADERS if path.is_file()), None)
    if header is None:
        raise RuntimeError("no bodega headers: expected " + " or ".join(map(str, HEADERS)))
    numbers = re.findall(r"#define BODEGA_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", header.read_text())
    return {"version": ".".join(numbers)}
