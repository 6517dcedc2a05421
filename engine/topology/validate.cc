// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <limits>
#include <map>
#include <vector>

#include "engine/topology/limits.h"
#include "engine/topology/topology_spec.h"

namespace quorate::topology {
namespace {

absl::Status ValidateName(std::string_view what, std::string_view name) {
  if (name.empty()) return InvalidArgument("the name of a " + std::string(what) + " is empty");
  if (name.size() > kNameBytesMax) {
    return InvalidArgument(Format("the name of a %s has %d bytes; %d are allowed",
                                  std::string(what), name.size(), kNameBytesMax));
  }
  for (const char c : name) {
    const uint8_t byte = static_cast<uint8_t>(c);
    if (byte <= ' ' || byte == 0x7f || c == ':' || c == '|' || c == ',') {
      return InvalidArgument("the name of a " + std::string(what) +
                             " holds a space, a control character, ':', ',' or '|'");
    }
  }
  return absl::OkStatus();
}

absl::Status ValidateSeat(const SeatSpec& seat) {
  QUORATE_RETURN_IF_ERROR(ValidateAddress(seat.address));
  const std::string who = "seat " + seat.address + ": ";
  for (const auto& [what, name] :
       {std::pair{"rack", &seat.rack}, std::pair{"data centre", &seat.data_centre}}) {
    const absl::Status status = ValidateName(what, *name);
    if (!status.ok()) return InvalidArgument(who + MessageOf(status));
  }
  if (seat.node == NodeId()) return InvalidArgument(who + "no node is bound to it");
  if (seat.weight == 0 || seat.weight > kWeightMax) {
    return InvalidArgument(
        who + Format("its weight is %d, not 1 to %d", int{seat.weight}, int{kWeightMax}));
  }
  if (seat.tokens.size() > kTokensPerSeatMax) {
    return InvalidArgument(
        who + Format("it has %d tokens; %d are allowed", seat.tokens.size(), kTokensPerSeatMax));
  }
  return absl::OkStatus();
}

// The number, and where it may have been written as a word of Dynomite, that word.
std::string Describe(Token token) {
  const std::string number = std::to_string(token.value);
  if ((token.value << 32) != 0) return number;
  return number + Format(" (%d of 32 bits)", token.value >> 32);
}

// The first value that two seats share, as an error.
template <typename Value, typename Describe>
absl::Status CheckDistinct(std::vector<std::pair<Value, const SeatSpec*>> values,
                           const Describe& describe) {
  std::stable_sort(values.begin(), values.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (size_t i = 1; i < values.size(); ++i) {
    if (values[i].first != values[i - 1].first) continue;
    return InvalidArgument("seats " + values[i - 1].second->address + " and " +
                           values[i].second->address + " have the same " +
                           describe(values[i].first));
  }
  return absl::OkStatus();
}

absl::Status ValidateSeats(const TopologySpec& spec) {
  if (spec.seats.empty()) return InvalidArgument("the topology has no seat");
  if (spec.seats.size() > kSeatsMax) {
    return InvalidArgument(
        Format("the topology has %d seats; %d are allowed", spec.seats.size(), kSeatsMax));
  }
  std::vector<std::pair<NodeId, const SeatSpec*>> nodes;
  std::vector<std::pair<std::string, const SeatSpec*>> addresses;
  for (const SeatSpec& seat : spec.seats) {
    QUORATE_RETURN_IF_ERROR(ValidateSeat(seat));
    nodes.emplace_back(seat.node, &seat);
    addresses.emplace_back(seat.address, &seat);
  }
  QUORATE_RETURN_IF_ERROR(
      CheckDistinct(std::move(addresses), [](const std::string&) { return "address"; }));
  return CheckDistinct(std::move(nodes),
                       [](NodeId node) { return Format("node id %016x", node.value); });
}

// Two seats of one rack with one token would leave open which of them holds the copy.
absl::Status ValidateTokens(const TopologySpec& spec) {
  std::map<std::pair<std::string, std::string>, std::vector<std::pair<Token, const SeatSpec*>>>
      racks;
  for (const SeatSpec& seat : spec.seats) {
    for (const Token token : seat.tokens) {
      racks[{seat.data_centre, seat.rack}].emplace_back(token, &seat);
    }
  }
  for (auto& [rack, tokens] : racks) {
    const std::string where = " in rack " + rack.second + " of data centre " + rack.first;
    QUORATE_RETURN_IF_ERROR(CheckDistinct(
        std::move(tokens), [&](Token token) { return "token " + Describe(token) + where; }));
  }
  return absl::OkStatus();
}

absl::Status ValidateTokenWidth(const TopologySpec& spec, const PoolSpec& pool) {
  const int width = hash::WidthBits(pool.hash);
  if (pool.distribution != Distribution::kVnode || width == 64) return absl::OkStatus();
  for (const SeatSpec& seat : spec.seats) {
    for (const Token token : seat.tokens) {
      if ((token.value << width) == 0) continue;
      return InvalidArgument(
          Format("pool %s: token %s of seat %s is wider than the %d bits of its hash %s", pool.name,
                 Describe(token), seat.address, width, std::string(hash::NameOf(pool.hash))));
    }
  }
  return absl::OkStatus();
}

absl::Status ValidateReplication(const PoolSpec& pool,
                                 const std::map<std::string, size_t>& nodes_of) {
  const ReplicationRule& rule = pool.replication;
  if (rule.copy_per_rack) return absl::OkStatus();
  const auto check = [&](const std::string& name, size_t replicas, size_t nodes) {
    if (replicas <= nodes) return absl::OkStatus();
    return InvalidArgument(Format("pool %s: %d replicas in data centre %s, which has %d nodes",
                                  pool.name, replicas, name, nodes));
  };
  if (rule.by_data_centre.empty()) {
    if (rule.per_data_centre == 0) return InvalidArgument("pool " + pool.name + ": no replicas");
    for (const auto& [name, nodes] : nodes_of) {
      QUORATE_RETURN_IF_ERROR(check(name, rule.per_data_centre, nodes));
    }
    return absl::OkStatus();
  }
  size_t total = 0;
  for (const auto& [name, replicas] : rule.by_data_centre) {
    const auto found = nodes_of.find(name);
    if (found == nodes_of.end()) {
      return InvalidArgument("pool " + pool.name + ": no seat is in data centre '" + name + "'");
    }
    QUORATE_RETURN_IF_ERROR(check(name, replicas, found->second));
    total += replicas;
  }
  return total > 0 ? absl::OkStatus() : InvalidArgument("pool " + pool.name + ": no replicas");
}

absl::Status ValidatePools(const TopologySpec& spec,
                           const std::map<std::string, size_t>& nodes_of) {
  if (spec.pools.empty()) return InvalidArgument("the topology has no pool");
  if (spec.pools.size() > kPoolsMax) {
    return InvalidArgument(
        Format("the topology has %d pools; %d are allowed", spec.pools.size(), kPoolsMax));
  }
  std::map<std::string, PoolId> ids;
  for (size_t i = 0; i < spec.pools.size(); ++i) {
    const PoolSpec& pool = spec.pools[i];
    QUORATE_RETURN_IF_ERROR(ValidateName("pool", pool.name));
    if (!ids.emplace(pool.name, pool.id).second) {
      return InvalidArgument("two pools have the name " + pool.name);
    }
    if (i > 0 && spec.pools[i - 1].id == pool.id) {
      return InvalidArgument(Format("pools %s and %s have the same id %d", spec.pools[i - 1].name,
                                    pool.name, int{pool.id.value}));
    }
    if (pool.partitions == 0) return InvalidArgument("pool " + pool.name + ": no partitions");
    QUORATE_RETURN_IF_ERROR(ValidateTokenWidth(spec, pool));
    QUORATE_RETURN_IF_ERROR(ValidateReplication(pool, nodes_of));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ValidateAddress(std::string_view address) {
  const auto wrong = [&](std::string_view why) {
    return InvalidArgument("address '" + std::string(address) + "': " + std::string(why));
  };
  if (address.size() > kNameBytesMax) return InvalidArgument("an address is too long");
  for (const char c : address) {
    const uint8_t byte = static_cast<uint8_t>(c);
    if (byte <= ' ' || byte == 0x7f || c == ',' || c == '|') {
      return InvalidArgument("an address holds a space, a control character, ',' or '|'");
    }
  }
  const size_t colon = address.rfind(':');
  if (colon == std::string_view::npos) return wrong("no port; it is host:port");
  if (colon == 0) return wrong("no host; it is host:port");
  const std::string_view host = address.substr(0, colon);
  if (host.find(':') != std::string_view::npos && (host.front() != '[' || host.back() != ']')) {
    return wrong("an IPv6 host is written in brackets");
  }
  const std::string_view text = address.substr(colon + 1);
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) {
    return wrong("the port is not a number from 1 to 65535");
  }
  return absl::OkStatus();
}

absl::Status Validate(const TopologySpec& spec) {
  QUORATE_RETURN_IF_ERROR(ValidateName("cluster", spec.cluster));
  if (spec.epoch.value == 0) return InvalidArgument("epochs are counted from 1");
  if (spec.virtual_tokens == 0 || spec.virtual_tokens > kVirtualTokensMax) {
    return InvalidArgument(Format("virtual tokens: %d is not 1 to %d", int{spec.virtual_tokens},
                                  int{kVirtualTokensMax}));
  }
  QUORATE_RETURN_IF_ERROR(ValidateSeats(spec));
  QUORATE_RETURN_IF_ERROR(ValidateTokens(spec));
  std::map<std::string, size_t> nodes_of;
  for (const SeatSpec& seat : spec.seats) ++nodes_of[seat.data_centre];
  if (nodes_of.size() > kDataCentresMax) {
    return InvalidArgument(Format("the topology has %d data centres; %d are allowed",
                                  nodes_of.size(), kDataCentresMax));
  }
  return ValidatePools(spec, nodes_of);
}

}  // namespace quorate::topology
