// SPDX-License-Identifier: Apache-2.0
// Commands about all keys: SCAN, KEYS, DBSIZE, RANDOMKEY, FLUSHALL and FLUSHDB. A walk goes through
// the places of the pool in order, one step at a time; each step is answered by a replica of the
// place where it stands, from there to the end of what that replica's shard holds without a gap. So
// each key is met once, whatever the number of nodes and shards, and SCAN's cursor is a place.
//
// A walk sees live keys of one replica per range: it is as fresh as a read at level ONE.
#pragma once

#include <map>
#include <set>
#include <string_view>
#include <vector>

#include "engine/base/footprint.h"
#include "engine/commands/command.h"
#include "engine/commands/scan_options.h"
#include "engine/node/replica.h"

namespace quorate::node {

class Frontend;

class KeyspaceWalks {
 public:
  KeyspaceWalks(ShardState& shard, const PoolOptions& options, const topology::PoolSpec& spec,
                Replica& replica, Frontend& frontend)
      : shard_(shard), options_(options), spec_(spec), replica_(replica), frontend_(frontend) {}

  void Start(ClientId client, commands::RequestSlot slot, const commands::Command& command,
             commands::Arguments args);
  void Deliver(const wire::Message& message, const wire::Keyspace& request);
  void Deliver(const wire::KeyspaceReply& reply);
  // The keys of a FLUSHALL step are deleted, or not.
  void Deleted(uint64_t walk, const std::vector<Bytes>& tapes);
  void FireTimers();
  void AddTo(Footprint& footprint) const { footprint.Add(timers_); }
  [[nodiscard]] Instant NextDeadline() const {
    return timers_.empty() ? Instant::max() : timers_.begin()->first;
  }
  [[nodiscard]] size_t walks() const { return walks_.size(); }
  void Save(Bytes& out) const;
  absl::Status Load(ByteReader& reader);

 private:
  enum class Kind : uint8_t { kScan, kKeys, kCount, kRandom, kFlush };
  struct Walk {
    ClientId client;
    commands::RequestSlot slot;
    const commands::Command* command = nullptr;
    Kind kind = Kind::kScan;
    std::vector<Bytes> args;
    Place at;
    Place began;
    bool wrapped = false;     // kRandom began in the middle and went on at the start
    std::vector<Bytes> keys;  // found so far
    uint64_t count = 0;       // keys met so far
    size_t wanted = 0;        // kScan: keys to meet
    size_t steps = 0;
    size_t attempts = 0;  // at this step
    wire::RequestId request;
    NodeId asked;
    Instant timer;
  };
  // What one step found, and where the next begins.
  struct Step {
    std::vector<Bytes> keys;
    uint64_t count = 0;
    bool more = false;
    Place next;
  };

  void Advance(uint64_t id);
  void Refused(uint64_t id);
  void Take(uint64_t id, Step step);
  void Finish(uint64_t id);
  void Fail(uint64_t id, std::string_view error);
  void Arm(uint64_t id, Walk& walk, Instant timer);
  // Errors: InvalidArgument, with the words for the client.
  [[nodiscard]] absl::StatusOr<Walk> Parse(const commands::Command& command,
                                           commands::Arguments args) const;
  [[nodiscard]] Step StepHere(Kind kind, Place from, const std::vector<Bytes>& args);
  [[nodiscard]] static Kind KindOf(std::string_view command);
  [[nodiscard]] Place LastOfRange(Place from);

  ShardState& shard_;
  const PoolOptions& options_;
  const topology::PoolSpec& spec_;
  Replica& replica_;
  Frontend& frontend_;
  std::vector<topology::PlaceRange> owned_;  // of this node; made when first needed
  std::map<uint64_t, Walk> walks_;
  std::map<wire::RequestId, uint64_t> asked_;
  std::set<std::pair<Instant, uint64_t>> timers_;
};

}  // namespace quorate::node
