// SPDX-License-Identifier: Apache-2.0
#include "io/api/plan.h"

#include "engine/hash/key_hash.h"
#include "io/api/api_limits.h"
#include "io/api/await.h"
#include "io/api/status_bridge.h"
#include "io/config/checks.h"
#include "io/config/read_file.h"
#include "io/config/topology_of.h"

namespace quorate::api {
namespace {

Seat FromConfig(const io::SeatConfig& config) {
  Seat seat;
  seat.name = config.name;
  seat.address = config.address;
  seat.rack = config.rack;
  seat.datacenter = config.data_centre;
  seat.tokens = config.tokens;
  seat.weight = config.weight;
  seat.disk = config.disk;
  seat.node_id = config.node_id ? config.node_id->value : 0;
  return seat;
}

io::Position PlaceOf(const io::Value& tree, std::string_view key) {
  const io::Value* value = tree.Find(key);
  return value != nullptr ? value->position : tree.position;
}

void ReadPasswords(const io::Value& tree, Plan& plan) {
  for (io::PoolConfig& pool : plan.config.pools) {
    if (pool.password_file.empty()) continue;
    auto password = io::ReadPasswordFile(pool.password_file);
    if (password.ok()) {
      pool.password = *std::move(password);
    } else {
      plan.problems.push_back({PlaceOf(tree, "pools"), MessageOf(password.status())});
    }
  }
}

// What the provider gives is judged as if it stood in the configuration.
void TakeSeats(const io::Value& tree, SeedsProvider& seeds, Plan& plan) {
  Result<std::vector<Seat>> seats = FetchSeats(seeds);
  const io::Position place = PlaceOf(tree, plan.config.seeds_file.empty() ? "seats" : "seeds_file");
  if (!seats.ok()) {
    plan.problems.push_back({place, "seeds: " + seats.status().message()});
    return;
  }
  plan.config.seats.clear();
  for (const Seat& seat : *seats) plan.config.seats.push_back(ToConfig(seat));
  io::Reader reader(plan.problems);
  io::CheckSeats(reader, tree, plan.config);
  if (!plan.problems.empty()) return;
  io::CheckPools(reader, tree, plan.config);
  const io::SeatConfig* own = io::OwnSeat(plan.config);
  const NodeId self = own != nullptr ? io::NodeIdOf(plan.config, *own) : NodeId{1};
  reader.Check(place, io::TopologyOf(plan.config, self).status());
}

}  // namespace

io::SeatConfig ToConfig(const Seat& seat) {
  io::SeatConfig config;
  config.name = seat.name;
  config.address = seat.address;
  config.rack = seat.rack;
  config.data_centre = seat.datacenter;
  config.tokens = seat.tokens;
  config.weight = seat.weight;
  config.disk = seat.disk;
  if (seat.node_id != 0) config.node_id = NodeId{seat.node_id};
  return config;
}

std::unique_ptr<SeedsProvider> SeedsOf(const io::NodeConfig& config) {
  if (!config.seeds_file.empty()) {
    return MakeFileSeeds(config.seeds_file, hash::WidthBits(config.pools.front().hash));
  }
  std::vector<Seat> seats;
  for (const io::SeatConfig& seat : config.seats) seats.push_back(FromConfig(seat));
  return MakeStaticSeeds(std::move(seats));
}

std::unique_ptr<CryptoProvider> CryptoOf(const io::NodeConfig& config) {
  if (!config.tls.configured()) return nullptr;
  return MakeFileCrypto(config.tls.certificate, config.tls.key, config.tls.authority);
}

Result<std::vector<Seat>> FetchSeats(SeedsProvider& seeds) {
  auto seats = Await<Result<std::vector<Seat>>>([&](auto done) { seeds.Fetch(std::move(done)); },
                                                kHookPatience);
  if (!seats) return Status(Code::kUnavailable, "the seeds provider did not answer in time");
  return *std::move(seats);
}

Result<Credentials> LoadCredentials(CryptoProvider& crypto) {
  auto credentials =
      Await<Result<Credentials>>([&](auto done) { crypto.Load(std::move(done)); }, kHookPatience);
  if (!credentials) return Status(Code::kUnavailable, "the crypto provider did not answer in time");
  return *std::move(credentials);
}

Plan MakePlan(const io::Value& tree, SeedsProvider* seeds, CryptoProvider* crypto) {
  const auto from = seeds != nullptr ? io::SeatsFrom::kElsewhere : io::SeatsFrom::kConfiguration;
  io::ConfigResult read = io::ReadConfig(tree, from);
  Plan plan{std::move(read.config), std::move(read.problems), std::move(read.warnings)};
  if (!plan.problems.empty()) return plan;
  const std::unique_ptr<SeedsProvider> own_seeds = SeedsOf(plan.config);
  TakeSeats(tree, seeds != nullptr ? *seeds : *own_seeds, plan);
  // Last: a password that was read must not look like one that was written beside its file.
  ReadPasswords(tree, plan);
  const std::unique_ptr<CryptoProvider> own_crypto = CryptoOf(plan.config);
  if (crypto == nullptr) crypto = own_crypto.get();
  if (crypto != nullptr) {
    const Result<Credentials> credentials = LoadCredentials(*crypto);
    if (!credentials.ok()) {
      plan.problems.push_back({PlaceOf(tree, "tls"), credentials.status().message()});
    }
  }
  return plan;
}

}  // namespace quorate::api
