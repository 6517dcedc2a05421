// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/joined_reads.h"

#include <algorithm>
#include <bit>
#include <climits>
#include <utility>

#include "engine/base/status.h"

namespace quorate::sim {
namespace {

using resp::Reply;
using resp::ReplyKind;
using Values = std::vector<std::optional<Bytes>>;
using Presences = std::vector<ShownPresence>;
// Of each key.
using Shows = std::vector<const Values*>;

constexpr size_t kFirstLcsOption = 3;

bool IsWithin(std::string_view part, std::string_view whole) {
  size_t at = 0;
  for (size_t i = 0; i < whole.size() && at < part.size(); ++i) {
    if (part[at] == whole[i]) ++at;
  }
  return at == part.size();
}

constexpr size_t kWordBits = 64;

// A row of the table as bits, in which a zero is a rise by one [Hyyro 2004, Bit-parallel LCS-length
// computation revisited, section 2]: an oracle may have to compare all values of a key with all of
// another.
int64_t LengthOfLongestCommon(std::string_view a, std::string_view b) {
  const size_t words = (b.size() + kWordBits - 1) / kWordBits;
  // Of each byte, where it stands in b.
  std::vector<uint64_t> places(words << CHAR_BIT);
  for (size_t j = 0; j < b.size(); ++j) {
    places[static_cast<uint8_t>(b[j]) * words + j / kWordBits] |= uint64_t{1} << j % kWordBits;
  }
  std::vector<uint64_t> row(words, ~uint64_t{0});
  for (const char c : a) {
    const uint64_t* const of_byte = places.data() + static_cast<uint8_t>(c) * words;
    uint64_t carry = 0;
    for (size_t i = 0; i < words; ++i) {
      const uint64_t matches = row[i] & of_byte[i];
      const uint64_t partial = row[i] + matches;
      const uint64_t sum = partial + carry;
      carry = static_cast<uint64_t>(partial < matches || sum < carry);
      row[i] = sum | (row[i] & ~matches);
    }
  }
  int64_t length = 0;
  for (const uint64_t word : row) length += std::popcount(~word);
  return length;
}

// Runs of equal bytes, from the end of both to their beginning; their length in all, or nothing.
std::optional<int64_t> LengthOfMatches(const Reply& matches, std::string_view a,
                                       std::string_view b) {
  int64_t total = 0;
  std::pair<int64_t, int64_t> before = {static_cast<int64_t>(a.size()),
                                        static_cast<int64_t>(b.size())};
  for (const Reply& match : matches.elements) {
    if (match.elements.size() < 2 || match.elements[0].elements.size() != 2 ||
        match.elements[1].elements.size() != 2) {
      return std::nullopt;
    }
    const int64_t in_a = match.elements[0].elements[0].integer;
    const int64_t in_b = match.elements[1].elements[0].integer;
    const int64_t end_a = match.elements[0].elements[1].integer + 1;
    const int64_t end_b = match.elements[1].elements[1].integer + 1;
    const int64_t length = end_a - in_a;
    if (in_a < 0 || in_b < 0 || length <= 0 || end_b - in_b != length || end_a > before.first ||
        end_b > before.second) {
      return std::nullopt;
    }
    const auto run = [length](std::string_view text, int64_t from) {
      return text.substr(static_cast<size_t>(from), static_cast<size_t>(length));
    };
    if (run(a, in_a) != run(b, in_b)) return std::nullopt;
    if (match.elements.size() == 3 && match.elements[2].integer != length) return std::nullopt;
    before = {in_a, in_b};
    total += length;
  }
  return total;
}

std::string_view Text(const std::optional<Bytes>& value) {
  return value.has_value() ? std::string_view(*value) : std::string_view();
}

// Of what a key may show, what can have been read: of a reply that is the common text itself, what
// has it in it. There may be thousands of pairs of the others.
std::vector<std::string_view> Candidates(const JoinedAccess& access, const Values& values) {
  const Reply& reply = access.joined.reply;
  const bool is_text = reply.kind == ReplyKind::kBulk;
  std::vector<std::string_view> candidates;
  for (const std::optional<Bytes>& value : values) {
    if (!is_text || IsWithin(reply.text, Text(value))) candidates.push_back(Text(value));
  }
  return candidates;
}

bool Explains(const JoinedAccess& access, const Values& a, const Values& b) {
  const std::vector<std::string_view> rights = Candidates(access, b);
  for (const std::string_view left : Candidates(access, a)) {
    for (const std::string_view right : rights) {
      if (IsLongestCommon(access.joined.command, access.joined.reply, left, right)) return true;
    }
  }
  return false;
}

std::string InWords(const Values* values) {
  std::string text = " may show";
  for (const std::optional<Bytes>& value : *values) text += " " + Shown(value);
  return text;
}

std::string InWords(const ShownPresence& presence) {
  if (!presence.nothing) return " must be there";
  return presence.something ? " may be there or not" : " must be missing";
}

template <typename Known>
Failure Fail(const JoinedAccess& access, const std::vector<Known>& of_keys) {
  std::string promised = "a reply that reads of its keys can give:";
  for (size_t i = 0; i < of_keys.size(); ++i) {
    promised += (i == 0 ? " " : "; ") + Shown(access.joined.keys[i]) + InWords(of_keys[i]);
  }
  std::string seen;
  for (const Bytes& word : access.joined.command) seen += word + " ";
  seen +=
      Format("by operation %u: %s", access.access.operation, resp::Describe(access.joined.reply));
  return {FailureKind::kWrongReply, "joined_reads", std::move(promised), std::move(seen),
          access.access.completed};
}

struct Counts {
  int64_t least = 0;
  int64_t most = 0;
};

bool WasNamedBefore(const std::vector<Bytes>& keys, size_t place) {
  const auto end = keys.begin() + static_cast<std::ptrdiff_t>(place);
  return std::find(keys.begin(), end, keys[place]) != end;
}

Counts CountsOf(const Joined& joined, const Presences& presences) {
  Counts counts;
  for (size_t i = 0; i < presences.size(); ++i) {
    const bool again = joined.says == Says::kDeleted && WasNamedBefore(joined.keys, i);
    if (!presences[i].nothing && !again) ++counts.least;
    if (again ? presences[i].again : presences[i].something) ++counts.most;
  }
  return counts;
}

bool Fits(const Joined& joined, const Presences& presences) {
  const int64_t said = joined.reply.integer;
  if (joined.reply.kind != ReplyKind::kInteger) return false;
  if (joined.says != Says::kAbsent) {
    const Counts counts = CountsOf(joined, presences);
    return counts.least <= said && said <= counts.most;
  }
  if (said == 0) {
    return std::any_of(presences.begin(), presences.end(),
                       [](const ShownPresence& presence) { return presence.something; });
  }
  return said == 1 && std::all_of(presences.begin(), presences.end(),
                                  [](const ShownPresence& presence) { return presence.nothing; });
}

// Of a deletion: all or none say which.
bool CountsSome(const Joined& joined) {
  const int64_t said = joined.reply.integer;
  return joined.says == Says::kDeleted && said != 0 &&
         said != static_cast<int64_t>(joined.keys.size());
}

// Which keys a deletion of some of them has found; nothing where it names one twice.
void Decide(const JoinedAccess& access, const Presences& presences,
            std::vector<DecidedDeletion>& decided) {
  const Joined& joined = access.joined;
  const Counts counts = CountsOf(joined, presences);
  const int64_t said = joined.reply.integer;
  for (size_t i = 0; i < presences.size(); ++i) {
    if (WasNamedBefore(joined.keys, i)) return;
  }
  for (size_t i = 0; i < presences.size(); ++i) {
    const bool there = !presences[i].nothing || (presences[i].something && said == counts.most);
    const bool missing = !presences[i].something || (presences[i].nothing && said == counts.least);
    if (there == missing) continue;
    decided.push_back({access.access.operation, joined.keys[i],
                       there ? Fate::kAcknowledged : Fate::kRefused, access.access.completed});
  }
}

}  // namespace

bool IsLongestCommon(const std::vector<Bytes>& command, const Reply& reply, std::string_view a,
                     std::string_view b) {
  if (reply.kind == ReplyKind::kInteger) return reply.integer == LengthOfLongestCommon(a, b);
  if (command.size() == kFirstLcsOption) {
    // The length last, which costs most.
    return reply.kind == ReplyKind::kBulk && IsWithin(reply.text, a) && IsWithin(reply.text, b) &&
           static_cast<int64_t>(reply.text.size()) == LengthOfLongestCommon(a, b);
  }
  if (reply.elements.size() != 4) return false;
  const int64_t length = reply.elements[3].integer;
  return LengthOfMatches(reply.elements[1], a, b) == length &&
         length == LengthOfLongestCommon(a, b);
}

JoinedReads::JoinedReads(std::span<const JoinedAccess> joined, const Promises& promises)
    : joined_(joined), promises_(promises), shown_(joined.size()), presence_(joined.size()) {
  for (size_t i = 0; i < joined_.size(); ++i) {
    const Joined& one = joined_[i].joined;
    const bool reads_values = one.says == Says::kCommon;
    if (reads_values) {
      shown_[i].resize(one.keys.size());
    } else {
      presence_[i].resize(one.keys.size());
    }
    for (size_t j = 0; j < one.keys.size(); ++j) {
      Readers& readers = readers_[one.keys[j]];
      (reads_values ? readers.of_value : readers.of_presence).push_back({i, j});
      readers.undecided = readers.undecided || CountsSome(one);
    }
  }
}

bool JoinedReads::IsUndecided(std::string_view key) const {
  const auto readers = readers_.find(key);
  return readers != readers_.end() && readers->second.undecided;
}

std::vector<const Access*> JoinedReads::AccessesOf(const std::vector<Place>& places) const {
  std::vector<const Access*> accesses;
  accesses.reserve(places.size());
  for (const Place& place : places) accesses.push_back(&joined_[place.joined].access);
  return accesses;
}

void JoinedReads::Take(const Register& entry) {
  const auto readers = readers_.find(entry.key);
  if (readers == readers_.end() || entry.field.has_value()) return;
  const std::vector<Place>& of_value = readers->second.of_value;
  if (!of_value.empty()) {
    std::vector<ShownValues> shown = ValuesShown(entry, promises_, AccessesOf(of_value));
    for (size_t i = 0; i < shown.size(); ++i) {
      shown_[of_value[i].joined][of_value[i].key] = std::move(shown[i]);
    }
  }
  const std::vector<Place>& of_presence = readers->second.of_presence;
  if (of_presence.empty()) return;
  const std::vector<ShownPresence> shown = PresenceShown(entry, promises_, AccessesOf(of_presence));
  for (size_t i = 0; i < shown.size(); ++i) {
    presence_[of_presence[i].joined][of_presence[i].key] = shown[i];
  }
}

std::vector<DecidedDeletion> JoinedReads::DecidedDeletions() const {
  std::vector<DecidedDeletion> decided;
  for (size_t i = 0; i < joined_.size(); ++i) {
    const Joined& joined = joined_[i].joined;
    if (!CountsSome(joined) || !Fits(joined, presence_[i])) continue;
    Decide(joined_[i], presence_[i], decided);
  }
  return decided;
}

std::optional<Failure> JoinedReads::Check() const {
  for (size_t i = 0; i < joined_.size(); ++i) {
    const JoinedAccess& access = joined_[i];
    if (access.joined.says != Says::kCommon) {
      if (!Fits(access.joined, presence_[i])) return Fail(access, presence_[i]);
      continue;
    }
    Shows shown;
    for (const ShownValues& values : shown_[i]) {
      if (values) shown.push_back(&*values);
    }
    if (shown.size() < shown_[i].size()) continue;  // of some nothing is known
    if (!Explains(access, *shown[0], *shown[1])) return Fail(access, shown);
  }
  return std::nullopt;
}

}  // namespace quorate::sim
