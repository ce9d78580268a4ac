# SPDX-License-Identifier: MIT
# What our own tests, examples and benchmarks are compiled with; never passed on to users.
add_library(bodega_program INTERFACE)
target_link_libraries(bodega_program INTERFACE bodega::bodega)
if(MSVC)
  target_compile_options(bodega_program INTERFACE /W4 $<$<BOOL:${BODEGA_WARNINGS_AS_ERRORS}>:/WX>)
else()
  target_compile_options(bodega_program INTERFACE -Wall -Wextra
    $<$<CXX_COMPILER_ID:GNU>:-Wpedantic;-Wconversion;-Wshadow>
    $<$<BOOL:${BODEGA_WARNINGS_AS_ERRORS}>:-Werror>)
endif()

set(BODEGA_SHARED_DATA ${PROJECT_SOURCE_DIR}/../shared CACHE PATH
  "Where larger data sets lie (data/) and the protocols that score them (protocols/)")
set(BODEGA_EXAMPLE_DATA ${PROJECT_SOURCE_DIR}/examples/data)
target_compile_definitions(bodega_program INTERFACE
  BODEGA_SHARED_DATA="${BODEGA_SHARED_DATA}" BODEGA_EXAMPLE_DATA="${BODEGA_EXAMPLE_DATA}")
