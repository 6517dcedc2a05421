// SPDX-License-Identifier: Apache-2.0
// Walks over all keys, once everything was read: each walker makes a SCAN from end to end in steps
// of its own size, then KEYS and DBSIZE. A walk that fails begins anew.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "sim/client/operation_source.h"

namespace quorate::sim {

class WalkSource final : public TaskSource {
 public:
  // These clients walk, one request at a time.
  WalkSource(uint64_t seed, const std::vector<uint32_t>& clients);
  std::optional<Operation> Next(uint32_t client, uint64_t number) override;
  void Finished(uint32_t client, const Operation& operation, const resp::Reply* reply) override;
  [[nodiscard]] bool done() const override;
  [[nodiscard]] const std::optional<Bytes>& given_up() const override { return given_up_; }
  [[nodiscard]] std::string left() const override { return "a walk is under way"; }

 private:
  enum class Stage : uint8_t { kScan, kKeys, kCount, kDone };
  struct Walker {
    Stage stage = Stage::kScan;
    Bytes cursor = "0";
    Bytes count;
    uint32_t attempts = 0;
  };
  std::map<uint32_t, Walker> walkers_;  // by client
  std::optional<Bytes> given_up_;
};

}  // namespace quorate::sim
