// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/bit_operations.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/status.h"
#include "sim/oracle/evidence.h"
#include "sim/oracle/limits.h"
#include "sim/oracle/pipeline_order.h"

namespace quorate::sim {
namespace {

constexpr std::string_view kOracle = "bit_operations";

std::string_view Text(const std::optional<Bytes>& value) {
  return value.has_value() ? std::string_view(*value) : std::string_view();
}

enum class Bits : uint8_t { kAnd, kOr, kXor, kNot };

// Of a command that was answered, or may be.
Bits ParseOperation(std::string_view word) {
  const auto is = [word](std::string_view lower) {
    return std::equal(word.begin(), word.end(), lower.begin(), lower.end(),
                      [](char a, char b) { return (a | 0x20) == b; });
  };
  if (is("and")) return Bits::kAnd;
  if (is("or")) return Bits::kOr;
  return is("not") ? Bits::kNot : Bits::kXor;
}

// Looks for one value of each source that together make the result, byte by byte as if zeros
// followed the shorter ones. Of each source is known what it may have shown.
class Search {
 public:
  Search(std::string_view operation, const std::vector<ShownValues>& sources,
         std::string_view result)
      : operation_(ParseOperation(operation)), result_(result) {
    for (const ShownValues& source : sources) {
      if (!source.has_value()) continue;
      std::vector<std::string_view>& candidates = candidates_.emplace_back();
      for (const std::optional<Bytes>& value : *source) {
        if (MayTakePart(Text(value))) candidates.push_back(Text(value));
      }
    }
  }

  [[nodiscard]] bool Finds() { return FindsFrom(0, Bytes(), false); }

 private:
  [[nodiscard]] bool MayTakePart(std::string_view value) const {
    if (value.size() > result_.size()) return false;
    for (size_t i = 0; i < result_.size(); ++i) {
      const char byte = i < value.size() ? value[i] : '\0';
      if (operation_ == Bits::kAnd && (result_[i] & ~byte) != 0) return false;
      if (operation_ == Bits::kOr && (byte & ~result_[i]) != 0) return false;
    }
    return true;
  }

  [[nodiscard]] Bytes With(const Bytes& made, std::string_view value, bool first) const {
    Bytes combined(result_.size(), '\0');
    for (size_t i = 0; i < combined.size(); ++i) {
      const char byte = i < value.size() ? value[i] : '\0';
      if (first) {
        combined[i] = operation_ == Bits::kNot ? static_cast<char>(~byte) : byte;
      } else if (operation_ == Bits::kAnd) {
        combined[i] = static_cast<char>(made[i] & byte);
      } else if (operation_ == Bits::kOr) {
        combined[i] = static_cast<char>(made[i] | byte);
      } else {
        combined[i] = static_cast<char>(made[i] ^ byte);
      }
    }
    return combined;
  }

  // `long_enough`: one of the values before is as long as the result.
  [[nodiscard]] bool FindsFrom(size_t source, const Bytes& made, bool long_enough) {
    if (source == candidates_.size()) return long_enough && made == result_;
    for (const std::string_view value : candidates_[source]) {
      if (++tried_ > kCombinationsMax) return true;
      const bool is_long = long_enough || value.size() == result_.size();
      if (FindsFrom(source + 1, With(made, value, source == 0), is_long)) return true;
    }
    return false;
  }

  const Bits operation_;
  const std::string_view result_;
  std::vector<std::vector<std::string_view>> candidates_;
  size_t tried_ = 0;
};

bool AllKnown(const std::vector<ShownValues>& sources) {
  return std::all_of(sources.begin(), sources.end(),
                     [](const ShownValues& values) { return values.has_value(); });
}

// The longest source has this length, and none is longer.
bool HasLength(const std::vector<ShownValues>& sources, size_t length) {
  if (!AllKnown(sources)) return true;
  const auto any = [](const ShownValues& values, const std::function<bool(size_t)>& fits) {
    return std::any_of(values->begin(), values->end(),
                       [&](const std::optional<Bytes>& value) { return fits(Text(value).size()); });
  };
  const auto reaches = [&](const ShownValues& values) {
    return any(values, [length](size_t size) { return size == length; });
  };
  const auto stays = [&](const ShownValues& values) {
    return any(values, [length](size_t size) { return size <= length; });
  };
  return std::any_of(sources.begin(), sources.end(), reaches) &&
         std::all_of(sources.begin(), sources.end(), stays);
}

// The value that stands for whatever one has made.
Bytes StandInOf(const CombinedAccess& made) {
  return Format("what operation %u made", made.access.operation);
}

// Of one target.
class Judge {
 public:
  Judge(const Register& plain, const Promises& promises) : plain_(plain), promises_(promises) {
    for (const Access& access : plain.accesses) {
      const bool reads = access.act == Act::kRead && access.fate == Fate::kAcknowledged;
      if (reads) readers_.push_back(access);
      if (access.act != Act::kRead) writes_.push_back(access);
    }
  }

