// SPDX-License-Identifier: Apache-2.0
#include "sim/client/sim_client.h"

#include <vector>

#include "engine/base/check.h"
#include "sim/client/limits.h"
#include "sim/core/draw.h"

namespace quorate::sim {
namespace {

// Answers that mean that this node is of no use now.
bool IsNodesFault(const resp::Reply& reply) {
  return reply.IsError() &&
         (reply.text.starts_with("LOADING") || reply.text.starts_with("MISCONF"));
}

}  // namespace

uint64_t SimClient::Draw0(uint64_t number) const {
  return Draw(seed_, Purpose::kClient, id_, number);
}

void SimClient::WakeIn(Duration delay, SimTime now) {
  host_.WakeAt(*this, now + delay, ++generation_);
}

void SimClient::Start(OperationSource& source, const ClientConfig& config, SimTime now) {
  QUORATE_CHECK(idle());
  const bool another = config.levels != config_.levels || config.pool != config_.pool ||
                       (!config.avoid.empty() && config.avoid[asked_]);
  config_ = config;
  source_ = &source;
  stopped_ = false;
  source_ended_ = false;
  node_.reset();
  if (another && state_ != State::kDisconnected) {
    host_.Disconnect(*this);
    state_ = State::kDisconnected;
  }
  WakeIn(Uniform(DrawNext(), Duration(0), config_.think_mean * 2), now);
}

void SimClient::Leave() {
  QUORATE_CHECK(idle());
  if (state_ != State::kDisconnected) host_.Disconnect(*this);
  state_ = State::kDisconnected;
  ++generation_;
}

void SimClient::OnWake(SimTime now) {
  if (!outstanding_.empty() || state_ == State::kConnecting) {
    Drop(now, /*timed_out=*/true);
  } else {
    Proceed(now);
  }
}

void SimClient::Proceed(SimTime now) {
  if (source_ended_ || stopped_) {
    stopped_ = true;
    return;
  }
  // A client that was recorded had its connection when it asked, so it connects ahead of the time.
  const std::optional<Prescription> next = source_->Prescribes(id_, operations_);
  const bool elsewhere =
      next && (node_ != next->node || config_.pool != next->pool || config_.levels != next->levels);
  if (state_ == State::kConnected && (elsewhere || move_on_ || batches_left_ == 0)) {
    host_.Disconnect(*this);
    state_ = State::kDisconnected;
  }
  if (elsewhere) {
    node_ = next->node;
    config_.pool = next->pool;
    config_.levels = next->levels;
  }
  if (state_ != State::kConnected) {
    Connect(now);
  } else if (next && next->time > now) {
    WakeIn(next->time - now, now);
  } else {
    SendBatch(now);
  }
}

void SimClient::Connect(SimTime now) {
  state_ = State::kConnecting;
  move_on_ = false;
  decoder_ = resp::ReplyDecoder();
  setup_replies_ = 0;
  const uint64_t span = kBatchesPerConnectionMax - kBatchesPerConnectionMin + 1;
  batches_left_ = kBatchesPerConnectionMin + Scale(DrawNext(), span);
  uint64_t node = Scale(Draw(seed_, Purpose::kClientNode, id_, draws_++), config_.nodes);
  if (!config_.avoid.empty()) {
    while (config_.avoid[node]) node = (node + 1) % config_.nodes;
  }
  WakeIn(config_.timeout, now);
  asked_ = node_.value_or(static_cast<uint32_t>(node));
  host_.Connect(*this, asked_);
}

void SimClient::OnConnected(SimTime now) {
  if (state_ != State::kConnecting) return;
  state_ = State::kConnected;
  Bytes setup;
  AppendSetup(setup);
  if (!setup.empty()) host_.Send(*this, std::move(setup));
  Proceed(now);
}

void SimClient::AppendSetup(Bytes& bytes) {
  const topology::ConsistencyOverride& levels = config_.levels;
  if (!levels.read && !levels.write) return;
  std::vector<std::string_view> command = {"CONSISTENCY"};
  if (levels.read) {
    command.push_back("READ");
    command.push_back(topology::NameOf(*levels.read));
  }
  if (levels.write) {
    command.push_back("WRITE");
    command.push_back(topology::NameOf(*levels.write));
  }
  resp::EncodeCommand(command, bytes);
  ++setup_replies_;
}

void SimClient::SendBatch(SimTime now) {
  Bytes bytes;
  const std::optional<Prescription> first = source_->Prescribes(id_, operations_);
  const uint64_t drawn = 1 + Scale(DrawNext(), config_.pipeline_max);
  const uint64_t count = first ? kPipelineMax : drawn;
  for (uint64_t i = 0; i < count && source_->Prescribes(id_, operations_) == first; ++i) {
    std::optional<Operation> operation = source_->Next(id_, operations_);
    if (!operation) break;
    ++operations_;
    const std::vector<std::string_view> views(operation->command.begin(), operation->command.end());
    resp::EncodeCommand(views, bytes);
    outstanding_.push_back(*std::move(operation));
    host_.Invoked(*this, outstanding_.back());
  }
  if (outstanding_.empty()) {
    Think(now);  // the source may have more later
    return;
  }
  --batches_left_;
  WakeIn(config_.timeout, now);
  host_.Send(*this, std::move(bytes));
}

void SimClient::OnBytes(std::string_view bytes, SimTime now) {
  if (state_ != State::kConnected) return;
  decoder_.Feed(bytes);
  const bool had_some = !outstanding_.empty();
  if (!TakeReplies(now)) return;
  if (had_some && outstanding_.empty()) Think(now);
}

// False if the connection is of no use any more.
bool SimClient::TakeReplies(SimTime now) {
  while (true) {
    absl::StatusOr<std::optional<resp::Reply>> reply = decoder_.Next();
    if (!reply.ok()) {
      host_.ProtocolBroken(*this, MessageOf(reply.status()));
      Drop(now, false);
      return false;
    }
    const std::optional<resp::Reply>& next = *reply;
    if (!next.has_value()) return true;
    if (setup_replies_ > 0) {
      --setup_replies_;
      // A node that does not take the levels is a node that does not serve.
      if (next->IsError()) {
        Drop(now, false);
        return false;
      }
      continue;
    }
    if (outstanding_.empty()) {
      host_.ProtocolBroken(*this, "a reply to nothing: " + resp::Describe(*next));
      Drop(now, false);
      return false;
    }
    move_on_ = move_on_ || IsNodesFault(*next);
    host_.Completed(*this, &*next, false);
    const Operation done = std::move(outstanding_.front());
    outstanding_.pop_front();
    source_->Finished(id_, done, &*next);
  }
}

void SimClient::OnClosed(SimTime now) {
  if (state_ == State::kDisconnected) return;
  state_ = State::kDisconnected;
  FailOutstanding(false);
  WakeIn(Uniform(DrawNext(), kReconnectMin, kReconnectMax), now);
}

void SimClient::Drop(SimTime now, bool timed_out) {
  host_.Disconnect(*this);
  state_ = State::kDisconnected;
  FailOutstanding(timed_out);
  WakeIn(Uniform(DrawNext(), kReconnectMin, kReconnectMax), now);
}

void SimClient::FailOutstanding(bool timed_out) {
  for (; !outstanding_.empty(); outstanding_.pop_front()) {
    host_.Completed(*this, nullptr, timed_out);
    source_->Finished(id_, outstanding_.front(), nullptr);
  }
}

void SimClient::Think(SimTime now) {
  WakeIn(Exponential(Draw(seed_, Purpose::kClientThink, id_, draws_++), config_.think_mean), now);
}

}  // namespace quorate::sim
