# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# The steps of a long run: sanitizers and fuzzers. Sourced by tests/run.

fuzz_seconds=120

step_asan() {
  configure_and_build asan all
  run_ctest build/asan --label-exclude '^cluster$|^structure$' --parallel 2 --timeout 900
}

# Only io has threads.
step_tsan() {
  configure_and_build tsan all
  run_ctest build/tsan --tests-regex '^io_' --parallel 2 --timeout 900
}

step_fuzz() {
  configure_and_build fuzz all
  local target code=0
  for target in build/fuzz/fuzz/*_fuzz; do
    local name corpus
    name="$(basename "$target")"
    corpus="build/fuzz/corpus/$name"
    mkdir -p "$corpus"
    if "$target" -max_total_time="$fuzz_seconds" -timeout=10 -rss_limit_mb=4096 -print_final_stats=1 \
        -artifact_prefix="build/fuzz/$name-" "$corpus" "fuzz/corpus/$name"; then
      note_case pass "$name"
    else
      note_case fail "$name"
      code=1
    fi
  done
  return "$code"
}
