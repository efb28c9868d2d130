#!/usr/bin/python3
"""A worker that was stopped, replaced, and wakes up again: the cluster refuses its writes."""
import hashlib
import json
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
        self.assertEqual((case["rule"], case["verdict"]), ("R61", "confirmed"))
        self.assertIn(f"kill -CONT {pid}", json.dumps(case["remedy"]["steps"]))
        engine.ctl("flow", "reset", run, "--yes", timeout=120)
        with self.assertRaises(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
        row = engine.wait_task(run, "copy", "done", seconds=60)
        self.assertEqual(row["attempt"], 2)
        self.assertGreater(row["objectsKept"], 0)
        self.assertEqual(self.pool_digests("landing", "one/"), digests)

    def replace_and_catch(self, name):
        """Three objects of 110 MiB replace older ones, one at a time; the worker is held while one of them is staged."""
        fresh = self.make_files(name, 3, 110 << 20, seed=4)
        with self.rados() as cluster, cluster.open_ioctx("train") as ioctx:
            for key in fresh:
                ioctx.write_full(f"{name}/{key}", b"old" * 1000)
        engine = self.engine(f"{name}-state", stall_after="3s").start()
        engine.wait_keys("ingest")
        run = engine.submit(self.flow(name, [
            f"copy: {{ move: {{ from: \"file:{self.dir}/{name}\", to: \"rados://vega/train/{name}/\", inFlight: 1, onExisting: replace }} }}"]))

        def caught():
            pids = engine.workers()
            if not pids or not self.staged(name):
                return None
            os.kill(pids[0], signal.SIGSTOP)
            if self.staged(name):
                return pids[0]
            os.kill(pids[0], signal.SIGCONT)
            return None
        pid = wait_until(caught, "a copy is staged")
        old = hashlib.sha256(b"old" * 1000).hexdigest()
        seen = {key: digest for key, digest in self.pool_digests("train", f"{name}/").items() if key in fresh}
        self.assertEqual(set(seen), set(fresh))
        for key, digest in seen.items():
            self.assertIn(digest, (old, fresh[key]), "the old bytes or the new ones")
        return engine, run, pid, fresh, seen

    def staged(self, name):
        with self.rados() as cluster, cluster.open_ioctx("train") as ioctx:
            return [item.key for item in ioctx.list_objects() if item.key.startswith(f"{name}/") and ".sluice-staged." in item.key]

    def test_what_a_killed_worker_staged_is_removed(self):
        engine, run, pid, fresh, _ = self.replace_and_catch("killed")
        os.kill(pid, signal.SIGKILL)
        engine.wait_run(run, "done", seconds=60)
        self.assertEqual(engine.task(run, "copy")["attempt"], 2)
        wait_until(lambda: not self.staged("killed"), "the staged copy is removed")
        self.assertEqual(self.pool_digests("train", "killed/"), fresh)

    def test_what_a_reset_worker_staged_is_removed(self):
        engine, run, _, fresh, _ = self.replace_and_catch("reset")
        engine.wait_run(run, "stalled", seconds=20)
        engine.ctl("flow", "reset", run, "--yes", timeout=120)
        engine.wait_task(run, "copy", "done", seconds=60)
        wait_until(lambda: not self.staged("reset"), "the staged copy is removed")
        self.assertEqual(self.pool_digests("train", "reset/"), fresh)

    def test_what_a_cancelled_worker_staged_is_removed(self):
        engine, run, _, _, seen = self.replace_and_catch("cancelled")
        engine.ctl("flow", "cancel", run, "--yes", timeout=60)
        wait_until(lambda: not self.staged("cancelled"), "the staged copy is removed")
        self.assertEqual(self.pool_digests("train", "cancelled/"), seen, "what was there stays")

    def test_what_was_staged_when_the_engine_died_is_removed(self):
        engine, run, pid, fresh, _ = self.replace_and_catch("restarted")
        engine.kill9()
        os.kill(pid, signal.SIGCONT)
        engine.start()
        engine.wait_task(run, "copy", "done", seconds=60)
        wait_until(lambda: not self.staged("restarted"), "the staged copy is removed")
        self.assertEqual(self.pool_digests("train", "restarted/"), fresh)

    def test_a_zombie_the_engine_cannot_reach_is_refused_by_the_cluster(self):
        folder = self.dir / "relay"
        folder.mkdir()
        relay = folder / "sluice-worker"
        shutil.copy(pathlib.Path(__file__).with_name("relay.py"), relay)
        (folder / "relay.worker").write_text(str((BIN / "sluice-worker").resolve()))
        engine = self.engine("two-state").start("--worker", str(relay))
        engine.wait_keys("ingest")
        # One that was stopped while all it had written waited for the engine's word ends without another write.
        tries = (b"fenced" in self.wake_a_zombie(engine, folder, name) for name in ("two", "three", "four"))
        self.assertTrue(any(tries), "it tried, and the cluster refused it")

    def wake_a_zombie(self, engine, folder, name):
        """What workers say once one wakes up after its run was reset behind its back and is done."""
        digests = self.make_files(name, 3000, 64 * 1024, seed=3)
        pids = folder / "relay.pids"
        before = pids.read_text().split() if pids.exists() else []
        run = engine.submit(self.flow_of(name, name, f"{name}/"))
        zombie = self.stop_in_the_middle(
            engine, run, lambda: [int(p) for p in pids.read_text().split() if p not in before] if pids.exists() else [])
        try:
            engine.ctl("flow", "reset", run, "--yes", timeout=120)
            engine.wait_task(run, "copy", "done", seconds=60)
            written = self.written_when("landing", f"{name}/")
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
        self.assertEqual(self.written_when("landing", f"{name}/"), written, "nothing was written after it woke up")
        self.assertEqual(self.pool_digests("landing", f"{name}/"), digests)
        return told


if __name__ == "__main__":
    main()
