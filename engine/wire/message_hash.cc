// SPDX-License-Identifier: Apache-2.0
#include "engine/wire/message_hash.h"

#include "engine/base/overloaded.h"
#include "engine/base/random.h"
#include "engine/hash/digest.h"

namespace quorate::wire {
namespace {

class Fields {
 public:
  template <typename... Integers>
  void Add(Integers... values) {
    ((hash_ = Mix(hash_ + 0x632be59bd9b4e019, static_cast<uint64_t>(values))), ...);
  }
  void AddBytes(std::string_view bytes) { hash_ = hash::Digest(bytes, hash_); }
  void AddAll(const std::vector<Bytes>& values) {
    Add(values.size());
    for (const Bytes& value : values) AddBytes(value);
  }
  [[nodiscard]] uint64_t value() const { return hash_; }

 private:
  uint64_t hash_ = 0;
};

void AddBody(const Body& body, Fields& out) {
  std::visit(Overloaded{
                 [&out](const Execute& b) {
                   out.Add(b.id.value, b.pool.value, b.epoch.value, b.place.value, b.expires.bits(),
                           b.read, b.write, b.executor.value, b.issued.bits());
                   out.AddAll(b.args);
                 },
                 [&out](const ExecuteReply& b) {
                   out.Add(b.id.value, b.outcome, b.epoch.value);
                   out.AddBytes(b.tape);
                 },
                 [&out](const Read& b) {
                   out.Add(b.id.value, b.pool.value, b.epoch.value, b.place.value, b.want_state);
                   out.AddBytes(b.key);
                 },
                 [&out](const ReadReply& b) {
                   out.Add(b.id.value, b.outcome, b.epoch.value, b.digest, b.has_state, b.doubtful);
                   out.AddBytes(b.state);
                 },
                 [&out](const Mutate& b) {
                   out.Add(b.id.value, b.pool.value, b.epoch.value, b.place.value);
                   out.AddBytes(b.key);
                   out.AddBytes(b.cells);
                 },
                 [&out](const MutateReply& b) {
                   out.Add(b.id.value, b.outcome, b.epoch.value, b.highest.time.bits(),
                           b.highest.writer.node.value, b.highest.writer.incarnation.value,
                           b.highest.writer.shard.value);
                 },
                 [&out](const Keyspace& b) {
                   out.Add(b.id.value, b.pool.value, b.epoch.value, b.from.value);
                   out.AddAll(b.args);
                 },
                 [&out](const KeyspaceReply& b) {
                   out.Add(b.id.value, b.outcome, b.epoch.value, b.more, b.next.value);
                   out.AddBytes(b.tape);
                 },
                 [&out](const Ping& b) { out.Add(b.id.value); },
                 [&out](const Pong& b) { out.Add(b.id.value); },
                 [&out](const EpochNotice& b) {
                   out.Add(b.number.value, b.digest, b.parent_digest, b.state);
                   out.AddBytes(b.topology);
                 },
                 [&out](const Settings& b) {
                   out.Add(b.values.size());
                   for (const auto& [name, value] : b.values) {
                     out.AddBytes(name);
                     out.AddBytes(value);
                   }
                 },
             },
             body);
}

}  // namespace

uint64_t HashOf(const Message& message) {
  Fields out;
  out.Add(message.sender.node.value, message.sender.incarnation.value, message.sender.wall.ms,
          message.requester.value, message.trace, message.body.index());
  AddBody(message.body, out);
  return out.value();
}

}  // namespace quorate::wire
