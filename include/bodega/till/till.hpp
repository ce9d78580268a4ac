// SPDX-License-Identifier: MIT
#pragma once

#include <bodega/core/abi.hpp>
#include <bodega/till/basic_till.hpp>
#include <bodega/till/standard_parts.hpp>

namespace bodega::inline BODEGA_ABI {

/// The till that knows all of the library's recommenders and forecasters.
using Till = BasicTill<StandardParts>;

}  // namespace bodega::inline BODEGA_ABI
