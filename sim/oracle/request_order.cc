// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/request_order.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "engine/base/status.h"
#include "sim/oracle/history.h"
#include "sim/oracle/limits.h"

namespace quorate::sim {
namespace {

using resp::Reply;
using resp::ReplyKind;

constexpr std::string_view kOracle = "request_order";

constexpr uint32_t Bit(ReplyKind kind) { return 1u << static_cast<uint32_t>(kind); }
constexpr uint32_t kValue = Bit(ReplyKind::kBulk) | Bit(ReplyKind::kNull);
constexpr uint32_t kInteger = Bit(ReplyKind::kInteger);
constexpr uint32_t kOk = Bit(ReplyKind::kSimple);
constexpr uint32_t kList = Bit(ReplyKind::kArray);
constexpr uint32_t kPairs = Bit(ReplyKind::kMap) | Bit(ReplyKind::kArray);

struct Shape {
  std::string_view command;
  uint32_t kinds;
};

constexpr std::array kShapes = {
    Shape{"get", kValue},
    Shape{"getset", kValue},
    Shape{"getdel", kValue},
    Shape{"getex", kValue},
    Shape{"hget", kValue},
    Shape{"set", kOk | kValue},
    Shape{"setex", kOk},
    Shape{"psetex", kOk},
    Shape{"mset", kOk},
    Shape{"hmset", kOk},
    Shape{"select", kOk},
    Shape{"auth", kOk},
    Shape{"setnx", kInteger},
    Shape{"msetnx", kInteger},
    Shape{"del", kInteger},
    Shape{"unlink", kInteger},
    Shape{"exists", kInteger},
    Shape{"incr", kInteger},
    Shape{"decr", kInteger},
    Shape{"incrby", kInteger},
    Shape{"decrby", kInteger},
    Shape{"append", kInteger},
    Shape{"strlen", kInteger},
    Shape{"hset", kInteger},
    Shape{"hsetnx", kInteger},
    Shape{"hdel", kInteger},
    Shape{"hlen", kInteger},
    Shape{"hexists", kInteger},
    Shape{"hincrby", kInteger},
    Shape{"expire", kInteger},
    Shape{"pexpire", kInteger},
    Shape{"expireat", kInteger},
    Shape{"pexpireat", kInteger},
    Shape{"persist", kInteger},
    Shape{"ttl", kInteger},
    Shape{"pttl", kInteger},
    Shape{"dbsize", kInteger},
    Shape{"type", kOk},
    Shape{"mget", kList},
    Shape{"hmget", kList},
    Shape{"hkeys", kList},
    Shape{"hvals", kList},
    Shape{"keys", kList},
    Shape{"scan", kList},
    Shape{"lcs", Bit(ReplyKind::kBulk) | kInteger | kPairs},
    Shape{"bitop", kInteger},
    Shape{"rename", kOk},
    Shape{"renamenx", kInteger},
    Shape{"copy", kInteger},
    Shape{"hgetall", kPairs},
    Shape{"hello", kPairs},
    Shape{"echo", Bit(ReplyKind::kBulk)},
    Shape{"ping", kOk | Bit(ReplyKind::kBulk)},
};

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

// What the kind alone does not say: how many elements, which echo.
bool ContentFits(std::string_view name, std::span<const Bytes> args, const Reply& reply) {
  if (name == "mget") return reply.elements.size() + 1 == args.size();
  if (name == "hmget") return reply.elements.size() + 2 == args.size();
  if (name == "echo") return args.size() == 2 && reply.text == args[1];
  if (name == "ping") return args.size() == 2 ? reply.text == args[1] : reply.text == "PONG";
  if (name == "set" || name == "mset")
    return reply.kind != ReplyKind::kSimple || reply.text == "OK";
  if (name == "hgetall" && reply.kind == ReplyKind::kArray) return reply.elements.size() % 2 == 0;
  return true;
}

Bytes FirstWord(const Bytes& text) { return text.substr(0, text.find(' ')); }

}  // namespace

bool FitsCommand(const std::vector<Bytes>& command, const Reply& reply) {
  if (reply.IsError()) return true;
  const std::span<const Bytes> args = WithoutLevels(command);
  if (args.empty()) return true;
  const std::string name = Lower(args[0]);
  const auto shape = std::find_if(kShapes.begin(), kShapes.end(),
                                  [&](const Shape& entry) { return entry.command == name; });
  if (shape == kShapes.end()) return true;
  return (shape->kinds & Bit(reply.kind)) != 0 && ContentFits(name, args, reply);
}

void RequestOrder::Invoked(const OperationInvoked& operation) {
  last_event_ = operation.event;
  if (!open_.insert(operation.operation).second) {
    Fail(FailureKind::kWrongReply, operation.event, "each operation has a number of its own",
         Format("number %u came twice", operation.operation));
  }
}

void RequestOrder::Completed(const OperationCompleted& operation) {
  last_event_ = operation.event;
  const OperationInvoked& request = operation.invoked;
  if (open_.erase(request.operation) == 0) {
    return Fail(FailureKind::kWrongReply, operation.event, "one reply for each request",
                Format("operation %u ended without having begun, or twice", request.operation));
  }
  if (operation.outcome != OperationOutcome::kReply) return;
  if (operation.reply.IsError()) ++errors_[FirstWord(operation.reply.text)];
  uint64_t& last = last_answered_[request.client];
  if (request.operation < last) {
    Fail(FailureKind::kWrongReply, operation.event, "replies in the order of the requests",
         Format("client %u: operation %u was answered after %u", request.client, request.operation,
                last));
  }
  last = request.operation;
  if (!FitsCommand(request.command, operation.reply)) {
    Fail(FailureKind::kWrongReply, operation.event,
         Format("%s gets a reply of its kind", Shown(request.command.front())),
         resp::Describe(operation.reply).substr(0, kShownBytesMax));
  }
}

void RequestOrder::RunEnded(const WorldView& /*world*/, uint64_t /*hash*/) {
  if (open_.empty()) return;
  Fail(FailureKind::kLeak, last_event_, "every request ends, by a reply or an error",
       Format("%u are open at rest, the first operation %u", open_.size(), *open_.begin()));
}

void RequestOrder::Fail(FailureKind kind, EventId event, std::string promised, std::string seen) {
  if (failure_.has_value()) return;
  failure_ = Failure{kind, std::string(kOracle), std::move(promised), std::move(seen), event};
}

}  // namespace quorate::sim
