#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Prints what the public safetensors package finds in a file: check_safetensors.py FILE

One line a tensor, by name: name, element type, shape, CRC-32 of the bytes; the metadata first.
Exit code 77: the package is not installed.
"""

import sys
import zlib

try:
    from safetensors import safe_open
except ImportError as error:
    print(error)
    sys.exit(77)

NAMES = {"bool": "BOOL", "uint8": "U8", "int8": "I8", "uint16": "U16", "int16": "I16",
         "uint32": "U32", "int32": "I32", "float32": "F32", "uint64": "U64", "int64": "I64",
         "float16": "F16", "float64": "F64"}

with safe_open(sys.argv[1], framework="numpy") as file:
    for key, value in sorted(file.metadata().items()):
        if key.startswith("bodega.model."):
            print(key.removeprefix("bodega.model."), value)
    for name in sorted(file.keys()):
        tensor = file.get_tensor(name)
        shape = "x".join(str(side) for side in tensor.shape)
        print(name, NAMES[str(tensor.dtype)], f"[{shape}]", f"{zlib.crc32(tensor.tobytes()):08x}")
