// SPDX-License-Identifier: Apache-2.0
#include "io/api/node_server.h"
#include "io/api/plan.h"
#include "io/config/flags.h"
#include "io/config/read_file.h"
#include "io/config/yaml.h"
#include "quorate/server.h"

namespace quorate {
namespace {

io::Position From(std::string_view call) { return {"Builder::" + std::string(call), 0, 0}; }

// Later settings over earlier ones; a list replaces a list.
void Merge(io::Value& base, io::Value over) {
  if (base.kind != io::Value::Kind::kMap || over.kind != io::Value::Kind::kMap) {
    base = std::move(over);
    return;
  }
  for (io::Entry& entry : over.entries) {
    Merge(base.Child(entry.key, entry.position), std::move(entry.value));
  }
}

// A map at the end of a list of the tree.
io::Value& Append(io::Value& tree, std::string_view list, const io::Position& where) {
  io::Value& items = tree.Child(list, where);
  items.kind = io::Value::Kind::kList;
  items.items.push_back(io::MapValue(where));
  return items.items.back();
}

void Put(io::Value& map, std::string_view key, std::string_view text, const io::Position& where) {
  if (!text.empty()) map.Child(key, where) = io::ScalarValue(text, where);
}

}  // namespace

struct Server::Builder::Parts {
  io::Value tree = io::MapValue({});
  std::vector<io::Problem> problems;
  Request request = Request::kRun;
  api::StartOptions start;

