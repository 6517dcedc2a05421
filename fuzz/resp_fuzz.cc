// SPDX-License-Identifier: Apache-2.0
// Bytes from a client, in one piece and in pieces chosen by the input: the requests handed over and
// the bytes answered must be the same. The first byte chooses the settings and the sizes of the
// pieces, the rest is the stream. The shard behind the session copies its views only at the tick,
// so a view that was moved too early is seen as a difference, or by the address sanitizer.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/resp/client_codec.h"
#include "adapters/resp/session.h"
#include "engine/base/check.h"
#include "engine/base/random.h"

namespace quorate::resp {
namespace {

class Shard final : public node::RequestPort, public SessionHost {
 public:
  explicit Shard(uint8_t settings) : password_((settings & 1) != 0), late_((settings & 2) != 0) {}

  void Attach(commands::Client& /*client*/) override {}
  void Detach(commands::Client& /*client*/) override {}
  void AddArgument(std::string_view argument) override { arguments_.push_back(argument); }
  commands::RequestSlot EndRequest(commands::Client& /*client*/) override {
    requests_.push_back(std::move(arguments_));
    arguments_.clear();
    return {slots_++};
  }
  [[nodiscard]] size_t bulk_bytes_max() const override { return 100000; }
  [[nodiscard]] bool RequiresAuth(const commands::Client& client) const override {
    return password_ && !client.state.authenticated;
  }
  void OutputReady(Session& /*session*/) override {}
  void AfterTickNeeded(Session& /*session*/) override { tick_asked_ = true; }

  // Ticks until nothing is left to do. Some replies are left for the end of the tick, and then
  // given in reverse.
  void Run(Session& session, std::string& output) {
    while (tick_asked_) {
      tick_asked_ = false;
      std::vector<uint64_t> left;
      for (const std::vector<std::string_view>& views : std::exchange(requests_, {})) {
        seen.emplace_back(views.begin(), views.end());
        if (late_ && seen.back()[0].size() % 2 == 1) {
          left.push_back(seen.size() - 1);
        } else {
          Answer(session, seen.size() - 1);
        }
      }
      for (; !left.empty(); left.pop_back()) Answer(session, left.back());
      session.Gate(++barrier_);
      session.Release(barrier_);
      session.AfterTick();
      output += session.Output();
      session.OutputWritten(session.Output().size());
    }
    output += session.Output();
    session.OutputWritten(session.Output().size());
  }

  std::vector<std::vector<std::string>> seen;

 private:
  void Answer(Session& session, uint64_t slot) {
    const std::string& name = seen[slot][0];
    commands::ClientState& state = session.state;
    if (name == "AUTH") state.authenticated = true;
    if (name == "QUIT") state.close_after_reply = true;
    if (name == "RESET") state = {};
    if (name == "HELLO") state.protocol = 3;
    if (name == "CLIENT") (seen[slot].size() % 2 == 0 ? state.reply_skip : state.reply_off) = true;
    commands::ReplySink& sink = session.Reply({slot});
    sink.Map(0);
    sink.Array(seen[slot].size());
    for (const std::string& argument : seen[slot]) sink.Bulk(argument);
    session.Complete({slot});
  }

  const bool password_;
  const bool late_;
  bool tick_asked_ = false;
  uint64_t slots_ = 0;
  uint64_t barrier_ = 0;
  std::vector<std::string_view> arguments_;
  std::vector<std::vector<std::string_view>> requests_;
};

struct Outcome {
  std::vector<std::vector<std::string>> requests;
  std::string output;
  bool closes = false;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

// `pieces` of 0 puts the stream in as the session takes it; anything else seeds the sizes.
Outcome Converse(std::string_view stream, uint8_t settings, uint64_t pieces) {
  Shard shard(settings);
  Session session(shard, ClientId{1}, shard);
  Outcome outcome;
  Prng prng(pieces);
  while (!stream.empty() && session.WantsInput()) {
    const size_t most = pieces == 0 ? stream.size() : prng.Between(1, 64);
    const std::span<char> space = session.InputSpace(most);
    const size_t size = std::min({most, stream.size(), space.size()});
    stream.copy(space.data(), size);
    session.InputFilled(size);
    stream.remove_prefix(size);
    // Sometimes more arrives before the tick.
    if (pieces == 0 || prng.Chance(1, 2) || !session.WantsInput()) {
      shard.Run(session, outcome.output);
    }
  }
  shard.Run(session, outcome.output);
  outcome.closes = session.ShouldClose();
  session.InputClosed();
  QUORATE_CHECK(session.ShouldClose());
  outcome.requests = std::move(shard.seen);
  return outcome;
}

void ReadReplies(std::string_view stream, uint64_t pieces) {
  Prng prng(pieces);
  ReplyDecoder whole;
  ReplyDecoder cut;
  whole.Feed(stream);
  absl::StatusOr<std::optional<Reply>> expected = whole.Next();
  absl::StatusOr<std::optional<Reply>> found = cut.Next();
  while (true) {
    while (found.ok() && !*found && !stream.empty()) {
      const size_t size = std::min<size_t>(prng.Between(1, 64), stream.size());
      cut.Feed(stream.substr(0, size));
      stream.remove_prefix(size);
      found = cut.Next();
    }
    QUORATE_CHECK(expected.ok() == found.ok());
    if (!expected.ok()) return;
    QUORATE_CHECK(*expected == *found);
    if (!*expected) return;
    expected = whole.Next();
    found = cut.Next();
  }
}

}  // namespace
}  // namespace quorate::resp

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using quorate::resp::Converse;
  if (size == 0) return 0;
  const uint8_t settings = data[0];
  const std::string stream(data + 1, data + size);
  const quorate::resp::Outcome whole = Converse(stream, settings, 0);
  QUORATE_CHECK(Converse(stream, settings, settings + uint64_t{1}) == whole);
  quorate::resp::ReadReplies(stream, settings);
  quorate::resp::ReadReplies(whole.output, settings);
  return 0;
}
