// SPDX-License-Identifier: Apache-2.0
// Reads a Value into structs by tables of fields, and collects every problem instead of stopping at
// the first.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/status.h"
#include "engine/base/time.h"
#include "io/config/limits.h"
#include "io/config/value.h"
#include "io/config/words.h"

namespace quorate::io {

class Reader;

// One setting of T: its name, and how its value is read.
template <typename T>
struct Field {
  std::string_view name;
  void (*read)(Reader&, const Value&, T&);
};

// A name of an enumerator. Several names may mean the same; the first of them is the one in texts.
template <typename E>
struct Choice {
  std::string_view name;
  E value;
};

class Reader {
 public:
  explicit Reader(std::vector<Problem>& problems) : problems_(problems) {}

  void Refuse(const Position& position, std::string reason) {
    if (problems_.size() < kProblemsMax) problems_.push_back({position, std::move(reason)});
  }
  // Refuses where `status` is an error; true where it is none.
  bool Check(const Position& position, const absl::Status& status) {
    if (!status.ok()) Refuse(position, MessageOf(status));
    return status.ok();
  }

  // Each reads a scalar, or refuses and leaves `out` as it was.
  bool Text(const Value& value, std::string& out);
  void Name(const Value& value, std::string& out);
  void Whole(const Value& value, uint64_t low, uint64_t high, uint64_t& out);
  void Whole16(const Value& value, uint64_t low, uint64_t high, uint16_t& out);
  void Switch(const Value& value, bool& out);
  void ByteSize(const Value& value, uint64_t& out);
  void Time(const Value& value, Duration low, Duration high, Duration& out);
  void Address(const Value& value, std::string& out);
  // An address, or unix:/path.
  void Listener(const Value& value, std::string& out);

  template <typename E, size_t N>
  void OneOf(const Value& value, const Choice<E> (&choices)[N], std::string_view what, E& out) {
    std::string text;
    if (!Text(value, text)) return;
    std::vector<std::string_view> names;
    for (const Choice<E>& choice : choices) {
      if (choice.name == text) {
        out = choice.value;
        return;
      }
      names.push_back(choice.name);
    }
    Refuse(value.position, Quoted(text) + " is no " + std::string(what) + Suggest(text, names));
  }

  // Reads a map whose keys are `fields`. `what` names the map in refusals.
  template <typename T>
  void Map(const Value& value, std::span<const Field<T>> fields, std::string_view what, T& out) {
    if (value.kind == Value::Kind::kNull) return;
    if (value.kind != Value::Kind::kMap) {
      Refuse(value.position, std::string(what) + " is a map of settings, not " + KindOf(value));
      return;
    }
    for (const Entry& entry : value.entries) {
      const Field<T>* field = nullptr;
      for (const Field<T>& known : fields) {
        if (known.name == entry.key) field = &known;
      }
      if (field != nullptr) {
        field->read(*this, entry.value, out);
      } else {
        std::vector<std::string_view> names;
        for (const Field<T>& known : fields) names.push_back(known.name);
        RefuseUnknown(entry, what, names);
      }
    }
  }

  // A list of maps; each item starts as a T with its defaults.
  template <typename T>
  void ListOf(const Value& value, std::span<const Field<T>> fields, std::string_view what,
              std::vector<T>& out) {
    if (value.kind == Value::Kind::kNull) return;
    if (value.kind != Value::Kind::kList) {
      Refuse(value.position,
             "a list is expected here (each item begins with '-'), not " + KindOf(value));
      return;
    }
    for (const Value& item : value.items) {
      T read{};
      Map(item, fields, what, read);
      out.push_back(std::move(read));
    }
  }

  [[nodiscard]] static std::string KindOf(const Value& value);

 private:
  void RefuseUnknown(const Entry& entry, std::string_view what,
                     std::span<const std::string_view> names);

  std::vector<Problem>& problems_;
};

}  // namespace quorate::io
