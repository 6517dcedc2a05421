// SPDX-License-Identifier: Apache-2.0
#include "io/net/message_size.h"

#include "engine/base/overloaded.h"

namespace quorate::io {
namespace {

constexpr size_t kMessageOverhead = 96;  // tables, vtables and envelope
constexpr size_t kBlobOverhead = 16;

size_t BytesOf(const std::vector<Bytes>& blobs) {
  size_t bytes = 0;
  for (const Bytes& blob : blobs) bytes += blob.size() + kBlobOverhead;
  return bytes;
}

}  // namespace

size_t MessageBytes(const wire::Message& message) {
  const size_t content = std::visit(
      Overloaded{[](const wire::Execute& body) { return BytesOf(body.args); },
                 [](const wire::ExecuteReply& body) { return body.tape.size(); },
                 [](const wire::Read& body) { return body.key.size(); },
                 [](const wire::ReadReply& body) { return body.state.size(); },
                 [](const wire::Mutate& body) { return body.key.size() + body.cells.size(); },
                 [](const wire::MutateReply&) { return size_t{0}; },
                 [](const wire::Keyspace& body) { return BytesOf(body.args); },
                 [](const wire::KeyspaceReply& body) { return body.tape.size(); },
                 [](const wire::Ping&) { return size_t{0}; },
                 [](const wire::Pong&) { return size_t{0}; },
                 [](const wire::EpochNotice& body) { return body.topology.size(); },
                 [](const wire::Settings& body) {
                   size_t bytes = 0;
                   for (const auto& [name, value] : body.values) {
                     bytes += name.size() + value.size() + 2 * kBlobOverhead;
                   }
                   return bytes;
                 }},
      message.body);
  return kMessageOverhead + content;
}

}  // namespace quorate::io
