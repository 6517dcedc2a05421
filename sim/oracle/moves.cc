// SPDX-License-Identifier: Apache-2.0
#include "sim/oracle/moves.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/status.h"
#include "sim/oracle/evidence.h"
#include "sim/oracle/pipeline_order.h"

namespace quorate::sim {
namespace {

constexpr std::string_view kOracle = "moves";
constexpr size_t kNoTransfer = SIZE_MAX;
// Values that reads show, and moves that they prove, are evidence for the next round.
constexpr int kRounds = 3;

// Somebody who finds out what a key holds: a GET, or a transfer that takes it away.
struct Reader {
  size_t key = 0;
  Access access;
  bool found = false;             // nothing, or something
  size_t transfer = kNoTransfer;  // of one: which
};

// Who may have left what a reader found; null: nobody did, it is the empty beginning.
struct Writer {
  const Access* access = nullptr;
  size_t transfer = kNoTransfer;  // of what was moved here
};

// The value that stands for whatever a transfer has written.
Bytes StandInOf(const TransferAccess& made) {
  return Format("what operation %u moved here", made.access.operation);
}

bool IsSame(const TransferAccess& made) { return made.transfer.from == made.transfer.to; }

class Judge {
 public:
  Judge(const MovedKeys& moved, const Promises& promises) : promises_(promises) {
    for (const Register& entry : moved.registers) {
      numbers_.emplace(entry.key, keys_.size());
      keys_.push_back({entry, {}});
    }
    transfers_ = moved.transfers;
    proofs_.resize(transfers_.size());
    for (size_t i = 0; i < transfers_.size(); ++i) numbers_of_[transfers_[i].access.operation] = i;
    CollectReaders();
  }

  std::optional<Failure> Check() {
    for (int round = 0; round < kRounds; ++round) {
      MakeRegisters();
      FindWriters();
      Carry();
      if (round + 1 < kRounds) Learn();
    }
    for (size_t i = 0; i < readers_.size(); ++i) {
      if (std::optional<Failure> failure = CheckReader(i)) return failure;
    }
    for (const Key& key : keys_) {
      if (std::optional<Failure> failure = CheckPipelineOrder(key.entry, promises_)) return failure;
    }
    return std::nullopt;
  }

 private:
  struct Key {
    Register plain;  // what was done to it besides transfers
    Register entry;  // as far as it is known
  };

  void CollectReaders();
  void MakeRegisters();
  void AddTransfer(size_t number);
  void FindWriters();
  void Carry();
  void CarryFrom(const Access& set, const Bytes& value, size_t key);
  void Learn();
  [[nodiscard]] std::vector<Writer> AllWriters(const Reader& reader) const;
  [[nodiscard]] bool Wrote(const Writer& writer, const Reader& reader) const;
  [[nodiscard]] const Access* Against(const Reader& reader, const Writer& writer) const;
  [[nodiscard]] std::optional<Failure> CheckReader(size_t number) const;
  // Since when a transfer may have left `value`; kNever where it cannot have.
  [[nodiscard]] EventId Carried(size_t transfer, const Bytes& value) const {
    const auto at = carried_[transfer].find(value);
    return at == carried_[transfer].end() ? kNever : at->second;
  }

