// SPDX-License-Identifier: Apache-2.0
#include "sim/recording/shard_replayer.h"

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "adapters/recording/limits.h"
#include "adapters/recording/message_form.h"
#include "adapters/recording/recorder.h"
#include "engine/commands/text.h"
#include "engine/keyspace/stand_in.h"
#include "engine/node/saved.h"
#include "engine/topology/topology.h"
#include "sim/recording/event_list.h"
#include "sim/recording/looks_into_values.h"
#include "sim/recording/replayed_doors.h"

namespace quorate::sim {
namespace {

using recording::EventKind;

// What no editor looks into.
bool StaysAsItIs(EventKind kind) {
  return kind != EventKind::kFrame && kind != EventKind::kMessage &&
         kind != EventKind::kCommitDone && kind != EventKind::kScanDone &&
         kind != EventKind::kEndTick;
}

}  // namespace

class ShardReplayer::Impl {
 public:
  Impl(const recording::Recording& recording, topology::Topology topology, ReplayOptions options)
      : recording_(recording),
        topology_(std::move(topology)),
        watchers_(std::move(options.watchers)),
        events_max_(options.events_max),
        taken_(options.taken),
        editor_(options.editor),
        doors_(watchers_),
        options_(OptionsOf(recording, options.planted)),
        recorder_(options_, doors_, doors_, doors_, doors_),
        shard_(options_.start.options, topology_, recorder_, recorder_, doors_) {
    recorder_.SetShard(shard_);
    clocks_ = recording.header.clocks;
    replay_.ticks = recording.header.ticks;
  }

  absl::Status Load();
  absl::StatusOr<bool> Step();

  // Ticks count from the start of the life.
  [[nodiscard]] const ShardReplay& replay() const { return replay_; }
  [[nodiscard]] const node::Shard& shard() const { return shard_; }
  [[nodiscard]] const topology::Topology& topology() const { return topology_; }
  [[nodiscard]] ShardReplay result() const {
    ShardReplay so_far = replay_;
    so_far.ticks -= recording_.header.ticks;
    so_far.hash = recorder_.ladder();
    return so_far;
  }
  void ExecuteNothing() { events_max_ = 0; }

 private:
  using ClientKey = std::pair<PoolId, ClientId>;

