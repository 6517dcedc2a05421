// SPDX-License-Identifier: Apache-2.0
#include "sim/fault/words.h"

#include <cstdlib>

#include "sim/fault/phrase.h"

namespace quorate::sim {
namespace {

constexpr uint64_t kMillisecond = 1'000;
constexpr uint64_t kSecond = 1'000'000;
constexpr uint64_t kHour = 3600 * kSecond;
constexpr uint64_t kPpmInPercent = 10'000;

// Without zeros at its end. `unit` is a power of ten.
std::string Decimal(uint64_t value, uint64_t unit) {
  std::string text = Format("%u", value / unit);
  value %= unit;
  if (value != 0) text += '.';
  for (; value != 0; value %= unit) {
    unit /= 10;
    text += static_cast<char>('0' + value / unit);
  }
  return text;
}

std::string Time(uint64_t us) {
  if (us == 0) return "0s";
  if (us % kHour == 0) return Format("%uh", us / kHour);
  if (us >= kSecond) return Decimal(us, kSecond) + "s";
  if (us >= kMillisecond) return Decimal(us, kMillisecond) + "ms";
  return Format("%uus", us);
}
std::string Time(Duration length) { return Time(static_cast<uint64_t>(std::abs(length.count()))); }

std::string Share(uint32_t ppm) { return Decimal(ppm, kPpmInPercent) + " %"; }

// Three and more in a row are a range.
std::string Nodes(const std::vector<uint32_t>& nodes, uint32_t all) {
  if (all > 1 && nodes.size() == all) return "all";
  std::string text;
  for (size_t i = 0; i < nodes.size();) {
    size_t last = i;
    while (last + 1 < nodes.size() && nodes[last + 1] == nodes[last] + 1) ++last;
    if (last < i + 2) last = i;
    text += Format("%s%u", i == 0 ? "" : ",", nodes[i]);
    if (last > i) text += Format("..%u", nodes[last]);
    i = last + 1;
  }
  return text;
}

std::string Names(uint32_t messages) {
  std::string text;
  for (uint32_t bit = 0; bit < kMessageBits; ++bit) {
    if ((messages >> bit & 1) == 0) continue;
    text += (text.empty() ? "" : ",") + NameOfMessages(bit);
  }
  return text;
}

std::string Written(PhrasePart part, const Fault& fault, uint32_t nodes) {
  switch (part) {
    case PhrasePart::kNodes:
      return Nodes(fault.nodes, nodes);
    case PhrasePart::kRest:
      return "rest";
    case PhrasePart::kBridge:
      return Format("%u", fault.nodes.front());
    case PhrasePart::kShare:
      return Share(fault.chance_ppm);
    case PhrasePart::kOne:
      return Format("%u", fault.only);
    case PhrasePart::kBodies:
      return fault.messages == 0 ? "messages" : Names(fault.messages);
    case PhrasePart::kNames:
      return Names(fault.messages);
    case PhrasePart::kBlocking:
      return fault.messages == 0 ? "" : "blocking " + Names(fault.messages);
    case PhrasePart::kFlapping:
      return fault.amount <= Duration(0) ? "" : "flapping every " + Time(fault.amount);
    case PhrasePart::kWait:
    case PhrasePart::kLength:
      return Time(fault.amount);
    case PhrasePart::kOffset:
      return (fault.amount < Duration(0) ? "behind by " : "ahead by ") + Time(fault.amount);
    case PhrasePart::kFactor:
      return Format("%d", fault.amount.count());
    case PhrasePart::kDrift:
      return Format("%s by %d ppm", fault.drift_ppm < 0 ? "slow" : "fast",
                    std::abs(fault.drift_ppm));
  }
  return {};
}

// What the kind does not look at.
std::string Unused(const Phrase& phrase, const Fault& fault) {
  const FieldsSaid said = SaidBy(phrase, fault);
  std::string text;
  if (!said.chance && fault.chance_ppm != 0) text += ", unused chance " + Share(fault.chance_ppm);
  if (!said.amount && fault.amount != Duration(0)) {
    text +=
        Format(", unused amount %s%s", fault.amount < Duration(0) ? "-" : "", Time(fault.amount));
  }
  if (!said.drift && fault.drift_ppm != 0) {
    text += Format(", unused drift %d ppm", fault.drift_ppm);
  }
  return text;
}

}  // namespace

std::string Words(const Fault& fault, uint32_t nodes) {
  const Phrase& phrase = PhraseOf(fault);
  std::string text = Format("%u:", fault.id);
  for (std::string_view pieces = phrase.text; !pieces.empty();) {
    const PhrasePiece piece = TakePiece(pieces);
    const std::string word =
        piece.part ? Written(*piece.part, fault, nodes) : std::string(piece.word);
    if (!word.empty()) text += " " + word;
  }
  text += " at " + Time(fault.from.us) + " for " + Time(fault.until - fault.from);
  if (fault.stays) text += " and stays";
  return text + Unused(phrase, fault);
}

std::string Words(const Schedule& schedule) {
  std::string text;
  for (const Fault& fault : schedule.faults) text += Words(fault, schedule.nodes) + '\n';
  return text;
}

}  // namespace quorate::sim
