// SPDX-License-Identifier: Apache-2.0
#include "sim/net/parcel.h"

#include <vector>

#include "engine/base/overloaded.h"

namespace quorate::sim {
namespace {

// Header, table and fields of a message without content.
constexpr size_t kEmptyBytes = 120;

size_t BytesOf(const std::vector<Bytes>& args) {
  size_t bytes = 0;
  for (const Bytes& argument : args) bytes += argument.size() + 8;
  return bytes;
}

}  // namespace

Parcel ParcelOf(const wire::Message& message) {
  const size_t content =
      std::visit(Overloaded{
                     [](const wire::Execute& body) { return BytesOf(body.args); },
                     [](const wire::ExecuteReply& body) { return body.tape.size(); },
                     [](const wire::Read& body) { return body.key.size(); },
                     [](const wire::ReadReply& body) { return body.state.size(); },
                     [](const wire::Mutate& body) { return body.key.size() + body.cells.size(); },
                     [](const wire::Keyspace& body) { return BytesOf(body.args); },
                     [](const wire::KeyspaceReply& body) { return body.tape.size(); },
                     [](const wire::EpochNotice& body) { return body.topology.size(); },
                     [](const auto&) { return size_t{0}; },
                 },
                 message.body);
  return {static_cast<uint32_t>(message.body.index()), kEmptyBytes + content};
}

}  // namespace quorate::sim
