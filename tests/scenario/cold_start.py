#!/usr/bin/python3
"""Three in the morning: quorum is lost, the engine was killed and starts again."""
import time

from harness import Scenario, figure, main, wait_until


class ColdStart(Scenario):
    with_rgw = False

    def absent_named(self, engine, names):
        def look():
            mons = {row["facts"]["name"]: row["facts"] for row in engine.estate("mon")}
            quorum = engine.fact("vega/mon-quorum/vega")
            return (quorum and quorum["facts"]["quorate"] is False and set(names) <= mons.keys()
                    and all(not mons[n]["answers"] for n in names))
        return look

    def test_old_facts_and_absent_monitors(self):
        engine = self.engine().start()
        engine.wait_lease()
        wait_until(lambda: engine.estate("ceph-pool") and engine.estate("osd"), "Ceph pools and OSDs are known")
        # Facts are written behind; a newer one says that the older was.
        before = engine.fact("vega/ceph-pool/landing")
        wait_until(lambda: engine.fact("vega/ceph-pool/landing")["observedAt"] > before["observedAt"], "a newer fact")
        self.ceph("kill", "mon.a", "mon.c")
        wait_until(self.absent_named(engine, ["a", "c"]), "quorum lost", 15)
        last = engine.fact("vega/ceph-pool/landing")["observedAt"]
        engine.kill9()

        began = time.monotonic()
        engine.start(seconds=5)
        pool = engine.fact("vega/ceph-pool/landing")
        self.assertIsNotNone(pool, "the old facts stand there at once")
        self.assertLessEqual(pool["observedAt"], last)
        self.assertEqual(len(engine.estate("osd")), 3)
        wait_until(self.absent_named(engine, ["a", "c"]), "the absent monitors are named", 5)
        took = time.monotonic() - began
        figure(f"cold start: old facts and absent monitors after {took:.1f} s")
        wait_until(lambda: engine.fact("vega/health/vega")["facts"]["availability"]["word"] != "available", "no false green", 2)
        words = engine.fact("vega/health/vega")["facts"]
        self.assertEqual(words["redundancy"]["word"], "unknown")

        # With an empty state folder too: from ceph.conf alone.
        fresh = self.engine("fresh")
        began = time.monotonic()
        fresh.start(seconds=5)
        wait_until(self.absent_named(fresh, ["a", "c"]), "the absent monitors are named from ceph.conf alone", 6)
        figure(f"cold start: from ceph.conf alone after {time.monotonic() - began:.1f} s")
        self.assertEqual(fresh.estate("ceph-pool"), [], "nothing is invented")
        self.ceph("start", "mon.a", "mon.c")
        wait_until(lambda: (engine.fact("vega/mon-quorum/vega") or {}).get("facts", {}).get("quorate"), "quorum is back", 30)


if __name__ == "__main__":
    main()
