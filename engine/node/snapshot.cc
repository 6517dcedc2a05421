// SPDX-License-Identifier: Apache-2.0
#include "engine/node/snapshot.h"

#include <algorithm>
#include <tuple>

#include "engine/keyspace/keyspace.h"

namespace quorate::node {
namespace {

using keyspace::Keyspace;

// Of no row and no mark: the keys of an empty keyspace, as it saves them.
constexpr std::string_view kNoKeys("\0\0", 2);

struct Image {
  Keyspace::RowAddress address;
  std::string_view rows;
  bool used = false;

  // As tables are ordered.
  [[nodiscard]] auto order() const { return std::tie(address.pool, address.place, address.key); }
};

bool SameKey(const Keyspace::RowAddress& a, const Keyspace::RowAddress& b) {
  return a.pool == b.pool && a.place == b.place && a.key == b.key;
}

absl::StatusOr<Image> ReadImage(ByteReader& reader) {
  Image image;
  image.used = reader.BigEndian<uint8_t>() != 0;
  const std::string_view begin = reader.rest();
  for (bool first = true;; first = false) {
    const std::string_view before = reader.rest();
    const std::string_view row_key = reader.Blob();
    if (!reader.ok()) return DataLoss("its checkpoint is malformed");
    if (row_key.empty() && !first) {
      image.rows = begin.substr(0, begin.size() - before.size());
      return image;
    }
    const auto address = Keyspace::AddressOf(row_key);
    if (!address.ok()) return DataLoss("its checkpoint is malformed");
    if (first) image.address = *address;
    if (!SameKey(image.address, *address)) return DataLoss("its checkpoint is malformed");
    reader.Blob();
  }
}

absl::StatusOr<std::vector<SnapshotKeys>> ReadKeys(ByteReader& reader) {
  std::vector<SnapshotKeys> keys;
  const uint64_t pools = reader.Varint();
  for (uint64_t i = 0; i < pools && reader.ok(); ++i) {
    SnapshotKeys of;
    of.pool.value = reader.BigEndian<uint16_t>();
    of.at = reader.Varint();
    of.objects = reader.Varint();
    keys.push_back(of);
  }
  if (!reader.ok()) return DataLoss("its checkpoint is malformed");
  return keys;
}

}  // namespace

void PutSnapshotFrame(Bytes& out, const std::vector<SnapshotKeys>& keys, std::string_view state) {
  PutVarint(out, keys.size());
  for (const SnapshotKeys& of : keys) {
    PutBigEndian(out, of.pool.value);
    PutVarint(out, of.at);
    PutVarint(out, of.objects);
  }
  out += state;
}

absl::StatusOr<Bytes> JoinSnapshot(std::string_view frame,
                                   const std::vector<std::string_view>& pieces) {
  ByteReader reader(frame);
  QUORATE_ASSIGN_OR_RETURN(const std::vector<SnapshotKeys> keys, ReadKeys(reader));
  const std::string_view state = reader.rest();
  std::vector<Image> images;
  size_t bytes = state.size();
  for (const std::string_view piece : pieces) {
    bytes += piece.size();
    for (ByteReader at(piece); !at.AtEnd();) {
      QUORATE_ASSIGN_OR_RETURN(images.emplace_back(), ReadImage(at));
    }
  }
  std::sort(images.begin(), images.end(),
            [](const Image& a, const Image& b) { return a.order() < b.order(); });
  Bytes joined;
  joined.reserve(bytes);
  size_t next = 0, done = 0;
  for (const SnapshotKeys& of : keys) {
    if (of.at < done || of.at > state.size() || !state.substr(of.at).starts_with(kNoKeys)) {
      return DataLoss("its checkpoint is malformed");
    }
    joined += state.substr(done, of.at - done);
    done = of.at + kNoKeys.size();
    Bytes used;
    for (; next < images.size() && images[next].address.pool == of.pool; ++next) {
      const Image& image = images[next];
      if (next > 0 && SameKey(images[next - 1].address, image.address)) {
        return DataLoss("its checkpoint has an object twice");
      }
      joined += image.rows;
      used.push_back(image.used ? 1 : 0);
    }
    if (used.size() != of.objects) {
      return DataLoss(Format("its checkpoint has %u objects and not %u", used.size(), of.objects));
    }
    PutBlob(joined, {});
    PutBlob(joined, used);
  }
  if (next != images.size()) return DataLoss("its checkpoint is malformed");
  joined += state.substr(done);
  return joined;
}

}  // namespace quorate::node
