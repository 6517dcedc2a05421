// SPDX-License-Identifier: Apache-2.0
#include "sim/recording/tick_story.h"

#include "engine/base/status.h"
#include "sim/recording/in_words.h"

namespace quorate::sim {

void TickStory::Add(std::string line) {
  if (std::exchange(ended_, false)) lines_.clear();
  lines_.push_back(std::move(line));
}

void TickStory::TickBegan(uint64_t /*tick*/, const Clocks& clocks) {
  Add(Format("begins at %d us, wall clock %d ms", clocks.monotonic.time_since_epoch().count(),
             clocks.wall.ms));
}

void TickStory::TickEnded(uint64_t /*tick*/, uint32_t rung, uint32_t recorded) {
  Add(Format("ends with %08x, recorded %08x", rung, recorded));
  ended_ = true;
}

void TickStory::Came(const wire::Message& message) {
  Add(Format("node %016x: ", message.sender.node.value) + TellRecorded(message));
}

void TickStory::Committed(env::CommitToken token, absl::StatusCode code) {
  Add(Format("commit %u is done, status %d", token.value, static_cast<int>(code)));
}

void TickStory::Scanned(const env::ScanDone& scan) {
  Add(scan.result.ok()
          ? Format("scan %u: %u stored rows", scan.token.value, scan.result->rows.size())
          : Format("scan %u failed, status %d", scan.token.value,
                   static_cast<int>(scan.result.status().code())));
}

void TickStory::Attached(PoolId /*pool*/, ClientId client) {
  Add(Format("client %u connects", client.value));
}

void TickStory::Detached(PoolId /*pool*/, ClientId client) {
  Add(Format("client %u is gone", client.value));
}

void TickStory::Asked(PoolId /*pool*/, ClientId client, commands::RequestSlot slot,
                      const std::vector<std::string_view>& args) {
  Add(Format("client %u asks, request %u: ", client.value, slot.value) + Shown(args));
}

void TickStory::Sent(const env::Target& target, const wire::Message& message) {
  Add(Format("-> node %016x: ", target.node.value) + TellRecorded(message));
}

void TickStory::CommitBegan(const env::WriteBatch& batch, env::CommitToken token) {
  Add(Format("-> commit %u: %u rows, %u bytes", token.value, batch.operations(),
             batch.rep().size()));
}

void TickStory::ScanBegan(env::ReadToken token) { Add(Format("-> scan %u", token.value)); }

void TickStory::Replied(PoolId /*pool*/, ClientId client, commands::RequestSlot slot,
                        std::string_view reply) {
  Add(Format("-> client %u, request %u: ", client.value, slot.value) + ShownReply(reply));
}

void TickStory::Logged(env::LogLevel /*level*/, std::string_view text) {
  Add("-> log: " + std::string(text));
}

}  // namespace quorate::sim
