// SPDX-License-Identifier: Apache-2.0
#include "adapters/recording/recorder.h"

#include <algorithm>
#include <array>
#include <optional>

#include "adapters/recording/limits.h"
#include "engine/base/check.h"
#include "engine/commands/text.h"
#include "engine/keyspace/stand_in.h"
#include "engine/node/hide.h"
#include "engine/node/saved.h"

namespace quorate::recording {
namespace {

// Their replies tell of buffers and memory, which are the process's.
constexpr std::array<std::string_view, 3> kUntold = {"client", "info", "memory"};

bool MayBeSecret(std::string_view command) {
  return command.size() >= 4 && command.size() <= 6 &&
         (commands::IsWord(command, "auth") || commands::IsWord(command, "hello") ||
          commands::IsWord(command, "config"));
}

bool IsUntold(std::string_view command) {
  return command.size() >= 4 && command.size() <= 6 &&
         std::any_of(kUntold.begin(), kUntold.end(),
                     [command](std::string_view word) { return commands::IsWord(command, word); });
}

// The byte of a kind, a pool and a client.
constexpr size_t kClientBytesMax = 1 + sizeof(PoolId::value) + kVarintBytesMax;

char* WriteClient(char* at, EventKind kind, PoolId pool, ClientId client) {
  *at = static_cast<char>(kind);
  return WriteVarint(WriteBigEndian(at + 1, pool.value), client.value);
}

uint64_t DetailOf(const env::ScanRequest& request) {
  return request.begin.size() << 32 ^ request.end.size() << 16 ^ request.bytes_max;
}

}  // namespace

// One pool's door for clients.
class Recorder::RecordedPort final : public node::RequestPort {
 public:
  RecordedPort(Recorder& recorder, PoolId pool, node::RequestPort& port, std::string_view password)
      : recorder_(recorder), pool_(pool), port_(port), password_(password) {}

  void Attach(commands::Client& client) override {
    recorder_.NoteClient(EventKind::kAttach, pool_, client.id);
    port_.Attach(client);
  }
  void Detach(commands::Client& client) override {
    recorder_.NoteClient(EventKind::kDetach, pool_, client.id);
    recorder_.ForgetUntold(client.id);
    port_.Detach(client);
  }
  void AddArgument(std::string_view argument) override {
    arguments_.push_back(argument);
    port_.AddArgument(argument);
  }
  commands::RequestSlot EndRequest(commands::Client& client) override {
    if (IsUntold(arguments_.front())) recorder_.untold_.emplace(client.id, client.requests);
    if (recorder_.recording()) {
      // Where it is replayed the secrets are what stands for them.
      if (MayBeSecret(arguments_.front())) node::ReplaceSecrets(arguments_, password_);
      recorder_.NoteRequest(pool_, client, arguments_);
    }
    arguments_.clear();
    return port_.EndRequest(client);
  }
  [[nodiscard]] size_t bulk_bytes_max() const override { return port_.bulk_bytes_max(); }
  [[nodiscard]] bool RequiresAuth(const commands::Client& client) const override {
    return port_.RequiresAuth(client);
  }
  [[nodiscard]] node::ReplyTap* tap() override { return &recorder_; }

