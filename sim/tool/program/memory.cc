// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/program/memory.h"

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace quorate::sim {
namespace {

#ifdef __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool kOwnAllocator = true;
#else
constexpr bool kOwnAllocator = false;
#endif
#else
constexpr bool kOwnAllocator = false;
#endif

constexpr size_t kReserved = size_t{2} << 30;  // of addresses: what is not touched costs nothing
constexpr uintptr_t kPage = 4096;

}  // namespace

void PrepareMemory() {
#if defined(__GLIBC__) && defined(MADV_HUGEPAGE)
  if constexpr (kOwnAllocator) return;
  // All from one heap that never shrinks; then a place that is advised once stays advised.
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, -1);
  // Without fast bins no request has to put them together first.
  mallopt(M_MXFAST, 0);
  void* const heap = std::malloc(kReserved);
  if (heap == nullptr) return;
  const uintptr_t begin = (reinterpret_cast<uintptr_t>(heap) + kPage - 1) & ~(kPage - 1);
  static_cast<void>(madvise(reinterpret_cast<void*>(begin), kReserved - kPage, MADV_HUGEPAGE));
  std::free(heap);
#endif
}

}  // namespace quorate::sim
