# SPDX-License-Identifier: MIT
"""What readers read from: a path or an open file, packed by gzip or not."""

from __future__ import annotations

import gzip
import os
from typing import IO, Any

from bodega._error import Error

MAGIC = b"\x1f\x8b"
BLOCK = 1 << 16
#: What a packed file may become: so much, and so many times what was read of it.
UNPACKED_BYTES = 64 << 20
UNPACKED_TIMES = 64


class _Counted:
    """A file object that counts what was read; `first` was read of it already."""

    def __init__(self, source: IO[Any], first: bytes) -> None:
        self._source = source
        self._first = first
        self.bytes = 0

    def read(self, size: int = -1) -> bytes:
        if self._first:
            block = self._first if size < 0 else self._first[:size]
            self._first = self._first[len(block) :]
        else:
            block = _bytes(self._source.read(size))
        self.bytes += len(block)
        return block


class _Unpacked:
    """The text within a gzip file, as long as it stays within bounds."""

    def __init__(self, packed: _Counted, name: str) -> None:
        self._packed = packed
        self._name = name
        self._file = gzip.GzipFile(fileobj=packed, mode="rb")  # type: ignore[call-overload]
        self._bytes = 0

    def read(self, size: int) -> bytes:
        try:
            block: bytes = self._file.read(size)
        except (EOFError, gzip.BadGzipFile) as error:
            raise Error("format", self._name, "a whole gzip file", str(error)) from error
        except Exception as error:  # zlib.error
            if type(error).__module__ != "zlib":
                raise
            raise Error("format", self._name, "a gzip file", str(error)) from error
        self._bytes += len(block)
        most = UNPACKED_BYTES + UNPACKED_TIMES * self._packed.bytes
        if self._bytes > most:
            expected = f"at most {most} bytes within {self._packed.bytes} packed ones"
            raise Error("out_of_range", self._name, expected, f"{self._bytes} and more")
        return block


def _bytes(block: bytes | str) -> bytes:
    return block.encode("utf-8") if isinstance(block, str) else bytes(block)


def opened(source: Any, argument: str) -> tuple[Any, str]:
    """(a path, its text) where the library reads it itself; else (a `read`, what errors call it)."""
    if isinstance(source, (str, os.PathLike)):
        path = os.fsdecode(source)
        if not os.path.isfile(path):
            return None, path
        file = open(path, "rb")
        first = file.read(len(MAGIC))
        if first != MAGIC:
            file.close()
            return None, path
        return _Unpacked(_Counted(file, first), path).read, path
    if not hasattr(source, "read"):
        kind = type(source).__name__
        raise TypeError(f"{argument}: expected a path or an open file, found {kind}")
    name = getattr(source, "name", None)
    name = argument.split(",")[0] if name is None else str(name)
    counted = _Counted(source, first := _bytes(source.read(BLOCK)))
    return (_Unpacked(counted, name).read if first.startswith(MAGIC) else counted.read), name
