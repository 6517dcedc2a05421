# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
# The steps that run the simulator. Sourced by tests/run.

# Rows of a table, without what begins with #.
rows() { grep -vE '^ *(#|$)' "$1"; }

# field NAME LINE: the value of NAME=VALUE in the last line of a run.
field() { sed -n -E "s/.* $1=([^ ]+).*/\1/p" <<< "$2 "; }

# Seeds whose run was long and faulty enough to say something, of the runs in a log.
count_seeds() {
  awk '$1 == "ok" {
         for (i = 2; i <= NF; ++i) { split($i, pair, "="); value[pair[1]] = pair[2] }
         if (value["ops"] >= 1000 && value["faults"] >= 1) ++count
       } END { print count + 0 }' "$1"
}

# Runs each scenario's share of seeds, or with --long all of them, from where it was interrupted.
step_seeds() {
  local scenario all share batch code=0
  local report="" failure="build/seeds/failure"
  mkdir -p build/seeds
  while read -r scenario all share batch; do
    local wanted="$share"
    [[ -z "${QUORATE_LONG-}" ]] || wanted="$all"
    if run_seeds "$scenario" "$wanted" "$batch"; then
      note_case pass "$scenario"
    else
      note_case fail "$scenario"
      report+="$(grep -vE '^ok ' "$failure" 2> /dev/null || true)"$'\n'
      code=1
    fi
    report+="$(summary_of "$scenario")"$'\n'
  done < <(rows tests/seeds)
  printf '====\n%s' "$report"
  return "$code"
}

# The state of a scenario: what ran, the next seed, seeds that counted, processor seconds. It is of this binary.
state_file() { echo "build/seeds/$1${QUORATE_LONG:+.long}"; }

run_seeds() {
  local scenario="$1" wanted="$2" batch="$3" file binary next=1 counted=0 seconds=0
  file="$(state_file "$scenario")"
  binary="$(sha256sum < "$sim" | cut -c 1-16)"
  if [[ -n "${QUORATE_LONG-}" && -f "$file" ]]; then
    local of
    read -r of next counted seconds < "$file"
    if [[ "$of" != "$binary" ]]; then next=1 counted=0 seconds=0; fi
  fi
  local log code
  log="$(mktemp)"
  while (( counted < wanted )); do
    # Seeds that do not count are made up for, but not for ever.
    if (( next > 2 * wanted )); then
      echo "$scenario: only $counted of $(( next - 1 )) seeds made 1000 operations and met a fault"
      return 1
    fi
    local last=$(( next + batch - 1 ))
    (( last <= next + wanted - counted - 1 )) || last=$(( next + wanted - counted - 1 ))
    code=0
    local TIMEFORMAT='%U %S' spent
    { spent="$( { time "$sim" run "$scenario" --seeds "$next..$last" --jobs 2 > "$log" 2>&1 3>&-; } 2>&1 )" || code=$?; }
    cat "$log"
    if (( code != 0 )); then
      cp "$log" "$failure"
      return 1
    fi
    counted=$(( counted + $(count_seeds "$log") ))
    seconds="$(awk -v a="$seconds" '{ printf "%.1f", a + $1 + $2 }' <<< "$spent")"
    next=$(( last + 1 ))
    echo "$binary $next $counted $seconds" > "$file"
  done
  rm -f "$log"
}

summary_of() {
  local binary next counted seconds
  [[ -f "$(state_file "$1")" ]] || return 0
  read -r binary next counted seconds < "$(state_file "$1")"
  awk -v s="$1" -v n=$(( next - 1 )) -v c="$counted" -v t="$seconds" 'BEGIN {
    rate = (t > 0) ? n * 3600 / t : 0
    printf "%-9s seeds 1..%d held, %d of them count, %.0f seeds per core-hour\n", s, n, c, rate }'
}

# What an event costs, in instructions: the same on every machine and beside any load, which no time is.
step_budget() {
  local scenario seed short long most code=0
  while read -r scenario seed short long most; do
    local before after each
    before="$(instructions_of "$scenario" "$seed" "$short")" && after="$(instructions_of "$scenario" "$seed" "$long")" &&
      each="$(awk '{ print int(($3 - $1) / ($4 - $2)) }' <<< "$before $after")" || each=none
    echo "$scenario: $each instructions an event, at most $most"
    if [[ "$each" != none ]] && (( each <= most )); then
      note_case pass "$scenario"
    else
      note_case fail "$scenario"
      code=1
    fi
  done < <(rows tests/budget)
  keeps_pace || code=1
  return "$code"
}

