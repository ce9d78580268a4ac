# SPDX-License-Identifier: MIT
# What bodega stands on. A target the outer project already has comes first, then an installed
# package, then a pinned download. Packages are looked for without a version, because their own
# version files refuse newer major versions that bodega works with (xsimd 14); too old
# ones are refused here.
include(FetchContent)
include(${CMAKE_CURRENT_LIST_DIR}/compiler.cmake)

option(BODEGA_DOWNLOAD "Download what is not installed, at pinned versions" ON)

# What to install where, said before anything slow is tried.
set(bodega_debian_xsimd libxsimd-dev)
set(bodega_debian_nlohmann_json nlohmann-json3-dev)
set(bodega_debian_Catch2 catch2)
set(bodega_debian_benchmark libbenchmark-dev)

# bodega_download(<package> <archive> <lowest version>): sets bodega_archive to a local file of the
# archive, or stops with what to install.
function(bodega_download package archive lowest)
  string(TOUPPER ${package} upper)
  set(bodega_archive ${archive} PARENT_SCOPE)
  if(FETCHCONTENT_SOURCE_DIR_${upper} OR FETCHCONTENT_FULLY_DISCONNECTED)
    return()
  endif()
  set(install "Install it (Debian, Ubuntu: `apt install ${bodega_debian_${package}}`. Homebrew, \
vcpkg and Conan have it too), or set ${package}_DIR to where it is.")
  if(NOT BODEGA_DOWNLOAD)
    message(FATAL_ERROR "bodega needs ${package} ${lowest} or newer, which is not installed, and "
      "BODEGA_DOWNLOAD is off. ${install}")
  endif()
  message(STATUS "bodega: ${package} ${lowest} or newer is not installed, downloading ${archive}")
  string(SHA256 name ${archive})
  set(file ${CMAKE_BINARY_DIR}/_deps/${name}.tar.gz)
  if(NOT EXISTS ${file})
    file(DOWNLOAD ${archive} ${file}.part STATUS status INACTIVITY_TIMEOUT 20)
    list(GET status 0 code)
    list(GET status 1 reason)
    if(NOT code EQUAL 0)
      file(REMOVE ${file}.part)
      message(FATAL_ERROR "bodega needs ${package} ${lowest} or newer, which is not installed and "
        "cannot be downloaded (${reason}). ${install}")
    endif()
    file(RENAME ${file}.part ${file})
  endif()
  set(bodega_archive ${file} PARENT_SCOPE)
endfunction()

# bodega_dependency(<package> <target> <lowest version> <archive> <sha256> [<include folder>])
# With an include folder the package is header-only and only its headers are taken: none of its own
# options, tests or install rules come along.
function(bodega_dependency package target lowest archive sha256)
  if(TARGET ${target})
    return()
  endif()
  find_package(${package} CONFIG QUIET)
  if(${package}_FOUND)
    if(${package}_VERSION AND ${package}_VERSION VERSION_LESS lowest)
      message(FATAL_ERROR "bodega needs ${package} ${lowest} or newer, found ${${package}_VERSION} "
        "in ${${package}_DIR}. Set ${package}_DIR to a newer one, or "
        "CMAKE_DISABLE_FIND_PACKAGE_${package}=ON to download it.")
    endif()
    # Catch2's module and benchmark's targets are needed by the caller.
    set(${package}_DIR ${${package}_DIR} PARENT_SCOPE)
    message(STATUS "bodega: ${package} ${${package}_VERSION} in ${${package}_DIR}")
    return()
  endif()
  bodega_download(${package} ${archive} ${lowest})
  set(headers_only "")
  if(ARGC GREATER 5)
    set(headers_only SOURCE_SUBDIR no-such-folder)  # populated, not added
  endif()
  FetchContent_Declare(${package} URL ${bodega_archive} URL_HASH SHA256=${sha256}
    DOWNLOAD_EXTRACT_TIMESTAMP FALSE ${headers_only} SYSTEM)
  FetchContent_MakeAvailable(${package})
  string(TOLOWER ${package} lower)
  set(${lower}_SOURCE_DIR ${${lower}_SOURCE_DIR} PARENT_SCOPE)
  if(ARGC GREATER 5 AND NOT TARGET ${target})
    add_library(${target} INTERFACE IMPORTED GLOBAL)
    set_target_properties(${target} PROPERTIES
      INTERFACE_INCLUDE_DIRECTORIES ${${lower}_SOURCE_DIR}/${ARGV5})
  endif()
endfunction()

bodega_dependency(xsimd xsimd 8.1
  https://github.com/xtensor-stack/xsimd/archive/14.1.0.tar.gz
  8da77b66214e73565f6111ba494322c853552b7b40cff69779b42e2100eed16f include)
if(BODEGA_BUILD_TESTS OR BODEGA_BUILD_BENCHMARKS)  # no header of ours needs it
  bodega_dependency(nlohmann_json nlohmann_json::nlohmann_json 3.10
    https://github.com/nlohmann/json/archive/refs/tags/v3.11.3.tar.gz
    0d8ef5af7f9794e3263480193c491549b2ba6cc74bb018906202ada498a79406 single_include)
endif()
find_package(Threads REQUIRED)
include(${CMAKE_CURRENT_LIST_DIR}/bodegaXsimd.cmake)
