// SPDX-License-Identifier: Apache-2.0
// Journal recovery over arbitrary bytes: no crash, and either an error or records in sequence; and
// a journal that opened takes a record and gives it back at the next start.
//
// The input is a list of segment files: a 16-bit length and the bytes of each; the first byte is
// the position. Checksums stand in the way of a fuzzer, so a header or record whose checksum field
// is all ones is given the right one first.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "adapters/storage/journal.h"
#include "engine/hash/digest.h"
#include "sim/disk/sim_disk.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace quorate::storage {
namespace {

const JournalOptions kOptions{.name = "f", .salt = 0, .segment_bytes = 4096, .bytes_max = 1 << 20};
constexpr uint64_t kFilesMax = 4;
// Where an input says this in place of a checksum, the right one is put there.
constexpr std::string_view kChecksumToFill = "\xff\xff\xff\xff";

void Expect(bool holds) {
  if (!holds) std::abort();
}

void Repair(Bytes& file, size_t field, size_t begin, size_t size, uint32_t seed) {
  if (file.size() < begin || file.compare(field, kChecksumToFill.size(), kChecksumToFill) != 0)
    return;
  Bytes crc;
  PutBigEndian(crc, hash::Crc32c(std::string_view(file).substr(begin, size), seed));
  file.replace(field, crc.size(), crc);
}

void RepairChecksums(SegmentId id, Bytes& file) {
  if (file.size() >= 32) Repair(file, 12, 16, 16, 0);
  const uint32_t salt = hash::Crc32c(Bytes(8, '\0'));
  for (size_t at = file.find(kRecordMagic); at != Bytes::npos;
       at = file.find(kRecordMagic, at + 1)) {
    if (file.size() - at < kRecordHeaderBytes) break;
    ByteReader header(std::string_view(file).substr(at + 8));
    const SegmentId segment{header.BigEndian<uint64_t>()};
    header.Raw(16);
    const uint32_t payload = header.BigEndian<uint32_t>();
    if (segment > id) continue;
    Repair(file, at + 36, at + kRecordHeaderBytes, payload, 0);
    Repair(file, at + 4, at + 8, kRecordHeaderBytes - 8, salt);
  }
}

void WriteFiles(sim::SimDisk& disk, ByteReader& input) {
  for (uint64_t id = 1; id <= kFilesMax && !input.AtEnd(); ++id) {
    const uint16_t length = input.BigEndian<uint16_t>();
    Bytes bytes(input.Raw(std::min<size_t>(length, input.rest().size())));
    RepairChecksums({id}, bytes);
    const auto file = disk.Open(SegmentFileName(kOptions.name, {id}), true);
    Expect(file.ok() && (*file)->Write(0, bytes).ok() && (*file)->Sync().ok());
  }
  Expect(disk.SyncDirectory().ok());
}

absl::StatusOr<std::unique_ptr<Journal>> Open(sim::SimDisk& disk, Sequence position, Bytes& last) {
  Sequence expected = position.Next();
  return Journal::Open(disk, kOptions, {.position = position},
                       [&](Sequence sequence, const env::WriteBatch& batch) {
                         Expect(sequence == expected);
                         expected = expected.Next();
                         last = batch.rep();
                         return absl::OkStatus();
                       });
}

void Run(std::string_view data) {
  ByteReader input(data);
  const Sequence position{input.BigEndian<uint8_t>()};
  sim::SimDisk disk(1);
  WriteFiles(disk, input);
  env::WriteBatch batch;
  batch.Put("key", "value");
  Bytes last;
  Sequence end;
  {
    const auto journal = Open(disk, position, last);
    if (!journal.ok()) return;
    end = (*journal)->last().Next();
    if (!(*journal)->Append(batch.rep()).ok() || !(*journal)->Sync().ok()) return;
  }
  disk.Crash(1);
  const auto journal = Open(disk, position, last);
  Expect(journal.ok());
  Expect((*journal)->last() == end);
  Expect(last == batch.rep());
}

}  // namespace
}  // namespace quorate::storage

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  quorate::storage::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}
