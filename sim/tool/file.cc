// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/file.h"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <fstream>

namespace quorate::sim {
namespace {

constexpr size_t kReadBytes = size_t{1} << 16;

}  // namespace

absl::StatusOr<Bytes> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return InvalidArgument(Format("%s: cannot be opened", path));
  Bytes bytes;
  // Large reads into place: a history may have a hundred megabytes.
  for (size_t size = 0; file; bytes.resize(size + static_cast<size_t>(file.gcount()))) {
    size = bytes.size();
    bytes.resize(size + std::max(size, kReadBytes));
    file.read(bytes.data() + size, static_cast<std::streamsize>(bytes.size() - size));
  }
  if (file.bad()) return InvalidArgument(Format("%s: cannot be read", path));
  return bytes;
}

absl::Status WriteFile(const std::string& path, std::string_view bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file) return Unavailable(Format("%s: cannot be written", path));
  return absl::OkStatus();
}

absl::Status ReplaceFile(const std::string& path, std::string_view bytes) {
  const std::string beside = path + ".new";
  QUORATE_RETURN_IF_ERROR(WriteFile(beside, bytes));
  if (std::rename(beside.c_str(), path.c_str()) == 0) return absl::OkStatus();
  return Unavailable(Format("%s: cannot be replaced", path));
}

}  // namespace quorate::sim
