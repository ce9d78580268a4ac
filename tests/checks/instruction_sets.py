# SPDX-License-Identifier: MIT
"""Compiles the integer forecaster for every x86-64 instruction set that this processor has, and for none
of them: all must give the same bits.

    python3 tests/checks/instruction_sets.py <repository> <work folder> <compiler and its flags...>
"""
import platform
import subprocess
import sys
from pathlib import Path

WINDOWS = 24_000
# The flags of the compiler, and those of /proc/cpuinfo.
SETS = {
    "plain C++": (["-U__SSE2__"], []),
    "SSE2": ([], []),
    "SSSE3": (["-mssse3"], ["ssse3"]),
    "AVX2": (["-mavx2", "-mfma"], ["avx2", "fma"]),
    "AVX2 and VNNI": (["-mavx2", "-mfma", "-mavxvnni"], ["avx2", "fma", "avx_vnni"]),
    "AVX-512": (["-mavx512f", "-mavx512bw", "-mavx512vl", "-mavx512dq"], ["avx512bw", "avx512vl", "avx512dq"]),
    "AVX-512 and VNNI": (["-mavx512f", "-mavx512bw", "-mavx512vl", "-mavx512dq", "-mavx512vnni"],
                         ["avx512bw", "avx512vl", "avx512dq", "avx512_vnni"]),
}


def main(root: Path, work: Path, compile_command: list[str]) -> int:
    if platform.machine() != "x86_64":
        print("not an x86-64 processor")
        return 77
    work.mkdir(parents=True, exist_ok=True)
    cpuinfo = Path("/proc/cpuinfo")
    has = set(cpuinfo.read_text().split()) if cpuinfo.exists() else set()
    found = {}
    for name, (flags, wanted) in SETS.items():
        if not has.issuperset(wanted):
            print(f"{name}: not in this processor")
            continue
        program = work / "program"
        subprocess.run([*compile_command, "-O1", *flags, "-I", root / "tests",
                        root / "tests" / "checks" / "instruction_sets.cpp", "-o", program], check=True)
        done = subprocess.run([program, str(WINDOWS)], capture_output=True, text=True)
        print(f"{name}: {done.stdout.strip() or 'other bits than the plain definition'}", flush=True)
        found[name] = done.stdout.split()[-1] if done.returncode == 0 else None
    same = len(set(found.values())) == 1 and None not in found.values()
    print("the same bits everywhere" if same else "the bits differ")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]))
