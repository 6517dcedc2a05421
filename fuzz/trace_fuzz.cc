// SPDX-License-Identifier: Apache-2.0
// Bytes that are to be a trace: an error, or a trace whose events can be walked, whose ladder can
// be compared, and which survives being encoded and decoded again. Checksums stand in the way of a
// fuzzer, so a file whose checksum field is all ones is given the right one first; the first event
// block is also decoded as it stands.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/check.h"
#include "engine/hash/digest.h"
#include "sim/trace/trace.h"

namespace quorate::sim {
namespace {

constexpr size_t kChecksumAt = 16;

void RepairChecksum(std::string& file) {
  if (file.size() < kTracePrefixBytes) return;
  if (file.compare(kChecksumAt, 4, "\xff\xff\xff\xff") != 0) return;
  const uint32_t crc = hash::Crc32c(std::string_view(file).substr(kTracePrefixBytes));
  for (size_t i = 0; i < 4; ++i) file[kChecksumAt + i] = static_cast<char>(crc >> (8 * i) & 0xff);
}

void Decode(std::string_view file) {
  const absl::StatusOr<Trace> trace = DecodeTrace(file);
  if (!trace.ok()) {
    QUORATE_CHECK(!MessageOf(trace.status()).empty());
    return;
  }
  uint64_t events = 0;
  uint64_t counted = 0;
  for (const EventBlock& block : trace->blocks) counted += block.events;
  ForEachEvent(*trace, [&](const TraceEvent& event) {
    QUORATE_CHECK(event.cause < event.id);
    ++events;
    return true;
  });
  QUORATE_CHECK(events == counted);
  QUORATE_CHECK(CompareLadders(trace->ladder, trace->ladder).equal);
  const absl::StatusOr<Trace> again = DecodeTrace(EncodeTrace(*trace));
  QUORATE_CHECK(again.ok());
  QUORATE_CHECK(*again == *trace);
}

// The input as the bytes of one block: its first byte says how many events.
void DecodeBlock(std::string_view bytes) {
  if (bytes.empty()) return;
  const EventBlock block{EventId{1000}, static_cast<uint8_t>(bytes[0]), Bytes(bytes.substr(1))};
  EventEncoder encoder;
  const absl::Status status = ForEachEvent(block, [&](const TraceEvent& event) {
    encoder.Add(event);
    return true;
  });
  if (!status.ok() || block.events == 0) return;
  QUORATE_CHECK(encoder.Take().events == block.events);
}

}  // namespace
}  // namespace quorate::sim

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string file(reinterpret_cast<const char*>(data), size);
  quorate::sim::DecodeBlock(file);
  quorate::sim::RepairChecksum(file);
  quorate::sim::Decode(file);
  return 0;
}