  void Add(const CombinedAccess& made, const std::vector<ShownValues>& sources);
  [[nodiscard]] std::optional<Failure> Check();

 private:
  struct Made {
    const CombinedAccess* access = nullptr;
    const std::vector<ShownValues>* sources = nullptr;
  };

  void MakeRegister(const std::vector<std::optional<Bytes>>& recognized);
  [[nodiscard]] bool Left(const Access* writer, const Access& reader) const;
  [[nodiscard]] const Access* Against(const Access& reader, const Access* writer) const {
    QUORATE_CHECK(evidence_.has_value());
    const std::optional<Bytes> value = writer == nullptr ? std::nullopt : writer->value;
    return evidence_->Against(reader, writer, value);
  }
  [[nodiscard]] std::vector<const Access*> Writers(const Access& reader) const;
  [[nodiscard]] std::optional<Bytes> Recognize(const Access& reader) const;
  [[nodiscard]] std::optional<Failure> CheckReader(const Access& reader) const;

  const Register& plain_;
  const Promises& promises_;
  std::vector<Access> readers_;
  std::vector<Access> writes_;      // with stand-ins
  std::map<uint64_t, Made> makes_;  // by operation
  Register entry_;
  std::optional<Evidence> evidence_;
};

void Judge::Add(const CombinedAccess& made, const std::vector<ShownValues>& sources) {
  const Fate fate = made.access.fate;
  if (fate == Fate::kRefused) return;
  makes_[made.access.operation] = {&made, &sources};
  Access write = made.access;
  write.act = Act::kWrite;
  write.value = StandInOf(made);
  if (fate == Fate::kUnknown || made.combination.length > 0) writes_.push_back(std::move(write));
  if (fate == Fate::kUnknown || made.combination.length == 0) {
    writes_.push_back(DeletionBehindRead(made.access, promises_));
  }
}

// With those reads of which it is known what they show.
void Judge::MakeRegister(const std::vector<std::optional<Bytes>>& recognized) {
  evidence_.reset();
  entry_ = {plain_.key, std::nullopt, writes_, plain_.crashes};
  for (size_t i = 0; i < readers_.size(); ++i) {
    if (readers_[i].value.has_value() && !recognized[i].has_value()) continue;
    entry_.accesses.push_back(readers_[i]);
    entry_.accesses.back().value = recognized[i];
  }
  std::stable_sort(entry_.accesses.begin(), entry_.accesses.end(),
                   [](const Access& a, const Access& b) { return a.operation < b.operation; });
  evidence_.emplace(entry_, promises_);
}

// Whether it may have left there what the reader saw, whenever that was; null: nobody did.
bool Judge::Left(const Access* writer, const Access& reader) const {
  if (writer == nullptr) return !reader.value.has_value();
  const auto made = makes_.find(writer->operation);
  if (made == makes_.end()) return writer->value == reader.value;
  if (writer->value.has_value() != reader.value.has_value()) return false;
  const CombinedAccess& access = *made->second.access;
  const bool said = access.access.fate == Fate::kAcknowledged;
  const auto length = static_cast<int64_t>(Text(reader.value).size());
  if (said && access.combination.length != length) return false;
  return Makes(access.combination.operation, *made->second.sources, reader.value);
}

// All who may have left what the reader saw, as far as the values go.
std::vector<const Access*> Judge::Writers(const Access& reader) const {
  std::vector<const Access*> writers;
  if (Left(nullptr, reader)) writers.push_back(nullptr);
  for (const Access& access : entry_.accesses) {
    if (access.act == Act::kRead || access.fate == Fate::kRefused) continue;
    if (access.invoked > reader.completed || !Left(&access, reader)) continue;
    writers.push_back(&access);
  }
  return writers;
}

// The value that stands in the register for what it saw, where only one can have left that.
std::optional<Bytes> Judge::Recognize(const Access& reader) const {
  std::vector<const Access*> writers = Writers(reader);
  std::erase_if(writers, [&](const Access* writer) { return Against(reader, writer) != nullptr; });
  if (writers.size() != 1 || writers.front() == nullptr) return std::nullopt;
  return writers.front()->value;
}

std::optional<Failure> Judge::CheckReader(const Access& reader) const {
  const Access* against = nullptr;
  for (const Access* const writer : Writers(reader)) {
    against = Against(reader, writer);
    if (against == nullptr) return std::nullopt;
  }
  const bool swept = reader.phase == Phase::kSweep;
  if (against != nullptr) {
    return Failure{
        swept ? FailureKind::kLostWrite : FailureKind::kStaleRead, std::string(kOracle),
        Format("in %s, a read shows %s or something newer", NameOf(plain_), Describe(*against)),
        Describe(reader), reader.completed};
  }
  return Failure{FailureKind::kWrongReply, std::string(kOracle),
                 Format("%s shows what was written to it, or what was made of what the sources of "
                        "a BITOP may have shown",
                        NameOf(plain_)),
                 Describe(reader), reader.completed};
}

std::optional<Failure> Judge::Check() {
  std::vector<std::optional<Bytes>> recognized(readers_.size());
  MakeRegister(recognized);
  for (size_t i = 0; i < readers_.size(); ++i) recognized[i] = Recognize(readers_[i]);
  MakeRegister(recognized);
  for (const Access& reader : readers_) {
    if (std::optional<Failure> failure = CheckReader(reader)) return failure;
  }
  return CheckPipelineOrder(entry_, promises_);
}

Failure WrongLength(const CombinedAccess& access, const std::vector<ShownValues>& sources) {
  std::string promised = "the length of what it makes of";
  for (size_t i = 0; i < sources.size(); ++i) {
    promised += Format("%s %s of", i == 0 ? "" : ";", Shown(access.combination.from[i]));
    const ShownValues& values = sources[i];
    if (!values.has_value()) continue;
    for (const std::optional<Bytes>& value : *values) {
      promised += Format(" %u", Text(value).size());
    }
  }
  return {
      FailureKind::kWrongReply, std::string(kOracle), promised + " bytes",
      Format("operation %u was answered %d", access.access.operation, access.combination.length),
      access.access.completed};
}

}  // namespace

bool Makes(std::string_view operation, const std::vector<ShownValues>& sources,
           const std::optional<Bytes>& result) {
  if (!AllKnown(sources)) return true;
  if (!result.has_value()) return HasLength(sources, 0);
  return Search(operation, sources, *result).Finds();
}

BitOperations::BitOperations(std::span<const CombinedAccess> combined, const Promises& promises)
    : combined_(combined), promises_(promises), shown_(combined.size()) {
  for (size_t i = 0; i < combined_.size(); ++i) {
    const std::vector<Bytes>& sources = combined_[i].combination.from;
    shown_[i].resize(sources.size());
    for (size_t j = 0; j < sources.size(); ++j) sources_[sources[j]].push_back({i, j});
  }
}

void BitOperations::Take(const Register& entry) {
  const auto places = sources_.find(entry.key);
  if (places == sources_.end() || entry.field.has_value()) return;
  std::vector<const Access*> reads;
  for (const Place& place : places->second) reads.push_back(&combined_[place.combined].access);
  std::vector<ShownValues> shown = ValuesShown(entry, promises_, reads);
  for (size_t i = 0; i < shown.size(); ++i) {
    const Place& place = places->second[i];
    shown_[place.combined][place.source] = std::move(shown[i]);
  }
}

std::optional<Failure> BitOperations::Check(const std::vector<Register>& targets) const {
  for (size_t i = 0; i < combined_.size(); ++i) {
    const CombinedAccess& access = combined_[i];
    if (access.access.fate != Fate::kAcknowledged) continue;
    if (!HasLength(shown_[i], static_cast<size_t>(access.combination.length))) {
      return WrongLength(access, shown_[i]);
    }
  }
  for (const Register& target : targets) {
    if (HoldsIncrements(target)) continue;
    Judge judge(target, promises_);
    for (size_t i = 0; i < combined_.size(); ++i) {
      if (combined_[i].combination.to == target.key) judge.Add(combined_[i], shown_[i]);
    }
    if (std::optional<Failure> failure = judge.Check()) return failure;
  }
  return std::nullopt;
}

}  // namespace quorate::sim
