// SPDX-License-Identifier: Apache-2.0
#include "engine/keyspace/object.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "engine/base/check.h"
#include "engine/base/random.h"
#include "engine/hash/digest.h"
#include "engine/keyspace/stand_in.h"

namespace quorate::keyspace {
namespace {

constexpr uint64_t kDigestSeed =
    0x71756f7261746501;  // frozen: replicas of two releases compare digests
constexpr uint64_t kSetDigestSeed = 0x71756f7261746502;
constexpr size_t kCellOverheadBytes = 64;

uint64_t VersionDigest(const Version& version) {
  return KeyedHash(version.time.bits(), version.writer.node.value, version.writer.incarnation.value,
                   version.writer.shard.value);
}

// Where digests are made of values: nearly always plain ones.
uint64_t DigestOfValue(std::string_view value, const WriterTable& writers) {
  return writers.stand_ins() ? StandInDigest(value) : hash::Digest(value, kDigestSeed);
}

uint64_t HeadDigest(const Head& head, uint64_t value_digest) {
  const uint64_t deadline =
      head.deadline_ms.has_value() ? static_cast<uint64_t>(*head.deadline_ms) : ~uint64_t{0};
  return KeyedHash(kDigestSeed, VersionDigest(head.tombstone), VersionDigest(head.type_version),
                   static_cast<uint64_t>(head.type), VersionDigest(head.deadline_version), deadline,
                   VersionDigest(head.value_version), head.value_dead ? 1 : 0, value_digest);
}

// What SET leaves is most of the data and has a digest of its own, of as little as tells it apart.
uint64_t SetDigest(const Version& version, const Head* deadline, uint64_t value_digest) {
  const uint64_t writer =
      uint64_t{version.writer.incarnation.value} << 16 | version.writer.shard.value;
  const uint64_t set = KeyedHash(kSetDigestSeed, version.time.bits(), version.writer.node.value,
                                 writer, value_digest);
  if (deadline == nullptr) return set;
  return KeyedHash(kSetDigestSeed, set, VersionDigest(deadline->deadline_version),
                   static_cast<uint64_t>(*deadline->deadline_ms));
}

uint64_t CellDigest(const CellKey& key, const CellState& cell, const WriterTable& writers) {
  return KeyedHash(kDigestSeed, static_cast<uint64_t>(key.kind),
                   hash::Digest(key.name, kDigestSeed), VersionDigest(cell.version),
                   cell.dead ? 1 : 0, DigestOfValue(cell.value, writers));
}

bool CountsAsLive(CellKind kind) {
  return kind == CellKind::kField || kind == CellKind::kMember || kind == CellKind::kScore ||
         kind == CellKind::kPosition || kind == CellKind::kEntry;
}

// Higher version wins; at equal versions dead wins, then the greater bytes.
bool Supersedes(const Version& version, bool dead, std::string_view value, const Version& held,
                bool held_dead, std::string_view held_value) {
  if (version != held) return version > held;
  if (dead != held_dead) return dead;
  return value > held_value;
}

// Merges cells into the general form.
class Merger {
 public:
  Merger(CellsObject& object, const WriterTable& writers, Changes& changes)
      : object_(object), writers_(writers), changes_(changes) {}

  void Apply(const Cell& cell) {
    switch (cell.kind) {
      case CellKind::kTombstone:
        return RaiseTombstone(cell.version);
      case CellKind::kType:
        return ApplyType(cell.version, static_cast<ObjectType>(cell.value.front()));
      case CellKind::kDeadline:
        return ApplyDeadline(cell.version, DeadlineOf(cell));
      case CellKind::kValue:
        return ApplyValue(cell.version, cell.dead, cell.value);
      case CellKind::kString:
        RaiseTombstone(JustBelow(cell.version));
        ApplyType(cell.version, ObjectType::kString);
        return ApplyValue(cell.version, false, cell.value);
      case CellKind::kSlot:
      case CellKind::kField:
      case CellKind::kFieldSlot:
      case CellKind::kMember:
      case CellKind::kScore:
      case CellKind::kPosition:
      case CellKind::kEntry:
        return ApplyNamed(cell);
    }
  }

  // Slots of a register that was overwritten count no more, here or on any replica that has seen
  // it.
  void DropStaleSlots() {
    auto& cells = object_.cells;
    for (auto at = cells.begin(); at != cells.end() && at->first.kind == CellKind::kSlot;) {
      at = IsStaleSlot(at->second.value) ? Drop(at) : std::next(at);
    }
  }

