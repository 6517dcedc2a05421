// SPDX-License-Identifier: Apache-2.0
// What a client may see of an object. A view is valid until the object is changed. Deadlines are
// not judged here: whoever looks an object up removes it first where its deadline has passed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "engine/keyspace/object.h"

namespace quorate::keyspace {

class ObjectView {
 public:
  // `object` may be null: nothing is there.
  ObjectView(const Object* object, const WriterTable& writers) : writers_(writers) {
    if (object == nullptr) return;
    if (object->form() == Object::Form::kCells) {
      ViewCells(static_cast<const CellsObject&>(*object));
    } else {
      compact_ = static_cast<const CompactObject*>(object);
      if (object->form() == Object::Form::kString) type_ = ObjectType::kString;
    }
  }

  [[nodiscard]] bool exists() const { return type_ != ObjectType::kNone; }
  [[nodiscard]] ObjectType type() const { return type_; }
  [[nodiscard]] std::optional<int64_t> deadline_ms() const;
  [[nodiscard]] Version tombstone() const;
  // The highest version of tombstone, type and register, dead or alive: what re-creates the object
  // must be above it.
  [[nodiscard]] Version head_version() const;
  // Logical bytes; 0 where nothing is known of the key.
  [[nodiscard]] size_t bytes() const;

  // Empty where it does not exist.
  [[nodiscard]] Version type_version() const;

  // Strings. A number that was incremented is formatted into `scratch`.
  [[nodiscard]] std::string_view String(Bytes& scratch) const;
  // The register alone, without increments on top of it.
  [[nodiscard]] std::string_view Register() const;
  // Its version; empty where there is none.
  [[nodiscard]] Version value_version() const;
  // The writer's own increments on top of the register.
  [[nodiscard]] int64_t SlotSum(const Bytes& writer) const;

  // Hashes.
  [[nodiscard]] size_t fields() const { return type_ == ObjectType::kHash ? cells_->live : 0; }
  [[nodiscard]] std::optional<std::string_view> Field(std::string_view name, Bytes& scratch) const;
  // The field's version, dead or alive; empty where it was never written.
  [[nodiscard]] Version FieldVersion(std::string_view name) const;
  // The field without increments on top of it. Requires: the field is there.
  [[nodiscard]] std::string_view FieldRegister(std::string_view name) const;
  [[nodiscard]] int64_t FieldSlotSum(std::string_view name, const WriterId& writer) const;
  // The first and the last name of all fields, dead ones included. Requires: the object is a hash.
  [[nodiscard]] std::pair<std::string_view, std::string_view> FieldNameBounds() const;
  // visit(name, value), in byte order of the names, until it returns false.
  template <typename Visitor>
  void ForEachField(Visitor&& visit) const {
    ForEachFieldFrom({}, visit);
  }
  // The same from the first name on that is not below `from`.
  template <typename Visitor>
  void ForEachFieldFrom(std::string_view from, Visitor&& visit) const {
    if (type_ != ObjectType::kHash) return;
    Bytes scratch;
    for (auto at = cells_->cells.lower_bound(CellKey{CellKind::kField, Bytes(from)});
         at != cells_->cells.end() && at->first.kind == CellKind::kField; ++at) {
      if (at->second.dead) continue;
      if (!visit(std::string_view(at->first.name), FieldValue(at->first.name, at->second, scratch)))
        return;
    }
  }

 private:
  void ViewCells(const CellsObject& object);
  [[nodiscard]] std::string_view FieldValue(std::string_view name, const CellState& field,
                                            Bytes& scratch) const;

  const CompactObject* compact_ = nullptr;
  const CellsObject* cells_ = nullptr;
  const WriterTable& writers_;
  ObjectType type_ = ObjectType::kNone;
};

// The integer that Redis would read from these bytes: decimal, no spaces, no leading zeros or plus.
[[nodiscard]] std::optional<int64_t> ParseInteger(std::string_view bytes);

}  // namespace quorate::keyspace
