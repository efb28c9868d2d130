#!/usr/bin/python3
"""The disk under the engine's state fills up: it stops acting, says so, loses nothing, and goes on when there is room."""
import contextlib
import subprocess
import tempfile

from harness import BIN, Ctl, Scenario, main, wait_until


def may_mount():
    """Whether this user may mount a small file system of its own."""
    with tempfile.TemporaryDirectory(prefix="sl-") as folder:
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "sluice-test", folder], capture_output=True, check=False)
        if done.returncode == 0:
            subprocess.run(["umount", folder], check=True)
        return done.returncode == 0


class DiskFull(Scenario):
    with_rgw = False
    pools = ("held-fault", "landing-fault", "held-real", "landing-real")

    def test_a_disk_without_room(self):
        """No rights needed: the calls that make a file larger fail (tests/support/faults/full_disk.cpp)."""
        state = self.dir / "fault"
        room = state.with_name(state.name + ".room")
        engine = self.engine("fault")
        engine.environment = {"LD_PRELOAD": str(BIN.parent / "tests" / "libsluice_full_disk.so"), "SLUICE_FULL_DISK": str(state.resolve())}

        def fill():
            written = room.with_suffix(".new")
            written.write_text("0")
            return written.rename(room)
        self.fill_and_free(engine, "fault", fill)

    def real_disk(self):
        state = self.dir / "real"
        state.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "sluice-test", state], check=True)
        with contextlib.ExitStack() as each:
            each.callback(subprocess.run, ["umount", state], check=True)
            engine = self.engine("real")
            each.callback(engine.stop)
            self.fill_and_free(engine, "real", lambda: self.fill(state))

    if may_mount():
        test_a_real_disk = real_disk

    @staticmethod
    def fill(state):
        filler = state / "filler"
        with open(filler, "wb", buffering=0) as f, contextlib.suppress(OSError):  # nothing is left to write when it is closed
            while True:
                f.write(b"\0" * 65536)
        return filler

    def fill_and_free(self, engine, name, fill):
        digests = self.make_files("landing", 50, 10_000)
        held, landing = f"held-{name}", f"landing-{name}"

        def flow(name, pool):
            return self.flow(name, [f"copy: {{ move: {{ from: \"file:{self.dir}/landing\", to: \"rados://vega/{pool}\" }} }}"])

        engine.start()
        engine.wait_keys("ingest")
        before = engine.ctl("audit", "verify")
        self.assertTrue(before["ok"])

        def blocked_by(run):
            row = engine.task(run, "copy")
            self.assertNotEqual(row["state"], "failed", row.get("error"))
            return (row.get("blocked") or {}).get("what")

        with self.rados() as cluster, cluster.open_ioctx(held) as ioctx:
            ioctx.lock_exclusive("part-00049", "compact", "cookie", "a job at work")
            in_flight = engine.submit(flow(held, held))
            wait_until(lambda: blocked_by(in_flight) == "lock", "a copy is in flight, at an object that is locked", 60)
            filler = fill()
            with self.assertRaises(Ctl) as refused:
                engine.submit(flow("full", landing))
            self.assertIn("full", (refused.exception.err + refused.exception.out).lower())
            row = wait_until(lambda: (lambda r: r if not r["acting"] else None)(engine.ctl("engine")["engine"]), "the engine says that it does not act", 20)
            self.assertTrue(row["notActingWhy"])
            wait_until(lambda: engine.estate("osd"), "it still observes and answers")
            ioctx.unlock("part-00049", "compact", "cookie")
        wait_until(lambda: blocked_by(in_flight) == "record", "the copy waits for room to record what it did", 60)
        filler.unlink()
        wait_until(lambda: engine.ctl("engine")["engine"]["acting"], "it acts again", 20)
        engine.wait_run(in_flight, "done", seconds=60)
        self.assertEqual(self.pool_digests(held), digests)
        self.assertEqual(engine.task(in_flight, "copy")["attempt"], 1, "the attempt that waited carried on")
        run = engine.submit(flow("full", landing))
        engine.wait_run(run, "done", seconds=60)
        self.assertEqual(self.pool_digests(landing), digests)
        after = engine.ctl("audit", "verify")
        self.assertTrue(after["ok"])
        self.assertGreater(after["records"], before["records"])
        engine.kill9()
        engine.start()
        self.assertEqual(engine.run(run)["state"], "done")


if __name__ == "__main__":
    main()
