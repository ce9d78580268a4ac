// SPDX-License-Identifier: MIT
#include "till.hpp"
