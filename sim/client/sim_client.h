// SPDX-License-Identifier: Apache-2.0
// A client of the cluster: connects to a node, sends a batch of commands as bytes, waits for the
// replies or gives up, thinks, and goes on; after a lost connection it tries another node. It knows
// only its own side of the connection; the world carries the bytes.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>
#include <vector>

#include "adapters/resp/client_codec.h"
#include "engine/topology/consistency.h"
#include "sim/client/operation_source.h"
#include "sim/core/draw_epochs.h"
#include "sim/core/sim_time.h"

namespace quorate::sim {

struct ClientConfig {
  Duration think_mean = 100ms;
  Duration timeout = 4s;
  uint32_t pipeline_max = 1;
  uint32_t nodes = 1;       // that it may connect to
  std::vector<bool> avoid;  // by node: not to these, which are not all; empty: to any
  PoolId pool;              // that it speaks to
  // Levels the client sets for its connection; empty: the pool's.
  topology::ConsistencyOverride levels;
};

class SimClient;

// What a client asks of its world.
class ClientHost {
 public:
  virtual ~ClientHost() = default;
  // The answer is OnConnected or OnClosed.
  virtual void Connect(SimClient& client, uint32_t node) = 0;
  virtual void Send(SimClient& client, Bytes bytes) = 0;
  virtual void Disconnect(SimClient& client) = 0;
  // OnWake(generation) at that time.
  virtual void WakeAt(SimClient& client, SimTime time, uint64_t generation) = 0;
  // `operation` stays where it is until Completed.
  virtual void Invoked(SimClient& client, const Operation& operation) = 0;
  // Of the first that was not completed yet. `reply` is null where none came, because of a timeout
  // or of a lost connection.
  virtual void Completed(SimClient& client, const resp::Reply* reply, bool timed_out) = 0;
  // Bytes came that are no reply, or no reply to anything.
  virtual void ProtocolBroken(SimClient& client, std::string_view what) = 0;
};

class SimClient {
 public:
  // `host` outlives the client. Draws are keyed by (seed, id).
  SimClient(DrawSeed seed, uint32_t id, const ClientConfig& config, ClientHost& host)
      : seed_(seed), id_(id), config_(config), host_(host) {}

  // Begins to take operations from `source`, which outlives its use. Requires: idle().
  void Start(OperationSource& source, const ClientConfig& config, SimTime now);
  // Takes no more operations; done when idle().
  void Quiesce() { source_ended_ = true; }
  // Closes the connection of an idle client.
  void Leave();

  void OnConnected(SimTime now);
  void OnClosed(SimTime now);
  void OnBytes(std::string_view bytes, SimTime now);
  // False for a wake-up that was overtaken by a later one.
  [[nodiscard]] bool Expects(uint64_t generation) const { return generation == generation_; }
  // Requires: the last wake-up that was asked for.
  void OnWake(SimTime now);

  [[nodiscard]] uint32_t id() const { return id_; }
  [[nodiscard]] bool idle() const { return outstanding_.empty() && stopped_; }
  [[nodiscard]] bool connected() const { return state_ == State::kConnected; }
  [[nodiscard]] size_t outstanding() const { return outstanding_.size(); }
  [[nodiscard]] const ClientConfig& config() const { return config_; }

 private:
  enum class State : uint8_t { kDisconnected, kConnecting, kConnected };

  [[nodiscard]] uint64_t DrawNext() { return Draw0(draws_++); }
  [[nodiscard]] uint64_t Draw0(uint64_t number) const;
  void WakeIn(Duration delay, SimTime now);
  void Proceed(SimTime now);
  void Connect(SimTime now);
  void SendBatch(SimTime now);
  void AppendSetup(Bytes& bytes);
  bool TakeReplies(SimTime now);
  void FailOutstanding(bool timed_out);
  void Drop(SimTime now, bool timed_out);
  void Think(SimTime now);

  const DrawSeed seed_;
  const uint32_t id_;
  ClientConfig config_;
  ClientHost& host_;
  OperationSource* source_ = nullptr;
  State state_ = State::kDisconnected;
  bool stopped_ = true;         // waits for Start
  bool source_ended_ = false;   // no more operations are to be taken
  bool move_on_ = false;        // to another node, after this batch
  uint32_t setup_replies_ = 0;  // still to come, before those of operations
  std::deque<Operation> outstanding_;
  resp::ReplyDecoder decoder_;
  uint64_t generation_ = 0;
  uint64_t draws_ = 0;
  uint64_t operations_ = 0;
  uint64_t batches_left_ = 0;     // on this connection
  std::optional<uint32_t> node_;  // prescribed
  uint32_t asked_ = 0;            // the node of the last connection
};

}  // namespace quorate::sim
