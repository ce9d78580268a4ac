// SPDX-License-Identifier: MIT
#pragma once

#include <bodega/version.hpp>

/// The name of the inline namespace that holds all of bodega: its version and the instruction set
/// that a file is compiled for, such as `v0_1_avx2_fma`. The linker keeps one body of an inline
/// function of a given name; so each instruction set has names of its own, and files of one program
/// that are compiled with different flags keep the bodies that their processors can run.
/// Programs write `bodega::Till` as ever. What would declare a name of bodega's ahead includes its
/// header instead, or opens `namespace bodega::inline BODEGA_ABI`.

#if defined(__AVX512VNNI__)
#define BODEGA_ISA avx512vnni
#elif defined(__AVX512BW__)
#define BODEGA_ISA avx512bw
#elif defined(__AVX512F__)
#define BODEGA_ISA avx512f
#elif defined(__AVX2__)
#define BODEGA_ISA avx2
#elif defined(__AVX__)
#define BODEGA_ISA avx
#elif defined(__SSE4_2__)
#define BODEGA_ISA sse4_2
#elif defined(__SSE4_1__)
#define BODEGA_ISA sse4_1
#elif defined(__SSSE3__)
#define BODEGA_ISA ssse3
#elif defined(__SSE3__)
#define BODEGA_ISA sse3
#elif defined(__SSE2__) || defined(_M_X64)
#define BODEGA_ISA sse2
#elif defined(__ARM_FEATURE_SVE)
#define BODEGA_ISA sve
#elif defined(__ARM_FEATURE_DOTPROD)
#define BODEGA_ISA neon_dotprod
#elif defined(__ARM_NEON) || defined(_M_ARM64)
#define BODEGA_ISA neon
#else
#define BODEGA_ISA plain
#endif

// What comes beside these levels rather than with one of them.
#if defined(__FMA__)
#define BODEGA_ISA_FMA _fma
#else
#define BODEGA_ISA_FMA
#endif
#if defined(__AVXVNNI__)
#define BODEGA_ISA_VNNI _avxvnni
#else
#define BODEGA_ISA_VNNI
#endif

#define BODEGA_ABI_JOIN(major, minor, isa, fma, vnni) v##major##_##minor##_##isa##fma##vnni
#define BODEGA_ABI_NAME(major, minor, isa, fma, vnni) BODEGA_ABI_JOIN(major, minor, isa, fma, vnni)
#define BODEGA_ABI                                                                        \
  BODEGA_ABI_NAME(BODEGA_VERSION_MAJOR, BODEGA_VERSION_MINOR, BODEGA_ISA, BODEGA_ISA_FMA, \
                  BODEGA_ISA_VNNI)

// A program that links the library bodega::compiled has BODEGA_COMPILED defined: the headers then
// declare what is heavy, and its bodies are in that library, whose files define these two anew (see
// cmake/compiled.cmake). Without it all is inline.
#if defined(BODEGA_COMPILED)
#define BODEGA_BODIES 0
#else
#define BODEGA_BODIES 1
#endif
#define BODEGA_INLINE inline
