// SPDX-License-Identifier: Apache-2.0
#include "engine/keyspace/object_view.h"

#include <algorithm>
#include <charconv>
#include <iterator>

namespace quorate::keyspace {
namespace {

// Sums wrap: an overflow by concurrent increments is the same on every replica. One increment that
// would overflow alone is refused by its command.
int64_t WrappingAdd(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}

std::string_view FormatNumber(int64_t number, Bytes& scratch) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof(digits), number).ptr;
  scratch.assign(digits, end);
  return scratch;
}

int64_t SumAt(const CellMap& cells, const CellKey& key, const Version& base) {
  const auto at = cells.find(key);
  if (at == cells.end() || at->second.dead) return 0;
  const SlotValue slot = UnpackSlotValue(at->second.value);
  return slot.base == base ? slot.sum : 0;
}

}  // namespace

void ObjectView::ViewCells(const CellsObject& object) {
  cells_ = &object;
  const Head& head = object.head;
  const bool alive = head.type == ObjectType::kString
                         ? !head.value_version.empty() && !head.value_dead
                         : object.live > 0;
  if (alive) type_ = head.type;
}

std::optional<int64_t> ObjectView::deadline_ms() const {
  if (cells_ != nullptr) return cells_->head.deadline_ms;
  if (compact_ == nullptr) return std::nullopt;
  const auto deadline = compact_->deadline();
  return deadline.has_value() ? std::optional<int64_t>(deadline->ms) : std::nullopt;
}

Version ObjectView::tombstone() const {
  if (cells_ != nullptr) return cells_->head.tombstone;
  return compact_ == nullptr ? Version{} : HeadOf(*compact_, writers_).tombstone;
}

Version ObjectView::head_version() const {
  if (cells_ == nullptr) return compact_ == nullptr ? Version{} : compact_->version(writers_);
  const Head& head = cells_->head;
  return std::max({head.tombstone, head.type_version, head.value_version});
}

Version ObjectView::type_version() const {
  if (cells_ != nullptr) return cells_->head.type_version;
  return value_version();
}

std::string_view ObjectView::Register() const {
  if (cells_ != nullptr) return cells_->value;
  return compact_ == nullptr ? std::string_view() : compact_->value();
}

size_t ObjectView::bytes() const {
  if (cells_ != nullptr) return cells_->bytes();
  return compact_ == nullptr ? 0 : compact_->bytes();
}

Version ObjectView::value_version() const {
  if (cells_ != nullptr) return cells_->head.value_version;
  if (compact_ == nullptr || compact_->form() == Object::Form::kDead) return {};
  return compact_->version(writers_);
}

std::string_view ObjectView::String(Bytes& scratch) const {
  if (compact_ != nullptr) return compact_->value();
  const auto& cells = cells_->cells;
  int64_t sum = 0;
  bool counted = false;
  for (auto at = cells.lower_bound(CellKey{CellKind::kSlot, {}});
       at != cells.end() && at->first.kind == CellKind::kSlot; ++at) {
    const SlotValue slot = UnpackSlotValue(at->second.value);
    if (slot.base != cells_->head.value_version) continue;
    sum = WrappingAdd(sum, slot.sum);
    counted = true;
  }
  const auto base = counted ? ParseInteger(cells_->value) : std::nullopt;
  if (!base.has_value()) return cells_->value;
  return FormatNumber(WrappingAdd(*base, sum), scratch);
}

int64_t ObjectView::SlotSum(const Bytes& writer) const {
  if (cells_ == nullptr) return 0;
  return SumAt(cells_->cells, CellKey{CellKind::kSlot, writer}, cells_->head.value_version);
}

std::optional<std::string_view> ObjectView::Field(std::string_view name, Bytes& scratch) const {
  if (type_ != ObjectType::kHash) return std::nullopt;
  const auto at = cells_->cells.find(CellKey{CellKind::kField, Bytes(name)});
  if (at == cells_->cells.end() || at->second.dead) return std::nullopt;
  return FieldValue(name, at->second, scratch);
}

std::string_view ObjectView::FieldValue(std::string_view name, const CellState& field,
                                        Bytes& scratch) const {
  const CellKey first{CellKind::kFieldSlot, FieldSlotName(name, WriterId{})};
  const std::string_view prefix =
      std::string_view(first.name).substr(0, first.name.size() - kWriterIdBytes);
  int64_t sum = 0;
  bool counted = false;
  for (auto at = cells_->cells.lower_bound(first);
       at != cells_->cells.end() && at->first.kind == CellKind::kFieldSlot &&
       std::string_view(at->first.name).substr(0, prefix.size()) == prefix;
       ++at) {
    const SlotValue slot = UnpackSlotValue(at->second.value);
    if (at->second.dead || slot.base != field.version) continue;
    sum = WrappingAdd(sum, slot.sum);
    counted = true;
  }
  const auto base = counted ? ParseInteger(field.value) : std::nullopt;
  if (!base.has_value()) return field.value;
  return FormatNumber(WrappingAdd(*base, sum), scratch);
}

Version ObjectView::FieldVersion(std::string_view name) const {
  if (cells_ == nullptr) return {};
  const auto at = cells_->cells.find(CellKey{CellKind::kField, Bytes(name)});
  return at == cells_->cells.end() ? Version{} : at->second.version;
}

std::string_view ObjectView::FieldRegister(std::string_view name) const {
  return cells_->cells.at(CellKey{CellKind::kField, Bytes(name)}).value;
}

int64_t ObjectView::FieldSlotSum(std::string_view name, const WriterId& writer) const {
  if (cells_ == nullptr) return 0;
  return SumAt(cells_->cells, CellKey{CellKind::kFieldSlot, FieldSlotName(name, writer)},
               FieldVersion(name));
}

std::pair<std::string_view, std::string_view> ObjectView::FieldNameBounds() const {
  const auto& cells = cells_->cells;
  const auto first = cells.lower_bound(CellKey{CellKind::kField, {}});
  const auto end = cells.lower_bound(CellKey{CellKind::kFieldSlot, {}});
  if (first == end) return {};
  return {first->first.name, std::prev(end)->first.name};
}

std::optional<int64_t> ParseInteger(std::string_view bytes) {
  if (bytes.empty() || bytes.size() > 20) return std::nullopt;
  const std::string_view digits = bytes.front() == '-' ? bytes.substr(1) : bytes;
  if (digits.empty() || (digits.front() == '0' && bytes.size() > 1)) return std::nullopt;
  int64_t value = 0;
  const auto [end, error] = std::from_chars(bytes.data(), bytes.data() + bytes.size(), value);
  if (error != std::errc() || end != bytes.data() + bytes.size()) return std::nullopt;
  return value;
}

}  // namespace quorate::keyspace