 private:
  Recorder& recorder_;
  const PoolId pool_;
  node::RequestPort& port_;
  const std::string_view password_;
  std::vector<std::string_view> arguments_;
};

Recorder::Recorder(RecorderOptions options, BlockSink& sink, env::Network& network,
                   env::Storage& storage, env::Observer& observer)
    : options_(std::move(options)),
      sink_(sink),
      network_(network),
      storage_(storage),
      observer_(observer),
      ladder_(options_.hides, options_.start.ladder),
      ticks_(options_.start.ticks),
      clocks_(options_.start.clocks) {
  BeginSegment({}, false);
}

Recorder::~Recorder() = default;

node::RequestPort& Recorder::Port(PoolId pool) {
  std::unique_ptr<RecordedPort>& port = ports_[pool];
  if (port == nullptr) {
    const auto& pools = options_.start.options.pools;
    const auto at =
        std::find_if(pools.begin(), pools.end(),
                     [pool](const node::PoolOptions& options) { return options.pool == pool; });
    QUORATE_CHECK(at != pools.end());
    port = std::make_unique<RecordedPort>(*this, pool, shard_->Port(pool), at->password);
  }
  return *port;
}

// --- what goes in

void Recorder::BeginTick(const Clocks& clocks) {
  if (recording()) {
    char* at = block_.Room(1 + 2 * kVarintBytesMax);
    *at++ = static_cast<char>(EventKind::kBeginTick);
    at = WriteSigned(at, (clocks.monotonic - clocks_.monotonic).count());
    block_.Wrote(WriteSigned(at, clocks.wall.ms - clocks_.wall.ms));
  }
  clocks_ = clocks;
  shard_->BeginTick(clocks);
}

void Recorder::Start() {
  if (recording()) Note(EventKind::kStart);
  shard_->Start();
}

void Recorder::Stop() {
  if (recording()) Note(EventKind::kStop);
  shard_->Stop();
}

void Recorder::Deliver(const wire::Message& message) {
  if (recording()) {
    char* at = block_.Room(1 + MessageBytesMax(message));
    *at++ = static_cast<char>(EventKind::kMessage);
    block_.Wrote(WriteMessage(at, message, options_.hides, hidden_));
  }
  shard_->Deliver(message);
}

void Recorder::OnStorage(env::StorageEvent event) {
  if (recording()) {
    if (const auto* commit = std::get_if<env::CommitDone>(&event)) {
      NoteCommit(*commit);
    } else {
      NoteScan(std::get<env::ScanDone>(event));
    }
  }
  shard_->OnStorage(std::move(event));
}

void Recorder::Note(EventKind kind) {
  char* const at = block_.Room(1);
  *at = static_cast<char>(kind);
  block_.Wrote(at + 1);
}

void Recorder::NoteCommit(const env::CommitDone& commit) {
  char* at = block_.Room(1 + 2 * kVarintBytesMax);
  *at++ = static_cast<char>(EventKind::kCommitDone);
  at = WriteVarint(at, commit.token.value);
  block_.Wrote(WriteVarint(at, static_cast<uint64_t>(commit.status.code())));
}

void Recorder::NoteScan(const env::ScanDone& scan) {
  Bytes noted(1, static_cast<char>(EventKind::kScanDone));
  PutVarint(noted, scan.token.value);
  PutVarint(noted, static_cast<uint64_t>(scan.result.status().code()));
  if (scan.result.ok()) {
    PutVarint(noted, scan.result->rows.size());
    Bytes value;
    for (const env::Row& row : scan.result->rows) {
      value = row.value;
      if (options_.hides) node::HideRow(row.key, value);
      PutBlob(noted, row.key);
      PutBlob(noted, value);
    }
    node::PutFlag(noted, scan.result->complete);
  }
  block_.Append(noted);
}

void Recorder::NoteClient(EventKind kind, PoolId pool, ClientId client) {
  if (!recording()) return;
  block_.Wrote(WriteClient(block_.Room(kClientBytesMax), kind, pool, client));
}

void Recorder::NoteClientState(PoolId pool, const commands::Client& client) {
  NoteClient(EventKind::kClient, pool, client.id);
  Bytes state;
  node::PutClient(state, client);
  block_.Append(state);
}

void Recorder::ForgetUntold(ClientId client) {
  const auto first = untold_.lower_bound({client, 0});
  auto end = first;
  while (end != untold_.end() && end->first == client) ++end;
  untold_.erase(first, end);
}

// Where the values of a request are; the last command is often the next one, too.
const node::ValueArguments& Recorder::ValuesOf(const std::vector<std::string_view>& args) {
  if (values_ && args[0] == values_of_) return *values_;
  values_.emplace(args);
  // Behind a prefix another command may follow the next time.
  values_of_ = commands::IsWord(args[0], "consistency") ? std::string_view() : args[0];
  return *values_;
}

// An argument is its length, twice it, and the bytes; or one more than twice it, and the digest.
void Recorder::NoteRequest(PoolId pool, const commands::Client& client,
                           const std::vector<std::string_view>& args) {
  if (client.requests == 0) NoteClientState(pool, client);
  size_t bytes = 0, longest = 0;
  for (const std::string_view arg : args) {
    bytes += arg.size();
    longest = std::max(longest, arg.size());
  }
  const bool hides = options_.hides && longest >= keyspace::kStandInBytesMin;
  const node::ValueArguments* values = hides ? &ValuesOf(args) : nullptr;
  // What is left out is longer than its digest.
  char* at = block_.Room(kClientBytesMax + (1 + args.size()) * kVarintBytesMax + bytes);
  at = WriteClient(at, EventKind::kRequest, pool, client.id);
  at = WriteVarint(at, args.size());
  for (size_t i = 0; i < args.size(); ++i) {
    const std::string_view arg = args[i];
    const bool hidden = hides && values->Has(i) && keyspace::IsHidden(arg);
    at = WriteVarint(at, uint64_t{arg.size()} << 1 | (hidden ? 1 : 0));
    if (hidden) {
      at = WriteBigEndian(at, keyspace::ValueDigest(arg));
    } else {
      at = std::copy(arg.begin(), arg.end(), at);
    }
  }
  block_.Wrote(at);
}

void Recorder::EndTick() {
  shard_->EndTick();
  ++ticks_;
  rung_ = ladder_.Rung(shard_->digest());
  if (!recording()) return;
  char* at = block_.Room(1 + sizeof(rung_));
  *at++ = static_cast<char>(EventKind::kEndTick);
  block_.Wrote(WriteBigEndian(at, rung_));
  if (block_.size() < kBlockBytes && clocks_.monotonic < block_began_ + kBlockAge) return;
  PutBlock(BlockKind::kTicks, block_.Take());
  BeginBlock();
}

// --- what comes out

void Recorder::Send(const env::Target& target, wire::Message message) {
  ladder_.Sent(target, message);
  network_.Send(target, std::move(message));
}

void Recorder::Commit(env::WriteBatch batch, env::Durability durability, env::CommitToken token) {
  ladder_.Asked(token.value, batch.rep().size(), static_cast<uint64_t>(durability));
  storage_.Commit(std::move(batch), durability, token);
}

void Recorder::Scan(env::ScanRequest request, env::ReadToken token) {
  ladder_.Asked(token.value, request.begin.size() + request.end.size(), DetailOf(request));
  storage_.Scan(std::move(request), token);
}

void Recorder::Replied(ClientId client, commands::RequestSlot slot, std::string_view reply) {
  if (!untold_.empty() && untold_.erase({client, slot.value}) > 0) reply = {};
  ladder_.Replied(client, slot.value, reply);
}

}  // namespace quorate::recording