  [[nodiscard]] api::Plan MakePlan() const {
    api::Plan plan = api::MakePlan(tree, start.hooks.seeds.get(), start.hooks.crypto.get());
    plan.problems.insert(plan.problems.begin(), problems.begin(), problems.end());
    return plan;
  }
};

std::string_view ReleaseVersion() { return QUORATE_VERSION; }

Server::Builder::Builder() : parts_(std::make_unique<Parts>()) {}
Server::Builder::~Builder() = default;
Server::Builder::Builder(Builder&&) noexcept = default;
Server::Builder& Server::Builder::operator=(Builder&&) noexcept = default;

Server::Builder& Server::Builder::ConfigurationFile(const std::string& path) {
  const absl::StatusOr<std::string> text = io::ReadSmallFile(path);
  if (text.ok()) return Configuration(*text, path);
  parts_->problems.push_back({From("ConfigurationFile"), MessageOf(text.status())});
  return *this;
}

Server::Builder& Server::Builder::Configuration(std::string_view yaml, std::string_view name) {
  Merge(parts_->tree, io::ParseYaml(yaml, name, parts_->problems));
  return *this;
}

Server::Builder& Server::Builder::Arguments(const std::vector<std::string>& arguments) {
  io::CommandLine line = io::ParseCommandLine(arguments);
  parts_->problems.insert(parts_->problems.end(), line.problems.begin(), line.problems.end());
  Merge(parts_->tree, std::move(line.tree));
  if (line.check) parts_->request = Request::kCheck;
  if (line.version) parts_->request = Request::kVersion;
  if (line.help) parts_->request = Request::kHelp;
  return *this;
}

Server::Builder& Server::Builder::Set(std::string_view path, std::string_view value) {
  io::SetInTree(parts_->tree, path, value, From("Set"));
  return *this;
}

Server::Builder& Server::Builder::Data(std::string_view directory) {
  io::SetInTree(parts_->tree, "data", directory, From("Data"));
  return *this;
}

Server::Builder& Server::Builder::Cluster(std::string_view name) {
  io::SetInTree(parts_->tree, "cluster", name, From("Cluster"));
  return *this;
}

Server::Builder& Server::Builder::Shards(uint16_t shards) {
  io::SetInTree(parts_->tree, "shards", std::to_string(shards), From("Shards"));
  return *this;
}

Server::Builder& Server::Builder::Pool(const PoolSettings& settings) {
  const io::Position where = From("Pool");
  io::Value& map = Append(parts_->tree, "pools", where);
  Put(map, "name", settings.name, where);
  Put(map, "listen", settings.listen, where);
  Put(map, "durability", settings.durability, where);
  Put(map, "replicas", settings.replicas, where);
  Put(map, "partitions", settings.partitions, where);
  Put(map, "hash", settings.hash, where);
  Put(map, "hash_tag", settings.hash_tag, where);
  Put(map, "distribution", settings.distribution, where);
  Put(map, "read_consistency", settings.read_consistency, where);
  Put(map, "write_consistency", settings.write_consistency, where);
  Put(map, "request_timeout", settings.request_timeout, where);
  Put(map, "speculative_delay", settings.speculative_delay, where);
  Put(map, "maxmemory", settings.maxmemory, where);
  Put(map, "eviction", settings.eviction, where);
  Put(map, "unsafe_commands", settings.unsafe_commands, where);
  Put(map, "password", settings.password, where);
  Put(map, "password_file", settings.password_file, where);
  return *this;
}

Server::Builder& Server::Builder::AddSeat(const Seat& seat) {
  const io::Position where = From("AddSeat");
  io::Value& map = Append(parts_->tree, "seats", where);
  Put(map, "name", seat.name, where);
  Put(map, "address", seat.address, where);
  Put(map, "rack", seat.rack, where);
  Put(map, "datacenter", seat.datacenter, where);
  Put(map, "tokens", seat.tokens, where);
  Put(map, "weight", std::to_string(seat.weight), where);
  Put(map, "disk", std::to_string(seat.disk), where);
  if (seat.node_id != 0) Put(map, "node_id", Format("%016x", seat.node_id), where);
  return *this;
}

Server::Builder& Server::Builder::OwnSeat(std::string_view name) {
  io::SetInTree(parts_->tree, "seat", name, From("OwnSeat"));
  return *this;
}

Server::Builder& Server::Builder::Insecure() {
  io::SetInTree(parts_->tree, "insecure", "yes", From("Insecure"));
  return *this;
}

Server::Builder& Server::Builder::Inline() {
  parts_->start.inline_form = true;
  return *this;
}

Server::Builder& Server::Builder::LogTo(std::function<void(std::string_view)> sink) {
  parts_->start.log_sink = std::move(sink);
  return *this;
}

Server::Builder& Server::Builder::OnEvent(Server::Listener listener) {
  parts_->start.listeners.push_back(std::move(listener));
  return *this;
}

Server::Builder& Server::Builder::With(std::unique_ptr<Datastore> datastore) {
  parts_->start.hooks.datastore = std::move(datastore);
  return *this;
}

Server::Builder& Server::Builder::With(std::unique_ptr<SeedsProvider> seeds) {
  parts_->start.hooks.seeds = std::move(seeds);
  return *this;
}

Server::Builder& Server::Builder::With(std::unique_ptr<CryptoProvider> crypto) {
  parts_->start.hooks.crypto = std::move(crypto);
  return *this;
}

Server::Builder& Server::Builder::With(std::unique_ptr<MetricsSink> metrics) {
  parts_->start.hooks.metrics = std::move(metrics);
  return *this;
}

Server::Builder& Server::Builder::WithPeerTransport(std::unique_ptr<Transport> transport) {
  parts_->start.hooks.peers = std::move(transport);
  return *this;
}

Server::Builder& Server::Builder::WithClientTransport(std::unique_ptr<Transport> transport) {
  parts_->start.hooks.clients = std::move(transport);
  return *this;
}

Request Server::Builder::request() const { return parts_->request; }

std::string Server::Builder::Help() { return io::FlagsHelp(); }

Status Server::Builder::Check() const {
  const api::Plan plan = parts_->MakePlan();
  if (plan.problems.empty()) return {};
  return {Code::kInvalidArgument, io::TextOf(plan.problems)};
}

Result<LogLevel> Server::Builder::ConfiguredLogLevel() const {
  const io::ConfigResult read = io::ReadConfig(parts_->tree);
  if (!read.problems.empty()) return Status(Code::kInvalidArgument, io::TextOf(read.problems));
  return static_cast<LogLevel>(read.config.log_level);
}

Result<std::string> Server::Builder::DataDirectory() const {
  const io::ConfigResult read = io::ReadConfig(parts_->tree);
  std::vector<io::Problem> problems = parts_->problems;
  problems.insert(problems.end(), read.problems.begin(), read.problems.end());
  if (!problems.empty()) return Status(Code::kInvalidArgument, io::TextOf(problems));
  return read.config.data;
}

Result<std::unique_ptr<Server>> Server::Builder::Start() {
  parts_->start.plan = parts_->MakePlan();
  if (!parts_->start.plan.problems.empty()) {
    return Status(Code::kInvalidArgument, io::TextOf(parts_->start.plan.problems));
  }
  return api::NodeServer::Start(std::move(parts_->start));
}

}  // namespace quorate
