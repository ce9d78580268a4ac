# SPDX-License-Identifier: MIT
# 64-bit ARM from another Linux machine, for instance with Debian's g++-aarch64-linux-gnu and
# qemu-user. The header-only dependencies are those of the machine that builds.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64 -L /usr/aarch64-linux-gnu)
# Debian keeps xsimd's package file among the libraries of the machine that builds.
set(xsimd_ROOT /usr/lib/${CMAKE_HOST_SYSTEM_PROCESSOR}-linux-gnu/cmake/xsimd)
