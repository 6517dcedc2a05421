// SPDX-License-Identifier: Apache-2.0
#include "engine/wire/frame.h"

#include <flatbuffers/flatbuffers.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

#include "engine/base/overloaded.h"
#include "engine/hash/digest.h"
#include "frame_generated.h"

namespace quorate::wire {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;
using ByteVector = flatbuffers::Vector<uint8_t>;

constexpr uint32_t kMagic = 0x31465251;  // "QRF1"
constexpr int kVerifierDepth = 8;
constexpr uint32_t kVerifierTables = 4'000'000;  // more than a tick can send
constexpr uint64_t kClusterSeed = 0x636c7573746572;

void PutLittleEndian32(Bytes& out, uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(value >> shift));
}

uint32_t LittleEndian32(std::string_view bytes, size_t at) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) {
    value |= static_cast<uint32_t>(static_cast<uint8_t>(bytes[at + i])) << (8 * i);
  }
  return value;
}

// --- encoding: one function per body; every offset is made in a statement of its own, so that both
// --- compilers lay the bytes out alike

Offset<ByteVector> PackBytes(FlatBufferBuilder& builder, std::string_view bytes) {
  return builder.CreateVector(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
}

fb::Version PackVersion(const Version& version) {
  const fb::Writer writer(version.writer.node.value, version.writer.incarnation.value,
                          version.writer.shard.value);
  return fb::Version(version.time.bits(), writer);
}

Offset<flatbuffers::Vector<Offset<fb::Argument>>> PackArguments(FlatBufferBuilder& builder,
                                                                const std::vector<Bytes>& args) {
  std::vector<Offset<fb::Argument>> offsets;
  offsets.reserve(args.size());
  for (const Bytes& argument : args) {
    const auto bytes = PackBytes(builder, argument);
    offsets.push_back(fb::CreateArgument(builder, bytes));
  }
  return builder.CreateVector(offsets);
}

Offset<flatbuffers::Vector<Offset<fb::Setting>>> PackSettings(FlatBufferBuilder& builder,
                                                              const Settings& settings) {
  std::vector<Offset<fb::Setting>> offsets;
  offsets.reserve(settings.values.size());
  for (const auto& [name, value] : settings.values) {
    const auto packed_name = PackBytes(builder, name);
    const auto packed_value = PackBytes(builder, value);
    offsets.push_back(fb::CreateSetting(builder, packed_name, packed_value));
  }
  return builder.CreateVector(offsets);
}

Offset<fb::Execute> PackExecute(FlatBufferBuilder& builder, const Execute& m) {
  const auto args = PackArguments(builder, m.args);
  return fb::CreateExecute(builder, m.id.value, m.pool.value, m.epoch.value, m.place.value,
                           m.expires.bits(), static_cast<uint8_t>(m.read),
                           static_cast<uint8_t>(m.write), args, m.executor.value, m.issued.bits());
}

uint8_t Raw(Outcome outcome) { return static_cast<uint8_t>(outcome); }

std::pair<fb::Body, Offset<void>> PackBody(FlatBufferBuilder& b, const Body& body) {
  return std::visit(
      Overloaded{
          [&](const Execute& m) { return std::pair(fb::Body::Execute, PackExecute(b, m).Union()); },
          [&](const ExecuteReply& m) {
            const auto tape = PackBytes(b, m.tape);
            const auto table =
                fb::CreateExecuteReply(b, m.id.value, Raw(m.outcome), m.epoch.value, tape);
            return std::pair(fb::Body::ExecuteReply, table.Union());
          },
          [&](const Read& m) {
            const auto key = PackBytes(b, m.key);
            const auto table = fb::CreateRead(b, m.id.value, m.pool.value, m.epoch.value,
                                              m.place.value, key, m.want_state);
            return std::pair(fb::Body::Read, table.Union());
          },
          [&](const ReadReply& m) {
            const auto state = PackBytes(b, m.state);
            const auto table = fb::CreateReadReply(b, m.id.value, Raw(m.outcome), m.epoch.value,
                                                   m.digest, m.has_state, state, m.doubtful);
            return std::pair(fb::Body::ReadReply, table.Union());
          },
          [&](const Mutate& m) {
            const auto key = PackBytes(b, m.key);
            const auto cells = PackBytes(b, m.cells);
            const auto table = fb::CreateMutate(b, m.id.value, m.pool.value, m.epoch.value,
                                                m.place.value, key, cells);
            return std::pair(fb::Body::Mutate, table.Union());
          },
          [&](const MutateReply& m) {
            const fb::Version highest = PackVersion(m.highest);
            const auto table =
                fb::CreateMutateReply(b, m.id.value, Raw(m.outcome), m.epoch.value, &highest);
            return std::pair(fb::Body::MutateReply, table.Union());
          },
          [&](const Keyspace& m) {
            const auto args = PackArguments(b, m.args);
            const auto table =
                fb::CreateKeyspace(b, m.id.value, m.pool.value, m.epoch.value, m.from.value, args);
            return std::pair(fb::Body::Keyspace, table.Union());
          },
          [&](const KeyspaceReply& m) {
            const auto tape = PackBytes(b, m.tape);
            const auto table = fb::CreateKeyspaceReply(b, m.id.value, Raw(m.outcome), m.epoch.value,
                                                       m.more, m.next.value, m.count, tape);
            return std::pair(fb::Body::KeyspaceReply, table.Union());
          },
          [&](const Ping& m) {
            return std::pair(fb::Body::Ping, fb::CreatePing(b, m.id.value).Union());
          },
          [&](const Pong& m) {
            return std::pair(fb::Body::Pong, fb::CreatePong(b, m.id.value).Union());
          },
          [&](const EpochNotice& m) {
            const auto topology = PackBytes(b, m.topology);
            const auto table = fb::CreateEpochNotice(b, m.number.value, m.digest, m.parent_digest,
                                                     m.state, topology);
            return std::pair(fb::Body::EpochNotice, table.Union());
          },
          [&](const Settings& m) {
            const auto values = PackSettings(b, m);
            return std::pair(fb::Body::Settings, fb::CreateSettings(b, values).Union());
          },
      },
      body);
}

// --- decoding: the verifier has seen the buffer; what is left to check is meaning

Bytes Unpack(const ByteVector* bytes) {
  if (bytes == nullptr) return {};
  return Bytes(reinterpret_cast<const char*>(bytes->data()), bytes->size());
}

std::vector<Bytes> UnpackArguments(const flatbuffers::Vector<Offset<fb::Argument>>* args) {
  std::vector<Bytes> result;
  if (args == nullptr) return result;
  result.reserve(args->size());
  for (const fb::Argument* argument : *args) result.push_back(Unpack(argument->bytes()));
  return result;
}

enum class Unpacked : uint8_t {
  kWhole,
  kUnknown,    // of a later release: a kind, or a value of an enumeration, that is not known here
  kMalformed,  // of no release
};

Unpacked Known(bool known) { return known ? Unpacked::kWhole : Unpacked::kUnknown; }

Unpacked UnpackOutcome(uint8_t raw, Outcome& outcome) {
  outcome = static_cast<Outcome>(raw);
  return Known(raw <= Raw(Outcome::kOtherLife));
}

bool UnpackLevel(uint8_t raw, topology::Consistency& level) {
  level = static_cast<topology::Consistency>(raw);
  return raw < topology::kConsistencyLevels;
}

Unpacked UnpackBody(const fb::Execute& t, Body& body) {
  Execute m;
  m.id.value = t.id();
  m.pool.value = t.pool();
  m.epoch.value = t.epoch();
  m.place.value = t.place();
  m.expires = HybridTime::FromBits(t.expires());
  m.args = UnpackArguments(t.args());
  m.executor.value = t.executor();
  m.issued = HybridTime::FromBits(t.issued());
  if (m.args.empty()) return Unpacked::kMalformed;
  const bool known = UnpackLevel(t.read(), m.read) && UnpackLevel(t.write(), m.write);
  body = std::move(m);
  return Known(known);
}

Unpacked UnpackBody(const fb::ExecuteReply& t, Body& body) {
  ExecuteReply m;
  m.id.value = t.id();
  m.epoch.value = t.epoch();
  m.tape = Unpack(t.tape());
  const Unpacked unpacked = UnpackOutcome(t.outcome(), m.outcome);
  body = std::move(m);
  return unpacked;
}

Unpacked UnpackBody(const fb::Read& t, Body& body) {
  body = Read{RequestId{t.id()}, PoolId{t.pool()}, Epoch{t.epoch()},
              Place{t.place()},  Unpack(t.key()),  t.want_state()};
  return Unpacked::kWhole;
}

Unpacked UnpackBody(const fb::ReadReply& t, Body& body) {
  ReadReply m;
  m.id.value = t.id();
  m.epoch.value = t.epoch();
  m.digest = t.digest();
  m.has_state = t.has_state();
  m.doubtful = t.doubtful();
  m.state = Unpack(t.state());
  const Unpacked unpacked = UnpackOutcome(t.outcome(), m.outcome);
  body = std::move(m);
  return unpacked;
}

Unpacked UnpackBody(const fb::Mutate& t, Body& body) {
  body = Mutate{RequestId{t.id()}, PoolId{t.pool()}, Epoch{t.epoch()},
                Place{t.place()},  Unpack(t.key()),  Unpack(t.cells())};
  return Unpacked::kWhole;
}

Unpacked UnpackBody(const fb::MutateReply& t, Body& body) {
  MutateReply m;
  m.id.value = t.id();
  m.epoch.value = t.epoch();
  if (t.highest() != nullptr) {
    m.highest.time = HybridTime::FromBits(t.highest()->time());
    m.highest.writer = {NodeId{t.highest()->writer().node()},
                        Incarnation{t.highest()->writer().incarnation()},
                        ShardIndex{t.highest()->writer().shard()}};
  }
  const Unpacked unpacked = UnpackOutcome(t.outcome(), m.outcome);
  body = m;
  return unpacked;
}

Unpacked UnpackBody(const fb::Keyspace& t, Body& body) {
  Keyspace m{RequestId{t.id()}, PoolId{t.pool()}, Epoch{t.epoch()}, Place{t.from()},
             UnpackArguments(t.args())};
  if (m.args.empty()) return Unpacked::kMalformed;
  body = std::move(m);
  return Unpacked::kWhole;
}

Unpacked UnpackBody(const fb::KeyspaceReply& t, Body& body) {
  KeyspaceReply m;
  m.id.value = t.id();
  m.epoch.value = t.epoch();
  m.more = t.more();
  m.next.value = t.next();
  m.count = t.count();
  m.tape = Unpack(t.tape());
  const Unpacked unpacked = UnpackOutcome(t.outcome(), m.outcome);
  body = std::move(m);
  return unpacked;
}

Unpacked UnpackBody(const fb::EpochNotice& t, Body& body) {
  body = EpochNotice{Epoch{t.number()}, t.digest(), t.parent_digest(), t.state(),
                     Unpack(t.topology())};
  return Unpacked::kWhole;
}

Unpacked UnpackBody(const fb::Settings& t, Body& body) {
  Settings m;
  if (t.values() != nullptr) {
    for (const fb::Setting* setting : *t.values()) {
      m.values.emplace_back(Unpack(setting->name()), Unpack(setting->value()));
    }
  }
  body = std::move(m);
  return Unpacked::kWhole;
}

Unpacked UnpackAnyBody(const fb::Envelope& envelope, Body& body) {
  switch (envelope.body_type()) {
    case fb::Body::Execute:
      return UnpackBody(*envelope.body_as_Execute(), body);
    case fb::Body::ExecuteReply:
      return UnpackBody(*envelope.body_as_ExecuteReply(), body);
    case fb::Body::Read:
      return UnpackBody(*envelope.body_as_Read(), body);
    case fb::Body::ReadReply:
      return UnpackBody(*envelope.body_as_ReadReply(), body);
    case fb::Body::Mutate:
      return UnpackBody(*envelope.body_as_Mutate(), body);
    case fb::Body::MutateReply:
      return UnpackBody(*envelope.body_as_MutateReply(), body);
    case fb::Body::Keyspace:
      return UnpackBody(*envelope.body_as_Keyspace(), body);
    case fb::Body::KeyspaceReply:
      return UnpackBody(*envelope.body_as_KeyspaceReply(), body);
    case fb::Body::Ping:
      body = Ping{RequestId{envelope.body_as_Ping()->id()}};
      return Unpacked::kWhole;
    case fb::Body::Pong:
      body = Pong{RequestId{envelope.body_as_Pong()->id()}};
      return Unpacked::kWhole;
    case fb::Body::EpochNotice:
      return UnpackBody(*envelope.body_as_EpochNotice(), body);
    case fb::Body::Settings:
      return UnpackBody(*envelope.body_as_Settings(), body);
    case fb::Body::NONE:
      return Unpacked::kMalformed;
  }
  return Unpacked::kUnknown;
}

Unpacked UnpackEnvelope(const fb::Envelope& packed, const Sender& sender, Envelope& envelope) {
  if (packed.target_kind() > static_cast<uint8_t>(env::TargetKind::kRequester)) {
    return Unpacked::kUnknown;
  }
  if (packed.body() == nullptr) return Unpacked::kMalformed;
  envelope.target.kind = static_cast<env::TargetKind>(packed.target_kind());
  envelope.target.pool.value = packed.target_pool();
  envelope.target.value = packed.target_value();
  envelope.message.sender = sender;
  envelope.message.requester.value = packed.requester();
  envelope.message.trace = packed.trace();
  return UnpackAnyBody(packed, envelope.message.body);
}

}  // namespace

