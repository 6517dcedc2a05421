# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# The steps with sanitizers and fuzzers. Sourced by tests/run.

# The usual run fuzzes each target for seconds, to see that it still works and that the corpus is clean; a long
# one searches.
fuzz_seconds() { if [[ -n "${QUORATE_LONG-}" ]]; then echo 120; else echo 5; fi; }

# What the usual run tests with the address and undefined-behaviour sanitizers: all that bytes from outside reach first.
# They are built beside the fuzzers, from the same objects.
asan_share="engine_base_test engine_wire_test engine_keyspace_test engine_commands_test adapters_resp_test"
asan_share+=" adapters_storage_test sim_fault_test"

step_fuzz() {
  local target code=0 targets
  cmake --preset fuzz
  mapfile -t targets < <(cmake --build --preset fuzz --target help | sed -n -E 's/^([a-z]+_fuzz): phony$/\1/p')
  (( ${#targets[@]} > 0 )) || return 1
  cmake --build --preset fuzz --target "${targets[@]}"
  for target in "${targets[@]}"; do
    local corpus="build/fuzz/corpus/$target"
    mkdir -p "$corpus"
    if "build/fuzz/fuzz/$target" -max_total_time="$(fuzz_seconds)" -timeout=10 -rss_limit_mb=4096 \
        -print_final_stats=1 -verbosity=1 -artifact_prefix="build/fuzz/$target-" "$corpus" "fuzz/corpus/$target"; then
      note_case pass "$target"
    else
      note_case fail "$target"
      code=1
    fi
  done
  return "$code"
}

step_asan() {
  if [[ -n "${QUORATE_LONG-}" ]]; then
    configure_and_build asan all
    run_ctest build/asan --label-exclude '^cluster$|^structure$' --parallel 2 --timeout 3600
    return
  fi
  local share
  read -r -a share <<< "$asan_share"
  configure_and_build fuzz "${share[@]}"
  run_ctest build/fuzz --tests-regex "^($(IFS='|'; echo "${share[*]}"))\$" --parallel 2 --timeout 900
}

# Only io has threads.
step_tsan() {
  local tests
  cmake --preset tsan
  mapfile -t tests < <(cmake --build --preset tsan --target help | sed -n -E 's/^(io_[a-z]+_test): phony$/\1/p')
  cmake --build --preset tsan --target "${tests[@]}"
  run_ctest build/tsan --tests-regex '^io_' --parallel 2 --timeout 900
}
