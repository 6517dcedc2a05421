// SPDX-License-Identifier: Apache-2.0
#include "sim/client/probe_source.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "sim/client/limits.h"

namespace quorate::sim {

ProbeSource::ProbeSource(std::vector<Bytes> keys, const std::vector<uint32_t>& clients,
                         MayLackQuorum may_lack)
    : keys_(std::move(keys)), may_lack_(std::move(may_lack)) {
  QUORATE_CHECK(!keys_.empty());
  for (const uint32_t client : clients) probers_.try_emplace(client);
}

// A write of each key and then a read of it. Each prober begins with another key, so that they are
// not all in each other's way.
std::optional<Operation> ProbeSource::Next(uint32_t client, uint64_t /*number*/) {
  const auto at = probers_.find(client);
  if (at == probers_.end() || at->second.done >= operations()) return std::nullopt;
  const Prober& prober = at->second;
  const Bytes& key = keys_[(client + prober.done / 2) % keys_.size()];
  if (prober.done % 2 != 0) return Operation{{"GET", key}, {}};
  return Operation{{"SET", key, Format("p%u.%u.%u", client, prober.done, prober.attempts)}, {}};
}

void ProbeSource::Finished(uint32_t client, const Operation& operation, const resp::Reply* reply) {
  Prober& prober = probers_[client];
  const Bytes& key = operation.command[1];
  const bool over =
      reply != nullptr && (!reply->IsError() || (SaysNoQuorum(*reply) && may_lack_(client, key)));
  if (over) {
    ++prober.done;
    prober.attempts = 0;
  } else if (reply == nullptr || ++prober.attempts >= kProbeAttemptsMax) {
    given_up_ = Format("%s of %s: %s", operation.command[0], key,
                       reply == nullptr ? Bytes("no answer") : reply->text);
  }
}

bool ProbeSource::done() const {
  return std::all_of(probers_.begin(), probers_.end(),
                     [this](const auto& entry) { return entry.second.done >= operations(); });
}

}  // namespace quorate::sim
