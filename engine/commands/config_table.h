// SPDX-License-Identifier: Apache-2.0
// The settings that CONFIG knows: those of Redis 7.0, by name, type and range, so that tools that
// read or set them find what they expect. Those with an accessor below have their effect here too.
// The others are kept and told back: what they tune does not exist here.
//
// appendonly and appendfsync are a view of the pool's durability. Setting them is accepted where it
// asks for no more than the pool gives, and changes nothing. What only the node's own configuration
// may change (port, bind, passwords) may be set to the value it has: tools write back what they
// read.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/codec.h"
#include "engine/base/status.h"

namespace quorate::commands {

enum class ConfigType : uint8_t {
  kText,
  kBool,
  kInteger,
  kMemory,           // bytes, with a unit or without
  kMemoryOrPercent,  // the same, or "5%"
  kWord,             // one of `words`
  kWordSet,          // one or more of them
  kSave,             // pairs of seconds and changes
  kEvents,           // classes of keyspace events, a character each
  kBufferLimits,     // class, hard limit, soft limit, seconds; repeated
  kPercentiles,
  kOomScores,
};

enum class ConfigAccess : uint8_t {
  kMutable,
  kImmutable,
  kProtected,
  kNode,  // changed by the node's configuration alone
};

struct ConfigRow {
  std::string_view name;
  std::string_view alias = {};  // an older name of the same
  std::string_view value = {};  // the default
  ConfigType type = ConfigType::kText;
  int64_t min = 0;
  int64_t max = 0;
  std::string_view words = {};  // separated by ", "
  ConfigAccess access = ConfigAccess::kMutable;
  bool secret = false;  // never told
  bool view = false;    // told by the node, not set by CONFIG
  bool hidden = false;  // told only to who asks for it by its full name
};

struct ConfigChange {
  std::string name;
  std::string value;
};

class ConfigTable {
 public:
  ConfigTable();

  // The names that match any of the patterns, with their values. A pattern without wildcards that
  // names a setting is told back as it was spelled.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> Get(
      std::span<const std::string_view> patterns) const;

  // All or none. InvalidArgument with Redis's words.
  [[nodiscard]] absl::Status Set(std::span<const ConfigChange> changes);

  // What the node tells at start and when its own configuration changes, for settings of any
  // access. InvalidArgument for an unknown name or a malformed value.
  [[nodiscard]] absl::Status Assign(std::string_view name, std::string_view value);

  // All but secrets, which are not told anywhere. Load: on a table that was told the same at start.
  void Save(Bytes& out) const;
  void Load(ByteReader& reader);

  // How often a value was set, so that a world notices when one of those below may have changed.
  [[nodiscard]] uint64_t changes() const { return changes_; }

  [[nodiscard]] size_t bulk_bytes_max() const;     // proto-max-bulk-len
  [[nodiscard]] size_t memory_bytes_max() const;   // maxmemory; 0: no limit
  [[nodiscard]] bool evicts() const;               // any key may go: maxmemory-policy is allkeys-*
  [[nodiscard]] size_t clients_max() const;        // maxclients
  [[nodiscard]] int64_t idle_seconds_max() const;  // timeout; 0: no limit
  [[nodiscard]] int64_t keep_alive_seconds() const;  // tcp-keepalive; 0: none
  [[nodiscard]] std::string_view log_level() const;  // debug, verbose, notice or warning

 private:
  struct Setting {
    std::string text;    // as CONFIG GET tells it
    int64_t number = 0;  // of kInteger and kMemory
  };

  std::vector<Setting> settings_;  // in the order of the rows
  uint64_t changes_ = 0;
};

}  // namespace quorate::commands
