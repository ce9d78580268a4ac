# SPDX-License-Identifier: MIT
"""The exception that the C++ library's ``bodega::Error`` becomes."""


class Error(ValueError):
    """Bad input, said in four parts so that a program can react and a person can mend it.

    ``code`` names the kind of trouble ("io", "format", "checksum", "version", "missing",
    "duplicate", "unknown_id", "out_of_range", "shape", "not_finite", "invalid_argument",
    "cancelled"); ``where`` the place as you know it ("receipts.csv:12, column quantity");
    ``expected`` and ``found`` what was wanted there and what was there instead.
    """

    code: str
    where: str
    expected: str
    found: str

    def __init__(self, code: str, where: str, expected: str, found: str) -> None:
        super().__init__(code, where, expected, found)
        self.code = code
        self.where = where
        self.expected = expected
        self.found = found

    def __str__(self) -> str:
        return f"{self.where}: expected {self.expected}, found {self.found} [{self.code}]"
