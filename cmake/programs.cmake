# SPDX-License-Identifier: MIT
find_program(BODEGA_CCACHE ccache DOC "Compiles again what it has not compiled before")
if(PROJECT_IS_TOP_LEVEL AND BODEGA_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${BODEGA_CCACHE})
endif()

# What our own tests, examples and benchmarks are compiled with; never passed on to users.
add_library(bodega_program INTERFACE)
target_link_libraries(bodega_program INTERFACE bodega::bodega
  $<TARGET_NAME_IF_EXISTS:nlohmann_json::nlohmann_json>)
if(MSVC)
  target_compile_options(bodega_program INTERFACE /W4 $<$<BOOL:${BODEGA_WARNINGS_AS_ERRORS}>:/WX>)
else()
  target_compile_options(bodega_program INTERFACE -Wall -Wextra
    $<$<CXX_COMPILER_ID:GNU>:-Wpedantic;-Wconversion;-Wshadow>
    # After inlining, GCC 12 warns of accesses that a loop's bound rules out. The address sanitizer
    # sees the real ones.
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict;-Wno-array-bounds;-Wno-stringop-overflow>
    $<$<BOOL:${BODEGA_WARNINGS_AS_ERRORS}>:-Werror>)
endif()

set(BODEGA_SHARED_DATA ${PROJECT_SOURCE_DIR}/../shared CACHE PATH
  "Where larger data sets lie, in data/ as benchmarks/protocols/README.md lays them out")
set(BODEGA_EXAMPLE_DATA ${PROJECT_SOURCE_DIR}/examples/data)
target_compile_definitions(bodega_program INTERFACE
  BODEGA_SHARED_DATA="${BODEGA_SHARED_DATA}" BODEGA_EXAMPLE_DATA="${BODEGA_EXAMPLE_DATA}")
