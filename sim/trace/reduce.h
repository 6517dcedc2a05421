// SPDX-License-Identifier: Apache-2.0
// Makes a list small that has a property: takes away windows of it, large ones first, while the
// property stays [Zeller and Hildebrandt 2002]. What the items are, and what is tested, is the
// caller's; several candidates are handed over at once, so that they can be tested side by side.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace quorate::sim {

// Indexes into the list that is reduced, rising.
using Subset = std::vector<size_t>;
// The first of these subsets, in their order, that still has the property; nothing if none has it,
// or there is no time left to find out.
using FirstThatHolds = std::function<std::optional<size_t>(const std::vector<Subset>&)>;

// A subset of a list of `size` items that has the property, as the whole list does. Where there was
// time enough, taking away any one item more loses it. O(size^2) tests at worst, O(size) mostly.
[[nodiscard]] Subset Reduce(size_t size, const FirstThatHolds& test);

// The same of whole groups: items of one name go or stay together. `group_of`: by item.
[[nodiscard]] Subset ReduceGroups(const std::vector<std::string>& group_of,
                                  const FirstThatHolds& test);

}  // namespace quorate::sim
