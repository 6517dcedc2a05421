// SPDX-License-Identifier: Apache-2.0
#include "sim/recording/waiting.h"

#include <algorithm>

#include "engine/base/status.h"
#include "sim/recording/in_words.h"
#include "sim/recording/questions.h"

namespace quorate::sim {

template <typename Key>
void Waiting::Begin(std::map<Key, Item>& items, const Key& key, std::string text) {
  if (items.size() == kWaitingMax) {
    items.erase(std::min_element(items.begin(), items.end(), [](const auto& a, const auto& b) {
      return a.second.tick < b.second.tick;
    }));
  }
  items[key] = {tick_, std::move(text)};
}

void Waiting::TickEnded(uint64_t tick, uint32_t /*rung*/, uint32_t /*recorded*/) {
  tick_ = tick + 1;
}

void Waiting::Came(const wire::Message& message) {
  if (const auto id = AnswersTo(message)) questions_.erase({message.sender.node, id->value});
}

void Waiting::Committed(env::CommitToken token, absl::StatusCode /*code*/) {
  commits_.erase(token.value);
}

void Waiting::Scanned(const env::ScanDone& scan) { scans_.erase(scan.token.value); }

void Waiting::Detached(PoolId pool, ClientId client) {
  clients_.erase({pool, client});
  const auto first = requests_.lower_bound({pool, client, 0});
  requests_.erase(first, requests_.upper_bound({pool, client, UINT64_MAX}));
}

void Waiting::Asked(PoolId pool, ClientId client, commands::RequestSlot slot,
                    const std::vector<std::string_view>& args) {
  clients_.insert({pool, client});  // one of a checkpoint was not seen to come
  Begin(requests_, {pool, client, slot.value}, Shown(args));
}

void Waiting::Sent(const env::Target& target, const wire::Message& message) {
  if (const auto id = AsksAs(message)) {
    Begin(questions_, {target.node, id->value}, TellRecorded(message));
  }
}

void Waiting::CommitBegan(const env::WriteBatch& batch, env::CommitToken token) {
  Begin(commits_, token.value, Format("%u rows, %u bytes", batch.operations(), batch.rep().size()));
}

void Waiting::ScanBegan(env::ReadToken token) { Begin(scans_, token.value, ""); }

void Waiting::Replied(PoolId pool, ClientId client, commands::RequestSlot slot,
                      std::string_view /*reply*/) {
  requests_.erase({pool, client, slot.value});
}

}  // namespace quorate::sim
