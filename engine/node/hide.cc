// SPDX-License-Identifier: Apache-2.0
#include "engine/node/hide.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/overloaded.h"
#include "engine/commands/command.h"
#include "engine/commands/consistency_commands.h"
#include "engine/commands/reply.h"
#include "engine/commands/text.h"
#include "engine/keyspace/cell.h"
#include "engine/keyspace/keyspace.h"
#include "engine/keyspace/stand_in.h"

namespace quorate::node {
namespace {

// A veil keeps no more memory than this for a field.
constexpr size_t kVeilBytesMax = size_t{64} << 10;

struct Rule {
  std::string_view command;
  size_t first;
  size_t step;
};
// Of commands whose arguments hold values; those of all others are keys, fields and options.
constexpr Rule kRules[] = {
    {"set", 2, 0},      {"setex", 3, 0}, {"psetex", 3, 0}, {"setnx", 2, 0},  {"getset", 2, 0},
    {"append", 2, 0},   {"mset", 2, 2},  {"msetnx", 2, 2}, {"hset", 3, 2},   {"hmset", 3, 2},
    {"setrange", 3, 0}, {"echo", 1, 0},  {"ping", 1, 0},   {"hsetnx", 3, 0}, {"restore", 3, 0},
};

void Hide(Bytes& value) {
  if (!keyspace::IsHidden(value)) return;
  keyspace::WriteStandIn(value.data(), value.size(), keyspace::ValueDigest(value));
}

// Writes a stand-in over a part of `bytes`.
void HideIn(Bytes& bytes, size_t at, size_t size) {
  const uint64_t digest = keyspace::ValueDigest(std::string_view(bytes).substr(at, size));
  keyspace::WriteStandIn(bytes.data() + at, size, digest);
}

// Finds the texts of a tape.
class TextFinder final : public commands::ReplySink {
 public:
  explicit TextFinder(std::vector<std::string_view>& hidden) : hidden_(hidden) {}
  void Simple(std::string_view) override {}
  void Error(std::string_view) override {}
  void Integer(int64_t) override {}
  void Bulk(std::string_view bytes) override { Add(bytes); }
  void Null() override {}
  void NullArray() override {}
  void Double(double) override {}
  void Bool(bool) override {}
  void Verbatim(std::string_view text) override { Add(text); }
  void Array(size_t) override {}
  void Map(size_t) override {}
  void Set(size_t) override {}

