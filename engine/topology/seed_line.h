// SPDX-License-Identifier: Apache-2.0
// Tokens and seats as Dynomite's users write them: `host:port:rack:dc:tokens`, tokens in decimal
// and separated by commas. A token is as wide as the pool's hash; Dynomite's are 32-bit words.
#pragma once

#include <string_view>
#include <vector>

#include "engine/base/ids.h"
#include "engine/base/status.h"
#include "engine/topology/topology_spec.h"

namespace quorate::topology {

// A decimal number below 2^width_bits, scaled to the top. InvalidArgument otherwise, naming the
// text.
[[nodiscard]] absl::StatusOr<Token> ParseToken(std::string_view text, int width_bits);
// The number that ParseToken takes back.
[[nodiscard]] std::string TokenText(Token token, int width_bits);

// Numbers separated by commas; none for the empty text, which asks for derived tokens.
[[nodiscard]] absl::StatusOr<std::vector<Token>> ParseTokens(std::string_view text, int width_bits);

// One seat, bound to no node yet. An IPv6 host stands in brackets.
[[nodiscard]] absl::StatusOr<SeatSpec> ParseSeedLine(std::string_view line, int width_bits);

// Seats on lines of their own or separated by '|'; empty lines and those that begin with '#' do not
// count. Errors name the line.
[[nodiscard]] absl::StatusOr<std::vector<SeatSpec>> ParseSeeds(std::string_view text,
                                                               int width_bits);

// The id that stands for the node of a seat wherever a static file binds none: every node computes
// the same one, so that equal files make equal topologies.
[[nodiscard]] NodeId StaticNodeId(std::string_view cluster, std::string_view address);
// Binds that id to each seat that has none.
void BindStaticNodes(TopologySpec& spec);

}  // namespace quorate::topology
