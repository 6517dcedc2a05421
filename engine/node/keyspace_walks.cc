// SPDX-License-Identifier: Apache-2.0
#include "engine/node/keyspace_walks.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/random.h"
#include "engine/commands/glob.h"
#include "engine/node/frontend.h"
#include "engine/node/limits.h"

namespace quorate::node {
namespace {

using commands::ReplySink;
using commands::ReplyTape;

constexpr uint64_t kRandomKeyPurpose = 0x72616e646f6d6b;
constexpr size_t kAttemptsMax = 8;
constexpr Duration kRefusedPause = 25ms;  // doubled with every attempt
constexpr size_t kScanStepsMax = 64;
constexpr Place kLastPlace{~uint64_t{0}};

bool IsFlush(std::string_view name) { return name == "flushall" || name == "flushdb"; }

// A step's keys travel as a tape of bulks.
Bytes TapeOf(const std::vector<Bytes>& keys) {
  ReplyTape tape;
  for (const Bytes& key : keys) tape.Bulk(key);
  return tape.Take();
}

class KeyCollector final : public ReplySink {
 public:
  explicit KeyCollector(std::vector<Bytes>& keys) : keys_(keys) {}
  void Bulk(std::string_view bytes) override { keys_.emplace_back(bytes); }
  void Simple(std::string_view) override {}
  void Error(std::string_view) override {}
  void Integer(int64_t) override {}
  void Null() override {}
  void NullArray() override {}
  void Double(double) override {}
  void Bool(bool) override {}
  void Verbatim(std::string_view) override {}
  void Array(size_t) override {}
  void Map(size_t) override {}
  void Set(size_t) override {}

