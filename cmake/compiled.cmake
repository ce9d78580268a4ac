# SPDX-License-Identifier: MIT
# bodega::compiled: what is heavy in the headers, compiled once; the same headers then only declare
# it to who links the library. Built only where it is linked or asked for.
#
# A part is the bodies of some folders of headers, as a file of its own: cmake/compiled/<part>.cpp.
# It includes <part>.hpp, made here: the headers of the parts before, which only declare there, then
# its own, with bodies. So each body is compiled in one file, and no file is large.
set(bodega_parts tensor data collaborative items forecast recurrent till)
set(bodega_part_tensor core text tensor/kernels tensor tensor/coding)
set(bodega_part_data data metrics compress bundle)
set(bodega_part_collaborative collaborative/sums content embedding session)
set(bodega_part_items collaborative/items collaborative/customers collaborative/factors
  collaborative/shop)
set(bodega_part_forecast forecast)
set(bodega_part_recurrent forecast/recurrent forecast/integer)
set(bodega_part_till hybrid inventory evaluate till)

# Headers alone: connect/, whose headers want packages that bodega itself does not.
set(bodega_part_none connect)

file(GLOB_RECURSE folders LIST_DIRECTORIES TRUE RELATIVE ${PROJECT_SOURCE_DIR}/include/bodega
  ${PROJECT_SOURCE_DIR}/include/bodega/*)
list(FILTER folders EXCLUDE REGEX "[.]hpp$|^(collaborative)$")
foreach(part IN LISTS bodega_parts ITEMS none)
  list(REMOVE_ITEM folders ${bodega_part_${part}})
endforeach()
if(folders)
  message(FATAL_ERROR "bodega::compiled has no part for ${folders}: name them in cmake/compiled.cmake")
endif()

set(bodega_part_files "")
set(declared "")
foreach(part IN LISTS bodega_parts)
  set(bodies "")
  foreach(folder IN LISTS bodega_part_${part})
    file(GLOB headers CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/include
      ${PROJECT_SOURCE_DIR}/include/bodega/${folder}/*.hpp)
    foreach(header IN LISTS headers)
      string(APPEND bodies "#include <${header}>\n")
    endforeach()
  endforeach()
  file(CONFIGURE OUTPUT compiled/${part}.hpp @ONLY CONTENT
    "#pragma once\n${declared}#include \"bodies.hpp\"\n${bodies}")
  string(APPEND declared "${bodies}")
  list(APPEND bodega_part_files ${PROJECT_SOURCE_DIR}/cmake/compiled/${part}.cpp)
endforeach()

add_library(bodega_compiled STATIC ${bodega_part_files})
add_library(bodega::compiled ALIAS bodega_compiled)
target_link_libraries(bodega_compiled PUBLIC bodega)
target_include_directories(bodega_compiled PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/compiled
  ${PROJECT_SOURCE_DIR}/cmake/compiled)
target_compile_definitions(bodega_compiled PUBLIC BODEGA_COMPILED)
set_target_properties(bodega_compiled PROPERTIES EXPORT_NAME compiled POSITION_INDEPENDENT_CODE ON)
# A program keeps only the functions that it reaches.
if(NOT MSVC)
  target_compile_options(bodega_compiled PRIVATE -ffunction-sections -fdata-sections
    $<$<CONFIG:Release>:-O2>)  # the kernels are as fast as with -O3, the rest is smaller
endif()
if(APPLE)
  target_link_options(bodega_compiled INTERFACE LINKER:-dead_strip)
elseif(UNIX)
  target_link_options(bodega_compiled INTERFACE LINKER:--gc-sections)
endif()
if(NOT BODEGA_INSTALL_COMPILED)
  set_target_properties(bodega_compiled PROPERTIES EXCLUDE_FROM_ALL ON)
endif()
