// SPDX-License-Identifier: Apache-2.0
#include "sim/disk/sim_disk.h"

#include <algorithm>
#include <set>

#include "engine/base/check.h"
#include "engine/base/random.h"

namespace quorate::sim {
namespace {

constexpr uint64_t kPartsPerMillion = 1'000'000;

uint64_t Charge(uint64_t size) {
  return size / kDiskPageBytes * kDiskPageBytes + (size % kDiskPageBytes == 0 ? 0 : kDiskPageBytes);
}

absl::Status Gone(std::string_view path) {
  return Internal(Format("disk: %s: the machine is down", path));
}

}  // namespace

// An open file. Must not outlive its disk.
class SimFile final : public env::File {
 public:
  SimFile(SimDisk& disk, SimDisk::InodeId id, std::string path)
      : disk_(disk), id_(id), generation_(disk.generation_), path_(std::move(path)) {
    ++disk_.inodes_[id_].handles;
  }
  SimFile(const SimFile&) = delete;
  SimFile& operator=(const SimFile&) = delete;
  ~SimFile() override {
    if (generation_ == disk_.generation_) --disk_.inodes_[id_].handles;
  }

  absl::Status Read(uint64_t offset, size_t size, Bytes& out) override {
    QUORATE_RETURN_IF_ERROR(Enter(SimDisk::Kind::kRead, size));
    inode().image.Read(offset, size, out);
    return disk_.Damage(path_, inode().image, offset, out);
  }

  absl::Status Write(uint64_t offset, std::string_view bytes) override {
    QUORATE_RETURN_IF_ERROR(Enter(SimDisk::Kind::kWrite, bytes.size()));
    QUORATE_RETURN_IF_ERROR(disk_.Reserve(inode(), offset + bytes.size(), path_));
    inode().image.Write(offset, bytes);
    disk_.RepairWritten(path_, offset, bytes.size());
    return absl::OkStatus();
  }

  absl::Status Allocate(uint64_t size) override {
    QUORATE_RETURN_IF_ERROR(Enter(SimDisk::Kind::kAllocate, 0));
    QUORATE_RETURN_IF_ERROR(disk_.Reserve(inode(), size, path_));
    inode().image.Grow(size);
    return absl::OkStatus();
  }

  absl::Status Truncate(uint64_t size) override {
    QUORATE_RETURN_IF_ERROR(Enter(SimDisk::Kind::kWrite, 0));
    QUORATE_RETURN_IF_ERROR(disk_.Reserve(inode(), size, path_));
    inode().image.Truncate(size);
    return absl::OkStatus();
  }

  absl::Status Sync() override {
    QUORATE_RETURN_IF_ERROR(Enter(SimDisk::Kind::kSync, 0));
    inode().image.Sync();
    return absl::OkStatus();
  }

  absl::StatusOr<uint64_t> Size() override {
    if (disk_.frozen_ || generation_ != disk_.generation_) return Gone(path_);
    return inode().image.size();
  }

 private:
  absl::Status Enter(SimDisk::Kind kind, uint64_t bytes) {
    return disk_.EnterFile(kind, id_, generation_, path_, bytes);
  }
  SimDisk::Inode& inode() { return disk_.inodes_[id_]; }

