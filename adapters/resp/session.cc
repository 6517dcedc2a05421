// SPDX-License-Identifier: Apache-2.0
#include "adapters/resp/session.h"

#include "adapters/resp/limits.h"
#include "engine/base/check.h"

namespace quorate::resp {
namespace {

enum class Kind : uint8_t { kPlain, kRunsAlone, kForeign };

// Whether `name` in lower case is `expected`.
bool IsName(std::string_view name, std::string_view expected) {
  if (name.size() != expected.size()) return false;
  for (size_t i = 0; i < name.size(); ++i) {
    const char byte = name[i];
    const char lower = byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte | 0x20) : byte;
    if (lower != expected[i]) return false;
  }
  return true;
}

Kind KindOf(std::string_view name) {
  switch (name.size()) {
    case 4:
      if (IsName(name, "auth") || IsName(name, "quit")) return Kind::kRunsAlone;
      return IsName(name, "post") ? Kind::kForeign : Kind::kPlain;
    case 5:
      if (IsName(name, "hello") || IsName(name, "reset")) return Kind::kRunsAlone;
      return IsName(name, "host:") ? Kind::kForeign : Kind::kPlain;
    case 6:
      return IsName(name, "client") ? Kind::kRunsAlone : Kind::kPlain;
    default:
      return Kind::kPlain;
  }
}

}  // namespace

Session::Session(node::RequestPort& port, ClientId client_id, SessionHost& host)
    : port_(&port), tap_(port.tap()), host_(host), writer_(state.protocol, reply_error) {
  id = client_id;
  port_->Attach(*this);
}

Session::~Session() { port_->Detach(*this); }

std::span<char> Session::InputSpace(size_t wanted) {
  // Empty lines are consumed without a request, so no tick frees what they took.
  if (!tick_asked_) input_.Recycle();
  return input_.Space(wanted, parser_.input_wanted());
}

void Session::InputFilled(size_t size) {
  input_.Filled(size);
  // What comes after the end of the conversation is not even looked at.
  if (failed_ || replies_.ending()) input_.Consume(input_.unread_size());
  HandOver();
}

void Session::InputClosed() {
  input_closed_ = true;
  Announce();
}

bool Session::WantsInput() const {
  return !input_closed_ && !failed_ && !held_ && !replies_.ending() &&
         replies_.outstanding() < kOutstandingRequestsMax && replies_.bytes() <= kOutputBytesMax &&
         input_.pinned_bytes() <= kTickInputBytesMax;
}

bool Session::MayHandOver() const {
  return !failed_ && !wait_for_tick_ && !replies_.ending() &&
         !((alone_ || parsed_) && replies_.outstanding() > 0) &&
         replies_.outstanding() < kOutstandingRequestsMax && replies_.bytes() <= kOutputBytesMax;
}

void Session::HandOver() {
  if (input_.unread_size() == 0) {
    held_ = false;
    return;
  }
  const bool authenticated = !port_->RequiresAuth(*this);
  parser_.SetLimits({port_->bulk_bytes_max(), authenticated});
  bool more = true;
  while (more && input_.unread_size() > 0 && MayHandOver()) {
    more = HandOverOne();
    if (more && !authenticated && tick_asked_) wait_for_tick_ = true;
  }
  held_ = more && input_.unread_size() > 0 && !failed_;
}

// The next request, if there is one. False once the input must grow for it.
bool Session::HandOverOne() {
  if (!parsed_) {
    switch (parser_.Next(input_.unread())) {
      case RequestParser::Step::kMore:
        return false;
      case RequestParser::Step::kIgnored:
        input_.Consume(parser_.consumed());
        return true;
      case RequestParser::Step::kError:
        Fail(parser_.error());
        return false;
      case RequestParser::Step::kRequest:
        break;
    }
  }
  const char* const request = input_.unread().data();
  const Kind kind = KindOf(parser_.Argument(request, 0));
  if (kind == Kind::kForeign) {
    Fail({});
    return false;
  }
  parsed_ = kind == Kind::kRunsAlone && replies_.outstanding() > 0;
  if (parsed_) return true;
  alone_ = kind == Kind::kRunsAlone;
  for (size_t i = 0; i < parser_.arguments(); ++i) {
    port_->AddArgument(parser_.Argument(request, i));
  }
  input_.Consume(parser_.consumed());
  const uint64_t slot = replies_.Add();
  const commands::RequestSlot given = port_->EndRequest(*this);
  QUORATE_CHECK(given.value == slot);
  AskForTick();
  return true;
}

