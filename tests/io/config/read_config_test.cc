// SPDX-License-Identifier: Apache-2.0
// Settings that are read, and every refusal with its place and its words.
#include "io/config/read_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <sstream>

#include "engine/hash/key_hash.h"
#include "io/config/schema.h"

namespace quorate::io {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string ProblemsOf(const std::string& text) {
  return TextOf(ReadConfigText(text, "q.yaml").problems);
}

NodeConfig Good(const std::string& text) {
  const ConfigResult result = ReadConfigText(text, "q.yaml");
  EXPECT_EQ(TextOf(result.problems), "");
  return result.config;
}

TEST(ReadConfig, GivesTheSafeDefaultsForAnEmptyFile) {
  const NodeConfig config = Good("");
  EXPECT_EQ(config.shards, 1);
  EXPECT_FALSE(config.insecure);
  EXPECT_EQ(config.admin_listen, "");
  ASSERT_EQ(config.pools.size(), 1U);
  const PoolConfig& pool = config.pools[0];
  EXPECT_EQ(pool.name, "main");
  EXPECT_EQ(pool.kind, topology::PoolKind::kDynamo);
  EXPECT_EQ(pool.listen, "127.0.0.1:7379");
  EXPECT_EQ(pool.read, topology::Consistency::kLocalQuorum);
  EXPECT_EQ(pool.write, topology::Consistency::kLocalQuorum);
  EXPECT_EQ(pool.durability, env::Durability::kAlways);
  EXPECT_FALSE(pool.unsafe_commands);
  EXPECT_EQ(pool.partitions, 256);
}

constexpr const char* kFull = R"(version: 1
cluster: demo
data: /var/lib/q
shards: 2
seat: b
seats:
  - {name: a, address: 'localhost:7001', rack: r1, datacenter: x, tokens: '1,2'}
  - {name: b, address: 'localhost:7002', rack: r2, datacenter: x, tokens: [3, 4], disk: 2}
  - {address: 'localhost:7003', rack: r3, datacenter: x, weight: 2, node_id: 00000000000000ff}
peers: {listen: '127.0.0.1:7002', virtual_tokens: 16}
tls: {certificate: c.pem, key: k.pem, authority: a.pem}
log: {level: debug, format: json}
admin: {listen: '127.0.0.1:7004'}
storage: {engine: journal, journal_max: 256mb, dirty_max: 32mb, sync_interval: 50ms}
limits: {clients: 500}
pools:
  - {name: one, listen: 'localhost:1', hash: murmur, hash_tag: '[]', distribution: ketama,
     replicas: 2, partitions: 64, read_consistency: one, write_consistency: DC_SAFE_QUORUM,
     durability: MemFirst, request_timeout: 2s, speculative_delay: 5ms, maxmemory: 1gb,
     unsafe_commands: allow, password: s3cret, tls: yes}
  - {name: two, listen: 'localhost:2', replicas: {x: 1}, durability: DiskFirst, maxmemory: 1mb,
     eviction: clock, tls: yes}
  - {name: three, listen: 'localhost:3', replicas: racks, durability: none, tls: yes}
)";

TEST(ReadConfig, ReadsEverySettingOfTheNode) {
  const NodeConfig config = Good(kFull);
  EXPECT_EQ(config.cluster, "demo");
  EXPECT_EQ(config.data, "/var/lib/q");
  EXPECT_EQ(config.shards, 2);
  ASSERT_EQ(config.seats.size(), 3U);
  EXPECT_EQ(OwnSeat(config), &config.seats[1]);
  EXPECT_EQ(config.seats[1].tokens, "3,4");
  EXPECT_EQ(config.seats[1].disk, 2U);
  EXPECT_EQ(config.seats[2].name, "localhost:7003");
  EXPECT_EQ(config.seats[2].weight, 2);
  EXPECT_EQ(config.seats[2].node_id, NodeId{255});
  EXPECT_EQ(config.peer_listen, "127.0.0.1:7002");
  EXPECT_EQ(config.virtual_tokens, 16);
  EXPECT_EQ(config.tls.key, "k.pem");
  EXPECT_EQ(config.log_level, env::LogLevel::kDebug);
  EXPECT_EQ(config.log_format, LogFormat::kJson);
  EXPECT_EQ(config.journal_bytes_max, uint64_t{256} << 20);
  EXPECT_EQ(config.dirty_bytes_max, uint64_t{32} << 20);
  EXPECT_EQ(config.sync_interval, 50ms);
  EXPECT_EQ(config.clients_max, 500U);
}

