#!/usr/bin/python3
"""A role's key is rotated while an attempt works with the old one: nobody is locked out, and the old key ends."""
import json

from harness import Ctl, Scenario, main, wait_until


class Keys(Scenario):
    with_rgw = False

    def test_rotation_during_a_copy(self):
        digests = self.make_files("landing", 2500, 64 * 1024)
        engine = self.engine(overlap="2s").start()
        engine.wait_keys("ingest")
        run = engine.submit(self.flow("rotate", [
            f"copy: {{ move: {{ from: \"file:{self.dir}/landing\", to: \"rados://vega/landing\", inFlight: 2 }} }}"]))
        wait_until(lambda: engine.task(run, "copy")["objectsDone"] > 50, "the copy is under way")
        [before] = [r for r in engine.ctl("keys", "list")["roles"] if r["role"] == "ingest"]
        current = next(g["generation"] for g in before["generations"] if g["state"] == "current")
        old, new = f"client.ingest.g{current}", f"client.ingest.g{current + 1}"
        plan = engine.ctl("keys", "rotate", "ingest")["plan"]
        self.assertEqual((plan["from"], plan["to"]), (old, new))
        self.assertTrue(plan["cannotUndo"])
        engine.ctl("keys", "rotate", "ingest", "--yes", timeout=150)

        def rotation():
            [row] = [r for r in engine.ctl("keys", "list")["roles"] if r["role"] == "ingest"]
            return row if (row["rotation"] or {}).get("state") in ("done", "failed", "stopped") else None
        row = wait_until(rotation, "the rotation ends", 120)
        self.assertEqual(row["rotation"]["state"], "done", json.dumps(row, indent=1))
        states = {g["entity"]: g["state"] for g in row["generations"]}
        self.assertEqual((states[old], states[new]), ("revoked", "current"))
        engine.wait_run(run, "done", seconds=90)
        self.assertEqual(engine.task(run, "copy")["attempt"], 1, "the attempt that held the old key was not cut off")
        self.assertEqual(self.pool_digests("landing"), digests)

        held = self.auth_entities()
        self.assertNotIn(old, held, "the cluster itself no longer has it")
        self.assertEqual(held[new], {"mon": "allow r", "osd": "allow rwx"})

        def entities():
            return {r["facts"]["entity"] for r in engine.estate("auth-entity")}
        wait_until(lambda: new in entities(), "the new entity is known", 30)
        wait_until(lambda: old not in entities(), "the old entity is gone", 30)

        told = [(r["action"], r["outcome"]) for r in engine.ctl("audit", "list", "--limit", "200")["records"]]
        self.assertIn(("keys.rotate", "intent"), told)
        self.assertIn(("keys.rotate", "verified"), told)
        with self.assertRaises(Ctl) as refused:
            engine.ctl("keys", "rotate", "nobody")
        self.assertEqual(refused.exception.code, 4)
        # What comes next uses the new key.
        again = engine.submit(self.flow("after", [
            f"copy: {{ move: {{ from: \"file:{self.dir}/landing\", to: \"rados://vega/train\" }} }}"]))
        engine.wait_run(again, "done", seconds=90)

    def test_a_rotation_survives_kill_9(self):
        engine = self.engine("killed", overlap="2s").start()
        engine.wait_keys("ingest")
        [before] = [r for r in engine.ctl("keys", "list")["roles"] if r["role"] == "ingest"]
        current = next(g["generation"] for g in before["generations"] if g["state"] == "current")
        import subprocess
        from harness import BIN
        asked = subprocess.Popen([BIN / "sluicectl", "keys", "rotate", "ingest", "--yes", "--json", "--state-dir", engine.state],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        def running():
            [row] = [r for r in engine.ctl("keys", "list")["roles"] if r["role"] == "ingest"]
            return (row["rotation"] or {}).get("state") == "running" and any(s["state"] == "done" for s in row["rotation"]["steps"])
        wait_until(running, "the rotation is under way", 30)
        engine.kill9()
        asked.wait()
        engine.start()

        def done():
            [row] = [r for r in engine.ctl("keys", "list")["roles"] if r["role"] == "ingest"]
            return row if (row["rotation"] or {}).get("state") == "done" else None
        row = wait_until(done, "the rotation was carried on and ended", 60)
        states = {g["generation"]: g["state"] for g in row["generations"]}
        self.assertEqual(states[current], "revoked")
        self.assertEqual(states[current + 1], "current")
        held = self.auth_entities()
        self.assertNotIn(f"client.ingest.g{current}", held)
        self.assertIn(f"client.ingest.g{current + 1}", held)


if __name__ == "__main__":
    main()
