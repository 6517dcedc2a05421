// SPDX-License-Identifier: Apache-2.0
#include "engine/commands/config_table.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/commands/config_rows.h"
#include "engine/commands/config_value.h"
#include "engine/commands/glob.h"
#include "engine/commands/text.h"

namespace quorate::commands {
namespace {

const ConfigRow* FindRow(std::string_view name) {
  const auto* const at =
      std::find_if(kConfigRows.begin(), kConfigRows.end(), [name](const ConfigRow& row) {
        return IsWord(name, row.name) || (!row.alias.empty() && IsWord(name, row.alias));
      });
  return at == kConfigRows.end() ? nullptr : at;
}

size_t IndexOf(const ConfigRow& row) { return static_cast<size_t>(&row - kConfigRows.data()); }

// The same of a name, found by the compiler: some settings are looked at for every request.
consteval size_t IndexOf(std::string_view name) {
  size_t index = 0;
  while (kConfigRows[index].name != name) ++index;
  return index;
}

absl::Status Failed(std::string_view name, std::string_view why) {
  return InvalidArgument(
      Concat({"ERR CONFIG SET failed (possibly related to argument '", name, "') - ", why}));
}

// How much durability a value of appendonly or appendfsync asks for.
int Strength(std::string_view value) {
  if (value == "no") return 0;
  return value == "everysec" ? 1 : 2;
}

constexpr std::string_view kImmutable = "can't set immutable config";

std::string_view AccessError(const ConfigRow& row) {
  switch (row.access) {
    case ConfigAccess::kMutable:
    case ConfigAccess::kNode:
      return {};
    case ConfigAccess::kImmutable:
      return kImmutable;
    case ConfigAccess::kProtected:
      return "can't set protected config";
  }
  return {};
}

bool HasWildcard(std::string_view pattern) {
  return pattern.find_first_of("[*?") != std::string_view::npos;
}

bool IsRepeated(std::span<const ConfigChange> changes, size_t i) {
  return std::any_of(changes.begin(), changes.begin() + static_cast<std::ptrdiff_t>(i),
                     [&](const ConfigChange& earlier) {
                       return LowerCase(earlier.name) == LowerCase(changes[i].name);
                     });
}

// What needs no look at the values: every name is known, may be set, and is given once.
absl::Status CheckNames(std::span<const ConfigChange> changes) {
  for (const ConfigChange& change : changes) {
    if (FindRow(change.name) != nullptr) continue;
    return InvalidArgument(
        Concat({"ERR Unknown option or number of arguments for CONFIG SET - '", change.name, "'"}));
  }
  for (size_t i = 0; i < changes.size(); ++i) {
    const std::string_view denied = AccessError(*FindRow(changes[i].name));
    if (!denied.empty()) return Failed(changes[i].name, denied);
    if (IsRepeated(changes, i)) return Failed(changes[i].name, "duplicate parameter");
  }
  return absl::OkStatus();
}

}  // namespace

ConfigTable::ConfigTable() {
  settings_.reserve(kConfigRows.size());
  for (const ConfigRow& row : kConfigRows) {
    const auto value = ParseConfigValue(row, row.value, row.value);
    QUORATE_CHECK(value.ok());
    settings_.push_back({value->text, value->number});
  }
}

std::vector<std::pair<std::string, std::string>> ConfigTable::Get(
    std::span<const std::string_view> patterns) const {
  std::vector<std::pair<std::string, std::string>> found;
  const auto add = [&](std::string_view name, const ConfigRow& row) {
    const auto same = [name](const auto& pair) { return pair.first == name; };
    if (std::any_of(found.begin(), found.end(), same)) return;
    found.emplace_back(name, row.secret ? "" : settings_[IndexOf(row)].text);
  };
  for (const std::string_view pattern : patterns) {
    if (!HasWildcard(pattern)) {
      const ConfigRow* row = FindRow(pattern);
      if (row != nullptr) add(pattern, *row);
      continue;
    }
    for (const ConfigRow& row : kConfigRows) {
      if (row.hidden) continue;
      if (GlobMatches(pattern, row.name, true)) add(row.name, row);
      if (!row.alias.empty() && GlobMatches(pattern, row.alias, true)) add(row.alias, row);
    }
  }
  return found;
}

absl::Status ConfigTable::Set(std::span<const ConfigChange> changes) {
  QUORATE_RETURN_IF_ERROR(CheckNames(changes));
  std::vector<Setting> settings = settings_;
  for (const ConfigChange& change : changes) {
    const ConfigRow& row = *FindRow(change.name);
    Setting& setting = settings[IndexOf(row)];
    const auto value = ParseConfigValue(row, change.value, setting.text);
    if (!value.ok()) return Failed(change.name, MessageOf(value.status()));
    if (row.access == ConfigAccess::kNode && value->text != setting.text) {
      return Failed(change.name, kImmutable);
    }
    if (row.access == ConfigAccess::kNode) continue;
    if (!row.view) {
      setting = {value->text, value->number};
    } else if (Strength(value->text) > Strength(setting.text)) {
      return Failed(change.name, "durability is a setting of the pool, which gives less");
    }
  }
  settings_ = std::move(settings);
  ++changes_;
  return absl::OkStatus();
}

absl::Status ConfigTable::Assign(std::string_view name, std::string_view value) {
  const ConfigRow* row = FindRow(name);
  if (row == nullptr) return InvalidArgument(Concat({"no setting is called '", name, "'"}));
  Setting& setting = settings_[IndexOf(*row)];
  const auto parsed = ParseConfigValue(*row, value, setting.text);
  if (!parsed.ok()) return parsed.status();
  setting = {parsed->text, parsed->number};
  ++changes_;
  return absl::OkStatus();
}

void ConfigTable::Save(Bytes& out) const {
  for (const ConfigRow& row : kConfigRows) {
    const Setting& setting = settings_[IndexOf(row)];
    PutBlob(out, row.secret ? std::string_view() : setting.text);
    PutBigEndian(out, row.secret ? int64_t{0} : setting.number);
  }
  PutVarint(out, changes_);
}

void ConfigTable::Load(ByteReader& reader) {
  for (const ConfigRow& row : kConfigRows) {
    const Bytes text(reader.Blob());
    const auto number = reader.BigEndian<int64_t>();
    if (!row.secret) settings_[IndexOf(row)] = {text, number};
  }
  changes_ = reader.Varint();
}

size_t ConfigTable::bulk_bytes_max() const {
  return static_cast<size_t>(settings_[IndexOf("proto-max-bulk-len")].number);
}
size_t ConfigTable::memory_bytes_max() const {
  return static_cast<size_t>(settings_[IndexOf("maxmemory")].number);
}
bool ConfigTable::evicts() const {
  return settings_[IndexOf("maxmemory-policy")].text.starts_with("allkeys-");
}
size_t ConfigTable::clients_max() const {
  return static_cast<size_t>(settings_[IndexOf("maxclients")].number);
}
int64_t ConfigTable::idle_seconds_max() const { return settings_[IndexOf("timeout")].number; }
int64_t ConfigTable::keep_alive_seconds() const {
  return settings_[IndexOf("tcp-keepalive")].number;
}
std::string_view ConfigTable::log_level() const { return settings_[IndexOf("loglevel")].text; }

}  // namespace quorate::commands
