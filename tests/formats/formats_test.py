#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What earlier releases wrote is read by this one: the files of kept/, one folder for each format that was
ever current. And what a later one wrote is refused with a clear line, and left alone."""

import pathlib
import re
import shutil
import subprocess
import sys
import unittest

FORMATS = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FORMATS.parent / "cluster"))

import content
from harness.case import NodeCase, main
from harness.node import quorated

KEPT = sorted(path for path in (FORMATS / "kept").iterdir() if path.name.isdigit())
CONFIGURATIONS = sorted((FORMATS / "kept").glob("configuration-*"))


def run(*arguments, **options):
    return subprocess.run([quorated(), *map(str, arguments)],
                          capture_output=True, text=True, timeout=60, **options)  # fmt: skip


def copy_of_configuration(kept, folder):
    shutil.copytree(kept, folder)
    (folder / "password").chmod(0o600)  # which a checkout does not keep
    return folder / "node.yaml"


def change(path, offset, old, new):
    data = bytearray(path.read_bytes())
    assert data[offset : offset + len(old)] == old, data[offset : offset + len(old)]
    data[offset : offset + len(new)] = new
    path.write_bytes(data)


class Kept(NodeCase):
    def kept_node(self, folder, name, shards=1):
        node = self.node(name, {"shards": shards, "storage": content.STORAGE})
        shutil.copytree(folder / "data", node.data)
        return node

    def test_directories_are_read_by_any_number_of_shards(self):
        self.assertTrue(KEPT)
        for folder in KEPT:
            for shards in (1, 2):
                with self.subTest(format=folder.name, shards=shards):
                    node = self.kept_node(folder, f"{folder.name}-{shards}", shards).start()
                    with node.wire() as wire:
                        content.check(self, wire)
                    # And it is a directory like any other from now on.
                    node.kill()
                    node.start()
                    with node.wire() as wire:
                        self.assertEqual(wire.call("GET", "number"), b"143")
                    node.restart()
                    with node.wire() as wire:
                        self.assertEqual(wire.call("GET", "number"), b"143")
                    node.stop()

    def test_a_life_of_an_old_directory_is_a_new_one(self):
        for folder in KEPT:
            with self.subTest(format=folder.name):
                node = self.kept_node(folder, f"life-{folder.name}").start()
                self.assertEqual(self.starts(node), [2])
                node.kill()
                node.start()
                node.restart()
                self.assertEqual(self.starts(node), [2, 3, 4])
                node.stop()

    def starts(self, node):
        return [int(number) for number in re.findall(r"start (\d+)", node.log())]

    def test_backups_are_restored(self):
        for folder in KEPT:
            with self.subTest(format=folder.name):
                node = self.node(f"restored-{folder.name}")
                restored = run("restore", folder / "backup", "--data", node.data)
                self.assertEqual((restored.returncode, restored.stderr), (0, ""))
                node.start()
                with node.wire() as wire:
                    content.check(self, wire)
                node.stop()

    def test_a_restored_node_repeats_no_life(self):
        for folder in KEPT:
            with self.subTest(format=folder.name):
                last = 1_700_000_000  # the clock's seconds when this was written
                for i in range(2):
                    node = self.node(f"repeated-{folder.name}-{i}")
                    restored = run("restore", folder / "backup", "--data", node.data)
                    self.assertEqual(restored.returncode, 0, restored.stderr)
                    node.start()
                    node.restart()
                    first, second = self.starts(node)
                    self.assertGreater(first, last)
                    self.assertEqual(second, first + 1)
                    node.stop()
                    last = first  # a second restore comes right behind the first

    def test_configurations_are_read(self):
        self.assertTrue(CONFIGURATIONS)
        for kept in CONFIGURATIONS:
            with self.subTest(version=kept.name):
                path = copy_of_configuration(kept, self.folder / kept.name)
                checked = run("--config", path, "--check", cwd=path.parent)
                self.assertEqual((checked.returncode, checked.stdout), (0, "ok\n"), checked.stderr)


class Newer(NodeCase):
    """Each file of today's formats, with the version number raised."""

    def refused(self, *arguments, says):
        ended = run(*arguments)
        self.assertNotEqual(ended.returncode, 0)
        self.assertRegex(ended.stderr, says)
        lines = [line for line in ended.stderr.splitlines() if line.startswith("quorated: ")]
        self.assertEqual(len(lines), 1, ended.stderr)

    def directory(self, name):
        data = self.folder / name
        shutil.copytree(KEPT[-1] / "data", data)
        return data, ["--data", data, "--listen", "127.0.0.1:0"]

    def test_a_newer_directory_is_refused(self):
        data, start = self.directory("directory")
        title = "quorate data directory\nformat "
        format_now = int((data / "VERSION").read_text()[len(title) :])
        (data / "VERSION").write_text(f"{title}{format_now + 1}\n")
        self.refused(*start, says=rf"has format {format_now + 1}, this release reads \d+ to {format_now}")

    def test_a_newer_checkpoint_is_refused(self):
        data, start = self.directory("checkpoint")
        subprocess.run(
            [sys.executable, "-c",
             "import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); "
             "d.execute(\"UPDATE meta SET value = value + 1 WHERE name = 'schema'\"); d.commit()",
             str(data / "store.db")], check=True,
        )  # fmt: skip
        self.refused(*start, says=r"schema version 2, this release reads 1")

    def test_a_newer_journal_is_refused(self):
        data, start = self.directory("journal")
        for segment in data.glob("store.journal-*"):
            change(segment, 8, b"\0\0\0\1", b"\0\0\0\2")
        self.refused(*start, says=r"has format 2, this release reads 1")

    def test_a_newer_backup_is_refused_and_nothing_is_made(self):
        backup = self.folder / "backup"
        shutil.copy(KEPT[-1] / "backup", backup)
        change(backup, 8, b"\0\0\0\1", b"\0\0\0\2")
        self.refused("restore", backup, "--data", self.folder / "none",
                     says=r"the backup has format 2, this release reads 1")  # fmt: skip

    def test_a_newer_configuration_is_refused(self):
        path = copy_of_configuration(CONFIGURATIONS[-1], self.folder / "configuration")
        text = path.read_text()
        self.assertIn("version: 1\n", text)
        path.write_text(text.replace("version: 1\n", "version: 2\n"))
        self.refused("--config", path, "--check", says=r"configuration version '2' is not known")


if __name__ == "__main__":
    main()