TEST(ReadConfig, ReadsEverySettingOfPools) {
  const NodeConfig config = Good(kFull);
  ASSERT_EQ(config.pools.size(), 3U);
  const PoolConfig& one = config.pools[0];
  EXPECT_EQ(one.hash, hash::KeyHash::kMurmur);
  EXPECT_EQ(one.tag, hash::HashTag::Dynomite('[', ']'));
  EXPECT_EQ(one.distribution, topology::Distribution::kKetama);
  EXPECT_EQ(one.replication->per_data_centre, 2);
  EXPECT_EQ(one.read, topology::Consistency::kOne);
  EXPECT_EQ(one.write, topology::Consistency::kDcSafeQuorum);
  EXPECT_EQ(one.durability, env::Durability::kPeriodic);
  EXPECT_EQ(one.request_timeout, 2s);
  EXPECT_EQ(one.speculative_delay, 5ms);
  EXPECT_EQ(one.memory_bytes_max, uint64_t{1} << 30);
  EXPECT_TRUE(one.unsafe_commands);
  EXPECT_EQ(one.password, "s3cret");
  EXPECT_TRUE(one.tls);
  EXPECT_EQ(config.pools[1].eviction, node::Eviction::kClock);
  EXPECT_EQ(config.pools[1].durability, env::Durability::kAlways);
  EXPECT_TRUE(config.pools[2].replication->copy_per_rack);
  EXPECT_EQ(config.pools[2].durability, env::Durability::kNone);
}

struct Refusal {
  const char* text;
  const char* problem;  // how the line begins
};
void PrintTo(const Refusal& refusal, std::ostream* out);
void PrintTo(const Refusal& refusal, std::ostream* out) { *out << refusal.text; }

class ReadConfigRefusal : public ::testing::TestWithParam<Refusal> {};

TEST_P(ReadConfigRefusal, NamesPlaceAndReason) {
  EXPECT_THAT(ProblemsOf(GetParam().text), StartsWith(GetParam().problem)) << GetParam().text;
}

constexpr Refusal kSyntax[] = {
    {"pools: [", "q.yaml:1:1: not YAML: end of sequence flow not found"},
    {"- a", "q.yaml:1:1: the configuration is a map of settings, not a list"},
    {"a: 1\n---\nb: 2", "q.yaml:1:1: one YAML document is expected"},
    {"data: x\ndata: y", "q.yaml:2:1: 'data' is set twice in this map"},
    {"[a]: 1", "q.yaml:1:1: a name is expected here, not a list or a map"},
    {"data: [x]", "q.yaml:1:7: a single value is expected here, not a list"},
    {"log: debug", "q.yaml:1:6: log is a map of settings, not 'debug'"},
    {"pools: main", "q.yaml:1:8: a list is expected here (each item begins with '-'), not 'main'"},
    {"data: [[[[[[[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]]]]]]",
     "q.yaml:1:22: nested deeper than 16 levels"},
    {"data: &a x", "q.yaml:1:7: anchors and aliases are not read here"},
    {"data: [*a]", "q.yaml:1:"},
    {"data: x\n,s\x01\x04*[", "q.yaml:2:3: not YAML: a control character"},
    {"version: 2",
     "q.yaml:1:10: configuration version '2' is not known; this release reads 1 to 1"},
    {"version: x", "q.yaml:1:10: configuration version 'x' is not known"},
};
INSTANTIATE_TEST_SUITE_P(Syntax, ReadConfigRefusal, ::testing::ValuesIn(kSyntax));

constexpr Refusal kNames[] = {
    {"clustre: x",
     "q.yaml:1:1: unknown setting 'clustre' in the configuration; did you mean 'cluster'?"},
    {"pools:\n  - durabilty: none",
     "q.yaml:2:5: unknown setting 'durabilty' in a pool; did you mean 'durability'?"},
    {"log: {colour: red}",
     "q.yaml:1:7: unknown setting 'colour' in log; it is one of level, format"},
    {"pools: [{durability: allways}]",
     "q.yaml:1:22: 'allways' is no durability; did you mean 'always'?"},
    {"pools: [{read_consistency: LOCAL_QORUM}]",
     "q.yaml:1:28: 'LOCAL_QORUM' is no consistency level; did you mean 'LOCAL_QUORUM'?"},
    {"pools: [{hash: murmer}]", "q.yaml:1:16: 'murmer' is no key hash; did you mean 'murmur'?"},
    {"pools: [{distribution: vnodes}]",
     "q.yaml:1:24: 'vnodes' is no distribution; did you mean 'vnode'?"},
    {"pools: [{eviction: lru}]", "q.yaml:1:20: 'lru' is no eviction; it is one of none, clock"},
    {"pools: [{kind: paxos}]", "q.yaml:1:16: 'paxos' is no pool kind; it is one of dynamo, raft"},
    {"pools: [{unsafe_commands: yes}]",
     "q.yaml:1:27: 'yes' is no rule for unsafe commands; it is one of refuse, allow"},
    {"log: {level: warn}",
     "q.yaml:1:14: 'warn' is no log level; it is one of debug, info, warning"},
    {"log: {format: jsno}", "q.yaml:1:15: 'jsno' is no log format; did you mean 'json'?"},
    {"storage: {engine: rocksdb}",
     "q.yaml:1:19: 'rocksdb' is no storage engine; it is one of journal, memory"},
};
INSTANTIATE_TEST_SUITE_P(Names, ReadConfigRefusal, ::testing::ValuesIn(kNames));

