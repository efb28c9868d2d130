#!/usr/bin/python3
"""Two of three monitors stop while one task copies and another has not connected yet."""
import json
import time

from harness import Scenario, figure, main, wait_until


class TwoMonitors(Scenario):
    with_rgw = False

    def refuses_new_sessions(self):
        import rados
        client = rados.Rados(conffile=self.env["CEPH_CONF"], name="client.admin", conf={"client_mount_timeout": "2"})
        try:
            client.connect(timeout=2)
            return False
        except rados.Error:
            return True
        finally:
            client.shutdown()

    def test_what_goes_on_and_what_does_not(self):
        digests = self.make_files("landing", 16000, 4 * 1024)
        self.make_files("late", 20, 64 * 1024, seed=2)
        flow = self.flow("two", [
            f"copying: {{ move: {{ from: \"file:{self.dir}/landing\", to: \"rados://vega/landing\", inFlight: 1 }}, stallAfter: 8s }}",
            "gate: { approve: { message: \"Now?\" } }",
            f"late: {{ needs: [gate], move: {{ from: \"file:{self.dir}/late\", to: \"rados://vega/train\" }}, stallAfter: 3s }}",
        ])
        engine = self.engine().start()
        engine.wait_lease()
        engine.wait_keys("ingest")
        run = engine.submit(flow)
        wait_until(lambda: engine.task(run, "copying")["objectsDone"] > 100, "the copy is under way")

        began = time.monotonic()
        self.ceph("kill", "mon.b", "mon.c")
        quorum = wait_until(lambda: (lambda q: q if q and q["facts"]["quorate"] is False else None)(engine.fact("vega/mon-quorum/vega")),
                            "the loss of quorum is shown", 10)
        figure(f"two monitors: quorum lost shown after {time.monotonic() - began:.1f} s")
        self.assertEqual(quorum["facts"]["inQuorum"], [])
        mons = {row["facts"]["name"]: row["facts"] for row in engine.estate("mon")}
        self.assertFalse(mons["b"]["answers"])
        self.assertTrue(mons["a"]["answers"])
        wait_until(lambda: engine.fact("vega/health/vega")["facts"]["availability"]["word"] == "partly", "the word is partly", 3)
        words = engine.fact("vega/health/vega")["facts"]
        self.assertEqual(words["redundancy"]["word"], "unknown")

        # The surviving monitor serves new sessions until its own lease has run out.
        wait_until(self.refuses_new_sessions, "new sessions are impossible", 30)
        before = engine.task(run, "copying")
        self.assertEqual(before["state"], "running", json.dumps(before))
        wait_until(lambda: engine.task(run, "copying")["objectsDone"] > before["objectsDone"], "the copy goes on without quorum", 20)
        known = {row["id"]: row["observedAt"] for row in engine.estate("ceph-pool")}
        self.assertGreaterEqual(len(known), 4, "the Ceph pools of the lab")
        engine.ctl("flow", "approve", run, "gate")
        engine.wait_task(run, "late", "stalled", seconds=20)
        asked = time.monotonic()
        case = engine.doctor(run)
        took = time.monotonic() - asked
        figure(f"two monitors: the doctor answered after {took:.1f} s")
        self.assertEqual(case["rule"], "R13", json.dumps(case, indent=1)[:4000])
        self.assertEqual(case["tasks"], [f"{run}/late"])
        told = " ".join(evidence["text"] for evidence in engine.finding(case, "R13")["evidence"])
        self.assertRegex(told, r"\bb\b.*\bc\b", "the monitors that are down are named")

        # What copies is not stalled, and may even have ended without the monitors.
        self.assertIn(engine.task(run, "copying")["state"], ("running", "verifying", "done"))
        self.assertTrue(self.refuses_new_sessions(), "all that was without quorum")
        # The last facts stay, with the age they have.
        self.assertEqual({row["id"]: row["observedAt"] for row in engine.estate("ceph-pool")}, known)

        self.ceph("start", "mon.b", "mon.c")
        engine.wait_task(run, "late", "done", seconds=60)
        engine.wait_run(run, "done", seconds=160)
        self.assertEqual(engine.task(run, "late")["attempt"], 1, "it went on by itself")
        self.assertEqual(engine.task(run, "copying")["attempt"], 1)
        self.assertEqual(self.pool_digests("landing"), digests)
        wait_until(lambda: engine.fact("vega/mon-quorum/vega")["facts"]["quorate"], "quorum is shown again", 20)
        self.assertEqual(engine.doctor(run)["phase"], "closed")


if __name__ == "__main__":
    main()
