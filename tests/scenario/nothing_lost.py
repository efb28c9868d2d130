#!/usr/bin/python3
"""A run that says done has everything: what cannot be listed, matched, carried or read stops it, with its name."""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import rados

from harness import BIN, Ctl, Engine, Scenario, main, wait_until

NOBODY = 65534


class NothingLost(Scenario):
    with_rgw = True

    def setUp(self):
        super().setUp()
        self.e = self.engine(self.id().rsplit(".", 1)[1], stall_after="3s").start()
        self.e.wait_keys("ingest")

    def copy(self, name, source, target, *more, settings=""):
        return self.flow(name, [f"copy: {{ move: {{ from: \"{source}\", to: \"{target}\"{settings} }} }}", *more])

    def ends(self, run, name="copy"):
        """The task, once it has ended or stopped."""
        wait_until(lambda: self.e.task(run, name)["state"] in ("done", "failed", "stalled"), f"{run}/{name} ends or stops", 60)
        return self.e.task(run, name)

    def copied(self, name, source, target, settings=""):
        run = self.e.submit(self.copy(name, source, target, settings=settings))
        self.e.wait_run(run, "done", seconds=60)
        return run

    def put(self, pool, name, data, namespace=""):
        with self.rados() as cluster, cluster.open_ioctx(pool) as ioctx:
            ioctx.set_namespace(namespace)
            ioctx.write_full(name, data)

    def test_a_folder_is_not_what_begins_like_it(self):
        for name in ("landing/a", "landing-old/b", "landing", "landing2"):
            self.put("landing", f"pre/{name}", name.encode())
        run = self.e.submit(self.copy("both", "rados://vega/landing/pre/landing", "rados://vega/train/p/"))
        self.assertIn("both an object and a folder", self.ends(run)["error"]["message"])
        self.copied("folder", "rados://vega/landing/pre/landing/", "rados://vega/train/p")
        self.assertEqual(list(self.pool_digests("train", "p/")), ["a"])
        self.copied("object", "rados://vega/landing/pre/landing2", "rados://vega/train/q")
        self.assertEqual(list(self.pool_digests("train", "q/")), ["landing2"])

    def test_one_s3_object_named_exactly_and_a_mistyped_folder(self):
        for key in ("day/one.csv", "day/one.csv.old", "day-old/b"):
            path = self.dir / "bucket" / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(key.encode())
        self.copied("fill", f"file:{self.dir}/bucket", "s3://rgw.vega/catalog")
        self.copied("exact", "s3://rgw.vega/catalog/day/one.csv", f"file:{self.dir}/exact")
        self.assertEqual(os.listdir(self.dir / "exact"), ["one.csv"])
        self.assertEqual((self.dir / "exact" / "one.csv").read_bytes(), b"day/one.csv")
        self.copied("folder", "s3://rgw.vega/catalog/day", f"file:{self.dir}/day")
        self.assertEqual(sorted(os.listdir(self.dir / "day")), ["one.csv", "one.csv.old"])
        run = self.e.submit(self.copy("mistyped", "s3://rgw.vega/catalog/dya/", f"file:{self.dir}/dya"))
        row = self.ends(run)
        self.assertEqual(row["state"], "failed")
        self.assertIn("s3://rgw.vega/catalog/dya/", row["error"]["message"])
        self.assertIn("allowEmpty", row["error"]["correction"])
        self.copied("allowed", "s3://rgw.vega/catalog/dya/", f"file:{self.dir}/dya", settings=", allowEmpty: true")

    def test_data_in_other_namespaces(self):
        self.ceph("pool", "spaces")
        self.put("spaces", "x", b"data", namespace="blue")
        run = self.e.submit(self.copy("spaces", "rados://vega/spaces", f"file:{self.dir}/spaces"))
        row = self.ends(run)
        self.assertEqual(row["state"], "failed")
        self.assertEqual(row["error"]["cause"], "0 objects in the default namespace, the pool holds 1 in others")
        self.put("spaces", "y", b"data")
        self.e.ctl("flow", "reset", run, "--yes", timeout=120)
        self.e.wait_run(run, "done", seconds=60)
        row = self.e.task(run, "copy")
        self.assertEqual([(k["what"], k["count"]) for k in row["leftOut"]], [("namespaces", 1)])

    def test_what_cannot_be_carried_is_counted(self):
        self.ceph("pool", "kept")
        with self.rados() as cluster, cluster.open_ioctx("kept") as ioctx:
            ioctx.write_full("c/a", b"a")
            ioctx.set_xattr("c/a", "colour", b"blue")
            ioctx.write_full("c/b", b"b")
            with rados.WriteOpCtx() as op:
                ioctx.set_omap(op, ("k",), (b"v",))
                ioctx.operate_write_op(op, "c/b")
            ioctx.write_full("c/s", b"old")
            ioctx.create_snap("yesterday")
            ioctx.write_full("c/s", b"new")
        for target in (f"file:{self.dir}/carried", "s3://rgw.vega/catalog/carried/"):
            run = self.copied("carried", "rados://vega/kept/c/", target)
            row = self.e.task(run, "copy")
            self.assertEqual({k["what"]: k["count"] for k in row["leftOut"]}, {"xattrs": 1, "omap": 1, "snapshots": 1})
            self.assertEqual(self.e.run(run)["leftOut"], 3)
        text = subprocess.run([BIN / "sluicectl", "flow", "show", run, "--state-dir", self.e.state],
                              capture_output=True, text=True, check=True).stdout
        self.assertIn("copy left out 1 object's omap: c/b", text)
        run = self.copied("carried", "rados://vega/kept/c/", "rados://vega/train/carried/")
        self.assertEqual({k["what"]: k["count"] for k in self.e.task(run, "copy")["leftOut"]}, {"snapshots": 1})

    def test_what_a_bucket_keeps_beside_the_bytes_is_counted(self):
        bucket = self.bucket()
        bucket.put_object(Key="beside/a", Body=b"a", Metadata={"owner": "team-a"}, Tagging="stage=raw")
        bucket.put_object(Key="beside/b", Body=b"", Metadata={"owner": "team-b"})
        bucket.put_object(Key="beside/c", Body=b"c", ContentType="text/csv")
        for target in (f"file:{self.dir}/beside", "rados://vega/train/beside/", "s3://rgw.vega/catalog/beside-copy/"):
            run = self.copied("beside", "s3://rgw.vega/catalog/beside/", target)
            self.assertEqual({k["what"]: k["count"] for k in self.e.task(run, "copy")["leftOut"]}, {"metadata": 2, "tags": 1}, target)
        # what Sluice itself published has only marks of its own
        run = self.copied("beside", "s3://rgw.vega/catalog/beside-copy/", f"file:{self.dir}/beside-again")
        self.assertEqual(self.e.task(run, "copy")["leftOut"], [])

    def test_older_versions_of_a_bucket_are_counted(self):
        bucket = self.bucket("past")
        bucket.create()
        bucket.Versioning().enable()
        for body in (b"one", b"two", b"three"):
            bucket.put_object(Key="day/a", Body=body)
        bucket.put_object(Key="day/a2", Body=b"begins like it")
        bucket.put_object(Key="day/b", Body=b"removed")
        bucket.Object("day/b").delete()
        for place, count in (("day/", 3), ("day/a", 2)):
            target = "train/past" + str(count)
            run = self.copied("past", f"s3://rgw.vega/past/{place}", f"rados://vega/{target}/")
            self.assertEqual({k["what"]: k["count"] for k in self.e.task(run, "copy")["leftOut"]}, {"versions": count}, place)
            self.assertEqual(sorted(self.pool_digests("train", f"past{count}/")), ["a", "a2"][:count - 1])

    def test_verify_finds_what_was_added_and_what_changed_beside_the_bytes(self):
        with self.rados() as cluster, cluster.open_ioctx("landing") as ioctx:
            for name in ("v/a", "v/b", "v/c"):
                ioctx.write_full(name, name.encode())
            ioctx.set_xattr("v/a", "colour", b"blue")
            with rados.WriteOpCtx() as op:
                ioctx.set_omap(op, ("k",), (b"v",))
                ioctx.operate_write_op(op, "v/b")
        gate = "gate: { needs: [copy], approve: { message: x } }"
        check = "check: { needs: [gate], verify: { of: copy } }"

        def verified(number, change):
            target = f"rados://vega/train/v{number}/"
            run = self.e.submit(self.copy(f"verify-{number}", "rados://vega/landing/v/", target, gate, check))
            self.e.wait_task(run, "copy", "done")
            wait_until(lambda: self.e.task(run, "gate")["state"] == "ready", "the gate waits")
            with self.rados() as cluster, cluster.open_ioctx("train") as ioctx:
                change(ioctx, f"v{number}/")
            self.e.ctl("flow", "approve", run, "gate")
            return self.ends(run, "check")

        self.assertEqual(verified(0, lambda *_: None)["state"], "done")

        def omap(ioctx, folder):
            with rados.WriteOpCtx() as op:
                ioctx.set_omap(op, ("k",), (b"other",))
                ioctx.operate_write_op(op, folder + "b")

        for number, name, change in ((1, "d", lambda i, f: i.write_full(f + "d", b"added")),
                                     (2, "a", lambda i, f: i.set_xattr(f + "a", "colour", b"red")),
                                     (3, "c", lambda i, f: i.set_xattr(f + "c", "new", b"")),
                                     (4, "b", omap)):
            row = verified(number, change)
            self.assertEqual(row["state"], "failed", f"{name} was changed")
            self.assertIn(f"'{name}'", row["error"]["cause"])

    def test_a_reset_replaces_the_runs_own_copies(self):
        self.put("landing", "own/a", b"first")
        self.put("landing", "own/b", b"same")
        with self.rados() as cluster, cluster.open_ioctx("train") as ioctx:
            ioctx.write_full("own/c", b"somebody's")
        self.put("landing", "own/c", b"mine")
        run = self.e.submit(self.copy("own", "rados://vega/landing/own/", "rados://vega/train/own/"))
        row = self.ends(run)
        self.assertIn("2 of 3, 1 not: ", row["error"]["message"])
        self.put("landing", "own/a", b"written anew")
        with self.rados() as cluster, cluster.open_ioctx("train") as ioctx:
            ioctx.remove_object("own/c")
        self.e.ctl("flow", "reset", run, "--yes", timeout=120)
        self.e.wait_run(run, "done", seconds=60)
        with self.rados() as cluster, cluster.open_ioctx("train") as ioctx:
            self.assertEqual(ioctx.read("own/a"), b"written anew")
            self.assertEqual(ioctx.read("own/c"), b"mine")

    def test_what_a_removed_ceph_pool_held_proves_nothing(self):
        def make(pool, objects):
            self.ceph("pool", pool)
            for name, data in objects.items():
                self.put(pool, name, data)

        self.ceph("ceph", "config", "set", "mon", "mon_allow_pool_delete", "true")
        first = {name: b"first-" + name.encode() for name in "abc"}
        other = {name: b"other-" + name.encode() for name in "abc"}
        self.put("train", "again/c", b"somebody's")
        make("again", first)
        run = self.e.submit(self.copy("again", "rados://vega/again", "rados://vega/train/again/"))
        self.assertIn("2 of 3, 1 not: ", self.ends(run)["error"]["message"])
        self.ceph("ceph", "osd", "pool", "rm", "again", "again", "--yes-i-really-really-mean-it")
        make("again", other)  # the same names, sizes and versions
        with self.rados() as cluster, cluster.open_ioctx("train") as ioctx:
            ioctx.remove_object("again/c")
        self.e.ctl("flow", "reset", run, "--yes", timeout=120)
        self.e.wait_run(run, "done", seconds=60)
        self.assertEqual(self.pool_digests("train", "again/"), self.pool_digests("again"))

        self.put("train", "again/d", b"d")
        self.put("again", "y/d", b"somebody's")
        run = self.e.submit(self.copy("back", "rados://vega/train/again/", "rados://vega/again/y/"))
        self.assertIn("3 of 4, 1 not: ", self.ends(run)["error"]["message"])
        self.ceph("ceph", "osd", "pool", "rm", "again", "again", "--yes-i-really-really-mean-it")
        make("again", {f"y/{name}": b"saved-" + name.encode() for name in "abc"})
        try:  # verified if its one new object was seen moving before the task failed
            self.e.ctl("flow", "reset", run, "--yes", timeout=120)
        except Ctl as refused:
            self.assertIn("1 of 4, 3 not: ", refused.out + refused.err)
        wait_until(lambda: self.e.task(run, "copy")["state"] == "failed", "the new attempt fails", 60)
        row = self.e.task(run, "copy")
        self.assertEqual(row["state"], "failed")
        self.assertIn("1 of 4, 3 not: ", row["error"]["message"])
        self.assertIn("exists at the destination and differs", row["error"]["cause"])

    def test_a_flow_file_in_another_encoding(self):
        path = self.dir / "latin.yaml"
        path.write_bytes(f"flow: x\ntasks:\n  a: {{ move: {{ from: \"file:{self.dir}/gr".encode() + b"\xfcn\", to: \"rados://vega/train/x/\" } }\n")
        for command in ("check", "submit"):
            with self.assertRaises(Ctl) as refused:
                self.e.ctl("flow", command, str(path))
            self.assertIn("not UTF-8: byte 0xFC in line 3", refused.exception.out + refused.exception.err)
        self.assertEqual(self.e.ctl("flow", "list")["runs"], [])

    def test_a_log_that_grows_does_not_hold_up_the_others(self):
        self.make_files("logs", 50, 100_000)
        log = self.dir / "logs" / "growing.log"
        log.write_bytes(b"x" * (64 << 20))
        writer = subprocess.Popen(["/bin/sh", "-c", f"while :; do echo more >> '{log}'; done"])
        try:
            run = self.e.submit(self.copy("logs", f"file:{self.dir}/logs", "rados://vega/train/logs/"))
            row = self.ends(run)
        finally:
            writer.kill()
            writer.wait()
        self.assertEqual(row["state"], "failed")
        self.assertIn("50 of 51, 1 not: ", row["error"]["message"])
        self.assertIn("growing.log", row["error"]["message"])
        self.e.ctl("flow", "reset", run, "--yes", timeout=120)
        self.e.wait_run(run, "done", seconds=60)
        self.assertEqual(self.e.task(run, "copy")["objectsKept"], 50)


