// SPDX-License-Identifier: Apache-2.0
#include "sim/fault/parse_words.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "sim/fault/limits.h"
#include "sim/fault/line_reader.h"
#include "sim/fault/phrase.h"

namespace quorate::sim {
namespace {

constexpr std::string_view kATime = "a time (250us, 12.5ms, 3s, 10min, 2h)";
constexpr std::string_view kNodeList = "nodes (0,2..4 or all)";
constexpr std::string_view kANumber = "a number";
constexpr uint64_t kIdMax = std::numeric_limits<uint64_t>::max();
constexpr uint64_t kPpm = 1'000'000;
constexpr std::array kShareUnits = {LineReader::Unit{"%", kPpm / 100}};

// Reads one fault.
class FaultReader {
 public:
  FaultReader(std::string_view line, uint32_t nodes) : reader_(line), nodes_(nodes) {}

  // Where the fault itself begins, from 1.
  [[nodiscard]] size_t column() const { return begin_ + 1; }
  [[nodiscard]] std::string Complaint() const { return reader_.Complaint(); }

  // The number, where one is given, stands in `id`.
  std::optional<Fault> Read(std::optional<uint64_t>& id) {
    uint64_t number = 0;
    begin_ = reader_.Here();
    if (reader_.Number(kIdMax, number, "the number of a fault (3:)")) {
      if (!reader_.Literal(":")) return std::nullopt;
      id = number;
      begin_ = reader_.Here();
    }
    for (const Phrase& phrase : AllPhrases()) {
      reader_.GoTo(begin_);
      fault_ = Fault();
      fault_.kind = phrase.kind;
      fault_.shape = phrase.shape;
      if (Along(phrase) && Ending(phrase)) return std::move(fault_);
    }
    return std::nullopt;
  }

 private:
  bool Along(const Phrase& phrase) {
    for (std::string_view text = phrase.text; !text.empty();) {
      const PhrasePiece piece = TakePiece(text);
      if (piece.part ? !Part(*piece.part) : !reader_.Literal(piece.word)) return false;
    }
    return true;
  }

  bool Part(PhrasePart part) {
    switch (part) {
      case PhrasePart::kNodes:
        return Nodes(fault_.nodes);
      case PhrasePart::kRest:
        return Rest();
      case PhrasePart::kBridge:
        return Bridge();
      case PhrasePart::kShare:
        return Share();
      case PhrasePart::kOne:
        return One();
      case PhrasePart::kBodies:
        return reader_.Literal("messages") || Names();
      case PhrasePart::kNames:
        return Names();
      case PhrasePart::kBlocking:
        return !reader_.Literal("blocking") || Names();
      case PhrasePart::kFlapping:
        return !reader_.Literal("flapping") || (reader_.Literal("every") && Wait());
      case PhrasePart::kWait:
        return Wait();
      case PhrasePart::kLength:
        return Time(fault_.amount);
      case PhrasePart::kOffset:
        return Offset();
      case PhrasePart::kFactor:
        return Factor();
      case PhrasePart::kDrift:
        return Drift();
    }
    return false;
  }

  bool Ending(const Phrase& phrase);
  bool Unused(const Phrase& phrase);

  bool Nodes(std::vector<uint32_t>& out);
  bool NodesFrom(uint32_t& next, std::vector<uint32_t>& out);
  bool Node(uint32_t least, uint32_t& out);
  bool Rest();
  bool Bridge();
  bool Share();
  bool One();
  bool Names();
  bool Time(Duration& out);
  bool Wait();
  bool Offset();
  bool Factor();
  bool Ppm(bool negative);
  bool Drift();

