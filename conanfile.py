# SPDX-License-Identifier: MIT
import os
import re

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain
from conan.tools.files import copy, load, rmdir, save
from conan.tools.layout import basic_layout
from conan.tools.scm import Version

required_conan_version = ">=2.0"

LOWEST_COMPILERS = {"gcc": "12", "clang": "14", "apple-clang": "14", "msvc": "193"}

# What Conan's target lacks of the one that CMake installs. A profile may say gnu17 (the one that
# `conan profile detect` makes does): the target asks for C++20 itself. Packages that a profile names
# in [platform_requires] are the system's, of which Conan makes no targets.
CMAKE_MODULE = """\
include(CMakeFindDependencyMacro)
if(NOT TARGET xsimd)
  find_dependency(xsimd)
endif()
include(${CMAKE_CURRENT_LIST_DIR}/bodegaXsimd.cmake)
set_property(TARGET bodega::bodega APPEND PROPERTY INTERFACE_COMPILE_FEATURES cxx_std_20)
set_property(TARGET bodega::bodega APPEND PROPERTY INTERFACE_LINK_LIBRARIES bodega::xsimd)
"""


class Bodega(ConanFile):
    name = "bodega"
    description = "Recommendations and demand forecasts inside the shop"
    license = "MIT"
    topics = ("recommender", "forecasting", "retail", "header-only")
    package_type = "header-library"
    settings = "os", "arch", "compiler", "build_type"
    # Compiled: also the library that CMake calls bodega::compiled, which bodega::bodega then links.
    options = {"compiled": [True, False]}
    default_options = {"compiled": False}
    exports_sources = "include/*", "LICENSE", "cmake/*", "CMakeLists.txt"
    test_package_folder = "tests/consumer/conan"
    no_copy_source = True

    def set_version(self):
        text = load(self, os.path.join(self.recipe_folder, "include/bodega/version.hpp"))
        self.version = ".".join(re.findall(r"define BODEGA_VERSION_\w+ (\d+)", text))

    def configure(self):
        if self.options.compiled:
            self.package_type = "static-library"

    def requirements(self):
        self.requires("xsimd/[>=8.1 <15]", transitive_headers=True)

    def validate(self):
        compiler = str(self.settings.get_safe("compiler") or "")
        version = str(self.settings.get_safe("compiler.version") or "")
        lowest = LOWEST_COMPILERS.get(compiler)
        if not compiler or lowest and Version(version) < lowest:
            raise ConanInvalidConfiguration(
                "bodega needs C++20 as GCC 12, Clang 14 or Visual Studio 2022 have it, and the profile "
                f"has {compiler + ' ' + version if compiler else 'no compiler'}. Install one (Debian, "
                "Ubuntu: apt install g++) and run: conan profile detect --force")

    def layout(self):
        basic_layout(self)

    def package_id(self):
        if not self.info.options.compiled:
            self.info.clear()

    def generate(self):
        if self.options.compiled:
            CMakeDeps(self).generate()
            toolchain = CMakeToolchain(self)
            for part in ("TESTS", "EXAMPLES", "BENCHMARKS"):
                toolchain.cache_variables[f"BODEGA_BUILD_{part}"] = False
            toolchain.cache_variables["BODEGA_GZIP"] = False
            toolchain.cache_variables["BODEGA_INSTALL_COMPILED"] = True
            toolchain.generate()

    def build(self):
        if self.options.compiled:
            cmake = CMake(self)
            cmake.configure()
            cmake.build()

    def package(self):
        if self.options.compiled:
            CMake(self).install()
            rmdir(self, os.path.join(self.package_folder, "share"))  # Conan makes the targets
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        copy(self, "*.hpp", os.path.join(self.source_folder, "include"),
             os.path.join(self.package_folder, "include"))
        modules = os.path.join(self.package_folder, "cmake")
        copy(self, "bodegaXsimd.cmake", os.path.join(self.source_folder, "cmake"), modules)
        save(self, os.path.join(modules, "bodegaConan.cmake"), CMAKE_MODULE)

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "bodega")
        self.cpp_info.set_property("cmake_target_name", "bodega::bodega")
        self.cpp_info.set_property("cmake_build_modules", ["cmake/bodegaConan.cmake"])
        self.cpp_info.bindirs = []
        if self.options.compiled:
            self.cpp_info.libs = ["bodega_compiled"]
            self.cpp_info.defines = ["BODEGA_COMPILED"]
            self.cpp_info.set_property("cmake_target_aliases", ["bodega::compiled"])
        else:
            self.cpp_info.libdirs = []
        if self.settings.os in ("Linux", "FreeBSD"):
            self.cpp_info.system_libs = ["pthread"]
