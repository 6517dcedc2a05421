// SPDX-License-Identifier: Apache-2.0
#include "io/config/flags.h"

#include <optional>

#include "engine/base/status.h"
#include "io/config/read_file.h"
#include "io/config/words.h"
#include "io/config/yaml.h"

namespace quorate::io {
namespace {

struct Flag {
  std::string_view name;
  std::string_view path;     // in the tree; empty: the flag is about this run
  std::string_view meaning;  // of its value; empty: it takes none
  std::string_view help;
};

constexpr std::string_view kPoolPrefix = "pools[].";

constexpr Flag kFlags[] = {
    {"--config", "", "FILE", "read the settings from a YAML file; flags go over them"},
    {"--check", "", "", "check the settings, print ok or everything that is wrong, and end"},
    {"--help", "", "", "print this text"},
    {"--version", "", "", "print the version"},
    {"--data", "data", "DIRECTORY", "where the node stores (data)"},
    {"--shards", "shards", "N", "threads that serve requests (1)"},
    {"--cluster", "cluster", "NAME", "the cluster's name (quorate)"},
    {"--seat", "seat", "NAME", "which of the seats in the file this node is"},
    {"--seeds-file", "seeds_file", "FILE", "seats as host:port:rack:datacenter:tokens lines"},
    {"--peer-listen", "peers.listen", "HOST:PORT", "where peers connect (the own seat's address)"},
    {"--admin", "admin.listen", "HOST:PORT", "serve /metrics, /healthz, /readyz and /loglevel"},
    {"--tls-certificate", "tls.certificate", "FILE", "this node's certificate, PEM"},
    {"--tls-key", "tls.key", "FILE", "its private key, PEM"},
    {"--tls-authority", "tls.authority", "FILE", "the authority that peers are checked with, PEM"},
    {"--insecure", "insecure", "", "allow listeners beyond this machine without password or TLS"},
    {"--log-level", "log.level", "LEVEL", "debug, info, warning or error (info)"},
    {"--log-format", "log.format", "FORMAT", "text or json (text)"},
    {"--storage", "storage.engine", "ENGINE", "journal or memory (journal)"},
    {"--record", "record.file", "FILE", "record what goes into each shard, to replay it"},
    {"--record-bytes", "record.bytes", "SIZE", "what a shard's recording may take (1gb)"},
    {"--record-values", "record.values", "HOW", "values in it: hashed or whole (hashed)"},
    {"--pool", "pools[].name", "NAME", "the pool's name (main)"},
    {"--listen", "pools[].listen", "HOST:PORT", "where Redis clients connect (127.0.0.1:7379)"},
    {"--durability", "pools[].durability", "LEVEL", "always, periodic or none (always)"},
    {"--replicas", "pools[].replicas", "N", "copies of each key per data centre, or 'racks' (3)"},
    {"--partitions", "pools[].partitions", "N", "slices of the pool, fixed at its creation (256)"},
    {"--hash", "pools[].hash", "NAME", "the hash that places keys (xxh3)"},
    {"--hash-tag", "pools[].hash_tag", "MARKS", "the marks of the part that is hashed ({})"},
    {"--distribution", "pools[].distribution", "NAME", "how the ring is shared out (vnode)"},
    {"--read-consistency", "pools[].read_consistency", "LEVEL", "of reads (LOCAL_QUORUM)"},
    {"--write-consistency", "pools[].write_consistency", "LEVEL", "of writes (LOCAL_QUORUM)"},
    {"--request-timeout", "pools[].request_timeout", "TIME", "after it a request fails (5s)"},
    {"--maxmemory", "pools[].maxmemory", "SIZE", "of the pool on this node, as 64mb (no limit)"},
    {"--eviction", "pools[].eviction", "RULE", "at maxmemory: none or clock (none)"},
    {"--unsafe-commands", "pools[].unsafe_commands", "RULE", "refuse or allow (refuse)"},
    {"--password-file", "pools[].password_file", "FILE", "its first line is the clients' password"},
};

const Flag* FindFlag(std::string_view name) {
  for (const Flag& flag : kFlags) {
    if (flag.name == name) return &flag;
  }
  return nullptr;
}

std::string UnknownFlag(std::string_view name) {
  if (name == "--password") {
    return "a password on the command line is seen by everyone on this machine; use "
           "--password-file";
  }
  std::vector<std::string_view> names;
  for (const Flag& flag : kFlags) names.push_back(flag.name);
  const auto nearest = NearestName(name, names);
  const std::string_view kind = name.starts_with("-") ? "unknown flag " : "unexpected argument ";
  return std::string(kind) + Quoted(name) +
         (nearest ? "; did you mean '" + std::string(*nearest) + "'?" : "; see --help");
}

struct Given {
  const Flag* flag;
  std::string value;
};

// Splits the arguments into flags and values.
class FlagParser {
 public:
  FlagParser(std::span<const std::string> arguments, CommandLine& line)
      : arguments_(arguments), line_(line) {}

