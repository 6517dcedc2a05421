// SPDX-License-Identifier: Apache-2.0
// What a shard stores in: an ordered key-value space with atomic commits.
//
// Two interfaces, because a commit takes time. `StorageBackend` does the work, blocking;
// adapters/storage implements it and tests/adapters/storage holds the conformance test that every
// backend passes. `Storage` is what the engine sees: requests whose results come back as events. io
// runs a backend on a thread of its own; sim runs it at one virtual instant and delivers the result
// later.
//
// Commits complete in the order they were submitted. After one fails all later ones fail, and the
// shard stops serving: no sync is retried, since its failure says nothing about what is on the
// disk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/codec.h"
#include "engine/base/status.h"

namespace quorate::env {

// When a commit counts as done (DESIGN: durability).
enum class Durability : uint8_t {
  kAlways,    // synced to the disk
  kPeriodic,  // handed to the kernel; synced within a configured time
  kNone,      // not stored until the orderly shutdown
};

// An ordered list of puts and deletes, applied atomically. One contiguous byte string that a
// journal writes as it is: per operation a byte (1 put, 2 delete), a blob with the key and, for a
// put, a blob with the value.
class WriteBatch {
 public:
  enum class Op : uint8_t { kPut = 1, kDelete = 2 };

  void Put(std::string_view key, std::string_view value);
  void Delete(std::string_view key);
  void Clear() {
    rep_.clear();
    operations_ = 0;
  }

  [[nodiscard]] bool empty() const { return operations_ == 0; }
  [[nodiscard]] size_t operations() const { return operations_; }
  [[nodiscard]] const Bytes& rep() const { return rep_; }
  // Takes the bytes of `rep()` back, in place of what it holds; DataLoss, and then empty, if they
  // are not a batch.
  absl::Status Assign(std::string_view rep);
  static absl::StatusOr<WriteBatch> FromRep(std::string_view rep);

  // Calls visit(Op, key, value) for each operation, in order; the value of a delete is empty.
  template <typename Visitor>
  void ForEach(Visitor&& visit) const {
    ByteReader reader(rep_);
    while (!reader.AtEnd()) {
      const Op op = static_cast<Op>(reader.BigEndian<uint8_t>());
      const std::string_view key = reader.Blob();
      visit(op, key, op == Op::kPut ? reader.Blob() : std::string_view());
    }
  }

 private:
  Bytes rep_;
  size_t operations_ = 0;
};

struct Row {
  Bytes key;
  Bytes value;
  friend bool operator==(const Row&, const Row&) = default;
};

// Rows with begin <= key < end, in key order; an empty `end` means no upper bound. At least one row
// is given where there is one; otherwise no more than `bytes_max` bytes of keys and values.
struct ScanRequest {
  Bytes begin;
  Bytes end;
  size_t bytes_max = 0;
};
struct ScanResult {
  std::vector<Row> rows;
  bool complete = false;  // no further row in the range
};

// The blocking form. Used by one thread at a time; the world owns that thread.
//
// A backend that was just opened may have work to do before it knows its rows (a journal to read).
// That is Recover, called once, and it may take long; meanwhile the node says that it loads. What
// the node must know and store before, to begin a life at all, are its *early* rows: before Recover
// there are Get, Commit with sync, stats and Close, and nothing else, and what is committed then is
// durable and seen by the Get of the next start. So an early row is never committed after Recover.
class StorageBackend {
 public:
  virtual ~StorageBackend() = default;

  // Errors are final: the backend can only be closed then. DataLoss: something durable is missing.
  virtual absl::Status Recover() { return absl::OkStatus(); }

  // Makes the batch visible to reads and, where `sync`, durable together with all before it. A
  // batch that was not synced survives the death of the process but maybe not that of the machine.
  // Errors: Unavailable (disk full; nothing was applied, later commits may succeed once there is
  // room), anything else is final.
  virtual absl::Status Commit(const WriteBatch& batch, bool sync) = 0;
  // Makes all earlier commits durable.
  virtual absl::Status Sync() = 0;
  virtual absl::StatusOr<std::optional<Bytes>> Get(std::string_view key) = 0;
  virtual absl::StatusOr<ScanResult> Scan(const ScanRequest& request) = 0;
  // Moves some of the work that commits left behind (the sweep of a checkpoint), bounded so that a
  // commit need not wait long behind it. Returns true where there is more to do.
  virtual absl::StatusOr<bool> Maintain() = 0;
  // Whether one thread may be in Maintain, and one in Sync, while a third commits and asks stats():
  // then commits need not wait for either. A Sync covers the commits that ended before it began; a
  // final error of either is what later commits get.
  [[nodiscard]] virtual bool upkeep_beside_commits() const { return false; }
  // Orderly end: everything is durable and the next open is quick.
  virtual absl::Status Close() = 0;

  struct Stats {
    uint64_t journal_bytes = 0;
    uint64_t journal_bytes_max = 0;
    uint64_t dirty_bytes = 0;
    uint64_t dirty_bytes_max = 0;
    uint64_t checkpoints = 0;
  };
  [[nodiscard]] virtual Stats stats() const = 0;
};

// The engine's form. A token is chosen by the caller and comes back with the result.
struct CommitToken {
  uint64_t value = 0;
  friend auto operator<=>(const CommitToken&, const CommitToken&) = default;
};
struct ReadToken {
  uint64_t value = 0;
  friend auto operator<=>(const ReadToken&, const ReadToken&) = default;
};

struct CommitDone {
  CommitToken token;
  absl::Status status;
};
struct ScanDone {
  ReadToken token;
  absl::StatusOr<ScanResult> result;
};
using StorageEvent = std::variant<CommitDone, ScanDone>;

class Storage {
 public:
  virtual ~Storage() = default;
  // Requires: tokens rise. The result is a CommitDone. After one is refused as Unavailable (disk
  // full), all with higher tokens are refused too, until that very token is submitted again: order
  // is kept.
  virtual void Commit(WriteBatch batch, Durability durability, CommitToken token) = 0;
  // The result is a ScanDone that sees every commit submitted before.
  virtual void Scan(ScanRequest request, ReadToken token) = 0;
};

}  // namespace quorate::env
