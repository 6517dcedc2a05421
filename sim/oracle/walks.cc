// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/walks.h"

#include <algorithm>
#include <utility>

#include "engine/base/status.h"
#include "sim/oracle/history.h"

namespace quorate::sim {

void Walks::Completed(const OperationCompleted& operation, bool whole) {
  const OperationInvoked& asked = operation.invoked;
  const bool answered = operation.outcome == OperationOutcome::kReply && !operation.reply.IsError();
  if (asked.phase < Phase::kSweep) return NoteDoubts(asked, answered);
  const Bytes& name = asked.command.front();
  if (name == "SCAN" && !answered) scans_.erase(asked.client);
  if (!answered || !whole) return;
  const resp::Reply& reply = operation.reply;
  if (name == "SCAN") {
    TakeScan(asked, reply, operation.event);
  } else if (name == "KEYS") {
    std::vector<Bytes> met;
    met.reserve(reply.elements.size());
    for (const resp::Reply& key : reply.elements) met.push_back(key.text);
    Judge("KEYS", std::move(met), operation.event);
  } else if (name == "DBSIZE") {
    JudgeCount(reply.integer, operation.event);
  } else if (asked.command.size() == 2) {
    NotePresence(asked.command[1], reply);
  }
}

void Walks::NoteDoubts(const OperationInvoked& operation, bool answered) {
  if (operation.command.size() > 1 && !ParseKey(operation.command[1])) others_ = true;
  if (answered) return;
  for (const Bytes& argument : operation.command) {
    if (const std::optional<KeyRef> key = ParseKey(argument)) doubtful_.insert(*key);
  }
}

void Walks::NotePresence(const Bytes& key, const resp::Reply& reply) {
  const bool is_hash = reply.kind == resp::ReplyKind::kArray || reply.kind == resp::ReplyKind::kMap;
  const uint32_t number = swept_.Add(key);
  if (number == there_.size()) there_.push_back(false);
  there_[number] = is_hash ? !reply.elements.empty() : reply.kind != resp::ReplyKind::kNull;
}

void Walks::TakeScan(const OperationInvoked& scan, const resp::Reply& reply, EventId event) {
  if (reply.elements.size() != 2) return;  // request_order says so
  std::vector<Bytes>& met = scans_[scan.client];
  if (scan.command[1] == "0") met.clear();
  for (const resp::Reply& key : reply.elements[1].elements) met.push_back(key.text);
  if (reply.elements[0].text == "0") Judge("SCAN", std::exchange(met, {}), event);
}

bool Walks::Judged(const Bytes& key) const {
  const std::optional<KeyRef> ref = ParseKey(key);
  return ref && ref->key_class != KeyClass::kExpiring && !doubtful_.contains(*ref);
}

std::vector<Bytes> Walks::Found() const {
  std::vector<Bytes> found;
  for (const uint32_t number : swept_.InOrder()) {
    if (there_[number] && Judged(swept_.key(number))) found.push_back(swept_.key(number));
  }
  return found;
}

void Walks::Judge(std::string_view what, std::vector<Bytes> met, EventId event) {
  ++walks_;
  std::sort(met.begin(), met.end());
  const auto twice = std::adjacent_find(met.begin(), met.end());
  if (twice != met.end()) {
    return Fail(Format("%s meets a key once", what), Shown(*twice) + " was met twice", event);
  }
  for (const Bytes& key : met) {
    if (!ParseKey(key)) continue;
    const std::optional<uint32_t> swept = swept_.Find(key);
    if (!swept || (Judged(key) && !there_[*swept])) {
      return Fail(Format("%s meets the keys that are there", what),
                  Shown(key) + " was met, and the sweep had found nothing", event);
    }
  }
  for (const uint32_t number : swept_.InOrder()) {
    const Bytes& key = swept_.key(number);
    if (!there_[number] || !Judged(key) || std::binary_search(met.begin(), met.end(), key)) {
      continue;
    }
    return Fail(
        Format("%s meets all keys", what),
        Shown(key) + ", which the sweep had read, was not among the " + std::to_string(met.size()),
        event);
  }
}

void Walks::JudgeCount(int64_t count, EventId event) {
  ++walks_;
  int64_t least = 0;
  int64_t most = 0;
  for (uint32_t number = 0; number < swept_.size(); ++number) {
    const bool judged = Judged(swept_.key(number));
    if (there_[number] && judged) ++least;
    if (there_[number] || !judged) ++most;
  }
  if (count >= least && (count <= most || others_)) return;
  Fail(Format("DBSIZE counts each key once: %d to %d", least, most), std::to_string(count), event);
}

void Walks::Fail(std::string promised, std::string seen, EventId event) {
  if (failure_) return;
  failure_ =
      Failure{FailureKind::kWrongReply, "walks", std::move(promised), std::move(seen), event};
}

}  // namespace quorate::sim