  std::vector<Given> Parse() {
    std::vector<Given> given;
    while (next_ < arguments_.size()) {
      if (const auto one = ParseOne()) given.push_back(*one);
    }
    return given;
  }

 private:
  std::optional<Given> ParseOne() {
    const std::string argument = arguments_[next_++];
    const size_t equals = argument.find('=');
    const std::string name = argument.substr(0, equals);
    const Flag* flag = FindFlag(name);
    if (flag == nullptr) {
      Refuse("", UnknownFlag(name));
      return std::nullopt;
    }
    std::optional<std::string> value;
    if (equals != std::string::npos) value = argument.substr(equals + 1);
    if (flag->meaning.empty()) {
      if (value) Refuse(name, "it takes no value");
      return Given{flag, "yes"};
    }
    if (!value && next_ < arguments_.size() && !arguments_[next_].starts_with("--")) {
      value = arguments_[next_++];
    }
    if (!value) {
      Refuse(name, "a value is missing: " + name + " " + std::string(flag->meaning));
      return std::nullopt;
    }
    return Given{flag, *value};
  }

  void Refuse(std::string_view flag, std::string reason) {
    line_.problems.push_back({{std::string(flag), 0, 0}, std::move(reason)});
  }

  std::span<const std::string> arguments_;
  CommandLine& line_;
  size_t next_ = 0;
};

void ReadFileInto(CommandLine& line) {
  absl::StatusOr<std::string> text = ReadSmallFile(line.config_file);
  if (text.ok()) {
    line.tree = ParseYaml(*text, line.config_file, line.problems);
  } else {
    line.problems.push_back({{"--config", 0, 0}, MessageOf(text.status())});
  }
}

size_t PoolsIn(const Value& tree) {
  const Value* pools = tree.Find("pools");
  return pools == nullptr ? 0 : pools->items.size();
}

}  // namespace

void SetInTree(Value& tree, std::string_view path, std::string_view text, const Position& where) {
  Value* map = &tree;
  if (path.starts_with(kPoolPrefix)) {
    path.remove_prefix(kPoolPrefix.size());
    Value& pools = tree.Child("pools", where);
    pools.kind = Value::Kind::kList;
    if (pools.items.empty()) pools.items.push_back(MapValue(where));
    map = &pools.items.front();
  } else if (const size_t dot = path.find('.'); dot != std::string_view::npos) {
    map = &tree.Child(path.substr(0, dot), where);
    path.remove_prefix(dot + 1);
  }
  map->Child(path, where) = ScalarValue(text, where);
}

CommandLine ParseCommandLine(std::span<const std::string> arguments) {
  CommandLine line;
  line.tree = MapValue({});
  const std::vector<Given> given = FlagParser(arguments, line).Parse();
  for (const Given& one : given) {
    if (one.flag->name == "--config") line.config_file = one.value;
    if (one.flag->name == "--check") line.check = true;
    if (one.flag->name == "--help") line.help = true;
    if (one.flag->name == "--version") line.version = true;
  }
  if (line.help || line.version) return line;
  if (!line.config_file.empty()) ReadFileInto(line);
  const bool several = PoolsIn(line.tree) > 1;
  for (const Given& one : given) {
    if (one.flag->path.empty()) continue;
    const Position where{std::string(one.flag->name), 0, 0};
    if (several && one.flag->path.starts_with(kPoolPrefix)) {
      line.problems.push_back(
          {where, "the file has several pools; set this in the file, at the pool it is for"});
    } else {
      SetInTree(line.tree, one.flag->path, one.value, where);
    }
  }
  return line;
}

std::string FlagsHelp() {
  std::string text;
  for (const Flag& flag : kFlags) {
    std::string left = "  " + std::string(flag.name);
    if (!flag.meaning.empty()) left += " " + std::string(flag.meaning);
    constexpr size_t kColumn = 30;
    if (left.size() < kColumn) left.resize(kColumn, ' ');
    text += left + " " + std::string(flag.help) + "\n";
  }
  return text;
}

}  // namespace quorate::io
