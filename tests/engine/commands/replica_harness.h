// SPDX-License-Identifier: Apache-2.0
// A replica of one pool without a node around it: a keyspace with its partition open, a clock that
// the test sets, a client and a server that remember what they were told. Requests are split as a
// node splits them.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "engine/commands/client.h"
#include "engine/commands/command.h"
#include "engine/commands/connection_commands.h"
#include "engine/commands/key_positions.h"
#include "engine/commands/server.h"
#include "engine/keyspace/keyspace.h"
#include "tests/engine/commands/reply_printer.h"

namespace quorate::commands {

class FakeClient final : public Client {
 public:
  explicit FakeClient(uint64_t number) {
    id.value = number;
    address = "10.0.0." + std::to_string(number) + ":1000";
    local_address = "10.0.0.100:7379";
  }
  ReplySink& Reply(RequestSlot) override { return printer; }
  void Complete(RequestSlot) override {}
  void Gate(uint64_t) override {}
  void Close() override {}
  void Release(uint64_t) override {}
  [[nodiscard]] ClientBuffers buffers() const override { return {26, 4, 5}; }

  ReplyPrinter printer;
};

class FakeServer final : public Server {
 public:
  [[nodiscard]] Clocks clocks() const override { return {Instant(wall_ms * 1ms), {wall_ms}}; }
  [[nodiscard]] const ConfigTable& config() const override { return table; }
  absl::Status ConfigSet(std::span<const ConfigChange> changes) override {
    return table.Set(changes);
  }
  void ConfigResetStatistics() override { ++resets; }
  [[nodiscard]] std::vector<std::string> InfoSection(std::string_view section) const override {
    if (section == "cluster") return {"cluster_enabled:0"};
    if (section == "server") return {"redis_version:7.0.15", "tcp_port:7379"};
    return {};
  }
  [[nodiscard]] bool CheckPassword(std::string_view user, std::string_view given) const override {
    return user == "default" && !password.empty() && given == password;
  }
  [[nodiscard]] bool RequiresPassword() const override { return !password.empty(); }
  void ForEachClient(const std::function<void(Client&)>& visit) override {
    for (Client* client : clients) visit(*client);
  }
  void CloseClient(Client& client) override { closed.push_back(client.id.value); }
  [[nodiscard]] std::string_view pool_name() const override { return "test"; }
  [[nodiscard]] topology::Consistency read_consistency() const override {
    return topology::Consistency::kOne;
  }
  [[nodiscard]] topology::Consistency write_consistency() const override {
    return topology::Consistency::kQuorum;
  }

  ConfigTable table;
  int64_t wall_ms = 1'700'000'000'000;
  std::string password;
  int resets = 0;
  std::vector<Client*> clients;
  std::vector<uint64_t> closed;
};

class Replica {
 public:
  explicit Replica(bool sole_owner = true, uint64_t node = 1)
      : sole_owner_(sole_owner),
        writer_{NodeId{node}, Incarnation{1}, ShardIndex{0}},
        keyspace_({.pool = {}, .placer = {}, .partitions = 1, .sole_owner = sole_owner}),
        client_(node) {
    keyspace_.OpenPartition(PartitionId{0});
    server_.clients.push_back(&client_);
    client_.state = InitialState(server_);
  }

  // Executes a request and gives its reply as ReplyPrinter writes it.
  std::string Run(const std::vector<std::string_view>& args) {
    ReplyPrinter printer;
    Dispatch(args, printer);
    QUORATE_CHECK(printer.complete() || printer.text().empty());
    return printer.text();
  }
  // The same of a request with words between single spaces; '' is an empty word.
  std::string operator()(std::string_view line) {
    std::vector<std::string_view> args;
    while (!line.empty()) {
      const size_t end = std::min(line.find(' '), line.size());
      const std::string_view word = line.substr(0, end);
      args.push_back(word == "''" ? std::string_view() : word);
      line.remove_prefix(std::min(end + 1, line.size()));
    }
    return Run(args);
  }

  // What the requests since the last call wrote: key and packed cells each.
  std::vector<std::pair<std::string, Bytes>> TakeMutations() {
    return std::exchange(mutations_, {});
  }
  void Receive(const std::vector<std::pair<std::string, Bytes>>& mutations) {
    for (const auto& [key, packed] : mutations) {
      QUORATE_CHECK(keyspace::ValidCells(packed));
      keyspace_.Apply(keyspace_.PlaceOf(key), key, packed, nullptr);
    }
  }

  void Pass(int64_t ms) { server_.wall_ms += ms; }
  void set_writer(const WriterId& writer) { writer_ = writer; }
  void set_seed(uint64_t seed) { seed_ = seed; }
  void set_planted(PlantedBug planted) { planted_ = planted; }
  FakeServer& server() { return server_; }
  FakeClient& client() { return client_; }
  keyspace::Keyspace& keyspace() { return keyspace_; }
  [[nodiscard]] uint64_t digest() const { return keyspace_.digest(PartitionId{0}); }
  [[nodiscard]] int64_t now_ms() const { return server_.wall_ms; }

