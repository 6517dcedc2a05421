// SPDX-License-Identifier: Apache-2.0
// Short numbers for writers, private to one shard's memory: the compact object form stores 4 bytes
// in place of 14. Numbers never leave the process; order and digests use the full WriterId.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/probe_table.h"
#include "engine/base/random.h"

namespace quorate::keyspace {

class WriterTable {
 public:
  // One new entry per writer ever seen in the data: the number of starts of the pool's nodes.
  uint32_t Intern(const WriterId& writer) {
    if (!writers_.empty() && writers_[last_] == writer) return last_;
    const uint64_t hash = HashOf(writer);
    const auto is = [&](uint32_t number) { return writers_[number] == writer; };
    const uint32_t* known = numbers_.Find(hash, is);
    if (known == nullptr) {
      known = &numbers_.Add(hash, static_cast<uint32_t>(writers_.size()));
      writers_.push_back(writer);
    }
    return last_ = *known;
  }
  [[nodiscard]] const WriterId& Find(uint32_t number) const { return writers_[number]; }

  // Values may be stand-ins (stand_in.h): their digests are those of what they stand for. Where
  // digests are made there is always a table of writers, so this is the place to ask.
  void UseStandIns() { stand_ins_ = true; }
  [[nodiscard]] bool stand_ins() const { return stand_ins_; }

 private:
  static uint64_t HashOf(const WriterId& writer) {
    return Mix(writer.node.value, uint64_t{writer.incarnation.value} << 16 | writer.shard.value);
  }

  bool stand_ins_ = false;
  std::vector<WriterId> writers_;  // by number
  ProbeTable<uint32_t> numbers_;
  uint32_t last_ = 0;  // runs of one writer are the common case
};

}  // namespace quorate::keyspace
