# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# Runs one step of tests/run in a process of its own and counts its cases. Sourced.
#
# A step may be several cases: it writes "pass NAME", "fail NAME" or "skip NAME" to $QUORATE_CASES,
# a line each. One that writes none is a case itself. What it prints after a line of "====" is shown.

passed=0
failed=0
tail_lines=60

# note_case pass|fail|skip NAME
note_case() {
  echo "$1 $2" >> "$QUORATE_CASES"
}

run_step() {
  local name="$1" seconds="$2" log="$logs/$1.log" begin="$SECONDS" code=0
  export QUORATE_CASES="$logs/$name.cases"
  : > "$QUORATE_CASES"
  # A process group of its own, so that a step that is late goes with all that it has started.
  timeout --kill-after=20 "$seconds" "$root/tests/run" --step "$name" < /dev/null > "$log" 2>&1 &
  local step=$!
  trap 'kill "$step" 2> /dev/null; exit 130' INT TERM
  wait "$step" || code=$?
  trap - INT TERM
  local good bad
  good="$(grep -c '^pass ' "$QUORATE_CASES" || true)"
  bad="$(grep -c '^fail ' "$QUORATE_CASES" || true)"
  if (( code != 0 && bad == 0 )); then bad=1; fi
  if (( code == 0 && good + bad == 0 )); then good=1; fi
  passed=$(( passed + good ))
  failed=$(( failed + bad ))
  printf '%-12s %5d passed %3d failed %6d s\n' "$name" "$good" "$bad" $(( SECONDS - begin ))
  sed -n 's/^skip /    skipped: /p' "$QUORATE_CASES"
  sed '1,/^====$/d' "$log" | sed 's/^/    /'
  (( bad > 0 )) || return 0
  (( code != 124 )) || echo "    not done within $seconds s"
  sed -n 's/^fail /    failed: /p' "$QUORATE_CASES"
  echo "    the end of $log:"
  tail -n "$tail_lines" "$log" | sed 's/^/    | /'
  return 1
}
