# SPDX-License-Identifier: MIT
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(bodega_config_dir ${CMAKE_INSTALL_DATADIR}/cmake/bodega)

install(DIRECTORY include/bodega DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/licenses/bodega)
install(TARGETS bodega bodega_till EXPORT bodegaTargets)
set(bodega_architecture ARCH_INDEPENDENT)
if(TARGET bodega_gzip)
  install(TARGETS bodega_gzip EXPORT bodegaGzipTargets)
  install(EXPORT bodegaGzipTargets NAMESPACE bodega:: DESTINATION ${bodega_config_dir})
endif()
if(BODEGA_INSTALL_COMPILED)
  install(TARGETS bodega_compiled EXPORT bodegaTargets)
  set(bodega_architecture "")
endif()
install(EXPORT bodegaTargets NAMESPACE bodega:: DESTINATION ${bodega_config_dir})
configure_package_config_file(cmake/bodegaConfig.cmake.in ${PROJECT_BINARY_DIR}/bodegaConfig.cmake
  INSTALL_DESTINATION ${bodega_config_dir})
# Below 1.0 a new minor version may change the interface.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/bodegaConfigVersion.cmake
  COMPATIBILITY SameMinorVersion ${bodega_architecture})
install(FILES ${PROJECT_BINARY_DIR}/bodegaConfig.cmake ${PROJECT_BINARY_DIR}/bodegaConfigVersion.cmake
  cmake/bodegaXsimd.cmake DESTINATION ${bodega_config_dir})
