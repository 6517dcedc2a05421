// SPDX-License-Identifier: Apache-2.0
// One seed: a server node, a node that sends it frames, and clients of every manner, each a process
// of its own over a simulated kernel; first under faults, then without. Run says what went wrong.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/io/kernel/client_actor.h"
#include "tests/io/kernel/link_node.h"
#include "tests/io/kernel/server_node.h"

namespace quorate::io {

struct WorldResult {
  std::vector<std::string> failures;
  uint64_t hash = 0;  // of all calls
  uint64_t calls = 0;
  FaultCounts faults{};
  uint64_t replies_complete = 0;
  uint64_t frames = 0;
  uint64_t evicted = 0;
  size_t buffered_most = 0;  // by one client
  uint64_t refused = 0;
  bool tls = false;
};

class KernelWorld {
 public:
  explicit KernelWorld(uint64_t seed);
  WorldResult Run();

 private:
  void MakeClients();
  template <typename Node>
  void OpenNode(Node& node);
  void RunUntil(Instant until);
  bool Turn();
  void ServerTurn();
  void LinkTurn();
  void Check(bool holds, const std::string& what);
  void CheckFrames();
  void CheckClients();
  void CheckBackoff();
  void Heal();
  void CheckQuiet();
  void CheckEnd();
  [[nodiscard]] bool AllFinished() const;

  const uint64_t seed_;
  Prng draws_;
  const bool tls_;
  SimNetwork network_;
  SimKernel server_kernel_;
  SimKernel link_kernel_;
  SimKernel client_kernel_;
  ClientLimits limits_;
  std::unique_ptr<ServerNode> server_;
  std::unique_ptr<LinkNode> link_;
  std::vector<std::unique_ptr<ClientActor>> clients_;
  bool faults_over_ = false;
  bool sends_ = true;
  bool stranger_peer_ = false;
  Instant send_at_{};
  std::set<uint64_t> seen_;
  std::map<uint64_t, uint64_t> last_;  // the number of the last message, by connection
  uint64_t server_rounds_ = 0;
  WorldResult result_;
};

}  // namespace quorate::io