 private:
  std::vector<Bytes>& keys_;
};

}  // namespace

KeyspaceWalks::Kind KeyspaceWalks::KindOf(std::string_view command) {
  if (command == "scan") return Kind::kScan;
  if (command == "keys") return Kind::kKeys;
  if (command == "dbsize") return Kind::kCount;
  if (command == "randomkey") return Kind::kRandom;
  QUORATE_CHECK(IsFlush(command));
  return Kind::kFlush;
}

absl::StatusOr<KeyspaceWalks::Walk> KeyspaceWalks::Parse(const commands::Command& command,
                                                         commands::Arguments args) const {
  Walk walk;
  walk.kind = KindOf(command.name);
  walk.args.assign(args.begin(), args.end());
  walk.args.front() = command.name;
  if (walk.kind == Kind::kScan) {
    const auto cursor = commands::ParseCursor(args[1]);
    if (!cursor.has_value()) return InvalidArgument(commands::kInvalidCursor);
    walk.at = Place{*cursor};
    commands::ScanOptions options;
    const std::string_view error = commands::ParseScanOptions(args.subspan(2), true, options);
    if (!error.empty()) return InvalidArgument(error);
    walk.wanted = std::min<size_t>(options.count, kScanCountMax);
  }
  if (walk.kind == Kind::kRandom) {
    walk.at = Place{KeyedHash(shard_.options.seed, kRandomKeyPurpose,
                              shard_.options.record.incarnation.value, shard_.next_id)};
  }
  const bool contiguous = spec_.distribution != topology::Distribution::kModula;
  if (!contiguous && shard_.topology.seats().size() > 1) {
    return InvalidArgument(
        "ERR commands over all keys need a distribution that gives nodes ranges of places; this "
        "pool "
        "uses modula");
  }
  walk.began = walk.at;
  return walk;
}

void KeyspaceWalks::Start(ClientId client, commands::RequestSlot slot,
                          const commands::Command& command, commands::Arguments args) {
  auto walk = Parse(command, args);
  if (!walk.ok() || walks_.size() >= shard_.options.limits.operations) {
    const std::string error =
        walk.ok() ? "BUSY too many requests are in flight; try again" : MessageOf(walk.status());
    return frontend_.AnswerClient(client, slot, &command,
                                  [&](ReplySink& reply) { reply.Error(error); });
  }
  walk->client = client;
  walk->slot = slot;
  walk->command = &command;
  const uint64_t id = ++shard_.next_id;
  walks_.emplace(id, *std::move(walk));
  Advance(id);
}

// Asks the best replica of the place where the walk stands.
void KeyspaceWalks::Advance(uint64_t id) {
  Walk& walk = walks_.at(id);
  if (walk.attempts >= kAttemptsMax) {
    return Fail(id, "NOQUORUM no replica of a range of keys answered; ask again");
  }
  const std::vector<NodeId> candidates = frontend_.CandidatesFor(walk.at, false);
  walk.asked = candidates[walk.attempts % candidates.size()];
  ++walk.attempts;
  if (walk.asked == shard_.self() && replica_.OwnsPartition(walk.at)) {
    return Take(id, StepHere(walk.kind, walk.at, walk.args));
  }
  walk.request = shard_.NewRequestId();
  asked_.emplace(walk.request, id);
  Arm(id, walk, shard_.now() + options_.request_timeout / kForwardAttempts);
  shard_.Send({walk.asked, env::TargetKind::kPartition, spec_.id,
               replica_.keyspace().PartitionOf(walk.at).value},
              wire::Keyspace{walk.request, spec_.id, shard_.topology.epoch(), walk.at, walk.args});
}

// Another candidate is asked at once. When all have refused, they are given time: what loads will
// have loaded.
void KeyspaceWalks::Refused(uint64_t id) {
  Walk& walk = walks_.at(id);
  const size_t candidates = frontend_.CandidatesFor(walk.at, false).size();
  if (walk.attempts % candidates != 0 || walk.attempts >= kAttemptsMax) return Advance(id);
  Arm(id, walk, shard_.now() + kRefusedPause * (1 << (walk.attempts - 1)));
}

void KeyspaceWalks::Arm(uint64_t id, Walk& walk, Instant timer) {
  timers_.erase({walk.timer, id});
  walk.timer = timer;
  timers_.emplace(timer, id);
}

// The last place up to which this shard can answer for what begins at `from`.
Place KeyspaceWalks::LastOfRange(Place from) {
  if (owned_.empty()) owned_ = shard_.topology.OwnedRanges(shard_.self(), spec_.id);
  Place last = from;
  for (const topology::PlaceRange& range : owned_) {
    if (range.first <= from && from <= range.last) last = range.last;
  }
  if (shard_.options.shards == 1) return last;
  const PartitionId partition = replica_.keyspace().PartitionOf(from);
  return std::min(last, hash::PartitionLast(partition, spec_.partitions));
}

KeyspaceWalks::Step KeyspaceWalks::StepHere(Kind kind, Place from, const std::vector<Bytes>& args) {
  const std::vector<std::string_view> views(args.begin(), args.end());
  commands::ScanOptions options;
  if (kind == Kind::kScan) {
    static_cast<void>(
        commands::ParseScanOptions(commands::Arguments(views).subspan(2), true, options));
  }
  const Place last = LastOfRange(from);
  const size_t limit = kind == Kind::kScan     ? std::min<size_t>(options.count, kScanCountMax)
                       : kind == Kind::kRandom ? 1
                                               : kKeyspaceStepKeys;
  const int64_t now_ms = shard_.clock.Now().ms();
  Step step;
  Place stopped = last;
  Place at = from;
  replica_.keyspace().ForEachFrom(from, [&](Place place, keyspace::Object& object) {
    if (place > last) return false;
    if (step.count >= limit && place != at) {
      const bool skips = QUORATE_PLANTED(shard_.options.planted, kSkipPlace);
      stopped = Place{skips ? place.value : place.value - 1};
      return false;
    }
    const keyspace::ObjectView view = replica_.keyspace().View(&object);
    const auto deadline = view.deadline_ms();
    if (!view.exists() || (deadline.has_value() && *deadline <= now_ms)) return true;
    at = place;
    ++step.count;
    if (kind == Kind::kCount) return true;
    if (kind == Kind::kScan &&
        !(options.NameMatches(object.key()) && options.TypeMatches(view.type()))) {
      return true;
    }
    if (kind == Kind::kKeys && !commands::GlobMatches(views[1], object.key())) return true;
    step.keys.emplace_back(object.key());
    return true;
  });
  step.more = stopped != kLastPlace;
  step.next = Place{stopped.value + 1};
  if (kind == Kind::kFlush && replica_.sole()) {
    for (const Bytes& key : step.keys) replica_.Forget(key);
    step.keys.clear();
  }
  return step;
}

void KeyspaceWalks::Take(uint64_t id, Step step) {
  Walk& walk = walks_.at(id);
  walk.attempts = 0;
  ++walk.steps;
  walk.count += step.count;
  walk.at = step.more ? step.next : Place{};
  walk.keys.insert(walk.keys.end(), std::make_move_iterator(step.keys.begin()),
                   std::make_move_iterator(step.keys.end()));
  bool done = !step.more;
  if (walk.kind == Kind::kScan) {
    done = done || walk.count >= walk.wanted || walk.steps >= kScanStepsMax;
  }
  if (walk.kind == Kind::kRandom) {
    if (done && !walk.wrapped) {
      walk.wrapped = true;
      done = false;
    }
    done = done || !walk.keys.empty() || (walk.wrapped && walk.at > walk.began);
  }
  if (walk.kind == Kind::kFlush && !walk.keys.empty()) {
    return frontend_.DeleteKeys(id, std::exchange(walk.keys, {}));
  }
  if (done) return Finish(id);
  // The next step is another tick's, so that other clients are served between.
  Arm(id, walk, shard_.now());
}

void KeyspaceWalks::Deleted(uint64_t id, const std::vector<Bytes>& tapes) {
  const auto at = walks_.find(id);
  if (at == walks_.end()) return;
  if (std::any_of(tapes.begin(), tapes.end(), commands::IsErrorTape)) {
    return Fail(id, "NOQUORUM some keys could not be deleted at the pool's write level; try again");
  }
  if (at->second.at == Place{}) return Finish(id);
  Arm(id, at->second, shard_.now());
}

void KeyspaceWalks::Finish(uint64_t id) {
  const Walk walk = std::move(walks_.at(id));
  timers_.erase({walk.timer, id});
  walks_.erase(id);
  frontend_.AnswerClient(walk.client, walk.slot, walk.command, [&walk](ReplySink& reply) {
    switch (walk.kind) {
      case Kind::kFlush:
        return reply.Simple("OK");
      case Kind::kCount:
        return reply.Integer(static_cast<int64_t>(walk.count));
      case Kind::kRandom:
        return walk.keys.empty() ? reply.Null() : reply.Bulk(walk.keys.front());
      case Kind::kScan:
        reply.Array(2);
        reply.Bulk(std::to_string(walk.at.value));
        [[fallthrough]];
      case Kind::kKeys:
        reply.Array(walk.keys.size());
        for (const Bytes& key : walk.keys) reply.Bulk(key);
    }
  });
}

void KeyspaceWalks::Fail(uint64_t id, std::string_view error) {
  const Walk walk = std::move(walks_.at(id));
  timers_.erase({walk.timer, id});
  walks_.erase(id);
  frontend_.AnswerClient(walk.client, walk.slot, walk.command,
                         [error](ReplySink& reply) { reply.Error(error); });
}

void KeyspaceWalks::Deliver(const wire::Message& message, const wire::Keyspace& request) {
  wire::KeyspaceReply reply{request.id,
                            replica_.CheckPeerRequest(request.epoch, request.from),
                            shard_.topology.epoch(),
                            false,
                            {},
                            0,
                            {}};
  const commands::Command* command = commands::FindCommand(request.args.front());
  if (command == nullptr || command->kind != commands::Class::kKeyspace ||
      request.args.size() < static_cast<size_t>(std::max(command->arity, -command->arity))) {
    reply.outcome = wire::Outcome::kNotExecuted;
  }
  if (reply.outcome == wire::Outcome::kDone) {
    const Step step = StepHere(KindOf(command->name), request.from, request.args);
    reply.more = step.more;
    reply.next = step.next;
    reply.count = step.count;
    reply.tape = TapeOf(step.keys);
  }
  shard_.Reply(message, ShardState::RequesterOf(message, spec_.id, request.id), std::move(reply));
}

void KeyspaceWalks::Deliver(const wire::KeyspaceReply& reply) {
  const auto asked = asked_.find(reply.id);
  if (asked == asked_.end()) return;
  const uint64_t id = asked->second;
  asked_.erase(asked);
  const auto at = walks_.find(id);
  if (at == walks_.end() || at->second.request != reply.id) return;
  if (reply.outcome != wire::Outcome::kDone) return Refused(id);
  Step step;
  step.count = reply.count;
  step.more = reply.more;
  step.next = reply.next;
  KeyCollector collector(step.keys);
  if (!commands::PlayReply(reply.tape, collector) || (step.more && step.next <= at->second.at)) {
    return Advance(id);
  }
  Take(id, std::move(step));
}

void KeyspaceWalks::FireTimers() {
  while (!timers_.empty() && timers_.begin()->first <= shard_.now()) {
    const uint64_t id = timers_.begin()->second;
    timers_.erase(timers_.begin());
    Walk& walk = walks_.at(id);
    if (asked_.erase(walk.request) > 0) {
      shard_.peers.Suspect(walk.asked, shard_.now() + kSuspicion);
    }
    Advance(id);
  }
}

}  // namespace quorate::node