constexpr Refusal kValues[] = {
    {"shards: 0", "q.yaml:1:9: '0' is not a whole number from 1 to 256"},
    {"shards: two", "q.yaml:1:9: 'two' is not a whole number from 1 to 256"},
    {"insecure: maybe", "q.yaml:1:11: 'maybe' is neither yes nor no"},
    {"cluster: a b", "q.yaml:1:10: 'a b' is no name: it holds a space"},
    {"cluster: ''", "q.yaml:1:10: a name has 1 to 255 bytes"},
    {"data: ''", "q.yaml:1:7: data names no directory"},
    {"pools: [{listen: 7379}]", "q.yaml:1:18: '7379' is no address; write host:port"},
    {"pools: [{maxmemory: lots}]", "q.yaml:1:21: 'lots' is no size; write for example 64mb or 2gb"},
    {"pools: [{request_timeout: 5}]",
     "q.yaml:1:27: '5' is no length of time; write for example 100ms or 5s"},
    {"pools: [{request_timeout: 1ms}]", "q.yaml:1:27: '1ms' is not within 10ms to 600s"},
    {"pools: [{hash_tag: abc}]", "q.yaml:1:20: "},
    {"pools: [{partitions: 0}]", "q.yaml:1:22: '0' is not a whole number from 1 to 32768"},
    {"pools: [{replicas: many}]", "q.yaml:1:20: 'many' is not a whole number from 1 to 64"},
    {"pools: [{password: ''}]", "q.yaml:1:20: a password has 1 to 512 bytes"},
    {"seats: [{address: 'a:1', node_id: xyz}]",
     "q.yaml:1:35: 'xyz' is no node id; it has 16 hexadecimal digits"},
    {"seats: [{address: 'localhost:1', tokens: 1;2}]", "q.yaml:1:8: tokens of seat localhost:1: "},
};
INSTANTIATE_TEST_SUITE_P(Values, ReadConfigRefusal, ::testing::ValuesIn(kValues));

constexpr Refusal kWholes[] = {
    {"pools: []", "q.yaml:1:8: pools is an empty list; leave it out for one pool 'main'"},
    {"pools: [{kind: raft}]",
     "q.yaml:1:16: pool main is of kind raft, which this release does not have; use kind: dynamo"},
    {"pools: [{}, {listen: 'localhost:2'}]", "q.yaml:1:13: two pools have the name 'main'"},
    {"pools: [{name: a}, {name: b}]", "q.yaml:1:20: pools a and b listen on the same address"},
    {"pools: [{tls: yes}]", "q.yaml:1:15: pool main speaks TLS, but tls.certificate"},
    {"tls: {certificate: c, key: k, authority: a}\n"
     "pools: [{name: a, tls: yes}, {name: b, listen: 'localhost:2'}]",
     "q.yaml:2:30: pools a and b differ in tls: all pools of a node"},
    {"pools: [{password: x, password_file: y}]",
     "q.yaml:1:20: pool main has both password and password_file"},
    {"pools: [{eviction: clock}]", "q.yaml:1:20: pool main has an eviction but no maxmemory"},
    {"pools: [{eviction: clock, maxmemory: 1mb, replicas: 2}]",
     "q.yaml:1:20: pool main has several replicas, and a replica that forgets"},
    {"pools: [{speculative_delay: 9s}]",
     "q.yaml:1:29: pool main would ask a second replica only after its request_timeout"},
    {"storage: {engine: memory}\npools: [{name: a}]",
     "q.yaml:2:9: pool a promises to keep data, but storage.engine: memory keeps none"},
    {"tls: {certificate: c}", "q.yaml:1:6: tls.key is missing: certificate, key and authority"},
    {"seat: a", "q.yaml:1:7: seat names one of the seats, and there are none"},
    {"seats: [{name: a}]", "q.yaml:1:9: a seat has an address (host:port)"},
    {"seats: [{address: 'localhost:0'}]", "q.yaml:1:19: address 'localhost:0': the port is not"},
    {"seats: [{address: 'localhost:1'}, {address: 'localhost:2'}]",
     "q.yaml:1:1: seat is missing: it says which of the seats this node is; it is one of "
     "localhost:1, localhost:2"},
    {"seat: nod2\nseats: [{name: node1, address: 'localhost:1'}, "
     "{name: node2, address: 'localhost:2'}]",
     "q.yaml:1:7: no seat has the name 'nod2'; did you mean 'node2'?"},
    {"seat: a\nseats: [{name: a, address: 'localhost:1'}, {name: a, address: 'localhost:1'}]",
     "q.yaml:2:51: two seats have the name 'a'\nq.yaml:2:63: two seats have the address "
     "localhost:1"},
    {"seeds_file: x\nseats: [{address: 'localhost:1'}]",
     "q.yaml:1:13: seats and seeds_file exclude each other"},
    {"seeds_file: x", "q.yaml:1:13: seat is missing: it is the host:port of this node"},
    {"pools: [{replicas: 2}]", "q.yaml:1:8: pool main: 2 replicas in data centre dc1"},
};
INSTANTIATE_TEST_SUITE_P(Wholes, ReadConfigRefusal, ::testing::ValuesIn(kWholes));