  static recording::RecorderOptions OptionsOf(const recording::Recording& recording,
                                              PlantedBug planted);
  ReplayedClient& ClientOf(PoolId pool, ClientId id) {
    std::unique_ptr<ReplayedClient>& client = clients_[{pool, id}];
    if (client == nullptr) {
      client = std::make_unique<ReplayedClient>(pool, id, recorder_, watchers_);
    }
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
  // Whether the event under way is to be executed.
  [[nodiscard]] bool executes() const { return events_ <= events_max_; }

  absl::Status Take(EventKind kind, ByteReader& reader);
  absl::Status TakeClient(EventKind kind, ByteReader& reader);
  absl::Status TakeRequest(PoolId pool, ReplayedClient& client, ByteReader& reader);
  absl::Status TakeMessage(EventKind kind, ByteReader& reader);
  bool TakeEdited(EventKind kind, wire::Message& message);
  void TakeCommit(ByteReader& reader);
  void TakeScan(ByteReader& reader);
  void BeginTick(ByteReader& reader);
  void EndTick(uint32_t rung);
  void NoteLook(std::string_view command);
  // For the editor: the event as it was recorded, or as it is now.
  void Took(EventKind kind) {
    if (editor_ == nullptr) return;
    editor_->Took(kind, event_.substr(0, event_.size() - reader_.rest().size()));
  }
  void Took(EventKind kind, const Bytes& fields) {
    if (editor_ != nullptr) editor_->Took(kind, static_cast<char>(kind) + fields);
  }

  const recording::Recording& recording_;
  const topology::Topology topology_;
  const ReplayWatchers watchers_;
  uint64_t events_max_;
  uint64_t* const taken_;
  EventEditor* const editor_;
  ReplayedDoors doors_;
  const recording::RecorderOptions options_;
  recording::Recorder recorder_;
  node::Shard shard_;
  std::map<ClientKey, std::unique_ptr<ReplayedClient>> clients_;
  std::deque<Bytes> arguments_;  // of the requests of the tick: the shard holds views
  Clocks clocks_{};
  size_t block_ = 0;        // the next one
  ByteReader reader_{{}};   // what is left of the one before
  std::string_view event_;  // begins with the one under way
  uint64_t events_ = 0;     // that were taken, with the one under way
  ShardReplay replay_;      // ticks: from the start of the life
  bool in_tick_ = false;
  bool started_ = false;
};

recording::RecorderOptions ShardReplayer::Impl::OptionsOf(const recording::Recording& recording,
                                                          PlantedBug planted) {
  recording::RecorderOptions options;
  options.hides = recording.header.hides;
  options.segment_bytes_max = SIZE_MAX;
  options.start = recording.header;
  options.start.options.planted = planted;
  return options;
}

absl::Status ShardReplayer::Impl::Load() {
  if (recording_.header.state_bytes == 0 || events_max_ == 0) return absl::OkStatus();
  return shard_.Load(recording_.state, [this](PoolId pool, ClientId client) -> commands::Client* {
    return &ClientOf(pool, client);
  });
}

absl::StatusOr<bool> ShardReplayer::Impl::Step() {
  const uint64_t before = replay_.ticks;
  while (replay_.ticks == before && !replay_.differs) {
    if (reader_.AtEnd()) {
      if (block_ == recording_.ticks.size()) return false;
      reader_ = ByteReader(recording_.ticks[block_++]);
      continue;
    }
    event_ = reader_.rest();
    const auto kind = static_cast<EventKind>(reader_.BigEndian<uint8_t>());
    if (taken_ != nullptr) *taken_ = events_;
    if (editor_ != nullptr) editor_->Next(events_);
    ++events_;
    QUORATE_RETURN_IF_ERROR(Take(kind, reader_));
    if (!reader_.ok()) return DataLoss("an event is malformed");
    if (StaysAsItIs(kind)) Took(kind);
    if (kind == EventKind::kEndTick && !executes()) return false;
  }
  return replay_.ticks != before;
}

void ShardReplayer::Impl::BeginTick(ByteReader& reader) {
  clocks_.monotonic += Duration(recording::ReadSigned(reader));
  clocks_.wall.ms += recording::ReadSigned(reader);
  in_tick_ = true;
  watchers_.Tell(&ReplayObserver::TickBegan, replay_.ticks + 1, clocks_);
  if (executes()) recorder_.BeginTick(clocks_);
}

void ShardReplayer::Impl::EndTick(uint32_t rung) {
  Bytes fields;
  if (executes()) recorder_.EndTick();
  PutBigEndian(fields, executes() ? recorder_.rung() : uint32_t{0});
  Took(EventKind::kEndTick, fields);
  if (!executes()) return;
  in_tick_ = false;
  arguments_.clear();
  ++replay_.ticks;
  const recording::Shrunk& shrunk = recording_.header.shrunk;
  const bool known =
      shrunk.failure.empty() || replay_.ticks - recording_.header.ticks <= shrunk.rungs;
  if (editor_ != nullptr || !known) rung = recorder_.rung();
  watchers_.Tell(&ReplayObserver::TickEnded, replay_.ticks, recorder_.rung(), rung);
  if (recorder_.rung() != rung) replay_.differs = replay_.ticks;
}

absl::Status ShardReplayer::Impl::Take(EventKind kind, ByteReader& reader) {
  const bool wants_tick = kind == EventKind::kStart || kind == EventKind::kFrame ||
                          kind == EventKind::kMessage || kind == EventKind::kCommitDone ||
                          kind == EventKind::kScanDone || kind == EventKind::kEndTick ||
                          kind == EventKind::kStop;
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
      watchers_.Tell(&ReplayObserver::Started);
      if (executes()) recorder_.Start();
      return absl::OkStatus();
    case EventKind::kStop:
      watchers_.Tell(&ReplayObserver::Stopped);
      if (executes()) recorder_.Stop();
      return absl::OkStatus();
    case EventKind::kFrame:
    case EventKind::kMessage:
      return TakeMessage(kind, reader);
    case EventKind::kCommitDone:
      TakeCommit(reader);
      return absl::OkStatus();
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

absl::Status ShardReplayer::Impl::TakeMessage(EventKind kind, ByteReader& reader) {
  QUORATE_ASSIGN_OR_RETURN(wire::Message message, MessageOfEvent(kind, reader));
  if (editor_ != nullptr && !TakeEdited(kind, message)) return absl::OkStatus();
  ++replay_.messages;
  watchers_.Tell(&ReplayObserver::Came, message);
  if (const auto* execute = std::get_if<wire::Execute>(&message.body)) {
    if (!execute->args.empty()) NoteLook(execute->args.front());
  }
  if (executes()) recorder_.Deliver(message);
  return absl::OkStatus();
}

// False where the editor drops it.
bool ShardReplayer::Impl::TakeEdited(EventKind kind, wire::Message& message) {
  const wire::Message recorded = message;
  if (!editor_->Edit(message)) return false;
  if (message == recorded) return Took(kind), true;
  Bytes fields(recording::MessageBytesMax(message), '\0');
  recording::HiddenParts scratch;
  const char* const end = recording::WriteMessage(fields.data(), message, false, scratch);
  fields.resize(static_cast<size_t>(end - fields.data()));
  Took(EventKind::kMessage, fields);
  return true;
}

void ShardReplayer::Impl::TakeCommit(ByteReader& reader) {
  env::CommitToken token{reader.Varint()};
  const auto code = static_cast<absl::StatusCode>(reader.Varint());
  if (editor_ != nullptr && !editor_->Edit(token)) return;
  Bytes fields;
  PutVarint(fields, token.value);
  PutVarint(fields, static_cast<uint64_t>(code));
  Took(EventKind::kCommitDone, fields);
  watchers_.Tell(&ReplayObserver::Committed, token, code);
  if (executes()) recorder_.OnStorage(env::CommitDone{token, absl::Status(code, "as recorded")});
}

void ShardReplayer::Impl::TakeScan(ByteReader& reader) {
  env::ScanDone scan{env::ReadToken{reader.Varint()}, env::ScanResult{}};
  const auto code = static_cast<absl::StatusCode>(reader.Varint());
  if (code != absl::StatusCode::kOk) {
    scan.result = absl::Status(code, "as recorded");
  } else {
    const uint64_t rows = reader.Varint();
    for (uint64_t i = 0; i < rows && reader.ok(); ++i) {
      const Bytes key(reader.Blob());
      scan.result->rows.push_back({key, Bytes(reader.Blob())});
    }
    scan.result->complete = node::ReadFlag(reader);
    if (!reader.ok()) return;
  }
  if (editor_ != nullptr) {
    if (!editor_->Edit(scan.token)) return;
    // Behind the kind and the token all stays as it is.
    ByteReader rest(event_.substr(1));
    rest.Varint();
    const std::string_view result =
        rest.rest().substr(0, rest.rest().size() - reader.rest().size());
    Bytes fields;
    PutVarint(fields, scan.token.value);
    fields += result;
    Took(EventKind::kScanDone, fields);
  }
  watchers_.Tell(&ReplayObserver::Scanned, scan);
  if (executes()) recorder_.OnStorage(std::move(scan));
}

absl::Status ShardReplayer::Impl::TakeClient(EventKind kind, ByteReader& reader) {
  const PoolId pool{reader.BigEndian<uint16_t>()};
  const ClientId id{reader.Varint()};
  if (!Knows(pool)) return DataLoss("a client is of no pool");
  ReplayedClient* client = Find({pool, id});
  if ((client == nullptr) != (kind == EventKind::kAttach)) {
    return DataLoss("a client comes twice, or has not come");
  }
  switch (kind) {
    case EventKind::kAttach:
      watchers_.Tell(&ReplayObserver::Attached, pool, id);
      client = &ClientOf(pool, id);
      if (executes()) recorder_.Port(pool).Attach(*client);
      return absl::OkStatus();
    case EventKind::kDetach:
      watchers_.Tell(&ReplayObserver::Detached, pool, id);
      if (executes()) recorder_.Port(pool).Detach(*client);
      clients_.erase({pool, id});
      return absl::OkStatus();
    case EventKind::kClient:
      node::ReadClient(reader, *client);
      return absl::OkStatus();
    default:
      return TakeRequest(pool, *client, reader);
  }
}

absl::Status ShardReplayer::Impl::TakeRequest(PoolId pool, ReplayedClient& client,
                                              ByteReader& reader) {
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
  const std::string_view bytes(all);
  std::vector<std::string_view> args;
  args.reserve(pieces.size());
  for (const auto& [at, size] : pieces) args.push_back(bytes.substr(at, size));
  NoteLook(args.front());
  ++replay_.requests;
  watchers_.Tell(&ReplayObserver::Asked, pool, client.id, commands::RequestSlot{client.requests},
                 args);
  if (!executes()) {
    ++client.requests;
    return absl::OkStatus();
  }
  node::RequestPort& port = recorder_.Port(pool);
  for (const std::string_view arg : args) port.AddArgument(arg);
  port.EndRequest(client);
  return absl::OkStatus();
}

void ShardReplayer::Impl::NoteLook(std::string_view command) {
  if (!recording_.header.hides || !replay_.looked_in.empty()) return;
  if (!LooksIntoValues(command)) return;
  replay_.looked_in = commands::LowerCase(command);
  replay_.looked_at_tick = replay_.ticks + 1;
}

ShardReplayer::ShardReplayer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ShardReplayer::~ShardReplayer() = default;

absl::StatusOr<std::unique_ptr<ShardReplayer>> ShardReplayer::Create(
    const recording::Recording& recording, ReplayOptions options) {
  absl::StatusOr<topology::Topology> topology =
      topology::Topology::Decode(recording.header.topology);
  if (!topology.ok()) return DataLoss("its topology is malformed");
  for (const node::PoolOptions& pool : recording.header.options.pools) {
    if (topology->FindPool(pool.pool) == nullptr) return DataLoss("a pool is not in its topology");
  }
  auto impl = std::make_unique<Impl>(recording, *std::move(topology), std::move(options));
  QUORATE_RETURN_IF_ERROR(impl->Load());
  return std::unique_ptr<ShardReplayer>(new ShardReplayer(std::move(impl)));
}

absl::StatusOr<bool> ShardReplayer::Step() { return impl_->Step(); }

absl::Status ShardReplayer::LookAhead() {
  impl_->ExecuteNothing();
  return impl_->Step().status();
}

uint64_t ShardReplayer::tick() const { return impl_->replay().ticks; }
ShardReplay ShardReplayer::result() const { return impl_->result(); }
const node::Shard& ShardReplayer::shard() const { return impl_->shard(); }
const topology::Topology& ShardReplayer::topology() const { return impl_->topology(); }

absl::StatusOr<ShardReplay> ReplayShard(const recording::Recording& recording,
                                        ReplayOptions options) {
  QUORATE_ASSIGN_OR_RETURN(const std::unique_ptr<ShardReplayer> replayer,
                           ShardReplayer::Create(recording, std::move(options)));
  for (bool more = true; more;) {
    QUORATE_ASSIGN_OR_RETURN(more, replayer->Step());
  }
  return replayer->result();
}

}  // namespace quorate::sim