class Ordinary(Engine):
    """An engine that modes of files bind, also when root runs the tests."""

    PREFIX = [] if os.geteuid() else ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]

    def command(self, program, *arguments):
        return [*self.PREFIX, BIN / program, *map(str, arguments)]

    def start(self, *arguments, seconds=15):
        with open(self.state / "engine.out", "ab") as log:
            self.process = subprocess.Popen(self.command("sluiced", "--config", self.config, "--state-dir", self.state),
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_until(self.answers, "the engine answers", seconds)
        return self

    def ctl(self, *arguments, timeout=60):
        done = subprocess.run(self.command("sluicectl", *arguments, "--json", "--state-dir", self.state),
                              capture_output=True, text=True, timeout=timeout, check=False)
        if done.returncode != 0:
            raise Ctl([str(a) for a in arguments], done.returncode, done.stdout, done.stderr)
        return json.loads(done.stdout.splitlines()[-1])


class UnreadableFolder(unittest.TestCase):
    """Needs no laboratory: files are copied to files."""

    def test_it_stalls_and_is_named(self):
        with tempfile.TemporaryDirectory(prefix="sl-") as name:
            folder = pathlib.Path(name)
            source, state = folder / "in", folder / "state"
            (source / "sub").mkdir(parents=True)
            state.mkdir(mode=0o700)
            (source / "a").write_text("1")
            (source / "sub" / "b").write_text("2")
            (folder / "sluice.yaml").write_text("profile: { name: plain, colour: moss }\nconnections: {}\nroles: {}\ndefaults: { stallAfter: 2s }\n")
            (folder / "flow.yaml").write_text(f"flow: plain\ntasks:\n  copy: {{ move: {{ from: \"file:{source}\", to: \"file:{folder}/out\" }} }}\n"
                                              "  check: { needs: [copy], verify: { of: copy } }\n")
            (source / "sub").chmod(0o444)
            engine = Ordinary(folder / "sluice.yaml", state).start()
            try:
                run = engine.submit(folder / "flow.yaml")
                engine.wait_run(run, "stalled", seconds=30)
                row = engine.task(run, "copy")
                self.assertTrue(row["blocked"]["object"].startswith(str(source / "sub")), row["blocked"])
                self.assertEqual(row["objectsDone"], 1, "the others are finished")
                (source / "sub").chmod(0o755)
                engine.wait_run(run, "done", seconds=30)
                self.assertEqual((folder / "out" / "sub" / "b").read_text(), "2")
            finally:
                engine.stop()


if __name__ == "__main__":
    main()
