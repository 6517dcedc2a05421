// SPDX-License-Identifier: Apache-2.0
// Where a command handler writes its reply: the elements of a reply, without their encoding. A
// client protocol implements it (adapters/resp); ReplyTape records one so that it can travel
// between nodes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/base/codec.h"

namespace quorate::commands {

class ReplySink {
 public:
  virtual ~ReplySink() = default;

  virtual void Simple(std::string_view text) = 0;  // +OK
  // `text` begins with the code word: "ERR ...", "WRONGTYPE ...". Line ends become spaces.
  virtual void Error(std::string_view text) = 0;
  virtual void Integer(int64_t value) = 0;
  virtual void Bulk(std::string_view bytes) = 0;
  virtual void Null() = 0;
  virtual void NullArray() = 0;
  virtual void Double(double value) = 0;
  virtual void Bool(bool value) = 0;
  virtual void Verbatim(std::string_view text) = 0;
  // The next `size` elements (2 * size for a map) are its content.
  virtual void Array(size_t size) = 0;
  virtual void Map(size_t size) = 0;
  virtual void Set(size_t size) = 0;
  // `size` pairs, each begun by Pair(): an array of arrays in RESP3, which overrides both, and one
  // flat array in RESP2.
  virtual void Pairs(size_t size) { Array(2 * size); }
  virtual void Pair() {}
};

// A reply as bytes, to be sent to the node whose client waits for it.
class ReplyTape final : public ReplySink {
 public:
  void Simple(std::string_view text) override;
  void Error(std::string_view text) override;
  void Integer(int64_t value) override;
  void Bulk(std::string_view bytes) override;
  void Null() override;
  void NullArray() override;
  void Double(double value) override;
  void Bool(bool value) override;
  void Verbatim(std::string_view text) override;
  void Array(size_t size) override;
  void Map(size_t size) override;
  void Set(size_t size) override;
  void Pairs(size_t size) override;
  void Pair() override;

  [[nodiscard]] const Bytes& bytes() const { return bytes_; }
  [[nodiscard]] Bytes Take() { return std::move(bytes_); }

 private:
  Bytes bytes_;
};

// Plays a tape into `sink`. False if the bytes are not a tape (they may come from a peer); what was
// well-formed has been played then.
bool PlayReply(std::string_view tape, ReplySink& sink);

// A tape that holds one error.
[[nodiscard]] Bytes ErrorTape(std::string_view text);
// True if the tape's first element is an error.
[[nodiscard]] bool IsErrorTape(std::string_view tape);
// The same of an error whose first word is `code`.
[[nodiscard]] bool IsErrorTapeOf(std::string_view tape, std::string_view code);
[[nodiscard]] bool IsNullTape(std::string_view tape);
// The value of a tape that holds one integer; 0 for anything else.
[[nodiscard]] int64_t IntegerOfTape(std::string_view tape);
// The bytes of a tape that holds one bulk string; nothing for anything else.
[[nodiscard]] Bytes BulkOfTape(std::string_view tape);

}  // namespace quorate::commands
