# SPDX-License-Identifier: MIT
# Says in the first second that a compiler is missing or too old, and what to install. Included
# before project(), where CMake itself would say less, and again once the compiler is known.
set(bodega_get_compiler "GCC 12 or Clang 14 or newer (Debian, Ubuntu: `apt install g++`; macOS: \
`xcode-select --install`) or Visual Studio 2022")

if(NOT CMAKE_CXX_COMPILER_ID)
  # Visual Studio's compiler is on no path; its generator finds it.
  if(NOT CMAKE_HOST_WIN32 AND NOT CMAKE_CXX_COMPILER AND NOT CMAKE_TOOLCHAIN_FILE)
    if(DEFINED ENV{CXX})
      separate_arguments(bodega_named_compiler UNIX_COMMAND "$ENV{CXX}")
      list(GET bodega_named_compiler 0 bodega_named_compiler)
    else()
      set(bodega_named_compiler c++ g++ clang++)
    endif()
    find_program(bodega_compiler NAMES ${bodega_named_compiler} NO_CACHE)
    if(NOT bodega_compiler)
      list(JOIN bodega_named_compiler ", " bodega_named_compiler)
      message(FATAL_ERROR
        "bodega needs a C++20 compiler and finds none (looked for ${bodega_named_compiler}). Install \
${bodega_get_compiler}.")
    endif()
  endif()
  return()
endif()

set(bodega_lowest_GNU 12)
set(bodega_lowest_Clang 14)
set(bodega_lowest_AppleClang 14)
set(bodega_lowest_MSVC 19.30)
if(DEFINED bodega_lowest_${CMAKE_CXX_COMPILER_ID} AND
   CMAKE_CXX_COMPILER_VERSION VERSION_LESS bodega_lowest_${CMAKE_CXX_COMPILER_ID})
  message(FATAL_ERROR
    "bodega needs C++20 as ${bodega_get_compiler} have it, and ${CMAKE_CXX_COMPILER} is \
${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}.")
endif()
