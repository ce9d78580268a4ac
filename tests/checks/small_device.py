# SPDX-License-Identifier: MIT
"""Writes forecasters as headers for small devices, compiles them alone, and compares their answers with
the library's to the bit: on the host, and as ARM Cortex-M code under QEMU where both are installed.

    python3 tests/checks/small_device.py <repository> <work folder> <compiler and its flags...>
"""
import shutil
import subprocess
import sys
from pathlib import Path

CORTEX = {"Cortex-M0+": "cortex-m0plus", "Cortex-M4": "cortex-m4"}
STRICT = ["-Wall", "-Wextra", "-Werror", "-fno-exceptions", "-fno-rtti"]


def run(*command: str | Path) -> str:
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    if done.returncode != 0:
        print(" ".join(map(str, command)), done.stdout[-2000:], done.stderr[-2000:], f"exit code {done.returncode}", sep="\n")
        sys.exit(1)
    return done.stdout


def main(root: Path, work: Path, compile_command: list[str]) -> None:
    sources = root / "tests" / "checks" / "small_device"
    work.mkdir(parents=True, exist_ok=True)
    run(*compile_command, "-O1", "-I", root / "tests", sources / "write.cpp", "-o", work / "write")
    run(work / "write", work)
    run(compile_command[0], "-std=c++17", "-O1", *STRICT, "-I", work, sources / "device.cpp", "-o", work / "device")
    run(work / "device")
    print("host: the same bits as the library")

    arm = shutil.which("arm-none-eabi-g++")
    if not arm:
        print("arm-none-eabi-g++ is not installed: nothing was compiled for Cortex-M")
        return
    for name, cpu in CORTEX.items():
        flags = ["-std=c++17", "-Os", "-mthumb", f"-mcpu={cpu}", "-ffreestanding", *STRICT, "-I", work]
        one = work / f"only_lstm_{cpu}.o"
        run(arm, *flags, "-c", sources / "only_lstm.cpp", "-o", one)
        print(f"{name}, LSTM-16:", run("arm-none-eabi-size", one).splitlines()[1].split()[:3], "bytes of text, data, bss")
        wanted = {line.split()[-1] for line in run("arm-none-eabi-nm", "-u", one).splitlines()}
        strange = {w for w in wanted if w not in ("memset", "memcpy", "__clzsi2") and "div" not in w}
        if strange:
            sys.exit(f"{name}: needs {strange}")
        run(arm, *flags, "-DBARE", "-nostdlib", "-static", sources / "device.cpp", "-o", work / f"device_{cpu}", "-lgcc")
        if shutil.which("qemu-arm"):
            run("qemu-arm", work / f"device_{cpu}")
            print(f"{name}: the same bits as the library, under QEMU")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