  SimDisk& disk_;
  const SimDisk::InodeId id_;
  const uint64_t generation_;
  const std::string path_;
};

void SimDisk::AddLatency(Kind kind, uint64_t bytes, bool grown) {
  Duration cost{0};
  switch (kind) {
    case Kind::kRead:
      cost = model_.read;
      break;
    case Kind::kWrite:
      cost = model_.write;
      break;
    case Kind::kAllocate:
      cost = model_.allocate;
      break;
    case Kind::kSync:
      cost = grown ? model_.sync_append : model_.sync_in_place;
      break;
    case Kind::kEntry:
      cost = model_.change_entry;
      break;
    case Kind::kSyncDirectory:
      cost = model_.sync_directory;
      break;
  }
  constexpr int64_t kMebibyte = int64_t{1} << 20;
  cost += Duration(model_.per_mebibyte.count() * static_cast<int64_t>(bytes) / kMebibyte);
  latency_ += cost * model_.slowdown_percent / 100;
}

absl::Status SimDisk::Enter(Kind kind, std::string_view path, uint64_t bytes, bool grown) {
  if (frozen_) return Gone(path);
  AddLatency(kind, bytes, grown);
  if (time_left_ && latency_ > *time_left_) {
    frozen_ = true;
    return Gone(path);
  }
  if (kind != Kind::kRead) {
    if (changes_left_ && *changes_left_ == 0) {
      frozen_ = true;
      return Gone(path);
    }
    if (changes_left_) --*changes_left_;
    ++changes_;
  }
  return absl::OkStatus();
}

absl::Status SimDisk::EnterFile(Kind kind, InodeId id, uint64_t generation, std::string_view path,
                                uint64_t bytes) {
  if (generation != generation_) return Gone(path);
  Inode& inode = inodes_[id];
  if (kind == Kind::kSync) bytes = inode.image.unsynced_bytes();
  QUORATE_RETURN_IF_ERROR(Enter(kind, path, bytes, inode.image.size_changed()));
  return DrawError(kind, id, inode, path);
}

absl::Status SimDisk::DrawError(Kind kind, InodeId id, Inode& inode, std::string_view path) {
  const uint64_t draw = Scale(KeyedHash(seed_, static_cast<uint64_t>(kind), id, inode.operations++),
                              kPartsPerMillion);
  if (kind == Kind::kRead && draw < faults_.read_error_ppm) {
    ++effects_.failed_reads;
    return Internal(Format("disk: read %s: I/O error", path));
  }
  if (kind == Kind::kWrite && draw < faults_.write_error_ppm) {
    ++effects_.failed_writes;
    return Internal(Format("disk: write %s: I/O error", path));
  }
  if (kind == Kind::kSync && (draw < faults_.sync_error_ppm || faults_.syncs_to_fail > 0)) {
    if (faults_.syncs_to_fail > 0) --faults_.syncs_to_fail;
    ++effects_.failed_syncs;
    inode.image.FailSync();
    return Internal(Format("disk: sync %s: I/O error", path));
  }
  return absl::OkStatus();
}

// Lays the damage over bytes that were read at `offset`.
absl::Status SimDisk::Damage(std::string_view path, const FileImage& image, uint64_t offset,
                             Bytes& bytes) {
  if (damage_.empty()) return absl::OkStatus();
  const uint64_t end = offset + bytes.size();
  const Bytes before = bytes;
  for (const DiskDamage& damage : damage_) {
    const uint64_t begin = std::max(offset, damage.offset);
    const uint64_t stop = std::min(end, damage.offset + damage.size);
    if (damage.path != path || begin >= stop) continue;
    const auto at = static_cast<size_t>(begin - offset);
    const auto size = static_cast<size_t>(stop - begin);
    switch (damage.kind) {
      case DamageKind::kUnreadable:
        ++effects_.damaged_reads;
        return Internal(Format("disk: read %s: a bad sector", path));
      case DamageKind::kFlipped:
        if (begin == damage.offset) {
          bytes[at] = static_cast<char>(static_cast<uint8_t>(bytes[at]) ^ damage.mask);
        }
        break;
      case DamageKind::kZeros:
        bytes.replace(at, size, size, '\0');
        break;
      case DamageKind::kElsewhere: {
        Bytes other;
        image.Read(damage.other + (begin - damage.offset), size, other);
        other.resize(size);
        bytes.replace(at, size, other);
        break;
      }
    }
  }
  if (bytes != before) ++effects_.damaged_reads;
  return absl::OkStatus();
}

// A disk puts what is written in place of what it cannot read.
void SimDisk::RepairWritten(std::string_view path, uint64_t offset, uint64_t size) {
  std::erase_if(damage_, [&](const DiskDamage& damage) {
    return damage.path == path && damage.offset < offset + size &&
           offset < damage.offset + damage.size;
  });
}

absl::Status SimDisk::Reserve(const Inode& inode, uint64_t size, std::string_view path) {
  const uint64_t present = Charge(inode.image.size());
  const uint64_t wanted = Charge(size);
  if (wanted <= present) return absl::OkStatus();
  const uint64_t used = used_bytes();
  if (used <= faults_.capacity_bytes && wanted - present <= faults_.capacity_bytes - used) {
    return absl::OkStatus();
  }
  ++effects_.refused_writes;
  return Unavailable(Format("disk: %s: no space left", path));
}

absl::StatusOr<std::unique_ptr<env::File>> SimDisk::Open(const std::string& path, bool create) {
  auto entry = names_.find(path);
  if (entry != names_.end() || !create) {
    QUORATE_RETURN_IF_ERROR(Enter(Kind::kRead, path, 0));
    if (entry == names_.end()) return FailedPrecondition(Format("disk: %s: no such file", path));
  } else {
    QUORATE_RETURN_IF_ERROR(Enter(Kind::kEntry, path, 0));
    const InodeId id = next_inode_++;
    inodes_.try_emplace(id);
    ChangeEntry({.from = {}, .to = path, .inode = id});
    entry = names_.find(path);
  }
  return std::unique_ptr<env::File>(std::make_unique<SimFile>(*this, entry->second, path));
}

absl::Status SimDisk::Remove(const std::string& path) {
  QUORATE_RETURN_IF_ERROR(Enter(Kind::kEntry, path, 0));
  const auto entry = names_.find(path);
  if (entry == names_.end()) return FailedPrecondition(Format("disk: %s: no such file", path));
  ChangeEntry({.from = path, .to = {}, .inode = entry->second});
  return absl::OkStatus();
}

absl::Status SimDisk::Rename(const std::string& from, const std::string& to) {
  QUORATE_RETURN_IF_ERROR(Enter(Kind::kEntry, from, 0));
  const auto entry = names_.find(from);
  if (entry == names_.end()) return FailedPrecondition(Format("disk: %s: no such file", from));
  if (from != to) ChangeEntry({.from = from, .to = to, .inode = entry->second});
  return absl::OkStatus();
}

absl::StatusOr<bool> SimDisk::Exists(const std::string& path) {
  QUORATE_RETURN_IF_ERROR(Enter(Kind::kRead, path, 0));
  return names_.contains(path);
}

absl::StatusOr<std::vector<std::string>> SimDisk::List() {
  QUORATE_RETURN_IF_ERROR(Enter(Kind::kRead, "directory", 0));
  std::vector<std::string> names;
  for (const auto& [name, inode] : names_) names.push_back(name);
  return names;
}

absl::Status SimDisk::SyncDirectory() {
  QUORATE_RETURN_IF_ERROR(Enter(Kind::kSyncDirectory, "directory", 0));
  stable_names_ = names_;
  pending_.clear();
  CollectGarbage();
  return absl::OkStatus();
}

void SimDisk::Apply(const EntryChange& change, Names& names) {
  if (!change.from.empty()) names.erase(change.from);
  if (!change.to.empty()) names[change.to] = change.inode;
}

void SimDisk::ChangeEntry(EntryChange change) {
  Apply(change, names_);
  pending_.push_back(std::move(change));
  if (pending_.size() > kPendingEntriesMax) {
    Apply(pending_.front(), stable_names_);
    pending_.erase(pending_.begin());
  }
}

// A journaling file system keeps the order of directory changes, so a crash keeps a prefix of them.
void SimDisk::Crash(uint64_t draws) {
  ++effects_.crashes;
  const uint64_t kept = Scale(KeyedHash(seed_, draws, 0), pending_.size() + 1);
  effects_.lost_entries += pending_.size() - kept;
  for (uint64_t i = 0; i < kept; ++i) Apply(pending_[i], stable_names_);
  pending_.clear();
  names_ = stable_names_;
  for (auto& [id, inode] : inodes_) inode.image.Crash(KeyedHash(seed_, draws, 1, id), effects_);
  DropOpenFiles();
}

void SimDisk::Kill() {
  ++effects_.kills;
  DropOpenFiles();
}

void SimDisk::RestoreFrom(const SimDisk& image) {
  inodes_ = image.inodes_;
  names_ = image.names_;
  stable_names_ = image.stable_names_;
  pending_ = image.pending_;
  next_inode_ = image.next_inode_;
  DropOpenFiles();
}

void SimDisk::DropOpenFiles() {
  ++generation_;
  frozen_ = false;
  changes_left_.reset();
  time_left_.reset();
  for (auto& [id, inode] : inodes_) inode.handles = 0;
  CollectGarbage();
}

void SimDisk::CollectGarbage() {
  std::set<InodeId> live;
  for (const auto& [name, id] : names_) live.insert(id);
  for (const auto& [name, id] : stable_names_) live.insert(id);
  for (const EntryChange& change : pending_) live.insert(change.inode);
  std::erase_if(inodes_, [&](const auto& entry) {
    return entry.second.handles == 0 && !live.contains(entry.first);
  });
}

bool SimDisk::Rot(const std::string& path, uint64_t offset, uint8_t mask) {
  const auto entry = names_.find(path);
  if (entry == names_.end() || offset >= inodes_[entry->second].image.size()) return false;
  inodes_[entry->second].image.Rot(offset, mask);
  ++effects_.rotten_bytes;
  return true;
}

Duration SimDisk::TakeLatency() { return std::exchange(latency_, Duration(0)); }

uint64_t SimDisk::used_bytes() const {
  // Names share no inode; a removed file's room is free at once.
  uint64_t used = 0;
  for (const auto& [name, id] : names_) used += Charge(inodes_.at(id).image.size());
  return used;
}

uint64_t SimDisk::resident_bytes() const {
  uint64_t pages = 0;
  for (const auto& [id, inode] : inodes_) pages += inode.image.pages();
  return pages * kDiskPageBytes;
}

std::vector<std::string> SimDisk::FileNames() const {
  std::vector<std::string> names;
  for (const auto& [name, inode] : names_) names.push_back(name);
  return names;
}

std::optional<Bytes> SimDisk::Content(const std::string& path) const {
  const auto entry = names_.find(path);
  if (entry == names_.end()) return std::nullopt;
  const FileImage& image = inodes_.at(entry->second).image;
  Bytes content;
  image.Read(0, static_cast<size_t>(image.size()), content);
  return content;
}

}  // namespace quorate::sim
