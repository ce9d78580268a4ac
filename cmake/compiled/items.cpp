// SPDX-License-Identifier: MIT
#include "items.hpp"
