// SPDX-License-Identifier: Apache-2.0
// The data of one pool in one shard: a Table per owned partition, and the translation of merges
// into stored rows. Every change goes through Apply, which merges, keeps digests, limits and counts
// in step and adds the changed rows to the tick's batch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/planted_bug.h"
#include "engine/env/storage.h"
#include "engine/keyspace/deadline_index.h"
#include "engine/keyspace/object_view.h"
#include "engine/keyspace/snapshot_budget.h"
#include "engine/keyspace/table.h"

namespace quorate::keyspace {

struct KeyspaceOptions {
  PoolId pool;
  hash::KeyPlacer placer;
  uint16_t partitions = 256;
  // True where no other node holds a copy: nobody has to be told of a deletion, so dead cells go at
  // once.
  bool sole_owner = false;
  PlantedBug planted = PlantedBug::kNone;
  bool stand_ins = false;  // see stand_in.h
};

// A key whose deadline has passed.
struct PassedDeadline {
  Place place;
  Bytes key;
  int64_t deadline_ms = 0;
};

// What an object takes in the index, and its deadline among the deadlines, at most where there are
// many.
inline constexpr size_t kIndexBytesEach = 20;
inline constexpr size_t kDeadlineBytesEach = 24;

class Keyspace {
 public:
  explicit Keyspace(const KeyspaceOptions& options);
  Keyspace(const Keyspace&) = delete;  // tables hold references into it
  Keyspace& operator=(const Keyspace&) = delete;

  [[nodiscard]] Place PlaceOf(std::string_view key) const { return options_.placer(key); }
  [[nodiscard]] PartitionId PartitionOf(Place place) const {
    return hash::PartitionOf(place, options_.partitions);
  }
  [[nodiscard]] const KeyspaceOptions& options() const { return options_; }

  // Only partitions that were opened hold data.
  void OpenPartition(PartitionId partition);
  [[nodiscard]] bool IsOpen(PartitionId partition) const {
    return tables_[partition.value].has_value();
  }

  // One after the other, for all keys of a batch before the next step.
  void PrefetchSlot(Place place) const { TableOf(place).PrefetchSlot(place); }
  void PrefetchBucket(Place place) const { TableOf(place).PrefetchBucket(place); }
  void PrefetchObject(Place place) const { TableOf(place).PrefetchObject(place); }

  // The object, dead or alive; null where nothing is known of the key.
  [[nodiscard]] Object* Find(Place place, std::string_view key) const {
    return TableOf(place).Find(place, key);
  }
  // The object as a command sees it at `now`. Where its deadline has passed, a sole owner puts a
  // tombstone in its place. Others must not: that the deadline was moved or taken away may stand
  // on other replicas. There the command sees what the tombstone would leave, and if it writes, the
  // tombstone goes along.
  struct Seen {
    Object* held = nullptr;  // what the key holds now, maybe null
    ObjectPtr left;          // where not null: what is left of it
    Version passed;          // the tombstone; empty: no deadline has passed
    [[nodiscard]] const Object* object() const { return passed.empty() ? held : left.get(); }
  };
  Seen See(Place place, std::string_view key, HybridTime now, env::WriteBatch* batch);
  // The tombstone that a deadline which has passed at `now` leaves; empty where none has.
  [[nodiscard]] Version PassedAt(const Object& object, HybridTime now) const;
  [[nodiscard]] ObjectView View(const Object* object) const { return {object, writers_}; }

  struct Applied {
    bool changed = false;
    Object* object = nullptr;  // what the key holds now, maybe null
  };
  // Merges packed cells into the key. `batch` null: rows are not stored (durability none, or
  // loading). Requires: ValidCells(packed), the partition is open.
  Applied Apply(Place place, std::string_view key, std::string_view packed,
                env::WriteBatch* batch) {
    return ApplyTo(place, Find(place, key), key, packed, batch);
  }
  // The same for one who has looked the key up already: `held` is what Find gives.
  Applied ApplyTo(Place place, Object* held, std::string_view key, std::string_view packed,
                  env::WriteBatch* batch);

  // Forgets the key without a trace; for eviction and for a sole owner.
  void Forget(Place place, Object* object, env::WriteBatch* batch);

  // Whose row it is. DataLoss where the key is not that of a row.
  struct RowAddress {
    PoolId pool;
    Place place;
    std::string_view key;  // points into the row's key
  };
  static absl::StatusOr<RowAddress> AddressOf(std::string_view row_key);
  // A row written by Apply, read back at start. DataLoss where it is malformed; rows of partitions
  // that are not open are ignored.
  absl::Status LoadRow(std::string_view row_key, std::string_view row_value);
  // Rows of this pool are those with begin <= key < end.
  [[nodiscard]] Bytes RowsBegin() const;
  [[nodiscard]] Bytes RowsEnd() const;
  // Adds every row of every object to `store`, in place order.
  void StoreAll(const std::function<void(std::string_view, std::string_view)>& store) const;

  // All of it, with where the sweeps stand. Load: into an empty one of the same options, with the
  // same partitions open; the index may come out smaller than deletions have left it. `hides`:
  // values become stand-ins.
  // `keep`: which objects, by their keys; all where it is empty.
  using KeepKey = std::function<bool(std::string_view)>;
  void Save(Bytes& out, bool hides = false, const KeepKey& keep = {}) const;
  absl::Status Load(ByteReader& reader);

