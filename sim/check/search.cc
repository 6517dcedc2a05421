// SPDX-License-Identifier: Apache-2.0
#include "sim/check/search.h"

#include <algorithm>
#include <array>
#include <bit>
#include <map>
#include <tuple>

#include "engine/base/check.h"
#include "sim/check/limits.h"

namespace quorate::sim::check {
namespace {

constexpr uint32_t kNone = UINT32_MAX;
constexpr size_t kWordBits = 64;

bool Replaces(Action action) { return action == Action::kWrite || action == Action::kCas; }

// A compare-and-set to the same value is a read.
std::vector<Entry> WithoutIdle(const std::vector<Entry>& entries) {
  std::vector<Entry> result;
  result.reserve(entries.size());
  for (Entry entry : entries) {
    if (entry.action == Action::kCas && entry.expected == entry.value) entry.action = Action::kRead;
    if (!entry.optional || Changes(entry.action)) result.push_back(entry);
  }
  return result;
}

}  // namespace

Search::Search(const Problem& problem, ValueTable& values, uint64_t steps_max)
    : entries_(WithoutIdle(problem.entries)),
      starts_(problem.starts),
      values_(values),
      steps_max_(steps_max),
      values_bytes_(values.bytes()) {
  MakeEvents();
  GiveSlots();
  for (const Entry& entry : entries_) appends_ |= entry.action == Action::kAppend;
  if (appends_) LookAhead();
  bits_.assign(words_, 0);
  occupied_.assign(words_, 0);
  open_.assign(words_ * kWordBits, kNone);
}

void Search::MakeEvents() {
  events_.reserve(entries_.size() * 2);
  for (uint32_t i = 0; i < entries_.size(); ++i) {
    events_.push_back({entries_[i].called, i, false});
    if (entries_[i].returned != kNever) events_.push_back({entries_[i].returned, i, true});
  }
  std::sort(events_.begin(), events_.end(), [](const Event& a, const Event& b) {
    return std::tie(a.place, a.entry) < std::tie(b.place, b.entry);
  });
}

// A required entry has a bit from its call to its return, an optional one keeps its own.
void Search::GiveSlots() {
  bit_of_.assign(entries_.size(), 0);
  twin_of_.assign(entries_.size(), kNone);
  return_of_.assign(entries_.size(), kNone);
  std::vector<uint32_t> free;
  std::map<std::tuple<Action, ValueId, ValueId>, uint32_t> last;
  uint32_t required = 0;
  uint32_t optional = 0;
  for (uint32_t at = 0; at < events_.size(); ++at) {
    const uint32_t entry = events_[at].entry;
    if (events_[at].returns) {
      return_of_[entry] = at;
      if (!entries_[entry].optional) free.push_back(bit_of_[entry]);
    } else if (entries_[entry].optional) {
      bit_of_[entry] = optional++;
      const Entry& it = entries_[entry];
      if (it.returned != kNever) continue;
      const auto [twin, fresh] = last.try_emplace({it.action, it.value, it.expected}, entry);
      if (!fresh) twin_of_[entry] = twin->second;
      twin->second = entry;
    } else if (free.empty()) {
      bit_of_[entry] = required++;
    } else {
      bit_of_[entry] = free.back();
      free.pop_back();
    }
  }
  required_words_ = (required + kWordBits - 1) / kWordBits;
  words_ = required_words_ + (optional + kWordBits - 1) / kWordBits;
  for (uint32_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].optional) bit_of_[i] += static_cast<uint32_t>(required_words_ * kWordBits);
  }
}

void Search::LookAhead() {
  replacing_before_.assign(events_.size() + 1, 0);
  next_read_.assign(events_.size() + 1, kNone);
  for (size_t at = 0; at < events_.size(); ++at) {
    const Event& event = events_[at];
    const bool replacing = !event.returns && Replaces(entries_[event.entry].action);
    replacing_before_[at + 1] = replacing_before_[at] + (replacing ? 1 : 0);
  }
  for (size_t at = events_.size(); at-- > 0;) {
    const Event& event = events_[at];
    const bool read = !event.returns && entries_[event.entry].action == Action::kRead;
    next_read_[at] = read ? event.entry : next_read_[at + 1];
  }
}

template <typename Visit>
void Search::ForEachOpen(Visit&& visit) const {
  for (size_t word = 0; word < words_; ++word) {
    uint64_t left = occupied_[word] & ~bits_[word];
    for (; left != 0; left &= left - 1) {
      const size_t bit = word * kWordBits + static_cast<size_t>(std::countr_zero(left));
      if (!visit(bit, entries_[open_[bit]])) return;
    }
  }
}

std::optional<ValueId> Search::After(ValueId state, const Entry& entry) {
  switch (entry.action) {
    case Action::kWrite:
      return entry.value;
    case Action::kCas:
      if (state != entry.expected) return std::nullopt;
      return entry.value;
    case Action::kAppend:
      // What nobody names stays so: the starts hold all that a read can be made of.
      if (state == kOtherValue) return kOtherValue;
      joined_ = values_.text(state);
      joined_ += values_.text(entry.value);
      return values_.Intern(joined_);
    case Action::kRead:
    case Action::kCasMiss:
      break;
  }
  return std::nullopt;
}

