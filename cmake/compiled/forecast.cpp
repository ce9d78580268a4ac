// SPDX-License-Identifier: MIT
#include "forecast.hpp"
