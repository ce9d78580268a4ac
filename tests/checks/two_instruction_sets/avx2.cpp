// SPDX-License-Identifier: MIT
#include "program.hpp"

const char* instruction_set_of_the_other_file() {
  static const std::string name = instruction_set_that_works();
  return name.c_str();
}
