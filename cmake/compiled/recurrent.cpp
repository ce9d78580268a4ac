// SPDX-License-Identifier: MIT
#include "recurrent.hpp"

namespace bodega::inline BODEGA_ABI {

BODEGA_TRAININGS(, 8)
BODEGA_TRAININGS(, 16)
BODEGA_TRAININGS(, 32)
BODEGA_TRAININGS(, 64)

}  // namespace bodega::inline BODEGA_ABI
