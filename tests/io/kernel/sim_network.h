// SPDX-License-Identifier: Apache-2.0
// What lies between the simulated kernels: virtual time, connections, and the bytes on their way.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "tests/io/kernel/endpoint.h"
#include "tests/io/kernel/faults.h"

namespace quorate::io {

class SimNetwork {
 public:
  explicit SimNetwork(uint64_t seed) : faults_(seed) {}
  SimNetwork(const SimNetwork&) = delete;
  SimNetwork& operator=(const SimNetwork&) = delete;

  // --- time
  [[nodiscard]] Instant now() const { return now_; }
  // Lets everything happen that is due until then.
  void AdvanceTo(Instant until);
  // Instant::max() where nothing is under way.
  [[nodiscard]] Instant NextEvent() const {
    return events_.empty() ? Instant::max() : events_.begin()->first.first;
  }
  void At(Instant when, std::function<void()> what) {
    events_.emplace(std::pair(std::max(when, now_), next_event_++), std::move(what));
  }

  // --- connections
  Endpoint& Make(SimKernel& kernel);
  // False where the port is taken.
  [[nodiscard]] bool Listen(Endpoint& endpoint, uint16_t port, size_t backlog);
  [[nodiscard]] uint16_t FreePort() { return next_port_++; }
  // Begins a connection; how it went shows later.
  void Connect(Endpoint& from, uint16_t port);
  void Send(Endpoint& from, std::string_view bytes);
  void SendEnd(Endpoint& from);
  // The last descriptor was closed.
  void Closed(Endpoint& endpoint);
  // Both ends learn of it, `endpoint` at once.
  void Reset(Endpoint& endpoint, int error);
  // Bytes were taken out: the writer may go on.
  void Taken(Endpoint& reader);
  // What a short call held back shows after a moment.
  void RevealInput(Endpoint& endpoint);
  void RevealOutput(Endpoint& endpoint);

  [[nodiscard]] Faults& faults() { return faults_; }
  // A fold of all calls of all kernels.
  void Note(uint64_t a, uint64_t b, uint64_t c, uint64_t d) {
    hash_ = KeyedHash(hash_, a, b, c, d, now_.time_since_epoch().count());
    ++calls_;
  }
  [[nodiscard]] uint64_t hash() const { return hash_; }
  [[nodiscard]] uint64_t calls() const { return calls_; }

 private:
  void Attempt(Endpoint& from, uint16_t port);
  void Arrive(Endpoint& to, std::string bytes);
  void ArriveEnd(Endpoint& to);
  void Kill(Endpoint& endpoint, int error);
  [[nodiscard]] Duration Latency(Endpoint& from);
  static void Wake(Endpoint& endpoint, uint32_t events);

  Faults faults_;
  Instant now_{100s};
  std::map<std::pair<Instant, uint64_t>, std::function<void()>> events_;
  uint64_t next_event_ = 0;
  std::vector<std::unique_ptr<Endpoint>> endpoints_;  // of the whole run
  std::map<uint16_t, Endpoint*> listeners_;
  uint16_t next_port_ = 20'000;
  uint64_t hash_ = 0;
  uint64_t calls_ = 0;
};

}  // namespace quorate::io