  void DropDead() {
    for (auto& [key, gone] : changes_.cells) {
      const auto at = object_.cells.find(key);
      if (gone || at == object_.cells.end() || !at->second.dead) continue;
      Forget(at->first, at->second);
      object_.cells.erase(at);
      gone = true;
    }
  }

 private:
  [[nodiscard]] bool Covered(const Version& version) const {
    return version <= object_.head.tombstone;
  }

  [[nodiscard]] bool IsStaleSlot(std::string_view value) const {
    return UnpackSlotValue(value).base < object_.head.value_version;
  }

  // A slot goes with its base, whichever of slot and tombstone came first. (Were it kept, a replica
  // that had dropped it for a base it saw in between would differ from one that had not.)
  [[nodiscard]] bool IsCovered(CellKind kind, const Version& version,
                               std::string_view value) const {
    const bool slot = kind == CellKind::kSlot || kind == CellKind::kFieldSlot;
    return Covered(version) || (slot && Covered(UnpackSlotValue(value).base));
  }

  void RaiseTombstone(const Version& version) {
    Head& head = object_.head;
    if (version <= head.tombstone) return;
    head.tombstone = version;
    if (Covered(head.type_version)) {
      head.type_version = {};
      head.type = ObjectType::kNone;
    }
    if (Covered(head.deadline_version)) {
      head.deadline_version = {};
      head.deadline_ms.reset();
    }
    if (Covered(head.value_version)) {
      head.value_version = {};
      head.value_dead = false;
      object_.value.clear();
    }
    for (auto at = object_.cells.begin(); at != object_.cells.end();) {
      const CellState& cell = at->second;
      at = IsCovered(at->first.kind, cell.version, cell.value) ? Drop(at) : std::next(at);
    }
    changes_.head = true;
  }

  void ApplyType(const Version& version, ObjectType type) {
    Head& head = object_.head;
    if (Covered(version)) return;
    if (version < head.type_version || (version == head.type_version && type <= head.type)) return;
    head.type_version = version;
    head.type = type;
    changes_.head = true;
  }

  void ApplyDeadline(const Version& version, std::optional<int64_t> ms) {
    Head& head = object_.head;
    if (Covered(version) || version < head.deadline_version) return;
    if (version == head.deadline_version) {
      // Dead (no deadline) wins, then the later one, as the greater bytes.
      if (!head.deadline_ms.has_value() || (ms.has_value() && *ms <= *head.deadline_ms)) return;
    }
    head.deadline_version = version;
    head.deadline_ms = ms;
    changes_.head = true;
  }

  void ApplyValue(const Version& version, bool dead, std::string_view value) {
    Head& head = object_.head;
    if (Covered(version)) return;
    if (!Supersedes(version, dead, value, head.value_version, head.value_dead, object_.value)) {
      return;
    }
    head.value_version = version;
    head.value_dead = dead;
    object_.value = value;
    changes_.head = true;
  }

  void ApplyNamed(const Cell& cell) {
    if (IsCovered(cell.kind, cell.version, cell.value)) return;
    if (cell.kind == CellKind::kSlot && IsStaleSlot(cell.value)) return;
    if (cell.kind == CellKind::kFieldSlot && IsStaleFieldSlot(cell.name, cell.value)) return;
    CellKey key{cell.kind, Bytes(cell.name)};
    const auto at = object_.cells.find(key);
    if (at != object_.cells.end()) {
      const CellState& held = at->second;
      if (!Supersedes(cell.version, cell.dead, cell.value, held.version, held.dead, held.value)) {
        return;
      }
      Forget(at->first, held);
      at->second = CellState{cell.version, cell.dead, Bytes(cell.value)};
      Remember(at->first, at->second);
    } else {
      const auto added =
          object_.cells.emplace(key, CellState{cell.version, cell.dead, Bytes(cell.value)}).first;
      Remember(added->first, added->second);
    }
    if (cell.kind == CellKind::kField) DropStaleFieldSlots(cell.name);
    changes_.cells.emplace_back(std::move(key), false);
  }

  // The slots of a field number count while its field is at the version they name as their base.
  [[nodiscard]] bool IsStaleFieldSlot(std::string_view name, std::string_view value) const {
    ByteReader reader(name);
    const auto field = object_.cells.find(CellKey{CellKind::kField, Bytes(reader.Blob())});
    return field != object_.cells.end() && UnpackSlotValue(value).base < field->second.version;
  }

