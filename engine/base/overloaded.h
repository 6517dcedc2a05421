// SPDX-License-Identifier: Apache-2.0
// The usual helper for an exhaustive std::visit: a new alternative fails to compile.
#pragma once

namespace quorate {

template <typename... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};
template <typename... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;

}  // namespace quorate
