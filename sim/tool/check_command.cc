// SPDX-License-Identifier: Apache-2.0
#include "sim/tool/check_command.h"

#include <cstdio>
#include <optional>
#include <string>

#include "sim/check/checker.h"
#include "sim/check/parse.h"
#include "sim/tool/file.h"

namespace quorate::sim {
namespace {

int Refuse(std::string_view what) {
  std::fprintf(stderr, "quorate-sim: check-history: %.*s\n", static_cast<int>(what.size()),
               what.data());
  return kExitBadHistory;
}

int ExitCodeOf(check::Verdict verdict) {
  switch (verdict) {
    case check::Verdict::kLinearizable:
      return kExitLinearizable;
    case check::Verdict::kNotLinearizable:
      return kExitNotLinearizable;
    case check::Verdict::kUnknown:
      return kExitUndecided;
  }
  return kExitBadHistory;
}

absl::StatusOr<check::Model> ModelNamed(const std::string& name) {
  if (name == "register") return check::Model::kRegister;
  if (name == "kv") return check::Model::kKv;
  return InvalidArgument("--model takes register or kv");
}

absl::StatusOr<check::FileFormat> FormatFor(const std::string& name, std::string_view file) {
  const std::optional<check::FileFormat> format =
      name.empty() ? check::FormatOf(file) : check::FormatNamed(name);
  if (format.has_value()) return *format;
  if (!name.empty()) return InvalidArgument("--format takes text, jepsen-log or edn");
  return InvalidArgument("line 1: no format begins like this; see --format");
}

absl::StatusOr<int> Judge(const Arguments& arguments) {
  if (arguments.operands.size() != 1) return InvalidArgument("takes one file");
  const std::string& path = arguments.operands.front();
  QUORATE_ASSIGN_OR_RETURN(const check::Model model, ModelNamed(arguments.model));
  const auto at = [&path](const absl::Status& status) {
    return InvalidArgument(Format("%s: %s", path, MessageOf(status)));
  };
  const absl::StatusOr<Bytes> file = ReadFile(path);
  if (!file.ok()) return file.status();
  QUORATE_ASSIGN_OR_RETURN(const check::FileFormat format, FormatFor(arguments.format, *file));
  absl::StatusOr<check::History> history = check::ParseHistory(*file, format);
  if (!history.ok()) return at(history.status());
  const absl::StatusOr<check::Findings> findings =
      check::CheckHistory(*history, model, arguments.budget);
  if (!findings.ok()) return at(findings.status());
  std::fputs(check::Describe(*history, *findings, arguments.budget).c_str(), stdout);
  return ExitCodeOf(findings->verdict);
}

}  // namespace

int CheckHistoryFile(const Arguments& arguments) {
  const absl::StatusOr<int> code = Judge(arguments);
  return code.ok() ? *code : Refuse(MessageOf(code.status()));
}

}  // namespace quorate::sim
