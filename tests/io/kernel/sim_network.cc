// SPDX-License-Identifier: Apache-2.0
#include "tests/io/kernel/sim_network.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "tests/io/kernel/sim_kernel.h"

namespace quorate::io {
namespace {

constexpr Duration kSynRetry = 1s;
constexpr Duration kConnectPatience = 3s;

// What Pick is asked for.
enum What : uint64_t { kLatency, kLongLatency, kSplit, kReveal, kAckLatency, kCapacity };

}  // namespace

void SimNetwork::AdvanceTo(Instant until) {
  while (!events_.empty() && events_.begin()->first.first <= until) {
    auto event = events_.extract(events_.begin());
    now_ = std::max(now_, event.key().first);
    event.mapped()();
  }
  now_ = std::max(now_, until);
}

void SimNetwork::Wake(Endpoint& endpoint, uint32_t events) {
  for (const int fd : endpoint.fds) endpoint.kernel->Wake(fd, events);
}

Endpoint& SimNetwork::Make(SimKernel& kernel) {
  Endpoint& made = *endpoints_.emplace_back(std::make_unique<Endpoint>());
  made.id = endpoints_.size();
  made.kernel = &kernel;
  // From a few hundred bytes, which makes every write short, to enough for all.
  made.capacity = size_t{300} << faults_.Pick(9, made.id, 0, kCapacity);
  return made;
}

bool SimNetwork::Listen(Endpoint& endpoint, uint16_t port, size_t backlog) {
  if (!listeners_.try_emplace(port, &endpoint).second) return false;
  endpoint.state = Endpoint::State::kListening;
  endpoint.port = port;
  endpoint.backlog = backlog;
  return true;
}

Duration SimNetwork::Latency(Endpoint& from) {
  const uint64_t call = from.calls++;
  if (faults_.Happens(Fault::kDelay, from.id, call)) {
    return Duration(static_cast<int64_t>(faults_.Pick(300'000, from.id, call, kLongLatency)));
  }
  return Duration(static_cast<int64_t>(20 + faults_.Pick(500, from.id, call, kLatency)));
}

void SimNetwork::Connect(Endpoint& from, uint16_t port) {
  from.state = Endpoint::State::kConnecting;
  const uint64_t call = from.calls++;
  Duration delay = Latency(from);
  if (faults_.Happens(Fault::kTimedOut, from.id, call)) {
    from.lossy = true;
    return At(now_ + kConnectPatience, [this, &from] { Kill(from, ETIMEDOUT); });
  }
  if (faults_.Happens(Fault::kUnreachable, from.id, call)) {
    from.lossy = true;
    return At(now_ + delay, [this, &from] { Kill(from, EHOSTUNREACH); });
  }
  if (faults_.Happens(Fault::kRefused, from.id, call)) {
    from.lossy = true;
    return At(now_ + delay, [this, &from] { Kill(from, ECONNREFUSED); });
  }
  if (faults_.Happens(Fault::kSlowConnect, from.id, call)) delay += 1s;
  At(now_ + delay, [this, &from, port] { Attempt(from, port); });
}

void SimNetwork::Attempt(Endpoint& from, uint16_t port) {
  if (from.state != Endpoint::State::kConnecting || !from.open()) return;
  const auto found = listeners_.find(port);
  if (found == listeners_.end()) {
    faults_.Count(Fault::kRefused);
    return Kill(from, ECONNREFUSED);
  }
  Endpoint& listener = *found->second;
  if (listener.queue.size() >= listener.backlog) {
    faults_.Count(Fault::kBacklog);
    return At(now_ + kSynRetry, [this, &from, port] { Attempt(from, port); });
  }
  Endpoint& accepted = Make(*listener.kernel);
  accepted.state = from.state = Endpoint::State::kOpen;
  accepted.peer = &from;
  accepted.queued = true;
  from.peer = &accepted;
  listener.queue.push_back(&accepted);
  Wake(from, EPOLLOUT);
  Wake(listener, EPOLLIN);
}

void SimNetwork::Send(Endpoint& from, std::string_view bytes) {
  while (!bytes.empty()) {
    const uint64_t call = from.calls++;
    const size_t size = 1 + faults_.Pick(bytes.size(), from.id, call, kSplit);
    const Instant when = std::max(from.last_arrival, now_ + Latency(from));
    from.last_arrival = when;
    from.in_flight += size;
    At(when, [this, &from, part = std::string(bytes.substr(0, size))]() mutable {
      if (from.peer->state == Endpoint::State::kDead) return;
      from.in_flight -= part.size();
      Arrive(*from.peer, std::move(part));
    });
    bytes.remove_prefix(size);
  }
}

void SimNetwork::Arrive(Endpoint& to, std::string bytes) {
  if (!to.open() && !to.queued) return Reset(*to.peer, ECONNRESET);  // nobody is there any more
  to.hidden = 0;
  to.received += bytes;
  Wake(to, EPOLLIN);
}

void SimNetwork::SendEnd(Endpoint& from) {
  if (std::exchange(from.fin_sent, true)) return;
  const Instant when = std::max(from.last_arrival, now_ + Latency(from));
  from.last_arrival = when;
  At(when, [this, &from] { ArriveEnd(*from.peer); });
}

void SimNetwork::ArriveEnd(Endpoint& to) {
  if (to.state != Endpoint::State::kOpen) return;
  to.hidden = 0;
  to.fin_received = true;
  if (to.open() && !to.fin_sent) faults_.Count(Fault::kHalfClose);
  Wake(to, uint32_t{EPOLLIN} | EPOLLRDHUP);
}

void SimNetwork::Closed(Endpoint& endpoint) {
  switch (endpoint.state) {
    case Endpoint::State::kListening:
      listeners_.erase(endpoint.port);
      for (Endpoint* waiting : endpoint.queue) Reset(*waiting->peer, ECONNRESET);
      endpoint.queue.clear();
      endpoint.state = Endpoint::State::kDead;
      return;
    case Endpoint::State::kOpen:
      if (endpoint.received.empty()) return SendEnd(endpoint);
      faults_.Count(Fault::kAbort);
      return At(now_ + Latency(endpoint), [this, &endpoint] { Reset(*endpoint.peer, ECONNRESET); });
    case Endpoint::State::kNew:
    case Endpoint::State::kConnecting:
    case Endpoint::State::kDead:
      endpoint.state = Endpoint::State::kDead;
      return;
  }
}

void SimNetwork::Kill(Endpoint& endpoint, int error) {
  if (endpoint.state == Endpoint::State::kDead) return;
  endpoint.state = Endpoint::State::kDead;
  // As Linux does: after the other end's FIN a reset is a broken pipe.
  endpoint.error = error == ECONNRESET && endpoint.fin_received ? EPIPE : error;
  endpoint.hidden = 0;  // what arrived before may still be read
  Wake(endpoint, uint32_t{EPOLLIN} | EPOLLOUT | EPOLLRDHUP | EPOLLERR | EPOLLHUP);
}

void SimNetwork::Reset(Endpoint& endpoint, int error) {
  Kill(endpoint, error);
  Endpoint* const peer = endpoint.peer;
  if (peer == nullptr || peer->state == Endpoint::State::kDead) return;
  At(now_ + Latency(endpoint), [this, peer] { Kill(*peer, ECONNRESET); });
}

void SimNetwork::Taken(Endpoint& reader) {
  Endpoint* const writer = reader.peer;
  if (writer == nullptr || !writer->wants_space || writer->Room() * 3 < writer->capacity) return;
  writer->wants_space = false;
  const uint64_t call = reader.calls++;
  At(now_ + Duration(static_cast<int64_t>(faults_.Pick(300, reader.id, call, kAckLatency))),
     [writer] { Wake(*writer, EPOLLOUT); });
}

void SimNetwork::RevealInput(Endpoint& endpoint) {
  const uint64_t call = endpoint.calls++;
  At(now_ + Duration(static_cast<int64_t>(faults_.Pick(2'000, endpoint.id, call, kReveal))),
     [&endpoint] {
       if (std::exchange(endpoint.hidden, 0) > 0) Wake(endpoint, EPOLLIN);
     });
}

void SimNetwork::RevealOutput(Endpoint& endpoint) {
  if (std::exchange(endpoint.output_hidden, true)) return;
  const uint64_t call = endpoint.calls++;
  At(now_ + Duration(static_cast<int64_t>(faults_.Pick(2'000, endpoint.id, call, kReveal))),
     [&endpoint] {
       endpoint.output_hidden = false;
       if (endpoint.Room() * 3 >= endpoint.capacity) Wake(endpoint, EPOLLOUT);
     });
}

}  // namespace quorate::io
