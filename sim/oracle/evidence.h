// SPDX-License-Identifier: Apache-2.0
// What is known of the order of values in one register, from what ended when. One piece of evidence
// says: since event `done`, every reader who meets `holds` finds `value` or something newer; and
// this is newer than all other values whose writers had ended, and met each of `knows`, before
// event `floor`.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "engine/base/codec.h"
#include "sim/oracle/history.h"
#include "sim/oracle/promises.h"

namespace quorate::sim {

struct EvidencePiece {
  EventId done;
  EventId floor;
  const Access* access = nullptr;
};

// The deletion that a command made of what it had read. Where another was faster it found nothing
// to delete, which shows as much where reads are as strong as writes.
[[nodiscard]] Access DeletionBehindRead(const Access& made, const Promises& promises);

class Evidence {
 public:
  // Both outlive this. O(n log n).
  Evidence(const Register& entry, const Promises& promises);

  // Something that `reader` had to find, or newer, and that is newer than what `writer` left; null
  // where there is none. O(classes * log n).
  [[nodiscard]] const Access* Against(const Access& reader, const Access* writer,
                                      const std::optional<Bytes>& value) const;

 private:
  // Pieces of one meaning, by `done`; at each place the highest floor so far, and the highest of
  // those with another value.
  struct Step {
    EventId done;
    EvidencePiece best;
    EvidencePiece other;
  };
  struct Class {
    Reach holds;
    std::vector<Reach> knows;
    friend auto operator<=>(const Class&, const Class&) = default;
  };
  void Add(Class kind, const EvidencePiece& piece);
  void Seal();

  const Register& entry_;
  const Promises& promises_;
  std::map<Class, std::vector<Step>> steps_;
};

}  // namespace quorate::sim
