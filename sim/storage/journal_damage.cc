// SPDX-License-Identifier: Apache-2.0
#include "sim/storage/journal_damage.h"

#include <algorithm>
#include <optional>
#include <string>

#include "adapters/storage/journal_format.h"
#include "engine/base/random.h"
#include "sim/storage/limits.h"

namespace quorate::sim {
namespace {

struct VouchedFile {
  std::string path;
  uint64_t end = 0;  // what is before this is vouched for
};

struct Placed {
  storage::Sequence sequence;
  uint64_t end = 0;
};

// Where the records end that the last one knows to be durable.
uint64_t VouchedEnd(std::string_view content, const storage::SegmentKey& key) {
  std::vector<Placed> records;
  storage::Sequence durable;
  for (size_t at = std::min(storage::kSegmentHeaderBytes, content.size());;) {
    const std::optional<storage::Record> record = storage::ParseRecord(key, content.substr(at));
    if (!record) break;
    at += record->size();
    records.push_back({record->sequence, at});
    durable = std::max(durable, record->durable);
  }
  uint64_t end = 0;
  for (const Placed& record : records) {
    if (record.sequence <= durable) end = record.end;
  }
  return end;
}

std::vector<VouchedFile> FindVouched(const SimDisk& disk,
                                     const storage::JournaledOptions& options) {
  std::vector<VouchedFile> files;
  for (const std::string& path : disk.FileNames()) {
    const auto id = storage::ParseSegmentFileName(options.name, path);
    if (!id) continue;
    const std::optional<Bytes> content = disk.Content(path);
    const uint64_t end =
        VouchedEnd(*content, {.id = *id, .salt = options.salt, .planted = PlantedBug::kNone});
    if (end > 0) files.push_back({path, end});
  }
  return files;
}

DamageKind KindOf(FaultKind kind) {
  switch (kind) {
    case FaultKind::kReadError:
      return DamageKind::kUnreadable;
    case FaultKind::kDroppedWrite:
      return DamageKind::kZeros;
    case FaultKind::kMisdirection:
      return DamageKind::kElsewhere;
    default:
      return DamageKind::kFlipped;
  }
}

}  // namespace

std::vector<DiskDamage> DamageJournal(const SimDisk& disk, const storage::JournaledOptions& options,
                                      const StorageFaults::Damage& damage) {
  std::vector<DiskDamage> places;
  const std::vector<VouchedFile> files = FindVouched(disk, options);
  if (files.empty()) return places;
  const uint64_t count = 1 + Scale(Mix(damage.draw, 1), kDamagedPlacesMax);
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t draw = KeyedHash(damage.draw, i);
    const VouchedFile& file = files[static_cast<size_t>(Scale(Mix(draw, 1), files.size()))];
    const uint64_t sectors = (file.end + kDiskSectorBytes - 1) / kDiskSectorBytes;
    DiskDamage place{.path = file.path,
                     .offset = Scale(Mix(draw, 2), sectors) * kDiskSectorBytes,
                     .size = kDiskSectorBytes,
                     .kind = KindOf(damage.kind),
                     .other = Scale(Mix(draw, 3), sectors) * kDiskSectorBytes,
                     .mask = static_cast<uint8_t>(1u << Scale(Mix(draw, 4), 8))};
    if (place.kind == DamageKind::kFlipped) {
      place.offset = Scale(Mix(draw, 5), file.end);
      place.size = 1;
    }
    place.size = std::min(place.size, file.end - place.offset);
    // The write that came to the wrong place is missing where it belongs.
    if (damage.written && place.other != place.offset) {
      DiskDamage missing = place;
      missing.kind = DamageKind::kZeros;
      missing.offset = place.other;
      missing.size = std::min<uint64_t>(kDiskSectorBytes, file.end - missing.offset);
      places.push_back(std::move(missing));
    }
    places.push_back(std::move(place));
  }
  return places;
}

}  // namespace quorate::sim
