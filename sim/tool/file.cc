// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/file.h"

#include <fstream>
#include <iterator>

namespace quorate::sim {

absl::StatusOr<Bytes> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return InvalidArgument(Format("%s: cannot be opened", path));
  Bytes bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
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

}  // namespace quorate::sim
