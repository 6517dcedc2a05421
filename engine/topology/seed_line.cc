// SPDX-License-Identifier: Apache-2.0
#include "engine/topology/seed_line.h"

#include <algorithm>
#include <charconv>

#include "engine/base/check.h"
#include "engine/hash/digest.h"

namespace quorate::topology {
namespace {

// Frozen: static cluster files depend on it.
constexpr uint64_t kStaticNodeSeed = 0x7365617473656174;

std::string_view Trimmed(std::string_view text) {
  const std::string_view spaces = " \t\r";
  const size_t begin = text.find_first_not_of(spaces);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(spaces) - begin + 1);
}

// Cuts off and returns what is behind the last colon.
std::string_view TakeLastField(std::string_view& text) {
  const size_t colon = text.rfind(':');
  QUORATE_CHECK(colon != std::string_view::npos);
  const std::string_view field = text.substr(colon + 1);
  text = text.substr(0, colon);
  return field;
}

}  // namespace

absl::StatusOr<Token> ParseToken(std::string_view text, int width_bits) {
  QUORATE_CHECK(width_bits >= 1 && width_bits <= 64);
  const std::string quoted = "token '" + std::string(text.substr(0, 64)) + "'";
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool too_wide = error == std::errc::result_out_of_range ||
                        (error == std::errc() && width_bits < 64 && value >> width_bits != 0);
  if (too_wide) {
    return InvalidArgument(quoted + Format(" does not fit the %d bits of the hash", width_bits));
  }
  if (error != std::errc() || end != text.data() + text.size()) {
    return InvalidArgument(quoted + " is not a decimal number");
  }
  return Token{value << (64 - width_bits)};
}

std::string TokenText(Token token, int width_bits) {
  QUORATE_CHECK(width_bits >= 1 && width_bits <= 64);
  return std::to_string(token.value >> (64 - width_bits));
}

absl::StatusOr<std::vector<Token>> ParseTokens(std::string_view text, int width_bits) {
  std::vector<Token> tokens;
  if (Trimmed(text).empty()) return tokens;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    const std::string_view item = Trimmed(text.substr(begin, end - begin));
    QUORATE_ASSIGN_OR_RETURN(const Token token, ParseToken(item, width_bits));
    tokens.push_back(token);
    begin = end + 1;
  }
  return tokens;
}

absl::StatusOr<SeatSpec> ParseSeedLine(std::string_view line, int width_bits) {
  std::string_view rest = Trimmed(line);
  // The address has a colon of its own, and an IPv6 host more, so fields are taken from the right.
  if (std::count(rest.begin(), rest.end(), ':') < 4) {
    return InvalidArgument("'" + std::string(rest.substr(0, 256)) +
                           "' is not host:port:rack:dc:tokens");
  }
  SeatSpec seat;
  QUORATE_ASSIGN_OR_RETURN(seat.tokens, ParseTokens(TakeLastField(rest), width_bits));
  seat.data_centre = TakeLastField(rest);
  seat.rack = TakeLastField(rest);
  seat.address = rest;
  QUORATE_RETURN_IF_ERROR(ValidateAddress(seat.address));
  if (seat.rack.empty() || seat.data_centre.empty()) {
    return InvalidArgument("seat " + seat.address + ": rack or data centre is empty");
  }
  return seat;
}

absl::StatusOr<std::vector<SeatSpec>> ParseSeeds(std::string_view text, int width_bits) {
  std::vector<SeatSpec> seats;
  int line_number = 1;
  for (size_t begin = 0; begin < text.size();) {
    const bool comment = Trimmed(text.substr(begin)).starts_with('#');
    const size_t end = std::min(text.find_first_of(comment ? "\n" : "\n|", begin), text.size());
    const std::string_view line = Trimmed(text.substr(begin, end - begin));
    if (!line.empty() && !comment) {
      absl::StatusOr<SeatSpec> seat = ParseSeedLine(line, width_bits);
      if (!seat.ok()) {
        return InvalidArgument(Format("line %d: %s", line_number, MessageOf(seat.status())));
      }
      seats.push_back(*std::move(seat));
    }
    if (end < text.size() && text[end] == '\n') ++line_number;
    begin = end + 1;
  }
  return seats;
}

NodeId StaticNodeId(std::string_view cluster, std::string_view address) {
  const uint64_t id = hash::Digest(address, hash::Digest(cluster, kStaticNodeSeed));
  return NodeId{id == 0 ? 1 : id};
}

void BindStaticNodes(TopologySpec& spec) {
  for (SeatSpec& seat : spec.seats) {
    if (seat.node == NodeId()) seat.node = StaticNodeId(spec.cluster, seat.address);
  }
}

}  // namespace quorate::topology
