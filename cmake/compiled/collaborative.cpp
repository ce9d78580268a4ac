// SPDX-License-Identifier: MIT
#include "collaborative.hpp"