 private:
  void Dispatch(Arguments args, ReplySink& reply) {
    Bytes error;
    const Command* command = ResolveCommand(args, error);
    if (command == nullptr) return reply.Error(error);
    if (command->handle != nullptr) {
      ConnectionContext context{args, client_, server_, reply};
      return command->handle(context);
    }
    if (command->split == Split::kSteps) return RunSteps(*command, args, reply);
    const Command& executes = PartCommandOf(*command);
    if (executes.execute == nullptr) return reply.Error("ERR the node executes this");
    const KeyPositions keys = KeysOf(*command, args.size());
    if (command->split == Split::kNone) {
      return Execute(*command, args, args[keys[0]], reply);
    }
    std::vector<Bytes> tapes;
    if (command->split == Split::kUnlessHeld) {
      for (size_t i = 0; i < keys.count(); ++i) {
        if (View(args[keys[i]]).exists()) return reply.Integer(0);
      }
    }
    for (size_t i = 0; i < keys.count(); ++i) {
      std::vector<std::string_view> part;
      PartOf(*command, args, keys, i, part);
      ReplyTape tape;
      Execute(executes, part, part[1], tape);
      tapes.push_back(tape.Take());
    }
    Join(*command, args, tapes, reply);
  }

  void RunSteps(const Command& command, Arguments args, ReplySink& reply) {
    std::vector<Bytes> tapes;
    Bytes memory;
    for (size_t step = 0;; ++step) {
      std::vector<std::vector<Bytes>> next;
      StepContext context{args, step, tapes, memory, next, reply};
      command.step(context);
      if (next.empty()) return;
      std::vector<Bytes> answers;
      for (const std::vector<Bytes>& request : next) {
        ReplyTape tape;
        const std::vector<std::string_view> words(request.begin(), request.end());
        Execute(*FindCommand(words[0]), words, words[1], tape);
        answers.push_back(tape.Take());
      }
      tapes = std::move(answers);
    }
  }

  void Join(const Command& command, Arguments args, const std::vector<Bytes>& tapes,
            ReplySink& reply) {
    int64_t sum = 0;
    switch (command.split) {
      case Split::kNone:
      case Split::kSteps:
        return;
      case Split::kArray:
        reply.Array(tapes.size());
        for (const Bytes& tape : tapes) QUORATE_CHECK(PlayReply(tape, reply));
        return;
      case Split::kSum:
        for (const Bytes& tape : tapes) sum += IntegerOfTape(tape);
        return reply.Integer(sum);
      case Split::kAllOk:
        return reply.Simple("OK");
      case Split::kJoin:
        return command.join(args, tapes, reply);
      case Split::kUnlessHeld:
        return reply.Integer(1);
    }
  }

  HybridTime Now() {
    last_ = std::max(HybridTime::FromMs(server_.wall_ms), last_.Next());
    return last_;
  }

  keyspace::ObjectView View(std::string_view key) {
    const Place place = keyspace_.PlaceOf(key);
    seen_ = keyspace_.See(place, key, Now(), nullptr);
    return keyspace_.View(seen_.object());
  }

  void Execute(const Command& command, Arguments args, std::string_view key, ReplySink& reply) {
    const Place place = keyspace_.PlaceOf(key);
    const HybridTime now = Now();
    const keyspace::Keyspace::Seen seen = keyspace_.See(place, key, now, nullptr);
    Bytes mutation;
    KeyContext context{.args = args,
                       .key = key,
                       .object = keyspace_.View(seen.object()),
                       .now = now,
                       .stamp = {now, writer_},
                       .seed = seed_,
                       .sole_owner = sole_owner_,
                       .planted = planted_,
                       .string_bytes_max = server_.table.bulk_bytes_max(),
                       .mutation = mutation,
                       .reply = reply};
    command.execute(context);
    if (mutation.empty()) return;
    if (!seen.passed.empty()) {
      Bytes tombstone;
      keyspace::CellWriter(tombstone).Tombstone(seen.passed);
      mutation.insert(0, tombstone);
    }
    QUORATE_CHECK(keyspace::ValidCells(mutation));
    const std::string owned_key(key);
    keyspace_.Apply(place, owned_key, mutation, nullptr);
    mutations_.emplace_back(owned_key, std::move(mutation));
  }

  bool sole_owner_;
  WriterId writer_;
  uint64_t seed_ = 1;
  PlantedBug planted_ = PlantedBug::kNone;
  HybridTime last_;
  keyspace::Keyspace keyspace_;
  keyspace::Keyspace::Seen seen_;  // what View looks at
  FakeServer server_;
  FakeClient client_;
  std::vector<std::pair<std::string, Bytes>> mutations_;
};

}  // namespace quorate::commands
