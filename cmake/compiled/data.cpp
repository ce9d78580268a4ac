// SPDX-License-Identifier: MIT
#include "data.hpp"
