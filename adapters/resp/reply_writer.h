// SPDX-License-Identifier: Apache-2.0
// Writes replies in RESP2 or RESP3 at the end of a buffer. The version is looked up at each
// element, not before, because HELLO answers in the version it has just set.
//
// What RESP2 lacks becomes what Redis makes of it: a map a flat array, a set an array, a double or
// a verbatim text a bulk string, a truth value :1 or :0.
#pragma once

#include "engine/base/codec.h"
#include "engine/commands/reply.h"

namespace quorate::resp {

class ReplyWriter final : public commands::ReplySink {
 public:
  // `protocol` is 2 or 3. Into `error` goes the first word of each error. Both outlive the writer.
  ReplyWriter(const uint8_t& protocol, Bytes& error) : protocol_(protocol), error_(error) {}
  // Where the next elements go. Must be called before the first.
  void SetOutput(Bytes& output) { output_ = &output; }

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

 private:
  [[nodiscard]] bool resp3() const { return protocol_ >= 3; }
  void Line(char type, std::string_view text);
  void Number(char type, int64_t value);

  const uint8_t& protocol_;
  Bytes& error_;
  Bytes* output_ = nullptr;
};

}  // namespace quorate::resp
