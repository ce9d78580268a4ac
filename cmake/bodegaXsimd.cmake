# SPDX-License-Identifier: MIT
# bodega takes only xsimd's headers. Debian 12's xsimd target also links the library xtl, which
# bodega does not use and which need not be installed, so we have a target without it.
if(NOT TARGET bodega::xsimd)
  get_target_property(bodega_xsimd_headers xsimd INTERFACE_INCLUDE_DIRECTORIES)
  add_library(bodega::xsimd INTERFACE IMPORTED)
  set_target_properties(bodega::xsimd PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${bodega_xsimd_headers}")
endif()
