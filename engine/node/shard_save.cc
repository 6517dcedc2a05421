// SPDX-License-Identifier: Apache-2.0
// Save and Load of a shard.
#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/node/hide.h"
#include "engine/node/saved.h"
#include "engine/node/shard_impl.h"
#include "engine/node/snapshot.h"

namespace quorate::node {
namespace {

constexpr uint8_t kStateVersion = 8;

}  // namespace

void Shard::Impl::SaveCommits(Bytes& out, bool hides) const {
  PutVarint(out, last_token_);
  PutVarint(out, commits_.size());
  for (const Commit& commit : commits_) {
    PutVarint(out, commit.token.value);
    Bytes rep = commit.batch.rep();
    if (hides) HideBatch(rep);
    PutBlob(out, rep);
    PutBigEndian(out, static_cast<uint8_t>(commit.durability));
    PutMessages(out, commit.after.messages, hides);
    PutVarint(out, commit.after.durable.size());
    for (const auto& [pool, event] : commit.after.durable) {
      PutBigEndian(out, pool.value);
      PutVarint(out, event.id.value);
      PutVarint(out, event.step);
    }
    PutVarint(out, commit.after.clients.size());
    for (const ClientId client : commit.after.clients) PutVarint(out, client.value);
    PutFlag(out, commit.submitted);
  }
}

absl::Status Shard::Impl::LoadCommits(ByteReader& reader) {
  last_token_ = reader.Varint();
  const uint64_t commits = reader.Varint();
  for (uint64_t i = 0; i < commits; ++i) {
    Commit& commit = commits_.emplace_back();
    commit.token = env::CommitToken{reader.Varint()};
    QUORATE_RETURN_IF_ERROR(commit.batch.Assign(reader.Blob()));
    const auto durability = reader.BigEndian<uint8_t>();
    if (durability > static_cast<uint8_t>(env::Durability::kNone)) {
      return DataLoss("shard state: unknown durability");
    }
    commit.durability = static_cast<env::Durability>(durability);
    QUORATE_ASSIGN_OR_RETURN(commit.after.messages, ReadMessages(reader));
    const uint64_t events = reader.Varint();
    for (uint64_t j = 0; j < events && reader.ok(); ++j) {
      const PoolId pool{reader.BigEndian<uint16_t>()};
      const dynamo::OperationId operation{reader.Varint()};
      const auto step = static_cast<uint32_t>(reader.Varint());
      if (FindPool(pool) == nullptr) return DataLoss("shard state: unknown pool");
      commit.after.durable.emplace_back(pool, dynamo::LocallyDurable{operation, step});
    }
    const uint64_t clients = reader.Varint();
    for (uint64_t j = 0; j < clients && reader.ok(); ++j) {
      commit.after.clients.push_back(ClientId{reader.Varint()});
    }
    commit.submitted = ReadFlag(reader);
    if (!reader.ok()) return DataLoss("shard state: ends inside a commit");
  }
  return absl::OkStatus();
}

// All but the pools.
void Shard::Impl::SaveOwn(Bytes& out, bool hides) const {
  QUORATE_CHECK(shard_.tick.batch.empty() && shard_.tick.messages.empty() &&
                shard_.tick.after.empty());
  out.push_back(static_cast<char>(kStateVersion));
  PutClocks(out, shard_.tick.clocks);
  PutVarint(out, shard_.next_id);
  PutVarint(out, shard_.draws);
  PutBigEndian(out, shard_.clock.last().bits());
  PutBigEndian(out, shard_.clock.reserved().bits());
  PutBigEndian(out, shard_.life_began.bits());
  for (const bool flag :
       {shard_.clock.open(), shard_.loading, shard_.stopping, shard_.disk_full, shard_.clock_off,
        shard_.ended_orderly, began_, stored_at_stop_, stopped_}) {
    PutFlag(out, flag);
  }
  PutStatus(out, shard_.health);
  PutInstant(out, retry_at_);
  PutInstant(out, started_);
  PutInstant(out, clock_judged_);
  for (const uint64_t count : {counted_.ticks, counted_.commits, counted_.messages_in,
                               counted_.messages_out, counted_.expired}) {
    PutVarint(out, count);
  }
  PutMarks(out, shard_.marks);
  shard_.config.Save(out);
  shard_.peers.Save(out);
  shard_.peer_clocks.Save(out);
  loader_.Save(out);
  SaveCommits(out, hides);
}

// Version byte, the shard's own, commits, then each pool.
void Shard::Impl::Save(Bytes& out, bool hides, const Shard::KeepObject& keep) const {
  SaveOwn(out, hides);
  for (const Pool& pool : pools_) {
    keyspace::Keyspace::KeepKey keep_here;
    if (keep) {
      keep_here = [&keep, pool_id = pool.options.pool](std::string_view key) {
        return keep(pool_id, key);
      };
    }
    pool.replica.Save(out, hides, keep_here);
    pool.frontend.Save(out, hides);
  }
}

void Shard::Impl::BeginSnapshot(Bytes& frame, bool hides) {
  std::vector<SnapshotKeys> keys;
  Bytes state;
  SaveOwn(state, hides);
  for (Pool& pool : pools_) {
    keys.push_back({pool.options.pool, state.size(), pool.replica.keyspace().objects()});
    pool.replica.BeginSnapshot(state, hides);
    pool.frontend.Save(state, hides);
  }
  PutSnapshotFrame(frame, keys, state);
}

bool Shard::Impl::in_snapshot() const {
  return std::any_of(pools_.begin(), pools_.end(),
                     [](const Pool& pool) { return pool.replica.keyspace().in_snapshot(); });
}

bool Shard::Impl::StepSnapshot(keyspace::SnapshotBudget budget, Bytes& piece) {
  bool more = false;
  for (Pool& pool : pools_) {
    keyspace::Keyspace& keys = pool.replica.keyspace();
    if (keys.in_snapshot() && keys.StepSnapshot(budget, piece)) more = true;
  }
  return more;
}

absl::Status Shard::Impl::Load(std::string_view bytes, const FindSession& find) {
  QUORATE_CHECK(!began_);
  ByteReader reader(bytes);
  if (reader.BigEndian<uint8_t>() != kStateVersion) return DataLoss("shard state: unknown version");
  shard_.tick.clocks = ReadClocks(reader);
  shard_.clock.Advance(shard_.tick.clocks.wall);
  shard_.next_id = reader.Varint();
  shard_.draws = reader.Varint();
  const auto last = HybridTime::FromBits(reader.BigEndian<uint64_t>());
  const auto reserved = HybridTime::FromBits(reader.BigEndian<uint64_t>());
  shard_.life_began = HybridTime::FromBits(reader.BigEndian<uint64_t>());
  shard_.clock.Restore(last, reserved, ReadFlag(reader));
  for (bool* flag : {&shard_.loading, &shard_.stopping, &shard_.disk_full, &shard_.clock_off,
                     &shard_.ended_orderly, &began_, &stored_at_stop_, &stopped_}) {
    *flag = ReadFlag(reader);
  }
  shard_.health = ReadStatus(reader);
  retry_at_ = ReadInstant(reader);
  started_ = ReadInstant(reader);
  clock_judged_ = ReadInstant(reader);
  for (uint64_t* count : {&counted_.ticks, &counted_.commits, &counted_.messages_in,
                          &counted_.messages_out, &counted_.expired}) {
    *count = reader.Varint();
  }
  shard_.marks = ReadMarks(reader);
  shard_.config.Load(reader);
  shard_.peers.Load(reader);
  shard_.peer_clocks.Load(reader);
  QUORATE_RETURN_IF_ERROR(loader_.Load(reader, Sources()));
  QUORATE_RETURN_IF_ERROR(LoadCommits(reader));
  for (Pool& pool : pools_) {
    QUORATE_RETURN_IF_ERROR(pool.replica.Load(reader));
    const auto find_here = [&find, pool_id = pool.options.pool](ClientId client) {
      return find(pool_id, client);
    };
    QUORATE_RETURN_IF_ERROR(pool.frontend.Load(reader, find_here));
  }
  if (!reader.ok() || !reader.AtEnd()) return DataLoss("shard state: malformed");
  return absl::OkStatus();
}

}  // namespace quorate::node
