// SPDX-License-Identifier: Apache-2.0
#include "sim/page/shiviz.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "sim/page/json.h"
#include "sim/page/limits.h"
#include "sim/page/links.h"

namespace quorate::sim {
namespace {

// ShiViz knows no parentheses in a named one.
constexpr std::string_view kLine =
    R"((?<host>\S+) (?<clock>\{[^}]*\}) (?<time>\d+) (?<number>\d+) (?<part>\S+) (?<event>.*))";

struct Host {
  bool client = false;
  uint32_t index = 0;
  friend auto operator<=>(const Host&, const Host&) = default;
};

Host HostOf(NodeIndex node) { return {false, node.value}; }
std::string NameOf(Host host) {
  return Format("%s-%u", host.client ? "client" : "node", host.index);
}

enum class Part : uint8_t { kNone, kKey, kCause, kFailure };
std::string_view NameOf(Part part) {
  switch (part) {
    case Part::kNone:
      return "-";
    case Part::kKey:
      return "key";
    case Part::kCause:
      return "cause";
    case Part::kFailure:
      return "failure";
  }
  return "-";
}

struct Line {
  SimTime time;
  EventId cause;
  Part part = Part::kNone;
  std::string words;
};

using Clock = std::vector<uint64_t>;  // by the number of the host

class Log {
 public:
  Log(const PageContent& content, const PageRun& run, const PageLanes& lanes)
      : content_(content), run_(run), lanes_(lanes), links_(content) {}

  ShiVizLog Write();

 private:
  void AddEvents();
  void AddOperations();
  void AddLives();
  void AddFaults();
  void AddFailure();
  // More words of what happened at a host in the course of an event.
  Line& Add(EventId event, Host host, SimTime time, const std::string& words);
  // Where it happened; none where it is of no host, or of one that is not on the page.
  [[nodiscard]] std::optional<Host> HostOf(const PageEvent& entry) const;
  [[nodiscard]] std::string Words(const PageEvent& entry) const;
  void NumberHosts();
  void WriteLine(EventId event, Host host, const Line& line);

