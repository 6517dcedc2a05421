// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/lone_clients.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/status.h"
#include "sim/client/lone_commands.h"
#include "sim/oracle/limits.h"
#include "sim/oracle/lone_copy.h"

namespace quorate::sim {
namespace {

std::string Words(const std::vector<Bytes>& command) {
  std::string text;
  for (const Bytes& word : command) text += (text.empty() ? "" : " ") + Shown(word);
  return text;
}

// Of errors only those that one copy gives too: the others are about a node or the cluster.
bool IsOfTheKey(const resp::Reply& reply) {
  return !reply.IsError() || reply.text.starts_with("ERR ") || reply.text.starts_with("WRONGTYPE ");
}

// What one of a time tells is counted in so many milliseconds; 0: it tells none.
int64_t UnitOf(std::string_view command) {
  if (command == "TTL" || command == "EXPIRETIME") return 1000;
  return command == "PTTL" || command == "PEXPIRETIME" ? 1 : 0;
}

// The copy's clock stands still, and that of a node shows when it was asked.
bool Agree(std::string_view command, const resp::Reply& seen, const resp::Reply& expected) {
  if (seen == expected) return true;
  const int64_t unit = UnitOf(command);
  const bool times = seen.kind == resp::ReplyKind::kInteger && seen.kind == expected.kind &&
                     seen.integer >= 0 && expected.integer >= 0;
  if (unit == 0 || !times) return false;
  const bool named =
      command.ends_with("EXPIRETIME") && expected.integer >= kNamedDeadlinesMs / unit;
  return !named && std::abs(seen.integer - expected.integer) <= kLoneClockSlackMs / unit;
}

class Judge {
 public:
  Judge(LoneCopy& copy, std::vector<ReplicaCrash> crashes, const Promises& promises)
      : copy_(copy), crashes_(std::move(crashes)), promises_(promises) {}

  // In the order of operations. False: nothing more is known of the key.
  bool Take(const LoneAccess& lone);
  [[nodiscard]] const std::optional<Failure>& failure() const { return failure_; }
  [[nodiscard]] uint64_t judged() const { return judged_; }

 private:
  [[nodiscard]] bool Meets(const Reach& reach) const {
    return std::all_of(held_.begin(), held_.end(),
                       [&](const Reach& held) { return promises_.Meet(held, reach); });
  }
  void Fail(const LoneAccess& lone, const resp::Reply& seen, const resp::Reply& expected);

  LoneCopy& copy_;
  const std::vector<ReplicaCrash> crashes_;
  const Promises& promises_;
  std::vector<Reach> held_;         // of the writes so far, each once
  std::optional<uint32_t> client_;  // who is alone
  uint64_t judged_ = 0;
  std::optional<Failure> failure_;
};

bool Judge::Take(const LoneAccess& lone) {
  const Access& access = lone.access;
  const std::optional<LoneCopy::Answer> answer = copy_.Ask(lone.lone.command);
  if (!answer) return false;
  const std::optional<resp::Reply>& reply = lone.lone.reply;
  if (access.phase != Phase::kSweep) {
    // What others read meanwhile is not judged: something may be under way.
    if (access.client != client_.value_or(access.client)) return !answer->writes;
    client_ = access.client;
  }
  if (!reply) return !answer->writes;
  if (!IsOfTheKey(*reply)) return !answer->writes || PromisesNoChange(reply->text);
  const Reach met = promises_.Of(access.read, access.local);
  const Reach written = promises_.Of(access.write, access.local);
  if (answer->reads && !Meets(met)) return !answer->writes;
  if (!answer->reads && answer->writes && !Meets(written)) return false;
  ++judged_;
  if (!Agree(lone.lone.command.front(), *reply, answer->reply)) {
    Fail(lone, *reply, answer->reply);
    return false;
  }
  if (answer->cells.empty()) return true;
  copy_.Keep(lone.lone.key, answer->cells);
  const Reach held = promises_.Without(written, access.invoked_at, access.completed_at, crashes_);
  if (std::find(held_.begin(), held_.end(), held) == held_.end()) held_.push_back(held);
  return true;
}

void Judge::Fail(const LoneAccess& lone, const resp::Reply& seen, const resp::Reply& expected) {
  const Access& access = lone.access;
  const bool swept = access.phase == Phase::kSweep;
  failure_ =
      Failure{swept ? FailureKind::kLostWrite : FailureKind::kWrongReply, "lone_clients",
              Format("client %u is alone with %s: %s answers %s", client_.value_or(access.client),
                     Shown(lone.lone.key), Words(lone.lone.command),
                     resp::Describe(expected).substr(0, 4 * kShownBytesMax)),
              Format("operation %u (events %u to %u) was answered %s", access.operation,
                     access.invoked.value, access.completed.value,
                     resp::Describe(seen).substr(0, 4 * kShownBytesMax)),
              access.completed};
}

}  // namespace

LoneVerdict CheckLoneClients(std::span<const LoneAccess> accesses,
                             const History::CrashesOf& crashes, const Promises& promises) {
  LoneVerdict verdict;
  if (accesses.empty()) return verdict;
  std::map<Bytes, std::vector<const LoneAccess*>> by_key;
  for (const LoneAccess& access : accesses) by_key[access.lone.key].push_back(&access);
  LoneCopy copy;
  for (auto& [key, list] : by_key) {
    std::sort(list.begin(), list.end(), [](const LoneAccess* a, const LoneAccess* b) {
      return a->access.operation < b->access.operation;
    });
    Judge judge(copy, crashes(key), promises);
    for (const LoneAccess* access : list) {
      if (!judge.Take(*access)) break;
    }
    verdict.judged += judge.judged();
    verdict.failure = judge.failure();
    if (verdict.failure) break;
  }
  return verdict;
}

}  // namespace quorate::sim