  void DropStaleFieldSlots(std::string_view field) {
    Bytes prefix;
    PutBlob(prefix, field);
    auto at = object_.cells.lower_bound(CellKey{CellKind::kFieldSlot, prefix});
    while (at != object_.cells.end() && at->first.kind == CellKind::kFieldSlot &&
           at->first.name.compare(0, prefix.size(), prefix) == 0) {
      at = IsStaleFieldSlot(at->first.name, at->second.value) ? Drop(at) : std::next(at);
    }
  }

  CellMap::iterator Drop(CellMap::iterator at) {
    Forget(at->first, at->second);
    changes_.cells.emplace_back(at->first, true);
    return object_.cells.erase(at);
  }

  void Remember(const CellKey& key, const CellState& cell) {
    object_.cells_digest += CellDigest(key, cell, writers_);
    object_.cell_bytes += key.name.size() + cell.value.size() + kCellOverheadBytes;
    if (CountsAsLive(key.kind) && !cell.dead) ++object_.live;
  }
  void Forget(const CellKey& key, const CellState& cell) {
    object_.cells_digest -= CellDigest(key, cell, writers_);
    object_.cell_bytes -= key.name.size() + cell.value.size() + kCellOverheadBytes;
    if (CountsAsLive(key.kind) && !cell.dead) --object_.live;
  }

