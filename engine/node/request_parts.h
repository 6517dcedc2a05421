// SPDX-License-Identifier: Apache-2.0
// The parts of clients' requests that cannot be answered at once: each is a command on one key,
// which a replica executes, this one or another. Asks one candidate after the other, as long as it
// is sure that none has executed the command, or that once more does no harm. Parts of one client
// on one place take effect one after the other, so a pipeline means what it says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "engine/base/footprint.h"
#include "engine/node/replica.h"

namespace quorate::node {

// Names a part of a request for its owner.
struct PartId {
  uint64_t pending = 0;
  size_t index = 0;
};

class RequestParts {
 public:
  // `tape` is what was answered, maybe an error. Told once for every part.
  using OnDone = std::function<void(const PartId& part, Bytes tape)>;

  RequestParts(ShardState& shard, const PoolOptions& options, const topology::PoolSpec& spec,
               Replica& replica, OnDone on_done)
      : shard_(shard),
        options_(options),
        spec_(spec),
        replica_(replica),
        on_done_(std::move(on_done)) {}

  // May end in the call. `one_order`: every node must ask the same replica first.
  void Start(const PartId& id, ClientId client, KeyCommand command, bool one_order);
  // An operation that the replica here ran for a part has ended.
  void Finished(uint64_t ticket, Bytes tape);
  void Deliver(const wire::ExecuteReply& reply);
  void FireTimers();
  [[nodiscard]] Instant NextDeadline() const;
  void AddTo(Footprint& footprint) const { footprint.Add(timers_); }

  // Whether a part of the client is executed elsewhere, or waits for one: on this place, or at all.
  [[nodiscard]] bool UnderWay(ClientId client, Place place) const;
  [[nodiscard]] bool UnderWay(ClientId client) const;
  // The replicas of a place in the order in which this node asks them.
  // `near`: those of this data centre alone, where it has some.
  [[nodiscard]] std::vector<NodeId> CandidatesFor(Place place, bool one_order,
                                                  bool near = false) const;
  [[nodiscard]] uint64_t failures() const { return failures_; }
  void Save(Bytes& out, bool hides) const;
  absl::Status Load(ByteReader& reader);

 private:
  struct Part {
    PartId id;
    ClientId client;
    KeyCommand command;
    std::vector<NodeId> candidates;  // whom to ask, best first
    size_t next_candidate = 0;
    NodeId asked;
    Incarnation asked_life;                 // 0: it was asked for no more than its life
    std::vector<wire::RequestId> requests;  // open ones
    Instant deadline;
    Instant attempt_deadline = Instant::max();
    Instant timer;
    bool in_order = false;        // is in a queue of order_
    bool counted = false;         // in order_, as one that the coordinator here keeps in order
    bool here = false;            // is executed here
    bool pausing = false;         // nobody could execute it; asks again at attempt_deadline
    bool maybe_executed = false;  // a replica may have executed it
  };

  void AskNext(uint64_t ticket, Part& part);
  void EndByStop(uint64_t ticket);
  void Ask(uint64_t ticket, Part& part);
  [[nodiscard]] bool MayRepeat(const Part& part) const;
  void LeaveOrder(const Part& part, uint64_t ticket);
  void Arm(uint64_t ticket, Part& part);
  void Expire(uint64_t ticket, Part& part);
  void Fail(uint64_t ticket, Part& part);

  ShardState& shard_;
  const PoolOptions& options_;
  const topology::PoolSpec& spec_;
  Replica& replica_;
  OnDone on_done_;
  std::map<uint64_t, Part> parts_;
  std::map<wire::RequestId, uint64_t> asked_;  // open requests to others, and their parts
  std::set<std::pair<Instant, uint64_t>> timers_;
  // Per client and place, the parts that are executed one after the other.
  struct Order {
    size_t here = 0;  // under way at the coordinator here, which keeps the order among them
    // All that came since one did that is executed elsewhere or may be stamped again. The first is
    // under way once `here` is 0.
    std::vector<uint64_t> queue;
  };
  std::map<std::pair<ClientId, Place>, Order> order_;
  uint64_t failures_ = 0;
};

}  // namespace quorate::node
