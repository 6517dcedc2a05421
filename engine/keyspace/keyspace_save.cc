// SPDX-License-Identifier: Apache-2.0
// Save and Load of a keyspace, and the snapshot, which is a Save in pieces.
#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/keyspace/keyspace.h"
#include "engine/keyspace/stand_in.h"

namespace quorate::keyspace {
namespace {

// Of a row, beside key and value, in saved state.
constexpr size_t kRowBytes = 48;

void PutRow(Bytes& out, std::string_view key, std::string_view value, bool hides) {
  PutBlob(out, key);
  PutBlob(out, value);
  if (hides) HideCells(out.data() + out.size() - value.size(), value.size());
}

}  // namespace

// A row is a blob with its key and a blob with its cells; an empty key ends them.
void Keyspace::Save(Bytes& out, bool hides, const KeepKey& keep) const {
  const auto store = [&out, hides](std::string_view key, std::string_view value) {
    PutRow(out, key, value, hides);
  };
  // As much as rows of short values take, so that it seldom moves.
  out.reserve(out.size() + bytes() + objects_ * kRowBytes);
  Rows rows;
  Bytes used;
  used.reserve(objects_);
  ForEachFrom(Place{}, [&](Place place, const Object& object) {
    if (keep && !keep(object.key())) return true;
    StoreRows(place, object, rows, store);
    used.push_back(object.used() ? 1 : 0);
    return true;
  });
  PutBlob(out, {});
  PutBlob(out, used);
  PutSweeps(out);
}

void Keyspace::PutSweeps(Bytes& out) const {
  PutBigEndian(out, sweep_hand_.ms);
  PutBigEndian(out, sweep_hand_.place.value);
  PutBigEndian(out, evict_hand_.value);
}

absl::Status Keyspace::Load(ByteReader& reader) {
  while (true) {
    const std::string_view key = reader.Blob();
    if (key.empty()) break;
    const std::string_view value = reader.Blob();
    QUORATE_RETURN_IF_ERROR(LoadRow(key, value));
  }
  const std::string_view used = reader.Blob();
  if (!reader.ok() || used.size() != objects_) return DataLoss("saved keys: malformed");
  size_t next = 0;
  ForEachFrom(Place{}, [&](Place, Object& object) {
    object.set_used(used[next++] != 0);
    return true;
  });
  sweep_hand_.ms = reader.BigEndian<int64_t>();
  sweep_hand_.place.value = reader.BigEndian<uint64_t>();
  evict_hand_ = Place{reader.BigEndian<uint64_t>()};
  return absl::OkStatus();
}

// --- the snapshot

void Keyspace::BeginSnapshot(Bytes& out, bool hides) {
  QUORATE_CHECK(!in_snapshot());
  PutBlob(out, {});
  PutBlob(out, {});
  PutSweeps(out);
  snapshot_ = std::make_unique<Snapshot>();
  snapshot_->hides = hides;
}

bool Keyspace::StepSnapshot(SnapshotBudget& budget, Bytes& out) {
  Snapshot& snapshot = *snapshot_;
  out += snapshot.images;
  snapshot.images.clear();
  Object* last = nullptr;
  Place last_place;
  bool more = false;
  ForEachFrom(snapshot.place, [&](Place place, Object& object) {
    if (!snapshot.IsAhead(place, object.key())) return true;
    if (budget.objects == 0 || budget.bytes == 0) {
      more = true;
      return false;
    }
    const size_t before = out.size();
    if (object.image() != Object::Image::kKept) PutImage(place, object, out);
    object.set_image(Object::Image::kAsIs);
    --budget.objects;
    budget.bytes -= std::min(budget.bytes, out.size() - before);
    last = &object;
    last_place = place;
    return true;
  });
  if (!more) {
    snapshot_.reset();
    return false;
  }
  if (last != nullptr) {
    snapshot.began = true;
    snapshot.place = last_place;
    snapshot.key = last->key();
  }
  return true;
}

// As it was when the snapshot began.
void Keyspace::PutImage(Place place, const Object& object, Bytes& out) {
  using Image = Object::Image;
  const Image image = object.image();
  const bool used = image == Image::kAsIs ? object.used() : image == Image::kWasUsed;
  out.push_back(used ? 1 : 0);
  const bool hides = snapshot_->hides;
  const auto store = [&out, hides](std::string_view key, std::string_view value) {
    PutRow(out, key, value, hides);
  };
  StoreRows(place, object, snapshot_->rows, store);
  PutBlob(out, {});
}

// An object is about to change or to go.
void Keyspace::KeepImage(Place place, const Object& object) {
  if (object.image() == Object::Image::kKept) return;
  if (!snapshot_->IsAhead(place, object.key())) return;
  PutImage(place, object, snapshot_->images);
}

// What it was has been kept, or it was not: the walk has nothing to write where this is.
void Keyspace::MarkKept(Place place, Object& object) {
  if (snapshot_->IsAhead(place, object.key())) object.set_image(Object::Image::kKept);
}

void Keyspace::KeepUsed(Place place, Object& object) {
  if (object.image() != Object::Image::kAsIs) return;
  if (!snapshot_->IsAhead(place, object.key())) return;
  object.set_image(object.used() ? Object::Image::kWasUsed : Object::Image::kWasUnused);
}

}  // namespace quorate::keyspace
