// SPDX-License-Identifier: Apache-2.0
// Probes what a core that has healed can still do: each prober writes and reads a few keys of the
// probes' own at a level of its own. Each is tried until it succeeds, or until an error says that
// there is no quorum and that may be so; to get no answer at all is to give up.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/client/operation_source.h"

namespace quorate::sim {

class ProbeSource final : public OperationSource {
 public:
  // Clients below `probers` probe, one request at a time.
  ProbeSource(std::vector<Bytes> keys, uint32_t probers, MayLackQuorum may_lack);
  std::optional<Operation> Next(uint32_t client, uint64_t number) override;
  void Finished(uint32_t client, const Operation& operation, const resp::Reply* reply) override;
  [[nodiscard]] bool done() const;
  // What was not answered, or not done in all its attempts, and the last answer.
  [[nodiscard]] const std::optional<Bytes>& given_up() const { return given_up_; }

 private:
  struct Prober {
    uint32_t done = 0;  // operations
    uint32_t attempts = 0;
  };
  [[nodiscard]] size_t operations() const { return keys_.size() * 2; }

  const std::vector<Bytes> keys_;
  const MayLackQuorum may_lack_;
  std::vector<Prober> probers_;
  std::optional<Bytes> given_up_;
};

}  // namespace quorate::sim