 private:
  void Add(std::string_view text) {
    if (keyspace::IsHidden(text)) hidden_.push_back(text);
  }
  std::vector<std::string_view>& hidden_;
};

size_t CommandIn(std::span<const std::string_view> args) {
  if (!commands::IsWord(args[0], "consistency")) return 0;
  const auto prefix = commands::ParseConsistencyPrefix(args);
  return prefix.ok() ? prefix->command : 0;
}

}  // namespace

ValueArguments::ValueArguments(std::span<const std::string_view> args) {
  const size_t at = CommandIn(args);
  const commands::Command* command = commands::FindCommand(args[at]);
  if (command == nullptr) {
    first_ = at + 1;
    step_ = 1;
    return;
  }
  const auto* const rule =
      std::find_if(std::begin(kRules), std::end(kRules),
                   [&](const Rule& each) { return each.command == command->name; });
  if (rule == std::end(kRules)) return;
  first_ = at + rule->first;
  step_ = rule->step;
}

bool IsSecret(std::string_view setting) { return setting.find("pass") != std::string_view::npos; }

bool ReplaceSecrets(std::vector<std::string_view>& args, std::string_view password) {
  bool replaced = false;
  const auto replace = [&](std::string_view& secret) {
    secret = secret == password ? kHiddenPassword : kOtherPassword;
    replaced = true;
  };
  if (commands::IsWord(args[0], "auth")) {
    // All but a user's name: a password may have been given in the place of one.
    if (args.size() == 2) replace(args[1]);
    for (size_t i = 2; i < args.size(); ++i) replace(args[i]);
  } else if (commands::IsWord(args[0], "hello")) {
    for (size_t i = 2; i + 2 < args.size(); ++i) {
      if (commands::IsWord(args[i], "auth")) replace(args[i + 2]);
    }
  } else if (commands::IsWord(args[0], "config")) {
    for (size_t i = 3; i < args.size(); i += 2) {
      const Bytes name = commands::LowerCase(args[i - 1]);
      if (name.find("pass") != Bytes::npos || name.find("auth") != Bytes::npos) replace(args[i]);
    }
  }
  return replaced;
}

void HideArgs(std::vector<Bytes>& args) {
  if (args.empty()) return;
  const std::vector<std::string_view> views(args.begin(), args.end());
  const ValueArguments values(views);
  if (values.none()) return;
  for (size_t i = 1; i < args.size(); ++i) {
    if (values.Has(i)) Hide(args[i]);
  }
}

void HideTape(Bytes& tape) {
  std::vector<std::string_view> hidden;
  AddHiddenInTape(tape, hidden);
  for (const std::string_view part : hidden) {
    HideIn(tape, static_cast<size_t>(part.data() - tape.data()), part.size());
  }
}

void AddHiddenInTape(std::string_view tape, std::vector<std::string_view>& hidden) {
  TextFinder finder(hidden);
  static_cast<void>(commands::PlayReply(tape, finder));
}

void HideRow(std::string_view key, Bytes& value) {
  if (!keyspace::Keyspace::AddressOf(key).ok() || !keyspace::ValidCells(value)) return;
  keyspace::HideCells(value.data(), value.size());
}

void HideBatch(Bytes& rep) {
  ByteReader reader(rep);
  while (reader.ok() && !reader.AtEnd()) {
    const auto op = static_cast<env::WriteBatch::Op>(reader.BigEndian<uint8_t>());
    const std::string_view key = reader.Blob();
    if (op != env::WriteBatch::Op::kPut) continue;
    const std::string_view value = reader.Blob();
    if (!keyspace::Keyspace::AddressOf(key).ok() || !keyspace::ValidCells(value)) continue;
    keyspace::HideCells(rep.data() + (value.data() - rep.data()), value.size());
  }
}

void HideMessage(wire::Message& message) {
  const auto hide_cells = [](Bytes& cells) {
    if (keyspace::ValidCells(cells)) keyspace::HideCells(cells.data(), cells.size());
  };
  std::visit(Overloaded{
                 [](wire::Execute& body) { HideArgs(body.args); },
                 [](wire::Keyspace& body) { HideArgs(body.args); },
                 [](wire::ExecuteReply& body) { HideTape(body.tape); },
                 [&](wire::ReadReply& body) { hide_cells(body.state); },
                 [&](wire::Mutate& body) { hide_cells(body.cells); },
                 [](wire::Settings& body) {
                   for (auto& [name, value] : body.values) {
                     if (IsSecret(name)) value = Bytes(kOtherPassword);
                   }
                 },
                 [](auto&) {},  // no data in it
             },
             message.body);
}

void Veil::Cover(wire::Message& message) {
  QUORATE_CHECK(covered_ == 0);
  std::visit(Overloaded{
                 [this](wire::Execute& body) { CoverArgs(body.args); },
                 [this](wire::Keyspace& body) { CoverArgs(body.args); },
                 [this](wire::ExecuteReply& body) {
                   AddHiddenInTape(body.tape, hidden_);
                   CoverHidden(body.tape);
                 },
                 [this](wire::ReadReply& body) {
                   keyspace::AddHiddenCells(body.state, hidden_);
                   CoverHidden(body.state);
                 },
                 [this](wire::Mutate& body) {
                   keyspace::AddHiddenCells(body.cells, hidden_);
                   CoverHidden(body.cells);
                 },
                 [this](wire::Settings& body) {
                   for (auto& [name, value] : body.values) {
                     if (IsSecret(name)) Take(value) = kOtherPassword;
                   }
                 },
                 [](auto&) {},  // no data in it
             },
             message.body);
  for (size_t i = 0; i < covered_; ++i) fields_[i].bytes->swap(fields_[i].other);
}

void Veil::Uncover() {
  while (covered_ > 0) {
    Field& field = fields_[--covered_];
    field.bytes->swap(field.other);
    if (field.other.capacity() > kVeilBytesMax) field.other = Bytes();
  }
}

Bytes& Veil::Take(Bytes& bytes) {
  if (covered_ == fields_.size()) fields_.emplace_back();
  Field& field = fields_[covered_++];
  field.bytes = &bytes;
  return field.other;
}

void Veil::CoverArgs(std::vector<Bytes>& args) {
  if (args.empty()) return;
  const std::vector<std::string_view> views(args.begin(), args.end());
  const ValueArguments values(views);
  for (size_t i = 1; i < args.size() && !values.none(); ++i) {
    if (!values.Has(i) || !keyspace::IsHidden(args[i])) continue;
    hidden_.push_back(args[i]);
    CoverHidden(args[i]);
  }
}

// Those of `hidden_` are parts of `bytes`.
void Veil::CoverHidden(Bytes& bytes) {
  if (hidden_.empty()) return;
  Bytes& other = Take(bytes);
  other = bytes;
  for (const std::string_view part : hidden_) {
    HideIn(other, static_cast<size_t>(part.data() - bytes.data()), part.size());
  }
  hidden_.clear();
}

}  // namespace quorate::node
