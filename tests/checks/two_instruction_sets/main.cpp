// SPDX-License-Identifier: MIT
// Two files of one program, compiled for different instruction sets, keep their own code.
#include <cstdio>

#include "program.hpp"

const char* instruction_set_of_the_other_file();

int main() {
#if defined(__GNUC__)
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) {
    std::puts("left out: this processor has no AVX2");
    return 77;
  }
#endif
  const std::string here = instruction_set_that_works();
  const std::string there = instruction_set_of_the_other_file();
  std::printf("this file: %s, the other: %s\n", here.c_str(), there.c_str());
  return here != there && here.find("avx") == std::string::npos &&
                 there.find("avx") != std::string::npos
             ? 0
             : 1;
}
