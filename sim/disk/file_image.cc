// SPDX-License-Identifier: Apache-2.0
#include "sim/disk/file_image.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "engine/base/check.h"
#include "engine/base/random.h"

namespace quorate::sim {
namespace {

bool AllZeros(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char byte) { return byte == 0; });
}

uint8_t SectorBit(size_t sector) { return static_cast<uint8_t>(1u << sector); }

}  // namespace

uint64_t FileImage::unsynced_bytes() const {
  uint64_t sectors = 0;
  for (const auto& [index, page] : cached_) {
    sectors += static_cast<uint64_t>(std::popcount(page.dirty));
  }
  return sectors * kDiskSectorBytes;
}

void FileImage::Read(uint64_t offset, size_t size, Bytes& out) const {
  out.clear();
  if (offset >= size_) return;
  out.assign(static_cast<size_t>(std::min<uint64_t>(size, size_ - offset)), '\0');
  size_t done = 0;
  while (done < out.size()) {
    const uint64_t index = (offset + done) / kDiskPageBytes;
    const size_t from = static_cast<size_t>((offset + done) % kDiskPageBytes);
    const size_t count = std::min(out.size() - done, kDiskPageBytes - from);
    if (const auto cached = cached_.find(index); cached != cached_.end()) {
      std::memcpy(out.data() + done, cached->second.bytes.data() + from, count);
    } else if (const auto stable = stable_.find(index); stable != stable_.end()) {
      std::memcpy(out.data() + done, stable->second.data() + from, count);
    }
    done += count;
  }
}

FileImage::CachedPage& FileImage::CachePage(uint64_t index) {
  const auto [page, fresh] = cached_.try_emplace(index);
  if (fresh) {
    const auto stable = stable_.find(index);
    if (stable != stable_.end()) {
      page->second.bytes = stable->second;
    } else {
      page->second.bytes.fill('\0');
    }
  }
  return page->second;
}

void FileImage::WriteToPage(uint64_t index, size_t from, std::string_view bytes) {
  // Zeros over nothing change nothing: this keeps files that are filled with zeros ahead of use
  // free.
  if (!cached_.contains(index) && !stable_.contains(index) && AllZeros(bytes)) return;
  CachedPage& page = CachePage(index);
  std::memcpy(page.bytes.data() + from, bytes.data(), bytes.size());
  for (size_t sector = from / kDiskSectorBytes; sector * kDiskSectorBytes < from + bytes.size();
       ++sector) {
    page.dirty = static_cast<Sectors>(page.dirty | SectorBit(sector));
    page.abandoned = static_cast<Sectors>(page.abandoned & ~SectorBit(sector));
  }
}

void FileImage::Write(uint64_t offset, std::string_view bytes) {
  size_ = std::max(size_, offset + bytes.size());
  while (!bytes.empty()) {
    const size_t from = static_cast<size_t>(offset % kDiskPageBytes);
    const size_t count = std::min(bytes.size(), kDiskPageBytes - from);
    WriteToPage(offset / kDiskPageBytes, from, bytes.substr(0, count));
    bytes.remove_prefix(count);
    offset += count;
  }
}

void FileImage::Grow(uint64_t size) { size_ = std::max(size_, size); }

void FileImage::Truncate(uint64_t size) {
  // The cut part is overwritten with zeros, so that it reads as zeros if the file grows again; on
  // the disk it may come back with a crash, until a sync.
  if (size < size_) {
    const uint64_t first = size / kDiskPageBytes;
    const size_t from = static_cast<size_t>(size % kDiskPageBytes);
    const PageBytes zeros = {};
    const auto zero_page = [&](uint64_t index) {
      const size_t begin = index == first ? from : 0;
      if (begin < kDiskPageBytes) {
        WriteToPage(index, begin, std::string_view(zeros.data(), kDiskPageBytes - begin));
      }
    };
    for (auto page = stable_.lower_bound(first); page != stable_.end(); ++page)
      zero_page(page->first);
    for (auto page = cached_.lower_bound(first); page != cached_.end(); ++page)
      zero_page(page->first);
  }
  size_ = size;
}

