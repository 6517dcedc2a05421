// SPDX-License-Identifier: Apache-2.0
// The requests of peers that a replica has taken, executed or refused, so that a copy which comes
// later is known. Remembers a bounded number for as long as copies can arrive. Where more come, the
// oldest are forgotten one by one, and what their requester has issued before them counts as taken:
// the ids of one life of a shard rise, so that only copies, and what was overtaken by `max` others,
// are ignored for it.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

#include "engine/base/codec.h"
#include "engine/base/planted_bug.h"
#include "engine/base/probe_table.h"
#include "engine/base/status.h"
#include "engine/base/time.h"
#include "engine/wire/message.h"

namespace quorate::node {

struct TakenRequest {
  NodeId node;
  Incarnation incarnation;
  wire::RequestId id;
  friend auto operator<=>(const TakenRequest&, const TakenRequest&) = default;
};

class TakenRequests {
 public:
  // Requires: max > 0.
  explicit TakenRequests(size_t max, PlantedBug planted = PlantedBug::kNone)
      : max_(max), planted_(planted) {}

  [[nodiscard]] bool Contains(const TakenRequest& request) const;
  // Asks for the memory that Contains will look at.
  void FetchAhead(const TakenRequest& request) const;
  // `expires`: when nobody waits for its answer any more.
  void Add(const TakenRequest& request, HybridTime expires, HybridTime now);
  [[nodiscard]] size_t size() const { return numbers_.size(); }
  // Of requesters of whom some were forgotten before their time.
  [[nodiscard]] size_t floors() const { return floors_.size(); }

  void Save(Bytes& out) const;
  // Into an empty one; the reader says whether the bytes were enough.
  void Load(ByteReader& reader);

 private:
  // A life of a shard of a node.
  using Requester = std::tuple<NodeId, Incarnation, uint16_t>;
  struct Taken {
    HybridTime until;  // it matters
    TakenRequest request;
  };
  struct Floor {
    uint64_t id = 0;   // all up to it count as taken
    HybridTime until;  // a copy of these may arrive
  };

  [[nodiscard]] static Requester RequesterOf(const TakenRequest& request);
  [[nodiscard]] const Taken& At(uint32_t number) const {
    return ring_[number & (ring_.size() - 1)];
  }
  [[nodiscard]] const Taken& First() const { return At(end_ - static_cast<uint32_t>(size())); }
  void Append(const Taken& taken);
  void DropFirst();
  void ForgetOld(HybridTime now);
  void ForgetFirst();

  size_t max_;
  PlantedBug planted_;
  // Numbered as they were added, and where each is: hardly any is asked for twice, so that nearly
  // every look ends at the table.
  std::vector<Taken> ring_;  // a power of two, or none
  uint32_t end_ = 0;         // the next number; they wrap
  HybridTime first_until_;   // of the oldest, which every Add asks for
  ProbeTable<uint32_t> numbers_;
  std::map<Requester, Floor> floors_;
  HybridTime floors_looked_at_;
};

}  // namespace quorate::node
