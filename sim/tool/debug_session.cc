// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/debug_session.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <functional>

#include "engine/keyspace/cell.h"
#include "sim/tool/arguments.h"
#include "sim/tool/exit_codes.h"
#include "sim/tool/run_command.h"
#include "sim/tool/why_command.h"

namespace quorate::sim {
namespace {

// Causes that `where` shows.
constexpr uint32_t kWhereDepth = 40;

constexpr char kHelp[] =
    "run                  on to the failure, or to the end\n"
    "until EVENT          to an event, on or back; #12 or 12\n"
    "until time T         on to a time: 1500ms, 12s\n"
    "until node N down    on to where a node ends; up: starts\n"
    "until key K          on to a message or an operation on a key\n"
    "until op N           on to where an operation is asked or answered\n"
    "next [N], back [N]   some events on, some events back; one if nothing is said\n"
    "where [EVENT]        what caused it\n"
    "node N               a node: life, clocks, shards, connections\n"
    "key K                what each replica holds\n"
    "snapshots            the events at which a process waits to be gone back to\n"
    "debug                gdb on this process\n"
    "quit\n";

// A line from the standard input, byte by byte: what was read ahead would be lost to the processes
// that are left behind.
std::optional<std::string> ReadLine() {
  std::string line;
  char letter = 0;
  ssize_t count = 0;
  while ((count = ::read(STDIN_FILENO, &letter, 1)) == 1 && letter != '\n') line += letter;
  if (count <= 0 && line.empty()) return std::nullopt;
  return line;
}

std::vector<std::string> Split(const std::string& line) {
  std::vector<std::string> words;
  for (size_t at = 0; at < line.size();) {
    const size_t end = std::min(line.find(' ', at), line.size());
    if (end > at) words.push_back(line.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

void RunAside(const std::function<void()>& work) {
  std::fflush(stdout);
  const pid_t process = ::fork();
  if (process < 0) {
    std::printf("no further process\n");
    return;
  }
  if (process == 0) {
    work();
    std::fflush(stdout);
    ::_exit(0);
  }
  while (::waitpid(process, nullptr, 0) < 0 && errno == EINTR) {
  }
}

std::optional<uint64_t> Number(const std::string& text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

DebugSession::DebugSession(const WorldConfig& config)
    : config_(config), oracles_(OptionsFor(config)) {}

absl::Status DebugSession::Open() {
  QUORATE_ASSIGN_OR_RETURN(world_, World::Create(config_, {&watch_, &oracles_}));
  return snapshots_.Open();
}

void DebugSession::Run(const std::string& first) {
  const bool person = ::isatty(STDIN_FILENO) != 0;
  std::string line = first;
  // The one that all ways back lead to.
  if (snapshots_.Take(0)) {
    line.clear();
    Stop stop;
    if (TakeUp(stop)) {
      Go(stop);
    } else {
      Tell();
    }
  }
  while (true) {
    const Words words = Split(line);
    if (!words.empty() && (words.front() == "quit" || words.front() == "q")) break;
    if (!words.empty() && !Execute(words)) {
      std::printf("what is '%s'? 'help' lists the commands\n", line.c_str());
    }
    if (person) std::fputs("(quorate) ", stdout);
    std::fflush(stdout);
    const std::optional<std::string> next = ReadLine();
    if (!next) break;
    line = *next;
  }
  snapshots_.End(kExitOk);
}

bool DebugSession::Execute(const Words& words) {
  const std::string& command = words.front();
  if (command == "run" && words.size() == 1) {
    Go({Stop::At::kEnd, 0, {}});
  } else if (command == "until") {
    const std::optional<Stop> stop = ParseStop(words);
    if (!stop) return false;
    Until(*stop);
  } else if ((command == "next" || command == "back") && words.size() <= 2) {
    const std::optional<uint64_t> count = words.size() == 2 ? Number(words[1]) : 1;
    if (!count || *count == 0) return false;
    if (command == "back") {
      Back(*count);
    } else {
      Go({Stop::At::kEvent, watch_.position() + *count, {}});
    }
  } else {
    return ExecuteLook(words);
  }
  return true;
}

bool DebugSession::ExecuteLook(const Words& words) {
  const std::string& command = words.front();
  if (command == "help") {
    std::fputs(kHelp, stdout);
  } else if (command == "where" && words.size() <= 2) {
    Where(words);
  } else if (command == "node" && words.size() == 2) {
    const std::optional<uint64_t> node = Number(words[1]);
    if (!node || *node >= config_.nodes) return false;
    ShowNode(static_cast<uint32_t>(*node));
  } else if (command == "key" && words.size() == 2) {
    ShowKey(words[1]);
  } else if (command == "snapshots" && words.size() == 1) {
    ShowSnapshots();
  } else if (command == "debug" && words.size() == 1) {
    Debug();
  } else {
    return false;
  }
  return true;
}

std::optional<Stop> DebugSession::ParseStop(const Words& words) const {
  if (words.size() == 2) {
    const absl::StatusOr<EventId> event = ParseEvent(words[1]);
    if (!event.ok()) return std::nullopt;
    return Stop{Stop::At::kEvent, event->value, {}};
  }
  if (words.size() == 4 && words[1] == "node" && (words[3] == "down" || words[3] == "up")) {
    const std::optional<uint64_t> node = Number(words[2]);
    if (!node || *node >= config_.nodes) return std::nullopt;
    return Stop{words[3] == "up" ? Stop::At::kNodeUp : Stop::At::kNodeDown, *node, {}};
  }
  if (words.size() != 3) return std::nullopt;
  if (words[1] == "key") return Stop{Stop::At::kKey, 0, words[2]};
  if (words[1] == "op") {
    const std::optional<uint64_t> operation = Number(words[2]);
    if (!operation) return std::nullopt;
    return Stop{Stop::At::kOperation, *operation, {}};
  }
  const absl::StatusOr<Duration> time = ParseDuration(words[2]);
  if (words[1] != "time" || !time.ok()) return std::nullopt;
  return Stop{Stop::At::kTime, (SimTime{} + *time).us, {}};
}

// Going.

void DebugSession::Until(const Stop& stop) {
  if (stop.at != Stop::At::kEvent || stop.number > watch_.position()) return Go(stop);
  if (stop.number == watch_.position()) return Tell();
  GoTo(*std::lower_bound(places_.begin(), places_.end(), stop.number));
}

void DebugSession::Back(uint64_t events) {
  if (watch_.position() == 0) return Tell();
  const uint64_t wanted = watch_.position() - std::min(events, watch_.position());
  const auto behind = std::upper_bound(places_.begin(), places_.end(), wanted);
  GoTo(behind == places_.begin() ? 0 : *std::prev(behind));
}

void DebugSession::GoTo(uint64_t target) { snapshots_.GoBack(target); }

bool DebugSession::StepWorld(const Stop& stop) {
  watch_.BeginStep(stop);
  if (begun_) return world_->Step();
  begun_ = true;
  world_->Begin();
  return true;
}

// Only right behind an event: nothing else happened since, so that to be gone back to is to be
// there for the first time.
bool DebugSession::WantsSnapshot(const Stop& stop) {
  const uint64_t position = watch_.position();
  if (!from_) {
    const uint64_t last = snapshots_.positions().empty() ? 0 : snapshots_.positions().back();
    return position - last >= std::max(kSnapshotGap, last);
  }
  const uint64_t left = stop.number - position;
  if (nearest_ < kSnapshotNearest || left > nearest_) return false;
  while (nearest_ >= left) nearest_ /= 2;
  return true;
}

bool DebugSession::TakeUp(Stop& stop) {
  stop = {Stop::At::kEvent, snapshots_.target(), {}};
  from_ = watch_.position();
  nearest_ = (stop.number - *from_) / 2;
  return stop.number > *from_;
}

void DebugSession::Go(Stop stop) {
  if (over_) std::printf("the run is over\n");
  while (!over_) {
    if (!StepWorld(stop)) {
      End();
      break;
    }
    if (watch_.quiet()) continue;
    places_.push_back(watch_.position());
    snapshots_.Reached(watch_.position());
    if (watch_.reached()) break;
    if (WantsSnapshot(stop) && snapshots_.Take(watch_.position()) && !TakeUp(stop)) break;
  }
  Tell();
}

void DebugSession::End() {
  over_ = true;
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

void DebugSession::Tell() {
  if (from_) {
    std::printf("%llu events from the snapshot at #%llu\n",
                static_cast<unsigned long long>(watch_.position() - *from_),
                static_cast<unsigned long long>(*from_));
    from_.reset();
  }
  if (watch_.position() == 0) {
    std::printf("before the first event\n");
    return;
  }
  std::fputs(watch_.Describe().c_str(), stdout);
  std::printf("                hash %016llx\n", static_cast<unsigned long long>(watch_.hash()));
}

// Looking.

// In a process of its own: two worlds in one would share what SQLite keeps for all.
void DebugSession::Where(const Words& words) const {
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

void DebugSession::ShowNode(uint32_t index) const {
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
    std::printf("  shard %u: %s%s%s, digest %016llx, %zu inputs wait\n", i,
                health.ok() ? "healthy" : MessageOf(health).c_str(),
                shard->loading() ? ", loading" : "", shard->disk_full() ? ", disk full" : "",
                static_cast<unsigned long long>(shard->digest(world_->pool())), look.inboxes[i]);
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

void DebugSession::ShowKey(const std::string& key) const {
  const topology::Topology& topology = world_->topology();
  const Place place = topology::PlacerOf(*topology.FindPool(world_->pool()))(key);
  for (const topology::Replica& replica : topology.ReplicasOf(world_->pool(), place)) {
    const NodeIndex node = world_->IndexOf(replica.node);
    if (node == kNoNode || !world_->LookAt(node).up) {
      std::printf("node %u: down\n", node.value);
      continue;
    }
    std::string held = "nothing";
    for (uint16_t i = 0; i < world_->shards(node); ++i) {
      const node::Shard* const shard = world_->shard(node, i);
      if (shard == nullptr) continue;
      shard->ForEachObject(world_->pool(), [&](std::string_view name, std::string_view state) {
        if (name == key) held = keyspace::DescribeCells(state);
      });
    }
    std::printf("node %u: %s\n", node.value, held.c_str());
  }
}

void DebugSession::ShowSnapshots() const {
  std::string text;
  for (const uint64_t position : snapshots_.positions()) text += Format(" #%u", position);
  std::printf("%zu of at most %zu:%s\n", snapshots_.positions().size(), kSnapshotsMax,
              text.c_str());
}

void DebugSession::Debug() {
  const pid_t process = ::getpid();
  std::printf("gdb -p %d\n", process);
  if (::isatty(STDIN_FILENO) == 0) return;
  RunAside([process] {
    const std::string number = std::to_string(process);
    ::execlp("gdb", "gdb", "-q", "-p", number.c_str(), nullptr);
    std::printf("there is no gdb; install it, or type the line above elsewhere\n");
  });
}

}  // namespace quorate::sim
