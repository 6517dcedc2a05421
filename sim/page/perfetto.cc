// SPDX-License-Identifier: Apache-2.0
#include "sim/page/perfetto.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "sim/page/json.h"
#include "sim/page/limits.h"
#include "sim/page/links.h"
#include "sim/page/rows.h"
#include "sim/world/limits.h"

namespace quorate::sim {
namespace {

// Numbers of processes, and of their threads behind them: no two threads of a trace have the same
// number, and none has 0, which readers take for the idle one.
constexpr uint64_t kFaultsProcess = 1'000;
constexpr uint64_t kClientsProcess = 2'000;
constexpr uint64_t kFirstNodeProcess = 10'000;
constexpr uint64_t kProcessStride = 1'000;

static_assert(kPageTick <= kServiceMin);
static_assert(kShardsPerNodeMax + 2 < kProcessStride);

struct Thread {
  uint64_t process = 0;
  uint64_t number = 0;
  friend auto operator<=>(const Thread&, const Thread&) = default;
};

class Trace {
 public:
  Trace(const PageContent& content, const PageRun& run, const PageLanes& lanes)
      : content_(content), run_(run), lanes_(lanes), links_(content), flow_(run.events) {}

  std::string Write();

 private:
  void WriteRun();
  void WritePhases();
  void WriteFailure();
  void WriteFaults();
  void WriteLives();
  void WriteOperations();
  void WriteOperation(const PageOperation& operation);
  void WriteEvents();
  void WriteTick(const PageEvent& tick);
  void WriteTaken(const PageEvent& tick);
  void WriteSent(const PageEvent& tick);
  void WriteInstant(const PageEvent& entry);
  void WriteNames();

  void Begin(std::string_view phase, std::string_view name, const std::string& category,
             SimTime time, Thread thread);
  // Up to its args, which are to be ended with it.
  void BeginSlice(std::string_view name, const std::string& category, SimTime from, SimTime until,
                  Thread thread);
  void End() { json_.End('}').End('}'); }
  void WriteFlow(std::string_view phase, std::string_view name, uint64_t number, SimTime time,
                 Thread thread);

  [[nodiscard]] SimTime EndOf(const PageOperation& operation) const;
  [[nodiscard]] const PageEvent* Shown(EventId event) const;
  // Both ends of its flow are on the page.
  [[nodiscard]] bool Flows(const PageEvent& message) const;
  [[nodiscard]] Thread Named(uint64_t process, const std::string& name);
  [[nodiscard]] Thread OfRow(uint64_t process, const std::string& name, size_t row);
  [[nodiscard]] Thread OfNode(NodeIndex node, uint64_t number, const std::string& name);
  [[nodiscard]] Thread OfShard(const PageEvent& entry);

