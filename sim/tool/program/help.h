// SPDX-License-Identifier: Apache-2.0
// What the program says of itself.
#pragma once

namespace quorate::sim {

inline constexpr char kHelp[] =
    R"help(quorate-sim run SCENARIO --seed N | --seeds A..B [--jobs N] [--nodes N]
        [--for TIME] [--bug NAME] [--trace FILE] [--keep FILE] [--why TEXT]
        [--record FILE] [--effects] [--figures] [--log] [--watch KEY]
    one run with all oracles, or many; --record: what each shard was given, as
    nodes record it
quorate-sim faults SCENARIO --seed N | FILE
    says the faults of a run in words. run, shrink, odds, why, render, gdb,
    diff, edges and explore take such words in place of drawn faults: --faults
    FILE, or --fault 'WORDS' once for each
quorate-sim replay FILE
    judges a kept trace: a replay or a regression; with --bug NAME as it ends
    where the bug is planted; or executes what a node recorded (quorated
    --record), of another build with --any-build
quorate-sim swarm --seeds A..B [SCENARIO...] [--jobs N] [--for-time TIME]
        [--bug NAME] [--all-marks] [--page FILE]
    what many runs show together; on a page while they run too
quorate-sim marks --seeds A..B [SCENARIO...] [--jobs N] [--for-time TIME]
        [--all-marks]
    which marks of the engine runs come to, and which run first
quorate-sim exhaust SCENARIO --seed N | FILE [--for TIME] [--bug NAME]
        [--pairs N] [--jobs N] [--for-time TIME] [--keep FILE]
    a run without faults once more with each single one: a crash before every
    effect of every tick, every message lost, doubled, late; and then with N
    pairs of them, where the second is one of the run that the first changed
quorate-sim explore SCENARIO --seeds A..B [--jobs N] [--for-time TIME]
        [--children K] [--for TIME] [--bug NAME] [--keep FILE]
    runs, and at states of the cluster that no run has been in K continuations
    of each (2), which may be continued in turn; 0: seeds alone, for comparison
quorate-sim shrink SCENARIO --seed N | FILE [--bug NAME] [--jobs N]
        [--for-time TIME] [--keep FILE]
    makes a failing run small and keeps it; or a recording whose replay dies of
    a check or, with --bug, differs
quorate-sim odds SCENARIO --seed N | FILE [--bug NAME] [--jobs N]
        [--for-time TIME]
    when a failure became inevitable: how many runs still fail where delays are
    drawn anew from a time on
quorate-sim why [EVENT] SCENARIO --seed N | FILE [--bug NAME] [--depth N]
    walks back from an event, or from the failure; of a recording, what went
    into a tick: why [TICK] FILE
quorate-sim render SCENARIO --seed N | FILE [--bug NAME] [--out FILE]
        [--key KEY] [--format html|perfetto|shiviz] [--from TIME] [--until TIME]
        [--lanes NODE,NODE]
    draws the run, or the shard of a recording, as a page, around its failure;
    or writes it for ui.perfetto.dev, or a run for ShiViz
quorate-sim gdb [EVENT] SCENARIO --seed N | FILE [--bug NAME]
    stops the run where it is told to, on and back; commands come from the
    standard input, 'help' lists them; of a recording at ticks: gdb [TICK] FILE
quorate-sim bisect SCENARIO --seed N | FILE --good COMMIT [--bad COMMIT]
        [--bug NAME] [--build COMMAND]
    the first commit that has the failure
quorate-sim diff A B [--bug NAME]
    the first event at which two runs differ; each is SCENARIO:SEED or a file,
    and the bug is planted in B alone
quorate-sim-planted bugs FILE [--seeds A..B] [--ranges N] [--jobs N] [--shrink]
        [--page FILE]
    how many seeds find each planted bug that FILE lists
quorate-sim edges SCENARIO --seed N | FILE [--bug NAME]
    whether a run takes the same way through the program wherever things lie in
    memory; with --out FILE what this process takes, by event, and with an EVENT
    before the run its edges. Of the preset 'clang'
quorate-sim retrace FILE
    makes a replay this build's own
quorate-sim list
    names the scenarios
quorate-sim check-history FILE --model register|kv
        [--format text|jepsen-log|edn] [--budget STEPS]
    says whether the history is linearizable: exits 0 if it is, 1 if not, 2 if
    the budget did not do, 100 on bad input

quorate-sim help [COMMAND]
    this; COMMAND --help says it of one, too

--epochs MICROSECOND:SALT,... with a seed: from then on what happens is drawn
otherwise. --trace writes the run as a bit-exact replay, --keep as a regression
that survives changes.
)help";

}  // namespace quorate::sim
