// SPDX-License-Identifier: Apache-2.0
#include "sim/recording/shard_replayer.h"

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "adapters/recording/limits.h"
#include "adapters/recording/recorder.h"
#include "adapters/resp/reply_writer.h"
#include "engine/commands/text.h"
#include "engine/keyspace/stand_in.h"
#include "engine/node/saved.h"
#include "engine/topology/topology.h"
#include "engine/wire/frame.h"

namespace quorate::sim {
namespace {

using recording::EventKind;

// Commands whose effects depend on more of a value than its length and digest.
constexpr std::string_view kLookIn[] = {
    "append",   "setrange", "getrange", "substr",   "setbit", "getbit",
    "bitcount", "bitpos",   "bitop",    "bitfield", "lcs",    "bitfield_ro",
    "dump",     "restore",  "rename",   "renamenx", "copy",   "sort",
};

// Nothing goes anywhere.
class Nowhere final : public env::Network,
                      public env::Storage,
                      public env::Observer,
                      public recording::BlockSink {
 public:
  void Send(const env::Target&, wire::Message) override {}
  void Commit(env::WriteBatch, env::Durability, env::CommitToken) override {}
  void Scan(env::ScanRequest, env::ReadToken) override {}
  void Log(env::LogLevel, std::string_view) override {}
  bool Ready() override { return false; }
  void BeginSegment() override {}
  bool Put(Bytes) override { return true; }
};

// A client whose replies are looked at and thrown away.
class ReplayedClient final : public commands::Client {
 public:
  ReplayedClient(ClientId client_id, node::ReplyTap& tap)
      : tap_(tap), writer_(state.protocol, reply_error) {
    id = client_id;
  }
  commands::ReplySink& Reply(commands::RequestSlot) override {
    reply_.clear();
    writer_.SetOutput(reply_);
    return writer_;
  }
  void Complete(commands::RequestSlot slot) override { tap_.Replied(id, slot, reply_); }
  void Gate(uint64_t) override {}
  void Release(uint64_t barrier) override { tap_.Released(id, barrier); }
  void Close() override {}
  [[nodiscard]] commands::ClientBuffers buffers() const override { return {}; }

 private:
  node::ReplyTap& tap_;
  resp::ReplyWriter writer_;
  Bytes reply_;
};

class ShardReplayer {
 public:
  ShardReplayer(const recording::Recording& recording, topology::Topology topology,
                PlantedBug planted, const TickWatcher& watch)
      : recording_(recording),
        topology_(std::move(topology)),
        watch_(watch),
        options_(OptionsOf(recording, planted)),
        recorder_(options_, nowhere_, nowhere_, nowhere_, nowhere_),
        shard_(options_.start.options, topology_, recorder_, recorder_, nowhere_) {
    recorder_.SetShard(shard_);
    clocks_ = recording.header.clocks;
    replay_.ticks = recording.header.ticks;
  }

  absl::StatusOr<ShardReplay> Run() {
    if (recording_.header.state_bytes > 0) {
      QUORATE_RETURN_IF_ERROR(
          shard_.Load(recording_.state, [this](PoolId pool, ClientId client) -> commands::Client* {
            return &ClientOf(pool, client);
          }));
    }
    for (const std::string_view block : recording_.ticks) {
      ByteReader reader(block);
      while (!reader.AtEnd() && !replay_.differs) {
        const auto kind = static_cast<EventKind>(reader.BigEndian<uint8_t>());
        QUORATE_RETURN_IF_ERROR(Take(kind, reader));
        if (!reader.ok()) return DataLoss("an event is malformed");
      }
      if (replay_.differs) break;
    }
    replay_.ticks -= recording_.header.ticks;
    replay_.hash = recorder_.ladder();
    return replay_;
  }

 private:
  using ClientKey = std::pair<PoolId, ClientId>;

  static recording::RecorderOptions OptionsOf(const recording::Recording& recording,
                                              PlantedBug planted) {
    recording::RecorderOptions options;
    options.hides = recording.header.hides;
    options.segment_bytes_max = SIZE_MAX;
    options.start = recording.header;
    options.start.options.planted = planted;
    return options;
  }

  ReplayedClient& ClientOf(PoolId pool, ClientId id) {
    std::unique_ptr<ReplayedClient>& client = clients_[{pool, id}];
    if (client == nullptr) client = std::make_unique<ReplayedClient>(id, recorder_);
    return *client;
  }
  // Null where it is not attached.
  ReplayedClient* Find(const ClientKey& key) {
    const auto at = clients_.find(key);
    return at == clients_.end() ? nullptr : at->second.get();
  }
  [[nodiscard]] bool Knows(PoolId pool) const {
    const auto& pools = options_.start.options.pools;
    return std::any_of(pools.begin(), pools.end(),
                       [pool](const node::PoolOptions& each) { return each.pool == pool; });
  }

