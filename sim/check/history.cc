// SPDX-License-Identifier: Apache-2.0
#include "sim/check/history.h"

namespace quorate::sim::check {
namespace {

bool Has(Model model, Action action) {
  switch (action) {
    case Action::kRead:
    case Action::kWrite:
      return true;
    case Action::kCas:
    case Action::kCasMiss:
      return model == Model::kRegister;
    case Action::kAppend:
      return model == Model::kKv;
  }
  return false;
}

}  // namespace

absl::Status AtLine(uint32_t line, std::string_view what) {
  return InvalidArgument(Format("line %u: %s", line, what));
}

ValueId InitialOf(Model model, ValueTable& values) {
  return model == Model::kKv ? values.Intern("") : kNil;
}

absl::Status Normalise(History& history, Model model) {
  const ValueId initial = InitialOf(model, history.values);
  for (Operation& operation : history.operations) {
    if (!Has(model, operation.action)) {
      return AtLine(operation.line,
                    Format("%s is not in this model (register: read, write, cas; kv: read, write, "
                           "append)",
                           NameOf(operation.action)));
    }
    if (operation.value == kNil) operation.value = initial;
  }
  return absl::OkStatus();
}

std::string_view NameOf(Action action) {
  switch (action) {
    case Action::kRead:
      return "read";
    case Action::kWrite:
      return "write";
    case Action::kCas:
      return "cas";
    case Action::kCasMiss:
      return "cas-miss";
    case Action::kAppend:
      return "append";
  }
  return "";
}

}  // namespace quorate::sim::check
