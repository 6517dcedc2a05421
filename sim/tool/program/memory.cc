// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/program/memory.h"

#include <sys/mman.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <string_view>

#include "sim/core/memory_part.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

// The sanitizers bring an allocator of their own; other C libraries have other knobs; and where
// edges are counted those of this one would differ by what the environment orders.
#if !defined(__GLIBC__) || defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || \
    defined(QUORATE_EDGES)
#define QUORATE_OTHER_ALLOCATOR 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define QUORATE_OTHER_ALLOCATOR 1
#endif
#endif

namespace {
constinit quorate::sim::MemoryMeter memory_meter;
}  // namespace

quorate::sim::MemoryMeter& quorate::sim::ProgramMemory() { return memory_meter; }

#ifdef QUORATE_OTHER_ALLOCATOR

void quorate::sim::PrepareMemory(const char* const* /*environment*/) {}

#else

namespace quorate::sim {
namespace {

constexpr size_t kStep = 16;  // between sizes, and the alignment of all
constexpr size_t kSmallMax = 1024;
constexpr size_t kSizes = kSmallMax / kStep + 1;
constexpr size_t kKinds = kSizes * kMemoryParts;  // of objects: part and size
constexpr size_t kSlab = size_t{64} << 10;        // taken for one kind at a time
constexpr size_t kRegion = size_t{16} << 30;      // of addresses: what is not touched costs nothing
constexpr size_t kHeapAhead = size_t{1} << 30;    // the same, of the C library's heap
constexpr uintptr_t kLargePage = uintptr_t{2} << 20;

void WantLargePages(void* begin, size_t bytes) {
#ifdef MADV_HUGEPAGE
  static_cast<void>(madvise(begin, bytes, MADV_HUGEPAGE));
#else
  static_cast<void>(begin);
  static_cast<void>(bytes);
#endif
}

// Single-threaded, like the whole program.
class SmallObjects {
 public:
  void Open() {
    void* const region = mmap(nullptr, kRegion + kLargePage, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (region == MAP_FAILED) return;
    const auto first = (reinterpret_cast<uintptr_t>(region) + kLargePage - 1) & ~(kLargePage - 1);
    begin_ = reinterpret_cast<char*>(first);
    WantLargePages(begin_, kRegion);
  }
  [[nodiscard]] bool Holds(const void* object) const {
    return reinterpret_cast<uintptr_t>(object) - reinterpret_cast<uintptr_t>(begin_) < used_;
  }

  // Null where it is not for this allocator, or the region is full.
  void* Take(size_t bytes) {
    const size_t size = (bytes + kStep - 1) / kStep + (bytes == 0 ? 1 : 0);
    if (size >= kSizes) return nullptr;
    const size_t kind = static_cast<size_t>(memory_meter.part) * kSizes + size;
    if (Free* const free = free_[kind]) {
      free_[kind] = free->next;
      __builtin_prefetch(free->next);  // nobody has touched it for long
      return free;
    }
    return TakeNew(kind, size * kStep);
  }
  // Requires: Holds(object).
  void Give(void* object) {
    const size_t kind =
        kind_of_slab_[static_cast<size_t>(static_cast<char*>(object) - begin_) / kSlab];
    free_[kind] = new (object) Free{free_[kind]};
  }

 private:
  struct Free {
    Free* next;
  };
  void* TakeNew(size_t kind, size_t bytes) {
    if (left_[kind] < bytes) {
      if (begin_ == nullptr || used_ == kRegion) return nullptr;
      kind_of_slab_[used_ / kSlab] = static_cast<uint16_t>(kind);
      next_[kind] = begin_ + used_;
      left_[kind] = kSlab;
      used_ += kSlab;
      memory_meter.bytes_max[kind / kSizes] += kSlab;
    }
    left_[kind] -= bytes;
    return next_[kind] + left_[kind];
  }

  char* begin_ = nullptr;
  size_t used_ = 0;
  std::array<Free*, kKinds> free_{};
  std::array<char*, kKinds> next_{};
  std::array<size_t, kKinds> left_{};
  std::array<uint16_t, kRegion / kSlab> kind_of_slab_{};
};

// What is larger comes from the C library, and carries before it what it was taken for.
class LargeObjects {
 public:
  // Null where there is no more.
  void* Take(size_t bytes) {
    void* const memory = std::malloc(sizeof(Header) + bytes);
    if (memory == nullptr) return nullptr;
    const auto part = static_cast<size_t>(memory_meter.part);
    held_[part] += bytes;
    if (held_[part] > most_[part]) {
      memory_meter.bytes_max[part] += held_[part] - most_[part];
      most_[part] = held_[part];
    }
    return new (memory) Header{bytes, part} + 1;
  }
  void Give(void* object) {
    if (object == nullptr) return;
    Header* const header = static_cast<Header*>(object) - 1;
    held_[header->part] -= header->bytes;
    std::free(header);
  }

 private:
  struct Header {
    size_t bytes;
    size_t part;
  };
  static_assert(sizeof(Header) % alignof(std::max_align_t) == 0);

  std::array<size_t, kMemoryParts> held_{};
  std::array<size_t, kMemoryParts> most_{};
};

constinit SmallObjects small_objects;
constinit LargeObjects large_objects;

bool HasOrders(const char* const* environment) {
  for (; *environment != nullptr; ++environment) {
    const std::string_view variable = *environment;
    if (variable.starts_with("MALLOC_") || variable.starts_with("GLIBC_TUNABLES=")) return true;
  }
  return false;
}

}  // namespace

void PrepareMemory(const char* const* environment) {
  if (HasOrders(environment)) return;
  small_objects.Open();
  // What is larger comes from one heap that never shrinks: a place that is advised once stays so.
  mallopt(M_MMAP_MAX, 0);
  mallopt(M_TRIM_THRESHOLD, -1);
  void* const heap = std::malloc(kHeapAhead);
  if (heap == nullptr) return;
  const auto first = (reinterpret_cast<uintptr_t>(heap) + kLargePage - 1) & ~(kLargePage - 1);
  WantLargePages(reinterpret_cast<void*>(first), kHeapAhead - kLargePage);
  std::free(heap);
}

namespace {

void* Take(size_t bytes) {
  if (void* const object = small_objects.Take(bytes)) return object;
  if (void* const object = large_objects.Take(bytes)) return object;
  throw std::bad_alloc();
}
void Give(void* object) noexcept {
  if (small_objects.Holds(object)) return small_objects.Give(object);
  large_objects.Give(object);
}

}  // namespace
}  // namespace quorate::sim

void* operator new(size_t bytes) { return quorate::sim::Take(bytes); }
void* operator new[](size_t bytes) { return quorate::sim::Take(bytes); }
void operator delete(void* object) noexcept { quorate::sim::Give(object); }
void operator delete[](void* object) noexcept { quorate::sim::Give(object); }
void operator delete(void* object, size_t /*bytes*/) noexcept { quorate::sim::Give(object); }
void operator delete[](void* object, size_t /*bytes*/) noexcept { quorate::sim::Give(object); }

#endif
