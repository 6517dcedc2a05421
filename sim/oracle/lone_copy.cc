// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/lone_copy.h"

#include <cstdint>

#include "adapters/resp/reply_writer.h"
#include "engine/base/check.h"
#include "engine/commands/command.h"
#include "engine/commands/config_table.h"
#include "engine/commands/key_positions.h"
#include "engine/commands/plan.h"
#include "engine/commands/reply.h"

namespace quorate::sim {
namespace {

constexpr WriterId kWriter{NodeId{1}, Incarnation{1}, ShardIndex{0}};
// Deadlines lie before it or far behind it.
constexpr HybridTime kBeginning = HybridTime::FromMs(1'700'000'000'000);

// As it comes to a client.
resp::Reply ReplyOf(std::string_view tape) {
  const uint8_t protocol = 2;
  Bytes error;
  Bytes stream;
  resp::ReplyWriter writer(protocol, error);
  writer.SetOutput(stream);
  QUORATE_CHECK(commands::PlayReply(tape, writer));
  resp::ReplyDecoder decoder;
  decoder.Feed(stream);
  const absl::StatusOr<std::optional<resp::Reply>> decoded = decoder.Next();
  QUORATE_CHECK(decoded.ok());
  const std::optional<resp::Reply>& reply = *decoded;
  QUORATE_CHECK(reply.has_value());
  return *reply;
}

}  // namespace

LoneCopy::LoneCopy()
    : keyspace_({.pool = {}, .placer = {}, .partitions = 1, .sole_owner = true}),
      string_bytes_max_(commands::ConfigTable().bulk_bytes_max()),
      now_(kBeginning) {
  keyspace_.OpenPartition(PartitionId{0});
}

std::optional<LoneCopy::Answer> LoneCopy::Ask(const std::vector<Bytes>& command) {
  const std::vector<std::string_view> args(command.begin(), command.end());
  Bytes error;
  const commands::Command* row = commands::ResolveCommand(args, error);
  if (row == nullptr || row->split == commands::Split::kSteps) return std::nullopt;
  const commands::KeyPositions keys = commands::KeysOf(*row, args.size());
  const commands::Command& executes = commands::PartCommandOf(*row);
  if (keys.count() != 1 || executes.execute == nullptr) return std::nullopt;
  now_ = now_.Next();
  Answer answer;
  const commands::Plan plan = commands::PlanOf(*row, args);
  answer.writes = plan.kind != commands::Class::kRead;
  answer.reads = plan.reads != commands::Reads::kNothing;
  const std::string_view key = args[keys[0]];
  commands::ReplyTape tape;
  commands::KeyContext context{
      .args = args,
      .key = key,
      .object = keyspace_.View(keyspace_.See(keyspace_.PlaceOf(key), key, now_, nullptr).object()),
      .now = now_,
      .stamp = {now_, kWriter},
      .seed = 0,
      .sole_owner = true,
      .planted = PlantedBug::kNone,
      .string_bytes_max = string_bytes_max_,
      .mutation = answer.cells,
      .reply = tape};
  executes.execute(context);
  answer.reply = ReplyOf(tape.bytes());
  return answer;
}

void LoneCopy::Keep(std::string_view key, const Bytes& cells) {
  QUORATE_CHECK(keyspace::ValidCells(cells));
  keyspace_.Apply(keyspace_.PlaceOf(key), key, cells, nullptr);
}

}  // namespace quorate::sim
