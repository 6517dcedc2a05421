// SPDX-License-Identifier: Apache-2.0
#include "engine/keyspace/keyspace.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "engine/base/check.h"

namespace quorate::keyspace {
namespace {

// Row keys: 'd', pool, place (both big endian, so rows sort as tables do), blob key, and for a
// named cell its kind and name. A head's row has nothing behind the key.
constexpr char kDataRow = 'd';

void AppendCellName(const CellKey& cell, Bytes& row_key) {
  row_key.push_back(static_cast<char>(cell.kind));
  row_key.append(cell.name);
}

// False for nearly all keys, at the cost of a look at the header.
bool MayHaveDeadline(const Object& object) {
  return object.form() == Object::Form::kCells || object.has_deadline();
}

bool IsDead(const Object& object) { return object.form() == Object::Form::kDead; }

void PackNamedCell(const CellKey& key, const CellState& cell, Bytes& out) {
  CellWriter(out).Put({key.kind, cell.dead, cell.version, key.name, cell.value});
}

}  // namespace

Keyspace::Keyspace(const KeyspaceOptions& options)
    : options_(options), tables_(options.partitions) {
  if (options.stand_ins) writers_.UseStandIns();
}

void Keyspace::OpenPartition(PartitionId partition) {
  QUORATE_CHECK(partition.value < options_.partitions && !IsOpen(partition));
  const int prefix_bits = std::bit_width(options_.partitions) - 1;
  tables_[partition.value].emplace(
      options_.placer, writers_, hash::PartitionBegin(partition, options_.partitions), prefix_bits);
}

Keyspace::Seen Keyspace::See(Place place, std::string_view key, HybridTime now,
                             env::WriteBatch* batch) {
  Seen seen;
  seen.held = Find(place, key);
  if (seen.held == nullptr || !MayHaveDeadline(*seen.held)) return seen;
  const Version passed = PassedAt(*seen.held, now);
  if (passed.empty()) return seen;
  Bytes packed;
  if (options_.sole_owner || QUORATE_PLANTED(options_.planted, kExpireUnread)) {
    CellWriter(packed).Tombstone(passed);
    seen.held = Apply(place, key, packed, batch).object;
    return seen;
  }
  seen.passed = passed;
  PackObject(*seen.held, writers_, packed);
  CellWriter(packed).Tombstone(passed);
  Changes changes;
  seen.left.reset(Merge(nullptr, key, packed, writers_, changes));
  return seen;
}

// What was seen together with the deadline goes with it, and nothing else. (At the deadline's own
// time the tombstone would cover a SET that took the deadline away, from a clock that is behind.)
Version Keyspace::PassedAt(const Object& object, HybridTime now) const {
  const auto deadline = View(&object).deadline_ms();
  if (!deadline.has_value() || *deadline > now.ms()) return {};
  const Version seen = HighestOf(object, writers_);
  if (QUORATE_PLANTED(options_.planted, kExpireUnread)) {
    return std::max(seen, JustBelow({HybridTime::FromMs(*deadline), WriterId{}}));
  }
  return seen;
}

void Keyspace::Count(const Object& object, int sign) {
  const auto by = static_cast<size_t>(sign);  // wraps: adding -1 subtracts
  objects_ += by;
  object_bytes_ += by * object.bytes();
  if (IsDead(object)) dead_ += by;
}

std::optional<int64_t> Keyspace::DeadlineOf(const Object& object) const {
  return MayHaveDeadline(object) ? View(&object).deadline_ms() : std::nullopt;
}

void Keyspace::MoveDeadline(Place place, std::optional<int64_t> from, std::optional<int64_t> to) {
  if (from == to) return;
  if (from.has_value()) deadlines_.Remove({*from, place});
  if (to.has_value()) deadlines_.Add({*to, place});
}

Keyspace::Applied Keyspace::ApplyTo(Place place, Object* held, std::string_view key,
                                    std::string_view packed, env::WriteBatch* batch) {
  Applied applied = MergeIn(place, held, key, packed, batch);
  const bool collects = options_.sole_owner || QUORATE_PLANTED(options_.planted, kForgetTombstones);
  if (applied.changed && collects) {
    applied.object = Collect(place, applied.object, batch);
  }
  return applied;
}

Keyspace::Applied Keyspace::MergeIn(Place place, Object* held, std::string_view key,
                                    std::string_view packed, env::WriteBatch* batch) {
  Table& table = TableOf(place);
  const uint64_t key_digest = KeyDigestOf(key);
  uint64_t old_digest = 0;
  std::optional<int64_t> old_deadline_ms;
  if (held != nullptr) {
    old_digest = DigestOf(*held, writers_, key_digest);
    old_deadline_ms = DeadlineOf(*held);
    Count(*held, -1);
  }
  if (snapshot_ != nullptr && held != nullptr) [[unlikely]]
    KeepImage(place, *held);
  changes_.Clear();
  Object* merged = Merge(held, key, packed, writers_, changes_);
  if (merged == nullptr) return {};
  if (snapshot_ != nullptr) [[unlikely]]
    MarkKept(place, *merged);
  if (options_.sole_owner) DropDeadCells(*merged, writers_, changes_);
  Count(*merged, 1);
  MoveDeadline(place, old_deadline_ms, DeadlineOf(*merged));
  if (held == nullptr) {
    const uint64_t digest = DigestOf(*merged, writers_, key_digest);
    table.Insert(place, merged, digest);
    digest_ += digest;
  } else if (!changes_.empty() || merged != held) {
    const uint64_t change = DigestOf(*merged, writers_, key_digest) - old_digest;
    table.Replace(place, held, merged, change);
    digest_ += change;
  }
  if (changes_.empty()) return {false, merged};
  if (batch != nullptr) StoreChanges(place, *merged, changes_, *batch);
  return {true, merged};
}

void Keyspace::AppendRowKey(Place place, std::string_view key, Bytes& out) const {
  out.push_back(kDataRow);
  const bool of_first = QUORATE_PLANTED(options_.planted, kRowsOfFirst);
  PutBigEndian(out, of_first ? uint16_t{0} : options_.pool.value);
  PutBigEndian(out, place.value);
  PutBlob(out, key);
}

void Keyspace::StoreChanges(Place place, const Object& object, const Changes& changes,
                            env::WriteBatch& batch) {
  row_key_.clear();
  AppendRowKey(place, object.key(), row_key_);
  if (changes.head) {
    row_value_.clear();
    PackHead(object, writers_, row_value_);
    batch.Put(row_key_, row_value_);
  }
  const size_t prefix = row_key_.size();
  for (const auto& [cell, gone] : changes.cells) {
    row_key_.resize(prefix);
    AppendCellName(cell, row_key_);
    const CellState* state = nullptr;
    if (!gone && object.form() == Object::Form::kCells) {
      const auto& cells = static_cast<const CellsObject&>(object).cells;
      const auto at = cells.find(cell);
      if (at != cells.end()) state = &at->second;
    }
    if (state == nullptr) {
      batch.Delete(row_key_);
      continue;
    }
    row_value_.clear();
    PackNamedCell(cell, *state, row_value_);
    batch.Put(row_key_, row_value_);
  }
}

Object* Keyspace::Collect(Place place, Object* object, env::WriteBatch* batch) {
  if (object->form() == Object::Form::kString) return object;
  if (View(object).exists()) return object;
  Forget(place, object, batch);
  return nullptr;
}

void Keyspace::Forget(Place place, Object* object, env::WriteBatch* batch) {
  if (snapshot_ != nullptr) [[unlikely]]
    KeepImage(place, *object);
  if (batch != nullptr) {
    row_key_.clear();
    AppendRowKey(place, object->key(), row_key_);
    batch->Delete(row_key_);
    if (object->form() == Object::Form::kCells) {
      const size_t prefix = row_key_.size();
      for (const auto& [cell, state] : static_cast<const CellsObject&>(*object).cells) {
        row_key_.resize(prefix);
        AppendCellName(cell, row_key_);
        batch->Delete(row_key_);
      }
    }
  }
  Count(*object, -1);
  MoveDeadline(place, DeadlineOf(*object), std::nullopt);
  Table& table = TableOf(place);
  const uint64_t digest = DigestOf(*object, writers_);
  table.Erase(place, object, digest);
  digest_ -= digest;
}

absl::StatusOr<Keyspace::RowAddress> Keyspace::AddressOf(std::string_view row_key) {
  ByteReader reader(row_key);
  const char kind = reader.BigEndian<char>();
  RowAddress address;
  address.pool.value = reader.BigEndian<uint16_t>();
  address.place.value = reader.BigEndian<uint64_t>();
  address.key = reader.Blob();
  if (!reader.ok() || kind != kDataRow) return DataLoss("stored row: the key is malformed");
  return address;
}

absl::Status Keyspace::LoadRow(std::string_view row_key, std::string_view row_value) {
  QUORATE_ASSIGN_OR_RETURN(const RowAddress address, AddressOf(row_key));
  const auto& [pool, place, key] = address;
  if (pool != options_.pool) return DataLoss("stored row: the key is another pool's");
  if (PlaceOf(key) != place) {
    return DataLoss(
        "stored row: the key is not at its place; was the data directory written with another "
        "hash?");
  }
  if (!ValidCells(row_value)) return DataLoss("stored row: the cells are malformed");
  // Nothing is collected here: the head of a hash is loaded before the first field that makes it
  // exist.
  if (IsOpen(PartitionOf(place))) MergeIn(place, Find(place, key), key, row_value, nullptr);
  return absl::OkStatus();
}

Bytes Keyspace::RowsBegin() const {
  Bytes begin(1, kDataRow);
  PutBigEndian(begin, options_.pool.value);
  return begin;
}

Bytes Keyspace::RowsEnd() const {
  if (options_.pool.value == 0xffff) return Bytes(1, kDataRow + 1);
  Bytes end(1, kDataRow);
  PutBigEndian(end, static_cast<uint16_t>(options_.pool.value + 1));
  return end;
}

void Keyspace::StoreAll(
    const std::function<void(std::string_view, std::string_view)>& store) const {
  Rows rows;
  ForEachFrom(Place{}, [&](Place place, Object& object) {
    StoreRows(place, object, rows, store);
    return true;
  });
}

void Keyspace::StoreRows(
    Place place, const Object& object, Rows& rows,
    const std::function<void(std::string_view, std::string_view)>& store) const {
  rows.key.clear();
  rows.value.clear();
  AppendRowKey(place, object.key(), rows.key);
  PackHead(object, writers_, rows.value);
  if (!rows.value.empty()) store(rows.key, rows.value);
  if (object.form() != Object::Form::kCells) return;
  const size_t prefix = rows.key.size();
  for (const auto& [cell, state] : static_cast<const CellsObject&>(object).cells) {
    rows.key.resize(prefix);
    AppendCellName(cell, rows.key);
    rows.value.clear();
    PackNamedCell(cell, state, rows.value);
    store(rows.key, rows.value);
  }
}

void Keyspace::ForEachFrom(Place from, const std::function<bool(Place, Object&)>& visit) const {
  bool more = true;
  for (size_t i = PartitionOf(from).value; i < tables_.size() && more; ++i) {
    const std::optional<Table>& table = tables_[i];
    if (!table.has_value()) continue;
    table->ForEachFrom(from,
                       [&](Place place, Object& object) { return more = visit(place, object); });
  }
}

bool Keyspace::FindPassed(HybridTime now, size_t budget, std::vector<PassedDeadline>& passed) {
  const Deadline from = std::exchange(sweep_hand_, {});
  bool more = false;
  deadlines_.ForEachFrom(from, [&](const Deadline& deadline) {
    if (deadline.ms > now.ms()) return false;
    if (passed.size() >= budget) {
      sweep_hand_ = deadline;
      more = true;
      return false;
    }
    for (const Object* object : TableOf(deadline.place).FindAll(deadline.place)) {
      if (DeadlineOf(*object) != deadline.ms) continue;
      passed.push_back({deadline.place, Bytes(object->key()), deadline.ms});
    }
    return true;
  });
  return more;
}

void Keyspace::PackSettled(const Object& object, Bytes& out) const {
  out.clear();
  PackObject(object, writers_, out);
  const Version passed = PassedAt(object, HybridTime::Max());
  if (passed.empty()) return;
  CellWriter(out).Tombstone(passed);
  WriterTable writers;
  Changes changes;
  const ObjectPtr settled(Merge(nullptr, object.key(), out, writers, changes));
  out.clear();
  PackObject(*settled, writers, out);
}

bool Keyspace::EvictOne(env::WriteBatch* batch) {
  Object* victim = nullptr;
  Place victim_place;
  // Two rounds at most: the first may only clear the marks.
  for (int round = 0; round < 3 && victim == nullptr; ++round) {
    ForEachFrom(evict_hand_, [&](Place place, Object& object) {
      if (object.used()) {
        SetUsed(place, object, false);
        return true;
      }
      victim = &object;
      victim_place = place;
      return false;
    });
    evict_hand_ = victim == nullptr ? Place{} : victim_place;
  }
  if (victim == nullptr) return false;
  Forget(victim_place, victim, batch);
  return true;
}

uint64_t Keyspace::digest(PartitionId partition) const {
  const std::optional<Table>& table = tables_[partition.value];
  return table.has_value() ? table->digest() : 0;
}

}  // namespace quorate::keyspace