uint64_t ClusterTag(std::string_view cluster_name) {
  return hash::Digest(cluster_name, kClusterSeed);
}

void EncodeFrame(const FrameHeader& header, std::span<const Envelope> envelopes, Bytes& out) {
  FlatBufferBuilder builder(1024);
  std::vector<Offset<fb::Envelope>> offsets;
  offsets.reserve(envelopes.size());
  for (const Envelope& envelope : envelopes) {
    const auto [type, body] = PackBody(builder, envelope.message.body);
    offsets.push_back(fb::CreateEnvelope(builder, static_cast<uint8_t>(envelope.target.kind),
                                         envelope.target.pool.value, envelope.target.value,
                                         envelope.message.requester.value, envelope.message.trace,
                                         type, body));
  }
  const auto messages = builder.CreateVector(offsets);
  builder.Finish(fb::CreateFrame(builder, header.cluster, header.epoch.value,
                                 header.sender.node.value, header.sender.incarnation.value,
                                 header.sender.wall.ms, messages));
  const std::string_view buffer(reinterpret_cast<const char*>(builder.GetBufferPointer()),
                                builder.GetSize());
  PutLittleEndian32(out, kMagic);
  PutLittleEndian32(out, static_cast<uint32_t>(kFramePrefixBytes + buffer.size()));
  PutLittleEndian32(out, hash::Crc32c(buffer));
  PutLittleEndian32(out, kSchemaVersion);
  out.append(buffer);
}