  CellsObject& object_;
  const WriterTable& writers_;
  Changes& changes_;
};

std::optional<CompactObject::Deadline> PackDeadline(const Head& head, WriterTable& writers) {
  if (!head.deadline_ms.has_value()) return std::nullopt;
  return CompactObject::Deadline{*head.deadline_ms, head.deadline_version.time.bits(),
                                 writers.Intern(head.deadline_version.writer)};
}

// Whether this head, without other cells, is what SET leaves.
bool IsSet(const Head& head) {
  return !head.value_version.empty() && !head.value_dead && head.type == ObjectType::kString &&
         head.type_version == head.value_version &&
         head.tombstone == JustBelow(head.value_version) &&
         (head.deadline_version.empty() || head.deadline_ms.has_value());
}

// The compact form of the state, where it has one.
Object* TryCompact(const CellsObject& object, WriterTable& writers) {
  const Head& head = object.head;
  if (!object.cells.empty()) return nullptr;
  if (head.value_version.empty() && head.type_version.empty() && head.deadline_version.empty()) {
    return CompactObject::Create(Object::Form::kDead, object.key(), {}, head.tombstone,
                                 writers.Intern(head.tombstone.writer), std::nullopt);
  }
  if (!IsSet(head)) return nullptr;
  return CompactObject::Create(Object::Form::kString, object.key(), object.value,
                               head.value_version, writers.Intern(head.value_version.writer),
                               PackDeadline(head, writers));
}

CellsObject* Inflate(Object* object, std::string_view key, const WriterTable& writers) {
  auto* cells = new CellsObject(key);
  if (object == nullptr) return cells;
  const auto& compact = static_cast<const CompactObject&>(*object);
  cells->head = HeadOf(*object, writers);
  cells->value = compact.value();
  cells->set_used(object->used());
  return cells;
}

// The data path: one SET, maybe with a deadline, onto a key that is absent or compact. Null where
// the general path must decide.
Object* MergeSet(Object* object, std::string_view key, std::string_view packed,
                 WriterTable& writers, Changes& changes) {
  if (object != nullptr && object->form() == Object::Form::kCells) return nullptr;
  CellReader reader(packed);
  Cell set;
  if (!reader.Next(set) || set.kind != CellKind::kString) return nullptr;
  std::optional<CompactObject::Deadline> deadline;
  Cell next;
  if (reader.Next(next)) {
    if (next.kind != CellKind::kDeadline || next.dead || next.version != set.version)
      return nullptr;
    deadline = CompactObject::Deadline{*DeadlineOf(next), next.version.time.bits(),
                                       writers.Intern(next.version.writer)};
    if (reader.Next(next)) return nullptr;
  }
  const uint32_t writer = writers.Intern(set.version.writer);
  if (object != nullptr) {
    auto& held = static_cast<CompactObject&>(*object);
    // Below this time everything held is covered by the SET; at it, versions must be compared.
    if (held.time() >= set.version.time) return nullptr;
    if (held.deadline().has_value() && held.deadline()->time >= set.version.time.bits()) {
      return nullptr;
    }
    changes.head = true;
    if (!deadline.has_value() && held.TryReplace(set.value, set.version, writer)) return object;
    Object::Destroy(object);
  }
  changes.head = true;
  return CompactObject::Create(Object::Form::kString, key, set.value, set.version, writer,
                               deadline);
}

void PackNamed(const CellMap& cells, CellWriter& writer) {
  for (const auto& [key, cell] : cells) {
    writer.Put({key.kind, cell.dead, cell.version, key.name, cell.value});
  }
}

}  // namespace

std::string_view Object::key() const {
  return form_ == Form::kCells ? std::string_view(static_cast<const CellsObject*>(this)->key())
                               : static_cast<const CompactObject*>(this)->key();
}

size_t Object::bytes() const {
  if (form_ != Form::kCells) return static_cast<const CompactObject*>(this)->allocated();
  const auto& cells = static_cast<const CellsObject&>(*this);
  return sizeof(CellsObject) + key_size_ + cells.value.size() + cells.cell_bytes;
}

void Object::Destroy(Object* object) {
  if (object == nullptr) return;
  if (object->form_ == Form::kCells) {
    delete static_cast<CellsObject*>(object);
  } else {
    ::operator delete(static_cast<void*>(object));
  }
}

CompactObject::CompactObject(Form form, std::string_view key, std::string_view value,
                             const Version& version, uint32_t writer,
                             std::optional<Deadline> deadline)
    : Object(form, static_cast<uint32_t>(key.size())),
      value_size_(static_cast<uint32_t>(value.size())),
      writer_(writer),
      time_(version.time.bits()) {
  has_deadline_ = deadline.has_value();
  char* out = Tail();
  if (deadline.has_value()) {
    std::memcpy(out, &*deadline, sizeof(Deadline));
    out += sizeof(Deadline);
  }
  std::memcpy(out, key.data(), key.size());
  if (!value.empty()) std::memcpy(out + key.size(), value.data(), value.size());
}

CompactObject* CompactObject::Create(Form form, std::string_view key, std::string_view value,
                                     const Version& version, uint32_t writer,
                                     std::optional<Deadline> deadline) {
  QUORATE_CHECK(form == Form::kString || value.empty());
  const size_t size = sizeof(CompactObject) + (deadline.has_value() ? sizeof(Deadline) : 0) +
                      key.size() + value.size();
  return new (::operator new(size)) CompactObject(form, key, value, version, writer, deadline);
}

std::optional<CompactObject::Deadline> CompactObject::deadline() const {
  if (!has_deadline_) return std::nullopt;
  Deadline deadline;
  std::memcpy(&deadline, Tail(), sizeof(Deadline));
  return deadline;
}

bool CompactObject::TryReplace(std::string_view value, const Version& version, uint32_t writer) {
  if (form_ != Form::kString || has_deadline_ || value.size() != value_size_) return false;
  if (!value.empty()) std::memcpy(Tail() + key_size_, value.data(), value.size());
  time_ = version.time.bits();
  writer_ = writer;
  used_ = true;
  return true;
}

Object* Merge(Object* object, std::string_view key, std::string_view packed, WriterTable& writers,
              Changes& changes) {
  if (packed.empty()) return object;
  if (Object* merged = MergeSet(object, key, packed, writers, changes)) return merged;
  const bool inflated = object == nullptr || object->form() != Object::Form::kCells;
  CellsObject* cells = inflated ? Inflate(object, key, writers) : static_cast<CellsObject*>(object);
  Merger merger(*cells, writers, changes);
  CellReader reader(packed);
  Cell cell;
  while (reader.Next(cell)) merger.Apply(cell);
  QUORATE_CHECK(reader.ok());
  merger.DropStaleSlots();
  if (inflated) Object::Destroy(object);
  if (Object* compact = TryCompact(*cells, writers)) {
    compact->set_used(cells->used());
    Object::Destroy(cells);
    return compact;
  }
  return cells;
}

void DropDeadCells(Object& object, const WriterTable& writers, Changes& changes) {
  if (object.form() != Object::Form::kCells) return;
  Merger(static_cast<CellsObject&>(object), writers, changes).DropDead();
}

Head HeadOf(const Object& object, const WriterTable& writers) {
  if (object.form() == Object::Form::kCells) return static_cast<const CellsObject&>(object).head;
  const auto& compact = static_cast<const CompactObject&>(object);
  Head head;
  const Version version = compact.version(writers);
  if (object.form() == Object::Form::kDead) {
    head.tombstone = version;
    return head;
  }
  head.tombstone = JustBelow(version);
  head.type_version = version;
  head.type = ObjectType::kString;
  head.value_version = version;
  if (const auto deadline = compact.deadline()) {
    head.deadline_ms = deadline->ms;
    head.deadline_version = {HybridTime::FromBits(deadline->time),
                             writers.Find(static_cast<uint32_t>(deadline->writer))};
  }
  return head;
}

void PackHead(const Object& object, const WriterTable& writers, Bytes& out) {
  const Head head = HeadOf(object, writers);
  CellWriter writer(out);
  if (object.form() == Object::Form::kString) {
    writer.String(head.value_version, static_cast<const CompactObject&>(object).value());
  } else {
    if (!head.tombstone.empty()) writer.Tombstone(head.tombstone);
    if (!head.type_version.empty()) writer.Type(head.type_version, head.type);
    if (!head.value_version.empty()) {
      writer.Put({CellKind::kValue,
                  head.value_dead,
                  head.value_version,
                  {},
                  static_cast<const CellsObject&>(object).value});
    }
  }
  if (!head.deadline_version.empty()) writer.Deadline(head.deadline_version, head.deadline_ms);
}

void PackObject(const Object& object, const WriterTable& writers, Bytes& out) {
  PackHead(object, writers, out);
  if (object.form() != Object::Form::kCells) return;
  CellWriter writer(out);
  PackNamed(static_cast<const CellsObject&>(object).cells, writer);
}

Version HighestTouched(const Object* object, std::string_view packed, const WriterTable& writers) {
  if (object == nullptr) return {};
  const Head head = HeadOf(*object, writers);
  Version highest = head.tombstone;
  const auto see = [&highest](const Version& version) { highest = std::max(highest, version); };
  CellReader reader(packed);
  Cell cell;
  while (reader.Next(cell)) {
    if (cell.kind == CellKind::kType) see(head.type_version);
    if (cell.kind == CellKind::kDeadline) see(head.deadline_version);
    if (cell.kind == CellKind::kValue) see(head.value_version);
    // These two are about all of the object.
    if (cell.kind == CellKind::kTombstone || cell.kind == CellKind::kString) {
      see(head.type_version);
      see(head.deadline_version);
      see(head.value_version);
      if (object->form() == Object::Form::kCells) {
        for (const auto& [key, held] : static_cast<const CellsObject&>(*object).cells) {
          see(held.version);
        }
      }
    }
    if (HasName(cell.kind) && object->form() == Object::Form::kCells) {
      const auto& cells = static_cast<const CellsObject&>(*object).cells;
      const auto at = cells.find(CellKey{cell.kind, Bytes(cell.name)});
      if (at != cells.end()) see(at->second.version);
    }
  }
  return highest;
}

Version HighestOf(const Object& object, const WriterTable& writers) {
  const Head head = HeadOf(object, writers);
  Version highest =
      std::max({head.tombstone, head.type_version, head.deadline_version, head.value_version});
  if (object.form() != Object::Form::kCells) return highest;
  for (const auto& [key, cell] : static_cast<const CellsObject&>(object).cells) {
    highest = std::max(highest, cell.version);
  }
  return highest;
}

uint64_t KeyDigestOf(std::string_view key) { return hash::Digest(key, kDigestSeed); }

uint64_t DigestOf(const Object& object, const WriterTable& writers, uint64_t key) {
  if (object.form() == Object::Form::kString && !object.has_deadline()) {
    const auto& set = static_cast<const CompactObject&>(object);
    return Mix(key, SetDigest(set.version(writers), nullptr, DigestOfValue(set.value(), writers)));
  }
  // A digest is of the state, not of the form that happens to hold it.
  const bool compact = object.form() != Object::Form::kCells;
  const auto* cells = compact ? nullptr : static_cast<const CellsObject*>(&object);
  const Head head = HeadOf(object, writers);
  const std::string_view value =
      compact ? static_cast<const CompactObject&>(object).value() : std::string_view(cells->value);
  if ((compact || cells->cells.empty()) && IsSet(head)) {
    const bool has_deadline = head.deadline_ms.has_value();
    return Mix(key, SetDigest(head.value_version, has_deadline ? &head : nullptr,
                              DigestOfValue(value, writers)));
  }
  return Mix(key, HeadDigest(head, DigestOfValue(value, writers))) +
         Mix(key, compact ? 0 : cells->cells_digest);
}

}  // namespace quorate::keyspace
