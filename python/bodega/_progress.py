# SPDX-License-Identifier: MIT
"""What ``progress=True`` shows: a bar of tqdm where that is installed, in notebooks too; else a line
on stderr, drawn over itself on a terminal, and a line for each fifth elsewhere.
"""

from __future__ import annotations

import sys
import warnings
from typing import Any, TextIO

try:
    with warnings.catch_warnings():  # of a notebook without widgets, where it writes text
        warnings.simplefilter("ignore")
        from tqdm.auto import tqdm  # type: ignore[import-untyped,unused-ignore]
except ImportError:
    tqdm = None


class Bar:
    """Called as (task, done, total, loss)."""

    def __init__(self) -> None:
        self._task = ""
        self._bar: Any = None
        self._line = ""
        self._fifth = -1

    def __call__(self, task: str, done: int, total: int, loss: float) -> None:
        if sys.stderr is None:
            return
        if task != self._task:
            self._end()
            self._task = task
        if tqdm is not None:
            self._draw(done, total, loss)
        else:
            self._write(sys.stderr, done, total, loss)

    def __del__(self) -> None:
        self._end()

    def _end(self) -> None:
        if self._bar is not None:
            self._bar.close()
        elif self._line and sys.stderr is not None and not self._line.endswith("\n"):
            sys.stderr.write("\n")
        self._bar, self._line, self._fifth = None, "", -1

    def _draw(self, done: int, total: int, loss: float) -> None:
        if self._bar is None:
            self._bar = tqdm(total=total, desc=self._task, file=sys.stderr, leave=True)
        self._bar.total = total
        if loss:
            self._bar.set_postfix_str(f"loss {loss:.4g}", refresh=False)
        self._bar.update(done - self._bar.n)
        if done >= total:
            self._bar.refresh()

    def _write(self, to: TextIO, done: int, total: int, loss: float) -> None:
        part = min(done / total, 1.0) if total else 0.0
        said = f"  loss {loss:.4g}" if loss else ""
        if to.isatty():
            filled = int(24 * part)
            bar = "#" * filled + "." * (24 - filled)
            line = f"{self._task:<28} [{bar}] {part:4.0%}{said}"
            if line != self._line.rstrip("\n"):
                end = "\n" if part == 1 else ""
                to.write("\r" + line.ljust(len(self._line)) + end)
                self._line = line + end
        elif int(5 * part) > self._fifth:
            self._fifth = int(5 * part)
            self._line = f"{self._task} {part:4.0%}{said}\n"
            to.write(self._line)
        to.flush()