void Session::AfterTick() {
  tick_asked_ = false;
  wait_for_tick_ = false;
  input_.Recycle();
  if (failed_ || replies_.ending()) input_.Consume(input_.unread_size());
  HandOver();
  Announce();
}

void Session::AskForTick() {
  if (tick_asked_) return;
  tick_asked_ = true;
  host_.AfterTickNeeded(*this);
}

void Session::OutputWritten(size_t size) {
  replies_.Written(size);
  if (Output().empty()) announced_ = false;
  if (held_ && MayHandOver()) HandOver();
}

void Session::Close() {
  killed_ = true;
  Announce();
}

commands::ClientBuffers Session::buffers() const {
  const size_t used = input_.unread_size() + input_.pinned_bytes();
  return {used, input_.capacity() > used ? input_.capacity() - used : 0, replies_.bytes()};
}

bool Session::ShouldClose() const {
  if (killed_) return true;
  if (!replies_.drained()) return false;
  return finished_ || replies_.ended() || (input_closed_ && !held_ && replies_.outstanding() == 0);
}

void Session::Trim() {
  if (tick_asked_) return;
  input_.Recycle();
  input_.Trim();
  replies_.Trim();
}

commands::ReplySink& Session::Reply(commands::RequestSlot slot) {
  writer_.SetOutput(replies_.BufferOf(slot.value));
  return writer_;
}

// CLIENT REPLY as in Redis: OFF and SKIP are not answered themselves; SKIP silences the next
// request only, unless that is CLIENT REPLY again: ON is answered, and a second SKIP (which writes
// nothing) moves the silence on by one.
bool Session::KeepsReply(uint64_t slot) {
  if (state.reply_off) {
    skipped_.reset();
    return false;
  }
  if (!state.reply_skip) {
    skipped_.reset();
    return true;
  }
  if (skipped_ == slot && replies_.SizeOf(slot) > 0) {
    state.reply_skip = false;
    skipped_.reset();
  } else if (!skipped_ || skipped_ == slot) {
    skipped_ = slot + 1;
  } else {
    return slot > *skipped_;  // completed before the silenced one
  }
  return false;
}

void Session::Complete(commands::RequestSlot slot) {
  const bool full = replies_.outstanding() >= kOutstandingRequestsMax;
  if (tap_ != nullptr) tap_->Replied(id, slot, replies_.ReplyOf(slot.value));
  const bool keep = KeepsReply(slot.value);
  if (state.close_after_reply && !replies_.ending()) replies_.EndAfter(slot.value);
  replies_.Complete(slot.value, keep);
  FinishIfDue();
  if ((held_ || full) && MayHandOver()) AskForTick();
}

void Session::Fail(std::string_view reply) {
  failed_ = true;
  if (!reply.empty()) last_words_ = "ERR " + Bytes(reply);
  FinishIfDue();
  Announce();
}

// Says the last words once everything before them is said.
void Session::FinishIfDue() {
  if (!failed_ || finished_ || replies_.ending() || replies_.outstanding() > 0) return;
  finished_ = true;
  if (last_words_.empty() || state.reply_off || state.reply_skip) return;
  Bytes bytes;
  writer_.SetOutput(bytes);
  writer_.Error(last_words_);
  replies_.Append(bytes);
}

void Session::Gate(uint64_t barrier) {
  replies_.Gate(barrier);
  Announce();
}

void Session::Release(uint64_t barrier) {
  if (tap_ != nullptr) tap_->Released(id, barrier);
  replies_.Release(barrier);
  Announce();
}

void Session::Announce() {
  if (announced_ || (Output().empty() && !ShouldClose())) return;
  announced_ = true;
  host_.OutputReady(*this);
}

}  // namespace quorate::resp