constexpr Refusal kUnsafe[] = {
    {"pools: [{listen: '0.0.0.0:1'}]",
     "q.yaml:1:18: pool main listens beyond this machine (0.0.0.0:1) without a password: set "
     "password_file, or say insecure"},
    {"admin: {listen: '10.0.0.1:1'}",
     "q.yaml:1:17: the admin server listens beyond this machine (10.0.0.1:1)"},
    {"seat: a\nseats: [{name: a, address: 'localhost:1'}, {name: b, address: 'b.example:1'}]",
     "q.yaml:2:63: peers would speak with b.example:1 beyond this machine without TLS: make "
     "certificates with quorated cert"},
    {"seat: a\npeers: {listen: '0.0.0.0:1'}\nseats: [{name: a, address: 'localhost:1'}, "
     "{name: b, address: 'localhost:2'}]",
     "q.yaml:2:17: peers would connect to 0.0.0.0:1 beyond this machine without TLS"},
};
INSTANTIATE_TEST_SUITE_P(Unsafe, ReadConfigRefusal, ::testing::ValuesIn(kUnsafe));

TEST(ReadConfig, TakesTheWordInsecureForIt) {
  for (const Refusal& refusal : kUnsafe) {
    const ConfigResult result =
        ReadConfigText(std::string("insecure: yes\n") + refusal.text, "q.yaml");
    EXPECT_EQ(TextOf(result.problems), "") << refusal.text;
    EXPECT_THAT(TextOf(result.warnings), HasSubstr("q.yaml:1:11: insecure:"));
  }
}

TEST(ReadConfig, AcceptsAPasswordBeyondLoopback) {
  Good("pools: [{listen: '0.0.0.0:1', password_file: p}]");
  Good("pools: [{listen: '0.0.0.0:1', password: p}]");
}

TEST(ReadConfig, NamesEveryProblemAtOnce) {
  const std::string problems = ProblemsOf("shards: 0\nlog: {level: loud}\nzebra: 1\n");
  EXPECT_THAT(problems, HasSubstr("q.yaml:1:9: "));
  EXPECT_THAT(problems, HasSubstr("q.yaml:2:14: "));
  EXPECT_THAT(problems, HasSubstr("q.yaml:3:1: "));
}

TEST(ReadConfig, NeverRepeatsAPassword) {
  EXPECT_THAT(ProblemsOf("pools: [{password: [hunter2]}]"), Not(HasSubstr("hunter2")));
  EXPECT_THAT(ProblemsOf("pools: [{password: hunter2" + std::string(600, 'x') + "}]"),
              Not(HasSubstr("hunter2")));
}

TEST(ReadConfig, RefusesAFileThatIsTooLarge) {
  EXPECT_THAT(ProblemsOf(std::string((size_t{1} << 20) + 1, '#')),
              StartsWith("q.yaml:1:1: the configuration has 1048577 bytes; 1048576 are allowed"));
}

// The table in the folder's README is the documentation of the settings: each has a row there.
TEST(ReadConfig, HasARowInTheReadmeForEverySetting) {
  std::ifstream file(QUORATE_CONFIG_README);
  std::stringstream text;
  text << file.rdbuf();
  for (const std::string& path : SettingPaths()) {
    EXPECT_THAT(text.str(), HasSubstr("| `" + path + "` |"));
  }
}

}  // namespace
}  // namespace quorate::io
