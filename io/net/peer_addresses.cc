// SPDX-License-Identifier: Apache-2.0
#include "io/net/peer_addresses.h"

#include <algorithm>

#include "io/net/address.h"

namespace quorate::io {

PeerAddresses::~PeerAddresses() {
  std::thread thread;
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    thread.swap(thread_);
    changed_.WakeAll();
  }
  if (thread.joinable()) thread.join();
}

void PeerAddresses::Set(NodeId peer, std::string address) {
  const bool numeric = IsNumericAddress(address);
  MutexLock lock(mutex_);
  Entry& entry = entries_[peer];
  entry.text = std::move(address);
  entry.numeric = numeric ? entry.text : std::string();
}

std::optional<std::string> PeerAddresses::Find(NodeId peer) {
  MutexLock lock(mutex_);
  const auto found = entries_.find(peer);
  if (found == entries_.end() || found->second.text.empty()) return std::nullopt;
  Entry& entry = found->second;
  if (!entry.numeric.empty()) return entry.numeric;
  entry.wanted = true;
  if (!thread_.joinable()) thread_ = std::thread([this] { Resolve(); });
  changed_.WakeOne();
  return std::nullopt;
}

std::string PeerAddresses::TextOf(NodeId peer) const {
  MutexLock lock(mutex_);
  const auto found = entries_.find(peer);
  return found == entries_.end() ? std::string("(no address)") : found->second.text;
}

void PeerAddresses::Forget(NodeId peer) {
  MutexLock lock(mutex_);
  const auto found = entries_.find(peer);
  if (found == entries_.end() || found->second.numeric == found->second.text) return;
  found->second.numeric.clear();
}

void PeerAddresses::Resolve() {
  mutex_.Lock();
  while (!stopping_) {
    const auto next = std::find_if(entries_.begin(), entries_.end(),
                                   [](const auto& entry) { return entry.second.wanted; });
    if (next == entries_.end()) {
      changed_.Wait(mutex_);
      continue;
    }
    const NodeId peer = next->first;
    const std::string text = next->second.text;
    next->second.wanted = false;
    mutex_.Unlock();
    const auto found = ResolveAddress(text);
    mutex_.Lock();
    Entry& entry = entries_[peer];
    if (found.ok() && entry.text == text) entry.numeric = AddressText(found->front());
  }
  mutex_.Unlock();
}

}  // namespace quorate::io
