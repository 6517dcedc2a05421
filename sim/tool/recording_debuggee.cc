// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/recording_debuggee.h"

#include <algorithm>
#include <cstdio>

#include "engine/keyspace/cell.h"
#include "sim/recording/in_words.h"
#include "sim/tool/arguments.h"
#include "sim/tool/run_aside.h"

namespace quorate::sim {
namespace {

// Of what waits, of each kind.
constexpr size_t kShownItems = 40;

constexpr std::string_view kHelpOnStops =
    "run                  on to the first tick that differs, or to the end\n"
    "until TICK           to a tick, on or back; #12 or 12\n"
    "until time T         on to a time since the recording begins: 1500ms, 12s\n"
    "until key K          on to a message or a request that names a key\n"
    "until client N       on to where a client comes, asks, is answered or goes\n";
constexpr std::string_view kHelpOnLooks =
    "tick                 what went into the tick, and what came out of it\n"
    "ahead                what goes into the next tick, which is not executed\n"
    "shard                the shard: health, digests, figures\n"
    "clients              who is connected, and what they wait for\n"
    "waits                commits, scans and questions to peers that are under way\n"
    "key K                what the shard holds of a key, and which nodes should\n";

void Print(const std::string& text) { std::fputs(text.c_str(), stdout); }

void PrintStory(uint64_t tick, const TickStory& story) {
  for (const std::string& line : story.lines()) Print(Format("tick %u %s\n", tick, line));
}

void PrintItem(const std::string& what, const Waiting::Item& item) {
  Print(Format("  %s, since tick %u%s%s\n", what, item.tick, item.text.empty() ? "" : ": ",
               item.text));
}

// The latest last.
template <typename Items, typename NameOf>
void PrintItems(const char* title, const Items& items, const NameOf& name_of) {
  Print(Format("%u %s\n", items.size(), title));
  size_t skipped = items.size() > kShownItems ? items.size() - kShownItems : 0;
  if (skipped > 0) Print(Format("  %u more, and\n", skipped));
  for (const auto& [key, item] : items) {
    if (skipped > 0) {
      --skipped;
    } else {
      PrintItem(name_of(key), item);
    }
  }
}

}  // namespace

RecordingDebuggee::RecordingDebuggee(const RecordingInput& input)
    : input_(input), waiting_(input.recording.header.ticks) {
  watch_.began = input.recording.header.clocks.monotonic;
}

absl::Status RecordingDebuggee::Open() {
  QUORATE_ASSIGN_OR_RETURN(
      replayer_,
      ShardReplayer::Create(input_.recording, {input_.planted, {&watch_, &story_, &waiting_}}));
  return absl::OkStatus();
}

std::string_view RecordingDebuggee::help_on_stops() const { return kHelpOnStops; }
std::string_view RecordingDebuggee::help_on_looks() const { return kHelpOnLooks; }

// Stopping.

void RecordingDebuggee::Watch::TickBegan(uint64_t /*tick*/, const Clocks& clocks) {
  if (began == Instant{}) began = clocks.monotonic;  // a life's first: its clock begins anywhere
  const auto since = static_cast<uint64_t>((clocks.monotonic - began).count());
  reached |= stop.at == Stop::At::kTime && since >= stop.number;
}

void RecordingDebuggee::Watch::TickEnded(uint64_t tick, uint32_t rung, uint32_t recorded) {
  reached |= (stop.at == Stop::At::kPosition && tick >= stop.number) || rung != recorded;
}

void RecordingDebuggee::Watch::Came(const wire::Message& message) {
  reached |= stop.at == Stop::At::kKey && NamesKey(message, stop.key);
}

void RecordingDebuggee::Watch::Of(ClientId client) {
  reached |= stop.at == Stop::At::kClient && client.value == stop.number;
}
void RecordingDebuggee::Watch::Attached(PoolId /*pool*/, ClientId client) { Of(client); }
void RecordingDebuggee::Watch::Detached(PoolId /*pool*/, ClientId client) { Of(client); }
void RecordingDebuggee::Watch::Replied(PoolId /*pool*/, ClientId client,
                                       commands::RequestSlot /*slot*/, std::string_view /*reply*/) {
  Of(client);
}
void RecordingDebuggee::Watch::Asked(PoolId /*pool*/, ClientId client,
                                     commands::RequestSlot /*slot*/,
                                     const std::vector<std::string_view>& args) {
  Of(client);
  reached |=
      stop.at == Stop::At::kKey && std::find(args.begin(), args.end(), stop.key) != args.end();
}

std::optional<Stop> RecordingDebuggee::ParseStop(const Words& words) const {
  if (words.size() == 2) {
    const absl::StatusOr<uint64_t> tick = ParseTick(words[1]);
    if (!tick.ok()) return std::nullopt;
    return Stop{Stop::At::kPosition, *tick, {}};
  }
  if (words.size() != 3) return std::nullopt;
  if (words[1] == "key") return Stop{Stop::At::kKey, 0, words[2]};
  if (words[1] == "client") {
    const std::optional<uint64_t> client = ParseWhole(words[2]);
    if (!client) return std::nullopt;
    return Stop{Stop::At::kClient, *client, {}};
  }
  const absl::StatusOr<Duration> time = ParseDuration(words[2]);
  if (words[1] != "time" || !time.ok()) return std::nullopt;
  return Stop{Stop::At::kTime, static_cast<uint64_t>(time->count()), {}};
}

// Going.

bool RecordingDebuggee::Step(const Stop& stop) {
  watch_.stop = stop;
  watch_.reached = false;
  const absl::StatusOr<bool> more = replayer_->Step();
  status_ = more.status();
  quiet_ = !more.ok() || !*more;
  return !quiet_;
}

void RecordingDebuggee::End() {
  if (!status_.ok()) {
    std::printf("the recording makes no sense from here on: %s\n", MessageOf(status_).c_str());
    return;
  }
  const ShardReplay replay = replayer_->result();
  if (replay.differs) {
    std::printf("it %s\n", DescribeDifference(replay).c_str());
    return;
  }
  std::printf("the recording ends here; all went as recorded\n");
}

void RecordingDebuggee::Tell() const {
  PrintStory(position(), story_);
  const ShardReplay replay = replayer_->result();
  if (replay.differs) std::printf("it %s\n", DescribeDifference(replay).c_str());
}

// Looking.

bool RecordingDebuggee::Look(const Words& words) const {
  const std::string& command = words.front();
  if (words.size() == 2 && command == "key") {
    ShowKey(words[1]);
    return true;
  }
  if (words.size() != 1) return false;
  if (command == "tick") {
    PrintStory(position(), story_);
  } else if (command == "ahead") {
    ShowAhead();
  } else if (command == "shard") {
    ShowShard();
  } else if (command == "clients") {
    ShowClients();
  } else if (command == "waits") {
    ShowWaiting();
  } else {
    return false;
  }
  return true;
}

// In a process of its own, since it cannot be taken back.
void RecordingDebuggee::ShowAhead() const {
  RunAside([this] {
    const absl::Status told = replayer_->LookAhead();
    if (!told.ok()) std::printf("the next tick makes no sense: %s\n", MessageOf(told).c_str());
    PrintStory(position() + 1, story_);
  });
}

void RecordingDebuggee::ShowShard() const {
  const node::Shard& shard = replayer_->shard();
  const recording::Header& header = input_.recording.header;
  const node::Shard::Stats stats = shard.stats();
  const absl::Status health = shard.health();
  Print(Format("shard %u of %u of node %016x: %s%s%s%s\n", header.options.shard.value,
               header.options.shards, header.options.record.node.value,
               health.ok() ? "healthy" : MessageOf(health), shard.loading() ? ", loading" : "",
               shard.disk_full() ? ", disk full" : "", shard.stopped() ? ", stopped" : ""));
  for (const node::PoolOptions& pool : header.options.pools) {
    Print(Format("  pool %s: digest %016x\n", replayer_->topology().FindPool(pool.pool)->name,
                 shard.digest(pool.pool)));
  }
  Print(
      Format("  objects %u, bytes %u, clients %u, under way %u; commands %u (errors %u), changes "
             "%u, ticks %u, commits %u\n",
             stats.objects, stats.logical_bytes, stats.clients, stats.operations_in_flight,
             stats.commands, stats.error_replies, stats.changes, stats.ticks, stats.commits));
  Print(
      Format("  messages in %u, out %u; repairs %u, restamps %u, quorum failures %u, expired %u, "
             "evicted %u\n",
             stats.messages_in, stats.messages_out, stats.read_repairs, stats.restamps,
             stats.quorum_failures, stats.expired, stats.evicted));
}

void RecordingDebuggee::ShowClients() const {
  Print(Format("%u clients that were seen, of %u\n", waiting_.clients().size(),
               replayer_->shard().stats().clients));
  size_t shown = 0;
  for (const auto& [pool, client] : waiting_.clients()) {
    if (++shown > kShownItems) break;
    Print(
        Format("client %u of pool %s\n", client.value, replayer_->topology().FindPool(pool)->name));
    auto at = waiting_.requests().lower_bound({pool, client, 0});
    for (; at != waiting_.requests().end() && std::get<1>(at->first) == client; ++at) {
      PrintItem(Format("request %u", std::get<2>(at->first)), at->second);
    }
  }
}

void RecordingDebuggee::ShowWaiting() const {
  PrintItems("requests without a reply", waiting_.requests(), [](const Waiting::Request& request) {
    return Format("client %u, request %u", std::get<1>(request).value, std::get<2>(request));
  });
  PrintItems(
      "questions to nodes without an answer", waiting_.questions(),
      [](const Waiting::Question& question) { return Format("node %016x", question.first.value); });
  const auto number = [](uint64_t token) { return Format("%u", token); };
  PrintItems("commits under way", waiting_.commits(), number);
  PrintItems("scans under way", waiting_.scans(), number);
}

void RecordingDebuggee::ShowKey(const std::string& key) const {
  const topology::Topology& topology = replayer_->topology();
  for (const node::PoolOptions& options : input_.recording.header.options.pools) {
    const topology::PoolSpec& pool = *topology.FindPool(options.pool);
    std::string held = "nothing";
    replayer_->shard().ForEachObject(pool.id, [&](std::string_view name, std::string_view state) {
      if (name == key) held = keyspace::DescribeCells(state);
    });
    std::string replicas;
    for (const topology::Replica& replica :
         topology.ReplicasOf(pool.id, topology::PlacerOf(pool)(key))) {
      const bool self = replica.node == input_.recording.header.options.record.node;
      replicas += Format(" %016x%s", replica.node.value, self ? " (this node)" : "");
    }
    Print(Format("pool %s: %s\n  replicas:%s\n", pool.name, held, replicas));
  }
}

}  // namespace quorate::sim
