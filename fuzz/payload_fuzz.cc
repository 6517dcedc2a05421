// SPDX-License-Identifier: Apache-2.0
// What a client gives RESTORE: with the right version and checksum behind them any bytes are a
// value or a refusal, and a value is one that the keyspace can hold.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/check.h"
#include "engine/commands/dump_payload.h"
#include "engine/commands/payload_checksum.h"
#include "engine/commands/payload_reader.h"

namespace quorate::commands {
namespace {

constexpr size_t kChecksumBytes = 8;

Bytes Sealed(std::string_view body) {
  Bytes sealed(body);
  sealed.append("\x0a\x00", 2);
  const uint64_t sum = PayloadChecksum(sealed);
  for (size_t i = 0; i < kChecksumBytes; ++i) sealed.push_back(static_cast<char>(sum >> (8 * i)));
  return sealed;
}

void Check(std::string_view body) {
  static_cast<void>(PayloadIsWhole(body));
  const Bytes sealed = Sealed(body);
  QUORATE_CHECK(PayloadIsWhole(sealed));
  const auto value = ParsePayload(sealed);
  if (!value.has_value()) return;
  const bool is_hash = value->type == keyspace::ObjectType::kHash;
  QUORATE_CHECK(is_hash || value->type == keyspace::ObjectType::kString);
  QUORATE_CHECK(is_hash == !value->fields.empty());
  for (size_t i = 1; i < value->fields.size(); ++i) {
    QUORATE_CHECK(value->fields[i - 1].first < value->fields[i].first);
  }
}

}  // namespace
}  // namespace quorate::commands

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  quorate::commands::Check({reinterpret_cast<const char*>(data), size});
  return 0;
}
