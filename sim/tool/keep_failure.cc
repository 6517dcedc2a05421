// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/keep_failure.h"

#include <cstdio>
#include <optional>

#include "sim/tool/exit_codes.h"
#include "sim/tool/file.h"
#include "sim/tool/input.h"
#include "sim/tool/observed.h"

namespace quorate::sim {

int KeepFailure(std::string_view tool, const RunRecipe& recipe, const std::string& lines,
                const Arguments& arguments) {
  const absl::StatusOr<Observed> observed = ObserveApart(recipe);
  if (!observed.ok()) return RefuseInput(tool, observed.status());
  const std::optional<Failure>& failure = observed->trace.failure;
  if (!failure) {
    std::fputs(lines.c_str(), stdout);
    return RefuseInput(tool, absl::UnavailableError("it failed once, not twice"));
  }
  const absl::StatusOr<Trace> regression = RegressionOf(recipe, *failure);
  if (!regression.ok()) return RefuseInput(tool, regression.status());
  const std::string file = arguments.keep.empty()
                               ? Format("%s-%u-%s.regression", recipe.scenario, recipe.seed, tool)
                               : arguments.keep;
  const absl::Status written = WriteFile(file, EncodeTrace(*regression));
  if (!written.ok()) return RefuseInput(tool, written);
  const bool planted = !recipe.planted.empty();
  std::fputs(lines.c_str(), stdout);
  std::printf("failure:   %s, found by the oracle '%s'\n           %s\n",
              std::string(NameOf(failure->kind)).c_str(), failure->oracle.c_str(),
              failure->seen.c_str());
  std::printf("replay:    quorate-sim%s replay %s%s\n", planted ? "-planted" : "", file.c_str(),
              planted ? (" --bug " + recipe.planted).c_str() : "");
  return ExitCodeOf(failure->kind);
}

}  // namespace quorate::sim
