// SPDX-License-Identifier: Apache-2.0
// The first hook: how one node stores. A datastore is an ordered key-value space with atomic
// commits. Keys and values are the engine's own; a datastore only keeps them.
//
// Rules. Every call ends by calling its callback once, in the call or later, on any thread. The
// next call is made only after that, so an implementation handles one at a time (but see
// upkeep_beside_commits); what a call was given stays valid until then. After a commit failed with
// anything but kUnavailable (no room; nothing was applied) the node stops serving.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "quorate/result.h"

namespace quorate {

// An ordered list of puts and deletes, to be applied as one.
class Changes {
 public:
  // Takes a key, and its value; nothing where the key is deleted.
  using Visitor = std::function<void(std::string_view key, std::optional<std::string_view> value)>;
  virtual ~Changes() = default;
  [[nodiscard]] virtual size_t size() const = 0;
  virtual void ForEach(const Visitor& visit) const = 0;
};

struct Row {
  std::string key;
  std::string value;
  friend bool operator==(const Row&, const Row&) = default;
};

// begin <= key < end; an empty end means no upper bound.
struct ScanRange {
  std::string_view begin;
  std::string_view end;
  // At least one row is given where there is one; otherwise no more than this of keys and values.
  size_t bytes_max = 0;
};

struct ScanPage {
  std::vector<Row> rows;  // in key order
  bool complete = false;  // no further row in the range
};

struct DatastoreStats {
  uint64_t journal_bytes = 0;
  uint64_t journal_bytes_max = 0;
  uint64_t dirty_bytes = 0;
  uint64_t dirty_bytes_max = 0;
  uint64_t checkpoints = 0;
};

class Datastore {
 public:
  using Done = std::function<void(Status)>;
  virtual ~Datastore() = default;

  // Called once, before anything else: finds the data and takes hold of it. The node does not
  // answer anybody before this is done.
  virtual void Open(Done done) = 0;
  // Called once after Open: what takes long, such as reading a log back. The node answers meanwhile
  // that it loads. Between the two only Get and Commit with `sync` are called, for the few rows
  // with which a life of the node begins, and Close; those rows are never committed later.
  virtual void Recover(Done done) {  // NOLINT(performance-unnecessary-value-param): others keep it
    done({});
  }
  // Makes the changes visible to reads and, where `sync`, durable together with all before them.
  virtual void Commit(const Changes& changes, bool sync, Done done) = 0;
  // Makes all earlier commits durable.
  virtual void Sync(Done done) = 0;
  virtual void Get(std::string_view key,
                   std::function<void(Result<std::optional<std::string>>)> done) = 0;
  virtual void Scan(const ScanRange& range, std::function<void(Result<ScanPage>)> done) = 0;
  // A bounded piece of work that commits left behind; true where there is more.
  using More = std::function<void(Result<bool>)>;
  virtual void Maintain(More done) {  // NOLINT(performance-unnecessary-value-param): others keep it
    done(false);
  }
  // Where true, one Maintain and one Sync may be under way while commits are made, so that those
  // need not wait. A Sync covers the commits that ended before it was called. Asked after Open.
  [[nodiscard]] virtual bool upkeep_beside_commits() const { return false; }
  // The orderly end: everything is durable.
  virtual void Close(Done done) = 0;

  // Thread-safe.
  [[nodiscard]] virtual DatastoreStats stats() const { return {}; }
};

struct JournalDatastoreOptions {
  std::string directory;
  uint64_t journal_bytes_max = 0;  // 0: the default
  uint64_t dirty_bytes_max = 0;
};

// The default: a journal of commits with SQLite as its checkpoint, in a directory that is made
// where it does not exist, and locked while it is open.
[[nodiscard]] std::unique_ptr<Datastore> MakeJournalDatastore(JournalDatastoreOptions options);
// Keeps everything in memory and nothing on a disk.
[[nodiscard]] std::unique_ptr<Datastore> MakeMemoryDatastore();

}  // namespace quorate
