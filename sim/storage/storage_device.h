// SPDX-License-Identifier: Apache-2.0
// What does a node's storage work: rows in memory, or the embedded backend on a simulated disk. A
// group of requests begins at one time and is finished at another; a crash in between leaves what a
// crash leaves.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "engine/env/storage.h"
#include "sim/core/sim_time.h"
#include "sim/fault/fault_kind.h"

namespace quorate::sim {

struct CommitRequest {
  env::WriteBatch batch;
  env::Durability durability = env::Durability::kAlways;
  env::CommitToken token;
};
struct ReadRequest {
  env::ScanRequest scan;
  env::ReadToken token;
};
// Of the storage itself.
struct SyncRequest {};
struct MaintainRequest {};

struct StorageRequest {
  uint16_t shard = 0;
  std::variant<CommitRequest, ReadRequest, SyncRequest, MaintainRequest> what;
};
struct StorageResult {
  uint16_t shard = 0;
  env::StorageEvent event;
};

// What is wrong with the storage now.
struct StorageFaults {
  Duration stall{0};
  bool full = false;
  bool fail = false;  // the next commit fails for good
  std::optional<uint64_t> sync_error =
      {};  // one sync fails; the number tells one time from the next
  // Parts of what is stored are read wrongly, or not at all. Nothing of what the engine has no
  // means to miss: see DiskDevice.
  struct Damage {
    FaultKind kind = FaultKind::kReadError;
    bool written = false;  // a misdirection of writes
    uint64_t draw = 0;
    friend bool operator==(const Damage&, const Damage&) = default;
  };
  std::optional<Damage> damage = {};
};
// How often each of them changed something, since the last look.
struct StorageEffects {
  uint64_t stalls = 0;
  uint64_t refusals = 0;
  uint64_t failures = 0;
  uint64_t sync_errors = 0;
  uint64_t damaged_reads = 0;
};

enum class CrashKind : uint8_t { kProcess, kPower };

class StorageDevice {
 public:
  virtual ~StorageDevice() = default;

  // For the start of a life, at one instant: the rows as the last life left them, then early rows
  // (see env::StorageBackend), then Recover. The backend is used before the first Begin only.
  // `took` is how long opening takes, and grows by what has come since and recovering.
  virtual absl::StatusOr<env::StorageBackend*> Open(uint32_t life, Duration& took) = 0;
  virtual absl::Status Recover(Duration& took) = 0;

  // Begins a group and says how long it takes. `crash_at` is when the node will die, where that is
  // known. Requires: no group is under way.
  virtual Duration Begin(std::span<const StorageRequest> group, SimTime now,
                         std::optional<SimTime> crash_at) = 0;
  // The group of the last Begin is done: appends the results, in order.
  virtual void Finish(std::span<const StorageRequest> group,
                      std::vector<StorageResult>& results) = 0;
  // The orderly end of a life: `last` and all before it are durable when this is ok. Otherwise the
  // life goes on, to end with Crash.
  virtual absl::Status Close(const env::WriteBatch& last) = 0;
  // The node died at `now`; `group` is what was under way, maybe nothing.
  virtual void Crash(CrashKind kind, std::span<const StorageRequest> group, uint64_t draw) = 0;
  // There is work that a MaintainRequest would do.
  [[nodiscard]] virtual bool wants_maintenance() const = 0;

  virtual void SetFaults(const StorageFaults& faults) = 0;
  virtual StorageEffects TakeEffects() = 0;

  // Remembers what is on the disk now, in place of what it remembered.
  virtual void TakeImage() = 0;
  virtual void DropImage() = 0;
  // The disk is as it was then. False where nothing has been stored since, or there is no image.
  // Requires: no life is under way.
  virtual bool ReturnToImage(uint64_t draw) = 0;
};

}  // namespace quorate::sim
