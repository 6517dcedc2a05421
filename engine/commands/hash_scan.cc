// SPDX-License-Identifier: Apache-2.0
#include "engine/commands/hash_scan.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "absl/container/btree_set.h"
#include "engine/base/random.h"
#include "engine/commands/errors.h"
#include "engine/commands/limits.h"
#include "engine/commands/scan_options.h"
#include "engine/commands/string_write.h"
#include "engine/commands/text.h"

namespace quorate::commands {

using keyspace::ObjectType;

namespace {

constexpr size_t kCursorBytes = 7;
constexpr size_t kPrefixMax = 126;  // keeps cursors below 2^63, for clients with signed numbers
constexpr int kPrefixShift = 8 * kCursorBytes;

size_t SharedPrefix(std::string_view a, std::string_view b) {
  const size_t most = std::min({a.size(), b.size(), kPrefixMax});
  size_t size = 0;
  while (size < most && a[size] == b[size]) ++size;
  return size;
}

// The position of `name` among names that share a prefix of `prefix` bytes. Rises with the name.
uint64_t CursorOf(std::string_view name, size_t prefix) {
  uint64_t bytes = 0;
  for (size_t i = 0; i < kCursorBytes; ++i) {
    const size_t at = prefix + i;
    bytes = bytes << 8 | (at < name.size() ? static_cast<uint8_t>(name[at]) : 0);
  }
  return (uint64_t{prefix} + 1) << kPrefixShift | bytes;
}

// The smallest name at the position, without the zeros that may stand for the end of a name.
Bytes NameAt(uint64_t cursor, std::string_view prefix) {
  Bytes name(prefix);
  for (size_t i = 0; i < kCursorBytes; ++i) {
    name.push_back(static_cast<char>(cursor >> (8 * (kCursorBytes - 1 - i))));
  }
  name.erase(std::max(name.find_last_not_of('\0') + 1, prefix.size()));
  return name;
}

struct ScanPage {
  std::vector<Bytes> elements;  // names and values in turn
  uint64_t next = 0;            // cursor; 0: the scan is complete
};

ScanPage ScanFields(const keyspace::ObjectView& object, uint64_t cursor,
                    const ScanOptions& options) {
  ScanPage page;
  const auto [first, last] = object.FieldNameBounds();
  const size_t prefix = SharedPrefix(first, last);
  const bool resumes = (cursor >> kPrefixShift) == prefix + 1;
  const bool bounded = resumes || cursor == 0;
  const Bytes from = resumes ? NameAt(cursor, first.substr(0, prefix)) : Bytes();
  uint64_t seen = 0;
  uint64_t position = 0;
  object.ForEachFieldFrom(from, [&](std::string_view name, std::string_view value) {
    const uint64_t here = CursorOf(name, prefix);
    if (bounded && seen >= options.count && here != position) {
      page.next = here;
      return false;
    }
    position = here;
    ++seen;
    if (options.NameMatches(name)) {
      page.elements.emplace_back(name);
      page.elements.emplace_back(value);
    }
    return true;
  });
  return page;
}

// Distinct positions below `size`, `count` of them, by Floyd's method: one draw each.
absl::btree_set<uint64_t> Sample(uint64_t seed, uint64_t size, uint64_t count) {
  absl::btree_set<uint64_t> chosen;
  for (uint64_t i = size - count; i < size; ++i) {
    const uint64_t draw = Scale(KeyedHash(seed, i), i + 1);
    if (!chosen.insert(draw).second) chosen.insert(i);
  }
  return chosen;
}

void ReplyFields(KeyContext& context, const std::vector<std::string_view>& names,
                 bool with_values) {
  if (!with_values) context.reply.Array(names.size());
  if (with_values) context.reply.Pairs(names.size());
  Bytes scratch;
  for (const std::string_view name : names) {
    if (with_values) context.reply.Pair();
    context.reply.Bulk(name);
    if (with_values) context.reply.Bulk(*context.object.Field(name, scratch));
  }
}

// The names that a count asks for: at most so many distinct ones, or exactly -count that may
// repeat.
std::vector<std::string_view> ChooseFields(KeyContext& context, int64_t count) {
  std::vector<std::string_view> all;
  all.reserve(context.object.fields());
  context.object.ForEachField([&all](std::string_view name, std::string_view) {
    all.push_back(name);
    return true;
  });
  std::vector<std::string_view> chosen;
  if (count >= 0) {
    const uint64_t size = all.size();
    for (const uint64_t at :
         Sample(context.seed, size, std::min(size, static_cast<uint64_t>(count)))) {
      chosen.push_back(all[at]);
    }
    return chosen;
  }
  for (int64_t i = 0; i < -count; ++i) {
    chosen.push_back(all[Scale(KeyedHash(context.seed, static_cast<uint64_t>(i)), all.size())]);
  }
  return chosen;
}

// Redis's bounds, and ours on how long a reply may get.
std::string_view CountError(int64_t count, bool with_values) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  if (count < -kMax) {
    return "ERR value is out of range, value must between -9223372036854775807 and "
           "9223372036854775807";
  }
  if (with_values && (count < -kMax / 2 || count > kMax / 2)) return errors::kOutOfRange;
  if (count < -static_cast<int64_t>(kRandomDrawsMax)) return errors::kOutOfRange;
  return {};
}

}  // namespace

void ExecuteHScan(KeyContext& context) {
  const auto cursor = ParseCursor(context.args[2]);
  if (!cursor.has_value()) return context.reply.Error(kInvalidCursor);
  ScanPage page;
  if (context.object.exists()) {
    if (!ExpectType(context, ObjectType::kHash)) return;
    ScanOptions options;
    const auto error = ParseScanOptions(context.args.subspan(3), false, options);
    if (!error.empty()) return context.reply.Error(error);
    page = ScanFields(context.object, *cursor, options);
  }
  context.reply.Array(2);
  context.reply.Bulk(std::to_string(page.next));
  context.reply.Array(page.elements.size());
  for (const Bytes& element : page.elements) context.reply.Bulk(element);
}

void ExecuteHRandField(KeyContext& context) {
  if (context.args.size() == 2) {
    if (!ExpectType(context, ObjectType::kHash)) return;
    if (!context.object.exists()) return context.reply.Null();
    return context.reply.Bulk(ChooseFields(context, 1).front());
  }
  const auto count = keyspace::ParseInteger(context.args[2]);
  if (!count.has_value()) return context.reply.Error(errors::kNotInteger);
  const bool with_values = context.args.size() == 4 && IsWord(context.args[3], "withvalues");
  if (context.args.size() > 3 && !with_values) return context.reply.Error(errors::kSyntax);
  const auto error = CountError(*count, with_values);
  if (!error.empty()) return context.reply.Error(error);
  if (!ExpectType(context, ObjectType::kHash)) return;
  if (!context.object.exists() || *count == 0) return context.reply.Array(0);
  ReplyFields(context, ChooseFields(context, *count), with_values);
}

}  // namespace quorate::commands