bool Search::Agrees(ValueId state, const Entry& entry) const {
  if (entry.action == Action::kRead) return state == entry.value;
  return entry.action == Action::kCasMiss && state != entry.expected;
}

bool Search::BeginsWith(const Entry& read) const {
  return state_ != kOtherValue && values_.text(read.value).starts_with(values_.text(state_));
}

bool Search::Hopeless() const {
  bool replaced = false;
  bool hopeless = false;
  const uint32_t before = replacing_before_[position_];
  const auto cannot = [&](const Entry& read, size_t entry) {
    return replacing_before_[return_of_[entry]] == before && !BeginsWith(read);
  };
  ForEachOpen([&](size_t bit, const Entry& entry) {
    replaced |= Replaces(entry.action);
    if (entry.action == Action::kRead) hopeless |= cannot(entry, open_[bit]);
    return !replaced;
  });
  if (replaced) return false;
  const uint32_t next = next_read_[position_];
  return hopeless || (next != kNone && cannot(entries_[next], next));
}

void Search::StepForward() {
  const Event& event = events_[position_++];
  const size_t bit = bit_of_[event.entry];
  if (event.returns) {
    occupied_[bit / kWordBits] &= ~(uint64_t{1} << (bit % kWordBits));
  } else {
    occupied_[bit / kWordBits] |= uint64_t{1} << (bit % kWordBits);
    open_[bit] = event.entry;
  }
}

void Search::StepBack() {
  const Event& event = events_[--position_];
  const size_t bit = bit_of_[event.entry];
  if (event.returns) {
    occupied_[bit / kWordBits] |= uint64_t{1} << (bit % kWordBits);
    open_[bit] = event.entry;
  } else {
    occupied_[bit / kWordBits] &= ~(uint64_t{1} << (bit % kWordBits));
  }
}

// Going back costs no more than it took to come here.
void Search::MoveTo(uint32_t position) {
  while (position_ < position) StepForward();
  while (position_ > position) StepBack();
}

void Search::LetReadsPass() {
  ForEachOpen([&](size_t bit, const Entry& entry) {
    if (Agrees(state_, entry)) Set(bit);
    return true;
  });
}

bool Search::Advance() {
  while (position_ < events_.size()) {
    const Event& event = events_[position_];
    const size_t bit = bit_of_[event.entry];
    if (event.returns) {
      if (!Is(bit)) return true;
      Clear(bit);
    } else if (Agrees(state_, entries_[event.entry])) {
      Set(bit);
    }
    StepForward();
    ++steps_;
  }
  return false;
}

void Search::Push(uint32_t position, ValueId state, std::span<const uint64_t> bits) {
  stack_.push_back(uint64_t{position} << 32 | state);
  stack_.insert(stack_.end(), bits.begin(), bits.end());
}

void Search::Try(size_t bit, ValueId next) {
  Set(bit);
  Push(position_, next, bits_);
  Clear(bit);
}

// What is pushed last is tried first: the entry whose return this is, or what it waits for; then
// those that must happen, then those that need not.
void Search::Branch() {
  const uint32_t due = events_[position_].entry;
  constexpr int kRounds = 3;
  for (int round = 0; round < kRounds; ++round) {
    ForEachOpen([&](size_t bit, const Entry& entry) {
      if (!Changes(entry.action)) return true;
      const std::optional<ValueId> next = After(state_, entry);
      if (!next.has_value()) return true;
      const uint32_t index = open_[bit];
      const bool wanted = index == due || Agrees(*next, entries_[due]);
      const int mine = wanted ? 2 : entry.optional ? 0 : 1;
      if (mine != round) return true;
      if (entry.optional) {
        const uint32_t twin = twin_of_[index];
        if (*next == state_ || (twin != kNone && !Is(bit_of_[twin]))) return true;
      }
      Try(bit, *next);
      return true;
    });
  }
  // The last chance of one that need not happen: first, it does not.
  if (entries_[due].optional) Push(position_ + 1, state_, bits_);
}

Verdict Search::Run() {
  Visited visited(1 + required_words_, words_ - required_words_);
  for (size_t i = starts_.size(); i-- > 0;) Push(0, starts_[i], bits_);
  const size_t width = 1 + words_;
  while (!stack_.empty()) {
    const size_t top = stack_.size() - width;
    MoveTo(static_cast<uint32_t>(stack_[top] >> 32));
    state_ = static_cast<ValueId>(stack_[top]);
    std::copy(stack_.begin() + static_cast<std::ptrdiff_t>(top + 1), stack_.end(), bits_.begin());
    stack_.resize(top);
    ++steps_;
    LetReadsPass();
    if (!Advance()) return Verdict::kLinearizable;
    if (appends_ && Hopeless()) continue;
    found_.assign(1, uint64_t{position_} << 32 | state_);
    found_.insert(found_.end(), bits_.begin(), bits_.end());
    if (visited.Add(found_, steps_)) Branch();
    const size_t bytes =
        visited.bytes() + stack_.size() * sizeof(uint64_t) + values_.bytes() - values_bytes_;
    if (steps_ > steps_max_ || bytes > kSearchBytesMax) return Verdict::kUnknown;
  }
  return Verdict::kNotLinearizable;
}

}  // namespace quorate::sim::check
