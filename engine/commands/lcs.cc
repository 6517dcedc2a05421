// SPDX-License-Identifier: Apache-2.0
#include "engine/commands/lcs.h"

#include <algorithm>
#include <vector>

#include "engine/commands/errors.h"
#include "engine/commands/limits.h"
#include "engine/commands/string_write.h"
#include "engine/commands/text.h"

namespace quorate::commands {
namespace {

constexpr size_t kFirstOption = 3;

struct LcsOptions {
  bool length = false;
  bool ranges = false;
  bool range_lengths = false;
  int64_t range_min = 0;
};

std::string_view ParseLcsOptions(Arguments options, LcsOptions& parsed) {
  for (size_t i = 0; i < options.size(); ++i) {
    if (IsWord(options[i], "len")) {
      parsed.length = true;
    } else if (IsWord(options[i], "idx")) {
      parsed.ranges = true;
    } else if (IsWord(options[i], "withmatchlen")) {
      parsed.range_lengths = true;
    } else if (IsWord(options[i], "minmatchlen") && i + 1 < options.size()) {
      const auto least = keyspace::ParseInteger(options[++i]);
      if (!least.has_value()) return errors::kNotInteger;
      parsed.range_min = std::max<int64_t>(*least, 0);
    } else {
      return errors::kSyntax;
    }
  }
  if (parsed.length && parsed.ranges) {
    return "ERR If you want both the length and indexes, please just use IDX.";
  }
  return {};
}

// A run of equal bytes, by its first positions.
struct Range {
  size_t a = 0;
  size_t b = 0;
  size_t size = 0;
};

// The textbook table (Wagner and Fischer 1974): the length of the longest common subsequence for
// every pair of prefixes. The way back prefers to shorten `b` where both ways are as good, as Redis
// does.
class LcsTable {
 public:
  LcsTable(std::string_view a, std::string_view b)
      : a_(a), b_(b), row_(b.size() + 1), lengths_((a.size() + 1) * row_) {
    for (size_t i = 1; i <= a_.size(); ++i) {
      for (size_t j = 1; j <= b_.size(); ++j) {
        lengths_[i * row_ + j] =
            a_[i - 1] == b_[j - 1] ? At(i - 1, j - 1) + 1 : std::max(At(i - 1, j), At(i, j - 1));
      }
    }
  }

  [[nodiscard]] uint32_t length() const { return At(a_.size(), b_.size()); }

  // From the end of the strings to the beginning.
  [[nodiscard]] std::vector<Range> Ranges() const {
    std::vector<Range> ranges;
    bool open = false;
    for (size_t i = a_.size(), j = b_.size(); i > 0 && j > 0;) {
      if (a_[i - 1] == b_[j - 1]) {
        --i;
        --j;
        if (!open) ranges.push_back({i, j, 0});
        open = true;
        ranges.back() = {i, j, ranges.back().size + 1};
        continue;
      }
      open = false;
      At(i - 1, j) > At(i, j - 1) ? --i : --j;
    }
    return ranges;
  }

 private:
  [[nodiscard]] uint32_t At(size_t i, size_t j) const { return lengths_[i * row_ + j]; }

  std::string_view a_;
  std::string_view b_;
  size_t row_;
  std::vector<uint32_t> lengths_;
};

void ReplyRange(size_t first, size_t size, ReplySink& reply) {
  reply.Array(2);
  reply.Integer(static_cast<int64_t>(first));
  reply.Integer(static_cast<int64_t>(first + size - 1));
}

void ReplyRanges(const LcsTable& table, const LcsOptions& options, ReplySink& reply) {
  std::vector<Range> ranges = table.Ranges();
  std::erase_if(ranges, [&options](const Range& range) {
    return static_cast<int64_t>(range.size) < options.range_min;
  });
  reply.Map(2);
  reply.Bulk("matches");
  reply.Array(ranges.size());
  for (const Range& range : ranges) {
    reply.Array(options.range_lengths ? 3 : 2);
    ReplyRange(range.a, range.size, reply);
    ReplyRange(range.b, range.size, reply);
    if (options.range_lengths) reply.Integer(static_cast<int64_t>(range.size));
  }
  reply.Bulk("len");
  reply.Integer(table.length());
}

}  // namespace

void JoinLcs(Arguments args, std::span<const Bytes> tapes, ReplySink& reply) {
  for (const Bytes& tape : tapes) {
    if (!IsErrorTape(tape)) continue;
    if (IsErrorTapeOf(tape, "WRONGTYPE")) {
      return reply.Error("ERR The specified keys must contain string values");
    }
    if (!PlayReply(tape, reply)) reply.Error("ERR the reply of a replica is malformed");
    return;
  }
  LcsOptions options;
  const auto error = ParseLcsOptions(args.subspan(kFirstOption), options);
  if (!error.empty()) return reply.Error(error);
  const Bytes a = BulkOfTape(tapes[0]);  // a key that is not there is as good as an empty one
  const Bytes b = BulkOfTape(tapes[1]);
  if ((a.size() + 1) > kLcsTableBytesMax / sizeof(uint32_t) / (b.size() + 1)) {
    return reply.Error(
        "ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len");
  }
  const LcsTable table(a, b);
  if (options.ranges) return ReplyRanges(table, options, reply);
  if (options.length) return reply.Integer(table.length());
  const std::vector<Range> ranges = table.Ranges();
  Bytes common;
  for (auto range = ranges.rbegin(); range != ranges.rend(); ++range) {
    common.append(a, range->a, range->size);
  }
  reply.Bulk(common);
}

}  // namespace quorate::commands
