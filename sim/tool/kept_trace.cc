// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/kept_trace.h"

#include "sim/tool/file.h"

namespace quorate::sim {

absl::StatusOr<Trace> LoadTrace(const std::string& path, bool planted, const std::string& bug) {
  QUORATE_ASSIGN_OR_RETURN(const Bytes bytes, ReadFile(path));
  QUORATE_ASSIGN_OR_RETURN(Trace trace, DecodeTrace(bytes));
  if (bug != kNoBug) trace.recipe.planted = bug;
  if (!trace.recipe.planted.empty() && !planted) {
    return InvalidArgument(
        Format("has the planted bug %s: use quorate-sim-planted", trace.recipe.planted));
  }
  return trace;
}

}  // namespace quorate::sim