  const Promises& promises_;
  std::map<Bytes, size_t> numbers_;
  std::vector<Key> keys_;
  std::vector<Evidence> evidence_;  // by key
  std::vector<TransferAccess> transfers_;
  std::map<uint64_t, size_t> numbers_of_;  // of transfers, by operation
  // By transfer whose outcome is not known: who has shown that it has written.
  std::vector<std::optional<Access>> proofs_;
  std::vector<Reader> readers_;
  std::vector<std::vector<Writer>> writers_;      // by reader: those that nothing speaks against
  std::vector<std::optional<Bytes>> recognized_;  // by reader: what stands in the register for it
  // By transfer: the values that it may have moved, and since when they may be there.
  std::vector<std::map<Bytes, EventId>> carried_;
};

void Judge::CollectReaders() {
  for (size_t key = 0; key < keys_.size(); ++key) {
    for (const Access& access : keys_[key].plain.accesses) {
      if (access.act != Act::kRead || access.fate != Fate::kAcknowledged) continue;
      readers_.push_back({key, access, access.value.has_value(), kNoTransfer});
    }
  }
  for (size_t i = 0; i < transfers_.size(); ++i) {
    const TransferAccess& made = transfers_[i];
    const bool refused = made.access.fate == Fate::kRefused;
    if (refused && !made.transfer.found_nothing) continue;
    Reader reader{numbers_.at(made.transfer.from), made.access, !refused, i};
    reader.access.act = Act::kRead;
    reader.access.fate = refused ? Fate::kAcknowledged : made.access.fate;
    readers_.push_back(std::move(reader));
  }
  recognized_.resize(readers_.size());
}

// What a transfer did, in the registers of its keys.
void Judge::AddTransfer(size_t number) {
  const TransferAccess& made = transfers_[number];
  if (made.access.fate == Fate::kRefused || IsSame(made)) return;
  Access write = made.access;
  write.act = Act::kWrite;
  write.value = StandInOf(made);
  if (const std::optional<Access>& proof = proofs_[number]; proof.has_value()) {
    write.fate = Fate::kAcknowledged;
    write.completed = proof->completed;
    write.decided = write.completed;
    write.completed_at = proof->completed_at;
  }
  keys_[numbers_.at(made.transfer.to)].entry.accesses.push_back(std::move(write));
  if (!made.transfer.removes) return;
  keys_[numbers_.at(made.transfer.from)].entry.accesses.push_back(
      DeletionBehindRead(made.access, promises_));
}

void Judge::MakeRegisters() {
  evidence_.clear();
  for (Key& key : keys_) {
    key.entry = {key.plain.key, std::nullopt, {}, key.plain.crashes};
    for (const Access& access : key.plain.accesses) {
      if (access.act != Act::kRead) key.entry.accesses.push_back(access);
    }
  }
  for (size_t i = 0; i < transfers_.size(); ++i) AddTransfer(i);
  for (size_t i = 0; i < readers_.size(); ++i) {
    const Reader& reader = readers_[i];
    if (reader.access.fate != Fate::kAcknowledged || (reader.found && !recognized_[i])) continue;
    // What a transfer found was found before it ended, and its own writes came after that.
    if (reader.transfer != kNoTransfer && reader.found) continue;
    Access read = reader.access;
    read.value = recognized_[i];
    keys_[reader.key].entry.accesses.push_back(std::move(read));
  }
  for (Key& key : keys_) {
    std::stable_sort(key.entry.accesses.begin(), key.entry.accesses.end(),
                     [](const Access& a, const Access& b) { return a.operation < b.operation; });
    evidence_.emplace_back(key.entry, promises_);
  }
}

const Access* Judge::Against(const Reader& reader, const Writer& writer) const {
  const std::optional<Bytes> value = writer.access == nullptr ? std::nullopt : writer.access->value;
  return evidence_[reader.key].Against(reader.access, writer.access, value);
}

std::vector<Writer> Judge::AllWriters(const Reader& reader) const {
  std::vector<Writer> writers;
  if (!reader.found) writers.push_back({});
  for (const Access& access : keys_[reader.key].entry.accesses) {
    const bool writes = access.act == (reader.found ? Act::kWrite : Act::kDelete);
    if (!writes || access.fate == Fate::kRefused || access.operation == reader.access.operation) {
      continue;
    }
    if (access.invoked > reader.access.completed) continue;
    const auto transfer = numbers_of_.find(access.operation);
    writers.push_back({&access, transfer == numbers_of_.end() ? kNoTransfer : transfer->second});
  }
  return writers;
}

void Judge::FindWriters() {
  writers_.assign(readers_.size(), {});
  for (size_t i = 0; i < readers_.size(); ++i) {
    for (const Writer& writer : AllWriters(readers_[i])) {
      if (Against(readers_[i], writer) == nullptr) writers_[i].push_back(writer);
    }
  }
}

// From the SET of a value along the transfers that may have found it.
void Judge::CarryFrom(const Access& set, const Bytes& value, size_t key) {
  for (bool grows = true; grows;) {
    grows = false;
    for (size_t i = 0; i < readers_.size(); ++i) {
      const Reader& reader = readers_[i];
      if (reader.transfer == kNoTransfer || !reader.found) continue;
      EventId since = kNever;
      for (const Writer& writer : writers_[i]) {
        if (writer.transfer != kNoTransfer) {
          since = std::min(since, Carried(writer.transfer, value));
        } else if (reader.key == key && writer.access->operation == set.operation) {
          since = std::min(since, set.invoked);
        }
      }
      if (since == kNever || since > reader.access.completed) continue;
      const EventId at = std::max(since, reader.access.invoked);
      const auto [entry, fresh] = carried_[reader.transfer].emplace(value, at);
      grows |= fresh || at < entry->second;
      entry->second = std::min(entry->second, at);
    }
  }
}

void Judge::Carry() {
  carried_.assign(transfers_.size(), {});
  for (size_t key = 0; key < keys_.size(); ++key) {
    for (const Access& access : keys_[key].plain.accesses) {
      if (access.act != Act::kWrite || access.fate == Fate::kRefused) continue;
      if (access.value.has_value()) CarryFrom(access, *access.value, key);
    }
  }
}

// Whether it may have left there what a GET has shown, or what a transfer has found.
bool Judge::Wrote(const Writer& writer, const Reader& reader) const {
  if (!reader.found) return true;
  if (reader.transfer == kNoTransfer && writer.transfer == kNoTransfer) {
    return writer.access->value == reader.access.value;
  }
  if (writer.transfer == kNoTransfer) return true;
  if (reader.transfer != kNoTransfer) return !carried_[writer.transfer].empty();
  const std::optional<Bytes>& shown = reader.access.value;
  const EventId since = shown.has_value() ? Carried(writer.transfer, *shown) : kNever;
  return since != kNever && since <= reader.access.completed;
}

// A value that only one can have left stands for what that one wrote; and where only one whose
// outcome is not known can have emptied a key, it has written the other one before.
void Judge::Learn() {
  for (size_t i = 0; i < readers_.size(); ++i) {
    const Reader& reader = readers_[i];
    std::vector<Writer> possible = writers_[i];
    std::erase_if(possible, [&](const Writer& writer) { return !Wrote(writer, reader); });
    if (possible.size() != 1 || reader.access.fate != Fate::kAcknowledged) continue;
    const Writer& writer = possible.front();
    if (reader.found) {
      recognized_[i] = writer.access->value;
    } else if (writer.transfer != kNoTransfer && writer.access->fate == Fate::kUnknown &&
               !proofs_[writer.transfer]) {
      proofs_[writer.transfer] = reader.access;
    }
  }
}

std::optional<Failure> Judge::CheckReader(size_t number) const {
  const Reader& reader = readers_[number];
  if (reader.access.fate != Fate::kAcknowledged) return std::nullopt;
  for (const Writer& writer : writers_[number]) {
    if (Wrote(writer, reader)) return std::nullopt;
  }
  const std::string name = NameOf(keys_[reader.key].entry);
  const auto fail = [&](FailureKind kind, std::string promised) {
    std::string seen = Describe(reader.access);
    if (reader.transfer != kNoTransfer) {
      seen = Format("operation %u (events %u to %u) was told that there was %s",
                    reader.access.operation, reader.access.invoked.value,
                    reader.access.completed.value, reader.found ? "something" : "nothing");
    }
    return Failure{kind, std::string(kOracle), std::move(promised), std::move(seen),
                   reader.access.completed};
  };
  for (const Writer& writer : AllWriters(reader)) {
    if (!Wrote(writer, reader)) continue;
    const bool swept = reader.access.phase == Phase::kSweep;
    return fail(swept ? FailureKind::kLostWrite : FailureKind::kStaleRead,
                Format("in %s, a read shows %s or something newer", name,
                       Describe(*Against(reader, writer))));
  }
  return fail(FailureKind::kWrongReply,
              name + " shows what was written to it, or moved to it from where it was");
}

// COPY's answer to a key and itself.
constexpr std::string_view kSameKey = "ERR source and destination objects are the same";

// An error that blames the request.
std::optional<Failure> CheckErrors(const MovedKeys& moved) {
  for (const TransferAccess& made : moved.transfers) {
    const Bytes& error = made.transfer.error;
    if (!error.starts_with("ERR ") || made.transfer.found_nothing) continue;
    if (error == kSameKey && IsSame(made) && !made.transfer.removes) continue;
    return Failure{FailureKind::kWrongReply, std::string(kOracle),
                   Format("what %s holds is moved, or the client told that there is nothing",
                          Shown(made.transfer.from)),
                   Format("operation %u was told: %s", made.access.operation, error),
                   made.access.completed};
  }
  return std::nullopt;
}

}  // namespace

std::optional<Failure> CheckMoves(const MovedKeys& moved, const Promises& promises) {
  const std::vector<Register>& registers = moved.registers;
  if (!moved.known || std::any_of(registers.begin(), registers.end(), HoldsIncrements)) {
    return std::nullopt;
  }
  if (std::optional<Failure> failure = CheckErrors(moved)) return failure;
  return Judge(moved, promises).Check();
}

}  // namespace quorate::sim