  absl::Status Take(EventKind kind, ByteReader& reader);
  absl::Status TakeClient(EventKind kind, ByteReader& reader);
  absl::Status TakeRequest(PoolId pool, ReplayedClient& client, ByteReader& reader);
  absl::Status TakeMessage(ByteReader& reader);
  void TakeScan(ByteReader& reader);
  void BeginTick(ByteReader& reader);
  void EndTick(uint32_t rung);
  void NoteLook(std::string_view command);
  void Tell(std::string text) {
    if (watch_) watch_({replay_.ticks + 1, std::move(text)});
  }

  const recording::Recording& recording_;
  const topology::Topology topology_;
  const TickWatcher& watch_;
  const recording::RecorderOptions options_;
  Nowhere nowhere_;
  recording::Recorder recorder_;
  node::Shard shard_;
  std::map<ClientKey, std::unique_ptr<ReplayedClient>> clients_;
  std::deque<Bytes> arguments_;  // of the requests of the tick: the shard holds views
  Clocks clocks_{};
  ShardReplay replay_;
  bool in_tick_ = false;
  bool started_ = false;
};

void ShardReplayer::BeginTick(ByteReader& reader) {
  clocks_.monotonic += Duration(recording::ReadSigned(reader));
  clocks_.wall.ms += recording::ReadSigned(reader);
  in_tick_ = true;
  Tell(Format("begins at %d us, wall clock %d ms", clocks_.monotonic.time_since_epoch().count(),
              clocks_.wall.ms));
  recorder_.BeginTick(clocks_);
}

void ShardReplayer::EndTick(uint32_t rung) {
  recorder_.EndTick();
  in_tick_ = false;
  arguments_.clear();
  Tell(Format("ends with %08x, recorded %08x", recorder_.rung(), rung));
  ++replay_.ticks;
  if (recorder_.rung() != rung) replay_.differs = replay_.ticks;
}

absl::Status ShardReplayer::Take(EventKind kind, ByteReader& reader) {
  const bool wants_tick = kind == EventKind::kStart || kind == EventKind::kMessage ||
                          kind == EventKind::kCommitDone || kind == EventKind::kScanDone ||
                          kind == EventKind::kEndTick || kind == EventKind::kStop;
  if (wants_tick != in_tick_ && (wants_tick || kind == EventKind::kBeginTick)) {
    return DataLoss("its events are out of order");
  }
  switch (kind) {
    case EventKind::kBeginTick:
      BeginTick(reader);
      return absl::OkStatus();
    case EventKind::kStart:
      if (std::exchange(started_, true) || recording_.header.state_bytes > 0) {
        return DataLoss("its shard starts twice");
      }
      recorder_.Start();
      return absl::OkStatus();
    case EventKind::kStop:
      recorder_.Stop();
      return absl::OkStatus();
    case EventKind::kMessage:
      return TakeMessage(reader);
    case EventKind::kCommitDone: {
      const env::CommitToken token{reader.Varint()};
      const auto code = static_cast<absl::StatusCode>(reader.Varint());
      Tell(Format("commit %u is done, status %d", token.value, static_cast<int>(code)));
      recorder_.OnStorage(env::CommitDone{token, absl::Status(code, "as recorded")});
      return absl::OkStatus();
    }
    case EventKind::kScanDone:
      TakeScan(reader);
      return absl::OkStatus();
    case EventKind::kAttach:
    case EventKind::kClient:
    case EventKind::kDetach:
    case EventKind::kRequest:
      return TakeClient(kind, reader);
    case EventKind::kEndTick:
      EndTick(reader.BigEndian<uint32_t>());
      return absl::OkStatus();
  }
  return DataLoss("an event is of no known kind");
}

absl::Status ShardReplayer::TakeMessage(ByteReader& reader) {
  QUORATE_ASSIGN_OR_RETURN(wire::Frame frame, wire::DecodeFrame(reader.Blob()));
  if (frame.envelopes.size() != 1) return DataLoss("a message is malformed");
  ++replay_.messages;
  wire::Message& message = frame.envelopes.front().message;
  Tell(Format("%s from node %016x", std::string(wire::NameOf(message.body)),
              message.sender.node.value));
  if (const auto* execute = std::get_if<wire::Execute>(&message.body)) {
    if (!execute->args.empty()) NoteLook(execute->args.front());
  }
  recorder_.Deliver(std::move(message));
  return absl::OkStatus();
}

void ShardReplayer::TakeScan(ByteReader& reader) {
  const env::ReadToken token{reader.Varint()};
  const auto code = static_cast<absl::StatusCode>(reader.Varint());
  if (code != absl::StatusCode::kOk) {
    recorder_.OnStorage(env::ScanDone{token, absl::Status(code, "as recorded")});
    return;
  }
  env::ScanResult result;
  const uint64_t rows = reader.Varint();
  for (uint64_t i = 0; i < rows && reader.ok(); ++i) {
    const Bytes key(reader.Blob());
    result.rows.push_back({key, Bytes(reader.Blob())});
  }
  result.complete = node::ReadFlag(reader);
  Tell(Format("%u stored rows", result.rows.size()));
  if (reader.ok()) recorder_.OnStorage(env::ScanDone{token, std::move(result)});
}

absl::Status ShardReplayer::TakeClient(EventKind kind, ByteReader& reader) {
  const PoolId pool{reader.BigEndian<uint16_t>()};
  const ClientId id{reader.Varint()};
  if (!Knows(pool)) return DataLoss("a client is of no pool");
  ReplayedClient* client = Find({pool, id});
  if ((client == nullptr) != (kind == EventKind::kAttach)) {
    return DataLoss("a client comes twice, or has not come");
  }
  switch (kind) {
    case EventKind::kAttach:
      recorder_.Port(pool).Attach(ClientOf(pool, id));
      Tell(Format("client %u connects", id.value));
      return absl::OkStatus();
    case EventKind::kDetach:
      recorder_.Port(pool).Detach(*client);
      clients_.erase({pool, id});
      Tell(Format("client %u is gone", id.value));
      return absl::OkStatus();
    case EventKind::kClient:
      node::ReadClient(reader, *client);
      return absl::OkStatus();
    default:
      return TakeRequest(pool, *client, reader);
  }
}

absl::Status ShardReplayer::TakeRequest(PoolId pool, ReplayedClient& client, ByteReader& reader) {
  const uint64_t count = reader.Varint();
  if (count == 0 || count > reader.rest().size()) return DataLoss("a request is malformed");
  // One allocation holds all arguments: views stay valid until the end of the tick.
  Bytes& all = arguments_.emplace_back();
  std::vector<std::pair<size_t, size_t>> pieces;
  for (uint64_t i = 0; i < count && reader.ok(); ++i) {
    const uint64_t length = reader.Varint();
    const auto size = static_cast<size_t>(length >> 1);
    const size_t at = all.size();
    if ((length & 1) == 0) {
      all += reader.Raw(size);
    } else {
      if (size < keyspace::kStandInBytesMin || size > recording::kValueBytesMax) {
        return DataLoss("an argument is malformed");
      }
      all.resize(at + size);
      keyspace::WriteStandIn(all.data() + at, size, reader.BigEndian<uint64_t>());
    }
    pieces.emplace_back(at, all.size() - at);
  }
  if (!reader.ok()) return DataLoss("a request is malformed");
  node::RequestPort& port = recorder_.Port(pool);
  const std::string_view bytes(all);
  for (const auto& [at, size] : pieces) port.AddArgument(bytes.substr(at, size));
  NoteLook(bytes.substr(0, pieces.front().second));
  ++replay_.requests;
  Tell(Format("client %u: %s with %u arguments", client.id.value,
              std::string(bytes.substr(0, pieces.front().second)), pieces.size() - 1));
  port.EndRequest(client);
  return absl::OkStatus();
}

void ShardReplayer::NoteLook(std::string_view command) {
  if (!recording_.header.hides || !replay_.looked_in.empty()) return;
  const bool looks =
      std::any_of(std::begin(kLookIn), std::end(kLookIn),
                  [&](std::string_view word) { return commands::IsWord(command, word); });
  if (!looks) return;
  replay_.looked_in = commands::LowerCase(command);
  replay_.looked_at_tick = replay_.ticks + 1;
}

}  // namespace

absl::StatusOr<ShardReplay> ReplayShard(const recording::Recording& recording, PlantedBug planted,
                                        const TickWatcher& watch) {
  absl::StatusOr<topology::Topology> topology =
      topology::Topology::Decode(recording.header.topology);
  if (!topology.ok()) return DataLoss("its topology is malformed");
  for (const node::PoolOptions& pool : recording.header.options.pools) {
    if (topology->FindPool(pool.pool) == nullptr) return DataLoss("a pool is not in its topology");
  }
  ShardReplayer replayer(recording, *std::move(topology), planted, watch);
  return replayer.Run();
}

}  // namespace quorate::sim
