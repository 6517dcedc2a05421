// SPDX-License-Identifier: Apache-2.0
// Stands between a world and a shard: hands everything on, and notes what goes in, in order, and a
// hash of what comes out. A world with a recorder gives the shard `network()`, `storage()` and
// sessions `Port(pool)`, and calls the recorder wherever it would call the shard.
//
// Between world and shard stands the protocol of clients, too: what is noted of clients is their
// requests, as the shard gets them. Bytes would have to be taken apart here once more to keep
// secrets out; and a checkpoint would hold half-read requests, with all that is in them.
//
// Segments. Each begins with the shard's start or with a checkpoint, and is replayed alone. When
// one is full the next begins, at the end of a tick. Whatever becomes of the blocks is the sink's
// business; where it takes none for a while there is a gap, and a new segment behind it.
//
// A checkpoint is a snapshot as of the segment's beginning, in pieces that go out among its ticks:
// one after each tick, whose size follows from what ticks have noted. Until the last one is out no
// other segment begins, and the one before must be kept.
//
// A replay uses this class as well: the ladders are equal because the same code makes them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/recording/block_buffer.h"
#include "adapters/recording/format.h"
#include "adapters/recording/ladder.h"
#include "adapters/recording/limits.h"
#include "adapters/recording/message_form.h"
#include "engine/env/network.h"
#include "engine/env/observer.h"
#include "engine/env/storage.h"
#include "engine/node/hide.h"
#include "engine/node/request_port.h"
#include "engine/node/shard.h"

namespace quorate::recording {

// Where blocks go. None of the calls may block.
class BlockSink {
 public:
  virtual ~BlockSink() = default;
  // Whether a segment may begin.
  [[nodiscard]] virtual bool Ready() = 0;
  // The first block of a segment follows. Where the one before has begun with a frame and has no
  // last piece, nothing can begin there.
  virtual void BeginSegment() = 0;
  // How much this segment may take, where it is less than others may.
  [[nodiscard]] virtual size_t segment_bytes_max() const { return SIZE_MAX; }
  // False: it was dropped, and so is everything until the next segment.
  virtual bool Put(Bytes block) = 0;
  // The memory of a block that was done with, or nothing; its bytes are of no meaning.
  virtual Bytes Spare() { return {}; }
};

// How fast a checkpoint is written.
struct CheckpointPace {
  size_t objects_max = kPieceObjectsMax;  // of a piece
  size_t bytes_min = kPieceBytesMin;
};

struct RecorderOptions {
  bool hides = true;  // values are left out
  CheckpointPace pace;
  size_t segment_bytes_max = size_t{128} << 20;
  Header start;  // of a replay: where its segment begins; its options are the shard's
};

class Recorder final : public env::Network, public env::Storage, public node::ReplyTap {
 public:
  // All are lent. `options.start` holds what the shard is made of.
  Recorder(RecorderOptions options, BlockSink& sink, env::Network& network, env::Storage& storage,
           env::Observer& observer);
  ~Recorder() override;
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  // The shard, which was made with the doors of the recorder.
  void SetShard(node::Shard& shard) { shard_ = &shard; }
  node::RequestPort& Port(PoolId pool);

  // In place of the shard's.
  void BeginTick(const Clocks& clocks);
  void Start();
  void Deliver(const wire::Message& message);
  void OnStorage(env::StorageEvent event);
  void Stop();
  void EndTick();

  // Behind each tick, before a client hands over a request: writes a piece of a checkpoint that is
  // under way, and begins a new segment where one is due.
  void Turn();
  // A tick should end by then, so that what was noted goes out.
  [[nodiscard]] Instant deadline() const;
  // What was noted goes out; nothing follows.
  void Finish();

  [[nodiscard]] uint64_t ticks() const { return ticks_; }
  [[nodiscard]] uint32_t rung() const { return rung_; }
  [[nodiscard]] uint64_t ladder() const { return ladder_.value(); }
  struct Counters {
    uint64_t segments = 0;
    uint64_t gaps = 0;
    uint64_t bytes = 0;
    uint64_t checkpoints = 0;       // that were finished
    uint64_t checkpoint_bytes = 0;  // of the last one
    uint64_t checkpoint_ticks = 0;  // which it took
  };
  [[nodiscard]] const Counters& counters() const { return counters_; }

  // env::Network and env::Storage: effects of the shard.
  void Send(const env::Target& target, wire::Message message) override;
  void Commit(env::WriteBatch batch, env::Durability durability, env::CommitToken token) override;
  void Scan(env::ScanRequest request, env::ReadToken token) override;
  // node::ReplyTap
  void Replied(ClientId client, commands::RequestSlot slot, std::string_view reply) override;
  void Released(ClientId client, uint64_t barrier) override { ladder_.Released(client, barrier); }

 private:
  class RecordedPort;
  enum class Mode : uint8_t { kOn, kGap, kOff };

  void Note(EventKind kind);
  void NoteClientState(PoolId pool, const commands::Client& client);
  void NoteCommit(const env::CommitDone& commit);
  void NoteClient(EventKind kind, PoolId pool, ClientId client);
  void ForgetUntold(ClientId client);
  void NoteRequest(PoolId pool, const commands::Client& client,
                   const std::vector<std::string_view>& args);
  const node::ValueArguments& ValuesOf(const std::vector<std::string_view>& args);
  void NoteScan(const env::ScanDone& scan);
  void BeginBlock();
  bool PutBlock(BlockKind kind, Bytes block);
  // With a frame behind room for a block's header, or with the shard's start.
  void BeginSegment(Bytes frame, bool continues);
  void PutFrame(Bytes frame);
  void BeginPiece();
  void StepCheckpoint();
  void EndCheckpoint();
  void EndRecording();
  [[nodiscard]] bool full() const;
  [[nodiscard]] bool recording() const { return mode_ == Mode::kOn; }

  const RecorderOptions options_;
  BlockSink& sink_;
  env::Network& network_;
  env::Storage& storage_;
  env::Observer& observer_;
  node::Shard* shard_ = nullptr;
  std::map<PoolId, std::unique_ptr<RecordedPort>> ports_;
  // Requests whose replies tell of the process around the shard, and do not count.
  std::set<std::pair<ClientId, uint64_t>> untold_;

  std::optional<node::ValueArguments> values_;  // of the command `values_of_`
  std::string values_of_;

  Mode mode_ = Mode::kOn;
  Ladder ladder_;
  uint64_t ticks_ = 0;
  uint32_t rung_ = 0;
  Clocks clocks_{};
  BlockBuffer block_;
  HiddenParts hidden_;
  Instant block_began_{};
  uint64_t segment_ = 0;
  size_t segment_bytes_ = 0;
  bool in_checkpoint_ = false;  // of this segment or, behind a gap, of one that is lost
  Bytes piece_;                 // behind room for a block's header
  size_t checkpoint_bytes_ = 0;
  uint64_t checkpoint_began_ = 0;  // the tick
  Counters counters_;
};

}  // namespace quorate::recording
