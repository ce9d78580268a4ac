# SPDX-License-Identifier: MIT
"""CSV files read and written as text, plain or gzip'd. Nothing beyond the standard library."""
import csv
import gzip
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NoReturn


class Malformed(Exception):
    """What is wrong with an input, and where."""


def stop(message: object, status: int = 1) -> NoReturn:
    """Ends the program with a message that names it."""
    print(f"{Path(sys.argv[0]).name}: {message}", file=sys.stderr)
    sys.exit(status)


class Table:
    """A CSV file with a header line. Iterates over its rows, each a list of texts as long as the header;
    blank lines are left out."""

    def __init__(self, path: Path | str):
        self.path = Path(path)
        if not self.path.is_file():
            raise Malformed(f"{path}: no such file")
        self.header = next(self._records(), (0, []))[1]

    def __iter__(self) -> Iterator[list[str]]:
        return (row for _, row in self.numbered())

    def numbered(self) -> Iterator[tuple[int, list[str]]]:
        """The rows, each with the number of the line it ends on."""
        records = self._records()
        next(records, None)
        for line, row in records:
            if len(row) != len(self.header):
                raise Malformed(f"{self.path}:{line}: {len(row)} fields, the header has {len(self.header)}")
            yield line, row

    def places(self, names: Sequence[str]) -> list[int]:
        """Where these columns stand."""
        if absent := [name for name in names if name not in self.header]:
            raise Malformed(f"{self.path}: no column {absent}; there are {self.header}")
        return [self.header.index(name) for name in names]

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        opener = gzip.open if self.path.suffix == ".gz" else open
        with opener(self.path, "rt", encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            for row in reader:
                if row:
                    yield reader.line_num, row


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
