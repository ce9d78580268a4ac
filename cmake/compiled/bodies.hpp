// SPDX-License-Identifier: MIT
#pragma once

#include <bodega/core/abi.hpp>

// The headers that are included from here on bring their bodies.
#undef BODEGA_BODIES
#define BODEGA_BODIES 1
#undef BODEGA_INLINE
#define BODEGA_INLINE
