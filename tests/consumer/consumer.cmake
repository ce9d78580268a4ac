# SPDX-License-Identifier: MIT
# What the three consumers have in common, and what bodega must not do to a project that uses it.
add_executable(consumer ${CMAKE_CURRENT_LIST_DIR}/main.cpp)
target_link_libraries(consumer PRIVATE bodega::bodega)
if(NOT MSVC)
  target_compile_options(consumer PRIVATE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wold-style-cast -Werror)
endif()

foreach(option IN ITEMS TESTS EXAMPLES BENCHMARKS PYTHON)
  if(BODEGA_BUILD_${option})
    message(FATAL_ERROR "BODEGA_BUILD_${option} must be off in somebody else's project")
  endif()
endforeach()
foreach(forced IN ITEMS COMPILE_OPTIONS COMPILE_DEFINITIONS LINK_OPTIONS)
  get_target_property(value bodega::bodega INTERFACE_${forced})
  # Conan's way to say nothing, and with its option "compiled" the one definition that goes with it.
  string(REGEX REPLACE "[$]<[$]<CONFIG:[A-Za-z]+>:(BODEGA_COMPILED)?>;?" "" value "${value}")
  if(value)
    message(FATAL_ERROR "bodega forces ${forced} on its users: ${value}")
  endif()
endforeach()