void FileImage::StoreSectors(uint64_t index, const CachedPage& page, Sectors sectors) {
  if (sectors == 0) return;
  const auto [stable, fresh] = stable_.try_emplace(index);
  if (fresh) stable->second.fill('\0');
  for (size_t sector = 0; sector < kSectorsPerPage; ++sector) {
    if ((sectors & SectorBit(sector)) == 0) continue;
    const size_t from = sector * kDiskSectorBytes;
    std::memcpy(stable->second.data() + from, page.bytes.data() + from, kDiskSectorBytes);
  }
  if (AllZeros({stable->second.data(), kDiskPageBytes})) stable_.erase(stable);
}

void FileImage::Sync() {
  for (auto page = cached_.begin(); page != cached_.end();) {
    StoreSectors(page->first, page->second, page->second.dirty);
    page->second.dirty = 0;
    page = page->second.abandoned == 0 ? cached_.erase(page) : std::next(page);
  }
  stable_size_ = size_;
}

void FileImage::FailSync() {
  for (auto& [index, page] : cached_) {
    page.abandoned = static_cast<Sectors>(page.abandoned | page.dirty);
    page.dirty = 0;
  }
}

void FileImage::KeepCachedSectors(uint64_t draws, DiskEffects& effects) {
  // One chance per file and crash, 0 and 1 included: files that are whole, gone, or torn.
  const uint64_t chance = Scale(KeyedHash(draws, 1), 5);
  uint64_t kept = 0;
  uint64_t lost = 0;
  for (const auto& [index, page] : cached_) {
    Sectors keep = 0;
    for (size_t sector = 0; sector < kSectorsPerPage; ++sector) {
      if ((page.dirty & SectorBit(sector)) == 0) continue;
      const bool survives = Scale(KeyedHash(draws, 2, index, sector), 4) < chance;
      if (survives) keep = static_cast<Sectors>(keep | SectorBit(sector));
    }
    StoreSectors(index, page, keep);
    kept += static_cast<uint64_t>(std::popcount(keep));
    lost += static_cast<uint64_t>(std::popcount(page.dirty) + std::popcount(page.abandoned) -
                                  std::popcount(keep));
  }
  effects.kept_sectors += kept;
  effects.lost_sectors += lost;
  if (kept > 0 && lost > 0) ++effects.torn_files;
}

void FileImage::Crash(uint64_t draws, DiskEffects& effects) {
  KeepCachedSectors(draws, effects);
  cached_.clear();
  if (size_changed()) {
    if (Scale(KeyedHash(draws, 3), 2) == 0) {
      size_ = stable_size_;
      ++effects.lost_sizes;
    } else {
      stable_size_ = size_;
    }
  }
  DropBeyondSize();
}

void FileImage::DropBeyondSize() {
  const uint64_t last = size_ / kDiskPageBytes;
  const size_t from = static_cast<size_t>(size_ % kDiskPageBytes);
  stable_.erase(stable_.upper_bound(last), stable_.end());
  const auto page = stable_.find(last);
  if (page == stable_.end()) return;
  std::memset(page->second.data() + from, 0, kDiskPageBytes - from);
  if (AllZeros({page->second.data(), kDiskPageBytes})) stable_.erase(page);
}

void FileImage::Rot(uint64_t offset, uint8_t mask) {
  QUORATE_CHECK(offset < size_);
  const uint64_t index = offset / kDiskPageBytes;
  const size_t at = static_cast<size_t>(offset % kDiskPageBytes);
  const auto flip = [&](char& byte) {
    byte = static_cast<char>(static_cast<uint8_t>(byte) ^ mask);
  };
  const auto [stable, fresh] = stable_.try_emplace(index);
  if (fresh) stable->second.fill('\0');
  flip(stable->second[at]);
  if (AllZeros({stable->second.data(), kDiskPageBytes})) stable_.erase(stable);
  if (const auto cached = cached_.find(index); cached != cached_.end())
    flip(cached->second.bytes[at]);
}

}  // namespace quorate::sim
