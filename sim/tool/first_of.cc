// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/first_of.h"

#include <algorithm>
#include <map>
#include <utility>

#include "sim/tool/steady_seconds.h"

namespace quorate::sim {

absl::StatusOr<Search> FirstOf(size_t count, uint32_t jobs, double seconds_max,
                               const std::function<Bytes(size_t)>& work,
                               const std::function<bool(const Children::Ended&)>& does) {
  const double began = SteadySeconds();
  const auto left = [&] { return std::max(0.0, seconds_max - (SteadySeconds() - began)); };
  Children children(jobs);
  Search search;
  std::map<uint64_t, double> took;
  size_t next = 0;
  while (true) {
    while (!search.found && next < count && !children.full() && left() > 0.0) {
      QUORATE_RETURN_IF_ERROR(children.Start(
          next, [&] { return work(next); }, /*quiet=*/true));
      ++next;
      ++search.started;
    }
    if (children.none()) break;
    QUORATE_ASSIGN_OR_RETURN(std::optional<Children::Ended> ended, children.Wait(left()));
    if (!ended) break;
    took[ended->tag] = ended->seconds;
    const bool later = search.found && search.found->tag < ended->tag;
    if (later || !does(*ended)) continue;
    search.found = std::move(ended);
    children.EndFrom(search.found->tag + 1);
  }
  for (const auto& [tag, seconds] : took) {
    if (!search.found || tag <= search.found->tag) search.seconds += seconds;
  }
  return search;
}

}  // namespace quorate::sim
