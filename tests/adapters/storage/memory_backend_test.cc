// SPDX-License-Identifier: Apache-2.0
#include "adapters/storage/memory_backend.h"

#include "tests/adapters/storage/backend_conformance.h"

namespace quorate::storage {
namespace {

class MemoryFactory {
 public:
  static constexpr bool kDurable = false;
  static std::unique_ptr<env::StorageBackend> Open() { return std::make_unique<MemoryBackend>(); }
};

INSTANTIATE_TYPED_TEST_SUITE_P(Memory, BackendConformance, MemoryFactory);

}  // namespace
}  // namespace quorate::storage
