// SPDX-License-Identifier: Apache-2.0
// Where the peers of a node are. Names are resolved on a thread of its own, which starts with the
// first name that is asked for, so no shard ever waits for a name server.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <thread>

#include "engine/base/ids.h"
#include "io/reactor/mutex.h"

namespace quorate::io {

class PeerAddresses {
 public:
  PeerAddresses() = default;
  ~PeerAddresses();
  PeerAddresses(const PeerAddresses&) = delete;
  PeerAddresses& operator=(const PeerAddresses&) = delete;

  void Set(NodeId peer, std::string address);
  // The address in numbers; nothing where the peer has none, or its name is being resolved: ask
  // again later.
  [[nodiscard]] std::optional<std::string> Find(NodeId peer);
  // As it was given.
  [[nodiscard]] std::string TextOf(NodeId peer) const;
  // The address did not work: resolve the name again when it is asked for next.
  void Forget(NodeId peer);

 private:
  struct Entry {
    std::string text;
    std::string numeric;  // empty: to be resolved
    bool wanted = false;
  };
  void Resolve();

  mutable Mutex mutex_;
  Condition changed_;
  std::map<NodeId, Entry> entries_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace quorate::io
