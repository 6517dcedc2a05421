// SPDX-License-Identifier: Apache-2.0
// A disk in memory that does what disks do to databases: it loses what was not synced, in sectors
// and in directory entries; it returns errors, fills up and slows down; its bytes rot. Everything
// it decides is a function of the seed and of what was asked of it, and every effect is counted.
//
// A call of a storage backend runs at one virtual instant. `CrashAfter(k)` lets k more changes
// through and then freezes the disk, so that a crash keeps exactly the operations that had
// finished; the backend sees errors until it is destroyed. Then `Crash` (power loss) or `Kill` (the
// process died, the kernel did not) makes the disk usable for the next start. Files opened before
// that only return errors.
//
// The disk is a value apart from its open files: copying it is a snapshot of the image.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/env/file_system.h"
#include "sim/disk/disk_model.h"
#include "sim/disk/file_image.h"

namespace quorate::sim {

class SimDisk final : public env::FileSystem {
 public:
  explicit SimDisk(uint64_t seed, DiskModel model = {}) : seed_(seed), model_(model) {}

  // Replaces this disk's files by those of `image`; open files go stale.
  void RestoreFrom(const SimDisk& image);

  absl::StatusOr<std::unique_ptr<env::File>> Open(const std::string& path, bool create) override;
  absl::Status Remove(const std::string& path) override;
  absl::Status Rename(const std::string& from, const std::string& to) override;
  absl::StatusOr<bool> Exists(const std::string& path) override;
  absl::StatusOr<std::vector<std::string>> List() override;
  absl::Status SyncDirectory() override;

  // Lets `changes` more operations that change the disk succeed, and fails everything after.
  void CrashAfter(uint64_t changes) { changes_left_ = changes; }
  // Freezes the disk before the first operation that would end later than this after the last
  // TakeLatency: for a crash at a known time.
  void CrashAfterLatency(Duration time) { time_left_ = time; }
  [[nodiscard]] bool frozen() const { return frozen_; }
  // Power loss. `draws` keys what survives of the unsynced.
  void Crash(uint64_t draws);
  // The process died: nothing is lost but the open files.
  void Kill();

  void set_faults(const DiskFaults& faults) { faults_ = faults; }
  void set_model(const DiskModel& model) { model_ = model; }
  [[nodiscard]] const DiskFaults& faults() const { return faults_; }
  // In place of all damage that there was.
  void SetDamage(std::vector<DiskDamage> damage) { damage_ = std::move(damage); }
  [[nodiscard]] const std::vector<DiskDamage>& damage() const { return damage_; }
  // Flips bits of one byte of a file. False where there is no such byte.
  bool Rot(const std::string& path, uint64_t offset, uint8_t mask);

  // The time that all operations since the last call took.
  Duration TakeLatency();
  [[nodiscard]] const DiskEffects& effects() const { return effects_; }
  // Operations that changed the disk, for choosing a CrashAfter.
  [[nodiscard]] uint64_t changes() const { return changes_; }
  [[nodiscard]] uint64_t used_bytes() const;
  // Memory that the content takes.
  [[nodiscard]] uint64_t resident_bytes() const;
  [[nodiscard]] std::vector<std::string> FileNames() const;
  // The content as the next read would see it; nothing where there is no such file.
  [[nodiscard]] std::optional<Bytes> Content(const std::string& path) const;

 private:
  friend class SimFile;
  using InodeId = uint64_t;
  enum class Kind : uint8_t { kRead, kWrite, kAllocate, kSync, kEntry, kSyncDirectory };
  struct Inode {
    FileImage image;
    uint64_t operations = 0;  // keys the draws of its faults
    uint32_t handles = 0;
  };
  // One change of the directory that no sync covers yet. Nothing at `from` means a creation,
  // nothing at `to` a removal.
  struct EntryChange {
    std::string from;
    std::string to;
    InodeId inode = 0;
  };
  using Names = std::map<std::string, InodeId>;

  // Passes an operation through the gate: time, crash point, drawn errors.
  absl::Status Enter(Kind kind, std::string_view path, uint64_t bytes, bool grown = false);
  absl::Status EnterFile(Kind kind, InodeId id, uint64_t generation, std::string_view path,
                         uint64_t bytes);
  absl::Status DrawError(Kind kind, InodeId id, Inode& inode, std::string_view path);
  absl::Status Reserve(const Inode& inode, uint64_t size, std::string_view path);
  absl::Status Damage(std::string_view path, const FileImage& image, uint64_t offset, Bytes& bytes);
  void RepairWritten(std::string_view path, uint64_t offset, uint64_t size);
  void AddLatency(Kind kind, uint64_t bytes, bool grown);
  void ChangeEntry(EntryChange change);
  static void Apply(const EntryChange& change, Names& names);
  void DropOpenFiles();
  void CollectGarbage();

  uint64_t seed_;
  DiskModel model_;
  DiskFaults faults_;
  DiskEffects effects_;
  std::vector<DiskDamage> damage_;
  std::map<InodeId, Inode> inodes_;
  Names names_;
  Names stable_names_;
  std::vector<EntryChange> pending_;  // from stable_names_ to names_, in order
  InodeId next_inode_ = 1;
  uint64_t generation_ = 0;  // files of an older one are stale
  uint64_t changes_ = 0;
  std::optional<uint64_t> changes_left_;
  std::optional<Duration> time_left_;
  bool frozen_ = false;
  Duration latency_{0};
};

}  // namespace quorate::sim