absl::StatusOr<size_t> FrameLength(std::string_view bytes) {
  if (bytes.size() < kFramePrefixBytes) return 0;
  if (LittleEndian32(bytes, 0) != kMagic) return InvalidArgument("peer frame: wrong magic");
  if (LittleEndian32(bytes, 12) > kSchemaVersion) {
    return InvalidArgument(Format("peer frame: schema version %u, this release reads up to %u",
                                  LittleEndian32(bytes, 12), kSchemaVersion));
  }
  const size_t length = LittleEndian32(bytes, 4);
  if (length <= kFramePrefixBytes) return InvalidArgument("peer frame: no content");
  if (length > kFrameBytesMax) {
    return ResourceExhausted(
        Format("peer frame: %u bytes, at most %u are read", length, kFrameBytesMax));
  }
  return length;
}

absl::StatusOr<Frame> DecodeFrame(std::string_view bytes, PlantedBug planted) {
  QUORATE_ASSIGN_OR_RETURN(const size_t length, FrameLength(bytes));
  if (length == 0 || length != bytes.size()) return InvalidArgument("peer frame: wrong length");
  const std::string_view buffer = bytes.substr(kFramePrefixBytes);
  if (hash::Crc32c(buffer) != LittleEndian32(bytes, 8) &&
      !QUORATE_PLANTED(planted, kFrameUnchecked)) {
    return DataLoss("peer frame: wrong checksum");
  }
  // The verifier and the accessors count on alignment, and bytes from a socket have none.
  const auto aligned = std::make_unique<uint64_t[]>((buffer.size() + 7) / 8);
  std::memcpy(aligned.get(), buffer.data(), buffer.size());
  const auto* data = reinterpret_cast<const uint8_t*>(aligned.get());
  flatbuffers::Verifier verifier(data, buffer.size(), kVerifierDepth, kVerifierTables);
  if (!verifier.VerifyBuffer<fb::Frame>()) return InvalidArgument("peer frame: malformed");
  const fb::Frame& packed = *flatbuffers::GetRoot<fb::Frame>(data);
  Frame frame;
  frame.header = {packed.cluster(), Epoch{packed.epoch()},
                  Sender{NodeId{packed.sender()}, Incarnation{packed.incarnation()},
                         WallTime{packed.wall_ms()}}};
  if (packed.messages() == nullptr) return frame;
  frame.envelopes.reserve(packed.messages()->size());
  for (const fb::Envelope* message : *packed.messages()) {
    switch (UnpackEnvelope(*message, frame.header.sender, frame.envelopes.emplace_back())) {
      case Unpacked::kWhole:
        break;
      case Unpacked::kUnknown:
        frame.envelopes.pop_back();
        ++frame.unknown;
        if (QUORATE_PLANTED(planted, kUnknownEndsFrame)) return frame;
        break;
      case Unpacked::kMalformed:
        return InvalidArgument("peer frame: a message is malformed");
    }
  }
  return frame;
}

}  // namespace quorate::wire
