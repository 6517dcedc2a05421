# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# The steps that are tests of CTest. Sourced by tests/run.

# what_failed FILE: of what CTest printed, what the tests said that failed, without their good cases.
# It comes last, so that the end of a log tells it.
what_failed() {
  awk '/^ *[0-9]+\/[0-9]+ +Test +#/ { show = /\*\*\*(Failed|Timeout|Not Run|Exception)/ }
       /^ *Start +[0-9]+:/ || /^[0-9]+% tests passed/ { show = 0 }
       show && !/^\[( RUN  |       OK|-----|=====)/ && NF' "$1"
}

# run_ctest FOLDER ARGUMENTS...: each test is a case.
run_ctest() {
  local folder="$1" output code=0
  shift
  output="$(mktemp)"
  ctest --test-dir "$folder" --output-on-failure --no-tests=error "$@" 2>&1 | tee "$output" || code=$?
  sed -n -E \
    -e 's/^ *[0-9]+\/[0-9]+ +Test +#[0-9]+: +([^ ]+) \.+ +Passed .*/pass \1/p' \
    -e 's/^ *[0-9]+\/[0-9]+ +Test +#[0-9]+: +([^ ]+) \.+ *\*\*\*Skipped .*/skip \1/p' \
    -e 's/^ *[0-9]+\/[0-9]+ +Test +#[0-9]+: +([^ ]+) \.+ *\*\*\*(Failed|Timeout|Not Run|Exception).*/fail \1/p' \
    "$output" >> "$QUORATE_CASES"
  (( code == 0 )) || what_failed "$output"
  rm -f "$output"
  return "$code"
}

step_unit() { run_ctest build/dev --label-exclude '^cluster$' --parallel 2 --timeout 300; }

# Tests with processes share the machine with nothing else. The README's tour starts what `release` has built.
step_cluster() {
  local code=0
  run_ctest build/dev --label-regex '^cluster$' --parallel 1 || code=$?
  # Parts that a test could not do here, each with its reason.
  local skipped
  skipped="$(grep -rhoE "skipped '.*'|^the hard limit.*" build/dev/Testing/Temporary/LastTest.log | sort -u || true)"
  if [[ -n "$skipped" ]]; then printf '====\n%s\n' "$skipped"; fi
  return "$code"
}