# Operations without faults: messages, errors, and simulated times of answers.
keeps_pace() {
  local scenario seed length messages most said code=0
  while read -r scenario seed length messages most; do
    said="$("$sim" run "$scenario" --seed "$seed" --for "$length" --faults /dev/null --figures 2>&1)" || true
    echo "$scenario: at most $messages messages an operation, $most:"
    grep -E '^(events: +message-arrived|waited:)' <<< "$said" || true
    if awk -v most="$messages ${most//[a-z]/}" '
         BEGIN { split(most, limit) }
         /^events: +message-arrived/ { within(1, $4) }
         /^waited: +reads/ { answers(2) }
         /^waited: +writes/ { answers(5) }
         function answers(i) {
           within(i, $5); within(i + 1, time("half within ")); within(i + 2, time("99 of 100 within "))
         }
         function time(before) { return match($0, before "[0-9.]+") ? substr($0, RSTART + length(before)) : "none" }
         function within(i, value) { kept += value ~ /^[0-9]/ && value + 0 <= limit[i] + 0 }
         END { exit kept != 7 }' <<< "$said"; then
      note_case pass "pace-$scenario"
    else
      note_case fail "pace-$scenario"
      code=1
    fi
  done < <(rows tests/pace)
  return "$code"
}

# instructions_of SCENARIO SEED LENGTH: the instructions and the events of the run.
instructions_of() {
  local said instructions events
  said="$(valgrind --tool=callgrind --callgrind-out-file=/dev/null "$sim" run "$1" --seed "$2" --for "$3" 2>&1)" ||
    { echo "$said" >&2; return 1; }
  instructions="$(sed -n -E 's/.* Collected : ([0-9]+).*/\1/p' <<< "$said")"
  events="$(field events "$(grep -E '^ok ' <<< "$said")")"
  [[ -n "$instructions" && -n "$events" ]] && echo "$instructions $events"
}

# The same seed has the same events, ladder and hash, however the process differs: one run is written
# down as a replay, and every other must repeat it.
step_determinism() {
  local runs=("kv-1000 1 --for 10s" "kv-3 1" "kv-3 2" "kv-3 3" "kv-3 4" "kv-chaos 1 --for 20s" "kv-chaos 3 --for 20s" "swarm 2" "swarm 11")
  local code=0
  runs_repeat repeated_everywhere "${runs[@]}" || code=1
  same_edges "kv-3 1 --for 20s" "kv-chaos 1 --for 5s" "swarm 20 --for 5s" || code=1
  return "$code"
}

# same_edges RUN...: events are equal because the program took the same way to each, and not by luck.
same_edges() {
  local code=0 run
  finds_other_edges && note_case pass edges-differ || { note_case fail edges-differ; code=1; }
  for run in "$@"; do
    local words
    read -r -a words <<< "$run"
    if "$sim_clang" edges "${words[0]}" --seed "${words[@]:1}"; then
      note_case pass "edges-${run// /-}"
    else
      note_case fail "edges-${run// /-}"
      code=1
    fi
  done
  return "$code"
}

# Of the processes whose edges are compared one is given another seed behind the tool's back: it is told, with places.
finds_other_edges() {
  local folder said code=0
  folder="$(mktemp -d)"
  cat > "$folder/setarch" << 'EOF'
#!/bin/sh
shift
exec $(echo "$@" | sed 's/--seed 1 /--seed 2 /')
EOF
  chmod +x "$folder/setarch"
  said="$(PATH="$folder:$PATH" "$sim_clang" edges kv-3 --seed 1 --for 1s)" || code=$?
  rm -rf "$folder"
  echo "with another seed: $said"
  (( code == 5 )) && [[ "$said" == *"event 1 takes others"*" at "*".h:"* ]]
}

# And it has them with the sanitizers, which must have nothing to say. Most objects are those of the fuzzers, so this
# comes behind them.
step_sanitized() {
  configure_and_build fuzz quorate-sim
  local runs=("kv-3 1" "kv-3 2" "kv-sole 1" "kv-hot 1" "kv-chaos 1 --for 20s" "swarm 1" "swarm 20")
  runs_repeat repeated_sanitized "${runs[@]}"
}

