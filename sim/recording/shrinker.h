// SPDX-License-Identifier: Apache-2.0
// Makes a recording small whose replay fails: fewer clients, peers' messages, ticks, requests and
// rows; the same failure. Which cuts still fail is for a judge to say.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/recording/draft.h"
#include "sim/recording/mender.h"

namespace quorate::sim {

using CheckpointKey = std::pair<PoolId, std::string>;

// A recording that is being made small, and what judges must know of it.
struct ShrinkBase {
  RecordingDraft draft;
  AnswersOf answers;
  std::vector<CheckpointKey> keys;  // that its checkpoint holds, rising
};

class RecordingJudge {
 public:
  struct Judged {
    size_t cut = 0;
    Bytes file;  // a recording that fails as it must: what was left, mended, and nothing behind it
  };
  virtual ~RecordingJudge() = default;
  // What is known of a recording that fails as it must. Errors: it makes no sense.
  virtual absl::StatusOr<ShrinkBase> BaseOf(Bytes file) = 0;
  // The first of these, in their order, that fails as it must; nothing where none does, or there is
  // no time left.
  virtual std::optional<Judged> FirstThatFails(const ShrinkBase& base,
                                               const std::vector<DraftCut>& cuts) = 0;
};

struct RecordingSize {
  uint64_t ticks = 0;
  size_t clients = 0;
  size_t peers = 0;
  size_t requests = 0;
  size_t messages = 0;
  size_t rows = 0;  // of scans and of the checkpoint
};
[[nodiscard]] std::string Describe(const RecordingSize& size);

class RecordingShrinker {
 public:
  // `base` was seen to fail. The judge outlives this.
  RecordingShrinker(ShrinkBase base, RecordingJudge& judge,
                    std::function<void(const RecordingSize&)> tell)
      : base_(std::move(base)), judge_(judge), tell_(std::move(tell)) {}

  // Until nothing gets smaller, or the judge has no time left. Errors: a judge's file is none.
  absl::Status Run();

  // The file of the smallest that failed; empty where not even the whole did, in that time.
  [[nodiscard]] const Bytes& file() const { return file_; }
  [[nodiscard]] RecordingSize size() const;

 private:
  // The name of the group that an event goes with; empty: it stays.
  using GroupOf = std::function<std::string(const DraftEvent&)>;

  // Each makes one thing smaller, as far as it goes, and is true where it did.
  absl::StatusOr<bool> DropEvents(const GroupOf& group_of);
  absl::StatusOr<bool> DropRows();
  absl::StatusOr<bool> DropKeys();
  // The first of them that fails is taken, in the end.
  std::optional<size_t> Judge(const std::vector<DraftCut>& cuts);
  absl::StatusOr<bool> Rebase();
  [[nodiscard]] DraftCut Whole() const;

  ShrinkBase base_;
  RecordingJudge& judge_;
  const std::function<void(const RecordingSize&)> tell_;
  Bytes file_;
  bool smaller_ = false;
};

}  // namespace quorate::sim
