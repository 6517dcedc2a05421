// SPDX-License-Identifier: Apache-2.0
// What on a page belongs together: a tick, what went into it and what came out of it, and the
// operations that began or ended with an event.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sim/page/content.h"

namespace quorate::sim {

class Links {
 public:
  // The content is lent.
  explicit Links(const PageContent& content);

  // The tick that took an event; EventId{} where none on the page did.
  [[nodiscard]] EventId TakenBy(EventId input) const;
  // The tick that a message or bytes came out of. Of what a recording tells to have come that is
  // the one in which the shard asked for it.
  [[nodiscard]] EventId SentBy(const PageEvent& event) const;
  // What came out of a tick; and the messages that arrived and are SentBy it. Rising.
  [[nodiscard]] const std::vector<EventId>& SentIn(EventId tick) const {
    return At(sent_in_, no_events_, tick);
  }
  [[nodiscard]] const std::vector<EventId>& CameOf(EventId tick) const {
    return At(came_of_, no_events_, tick);
  }
  // The operations that were asked with the bytes of an event, or answered; where bytes come in
  // pieces, with each of them.
  [[nodiscard]] const std::vector<const PageOperation*>& AskedWith(const PageEvent& event) const;
  [[nodiscard]] const std::vector<const PageOperation*>& AnsweredWith(const PageEvent& event) const;
  // Where from, or where to, and what it is: "node 1: Read key"; of bytes what was asked or
  // answered with them; of what comes from nowhere its kind, "commit-done".
  [[nodiscard]] std::string FromWhere(const PageEvent& event) const;
  [[nodiscard]] std::string WhereTo(const PageEvent& event) const;

 private:
  template <typename Item>
  using ByEvent = std::map<EventId, std::vector<Item>>;
  template <typename Item>
  [[nodiscard]] static const std::vector<Item>& At(const ByEvent<Item>& items,
                                                   const std::vector<Item>& none, EventId event) {
    const auto found = items.find(event);
    return found == items.end() ? none : found->second;
  }
  [[nodiscard]] const PageEvent* Find(EventId event) const;
  [[nodiscard]] std::string Words(const PageEvent& event, uint32_t node) const;

  const PageContent& content_;
  const std::vector<EventId> no_events_;
  const std::vector<const PageOperation*> no_operations_;
  std::map<EventId, EventId> taken_by_;
  ByEvent<EventId> sent_in_;
  ByEvent<EventId> came_of_;
  ByEvent<const PageOperation*> asked_at_;
  ByEvent<const PageOperation*> answered_at_;
};

}  // namespace quorate::sim
