// SPDX-License-Identifier: Apache-2.0
// Reads the parts of a DUMP payload, the forms that Redis stores too: lengths, strings, and lists
// packed into one string. The bytes come from clients: any byte string is a value or a refusal, and
// what is claimed is believed only as far as the bytes go.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/base/codec.h"

namespace quorate::commands {

class PayloadReader {
 public:
  explicit PayloadReader(std::string_view bytes) : rest_(bytes) {}

  // Nothing where the bytes are malformed; later reads then say nothing useful.
  [[nodiscard]] std::optional<uint8_t> Byte();
  [[nodiscard]] std::optional<uint64_t> Length();
  // Raw, an integer, or compressed.
  [[nodiscard]] std::optional<Bytes> String();
  [[nodiscard]] std::optional<std::string_view> Raw(uint64_t size);
  [[nodiscard]] bool at_end() const { return rest_.empty(); }

 private:
  [[nodiscard]] std::optional<Bytes> Special(uint8_t form);

  std::string_view rest_;
};

// The elements of a listpack, and of a ziplist as Redis wrote them before version 7.
[[nodiscard]] std::optional<std::vector<Bytes>> ReadListpack(std::string_view bytes);
[[nodiscard]] std::optional<std::vector<Bytes>> ReadZiplist(std::string_view bytes);

}  // namespace quorate::commands