# runs_repeat CHECK RUN...: writes each run down, and hands the replay to a function that has it repeated.
runs_repeat() {
  local check="$1" folder="$root/build/determinism" code=0 run
  shift
  mkdir -p "$folder"
  for run in "$@"; do
    local words trace="$folder/${run// /-}.replay"
    read -r -a words <<< "$run"
    rm -f "$trace"
    # The verdict may be any: it must be repeated too.
    "$sim" run "${words[0]}" --seed "${words[@]:1}" --trace "$trace" || true
    if [[ -s "$trace" ]] && "$check" "$trace"; then
      note_case pass "${run// /-}"
    else
      note_case fail "${run// /-}"
      code=1
    fi
  done
  return "$code"
}

# repeated_sanitized TRACE
repeated_sanitized() { repeats "$1" "clang, address and undefined-behaviour sanitizers" "$sim_sanitized"; }

# repeated_everywhere TRACE
repeated_everywhere() {
  repeats "$1" "the same again" "$sim" &&
    repeats "$1" "addresses not randomised" setarch -R "$sim" &&
    repeats "$1" "memory filled" env MALLOC_PERTURB_=165 "$sim" &&
    repeats "$1" "g++ -O1" "$sim_dev" &&
    repeats "$1" "clang -O0" "$sim_clang" &&
    repeats "$1" "clang -O0, addresses not randomised, memory filled" \
      setarch -R env MALLOC_PERTURB_=90 "$sim_clang" &&
    repeats "$1" "with planted bugs, none named" "$sim_planted"
}

# repeats TRACE WHAT COMMAND...: the simulator that COMMAND starts repeats the trace to the last event.
repeats() {
  local trace="$1" what="$2" said
  shift 2
  said="$("$@" replay "$trace" 2>&1)" || true
  echo "$what: $said"
  if [[ "$said" == *"made by this build"*"all equal"* ]]; then return 0; fi
  echo "not the same: $what"
  return 1
}

# An ensemble of all scenarios, for some time: besides failures it must not show a kind of fault that never does
# anything, nor a mark of the engine that no run comes to.
step_swarm() {
  local limit=240s seeds=400
  if [[ -n "${QUORATE_LONG-}" ]]; then limit=1200s seeds=4000; fi
  "$sim" swarm --seeds "1..$seeds" --jobs 2 --for-time "$limit" --all-marks
}

# Short runs once more with every single fault: they hold, and where a bug is planted one of them does not.
# With pairs the singles hold first: what is found then takes two faults.
step_exhaust() {
  local scenario seed length long pairs many bug said code=0
  while read -r scenario seed length long pairs many bug; do
    [[ -z "${QUORATE_LONG-}" ]] || { length="$long"; pairs="$many"; }
    local words=("$scenario" --seed "$seed" --for "$length" --jobs 2 --keep build/exhaust.regression)
    local name="$scenario-$seed" wanted="ok " judged=""
    [[ "$pairs" == - ]] || { words+=(--pairs "$pairs"); judged=" pairs=[1-9]" name+="-pairs"; }
    if [[ "$bug" == - ]]; then
      said="$("$sim" exhaust "${words[@]}" 2>&1)" || true
    else
      said="$("$sim_planted" exhaust "${words[@]}" --bug "$bug" 2>&1)" || true
      name="$bug" wanted="FAILED "
    fi
    echo "$said"
    if [[ "$(tail -1 <<< "$said")" == "$wanted"*$judged* ]]; then
      note_case pass "$name"
    else
      note_case fail "$name"
      code=1
    fi
  done < <(rows tests/exhaust)
  return "$code"
}

# Seeds, and what else could have come of them: they hold, and where a bug is planted one of them does not, and again
# when it is replayed from its file.
step_explore() {
  local scenario seeds limit long bug said kept=build/explore.regression code=0
  while read -r scenario seeds limit long bug; do
    [[ -z "${QUORATE_LONG-}" ]] || limit="$long"
    local words=("$scenario" --seeds "$seeds" --for-time "$limit" --jobs 2 --keep "$kept")
    local name="$scenario" wanted="ok " again="regression: broken: "
    rm -f "$kept"
    if [[ "$bug" == - ]]; then
      said="$("$sim" explore "${words[@]}" 2>&1)" || true
      again=""
    else
      said="$("$sim_planted" explore "${words[@]}" --bug "$bug" 2>&1)" || true
      name="$bug" wanted="FAILED "
    fi
    echo "$said"
    if [[ "$(tail -1 <<< "$said")" == "$wanted"*" continuations="[1-9]* ]] && kept_breaks "$again" "$kept" "$bug"; then
      note_case pass "$name"
    else
      note_case fail "$name"
      code=1
    fi
  done < <(rows tests/explore)
  return "$code"
}

