// SPDX-License-Identifier: Apache-2.0
// Where something of a recording is gone, the shard numbers what it asks, commits and scans in
// another way, and the answers that were recorded would answer nothing. A mender gives them the
// numbers of this replay, and drops those whose question is never asked now.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sim/recording/draft.h"
#include "sim/recording/replay_observer.h"
#include "sim/recording/shard_replayer.h"

namespace quorate::sim {

// What the answers in a recording answer, found out by executing it.
class AnswersOf final : public EventEditor, public ReplayObserver {
 public:
  struct Answer {
    std::string question;  // of a message
    uint64_t number = 0;
  };
  // By event. What was begun before the recording is not among them.
  [[nodiscard]] const Answer* Find(size_t event) const {
    const auto found = answers_.find(event);
    return found == answers_.end() ? nullptr : &found->second;
  }

  void Next(uint64_t event) override { event_ = event; }
  bool Edit(wire::Message& message) override;
  bool Edit(env::CommitToken& token) override;
  bool Edit(env::ReadToken& token) override;
  void Took(recording::EventKind /*kind*/, std::string_view /*bytes*/) override {}
  void Sent(const env::Target& target, const wire::Message& message) override;
  void CommitBegan(const env::WriteBatch& /*batch*/, env::CommitToken token) override {
    commits_.insert(token.value);
  }
  void ScanBegan(env::ReadToken token) override { scans_.insert(token.value); }

 private:
  std::map<size_t, Answer> answers_;
  std::map<std::pair<NodeId, uint64_t>, std::string> questions_;
  std::set<uint64_t> commits_;
  std::set<uint64_t> scans_;
  uint64_t event_ = 0;
};

class Mender final : public EventEditor, public ReplayObserver {
 public:
  // Both are lent: what of the draft is executed, and what its answers answer.
  Mender(const Subset& events, const AnswersOf& answers) : events_(events), answers_(answers) {}

  // What was executed, a payload for each tick; what follows the last, too.
  [[nodiscard]] const std::vector<Bytes>& ticks() const { return ticks_; }

  void Next(uint64_t event) override { event_ = events_[event]; }
  bool Edit(wire::Message& message) override;
  bool Edit(env::CommitToken& token) override;
  bool Edit(env::ReadToken& token) override;
  void Took(recording::EventKind kind, std::string_view bytes) override;
  void Sent(const env::Target& target, const wire::Message& message) override;
  void CommitBegan(const env::WriteBatch& /*batch*/, env::CommitToken token) override {
    commits_.push_back(token.value);
  }
  void ScanBegan(env::ReadToken token) override { scans_.push_back(token.value); }

 private:
  using Waiting = std::deque<uint64_t>;
  // The one that is preferred, if it waits; else the first.
  static std::optional<uint64_t> Take(Waiting& waiting, uint64_t preferred = 0);

  const Subset& events_;
  const AnswersOf& answers_;
  size_t event_ = 0;  // of the draft
  std::map<std::pair<NodeId, std::string>, Waiting> questions_;
  std::map<std::pair<NodeId, uint64_t>, uint64_t> renumbered_;
  Waiting commits_;
  Waiting scans_;
  std::vector<Bytes> ticks_;
  bool ended_ = true;  // the last payload ends with its tick
};

}  // namespace quorate::sim
