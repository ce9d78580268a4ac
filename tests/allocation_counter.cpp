// SPDX-License-Identifier: MIT
#include "allocation_counter.hpp"

#include <cstdlib>
#include <new>

// The thread sanitizer has operators of its own, and the Windows library frees aligned memory
// apart: there nothing is counted, and a test that allows no allocation passes unseen.
#if defined(__SANITIZE_THREAD__) || defined(_MSC_VER)
#define BODEGA_COUNT_ALLOCATIONS 0
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define BODEGA_COUNT_ALLOCATIONS 0
#endif
#endif
#ifndef BODEGA_COUNT_ALLOCATIONS
#define BODEGA_COUNT_ALLOCATIONS 1
#endif

namespace {

thread_local std::size_t counted = 0;
thread_local std::size_t failing = static_cast<std::size_t>(-1);  // the one of this number fails

}  // namespace

std::size_t bodega_test::allocations_so_far() noexcept { return counted; }
void bodega_test::fail_allocation(std::size_t number) noexcept { failing = number; }

#if BODEGA_COUNT_ALLOCATIONS
namespace {

// No more than was asked for, so that the address sanitizer sees the first byte beyond.
void* count_and_try(std::size_t size, std::size_t alignment) noexcept {
  if (counted++ == failing) return nullptr;
  if (alignment <= alignof(std::max_align_t)) return std::malloc(size > 0 ? size : 1);
  const std::size_t padded = (size + alignment - 1) / alignment * alignment;
  return std::aligned_alloc(alignment, padded > 0 ? padded : alignment);
}
void* count_and_allocate(std::size_t size, std::size_t alignment) {
  void* memory = count_and_try(size, alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

// Not inlined: GCC would see free() there and warn that it does not match operator new.
[[gnu::noinline]] void* operator new(std::size_t size) {
  return count_and_allocate(size, alignof(std::max_align_t));
}
[[gnu::noinline]] void* operator new[](std::size_t size) {
  return count_and_allocate(size, alignof(std::max_align_t));
}
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment) {
  return count_and_allocate(size, static_cast<std::size_t>(alignment));
}
[[gnu::noinline]] void* operator new[](std::size_t size, std::align_val_t alignment) {
  return count_and_allocate(size, static_cast<std::size_t>(alignment));
}
[[gnu::noinline]] void* operator new(std::size_t size,
                                     const std::nothrow_t&) noexcept {  // std::stable_sort's
  return count_and_try(size, alignof(std::max_align_t));
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return count_and_try(size, alignof(std::max_align_t));
}
void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete[](void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}
#endif
