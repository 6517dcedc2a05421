// SPDX-License-Identifier: Apache-2.0
// Work in a process of its own, whose end is waited for: what it changes stays there.
#pragma once

#include <functional>

namespace quorate::sim {

// Says so where the machine refuses.
void RunAside(const std::function<void()>& work);

}  // namespace quorate::sim
