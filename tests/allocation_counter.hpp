// SPDX-License-Identifier: MIT
#pragma once

// Counts what the thread takes from the heap. It replaces the program's operator new, so exactly
// one source file of a program includes it.

#include <cstddef>
#include <cstdlib>
#include <new>

namespace bodega_test {

inline thread_local std::size_t allocations_so_far = 0;

/// Allocations of this thread while `body` ran.
template <class Body>
std::size_t allocations_in(Body&& body) {
  const std::size_t before = allocations_so_far;
  body();
  return allocations_so_far - before;
}

inline void* count_and_try(std::size_t size, std::size_t alignment) noexcept {
  ++allocations_so_far;
  const std::size_t padded = (size + alignment - 1) / alignment * alignment;
  return std::aligned_alloc(alignment, padded > 0 ? padded : alignment);
}
inline void* count_and_allocate(std::size_t size, std::size_t alignment) {
  void* memory = count_and_try(size, alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace bodega_test

// Not inlined: GCC would see free() there and warn that it does not match operator new.
[[gnu::noinline]] void* operator new(std::size_t size) {
  return bodega_test::count_and_allocate(size, alignof(std::max_align_t));
}
[[gnu::noinline]] void* operator new[](std::size_t size) {
  return bodega_test::count_and_allocate(size, alignof(std::max_align_t));
}
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment) {
  return bodega_test::count_and_allocate(size, static_cast<std::size_t>(alignment));
}
[[gnu::noinline]] void* operator new[](std::size_t size, std::align_val_t alignment) {
  return bodega_test::count_and_allocate(size, static_cast<std::size_t>(alignment));
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {  // std::stable_sort's
  return bodega_test::count_and_try(size, alignof(std::max_align_t));
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return bodega_test::count_and_try(size, alignof(std::max_align_t));
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
