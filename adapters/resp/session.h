// SPDX-License-Identifier: Apache-2.0
// One connection of a Redis client, without the socket: a world puts in the bytes it received and
// takes out the bytes to send, the shard takes requests through its port and answers through
// Client.
//
// How a world drives it:
//   InputSpace, read into it, InputFilled     while WantsInput()
//   the shard's EndTick, then AfterTick       for each session that asked for it (SessionHost)
//   write Output(), OutputWritten             when OutputReady was called, until Output() is empty
//   close the connection                      when ShouldClose(), asked after each of these calls
// The calls above are never made from within the shard or from within SessionHost.
//
// 1. Replies leave in request order, and not before what they saw is durable (Gate, Release).
// 2. What was handed over stays where it is until AfterTick; destroy a session only when it has
//    nothing handed over that waits for a tick.
// 3. Commands that change how the connection itself is read or answered (AUTH, CLIENT, HELLO, QUIT,
//    RESET) run alone: behind the replies of all requests before them, and before any after them is
//    handed over. So each reply is in the protocol version, and under the CLIENT REPLY mode, that
//    its place in the stream gives it, however late it completes.
// 4. Before authentication one request is handed over per tick.
// 5. A protocol error is answered behind the replies of all requests before it; then the session
//    closes. "POST" and "Host:" as commands close it without an answer: a browser was made to talk
//    to us.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "adapters/resp/input_buffer.h"
#include "adapters/resp/parser.h"
#include "adapters/resp/reply_queue.h"
#include "adapters/resp/reply_writer.h"
#include "engine/commands/client.h"
#include "engine/node/request_port.h"

namespace quorate::resp {

class Session;

// What a session asks of the world that owns it. Called from within the shard too, so an
// implementation takes a note and acts later.
class SessionHost {
 public:
  virtual ~SessionHost() = default;
  // Output() became non-empty, or ShouldClose() true. Not repeated before Output() was emptied.
  virtual void OutputReady(Session& session) = 0;
  // AfterTick must be called once, when the shard's current or next EndTick has returned.
  virtual void AfterTickNeeded(Session& session) = 0;
};

class Session final : public commands::Client {
 public:
  // Attaches itself to the port, and detaches when destroyed. Both outlive it, but for a port it
  // was moved from.
  Session(node::RequestPort& port, ClientId client_id, SessionHost& host);
  ~Session() override;
  // Another shard has taken over the state of the one behind the port, this client with it.
  void MoveTo(node::RequestPort& port) { port_ = &port; }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Where to put received bytes: as a rule at least `wanted`, more while a long bulk string
  // arrives. Valid until the next call of any method here.
  std::span<char> InputSpace(size_t wanted);
  // The first `size` bytes of the last InputSpace were filled: hands over what is complete.
  void InputFilled(size_t size);
  // The peer sends no more. Requests complete by now are still answered.
  void InputClosed();
  // False while replies pile up, requests are held back, or no input can matter any more.
  [[nodiscard]] bool WantsInput() const;

  // Views handed over before are not used any more. Hands over what was held back.
  void AfterTick();

  // Valid until the next call of any method here.
  [[nodiscard]] std::string_view Output() const { return replies_.visible(); }
  // Requires: size <= Output().size().
  void OutputWritten(size_t size);
  // Everything owed is sent, and no more can follow.
  [[nodiscard]] bool ShouldClose() const;

  // Gives back buffers that are empty. For connections that have been idle for a while.
  void Trim();
  // Bytes held for this connection, in both directions.
  [[nodiscard]] size_t buffered_bytes() const {
    return input_.unread_size() + input_.pinned_bytes() + replies_.bytes();
  }

  commands::ReplySink& Reply(commands::RequestSlot slot) override;
  void Complete(commands::RequestSlot slot) override;
  void Gate(uint64_t barrier) override;
  void Release(uint64_t barrier) override;
  void Close() override;
  [[nodiscard]] commands::ClientBuffers buffers() const override;

 private:
  void HandOver();
  bool HandOverOne();
  [[nodiscard]] bool MayHandOver() const;
  [[nodiscard]] bool KeepsReply(uint64_t slot);
  void Fail(std::string_view reply);
  void FinishIfDue();
  void AskForTick();
  void Announce();

  node::RequestPort* port_;
  node::ReplyTap* const tap_;
  SessionHost& host_;
  InputBuffer input_;
  RequestParser parser_;
  ReplyQueue replies_;
  ReplyWriter writer_;

  bool tick_asked_ = false;     // AfterTick will come
  bool wait_for_tick_ = false;  // nothing is handed over before it
  bool parsed_ = false;         // the parser holds a request that must run alone
  bool alone_ = false;          // the last request handed over runs alone
  bool held_ = false;           // input is left that may hold a request
  bool input_closed_ = false;
  bool announced_ = false;
  bool finished_ = false;            // no byte will be added to the output
  bool failed_ = false;              // no request can follow
  bool killed_ = false;              // closed whatever is still owed
  Bytes last_words_;                 // the protocol error to be answered at the end
  std::optional<uint64_t> skipped_;  // the slot that CLIENT REPLY SKIP silences
};

}  // namespace quorate::resp
