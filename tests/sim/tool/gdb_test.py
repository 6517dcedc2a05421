#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`quorate-sim gdb`: on and back, a run is at an event what it is when it comes there for the first time."""

import os
import random
import re
import signal
import subprocess
import unittest

SIM = os.environ["QUORATE_SIM"]
RUN = ["kv-3", "--seed", "4", "--for", "8s"]
SNAPSHOTS_MAX, NEAREST = 32, 64


def gdb(commands, arguments=None):
    """What is said to each command."""
    typed = "".join(f"{command}\nmark{i}\n" for i, command in enumerate(commands))
    done = subprocess.run([SIM, "gdb", *(arguments or RUN)], input=typed, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0 and done.stderr == "", done
    answers = re.split(r"what is 'mark\d+'\? 'help' lists the commands\n", done.stdout)
    assert len(answers) == len(commands) + 1 and answers[-1] == "", done.stdout[-400:]
    return answers[:-1]


def place(answer):
    """The last event that an answer tells of."""
    events = re.findall(r"^ *\d+\.\d{6} s  #(\d+) ", answer, re.M)
    return int(events[-1]) if events else 0


def told(answer):
    """An answer without how it came about."""
    return re.sub(r"^\d+ events from the snapshot at #\d+\n", "", answer)


LOOKS = ["node 0", "node 1", "node 2", "key counter:0", "key string:1"]


class Going(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.end = place(gdb(["run"])[0])
        assert cls.end > 6000
        draws = random.Random(1)
        cls.events = sorted(draws.sample(range(2, cls.end - 50), 25))
        answers = iter(gdb([word for event in cls.events for word in (f"until {event}", *LOOKS)]))
        # At the places that a run comes to without going back.
        cls.straight = {}
        for _ in cls.events:
            first = next(answers)
            cls.straight[place(first)] = (told(first), [next(answers) for _ in LOOKS])

    def test_on_and_back_it_is_the_same(self):
        draws = random.Random(2)
        places = sorted(self.straight)
        way = [draws.choice(places) for _ in range(60)]
        answers = iter(gdb([word for event in way for word in (f"until {event}", *LOOKS)]))
        back = 0
        for event in way:
            answer = next(answers)
            back += "from the snapshot" in answer
            self.assertEqual((told(answer), [next(answers) for _ in LOOKS]), self.straight[event])
        self.assertGreater(back, 15)

    def test_the_hash_is_that_of_the_run(self):
        line = subprocess.run([SIM, "run", *RUN], capture_output=True, text=True, timeout=100).stdout
        way = gdb(["until 4000", "back 900", "next 20", "back 3", "run", "back 2000", "run"])
        for answer in (way[4], way[6]):
            self.assertIn("the run holds", answer)
            self.assertEqual(re.search(r"hash (\w+)", answer).group(1), re.search(r"hash=(\w+)", line).group(1))

    def test_steps_back_undo_steps_on(self):
        way = gdb(["until 3000"] + ["next"] * 10 + ["back"] * 10)
        on, back = [told(answer) for answer in way[:11]], [told(answer) for answer in way[11:]]
        self.assertEqual(back, on[-2::-1])

    def test_back_runs_no_more_than_from_the_nearest_snapshot(self):
        commands, draws = ["until 6000"], random.Random(3)
        for _ in range(25):
            commands += ["snapshots", f"back {draws.randrange(1, 400)}", f"next {draws.randrange(1, 300)}"]
        answers = gdb(commands)
        for listed, back in zip(answers[1::3], answers[2::3]):
            snapshots = [int(number) for number in re.findall(r"#(\d+)", listed)]
            self.assertLessEqual(len(snapshots), SNAPSHOTS_MAX)
            ran, since = map(int, re.match(r"(\d+) events from the snapshot at #(\d+)\n", back).groups())
            self.assertEqual(since, max(at for at in snapshots if at <= place(back)))
            self.assertEqual(ran, place(back) - since)

    def test_what_was_gone_back_to_is_near_then(self):
        answers = gdb(["until 6000", "back 10", "back 1", "back 1"])
        for answer in answers[2:]:
            self.assertLess(int(answer.split()[0]), 4 * NEAREST)

    def test_the_beginning_is_as_far_back_as_it_goes(self):
        first, zero, again, first_again = gdb(["next", "back 100", "back", "next"])
        self.assertIn("before the first event", zero)
        self.assertIn("before the first event", again)
        self.assertEqual(first, first_again)


class Stops(unittest.TestCase):
    def test_where_it_is_told_to(self):
        log = subprocess.run([SIM, "run", *RUN, "--log"], capture_output=True, text=True, timeout=100).stderr
        node = re.search(r"node (\d+) (?:crashed|stopped)", log).group(1)
        down, up = gdb([f"until node {node} down", f"until node {node} up"])
        self.assertRegex(down, rf"node-(crashed|stopped) at node {node}\b")
        self.assertRegex(up, rf"node-started at node {node}\b")
        key, operation, time = gdb(["until key counter:1", "until op 500", "until time 6500ms"])
        self.assertRegex(key, r"counter:1\b")
        self.assertRegex(operation, r"(asks|ends): operation 500\b")
        self.assertRegex(time, r"(?m)^ +6\.5\d+ s ")

    def test_an_event_may_be_given_at_once(self):
        self.assertEqual(place(gdb(["next 0"], ["300", *RUN])[0].split("what is")[0]), 300)

    def test_nonsense_is_said_to_be_none_and_changes_nothing(self):
        nonsense = ["nothing", "until", "until x", "until node 9 down", "until op x", "until time x", "node 9", "back 0", "back x"]
        answers = gdb(["until 100", *nonsense, "next"])
        for answer in answers[1:-1]:
            self.assertRegex(answer, r"^what is '.*'\? 'help' lists the commands\n$")
        self.assertGreater(place(answers[-1]), 100)

    def test_where_says_what_why_says(self):
        event = place(gdb(["until 2000"])[0])
        why = subprocess.run([SIM, "why", str(event), *RUN], capture_output=True, text=True, timeout=100)
        self.assertEqual(gdb(["until 2000", "where"])[1], why.stdout)

    def test_a_process_that_dies_takes_nothing_with_it(self):
        session = subprocess.Popen([SIM, "gdb", *RUN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(session.kill)

        def say(command, until):
            session.stdin.write(command + "\n")
            session.stdin.flush()
            lines = []
            while not lines or not re.search(until, lines[-1]):
                lines.append(session.stdout.readline())
                self.assertTrue(lines[-1], "it ended")
            return "".join(lines)

        before = say("until 3000", "hash")
        process = int(say("debug", "gdb -p").split()[-1])
        self.assertNotEqual(process, session.pid)
        os.kill(process, signal.SIGKILL)
        self.assertIn("the process died with signal 9", session.stdout.readline())
        self.assertEqual(told(session.stdout.readline() + say("until 3000", "hash"))[: len(before)], before)
        session.stdin.close()
        session.stdout.read()
        session.stdout.close()
        self.assertEqual(session.wait(20), 0)


class Refusals(unittest.TestCase):
    def test_in_a_line_with_their_code(self):
        for arguments, code in ((["kv-3", "x", "y"], 1), ([], 1), (["nothing.trace"], 2), (["x", *RUN], 1), ([__file__], 2)):
            done = subprocess.run([SIM, "gdb", *arguments], input="", capture_output=True, text=True, timeout=20)
            self.assertEqual((done.returncode, done.stdout), (code, ""), (arguments, done.stderr))
            self.assertRegex(done.stderr, r"^quorate-sim: gdb: [^\n]*\n$")


if __name__ == "__main__":
    unittest.main()
