// SPDX-License-Identifier: Apache-2.0
#include "io/runtime/local_clients.h"

#include <algorithm>
#include <utility>

#include "io/net/limits.h"

namespace quorate::io {

class LocalClients::Local final : public resp::SessionHost {
 public:
  Local(node::RequestPort& port, ClientId id, Instant now) : session_(port, id, *this) {
    session_.address = session_.local_address = "in-process";
    session_.connected_at = now;
    Welcome();
  }
  ~Local() override {
    for (Callback& done : waiting_) {
      done(Unavailable("the connection ended; whether the command was executed is unknown"));
    }
  }

  void OutputReady(resp::Session&) override { output_ready_ = true; }
  void AfterTickNeeded(resp::Session&) override { tick_needed_ = true; }

  void Add(const std::vector<std::string>& arguments, Callback done) {
    std::vector<std::string_view> views(arguments.begin(), arguments.end());
    resp::EncodeCommand(views, input_);
    waiting_.push_back(std::move(done));
    Feed();
  }

  void AfterTick() {
    if (std::exchange(tick_needed_, false)) session_.AfterTick();
    if (std::exchange(output_ready_, false)) TakeReplies();
    Feed();
  }

  [[nodiscard]] bool busy() const { return tick_needed_ || output_ready_; }
  [[nodiscard]] bool idle() const { return waiting_.empty() && !tick_needed_; }
  // The last command ended the session.
  [[nodiscard]] bool ended() const { return session_.ShouldClose() && !tick_needed_; }

 private:
  // The process needs no password, and may read any type of reply.
  void Welcome() {
    session_.state.protocol = 3;
    session_.state.authenticated = true;
  }

  void Feed() {
    while (fed_ < input_.size() && session_.WantsInput()) {
      std::span<char> space = session_.InputSpace(kReadBytesMin);
      const size_t size = std::min(space.size(), input_.size() - fed_);
      std::copy_n(input_.data() + fed_, size, space.data());
      fed_ += size;
      session_.InputFilled(size);
    }
    if (fed_ < input_.size()) return;
    input_.clear();
    fed_ = 0;
    if (input_.capacity() > kBufferBytesKept) Bytes().swap(input_);
  }

  void TakeReplies() {
    while (!session_.Output().empty()) {
      decoder_.Feed(session_.Output());
      session_.OutputWritten(session_.Output().size());
    }
    while (!waiting_.empty()) {
      absl::StatusOr<std::optional<resp::Reply>> reply = decoder_.Next();
      if (reply.ok() && !reply->has_value()) break;
      Callback done = std::move(waiting_.front());
      waiting_.pop_front();
      Welcome();  // RESET and HELLO mean nothing here
      if (reply.ok()) {
        done(std::move(**reply));
      } else {
        done(reply.status());
      }
    }
  }

  resp::Session session_;
  Bytes input_;  // encoded, not yet read by the session
  size_t fed_ = 0;
  resp::ReplyDecoder decoder_;
  std::deque<Callback> waiting_;
  bool output_ready_ = false;
  bool tick_needed_ = false;
};

LocalClients::LocalClients(FindPort find_port, uint64_t first_id, uint64_t id_step)
    : find_port_(std::move(find_port)), next_id_(first_id), id_step_(id_step) {}

LocalClients::~LocalClients() = default;

void LocalClients::Call(PoolId pool, const std::vector<std::string>& arguments, Callback done,
                        Instant now) {
  std::unique_ptr<Local>& local = locals_[pool];
  if (local == nullptr) {
    local = std::make_unique<Local>(find_port_(pool), ClientId{next_id_}, now);
    next_id_ += id_step_;
  }
  local->Add(arguments, std::move(done));
}

void LocalClients::AfterTick() {
  for (auto at = locals_.begin(); at != locals_.end();) {
    at->second->AfterTick();
    at = at->second->ended() ? locals_.erase(at) : std::next(at);
  }
}

bool LocalClients::busy() const {
  return std::any_of(locals_.begin(), locals_.end(),
                     [](const auto& entry) { return entry.second->busy(); });
}

}  // namespace quorate::io
