// SPDX-License-Identifier: Apache-2.0
#include "sim/check/value_table.h"

#include "engine/base/check.h"
#include "engine/hash/digest.h"

namespace quorate::sim::check {
namespace {

constexpr uint64_t kHashSeed = 0x6b1d;
constexpr size_t kFirstSlots = 64;

}  // namespace

size_t ValueTable::SlotOf(std::string_view text, uint64_t hash) const {
  const size_t mask = slots_.size() - 1;
  size_t slot = hash & mask;
  while (slots_[slot] != kNil) {
    const Entry& entry = entries_[slots_[slot]];
    if (entry.hash == hash && this->text(slots_[slot]) == text) break;
    slot = (slot + 1) & mask;
  }
  return slot;
}

void ValueTable::Grow() {
  const size_t wanted = slots_.empty() ? kFirstSlots : slots_.size() * 2;
  slots_.assign(wanted, kNil);
  for (ValueId id = 1; id < entries_.size(); ++id) {
    size_t slot = entries_[id].hash & (wanted - 1);
    while (slots_[slot] != kNil) slot = (slot + 1) & (wanted - 1);
    slots_[slot] = id;
  }
}

ValueId ValueTable::Intern(std::string_view text) {
  if (entries_.size() * 2 >= slots_.size()) Grow();
  const uint64_t hash = hash::Digest(text, kHashSeed);
  const size_t slot = SlotOf(text, hash);
  if (slots_[slot] != kNil) return slots_[slot];
  QUORATE_CHECK(bytes_.size() + text.size() <= UINT32_MAX);
  QUORATE_CHECK(entries_.size() < UINT32_MAX);
  const auto id = static_cast<ValueId>(entries_.size());
  entries_.push_back(
      {static_cast<uint32_t>(bytes_.size()), static_cast<uint32_t>(text.size()), hash});
  bytes_.append(text);
  slots_[slot] = id;
  return id;
}

std::optional<ValueId> ValueTable::Find(std::string_view text) const {
  if (slots_.empty()) return std::nullopt;
  const ValueId id = slots_[SlotOf(text, hash::Digest(text, kHashSeed))];
  if (id == kNil) return std::nullopt;
  return id;
}

}  // namespace quorate::sim::check
