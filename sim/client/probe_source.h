// SPDX-License-Identifier: Apache-2.0
// Probes what a core that has healed can still do: each prober writes and reads a few keys of the
// probes' own at a level of its own. Each is tried until it succeeds, or until an error says that
// there is no quorum and that may be so; to get no answer at all is to give up.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "sim/client/operation_source.h"

namespace quorate::sim {

class ProbeSource final : public TaskSource {
 public:
  // These clients probe, one request at a time.
  ProbeSource(std::vector<Bytes> keys, const std::vector<uint32_t>& clients,
              MayLackQuorum may_lack);
  std::optional<Operation> Next(uint32_t client, uint64_t number) override;
  void Finished(uint32_t client, const Operation& operation, const resp::Reply* reply) override;
  [[nodiscard]] bool done() const override;
  // What was not answered is given up at once.
  [[nodiscard]] const std::optional<Bytes>& given_up() const override { return given_up_; }
  [[nodiscard]] std::string left() const override { return "some are under way"; }

 private:
  struct Prober {
    uint32_t done = 0;  // operations
    uint32_t attempts = 0;
  };
  [[nodiscard]] size_t operations() const { return keys_.size() * 2; }

  const std::vector<Bytes> keys_;
  const MayLackQuorum may_lack_;
  std::map<uint32_t, Prober> probers_;  // by client
  std::optional<Bytes> given_up_;
};

}  // namespace quorate::sim
