// SPDX-License-Identifier: Apache-2.0
// A pool's part of this shard as its clients see it: takes their requests in order, splits those
// over several keys, has each part executed here or at another replica, and puts the replies
// together.
//
// What is executed here at once costs no allocation; only what must wait gets a Pending record. A
// request on a key of which an earlier request of the same client is executed elsewhere waits for
// it, so a pipeline means what it says. For the same reason nothing of a client on any key begins
// while a request of its own is under way that takes several steps (RENAME, MSETNX).
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/footprint.h"
#include "engine/commands/key_positions.h"
#include "engine/commands/server.h"
#include "engine/node/command_statistics.h"
#include "engine/node/keyspace_walks.h"
#include "engine/node/replica.h"
#include "engine/node/request_parts.h"
#include "engine/node/request_port.h"

namespace quorate::node {

class Frontend final : public RequestPort, public commands::Server {
 public:
  // What the whole shard knows and a pool does not.
  struct Host {
    std::function<absl::Status(std::span<const commands::ConfigChange>)> set_config;
    std::function<void()> reset_statistics;
    std::function<std::vector<std::string>(std::string_view)> info;
  };

  Frontend(ShardState& shard, const PoolOptions& options, const topology::PoolSpec& spec,
           Replica& replica, Host host);

  // RequestPort
  void Attach(commands::Client& client) override;
  void Detach(commands::Client& client) override;
  void AddArgument(std::string_view argument) override { arguments_.push_back(argument); }
  commands::RequestSlot EndRequest(commands::Client& client) override;
  [[nodiscard]] size_t bulk_bytes_max() const override;
  [[nodiscard]] bool RequiresAuth(const commands::Client& client) const override;

  // commands::Server
  [[nodiscard]] Clocks clocks() const override { return shard_.tick.clocks; }
  [[nodiscard]] const commands::ConfigTable& config() const override { return shard_.config; }
  absl::Status ConfigSet(std::span<const commands::ConfigChange> changes) override;
  void ConfigResetStatistics() override { host_.reset_statistics(); }
  [[nodiscard]] std::vector<std::string> InfoSection(std::string_view section) const override;
  [[nodiscard]] bool CheckPassword(std::string_view user, std::string_view password) const override;
  [[nodiscard]] bool RequiresPassword() const override { return !options_.password.empty(); }
  void ForEachClient(const std::function<void(commands::Client&)>& visit) override;
  void CloseClient(commands::Client& client) override { client.Close(); }
  [[nodiscard]] std::string_view pool_name() const override { return spec_.name; }
  [[nodiscard]] topology::Consistency read_consistency() const override { return options_.read; }
  [[nodiscard]] topology::Consistency write_consistency() const override { return options_.write; }

  // Executes what the clients handed over in this tick, in order.
  void ExecuteRequests();
  // An operation that the replica ran for this frontend has ended.
  void Finished(uint64_t ticket, Bytes tape) { parts_.Finished(ticket, std::move(tape)); }
  void Deliver(const wire::ExecuteReply& reply) { parts_.Deliver(reply); }
  [[nodiscard]] KeyspaceWalks& walks() { return walks_; }
  void FireTimers();
  [[nodiscard]] Instant NextDeadline() const;
  void AddTo(Footprint& footprint) const {
    footprint.Add(*this, pending_);
    walks_.AddTo(footprint);
    parts_.AddTo(footprint);
  }
  // Clients with replies in this tick, each once; forgets them. Valid until the next call.
  std::span<commands::Client* const> TakeTouched();
  // Answers the client from a walk, or from wherever its request had waited. `executed`: the
  // command that fails where the reply is an error; null where it was refused.
  void AnswerClient(ClientId client, commands::RequestSlot slot, const commands::Command* executed,
                    const std::function<void(commands::ReplySink&)>& write);
  // The replicas of a place in the order in which this node asks them.
  [[nodiscard]] std::vector<NodeId> CandidatesFor(Place place, bool one_order) const {
    return parts_.CandidatesFor(place, one_order);
  }
  // Deletes keys at the pool's write level, for a walk; it is told when all are done.
  void DeleteKeys(uint64_t walk, std::vector<Bytes> keys);
  commands::Client* FindClient(ClientId id);

