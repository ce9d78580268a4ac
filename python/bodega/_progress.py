# SPDX-License-Identifier: MIT
"""The bar that ``progress=True`` shows."""

import sys


class Bar:
    """One line on stderr, drawn over itself; nothing where stderr is not a terminal."""

    def __init__(self) -> None:
        self._line = ""

    def __call__(self, task: str, done: int, total: int, loss: float) -> None:
        if sys.stderr is None or not sys.stderr.isatty():
            return
        part = min(done / total, 1.0) if total else 0.0
        filled = int(24 * part)
        line = f"{task:<28} [{'#' * filled}{'.' * (24 - filled)}] {part:4.0%}"
        if loss:
            line += f"  loss {loss:.4g}"
        if line != self._line:
            sys.stderr.write("\r" + line.ljust(len(self._line)) + ("\n" if part == 1 else ""))
            sys.stderr.flush()
            self._line = line
