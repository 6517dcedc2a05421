// SPDX-License-Identifier: Apache-2.0
// The content of one simulated file in two layers: what is on the platter, and what was written
// since, sector by sector. A sync moves the second into the first; a crash moves a drawn part of
// it. A plain value, so that copying it is a snapshot of the file.
//
// Invariants: no stored page of `stable_` is all zeros; every cached page has a dirty or an
// abandoned sector; bytes beyond the size are zeros in both layers.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string_view>

#include "engine/base/codec.h"
#include "sim/disk/disk_model.h"
#include "sim/disk/limits.h"

namespace quorate::sim {

class FileImage {
 public:
  [[nodiscard]] uint64_t size() const { return size_; }
  // Whether a sync would have to write the length too.
  [[nodiscard]] bool size_changed() const { return size_ != stable_size_; }
  [[nodiscard]] uint64_t unsynced_bytes() const;
  // Memory held, in pages of both layers.
  [[nodiscard]] size_t pages() const { return stable_.size() + cached_.size(); }

  // Up to the end of the file.
  void Read(uint64_t offset, size_t size, Bytes& out) const;
  void Write(uint64_t offset, std::string_view bytes);
  void Grow(uint64_t size);
  void Truncate(uint64_t size);

  void Sync();
  // A sync that failed: as on Linux, what it should have written still reads back but is marked
  // clean, so no later sync writes it and a crash loses it.
  void FailSync();
  // Power loss: every unsynced sector is kept or lost by a draw keyed with `draws`, and so is the
  // length.
  void Crash(uint64_t draws, DiskEffects& effects);
  // Flips bits of a byte that is on the disk, behind the back of every cache. Requires: offset <
  // size().
  void Rot(uint64_t offset, uint8_t mask);

 private:
  using PageBytes = std::array<char, kDiskPageBytes>;
  using Sectors = uint8_t;  // one bit each
  struct CachedPage {
    PageBytes bytes;
    Sectors dirty = 0;      // written since the last sync
    Sectors abandoned = 0;  // a failed sync gave it up
  };

  CachedPage& CachePage(uint64_t index);
  void WriteToPage(uint64_t index, size_t from, std::string_view bytes);
  void StoreSectors(uint64_t index, const CachedPage& page, Sectors sectors);
  void DropBeyondSize();
  void KeepCachedSectors(uint64_t draws, DiskEffects& effects);

  std::map<uint64_t, PageBytes> stable_;
  std::map<uint64_t, CachedPage> cached_;
  uint64_t stable_size_ = 0;
  uint64_t size_ = 0;
};

}  // namespace quorate::sim
