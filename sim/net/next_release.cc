// SPDX-License-Identifier: Apache-2.0
#include "sim/net/next_release.h"

#include <flatbuffers/flatbuffers.h>

#include <memory>
#include <utility>
#include <vector>

#include "engine/base/random.h"
#include "engine/hash/digest.h"
#include "engine/wire/frame.h"
#include "next_release_generated.h"
#include "sim/net/limits.h"

namespace quorate::sim {
namespace {

// Fills what the next release has added, in every table of a frame.
class Additions {
 public:
  explicit Additions(uint64_t draw) : prng_(draw) {}

  void AddTo(next::FrameT& frame) {
    Fill(frame);
    for (const auto& envelope : frame.messages) {
      Fill(*envelope);
      AddTo(envelope->body);
    }
  }
  // True where they stand in front of the others, behind them, or both.
  std::pair<bool, bool> Places() {
    const uint64_t places = prng_.Between(1, 3);
    return {(places & 1) != 0, (places & 2) != 0};
  }
  std::unique_ptr<next::EnvelopeT> Unknown() {
    auto envelope = std::make_unique<next::EnvelopeT>();
    envelope->target_kind = static_cast<uint8_t>(prng_.Below(8));
    envelope->target_value = prng_.Next();
    envelope->body.Set(*Table());
    return envelope;
  }

 private:
  void AddTo(next::BodyUnion& body) {
    switch (body.type) {
      case next::Body::Execute:
        FillEach(body.AsExecute()->args);
        return Fill(*body.AsExecute());
      case next::Body::ExecuteReply:
        return Fill(*body.AsExecuteReply());
      case next::Body::Read:
        return Fill(*body.AsRead());
      case next::Body::ReadReply:
        return Fill(*body.AsReadReply());
      case next::Body::Mutate:
        return Fill(*body.AsMutate());
      case next::Body::MutateReply:
        return Fill(*body.AsMutateReply());
      case next::Body::Keyspace:
        FillEach(body.AsKeyspace()->args);
        return Fill(*body.AsKeyspace());
      case next::Body::KeyspaceReply:
        return Fill(*body.AsKeyspaceReply());
      case next::Body::Ping:
        return Fill(*body.AsPing());
      case next::Body::Pong:
        return Fill(*body.AsPong());
      case next::Body::EpochNotice:
        return Fill(*body.AsEpochNotice());
      case next::Body::Settings:
        FillEach(body.AsSettings()->values);
        return Fill(*body.AsSettings());
      case next::Body::Added:
      case next::Body::NONE:
        return;
    }
  }

  template <typename Table>
  void Fill(Table& table) {
    table.added_number = prng_.Next() | 1;
    if (prng_.Chance(1, 2)) table.added_bytes = SomeBytes();
    if (prng_.Chance(1, 2)) table.added_table = this->Table();
  }
  template <typename Tables>
  void FillEach(const Tables& tables) {
    for (const auto& table : tables) Fill(*table);
  }
  std::unique_ptr<next::AddedT> Table() {
    auto table = std::make_unique<next::AddedT>();
    table->number = prng_.Next();
    Fill(*table);
    return table;
  }
  std::vector<uint8_t> SomeBytes() {
    return std::vector<uint8_t>(prng_.Below(kAddedBytesMax), static_cast<uint8_t>(prng_.Next()));
  }

  Prng prng_;
};

void SetLittleEndian32(Bytes& bytes, size_t at, uint64_t value) {
  for (size_t i = 0; i < 4; ++i) bytes[at + i] = static_cast<char>(value >> (8 * i));
}

}  // namespace

NewerFrame WriteAsNextRelease(std::string_view frame, uint64_t draw, bool unknown) {
  Additions additions(draw);
  // FlatBuffers are aligned by their start, which is behind the prefix here.
  const Bytes aligned(frame.substr(wire::kFramePrefixBytes));
  next::FrameT table;
  flatbuffers::GetRoot<next::Frame>(aligned.data())->UnPackTo(&table);
  additions.AddTo(table);
  NewerFrame newer;
  if (unknown) {
    const auto [before, behind] = additions.Places();
    if (before) table.messages.insert(table.messages.begin(), additions.Unknown());
    if (behind) table.messages.push_back(additions.Unknown());
    newer.unknown = (before ? 1u : 0u) + (behind ? 1u : 0u);
  }
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(next::Frame::Pack(builder, &table));
  const std::string_view packed(reinterpret_cast<const char*>(builder.GetBufferPointer()),
                                builder.GetSize());
  newer.bytes = Bytes(frame.substr(0, wire::kFramePrefixBytes));
  SetLittleEndian32(newer.bytes, 4, wire::kFramePrefixBytes + packed.size());
  SetLittleEndian32(newer.bytes, 8, hash::Crc32c(packed));
  newer.bytes.append(packed);
  return newer;
}

}  // namespace quorate::sim
