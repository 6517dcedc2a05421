// SPDX-License-Identifier: Apache-2.0
#include "adapters/recording/format.h"

#include "adapters/recording/limits.h"
#include "engine/base/check.h"
#include "engine/commands/config_table.h"
#include "engine/hash/digest.h"
#include "engine/node/hide.h"
#include "engine/node/saved.h"
#include "engine/node/snapshot.h"

namespace quorate::recording {
namespace {

using node::PutFlag;
using node::PutInstant;
using node::ReadFlag;
using node::ReadInstant;

constexpr uint32_t kSnapshotVersion = 4;

// As far as they decide what a shard does. What passwords are is never told.
void PutPool(Bytes& out, const node::PoolOptions& pool) {
  PutBigEndian(out, pool.pool.value);
  PutBigEndian(out, static_cast<uint8_t>(pool.durability));
  PutBigEndian(out, static_cast<uint8_t>(pool.read));
  PutBigEndian(out, static_cast<uint8_t>(pool.write));
  PutVarint(out, static_cast<uint64_t>(pool.request_timeout.count()));
  PutVarint(out, static_cast<uint64_t>(pool.speculative_delay.count()));
  PutVarint(out, pool.memory_bytes_max);
  PutBigEndian(out, static_cast<uint8_t>(pool.eviction));
  PutFlag(out, pool.unsafe_commands);
  PutFlag(out, !pool.password.empty());
}

absl::StatusOr<node::PoolOptions> ReadPool(ByteReader& reader) {
  node::PoolOptions pool;
  pool.pool.value = reader.BigEndian<uint16_t>();
  const auto durability = reader.BigEndian<uint8_t>();
  const auto read = reader.BigEndian<uint8_t>();
  const auto write = reader.BigEndian<uint8_t>();
  pool.request_timeout = Duration(static_cast<int64_t>(reader.Varint()));
  pool.speculative_delay = Duration(static_cast<int64_t>(reader.Varint()));
  pool.memory_bytes_max = reader.Varint();
  const auto eviction = reader.BigEndian<uint8_t>();
  pool.unsafe_commands = ReadFlag(reader);
  if (ReadFlag(reader)) pool.password = node::kHiddenPassword;
  if (!reader.ok() || durability > static_cast<uint8_t>(env::Durability::kNone) ||
      read >= topology::kConsistencyLevels || write >= topology::kConsistencyLevels ||
      eviction > static_cast<uint8_t>(node::Eviction::kClock)) {
    return DataLoss("a pool's options are malformed");
  }
  pool.durability = static_cast<env::Durability>(durability);
  pool.read = static_cast<topology::Consistency>(read);
  pool.write = static_cast<topology::Consistency>(write);
  pool.eviction = static_cast<node::Eviction>(eviction);
  return pool;
}

bool IsSecret(std::string_view setting) {
  return setting.find("pass") != std::string_view::npos ||
         setting.find("auth") != std::string_view::npos;
}

void PutLimits(Bytes& out, const node::ShardLimits& limits) {
  PutVarint(out, limits.operations);
  PutVarint(out, limits.waiters_per_key);
  PutVarint(out, limits.taken_requests);
  PutVarint(out, limits.reaps);
  PutVarint(out, limits.load_bytes);
  PutVarint(out, static_cast<uint64_t>(limits.clock_reserve_ms));
}

void ReadLimits(ByteReader& reader, node::ShardLimits& limits) {
  limits.operations = reader.Varint();
  limits.waiters_per_key = reader.Varint();
  limits.taken_requests = std::max<size_t>(reader.Varint(), 1);
  limits.reaps = reader.Varint();
  limits.load_bytes = reader.Varint();
  limits.clock_reserve_ms = static_cast<int64_t>(reader.Varint());
}

// Neutral but in the simulator.
void PutPoints(Bytes& out, const FaultPoints& points) {
  PutVarint(out, kFaultPoints);
  for (size_t i = 0; i < kFaultPoints; ++i) PutVarint(out, points.ppm(static_cast<FaultPoint>(i)));
}

absl::Status ReadPoints(ByteReader& reader, FaultPoints& points) {
  const uint64_t count = reader.Varint();
  if (count > kFaultPoints) return DataLoss("it has fault points that this build does not know");
  for (uint64_t i = 0; i < count; ++i) {
    points.Set(static_cast<FaultPoint>(i), static_cast<uint32_t>(reader.Varint()));
  }
  return absl::OkStatus();
}

void PutOptions(Bytes& out, const node::ShardOptions& options) {
  PutBigEndian(out, options.record.node.value);
  PutBigEndian(out, options.record.incarnation.value);
  PutBigEndian(out, options.record.last.value);
  PutVarint(out, options.shard.value);
  PutVarint(out, options.shards);
  PutBigEndian(out, options.seed);
  PutVarint(out, options.pools.size());
  for (const node::PoolOptions& pool : options.pools) PutPool(out, pool);
  std::vector<Bytes> settings;
  for (const auto& [name, value] : options.settings) {
    if (IsSecret(name)) continue;
    settings.push_back(name);
    settings.push_back(value);
  }
  node::PutBlobs(out, settings);
  PutVarint(out, static_cast<uint64_t>(options.clock_skew_max.count()));
  PutLimits(out, options.limits);
  PutPoints(out, options.points);
  PutBlob(out, options.version);
}

absl::Status ReadOptions(ByteReader& reader, node::ShardOptions& options) {
  options.record.node.value = reader.BigEndian<uint64_t>();
  options.record.incarnation.value = reader.BigEndian<uint32_t>();
  options.record.last.value = reader.BigEndian<uint32_t>();
  options.shard.value = static_cast<uint16_t>(reader.Varint());
  options.shards = static_cast<uint16_t>(reader.Varint());
  options.seed = reader.BigEndian<uint64_t>();
  const uint64_t pools = reader.Varint();
  for (uint64_t i = 0; i < pools && reader.ok(); ++i) {
    QUORATE_ASSIGN_OR_RETURN(node::PoolOptions pool, ReadPool(reader));
    options.pools.push_back(std::move(pool));
  }
  const std::vector<Bytes> settings = node::ReadBlobs(reader);
  commands::ConfigTable known;
  for (size_t i = 0; i + 1 < settings.size(); i += 2) {
    if (!known.Assign(settings[i], settings[i + 1]).ok()) {
      return InvalidArgument(
          Format("its node had the setting %s, which this release cannot have", settings[i]));
    }
    options.settings.emplace_back(settings[i], settings[i + 1]);
  }
  options.clock_skew_max = Duration(static_cast<int64_t>(reader.Varint()));
  ReadLimits(reader, options.limits);
  QUORATE_RETURN_IF_ERROR(ReadPoints(reader, options.points));
  options.version = reader.Blob();
  if (!reader.ok() || options.shards == 0 || options.shard.value >= options.shards) {
    return DataLoss("the shard's options are malformed");
  }
  return absl::OkStatus();
}

uint32_t CrcOf(std::string_view kind_and_payload) { return hash::Crc32c(kind_and_payload); }

struct Block {
  BlockKind kind = BlockKind::kTicks;
  std::string_view payload;
};

// Takes the block off the front of `bytes`.
absl::StatusOr<Block> NextBlock(std::string_view& bytes) {
  ByteReader reader(bytes);
  const auto length = reader.BigEndian<uint32_t>();
  const auto crc = reader.BigEndian<uint32_t>();
  if (!reader.ok()) return OutOfRange("it is cut short inside a block");
  if (length > kBlockBytesMax) return DataLoss("a block is damaged");
  const std::string_view content = reader.Raw(size_t{length} + 1);
  if (!reader.ok()) return OutOfRange("it is cut short inside a block");
  if (CrcOf(content) != crc) return DataLoss("a block is damaged");
  bytes.remove_prefix(kBlockHeaderBytes + length);
  return Block{static_cast<BlockKind>(content.front()), content.substr(1)};
}

// A header is written behind its payload.
bool IsUnfinished(std::string_view bytes) {
  const std::string_view header = bytes.substr(0, kBlockHeaderBytes);
  return header.size() == kBlockHeaderBytes &&
         header.find_first_not_of('\0') == std::string_view::npos;
}

}  // namespace

char* WriteSigned(char* at, int64_t value) {
  return WriteVarint(at, (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63));
}
void PutSigned(Bytes& out, int64_t value) {
  char bytes[kVarintBytesMax];
  out.append(bytes, static_cast<size_t>(WriteSigned(bytes, value) - bytes));
}
int64_t ReadSigned(ByteReader& reader) {
  const uint64_t bits = reader.Varint();
  return static_cast<int64_t>(bits >> 1) ^ -static_cast<int64_t>(bits & 1);
}

void SealBlock(BlockKind kind, Bytes& block) {
  const size_t length = block.size() - kBlockHeaderBytes;
  QUORATE_CHECK(length <= kBlockBytesMax);
  block[kBlockHeaderBytes - 1] = static_cast<char>(kind);
  WriteBigEndian(block.data(), static_cast<uint32_t>(length));
  const auto content = std::string_view(block).substr(kBlockHeaderBytes - 1);
  WriteBigEndian(block.data() + sizeof(uint32_t), CrcOf(content));
}

Bytes EncodeHeader(const Header& header) {
  Bytes out;
  PutBlob(out, header.build);
  PutFlag(out, header.hides);
  PutVarint(out, header.segment);
  PutVarint(out, header.ticks);
  PutBigEndian(out, header.ladder);
  PutVarint(out, header.state_bytes);
  PutInstant(out, header.clocks.monotonic);
  PutBigEndian(out, header.clocks.wall.ms);
  PutOptions(out, header.options);
  PutBlob(out, header.topology);
  PutBlob(out, header.shrunk.failure);
  PutBlob(out, header.shrunk.planted);
  PutVarint(out, header.shrunk.rungs);
  PutFlag(out, header.continues);
  return out;
}

absl::StatusOr<Header> DecodeHeader(std::string_view payload, uint32_t version) {
  ByteReader reader(payload);
  Header header;
  header.build = reader.Blob();
  header.hides = ReadFlag(reader);
  header.segment = reader.Varint();
  header.ticks = reader.Varint();
  header.ladder = reader.BigEndian<uint64_t>();
  header.state_bytes = reader.Varint();
  header.clocks.monotonic = ReadInstant(reader);
  header.clocks.wall.ms = reader.BigEndian<int64_t>();
  QUORATE_RETURN_IF_ERROR(ReadOptions(reader, header.options));
  header.topology = reader.Blob();
  if (version > kVersionMin) {
    header.shrunk.failure = reader.Blob();
    header.shrunk.planted = reader.Blob();
    header.shrunk.rungs = reader.Varint();
  }
  if (version >= kSnapshotVersion) header.continues = ReadFlag(reader);
  if (!reader.ok() || !reader.AtEnd()) return DataLoss("its header is malformed");
  header.options.stand_ins = header.hides;
  return header;
}

namespace {

// A recording as its blocks are, with the checkpoint in pieces.
struct Parts {
  Recording recording;  // `state` is of blocks of that kind
  Bytes frame;
  std::vector<std::string_view> pieces;
  bool last_piece = false;
};

absl::Status TakeBlock(const Block& block, uint32_t version, Parts& parts) {
  const bool behind_header = parts.recording.ticks.empty() && parts.pieces.empty();
  const bool in_pieces = version >= kSnapshotVersion && !parts.last_piece;
  if (block.kind == BlockKind::kTicks) {
    parts.recording.ticks.push_back(block.payload);
  } else if (block.kind == BlockKind::kState && behind_header && parts.frame.empty()) {
    parts.recording.state += block.payload;
  } else if (block.kind == BlockKind::kFrame && behind_header && in_pieces &&
             parts.recording.state.empty()) {
    parts.frame += block.payload;
  } else if ((block.kind == BlockKind::kPiece || block.kind == BlockKind::kLastPiece) &&
             in_pieces && !parts.frame.empty()) {
    parts.pieces.push_back(block.payload);
    parts.last_piece = block.kind == BlockKind::kLastPiece;
  } else {
    return DataLoss("its blocks are out of order");
  }
  return absl::OkStatus();
}

absl::StatusOr<Parts> ReadParts(std::string_view bytes) {
  if (!bytes.starts_with(kMagic)) return InvalidArgument("it is no recording");
  ByteReader reader(bytes.substr(kMagic.size()));
  const auto version = reader.BigEndian<uint32_t>();
  if (!reader.ok()) return OutOfRange("it is cut short");
  if (version < kVersionMin || version > kVersion) {
    return InvalidArgument(Format("it has version %u, and this release reads %u to %u", version,
                                  kVersionMin, kVersion));
  }
  std::string_view rest = reader.rest();
  QUORATE_ASSIGN_OR_RETURN(const Block first, NextBlock(rest));
  if (first.kind != BlockKind::kHeader) return DataLoss("it does not begin with a header");
  Parts parts;
  QUORATE_ASSIGN_OR_RETURN(parts.recording.header, DecodeHeader(first.payload, version));
  while (!rest.empty()) {
    parts.recording.unfinished = IsUnfinished(rest);
    if (parts.recording.unfinished) break;
    QUORATE_ASSIGN_OR_RETURN(const Block block, NextBlock(rest));
    QUORATE_RETURN_IF_ERROR(TakeBlock(block, version, parts));
  }
  if (parts.recording.state.size() + parts.frame.size() != parts.recording.header.state_bytes) {
    return OutOfRange("it is cut short inside its checkpoint");
  }
  return parts;
}

}  // namespace

absl::StatusOr<Recording> ReadRecording(std::string_view bytes) {
  QUORATE_ASSIGN_OR_RETURN(Parts parts, ReadParts(bytes));
  Recording& recording = parts.recording;
  if (parts.frame.empty()) return std::move(recording);
  if (!parts.last_piece) {
    return FailedPrecondition("its checkpoint was never finished, so nothing can begin there");
  }
  QUORATE_ASSIGN_OR_RETURN(recording.state, node::JoinSnapshot(parts.frame, parts.pieces));
  recording.header.state_bytes = recording.state.size();
  return std::move(recording);
}

absl::StatusOr<Recording> ReadBehind(const Recording& before, std::string_view bytes) {
  QUORATE_ASSIGN_OR_RETURN(const Parts parts, ReadParts(bytes));
  const Header& first = before.header;
  const Header& second = parts.recording.header;
  if (!second.continues || second.segment != first.segment + 1 || second.build != first.build ||
      second.options.record.node != first.options.record.node ||
      second.options.record.incarnation != first.options.record.incarnation ||
      second.options.shard != first.options.shard) {
    return FailedPrecondition(
        "its checkpoint was never finished, and it does not begin where the segment before ends");
  }
  Recording joined = before;
  joined.ticks.insert(joined.ticks.end(), parts.recording.ticks.begin(),
                      parts.recording.ticks.end());
  joined.unfinished = parts.recording.unfinished;
  return joined;
}

Bytes WriteRecording(const Recording& recording) {
  Bytes file(kMagic);
  PutBigEndian(file, kVersion);
  const auto put = [&file](BlockKind kind, std::string_view payload) {
    Bytes block(kBlockHeaderBytes, '\0');
    block += payload;
    SealBlock(kind, block);
    file += block;
  };
  Header header = recording.header;
  header.state_bytes = recording.state.size();
  put(BlockKind::kHeader, EncodeHeader(header));
  const std::string_view state = recording.state;
  for (size_t at = 0; at < state.size(); at += kStateBlockBytes) {
    put(BlockKind::kState, state.substr(at, kStateBlockBytes));
  }
  for (const std::string_view ticks : recording.ticks) put(BlockKind::kTicks, ticks);
  return file;
}

}  // namespace quorate::recording
