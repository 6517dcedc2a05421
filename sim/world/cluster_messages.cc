// SPDX-License-Identifier: Apache-2.0
// Messages between shards, of one node and of several.
#include <algorithm>
#include <utility>

#include "engine/wire/message_hash.h"
#include "sim/net/limits.h"
#include "sim/net/release_before.h"
#include "sim/world/cluster.h"
#include "sim/world/limits.h"

namespace quorate::sim {

void Cluster::SendAll(NodeIndex from, uint16_t shard, std::vector<Outbox::Item>& items,
                      SimTime out) {
  for (Outbox::Item& item : items) {
    item.to = IndexOf(item.target.node);
    if (item.to != kNoNode) network_.FetchAhead(from.value, item.to.value);
  }
  for (Outbox::Item& item : items) {
    const NodeIndex to = item.to;
    if (to == kNoNode) {
      fail_({FailureKind::kUnhealthy, "routing", "messages go to members",
             Format("node %u sent to the unknown node %x", from.value, item.target.node.value),
             agenda_.current()});
      continue;
    }
    if (to != from) {
      SendToPeer(from, shard, to, item, out);
      continue;
    }
    const uint32_t slot = messages_.Add(std::move(item));
    agenda_.At(out + kSiblingDelay, {.argument = nodes_[from.value].life,
                                     .action = Action::kSiblingMessage,
                                     .node = to.value,
                                     .peer = from.value,
                                     .slot = slot});
  }
  items.clear();
}

void Cluster::SendToPeer(NodeIndex from, uint16_t shard, NodeIndex to, Outbox::Item& item,
                         SimTime out) {
  const bool faults = network_.faults().any();
  Delivery delivery =
      network_.Send(from.value, to.value, out, faults ? ParcelOf(item.message) : Parcel{});
  if (delivery.release) WriteBy(*delivery.release, item);
  if (delivery.sampled) CheckCodec(item.target, item.message);
  if (delivery.corrupted && !Corrupt(item, *delivery.corrupted)) delivery.copies = 0;
  if (delivery.copies == 0) {
    TellOfMessage(EventKind::kMessageLost, to, shard, from.value, item.message);
    return;
  }
  last_arrival_ = std::max(last_arrival_, out + delivery.delays[delivery.copies - 1]);
  const auto arrive = [&](Duration delay, uint32_t slot) {
    agenda_.At(out + delay,
               {.action = Action::kMessage, .node = to.value, .peer = from.value, .slot = slot});
  };
  const uint32_t last = delivery.copies - 1;
  for (uint32_t copy = 0; copy < last; ++copy) arrive(delivery.delays[copy], messages_.Add(item));
  arrive(delivery.delays[last], messages_.Add(std::move(item)));
}

// False where nothing arrives that could be taken for a message.
bool Cluster::Corrupt(Outbox::Item& item, uint64_t draw) {
  std::optional<wire::Envelope> arrived = codec_.Corrupt({item.target, item.message}, draw);
  if (!arrived) return false;
  item = {arrived->target, std::move(arrived->message), item.to};
  return true;
}

void Cluster::WriteBy(const OtherRelease& release, Outbox::Item& item) {
  if (release.older) return WriteAsReleaseBefore(item.message);
  FailOnMismatch(
      codec_.CheckNextRelease({item.target, item.message}, release.draw, release.unknown));
}

void Cluster::CheckCodec(const env::Target& target, const wire::Message& message) {
  FailOnMismatch(codec_.Check({target, message}));
}

void Cluster::FailOnMismatch(const std::string& wrong) {
  if (wrong.empty()) return;
  fail_({FailureKind::kWireMismatch, "codec", "a message that is encoded and decoded is the same",
         wrong, agenda_.current()});
}

uint64_t Cluster::ShardOf(const env::Target& target, size_t shards) {
  switch (target.kind) {
    case env::TargetKind::kNode:
      return 0;
    case env::TargetKind::kPartition:
    case env::TargetKind::kGroup:
      return target.value % shards;
    case env::TargetKind::kRequester:
      return target.value >> 48;
  }
  return shards;
}

void Cluster::OnMessage(NodeIndex node, uint32_t peer, uint32_t slot) {
  DeliverMessage(node, peer, slot);
}

void Cluster::OnSiblingMessage(NodeIndex node, uint32_t slot, uint64_t life) {
  if (nodes_[node.value].up && nodes_[node.value].life == life) {
    DeliverMessage(node, node.value, slot);
  } else {
    messages_.Take(slot);  // its process is gone
  }
}

void Cluster::TellOfMessage(EventKind kind, NodeIndex node, uint16_t shard, uint32_t peer,
                            const wire::Message& message) {
  const EventId event = agenda_.Happened(kind, node, shard, peer, HashOf(message));
  agenda_.TellAll([&](WorldObserver& observer) { observer.Carried(event, message); });
}

void Cluster::DeliverMessage(NodeIndex index, uint32_t peer, uint32_t slot) {
  SimNode& node = nodes_[index.value];
  const Outbox::Item& message = messages_[slot];
  const uint64_t shard = node.up ? ShardOf(message.target, node.shards.size()) : 0;
  // A reply may name a shard of a life that had more of them.
  if (!node.up || shard >= node.shards.size()) {
    TellOfMessage(EventKind::kMessageLost, index, 0, peer, message.message);
    messages_.Take(slot);
    return;
  }
  const uint16_t to = static_cast<uint16_t>(shard);
  TellOfMessage(EventKind::kMessageArrived, index, to, peer, message.message);
  AddInput(index, to, MessageInput{slot});
}

}  // namespace quorate::sim
