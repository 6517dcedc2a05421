// SPDX-License-Identifier: Apache-2.0
// A shard without an engine, and the world around it, for tests of sessions: it keeps the views it
// was given until the tick, copies them there (so that a view that moved is seen), and answers by a
// function, or later, when the test says so.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "adapters/resp/session.h"
#include "engine/base/check.h"

namespace quorate::resp {

using Arguments = std::vector<std::string>;

class FakeShard final : public node::RequestPort, public SessionHost {
 public:
  using Handler = std::function<void(const Arguments&, commands::Client&, commands::RequestSlot)>;

  // Answers each request with its arguments as an array of bulk strings.
  static void Echo(const Arguments& arguments, commands::Client& client,
                   commands::RequestSlot slot) {
    commands::ReplySink& sink = client.Reply(slot);
    sink.Array(arguments.size());
    for (const std::string& argument : arguments) sink.Bulk(argument);
    client.Complete(slot);
  }

  void Attach(commands::Client& client) override { attached.insert(&client); }
  void Detach(commands::Client& client) override { attached.erase(&client); }
  void AddArgument(std::string_view argument) override { arguments_.push_back(argument); }
  commands::RequestSlot EndRequest(commands::Client& client) override {
    QUORATE_CHECK(!arguments_.empty());
    requests_.push_back({&client, std::move(arguments_)});
    arguments_.clear();
    return {slots_++};
  }
  [[nodiscard]] size_t bulk_bytes_max() const override { return bulk_max; }
  [[nodiscard]] bool RequiresAuth(const commands::Client& client) const override {
    return password && !client.state.authenticated;
  }
  void OutputReady(Session& /*session*/) override { ++output_ready; }
  void AfterTickNeeded(Session& session) override { after_.push_back(&session); }

  // Runs what was handed over, gates it, and tells the sessions.
  void Tick() {
    std::set<commands::Client*> touched;
    for (const auto& [client, views] : std::exchange(requests_, {})) {
      seen.emplace_back(views.begin(), views.end());
      touched.insert(client);
      handler(seen.back(), *client, {next_slot_++});
    }
    ++barrier;
    if (gates) {
      for (commands::Client* client : touched) client->Gate(barrier);
    }
    if (gates && durable) {
      for (commands::Client* client : touched) client->Release(barrier);
    }
    for (Session* session : std::exchange(after_, {})) session->AfterTick();
  }
  void TickUntilIdle() {
    while (!after_.empty()) Tick();
  }
  [[nodiscard]] size_t waiting() const { return requests_.size(); }
  [[nodiscard]] bool tick_asked() const { return !after_.empty(); }

  Handler handler = Echo;
  size_t bulk_max = 512 * 1024 * 1024;
  bool password = false;
  bool gates = true;    // Tick gates what it answered
  bool durable = true;  // and releases it
  uint64_t barrier = 0;
  int output_ready = 0;
  std::vector<Arguments> seen;
  std::set<commands::Client*> attached;

 private:
  struct Request {
    commands::Client* client;
    std::vector<std::string_view> views;
  };
  std::vector<std::string_view> arguments_;
  std::vector<Request> requests_;
  std::vector<Session*> after_;
  uint64_t slots_ = 0;
  uint64_t next_slot_ = 0;
};

// Puts `bytes` in as one read.
inline void Feed(Session& session, std::string_view bytes) {
  while (!bytes.empty()) {
    const std::span<char> space = session.InputSpace(bytes.size());
    const size_t size = std::min(space.size(), bytes.size());
    bytes.copy(space.data(), size);
    session.InputFilled(size);
    bytes.remove_prefix(size);
  }
}

// Takes out everything that may be sent.
inline std::string Drain(Session& session) {
  std::string out;
  while (!session.Output().empty()) {
    out += session.Output();
    session.OutputWritten(session.Output().size());
  }
  return out;
}

}  // namespace quorate::resp
