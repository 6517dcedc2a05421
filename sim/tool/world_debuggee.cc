// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/world_debuggee.h"

#include <cstdio>

#include "engine/keyspace/cell.h"
#include "sim/tool/arguments.h"
#include "sim/tool/run_aside.h"
#include "sim/tool/run_command.h"
#include "sim/tool/why_command.h"

namespace quorate::sim {
namespace {

// Causes that `where` shows.
constexpr uint32_t kWhereDepth = 40;

constexpr std::string_view kHelpOnStops =
    "run                  on to the failure, or to the end\n"
    "until EVENT          to an event, on or back; #12 or 12\n"
    "until time T         on to a time: 1500ms, 12s\n"
    "until node N down    on to where a node ends; up: starts\n"
    "until key K          on to a message or an operation on a key\n"
    "until op N           on to where an operation is asked or answered\n";
constexpr std::string_view kHelpOnLooks =
    "where [EVENT]        what caused it\n"
    "node N               a node: life, clocks, shards, connections\n"
    "key K                what each replica holds\n";

}  // namespace

WorldDebuggee::WorldDebuggee(const WorldConfig& config)
    : config_(config), oracles_(OptionsFor(config)) {}

absl::Status WorldDebuggee::Open() {
  QUORATE_ASSIGN_OR_RETURN(world_, World::Create(config_, {&watch_, &oracles_}));
  return absl::OkStatus();
}

std::string_view WorldDebuggee::help_on_stops() const { return kHelpOnStops; }
std::string_view WorldDebuggee::help_on_looks() const { return kHelpOnLooks; }

bool WorldDebuggee::Step(const Stop& stop) {
  watch_.BeginStep(stop);
  if (begun_) return world_->Step();
  begun_ = true;
  world_->Begin();
  return true;
}

void WorldDebuggee::End() {
  const RunResult result = world_->End();
  failure_ = result.failure ? result.failure : oracles_.failure();
  if (failure_) {
    PrintFailure(*failure_);
    if (failure_->event.value < watch_.position()) {
      std::printf("the run is over; 'until %llu' goes back to it\n",
                  static_cast<unsigned long long>(failure_->event.value));
    }
  } else {
    std::printf("the run holds\n");
  }
}

void WorldDebuggee::Tell() const {
  std::fputs(watch_.Describe().c_str(), stdout);
  std::printf("                hash %016llx\n", static_cast<unsigned long long>(watch_.hash()));
}

std::optional<Stop> WorldDebuggee::ParseStop(const Words& words) const {
  if (words.size() == 2) {
    const absl::StatusOr<EventId> event = ParseEvent(words[1]);
    if (!event.ok()) return std::nullopt;
    return Stop{Stop::At::kPosition, event->value, {}};
  }
  if (words.size() == 4 && words[1] == "node" && (words[3] == "down" || words[3] == "up")) {
    const std::optional<uint64_t> node = ParseWhole(words[2]);
    if (!node || *node >= config_.nodes) return std::nullopt;
    return Stop{words[3] == "up" ? Stop::At::kNodeUp : Stop::At::kNodeDown, *node, {}};
  }
  if (words.size() != 3) return std::nullopt;
  if (words[1] == "key") return Stop{Stop::At::kKey, 0, words[2]};
  if (words[1] == "op") {
    const std::optional<uint64_t> operation = ParseWhole(words[2]);
    if (!operation) return std::nullopt;
    return Stop{Stop::At::kOperation, *operation, {}};
  }
  const absl::StatusOr<Duration> time = ParseDuration(words[2]);
  if (words[1] != "time" || !time.ok()) return std::nullopt;
  return Stop{Stop::At::kTime, (SimTime{} + *time).us, {}};
}

bool WorldDebuggee::Look(const Words& words) const {
  const std::string& command = words.front();
  if (command == "where" && words.size() <= 2) {
    Where(words);
  } else if (command == "node" && words.size() == 2) {
    const std::optional<uint64_t> node = ParseWhole(words[1]);
    if (!node || *node >= config_.nodes) return false;
    ShowNode(static_cast<uint32_t>(*node));
  } else if (command == "key" && words.size() == 2) {
    ShowKey(words[1]);
  } else {
    return false;
  }
  return true;
}

// In a process of its own: two worlds in one would share what SQLite keeps for all.
void WorldDebuggee::Where(const Words& words) const {
  std::optional<EventId> event = EventId{watch_.position()};
  if (failure_) event = failure_->event;
  if (words.size() == 2) {
    const absl::StatusOr<EventId> wanted = ParseEvent(words[1]);
    if (!wanted.ok()) {
      std::printf("%s\n", MessageOf(wanted.status()).c_str());
      return;
    }
    event = *wanted;
  }
  RunAside([&] { WalkBack(config_, event, kWhereDepth); });
}

void WorldDebuggee::ShowNode(uint32_t index) const {
  const NodeIndex node{index};
  const NodeLook look = world_->LookAt(node);
  std::printf("node %u: %s%s%s%s, life %u, %zu connections of clients\n", index,
              look.up ? "up" : "down", look.paused ? ", paused" : "",
              look.stopping ? ", stopping" : "", look.storage_failed ? ", storage failed" : "",
              world_->lives(node), look.connections);
  std::printf("  clocks: monotonic %lld us, wall %lld ms; the world's %llu us\n",
              static_cast<long long>(look.clocks.monotonic.time_since_epoch().count()),
              static_cast<long long>(look.clocks.wall.ms),
              static_cast<unsigned long long>(world_->now().us));
  for (uint16_t i = 0; i < world_->shards(node); ++i) {
    const node::Shard* const shard = world_->shard(node, i);
    if (shard == nullptr) continue;
    const node::Shard::Stats stats = shard->stats();
    const absl::Status health = shard->health();
    std::string digests;
    for (const PoolLook& pool : world_->pools()) {
      digests +=
          ", " + InPool(world_.get(), pool.id, Format("digest %016x", shard->digest(pool.id)));
    }
    std::printf("  shard %u: %s%s%s%s, %zu inputs wait\n", i,
                health.ok() ? "healthy" : MessageOf(health).c_str(),
                shard->loading() ? ", loading" : "", shard->disk_full() ? ", disk full" : "",
                digests.c_str(), look.inboxes[i]);
    std::fputs(Format("    objects %u, bytes %u, clients %u, under way %u; commands %u (errors "
                      "%u), changes %u, ticks %u, commits %u\n    messages in %u, out %u; "
                      "repairs %u, restamps %u, quorum failures %u, expired %u\n",
                      stats.objects, stats.logical_bytes, stats.clients, stats.operations_in_flight,
                      stats.commands, stats.error_replies, stats.changes, stats.ticks,
                      stats.commits, stats.messages_in, stats.messages_out, stats.read_repairs,
                      stats.restamps, stats.quorum_failures, stats.expired)
                   .c_str(),
               stdout);
  }
}

void WorldDebuggee::ShowKey(const std::string& key) const {
  for (const PoolLook& pool : world_->pools()) ShowKey(pool.id, key);
}

void WorldDebuggee::ShowKey(PoolId pool, const std::string& key) const {
  const topology::Topology& topology = world_->topology();
  const Place place = topology::PlacerOf(*topology.FindPool(pool))(key);
  for (const topology::Replica& replica : topology.ReplicasOf(pool, place)) {
    const NodeIndex node = world_->IndexOf(replica.node);
    const std::string where = InPool(world_.get(), pool, Format("node %u", node.value));
    if (node == kNoNode || !world_->LookAt(node).up) {
      std::printf("%s: down\n", where.c_str());
      continue;
    }
    std::string held = "nothing";
    for (uint16_t i = 0; i < world_->shards(node); ++i) {
      const node::Shard* const shard = world_->shard(node, i);
      if (shard == nullptr) continue;
      shard->ForEachObject(pool, [&](std::string_view name, std::string_view state) {
        if (name == key) held = keyspace::DescribeCells(state);
      });
    }
    std::printf("%s: %s\n", where.c_str(), held.c_str());
  }
}

}  // namespace quorate::sim