  LineReader reader_;
  const uint32_t nodes_;
  size_t begin_ = 0;
  Fault fault_;
};

bool FaultReader::Node(uint32_t least, uint32_t& out) {
  const size_t at = reader_.Here();
  uint64_t node = 0;
  if (!reader_.Number(kIdMax, node, kNodeList)) return false;
  if (node >= nodes_) return reader_.Wrong(at, Format("the nodes are 0 to %u", nodes_ - 1));
  if (node < least) return reader_.Wrong(at, "nodes rise, as in 0,2..4");
  out = static_cast<uint32_t>(node);
  return true;
}

// One node, or a range of them. `next`: the least that may come.
bool FaultReader::NodesFrom(uint32_t& next, std::vector<uint32_t>& out) {
  uint32_t first = 0;
  if (!Node(next, first)) return false;
  uint32_t last = first;
  if (reader_.Maybe("..") && !Node(first + 1, last)) return false;
  for (uint32_t node = first; node <= last; ++node) out.push_back(node);
  next = last + 1;
  return true;
}

bool FaultReader::Nodes(std::vector<uint32_t>& out) {
  if (reader_.Maybe("all")) {
    for (uint32_t node = 0; node < nodes_; ++node) out.push_back(node);
    return true;
  }
  uint32_t next = 0;
  do {
    if (!NodesFrom(next, out)) return false;
  } while (reader_.Maybe(","));
  return true;
}

// By name, or one by one.
bool FaultReader::Rest() {
  if (reader_.Literal("rest")) return true;
  const size_t at = reader_.Here();
  std::vector<uint32_t> named;
  if (!Nodes(named)) return false;
  std::vector<uint32_t> rest;
  for (uint32_t node = 0; node < nodes_; ++node) {
    if (!std::binary_search(fault_.nodes.begin(), fault_.nodes.end(), node)) rest.push_back(node);
  }
  if (named == rest) return true;
  return reader_.Wrong(at, "on the other side are all other nodes: say rest");
}

bool FaultReader::Bridge() {
  const size_t at = reader_.Here();
  uint32_t node = 0;
  if (!Node(0, node)) return false;
  if (node == fault_.nodes.front()) return true;
  return reader_.Wrong(at,
                       Format("the bridge is the first of the targets, %u", fault_.nodes.front()));
}

bool FaultReader::Share() {
  const size_t at = reader_.Here();
  uint64_t ppm = 0;
  if (!reader_.Quantity(kShareUnits, ppm, "a share (2.5 %)")) return false;
  if (ppm > kPpm) return reader_.Wrong(at, "a share is at most 100 %");
  fault_.chance_ppm = static_cast<uint32_t>(ppm);
  return true;
}

bool FaultReader::One() {
  const size_t at = reader_.Here();
  uint64_t one = 0;
  if (!reader_.Number(std::numeric_limits<uint32_t>::max(), one, kANumber)) return false;
  if (one == 0) return reader_.Wrong(at, "the first one is 1");
  fault_.only = static_cast<uint32_t>(one);
  return true;
}

bool FaultReader::Names() {
  do {
    const size_t at = reader_.Here();
    const std::string_view name = reader_.Word();
    uint32_t bit = 0;
    while (bit < kMessageBits && NameOfMessages(bit) != name) ++bit;
    if (bit == kMessageBits) {
      reader_.GoTo(at);
      return reader_.Expected("kinds of messages (Read,ReadReply)");
    }
    fault_.messages |= uint32_t{1} << bit;
  } while (reader_.Maybe(","));
  return true;
}

bool FaultReader::Time(Duration& out) {
  uint64_t us = 0;
  if (!reader_.Quantity(kTimeUnits, us, kATime)) return false;
  out = Duration(static_cast<int64_t>(us));
  return true;
}

bool FaultReader::Wait() {
  const size_t at = reader_.Here();
  if (!Time(fault_.amount)) return false;
  return fault_.amount > Duration(0) || reader_.Wrong(at, "it takes more than no time");
}

bool FaultReader::Offset() {
  const bool behind = reader_.Literal("behind");
  if (!behind && !reader_.Literal("ahead")) return false;
  if (!reader_.Literal("by") || !Time(fault_.amount)) return false;
  if (behind) fault_.amount = -fault_.amount;
  return true;
}

bool FaultReader::Factor() {
  uint64_t factor = 0;
  if (!reader_.Number(static_cast<uint64_t>(kSlowFactorMax), factor, kANumber)) return false;
  fault_.amount = Duration(static_cast<int64_t>(factor));
  return true;
}

bool FaultReader::Ppm(bool negative) {
  uint64_t ppm = 0;
  if (!reader_.Number(static_cast<uint64_t>(kDriftPpmMax), ppm, kANumber)) return false;
  const auto drift = static_cast<int32_t>(ppm);
  fault_.drift_ppm = negative ? -drift : drift;
  return reader_.Literal("ppm");
}

bool FaultReader::Drift() {
  const bool slow = reader_.Literal("slow");
  if (!slow && !reader_.Literal("fast")) return false;
  return reader_.Literal("by") && Ppm(slow);
}

// When, for how long, and what else there is.
bool FaultReader::Ending(const Phrase& phrase) {
  Duration from{0};
  Duration length{0};
  if (!reader_.Literal("at") || !Time(from)) return false;
  if (!reader_.Literal("for") || !Time(length)) return false;
  fault_.from = SimTime{} + from;
  fault_.until = fault_.from + length;
  if (reader_.Literal("and")) {
    if (!reader_.Literal("stays")) return false;
    fault_.stays = true;
  }
  while (reader_.Literal(",")) {
    if (!Unused(phrase)) return false;
  }
  return reader_.AtEnd() || reader_.Expected("the end of the line");
}

// What the kind does not look at, and only that.
bool FaultReader::Unused(const Phrase& phrase) {
  if (!reader_.Literal("unused")) return false;
  const size_t at = reader_.Here();
  const FieldsSaid said = SaidBy(phrase, fault_);
  bool used = false;
  if (reader_.Literal("chance")) {
    used = said.chance;
    if (!Share()) return false;
  } else if (reader_.Literal("amount")) {
    used = said.amount;
    const bool negative = reader_.Maybe("-");
    if (!Time(fault_.amount)) return false;
    if (negative) fault_.amount = -fault_.amount;
    used = used || SaidBy(phrase, fault_).amount;
  } else if (reader_.Literal("drift")) {
    used = said.drift;
    if (!Ppm(reader_.Maybe("-"))) return false;
  } else {
    return false;
  }
  // With it the fault may be another one: a crash that waits.
  const bool other = &PhraseOf(fault_) != &phrase;
  return (!used && !other) || reader_.Wrong(at, "the fault makes use of it");
}

struct Placed {
  Fault fault;
  size_t line = 0;
};

absl::Status At(size_t line, std::string_view what) {
  return InvalidArgument(Format("line %u, %s", line, what));
}

absl::StatusOr<Schedule> InOrder(std::vector<Placed> placed, uint32_t nodes) {
  const auto before = [](const Placed& a, const Placed& b) {
    return std::pair(a.fault.from, a.fault.id) < std::pair(b.fault.from, b.fault.id);
  };
  std::stable_sort(placed.begin(), placed.end(), before);
  Schedule schedule{.nodes = nodes, .faults = {}};
  for (size_t i = 0; i < placed.size(); ++i) {
    if (i > 0 && !before(placed[i - 1], placed[i])) {
      return At(placed[i].line, Format("column 1: line %u has a fault %u of that time already: "
                                       "another number should be here",
                                       placed[i - 1].line, placed[i].fault.id));
    }
    schedule.faults.push_back(std::move(placed[i].fault));
  }
  return schedule;
}

}  // namespace

absl::StatusOr<Schedule> ParseSchedule(std::string_view text, uint32_t nodes) {
  if (nodes == 0 || nodes > kWorldNodesMax) return InvalidArgument("no such number of nodes");
  if (text.size() > kFaultWordsBytesMax) {
    return InvalidArgument(Format("faults in more than %u bytes", kFaultWordsBytesMax));
  }
  std::vector<Placed> placed;
  uint64_t highest = 0;
  size_t targets = 0;
  for (size_t number = 1; !text.empty(); ++number) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    line = line.substr(0, line.find('#'));
    if (LineReader(line).AtEnd()) continue;
    FaultReader reader(line, nodes);
    std::optional<uint64_t> id;
    std::optional<Fault> fault = reader.Read(id);
    if (!fault) return At(number, reader.Complaint());
    if (!id && highest == kIdMax) return At(number, "column 1: no number is left for it");
    fault->id = id ? *id : highest + 1;
    highest = std::max(highest, fault->id);
    const absl::Status valid = Validate(*fault, nodes);
    if (!valid.ok()) return At(number, Format("column %u: %s", reader.column(), MessageOf(valid)));
    targets += fault->nodes.size();
    if (placed.size() == kFaultsMax || targets > kFaultTargetsMax) {
      return At(number, Format("column 1: more than %u faults, or %u targets of all together",
                               kFaultsMax, kFaultTargetsMax));
    }
    placed.push_back({*std::move(fault), number});
  }
  return InOrder(std::move(placed), nodes);
}

}  // namespace quorate::sim