  const PageContent& content_;
  const PageRun& run_;
  const PageLanes& lanes_;
  const Links links_;
  std::map<std::pair<EventId, Host>, Line> lines_;
  std::map<EventId, Host> homes_;  // of events that are of one host
  std::map<Host, size_t> hosts_;
  std::map<Host, Clock> now_;
  std::map<EventId, Clock> clocks_;  // of those with homes
  std::string text_;
};

// One line, of letters that every reader takes as they are.
std::string Plain(std::string_view text) {
  std::string plain;
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    plain += byte >= 0x20 && byte < 0x7f ? std::string(1, letter) : Format("\\x%02x", byte);
  }
  return plain;
}

// Who has what.

Line& Log::Add(EventId event, Host host, SimTime time, const std::string& words) {
  Line& line = lines_[{event, host}];
  line.time = time;
  line.words += (line.words.empty() ? "" : "; ") + words;
  return line;
}

std::optional<Host> Log::HostOf(const PageEvent& entry) const {
  const WorldEvent& event = entry.event;
  const std::string_view kind = entry.kind;
  if (kind.starts_with("fault-") || kind.starts_with("node-") || kind == "phase-began") return {};
  if (kind == "client-wakes" || kind == "client-receives") {
    const bool shown = HasLane(lanes_.clients, event.peer) || entry.chain;
    if (!shown || event.peer == kNoNode.value) return {};
    return Host{true, event.peer};
  }
  const bool lost = kind == "message-lost" && HasLane(lanes_.nodes, event.peer);
  return Host{false, lost ? event.peer : event.node.value};
}

std::string Log::Words(const PageEvent& entry) const {
  const WorldEvent& event = entry.event;
  const std::string_view kind = entry.kind;
  if (kind == "client-wakes") return "wakes";
  if (kind == "client-receives") return Format("hears node %u", event.node.value);
  if (kind == "tick") return Format("shard %u ticks", event.shard);
  if (kind == "message-lost") {
    return "lost on the way to " + links_.WhereTo(entry);
  }
  const bool heard = kind == "message-arrived" || kind == "client-sends";
  return Format("shard %u%s ", event.shard, heard ? " hears" : ":") + links_.FromWhere(entry);
}

void Log::AddEvents() {
  for (const auto& [id, entry] : content_.events) {
    const std::optional<Host> host = HostOf(entry);
    if (!host || !IsShown(entry, lanes_)) continue;
    Line& line = Add(id, *host, entry.event.time, Words(entry));
    line.cause = entry.event.cause;
    line.part = entry.chain ? Part::kCause : entry.story ? Part::kKey : Part::kNone;
    homes_.emplace(id, *host);
  }
}

// A client learns of the end of a connection in the course of what ended it, elsewhere.
void Log::AddOperations() {
  for (const auto& [number, operation] : content_.operations) {
    if (!IsShown(operation, lanes_)) continue;
    const Host client{true, operation.client};
    const Part part = operation.story ? Part::kKey : Part::kNone;
    const std::string name = Format("operation %u", number);
    Line& begin = Add(operation.begin_event, client, operation.begin,
                      Format("asks node %u %s: ", operation.node.value, name) + operation.command);
    begin.part = std::max(begin.part, part);
    if (operation.verdict == PageVerdict::kOpen) continue;
    Line& end = Add(operation.end_event, client, operation.end,
                    Format("%s ends %s: ", name, NameOf(operation.verdict)) + operation.answer);
    end.part = std::max(end.part, operation.failed ? Part::kFailure : part);
    if (end.cause == EventId{}) end.cause = operation.end_event;
  }
}

void Log::AddLives() {
  for (const PageLife& life : content_.lives) {
    if (!HasLane(lanes_.nodes, life.node.value)) continue;
    const Host host = quorate::sim::HostOf(life.node);
    Add(life.began_event, host, life.from, Format("starts, life %u", life.life));
    homes_.emplace(life.began_event, host);
    if (!life.until) continue;
    Add(life.ended_event, host, *life.until, Format("life %u %s", life.life, life.end));
    homes_.emplace(life.ended_event, host);
  }
}

void Log::AddFaults() {
  for (const PageFault& fault : content_.faults) {
    const std::string name = Format("fault %u, %s, ", fault.id, NameOf(fault.kind));
    for (const NodeIndex node : fault.nodes) {
      if (!HasLane(lanes_.nodes, node.value)) continue;
      const Host host = quorate::sim::HostOf(node);
      Add(fault.began_event, host, fault.from, name + "begins: " + TextOf(fault, run_));
      if (fault.until) Add(fault.ended_event, host, *fault.until, name + "ends");
    }
  }
}

void Log::AddFailure() {
  if (!content_.plan.failure) return;
  const Failure& failure = *content_.plan.failure;
  const auto home = homes_.find(failure.event);
  if (home == homes_.end()) return;
  Line& line = lines_.at({failure.event, home->second});
  line.part = Part::kFailure;
  line.words += Format("; failure, %s: promised: ", NameOf(failure.kind)) + failure.promised +
                "; seen: " + failure.seen;
}

// What they could know.

void Log::NumberHosts() {
  for (const auto& [at, line] : lines_) hosts_.try_emplace(at.second, 0);
  size_t number = 0;
  for (auto& [host, place] : hosts_) {
    place = number++;
    now_[host].resize(hosts_.size());
  }
}

void Log::WriteLine(EventId event, Host host, const Line& line) {
  Clock& clock = now_.at(host);
  if (const auto cause = clocks_.find(line.cause); cause != clocks_.end()) {
    for (size_t i = 0; i < clock.size(); ++i) clock[i] = std::max(clock[i], cause->second[i]);
  }
  ++clock[hosts_.at(host)];
  const auto home = homes_.find(event);
  if (home != homes_.end() && home->second == host) clocks_[event] = clock;
  Json json;
  json.Begin('{');
  for (const auto& [other, number] : hosts_) {
    if (clock[number] > 0) json.Key(NameOf(other)).Number(clock[number]);
  }
  json.End('}');
  text_ += NameOf(host) + " " + json.Take();
  text_ += Format(" %u %u %s ", line.time.us, event.value, NameOf(line.part));
  text_ += Plain(line.words) + "\n";
}

ShiVizLog Log::Write() {
  AddEvents();
  AddOperations();
  AddLives();
  AddFaults();
  AddFailure();
  NumberHosts();
  const size_t most = kPageBytesMax / (kPageLogLine + hosts_.size() * kPageLogClock);
  uint64_t left_out = 0;
  for (; lines_.size() > most; ++left_out) lines_.erase(lines_.begin());
  text_.append(kLine).append("\n\n");
  for (const auto& [at, line] : lines_) WriteLine(at.first, at.second, line);
  return {std::move(text_), left_out};
}

}  // namespace

ShiVizLog MakeShiViz(const PageContent& content, const PageRun& run, const PageLanes& lanes) {
  QUORATE_CHECK(!content.recorded);
  return Log(content, run, lanes).Write();
}

}  // namespace quorate::sim