  // A snapshot: the same as Save at the time of BeginSnapshot, piece by piece, while everything
  // goes on. An object that the walk has not come to is written before it first changes or goes;
  // the walk writes the others. Each that was there is written once, in no order:
  //   used() (a byte), rows as of Save, an empty blob
  // Begin writes the Save of an empty keyspace whose sweeps stand where they stand. Requires: none
  // is under way.
  void BeginSnapshot(Bytes& out, bool hides);
  [[nodiscard]] bool in_snapshot() const { return snapshot_ != nullptr; }
  // Adds what was written since the last call, and then goes on with the walk, as far as the budget
  // takes it. False where that was all. Requires: in_snapshot().
  bool StepSnapshot(SnapshotBudget& budget, Bytes& out);

  // The mark of eviction.
  void SetUsed(Place place, Object& object, bool used) {
    if (object.used() == used) return;
    if (snapshot_ != nullptr) [[unlikely]]
      KeepUsed(place, object);
    object.set_used(used);
  }

  // Visits objects with place >= from in (place, key) order over all open partitions until `visit`
  // returns false.
  void ForEachFrom(Place from, const std::function<bool(Place, Object&)>& visit) const;

  // Adds the keys whose deadline has passed at `now`, the earliest first: `budget` of them, and
  // what shares the last one's place and deadline. Continues where the call before stopped. True
  // where there are more.
  bool FindPassed(HybridTime now, size_t budget, std::vector<PassedDeadline>& passed);
  // The next FindPassed begins with this one, which is found again if it is still there.
  void FindPassedFrom(const PassedDeadline& passed) {
    sweep_hand_ = {passed.deadline_ms, passed.place};
  }
  // In milliseconds since the epoch; DeadlineIndex::kNever where there is none.
  [[nodiscard]] int64_t earliest_deadline_ms() const { return deadlines_.earliest_ms(); }
  // The packed state of an object as it will be when its deadline, if it has one, has passed.
  void PackSettled(const Object& object, Bytes& out) const;
  // Removes one object that was not used since the hand last passed; false where there is none.
  bool EvictOne(env::WriteBatch* batch);

  [[nodiscard]] uint64_t digest(PartitionId partition) const;
  // The sum over all partitions, kept in step.
  [[nodiscard]] uint64_t digest() const { return digest_; }
  [[nodiscard]] size_t objects() const { return objects_; }
  [[nodiscard]] size_t deadlines() const { return deadlines_.size(); }
  [[nodiscard]] size_t dead() const { return dead_; }
  // What limits of memory are held against: a function of the objects alone, so that a keyspace
  // which was loaded evicts and refuses as the saved one would have. Of the index it counts what
  // growing tables take, not the room that deletions leave in them.
  [[nodiscard]] size_t bytes() const {
    return object_bytes_ + objects_ * kIndexBytesEach + deadlines() * kDeadlineBytesEach;
  }
  [[nodiscard]] const WriterTable& writers() const { return writers_; }

 private:
  // Requires: the partition is open.
  [[nodiscard]] const Table& TableOf(Place place) const {
    const std::optional<Table>& table = tables_[PartitionOf(place).value];
    return *table;  // NOLINT(bugprone-unchecked-optional-access)
  }
  [[nodiscard]] Table& TableOf(Place place) {
    return const_cast<Table&>(std::as_const(*this).TableOf(place));
  }
  // Apply without the collection of what is dead.
  Applied MergeIn(Place place, Object* held, std::string_view key, std::string_view packed,
                  env::WriteBatch* batch);
  void Count(const Object& object, int sign);
  [[nodiscard]] std::optional<int64_t> DeadlineOf(const Object& object) const;
  void MoveDeadline(Place place, std::optional<int64_t> from, std::optional<int64_t> to);
  void StoreChanges(Place place, const Object& object, const Changes& changes,
                    env::WriteBatch& batch);
  Object* Collect(Place place, Object* object, env::WriteBatch* batch);
  void PutSweeps(Bytes& out) const;
  // Scratch of StoreRows.
  struct Rows {
    Bytes key;
    Bytes value;
  };
  struct Snapshot {
    bool hides = false;
    bool began = false;  // the walk has come to the object with this place and key
    Place place;
    Bytes key;
    Bytes images;  // of objects that have changed ahead of it, until the next step
    Rows rows;

    [[nodiscard]] bool IsAhead(Place at, std::string_view of) const {
      return !began || at > place || (at == place && of > key);
    }
  };
  void StoreRows(Place place, const Object& object, Rows& rows,
                 const std::function<void(std::string_view, std::string_view)>& store) const;
  // What an object was that the walk has not come to.
  void KeepImage(Place place, const Object& object);
  void KeepUsed(Place place, Object& object);
  void MarkKept(Place place, Object& object);
  void PutImage(Place place, const Object& object, Bytes& out);
  void AppendRowKey(Place place, std::string_view key, Bytes& out) const;

  KeyspaceOptions options_;
  WriterTable writers_;
  std::vector<std::optional<Table>> tables_;  // by partition; none where it is not open
  uint64_t digest_ = 0;
  size_t objects_ = 0;
  size_t dead_ = 0;
  size_t object_bytes_ = 0;
  DeadlineIndex deadlines_;
  Deadline sweep_hand_;
  Place evict_hand_;
  std::unique_ptr<Snapshot> snapshot_;  // null: none is taken
  // Scratch of Apply, kept for its memory.
  Changes changes_;
  Bytes row_key_;
  Bytes row_value_;
};

}  // namespace quorate::keyspace
