// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/build_id.h"

namespace quorate::sim {

std::string_view BuildId() {
  return
#include "build_id.inc"
      ;
}

std::string CompilerName() {
#if defined(__clang__)
  constexpr std::string_view kName = "clang++ ";
  constexpr int kParts[] = {__clang_major__, __clang_minor__, __clang_patchlevel__};
#else
  constexpr std::string_view kName = "g++ ";
  constexpr int kParts[] = {__GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__};
#endif
  std::string name(kName);
  for (const int part : kParts) name += std::to_string(part) + ".";
  name.pop_back();
  return name;
}

}  // namespace quorate::sim
