#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What `render` writes of a failing run for other tools: a trace as ui.perfetto.dev reads it, and a log as ShiViz reads
it, with clocks that are compared with what the page says caused what."""

import collections
import json
import os
import pathlib
import re
import subprocess
import tempfile
import unittest

SIM = os.environ.get("QUORATE_SIM_PLANTED", "")
BUG = ["--bug", "ack-before-quorum"]
RUN = ["kv-3", "--seed", "2", *BUG]
FIELDS = ("id", "cause", "time", "kind", "node", "shard", "peer", "flags", "sent", "tick", "note")
ELSEWHERE = ("fault-", "node-", "phase-")  # told by the lives and the faults


def sim(*arguments, folder=None):
    return subprocess.run([SIM, *arguments], capture_output=True, text=True, timeout=100, cwd=folder)


class Exported(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="quorate-export-")))
        cls.page = cls.read_page(cls.render("html", *RUN))

    @classmethod
    def render(cls, form, *words):
        out = cls.folder / f"it.{form}"
        done = sim("render", *words, "--format", form, "--out", out)
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith(f"{out}: "), done.stdout
        return out.read_text()

    @staticmethod
    def read_page(text):
        data = json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.S).group(1))
        data["events"] = [dict(zip(FIELDS, event), inputs=event[len(FIELDS) :]) for event in data["events"]]
        for event in data["events"]:
            event["kind"] = data["kinds"][event["kind"]]
        return data


class Slices:
    """What Perfetto makes of a trace: events by time, those of one time as they stand in the file; a slice that begins
    closes those that have ended, and a flow is of the last that is open."""

    def __init__(self, events):
        self.overlaps, self.bound, open_ = [], {}, collections.defaultdict(list)
        for event in sorted((event for event in events if event["ph"] != "M"), key=lambda event: event["ts"]):
            stack = open_[event["pid"], event["tid"]]
            if event["ph"] in "sf":
                self.bound[event["ph"], event["id"]] = stack[-1] if stack else None
                continue
            begin, end = event["ts"], event["ts"] + event.get("dur", 0)
            while stack and stack[-1]["ts"] + stack[-1].get("dur", 0) <= begin:
                stack.pop()
            if stack and end > stack[-1]["ts"] + stack[-1].get("dur", 0):
                self.overlaps.append((stack[-1], event))
            stack.append(event)


class PerfettoTest(Exported):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.trace = json.loads(cls.render("perfetto", *RUN))

    def of_phase(self, phase):
        return [event for event in self.trace["traceEvents"] if event["ph"] == phase]

    def check(self, trace):
        """What is so of every trace. Gives the flows by name."""
        events, names = trace["traceEvents"], collections.defaultdict(dict)
        for event in events:
            if event["ph"] == "M":
                key = event["pid"] if event["name"] == "process_name" else (event["pid"], event["tid"])
                self.assertNotIn(key, names[event["name"]])
                names[event["name"]][key] = event["args"]["name"]
        self.assertEqual(len({tid for _, tid in names["thread_name"]}), len(names["thread_name"]), "a number of two threads")
        flows = {"s": {}, "f": {}}
        for event in events:
            self.assertIn(event["ph"], ("X", "i", "s", "f", "M"))
            self.assertIn(event["pid"], names["process_name"])
            if event["ph"] == "M":
                continue
            self.assertIn((event["pid"], event["tid"]), names["thread_name"])
            self.assertGreaterEqual(event["ts"], 0)
            if event["ph"] == "X":
                self.assertGreaterEqual(event["dur"], 0)
            if event["ph"] in flows:
                self.assertNotIn(event["id"], flows[event["ph"]])
                flows[event["ph"]][event["id"]] = event
        self.assertEqual(set(flows["s"]), set(flows["f"]))
        for number, begin in flows["s"].items():
            end = flows["f"][number]
            self.assertEqual((begin["name"], begin["cat"], end["bp"]), (end["name"], end["cat"], "e"))
            self.assertLessEqual(begin["ts"], end["ts"])
        slices = Slices(events)
        self.assertEqual(slices.overlaps, [])
        ties = collections.defaultdict(list)
        for number, begin in flows["s"].items():
            ties[begin["name"]].append((number, slices.bound["s", number], slices.bound["f", number]))
        return ties

    def test_a_trace_keeps_the_rules_of_its_format(self):
        ties = self.check(self.trace)
        self.assertEqual(set(ties), {"message", "asked", "answered"})

    def test_messages_go_from_the_tick_that_sent_them_to_the_tick_that_took_them(self):
        ticks = {event["id"]: event for event in self.page["events"] if event["kind"] == "tick"}
        taken = {number: event["id"] for event in ticks.values() for number in event["inputs"]}
        arrived = [event for event in self.page["events"] if event["kind"] == "message-arrived"]
        expected = {(event["id"], event["cause"], taken[event["id"]]) for event in arrived if event["cause"] in ticks and event["id"] in taken}
        ties = self.check(self.trace)["message"]
        self.assertGreater(len(expected), 1000)
        self.assertEqual({(number, begin["args"]["event"], end["args"]["event"]) for number, begin, end in ties}, expected)
        for number, begin, end in ties[:: len(ties) // 50]:
            message = next(event for event in arrived if event["id"] == number)
            self.assertIn(f"node {message['node']}: {message['note']}", begin["args"]["sent"])
            self.assertIn(f"node {message['peer']}: {message['note']}", end["args"]["took"])
            self.assertEqual((begin["pid"] - end["pid"] == 0), message["node"] == message["peer"])

    def test_all_ticks_operations_lives_and_faults_of_the_page_are_slices(self):
        slices = collections.defaultdict(list)
        for event in self.of_phase("X"):
            slices[event["cat"].split(",")[0]].append(event)
        ticks = [(event["id"], event["time"]) for event in self.page["events"] if event["kind"] == "tick"]
        self.assertEqual([(event["args"]["event"], event["ts"]) for event in slices["tick"]], ticks)
        operations = [(operation["n"], operation["command"], operation["verdict"], operation["from"], operation["until"] - operation["from"]) for operation in self.page["operations"]]
        told = [(event["args"]["operation"], event["name"], event["args"]["verdict"], event["ts"], event["dur"]) for event in slices["operation"]]
        self.assertEqual(told, operations)
        lives = [(life[0], life[1] - life[0], life[2], life[4]) for node in self.page["nodes"] for life in node["lives"]]
        self.assertEqual(sorted((event["ts"], event["dur"], event["args"]["life"], event["args"]["end"]) for event in slices["life"]), sorted(lives))
        faults = [(fault["id"], fault["kind"], fault["from"], fault["text"]) for fault in self.page["faults"]]
        self.assertEqual([(event["args"]["fault"], event["name"], event["ts"], event["args"]["text"]) for event in slices["fault"]], faults)

    def test_the_failing_operation_is_asked_and_answered_by_ticks(self):
        failed = next(operation for operation in self.page["operations"] if operation["flags"] & 4)
        (slice_,) = [event for event in self.of_phase("X") if "failure" in event["cat"].split(",")]
        self.assertEqual((slice_["args"]["operation"], slice_["name"], slice_["args"]["answer"]), (failed["n"], failed["command"], failed["answer"]))
        ties = self.check(self.trace)
        (asked,) = [end for _, begin, end in ties["asked"] if begin is not None and begin["args"] == slice_["args"]]
        (answered,) = [begin for _, begin, end in ties["answered"] if end is not None and end["args"] == slice_["args"]]
        self.assertTrue(any(failed["command"] in words for words in asked["args"]["took"]))
        self.assertTrue(any(failed["answer"] in words for words in answered["args"]["sent"]))
        (failure,) = [event for event in self.of_phase("i") if event["cat"] == "failure"]
        self.assertEqual((failure["name"], failure["args"]["event"]), (self.page["failure"]["kind"], self.page["failure"]["event"]))
        self.assertEqual(failure["args"]["seen"], self.page["failure"]["seen"])

    def test_a_recording_is_a_trace_whose_flows_are_questions_and_their_answers(self):
        sim("run", "kv-3", "--seed", "3", "--for", "15s", *BUG, "--record", self.folder / "kept")
        recording = sorted(self.folder.glob("kept.*"))[0]
        trace = json.loads(self.render("perfetto", recording, *BUG))
        page = self.read_page(self.render("html", recording, *BUG))
        events = {event["id"]: event for event in page["events"]}
        taken = {number: event["id"] for event in page["events"] for number in event["inputs"]}
        expected = set()
        for event in page["events"]:
            question = events.get(event["cause"], {"kind": ""})
            if event["kind"] == "message-arrived" and question["kind"] == "message-sent" and question["cause"] in events and event["id"] in taken:
                expected.add((event["id"], question["cause"], taken[event["id"]]))
        ties = self.check(trace)["message"]
        self.assertGreater(len(expected), 100)
        self.assertEqual({(number, begin["args"]["event"], end["args"]["event"]) for number, begin, end in ties}, expected)


class ShiVizTest(Exported):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.log = cls.render("shiviz", *RUN)
        cls.events = {event["id"]: event for event in cls.page["events"]}
        cls.lines = cls.parse(cls.log)

    @staticmethod
    def parse(log):
        """As ShiViz does: by the first line; the second is of other runs, of which there are none."""
        line, other, rest = log.split("\n", 2)
        assert other == "", other
        expression = re.compile(line.replace("(?<", "(?P<"))
        lines = [match.groupdict() for match in expression.finditer(rest)]
        assert len(lines) == rest.count("\n"), "a line that is not read"
        for each in lines:
            each["clock"] = json.loads(each["clock"])
            each["number"], each["time"] = int(each["number"]), int(each["time"])
        return lines

    def count(self, lines):
        """The last clock of each host."""
        now = {}
        for line in lines:
            before = now.get(line["host"], {})
            self.assertEqual(line["clock"][line["host"]], before.get(line["host"], 0) + 1, line)
            for host, count in before.items():
                self.assertGreaterEqual(line["clock"].get(host, 0), count, line)
            now[line["host"]] = line["clock"]
        return now

    def test_each_host_counts_its_events_and_forgets_nothing(self):
        now = self.count(self.lines)
        self.assertTrue(all(re.fullmatch(r"(node|client)-\d+", host) for host in now))
        self.assertEqual({host for host in now if host.startswith("node")}, {"node-0", "node-1", "node-2"})
        self.assertGreater(len(now), 6)

    def test_a_clock_is_what_its_host_and_the_events_it_names_knew(self):
        """What ShiViz demands: each entry is of an event that is there, and with it comes all that one knew."""
        known = {(line["host"], line["clock"][line["host"]]): line["clock"] for line in self.lines}
        before = {}
        for line in self.lines:
            expected = dict(before.get(line["host"], {}))
            for host, count in line["clock"].items():
                if host != line["host"] and count > expected.get(host, 0):
                    self.assertIn((host, count), known, line)
                    for other, its in known[host, count].items():
                        self.assertLessEqual(its, line["clock"].get(other, 0), line)
            before[line["host"]] = line["clock"]

    def test_what_is_received_knows_what_its_sender_knew_and_no_more(self):
        """The clocks anew, of what the page says of causes."""
        now, clocks, merged = {}, {}, 0
        for line in self.lines:
            clock, event = dict(now.get(line["host"], {})), self.events.get(line["number"])
            cause = 0
            if event is not None and not event["kind"].startswith(ELSEWHERE) and line["host"] in self.hosts_of(event):
                cause = event["cause"]
            elif line["host"].startswith("client-") and " ends " in line["event"]:
                cause = line["number"]
            if cause in clocks:
                merged += clocks[cause][0] != line["host"]
                for host, count in clocks[cause][1].items():
                    clock[host] = max(clock.get(host, 0), count)
            clock[line["host"]] = clock.get(line["host"], 0) + 1
            self.assertEqual(line["clock"], clock, line)
            now[line["host"]] = clock
            if event is None or event["kind"].startswith("node-") or line["host"] in self.hosts_of(event):
                clocks[line["number"]] = (line["host"], clock)
        self.assertGreater(merged, 3000)

    @staticmethod
    def hosts_of(event):
        """Where it happened: a message that is lost at its sender."""
        if event["kind"].startswith(ELSEWHERE):
            return ()
        if event["kind"] in ("client-wakes", "client-receives"):
            return (f"client-{event['peer']}",)
        return (f"node-{event['peer' if event['kind'] == 'message-lost' else 'node']}",)

    def test_all_events_of_the_page_are_lines_at_their_hosts(self):
        told = {(line["number"], line["host"]): line for line in self.lines}
        self.assertEqual(len(told), len(self.lines))
        for event in self.page["events"]:
            for host in self.hosts_of(event):
                line = told[event["id"], host]
                self.assertEqual(line["time"], event["time"])
                if event["kind"].startswith("message-"):
                    self.assertIn(event["note"], line["event"])
                self.assertEqual(line["part"] in ("cause", "failure"), bool(event["flags"] & 1), line)
        self.assertEqual([line["number"] for line in self.lines], sorted(line["number"] for line in self.lines))
        starts = [line for line in self.lines if "starts, life " in line["event"]]
        self.assertEqual(len(starts), sum(len(node["lives"]) for node in self.page["nodes"]))
        begun = [line for line in self.lines for _ in re.findall(r"fault \d+, [a-z-]+, begins", line["event"])]
        self.assertEqual(len(begun), sum(len(fault["nodes"]) for fault in self.page["faults"]))

    def test_the_failing_operation_is_asked_and_ends_at_its_client(self):
        failed = next(operation for operation in self.page["operations"] if operation["flags"] & 4)
        host = f"client-{failed['client']}"
        (begin,) = [line for line in self.lines if f"operation {failed['n']}: {failed['command']}" in line["event"]]
        (end,) = [line for line in self.lines if line["part"] == "failure"]
        self.assertEqual((begin["host"], begin["number"], begin["time"]), (host, failed["asked"], failed["from"]))
        self.assertEqual((end["host"], end["number"], end["time"]), (host, failed["ended"], failed["until"]))
        self.assertIn(f"operation {failed['n']} ends {failed['verdict']}: {failed['answer']}", end["event"])
        self.assertIn(self.page["failure"]["seen"], end["event"])

    def test_a_regression_is_a_log_too(self):
        kept = self.folder / "kept.trace"
        self.assertNotEqual(sim("run", *RUN, "--keep", kept, "--why", "a test").returncode, 0)
        lines = self.parse(self.render("shiviz", kept, *BUG))
        self.assertGreater(len(self.count(lines)), 6)
        (end,) = [line for line in lines if line["part"] == "failure"]
        self.assertIn("failure, stale-read: promised: ", end["event"])


class RefusalTest(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="quorate-export-")))

    def test_names_of_files_end_as_their_format_does(self):
        for form, ending in ((), ".html"), (("--format", "perfetto"), ".perfetto.json"), (("--format", "shiviz"), ".shiviz.log"):
            self.assertEqual(sim("render", "kv-3", "--seed", "4", "--for", "2s", *form, folder=self.folder).returncode, 0)
            self.assertTrue((self.folder / f"kv-3-4{ending}").is_file(), ending)

    def test_what_makes_no_sense_is_a_line_with_its_code(self):
        sim("run", "kv-3", "--seed", "3", "--for", "3s", "--record", self.folder / "kept")
        recording = sorted(self.folder.glob("kept.*"))[0]
        cases = [
            (["kv-3", "--seed", "2", "--format", "banana"], 1, "no format 'banana'"),
            (["kv-3", "--seed", "2", "--format", "HTML"], 1, "no format 'HTML'"),
            (["kv-3", "--seed", "2", "--format"], 1, "--format needs a value"),
            ([recording, "--format", "banana"], 1, "no format 'banana'"),
            ([recording, "--format", "shiviz"], 1, "shiviz takes a run"),
            (["kv-3", "--for", "1s", "--format", "shiviz", "--lanes", "9"], 1, "the run has the nodes 0 to 2"),
            (["kv-3", "--for", "1s", "--format", "perfetto", "--out", "/nowhere/x"], 3, "/nowhere/x"),
        ]
        for words, code, said in cases:
            before = set(self.folder.iterdir())
            done = sim("render", *words, folder=self.folder)
            self.assertEqual((done.returncode, done.stdout), (code, ""), words)
            self.assertRegex(done.stderr, rf"^quorate-sim: [^\n]*{re.escape(said)}[^\n]*\n$")
            self.assertEqual(set(self.folder.iterdir()), before)


if __name__ == "__main__":
    unittest.main()