  [[nodiscard]] size_t pending() const { return pending_.size(); }
  [[nodiscard]] size_t clients() const { return clients_.size(); }
  [[nodiscard]] uint64_t commands() const { return commands_; }
  [[nodiscard]] uint64_t error_replies() const { return statistics_.errors(); }
  void ResetStatistics();
  [[nodiscard]] uint64_t failures() const { return parts_.failures(); }

  // Finds the session that serves a client from now on; the state of the client is set in it.
  using FindSession = std::function<commands::Client*(ClientId)>;
  // Between ticks; no client has handed over a request since.
  void Save(Bytes& out, bool hides) const;
  absl::Status Load(ByteReader& reader, const FindSession& find);

 private:
  struct Request {
    commands::Client* client = nullptr;  // null: detached meanwhile
    commands::RequestSlot slot;
    uint32_t first_argument = 0;
    uint32_t arguments = 0;
    const commands::Command* command = nullptr;  // null: not resolved yet
    uint32_t key_index = 0;                      // 0: none, or not known yet
    Place place;
  };
  // A client request that could not be answered at once.
  struct Pending {
    ClientId client;
    commands::RequestSlot slot;
    const commands::Command* command = nullptr;
    std::vector<Bytes> args;
    commands::KeyPositions keys;  // in `args`
    std::vector<Bytes> tapes;     // of the parts, in order
    size_t open = 0;
    bool probing = false;   // Split::kUnlessHeld: the parts so far only ask
    bool stepping = false;  // Split::kSteps: `tapes` are replies to a step, not yet the client's
    size_t step = 0;
    Bytes memory;       // of the steps
    uint64_t walk = 0;  // made by a walk over all keys, not by a client
    topology::ConsistencyOverride levels;
  };

  static void SavePending(const Pending& pending, Bytes& out, bool hides);
  static absl::StatusOr<Pending> LoadPending(ByteReader& reader);
  void Execute(Request& request);
  bool Unwrap(Request& request, topology::ConsistencyOverride& levels);
  [[nodiscard]] std::string_view RefuseEarly(const commands::Client& client,
                                             const commands::Command& command) const;
  void AnswerError(const Request& request, std::string_view text);
  void ExecuteConnection(const Request& request);
  [[nodiscard]] bool WaitsForEarlier(const Request& request) const;
  bool ExecuteHere(const Request& request, const topology::ConsistencyOverride& levels);
  bool ExecuteSplitHere(const Request& request);
  [[nodiscard]] bool LocalCopySuffices(const Request& request,
                                       const topology::ConsistencyOverride& levels);
  void StartPending(Pending pending);
  void StartParts(uint64_t id, Pending& pending);
  void NextStep(uint64_t id);
  bool RunStepsHere(const Request& request);
  void AddPart(uint64_t id, const Pending& pending, size_t index, const commands::Command& command,
               std::vector<Bytes> args, size_t key_index);
  void ReleaseHeld(ClientId client);
  void PartDone(const PartId& part, Bytes tape);
  void CompletePending(uint64_t id);
  static void Combine(const Pending& pending, commands::ReplySink& reply);
  [[nodiscard]] topology::Consistency ReadLevel(const topology::ConsistencyOverride& levels) const {
    return levels.read.value_or(options_.read);
  }
  [[nodiscard]] topology::Consistency WriteLevel(
      const topology::ConsistencyOverride& levels) const {
    return levels.write.value_or(options_.write);
  }
  [[nodiscard]] commands::Arguments ArgumentsOf(const Request& request) const {
    return commands::Arguments(arguments_).subspan(request.first_argument, request.arguments);
  }
  void Complete(commands::Client& client, commands::RequestSlot slot,
                const commands::Command* executed);

  ShardState& shard_;
  const PoolOptions& options_;
  const topology::PoolSpec& spec_;
  Replica& replica_;
  std::map<ClientId, commands::Client*> clients_;
  std::vector<std::string_view> arguments_;  // of all requests of the tick
  size_t first_argument_ = 0;                // of the request that is being handed over
  std::vector<Request> requests_;
  std::vector<commands::Client*> touched_;
  std::vector<commands::Client*> taken_;  // by TakeTouched
  std::map<uint64_t, Pending> pending_;
  KeyspaceWalks walks_;
  RequestParts parts_;  // of `pending_`
  // Clients with a request of several steps under way, and their requests that wait for its end.
  std::map<ClientId, std::deque<Pending>> held_;
  size_t held_requests_ = 0;
  Host host_;
  CommandStatistics statistics_;
  uint64_t commands_ = 0;
};

}  // namespace quorate::node
