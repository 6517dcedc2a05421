// SPDX-License-Identifier: Apache-2.0
#include "io/config/read_config.h"

#include <algorithm>

#include "io/config/checks.h"
#include "io/config/schema.h"
#include "io/config/topology_of.h"
#include "io/config/yaml.h"

namespace quorate::io {
namespace {

// Any id does for a check of what all nodes share.
constexpr NodeId kCheckedNode{1};

void CheckTopology(Reader& reader, const Value& tree, const NodeConfig& config) {
  const SeatConfig* own = OwnSeat(config);
  const NodeId self = own != nullptr ? NodeIdOf(config, *own) : kCheckedNode;
  const Value* place = tree.Find("seats");
  if (place == nullptr) place = tree.Find("pools");
  reader.Check(place != nullptr ? place->position : tree.position,
               TopologyOf(config, self).status());
}

std::vector<Problem> WarningsOf(const Value& tree, const NodeConfig& config) {
  std::vector<Problem> warnings;
  if (config.insecure) {
    const Value* place = tree.Find("insecure");
    warnings.push_back({place != nullptr ? place->position : tree.position,
                        "insecure: listeners beyond this machine need neither password nor TLS"});
  }
  return warnings;
}

}  // namespace

const SeatConfig* OwnSeat(const NodeConfig& config) {
  if (config.seat.empty() && config.seats.size() == 1) return &config.seats.front();
  const auto found = std::find_if(config.seats.begin(), config.seats.end(),
                                  [&](const SeatConfig& seat) { return seat.name == config.seat; });
  return found == config.seats.end() ? nullptr : &*found;
}

bool IsCluster(const NodeConfig& config) { return config.seats.size() > 1; }

ConfigResult ReadConfig(const Value& tree, SeatsFrom seats_from) {
  ConfigResult result;
  Reader reader(result.problems);
  NodeConfig& config = result.config;
  ReadSettings(reader, tree, config);
  if (config.pools.empty()) {
    const Value* pools = tree.Find("pools");
    if (pools != nullptr && pools->kind == Value::Kind::kList) {
      reader.Refuse(pools->position, "pools is an empty list; leave it out for one pool 'main'");
    }
    config.pools.emplace_back();
  }
  CheckNode(reader, tree, config);
  const bool seats_here = seats_from == SeatsFrom::kConfiguration && config.seeds_file.empty();
  if (seats_here) CheckSeats(reader, tree, config);
  CheckPools(reader, tree, config);
  if (seats_here && result.problems.empty()) CheckTopology(reader, tree, config);
  result.warnings = WarningsOf(tree, config);
  return result;
}

ConfigResult ReadConfigText(std::string_view text, std::string_view source) {
  std::vector<Problem> problems;
  const Value tree = ParseYaml(text, source, problems);
  ConfigResult result = ReadConfig(tree);
  result.problems.insert(result.problems.begin(), problems.begin(), problems.end());
  return result;
}

}  // namespace quorate::io
