// SPDX-License-Identifier: Apache-2.0
#include "sim/page/page.h"

#include <map>

#include "engine/base/check.h"
#include "sim/page/json.h"
#include "sim/page/limits.h"

namespace quorate::sim {
namespace {

#include "page_parts.inc"

int64_t Index(uint32_t value) { return value == kNoNode.value ? -1 : int64_t{value}; }

void WriteRun(const PageContent& content, const PageRun& run, Json& json) {
  json.Key("run").Begin('{');
  json.Key("title").Text(run.title).Key("recorded").Number(content.recorded ? 1 : 0);
  json.Key("bug").Text(run.bug).Key("nodes").Number(run.nodes).Key("events").Number(run.events);
  json.Key("operations").Number(run.operations).Key("hash").Text(Format("%016x", run.hash));
  json.Key("end").Number(content.ended.us);
  json.Key("why").Text(run.why).Key("gdb").Text(run.gdb);
  json.Key("late").Number(static_cast<uint64_t>(kPageLate.count()));
  json.Key("phases").Begin('[');
  for (const auto& [time, phase] : content.phases) {
    json.Begin('[').Number(time.us).Text(NameOf(phase)).End(']');
  }
  json.End(']').End('}');
}

void WriteFailure(const PagePlan& plan, Json& json) {
  if (plan.failure) {
    const Failure& failure = *plan.failure;
    json.Key("failure").Begin('{');
    json.Key("kind").Text(NameOf(failure.kind)).Key("oracle").Text(failure.oracle);
    json.Key("event").Number(failure.event.value);
    json.Key("promised").Text(failure.promised).Key("seen").Text(failure.seen).End('}');
  }
  json.Key("key").Text(plan.subject.key);
  json.Key("chain").Begin('[');
  for (const EventId event : plan.chain) json.Number(event.value);
  json.End(']');
  json.Key("window").Begin('[').Number(plan.first.value).Number(plan.last.value).End(']');
}

void WriteLanes(const PageContent& content, const PageRun& run, const PageLanes& lanes,
                Json& json) {
  json.Key("nodes").Begin('[');
  for (const uint32_t node : lanes.nodes) {
    json.Begin('{').Key("index").Number(node);
    json.Key("place").Text(node < run.places.size() ? run.places[node] : "");
    // A place for what a consensus group would say: [from, until, role, term].
    json.Key("roles").Begin('[').End(']');
    json.Key("lives").Begin('[');
    for (const PageLife& life : content.lives) {
      if (life.node.value != node) continue;
      json.Begin('[').Number(life.from.us).Number(life.until.value_or(content.ended).us);
      json.Number(life.life).Number(life.shards).Text(life.end).End(']');
    }
    json.End(']').End('}');
  }
  json.End(']').Key("clients").Begin('[');
  for (const uint32_t client : lanes.clients) json.Number(client);
  json.End(']');
}

void WriteFaults(const PageContent& content, const PageRun& run, Json& json) {
  json.Key("faults").Begin('[');
  for (const PageFault& fault : content.faults) {
    json.Begin('{').Key("id").Text(std::to_string(fault.id)).Key("kind").Text(NameOf(fault.kind));
    json.Key("from").Number(fault.from.us);
    json.Key("until").Number(fault.until.value_or(content.ended).us);
    json.Key("effects").Number(fault.effects).Key("text").Text(TextOf(fault, run));
    json.Key("nodes").Begin('[');
    for (const NodeIndex node : fault.nodes) json.Number(node.value);
    json.End(']').End('}');
  }
  json.End(']');
}

void WriteOperations(const PageContent& content, const PageLanes& lanes, Json& json) {
  json.Key("operations").Begin('[');
  for (const auto& [number, entry] : content.operations) {
    if (!IsShown(entry, lanes)) continue;
    json.Begin('{').Key("n").Number(number).Key("client").Number(entry.client);
    json.Key("node").Signed(Index(entry.node.value)).Key("from").Number(entry.begin.us);
    const bool open = entry.verdict == PageVerdict::kOpen;
    json.Key("until").Number(open ? content.ended.us : entry.end.us);
    json.Key("asked").Number(entry.begin_event.value).Key("ended").Number(entry.end_event.value);
    json.Key("verdict").Text(NameOf(entry.verdict));
    json.Key("phase").Text(entry.phase).Key("levels").Text(entry.levels);
    json.Key("command").Text(entry.command).Key("answer").Text(entry.answer);
    const unsigned flags =
        (entry.story ? 1U : 0U) | (entry.named ? 2U : 0U) | (entry.failed ? 4U : 0U);
    json.Key("flags").Number(flags).End('}');
  }
  json.End(']');
}

// [id, cause, time, kind, node, shard, peer, flags, sent, tick, note, inputs...]
void WriteEvents(const PageContent& content, const PageLanes& lanes, Json& json) {
  std::map<std::string_view, size_t> kinds;
  for (const auto& [id, entry] : content.events) kinds.emplace(entry.kind, kinds.size());
  std::vector<std::string_view> names(kinds.size());
  for (const auto& [name, kind] : kinds) names[kind] = name;
  json.Key("kinds").Begin('[');
  for (const std::string_view name : names) json.Text(name);
  json.End(']').Key("events").Begin('[');
  for (const auto& [id, entry] : content.events) {
    const WorldEvent& event = entry.event;
    if (!IsShown(entry, lanes)) continue;
    json.Begin('[').Number(id.value).Number(event.cause.value).Number(event.time.us);
    json.Number(kinds.at(entry.kind)).Signed(Index(event.node.value));
    json.Number(event.shard).Signed(Index(event.peer));
    json.Number((entry.chain ? 1U : 0U) | (entry.story ? 2U : 0U)).Number(entry.sent.us);
    json.Number(entry.tick).Text(entry.note);
    for (const EventId input : entry.inputs) json.Number(input.value);
    json.End(']');
  }
  json.End(']');
}

std::string WriteData(const PageContent& content, const PageRun& run, const PageLanes& lanes) {
  Json json;
  json.Begin('{').Key("version").Number(1);
  WriteRun(content, run, json);
  WriteFailure(content.plan, json);
  WriteLanes(content, run, lanes, json);
  WriteFaults(content, run, json);
  WriteOperations(content, lanes, json);
  WriteEvents(content, lanes, json);
  json.Key("left_out").Begin('[');
  for (const std::string& line : LeftOut(content, run, lanes)) json.Text(line);
  json.End(']').End('}');
  return json.Take();
}

void Fill(std::string& page, std::string_view mark, std::string_view text) {
  const size_t at = page.find(mark);
  QUORATE_CHECK(at != std::string::npos);
  page.replace(at, mark.size(), text);
}

}  // namespace

std::string MakePage(const PageContent& content, const PageRun& run, const PageLanes& lanes) {
  std::string page(k_page_html);
  std::string script;
  for (const std::string_view part : {k_model_js, k_draw_js, k_page_js}) script += part;
  // The data last: they may hold anything.
  Fill(page, "{{title}}", run.title);
  Fill(page, "{{style}}", k_page_css);
  Fill(page, "{{script}}", script);
  Fill(page, "{{data}}", WriteData(content, run, lanes));
  return page;
}

}  // namespace quorate::sim
