// SPDX-License-Identifier: Apache-2.0
// A recording of one shard as bytes:
//
//   file     "QRATEREC", version (32 bits), blocks
//   block    length of the payload (32 bits), CRC-32C of kind and payload, kind (a byte), payload
//            (written last: a block that was never finished has a header of zeros)
//   kinds    header, one, first; then a checkpoint or none; ticks, any number
//   checkpoint  state, any number, behind the header: a Shard::Save cut into blocks; or frame, any
//            number, behind the header, and then among the ticks piece, any number, and lastpiece,
//            one: a snapshot as of the header (engine/node/snapshot.h). One that has no last piece
//            was never finished, and nothing can begin there
//   ticks    events, each a byte and its fields; a block holds whole ticks but for what came
//            between them
//
// Everything is big endian, but for varints. Any byte string is a recording or a clear error.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/codec.h"
#include "engine/base/status.h"
#include "engine/node/shard_options.h"

namespace quorate::recording {

inline constexpr std::string_view kMagic = "QRATEREC";
inline constexpr uint32_t kVersion = 4;
// Which are read, too: up to version 3 there are no snapshots; up to version 2 messages are frames;
// of version 1, headers end with the topology.
inline constexpr uint32_t kVersionMin = 1;
inline constexpr size_t kBlockHeaderBytes = 9;

enum class BlockKind : uint8_t {
  kHeader = 1,
  kState = 2,
  kTicks = 3,
  kFrame = 4,
  kPiece = 5,
  kLastPiece = 6,
};

enum class EventKind : uint8_t {
  kBeginTick = 1,  // monotonic and wall time, each as the change since the tick before
  kStart = 2,
  kFrame = 3,       // a frame of one message: up to version 2
  kCommitDone = 4,  // token, status code
  kScanDone = 5,    // token, status code; rows, complete
  kAttach = 6,      // pool, client
  kClient = 7,      // client, what its world says of it; before its first request
  kDetach = 8,      // pool, client
  kRequest = 9,     // pool, client, arguments
  kStop = 10,
  kEndTick = 11,  // the rung, 32 bits
  kMessage = 12,  // message_form.h
};

// What a recording was made small for, if it was: it is then no node's any more, and its ladder is
// no node's either. Its rungs are those of the build that made it small, without the failure.
struct Shrunk {
  std::string failure;  // how a replay ends, in its words; empty: it is as a node recorded it
  std::string planted;  // with this bug planted, if any
  uint64_t rungs = 0;   // of its ticks, from the first; behind that none is known, and none counts
  friend bool operator==(const Shrunk&, const Shrunk&) = default;
};

// Everything a shard is made of, and what the recording leaves out.
struct Header {
  std::string build;         // shard_build.h
  bool hides = false;        // values are left out
  uint64_t segment = 0;      // of the shard's life, from 0
  bool continues = false;    // the segment before ends where this one begins: no gap is between
  uint64_t ticks = 0;        // before this segment
  uint64_t ladder = 0;       // the hash of what they brought about
  uint64_t state_bytes = 0;  // of the state or the frame; 0: it begins with the shard's start
  Clocks clocks;             // what the first tick's are counted from
  node::ShardOptions options;
  Bytes topology;
  Shrunk shrunk;
};

// Makes a block of `block`, whose first kBlockHeaderBytes bytes are free.
void SealBlock(BlockKind kind, Bytes& block);
[[nodiscard]] inline BlockKind KindOf(std::string_view sealed_block) {
  return static_cast<BlockKind>(sealed_block[kBlockHeaderBytes - 1]);
}
[[nodiscard]] Bytes EncodeHeader(const Header& header);
absl::StatusOr<Header> DecodeHeader(std::string_view payload, uint32_t version = kVersion);

// A recording whose blocks have been checked; points into the bytes it was read from.
struct Recording {
  Header header;  // its `state_bytes` are those of the state, joined where it was in pieces
  Bytes state;    // as of Shard::Save
  std::vector<std::string_view> ticks;  // payloads of blocks
  bool unfinished = false;  // the process ended while it wrote the last block, which is left out
};
// Errors, each with a word on what is wrong: InvalidArgument (no recording, or of a version this
// release cannot read), OutOfRange (ends too early), DataLoss (damaged), FailedPrecondition (its
// checkpoint was never finished).
absl::StatusOr<Recording> ReadRecording(std::string_view bytes);
// A segment whose checkpoint was never finished, behind the one before it, which is where it can be
// begun at. Points into both. Errors: as ReadRecording; FailedPrecondition where they are no
// neighbours.
absl::StatusOr<Recording> ReadBehind(const Recording& before, std::string_view bytes);
// The file of a recording; a block for each of its ticks' payloads.
[[nodiscard]] Bytes WriteRecording(const Recording& recording);

// Numbers that are small and of either sign.
void PutSigned(Bytes& out, int64_t value);
// Returns the byte behind.
char* WriteSigned(char* at, int64_t value);
[[nodiscard]] int64_t ReadSigned(ByteReader& reader);

}  // namespace quorate::recording