  const PageContent& content_;
  const PageRun& run_;
  const PageLanes& lanes_;
  const Links links_;
  Json json_;
  Rows rows_;
  std::map<uint64_t, std::string> processes_;
  std::map<Thread, std::string> threads_;
  std::map<std::pair<uint64_t, std::string>, Thread> by_name_;
  std::map<uint64_t, Thread> of_operations_;
  uint64_t flow_;  // the last that is not of a message, which has the number of its event
  std::map<std::pair<NodeIndex, uint16_t>, SimTime> next_ticks_;
  std::map<EventId, SimTime> ends_;  // of ticks
};

// Whether it is seen as a slice of its own, or in one; or is where nobody knows when it came there.
bool IsToldElsewhere(const PageEvent& entry) {
  const std::string_view kind = entry.kind;
  return kind.starts_with("node-") || kind.starts_with("fault-") || kind == "phase-began" ||
         kind == "client-wakes" || kind == "client-receives" || kind == "message-sent";
}

std::string CategoryOf(std::string_view what, bool cause, bool story) {
  return std::string(what) + (cause ? ",cause" : "") + (story ? ",key" : "");
}

// What has no duration has one that is seen.
SimTime Seen(SimTime from, SimTime until) { return std::max(until, from + Duration(1)); }

SimTime Trace::EndOf(const PageOperation& operation) const {
  const bool open = operation.verdict == PageVerdict::kOpen;
  return Seen(operation.begin, open ? content_.ended : operation.end);
}

// Who is where.

Thread Trace::Named(uint64_t process, const std::string& name) {
  const auto [found, fresh] = by_name_.try_emplace({process, name});
  if (fresh) {
    found->second = {process, process + by_name_.size()};
    threads_[found->second] = name;
  }
  return found->second;
}

Thread Trace::OfRow(uint64_t process, const std::string& name, size_t row) {
  return Named(process, row == 0 ? name : Format("%s (%u)", name, row + 1));
}

Thread Trace::OfNode(NodeIndex node, uint64_t number, const std::string& name) {
  const uint64_t process = kFirstNodeProcess + kProcessStride * node.value;
  std::string& of_process = processes_[process];
  if (of_process.empty()) {
    of_process = Format("node %u", node.value);
    if (node.value < run_.places.size()) of_process += ", " + run_.places[node.value];
  }
  const Thread thread{process, process + number};
  threads_[thread] = name;
  return thread;
}

Thread Trace::OfShard(const PageEvent& entry) {
  return OfNode(entry.event.node, entry.event.shard + uint64_t{2},
                content_.recorded ? "shard" : Format("shard %u", entry.event.shard));
}

const PageEvent* Trace::Shown(EventId event) const {
  const auto found = content_.events.find(event);
  if (found == content_.events.end() || !IsShown(found->second, lanes_)) return nullptr;
  return &found->second;
}

bool Trace::Flows(const PageEvent& message) const {
  return message.kind == "message-arrived" && Shown(links_.SentBy(message)) != nullptr &&
         Shown(links_.TakenBy(message.event.id)) != nullptr;
}

// What all events have.

void Trace::Begin(std::string_view phase, std::string_view name, const std::string& category,
                  SimTime time, Thread thread) {
  json_.Begin('{').Key("ph").Text(phase).Key("name").Text(name).Key("cat").Text(category);
  json_.Key("ts").Number(time.us).Key("pid").Number(thread.process);
  json_.Key("tid").Number(thread.number);
}

void Trace::BeginSlice(std::string_view name, const std::string& category, SimTime from,
                       SimTime until, Thread thread) {
  Begin("X", name, category, from, thread);
  json_.Key("dur").Number(until.us - from.us).Key("args").Begin('{');
}

// Its name and category are what holds both ends together, beside the number.
void Trace::WriteFlow(std::string_view phase, std::string_view name, uint64_t number, SimTime time,
                      Thread thread) {
  Begin(phase, name, "flow", time, thread);
  json_.Key("id").Number(number);
  if (phase == "f") json_.Key("bp").Text("e");
  json_.End('}');
}

// The run.

void Trace::WriteRun() {
  json_.Key("displayTimeUnit").Text("ms").Key("otherData").Begin('{');
  json_.Key("title").Text(run_.title).Key("bug").Text(run_.bug);
  json_.Key("events").Number(run_.events).Key("hash").Text(Format("%016x", run_.hash));
  json_.Key("why").Text(run_.why).Key("gdb").Text(run_.gdb).Key("left_out").Begin('[');
  for (const std::string& line : LeftOut(content_, run_, lanes_)) json_.Text(line);
  json_.End(']').End('}');
}

void Trace::WritePhases() {
  const auto& phases = content_.phases;
  for (size_t i = 0; i < phases.size(); ++i) {
    const SimTime until = i + 1 < phases.size() ? phases[i + 1].first : content_.ended;
    BeginSlice(NameOf(phases[i].second), "phase", phases[i].first, std::max(until, phases[i].first),
               Named(kFaultsProcess, "phases"));
    End();
  }
}

void Trace::WriteFailure() {
  if (!content_.plan.failure) return;
  const Failure& failure = *content_.plan.failure;
  const auto found = content_.events.find(failure.event);
  const SimTime time = found == content_.events.end() ? content_.ended : found->second.event.time;
  Begin("i", NameOf(failure.kind), "failure", time, Named(kFaultsProcess, "failure"));
  json_.Key("s").Text("g").Key("cname").Text("terrible").Key("args").Begin('{');
  json_.Key("event").Number(failure.event.value).Key("oracle").Text(failure.oracle);
  json_.Key("promised").Text(failure.promised).Key("seen").Text(failure.seen);
  End();
}

void Trace::WriteFaults() {
  processes_[kFaultsProcess] = "faults";
  for (const PageFault& fault : content_.faults) {
    const SimTime until = Seen(fault.from, fault.until.value_or(content_.ended));
    const std::string kind(NameOf(fault.kind));
    const size_t row = rows_.Take(kind, fault.from.us, until.us);
    BeginSlice(kind, "fault", fault.from, until, OfRow(kFaultsProcess, kind, row));
    json_.Key("fault").Text(std::to_string(fault.id)).Key("text").Text(TextOf(fault, run_));
    json_.Key("effects").Number(fault.effects).Key("ended").Number(fault.until ? 1 : 0);
    json_.Key("nodes").Begin('[');
    for (const NodeIndex node : fault.nodes) json_.Number(node.value);
    json_.End(']');
    End();
  }
}

void Trace::WriteLives() {
  for (const PageLife& life : content_.lives) {
    if (!HasLane(lanes_.nodes, life.node.value)) continue;
    const SimTime until = std::max(life.from, life.until.value_or(content_.ended));
    BeginSlice(Format("life %u: %s", life.life, life.end), "life", life.from, until,
               OfNode(life.node, 1, "lives"));
    json_.Key("life").Number(life.life).Key("shards").Number(life.shards);
    json_.Key("end").Text(life.end);
    End();
  }
}

// Clients.

void Trace::WriteOperations() {
  processes_[kClientsProcess] = "clients";
  std::map<std::pair<uint32_t, size_t>, Thread> threads;
  std::vector<std::pair<const PageOperation*, size_t>> rows;
  for (const auto& [number, operation] : content_.operations) {
    if (!IsShown(operation, lanes_)) continue;
    const size_t row =
        rows_.Take(Format("client %u", operation.client), operation.begin.us, EndOf(operation).us);
    rows.push_back({&operation, row});
    threads[{operation.client, row}] = {};
  }
  // Those of a client stand together.
  for (auto& [at, thread] : threads) {
    thread = OfRow(kClientsProcess, Format("client %u", at.first), at.second);
  }
  for (const auto& [operation, row] : rows) {
    of_operations_[operation->number] = threads.at({operation->client, row});
    WriteOperation(*operation);
  }
}

void Trace::WriteOperation(const PageOperation& operation) {
  std::string category = CategoryOf("operation", false, operation.story);
  if (operation.named) category += ",named";
  if (operation.failed) category += ",failure";
  Begin("X", operation.command, category, operation.begin, of_operations_.at(operation.number));
  json_.Key("dur").Number(EndOf(operation).us - operation.begin.us);
  if (operation.failed) json_.Key("cname").Text("terrible");
  json_.Key("args").Begin('{').Key("operation").Number(operation.number);
  json_.Key("verdict").Text(NameOf(operation.verdict)).Key("answer").Text(operation.answer);
  json_.Key("levels").Text(operation.levels).Key("phase").Text(operation.phase);
  json_.Key("asked").Number(operation.begin_event.value);
  json_.Key("ended").Number(operation.end_event.value);
  End();
}

// Nodes.

void Trace::WriteEvents() {
  for (auto at = content_.events.rbegin(); at != content_.events.rend(); ++at) {
    const WorldEvent& event = at->second.event;
    if (at->second.kind != "tick") continue;
    SimTime& next = next_ticks_.try_emplace({event.node, event.shard}, content_.ended + kPageTick)
                        .first->second;
    ends_[at->first] = std::max(event.time, std::min(event.time + kPageTick, next));
    next = event.time;
  }
  for (const auto& [id, entry] : content_.events) {
    if (!IsShown(entry, lanes_)) continue;
    if (entry.kind == "tick") {
      WriteTick(entry);
    } else {
      WriteInstant(entry);
    }
  }
}

void Trace::WriteTick(const PageEvent& tick) {
  const EventId id = tick.event.id;
  BeginSlice("tick", CategoryOf("tick", tick.chain, tick.story), tick.event.time, ends_.at(id),
             OfShard(tick));
  json_.Key("event").Number(id.value);
  if (!tick.note.empty()) json_.Key("note").Text(tick.note);
  json_.Key("took").Begin('[');
  for (const EventId input : tick.inputs) {
    const auto found = content_.events.find(input);
    if (found != content_.events.end()) json_.Text(links_.FromWhere(found->second));
  }
  json_.End(']').Key("sent").Begin('[');
  for (const EventId sent : links_.SentIn(id)) {
    const PageEvent& entry = content_.events.at(sent);
    json_.Text((entry.kind == "message-lost" ? "lost: " : "") + links_.WhereTo(entry));
  }
  json_.End(']');
  End();
  WriteTaken(tick);
  WriteSent(tick);
}

void Trace::WriteTaken(const PageEvent& tick) {
  for (const EventId input : tick.inputs) {
    const auto found = content_.events.find(input);
    if (found == content_.events.end()) continue;
    if (Flows(found->second))
      WriteFlow("f", "message", input.value, tick.event.time, OfShard(tick));
    for (const PageOperation* const operation : links_.AskedWith(found->second)) {
      if (!IsShown(*operation, lanes_)) continue;
      ++flow_;
      WriteFlow("s", "asked", flow_, operation->begin, of_operations_.at(operation->number));
      WriteFlow("f", "asked", flow_, tick.event.time, OfShard(tick));
    }
  }
}

void Trace::WriteSent(const PageEvent& tick) {
  for (const EventId message : links_.CameOf(tick.event.id)) {
    if (!Flows(content_.events.at(message))) continue;
    WriteFlow("s", "message", message.value, tick.event.time, OfShard(tick));
  }
  for (const EventId sent : links_.SentIn(tick.event.id)) {
    for (const PageOperation* const operation : links_.AnsweredWith(content_.events.at(sent))) {
      // A slice does not have its end.
      const SimTime last{EndOf(*operation).us - 1};
      if (!IsShown(*operation, lanes_) || last < tick.event.time) continue;
      ++flow_;
      WriteFlow("s", "answered", flow_, tick.event.time, OfShard(tick));
      WriteFlow("f", "answered", flow_, last, of_operations_.at(operation->number));
    }
  }
}

void Trace::WriteInstant(const PageEvent& entry) {
  if (IsToldElsewhere(entry) || entry.event.node == kNoNode) return;
  if (Shown(links_.TakenBy(entry.event.id)) != nullptr) return;
  if (entry.kind != "message-arrived" && Shown(links_.SentBy(entry)) != nullptr) return;
  Begin("i", entry.kind, CategoryOf("event", entry.chain, entry.story), entry.event.time,
        OfShard(entry));
  json_.Key("s").Text("t").Key("args").Begin('{').Key("event").Number(entry.event.id.value);
  json_.Key("from").Text(links_.FromWhere(entry));
  End();
}

// Names come last: by then it is known who there is.
void Trace::WriteNames() {
  const auto write = [this](std::string_view what, Thread thread, const std::string& name) {
    json_.Begin('{').Key("ph").Text("M").Key("name").Text(what).Key("pid").Number(thread.process);
    json_.Key("tid").Number(thread.number).Key("args").Begin('{').Key("name").Text(name);
    End();
  };
  for (const auto& [process, name] : processes_) write("process_name", {process, process}, name);
  for (const auto& [thread, name] : threads_) write("thread_name", thread, name);
}

std::string Trace::Write() {
  json_.Begin('{');
  WriteRun();
  json_.Key("traceEvents").Begin('[');
  WritePhases();
  WriteFailure();
  WriteFaults();
  WriteLives();
  WriteOperations();
  WriteEvents();
  WriteNames();
  json_.End(']').End('}');
  return json_.Take();
}

}  // namespace

std::string MakePerfetto(const PageContent& content, const PageRun& run, const PageLanes& lanes) {
  return Trace(content, run, lanes).Write();
}

}  // namespace quorate::sim
