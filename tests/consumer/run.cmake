# SPDX-License-Identifier: MIT
# Installs bodega where the consumer looks for a package, then configures, builds and runs it.
file(REMOVE_RECURSE ${WORK})
set(ENV{DESTDIR} "")
if(KIND STREQUAL "find_package")
  execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILT} --prefix ${WORK}/prefix
    OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
endif()
execute_process(COMMAND ${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/${KIND} -B ${WORK}/build
  -G ${GENERATOR} -C ${CACHE} -D CMAKE_BUILD_TYPE=Release
  -D BODEGA_SOURCE=${BODEGA} -D BODEGA_VERSION=${VERSION} -D bodega_ROOT=${WORK}/prefix
  COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${CMAKE_COMMAND} --build ${WORK}/build --config Release COMMAND_ERROR_IS_FATAL ANY)
find_program(consumer consumer PATHS ${WORK}/build ${WORK}/build/Release NO_DEFAULT_PATH REQUIRED)
execute_process(COMMAND ${consumer} COMMAND_ERROR_IS_FATAL ANY)
