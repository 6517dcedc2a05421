// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/printer.h"

#include <algorithm>
#include <cstdio>

#include "engine/base/status.h"
#include "sim/fault/words.h"

namespace quorate::sim {
namespace {

constexpr size_t kShownBytes = 40;

std::string Shorten(std::string text) {
  if (text.size() > kShownBytes) text = text.substr(0, kShownBytes) + "...";
  return text;
}

std::string Words(const std::vector<Bytes>& command) {
  std::string text;
  for (const Bytes& word : command) text += (text.empty() ? "" : " ") + Shorten(word);
  return text;
}

}  // namespace

void Printer::Line(SimTime time, std::string_view text) const {
  std::fprintf(stderr, "%4u.%06u %.*s\n", static_cast<unsigned>(time.us / 1'000'000),
               static_cast<unsigned>(time.us % 1'000'000), static_cast<int>(text.size()),
               text.data());
}

void Printer::Logged(NodeIndex node, SimTime time, env::LogLevel level, std::string_view text) {
  constexpr std::string_view kLevels = "DIWE";
  if (!log_) return;
  Line(time, Format("%c node %u: %s", kLevels[static_cast<size_t>(level)], node.value, text));
}

void Printer::Began(const FaultBegan& began) {
  if (!Tells()) return;
  Line(now_, "+ fault " + Words(began.fault, began.nodes));
}

void Printer::Ended(const FaultEnded& ended) {
  if (!Tells()) return;
  const Fault& fault = ended.fault;
  Line(now_, Format("- fault %u: %s, %u effects", fault.id, NameOf(fault.kind), ended.effects));
}

void Printer::Crashed(NodeIndex node, SimTime time) {
  if (Tells()) Line(time, Format("node %u crashed", node.value));
}

void Printer::Stopped(NodeIndex node, SimTime time) {
  if (Tells()) Line(time, Format("node %u stopped", node.value));
}

void Printer::Started(NodeIndex node, SimTime time) {
  if (Tells()) Line(time, Format("node %u started", node.value));
}

void Printer::PhaseBegan(Phase phase, SimTime time) {
  if (Tells()) Line(time, Format("phase %s", NameOf(phase)));
}

bool Printer::Watches(const OperationInvoked& operation) const {
  const std::vector<Bytes>& command = operation.command;
  return !watched_.empty() && std::find(command.begin(), command.end(), watched_) != command.end();
}

std::string Printer::Tell(const OperationInvoked& operation) const {
  std::string text = Format("operation %u, client %u at node %u: %s", operation.operation,
                            operation.client, operation.node.value, Words(operation.command));
  return InPool(world_, operation.pool, std::move(text));
}

void Printer::Invoked(const OperationInvoked& operation) {
  if (Watches(operation)) Line(operation.time, "> " + Tell(operation));
}

void Printer::Completed(const OperationCompleted& operation) {
  if (!Watches(operation.invoked)) return;
  Line(operation.time, "< " + Tell(operation.invoked) + " = " + Shorten(AnswerOf(operation)));
}

}  // namespace quorate::sim
