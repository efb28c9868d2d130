#!/usr/bin/python3
"""A worker that was stopped, replaced, and wakes up again: the cluster refuses its writes."""
import os
import pathlib
import shutil
import signal

from harness import BIN, Scenario, main, wait_until


class Zombie(Scenario):
    with_rgw = False

    def flow_of(self, name, folder, prefix):
        return self.flow(name, [f"copy: {{ move: {{ from: \"file:{self.dir}/{folder}\", to: \"rados://vega/landing/{prefix}\", inFlight: 4 }}, stallAfter: 3s }}"])

    def written_when(self, pool, prefix):
        with self.rados() as cluster, cluster.open_ioctx(pool) as ioctx:
            return {item.key: tuple(ioctx.stat(item.key)[1]) for item in ioctx.list_objects() if item.key.startswith(prefix)}

    def stop_in_the_middle(self, engine, run, pids):
        wait_until(lambda: engine.task(run, "copy")["objectsDone"] > 50, "the copy is under way")
        [pid] = wait_until(pids, "the worker's pid")
        os.kill(pid, signal.SIGSTOP)
        engine.wait_run(run, "stalled", seconds=20)
        return pid

    def test_a_stopped_worker_is_ended_and_replaced(self):
        digests = self.make_files("one", 3000, 64 * 1024)
        engine = self.engine("one-state").start()
        engine.wait_keys("ingest")
        run = engine.submit(self.flow_of("one", "one", "one/"))
        pid = self.stop_in_the_middle(engine, run, engine.workers)
        case = engine.doctor(run)
        self.assertNotEqual(case["verdict"], "confirmed", "no rule covers a stopped process")
        self.assertEqual(case["rule"], "")
        self.assertIn("unknown", case["summary"].lower())
        engine.ctl("flow", "reset", run, "--yes", timeout=120)
        with self.assertRaises(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
        row = engine.wait_task(run, "copy", "done", seconds=60)
        self.assertEqual(row["attempt"], 2)
        self.assertGreater(row["objectsKept"], 0)
        self.assertEqual(self.pool_digests("landing", "one/"), digests)

    def test_a_zombie_the_engine_cannot_reach_is_refused_by_the_cluster(self):
        digests = self.make_files("two", 3000, 64 * 1024, seed=3)
        folder = self.dir / "relay"
        folder.mkdir()
        relay = folder / "sluice-worker"
        shutil.copy(pathlib.Path(__file__).with_name("relay.py"), relay)
        (folder / "relay.worker").write_text(str((BIN / "sluice-worker").resolve()))
        engine = self.engine("two-state").start("--worker", str(relay))
        engine.wait_keys("ingest")
        run = engine.submit(self.flow_of("two", "two", "two/"))
        pids = folder / "relay.pids"
        zombie = self.stop_in_the_middle(engine, run, lambda: [int(p) for p in pids.read_text().split()] if pids.exists() else [])
        try:
            engine.ctl("flow", "reset", run, "--yes", timeout=120)
            engine.wait_task(run, "copy", "done", seconds=60)
            written = self.written_when("landing", "two/")
            os.kill(zombie, signal.SIGCONT)

            def ended():
                try:
                    return pathlib.Path(f"/proc/{zombie}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
                except OSError:
                    return True
            wait_until(ended, "the zombie ends by itself once the cluster refuses it", 40)
        finally:
            try:
                os.kill(zombie, signal.SIGKILL)
            except ProcessLookupError:
                pass
        told = b"".join(path.read_bytes() for path in folder.glob("relay.*.log"))
        self.assertIn(b"fenced", told, "it tried, and the cluster refused it")
        self.assertEqual(self.written_when("landing", "two/"), written, "nothing was written after it woke up")
        self.assertEqual(self.pool_digests("landing", "two/"), digests)


if __name__ == "__main__":
    main()
