# SPDX-License-Identifier: MIT
"""Follows what docs/getting-started.md says of Conan, without a network: the profile that
`conan profile detect` makes, the system's xsimd, and `conan create .`, also with the option
"compiled".

    python3 tests/checks/conan_package.py <repository> <work folder> <compiler> <options>...
"""
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import python_tool

# What the recipe exports, and the test package with the consumer that it builds.
PARTS = ["conanfile.py", "CMakeLists.txt", "LICENSE", "include", "cmake", "tests/consumer"]
VERSIONS = {"xsimd": ("xsimd/xsimd.hpp", ["XSIMD_VERSION_MAJOR", "XSIMD_VERSION_MINOR",
                                          "XSIMD_VERSION_PATCH"])}


def platform_requires(compile: list[str]) -> list[str]:
    """Returns lines such as "xsimd/8.1.0" for what the compiler finds."""
    lines = []
    for package, (header, names) in VERSIONS.items():
        macros = subprocess.run([*compile, "-E", "-dM", "-x", "c++", "-"], text=True,
                                input=f"#include <{header}>\n", capture_output=True).stdout
        found = dict(re.findall(r"#define (\w+_VERSION\w*) (\d+)", macros))
        if not all(name in found for name in names):
            return []
        lines.append(f"{package}/{'.'.join(found[name] for name in names)}")
    return lines


def main(root: Path, work: Path, compile: list[str]) -> int:
    conan = python_tool.tool(work / "venv", "conan>=2", "conan")
    if conan is None:
        print("left out: conan cannot be installed")
        return 77
    system = platform_requires(compile)
    if not system:
        print("left out: xsimd is not the system's")
        return 77
    home, tree = work / "home", work / "tree"
    for folder in (home, tree):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    for part in PARTS:
        if (root / part).is_dir():
            shutil.copytree(root / part, tree / part, ignore=shutil.ignore_patterns("build"))
        elif (root / part).exists():
            shutil.copy(root / part, tree / part)
    env = {**os.environ, "CONAN_HOME": str(home)}
    subprocess.run([conan, "profile", "detect"], check=True, capture_output=True, env=env)
    with (home / "profiles" / "default").open("a") as profile:
        profile.write("\n[platform_requires]\n" + "\n".join(system) + "\n")
    print((home / "profiles" / "default").read_text(), flush=True)
    create = [conan, "create", ".", "--build=missing", "--no-remote"]
    # With the compiled library, quickly: what is tested is that the consumer links it and answers.
    compiled = ["-o", "&:compiled=True", "-s", "build_type=Debug",
                "-c", 'tools.build:cxxflags=["-O0", "-g0"]']
    return max(subprocess.run([*create, *more], cwd=tree, env=env).returncode
               for more in ([], compiled))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve(), sys.argv[3:]))