# kept_breaks WORDS REGRESSION BUG: its replay says so; without words nothing was kept.
kept_breaks() {
  local said
  if [[ -z "$1" ]]; then
    [[ ! -e "$2" ]]
    return
  fi
  said="$("$sim_planted" replay "$2" --bug "$3" 2>&1)" || true
  echo "$said"
  [[ "$said" == *"$1"* ]]
}

# Every planted bug is found within 200 seeds by an oracle that names it; without one nothing is found.
step_planted() {
  local bug scenario table code=0
  table="$("$sim_planted" bugs tests/planted --ranges 3 --jobs 2)" || true
  while read -r bug scenario _; do
    # Of three ranges of 200 seeds: how many the median needs, or "none".
    if [[ "$(awk -F '|' -v bug=" \`$bug\` " '$2 == bug { print $5 + 0 }' <<< "$table")" -gt 0 ]]; then
      note_case pass "$bug"
    else
      note_case fail "$bug"
      code=1
    fi
  done < <(rows tests/planted)
  while read -r scenario; do
    if grep -qxF "control: $scenario, seeds without a bug: silent" <<< "$table"; then
      note_case pass "control-$scenario"
    else
      note_case fail "control-$scenario"
      code=1
    fi
  done < <(rows tests/planted | awk '{ print $2 }' | sort -u)
  printf '====\n%s\n' "$table"
  return "$code"
}

# Shards recorded with a bug in them: executed again with the bug all go as recorded, and without it at least one
# is found out, at the tick in which it goes otherwise.
step_recorded() {
  local bug scenario folder file said code=0
  folder="$(mktemp -d)"
  while read -r bug scenario; do
    "$sim_planted" run "$scenario" --seed 3 --for 15s --bug "$bug" --record "$folder/$bug" > /dev/null || true
    local same=0 differ=0 wrong=0
    for file in "$folder/$bug".*; do
      if "$sim_planted" replay "$file" --bug "$bug" > /dev/null; then same=$(( same + 1 )); else wrong=$(( wrong + 1 )); fi
      said="$("$sim" replay "$file")" || [[ $? != 34 ]] || [[ "$said" != *"replay: differs at tick "* ]] || differ=$(( differ + 1 ))
    done
    echo "$bug: $same recordings go as recorded with the bug, $wrong do not, $differ differ without it"
    if (( same > 0 && wrong == 0 && differ > 0 )); then
      note_case pass "$bug"
    else
      note_case fail "$bug"
      code=1
    fi
  done <<< "ack-before-commit kv-sole
read-fewer kv-3
pipeline-unordered kv-hot
ack-before-quorum kv-3
set-keeps-deadline kv-sole"
  rm -rf "$folder"
  return "$code"
}

# What was kept must end as it did, and a regression must not where its bug is planted.
step_traces() {
  local file code=0 regressions=0 replays=0
  shopt -s nullglob
  for file in traces/*.regression traces/*.replay; do
    if [[ "$file" == *.replay ]]; then
      replays=$(( replays + 1 ))
      repeats_kept "$file"
    else
      regressions=$(( regressions + 1 ))
      holds "$file"
    fi && note_case pass "$file" || { note_case fail "$file"; code=1; }
  done
  echo "$regressions regressions, $replays replays"
  if (( regressions < 3 || replays < 1 )); then
    echo "at least three regressions and one replay are kept"
    code=1
  fi
  return "$code"
}

# holds REGRESSION: it holds; one that is named after a planted bug fails with the bug.
holds() {
  local bug said
  bug="$(basename "$1" .regression)"
  "$sim" replay "$1" || return 1
  rows tests/planted | grep -qE "^$bug " || return 0
  said="$("$sim_planted" replay "$1" --bug "$bug" 2>&1)" || true
  echo "with the bug: $said"
  [[ "$said" == *"regression: broken: "* ]]
}

# repeats_kept REPLAY: another build of the sources makes it its own first, and then repeats it.
repeats_kept() {
  local copy said
  copy="build/$(basename "$1")"
  said="$("$sim" replay "$1")" || { echo "$said"; return 1; }
  echo "$said"
  [[ "$said" != *"made by this build"* ]] || return 0
  cp "$1" "$copy"
  "$sim" retrace "$copy" || return 1
  repeats "$copy" "after retrace" "$sim"
}
