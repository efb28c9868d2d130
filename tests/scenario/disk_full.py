#!/usr/bin/python3
"""The disk under the engine's state fills up: it stops acting, says so, loses nothing, and goes on when there is room."""
import os
import subprocess

from harness import Ctl, Scenario, main, wait_until


class DiskFull(Scenario):
    with_rgw = False

    def test_stops_acting_and_goes_on(self):
        state = self.dir / "small"
        state.mkdir()
        if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "sluice-test", state], capture_output=True, check=False).returncode != 0:
            self.skipTest("only root may mount a small file system here")
        try:
            self.fill_and_free(state)
        finally:
            for engine in self.engines:
                engine.stop()
            subprocess.run(["umount", state], check=True)

    def fill_and_free(self, state):
        digests = self.make_files("landing", 50, 10_000)
        flow = self.flow("full", [f"copy: {{ move: {{ from: \"file:{self.dir}/landing\", to: \"rados://vega/landing\" }} }}"])
        engine = self.engine("small").start()
        engine.wait_keys("ingest")
        before = engine.ctl("audit", "verify")
        self.assertTrue(before["ok"])
        filler = state / "filler"
        with open(filler, "wb") as f:
            try:
                while True:
                    f.write(b"\0" * 65536)
                    f.flush()
            except OSError:
                pass
        with self.assertRaises(Ctl) as refused:
            engine.submit(flow)
        self.assertIn("full", (refused.exception.err + refused.exception.out).lower())
        row = wait_until(lambda: (lambda r: r if not r["acting"] else None)(engine.ctl("engine")["engine"]), "the engine says that it does not act", 20)
        self.assertTrue(row["notActingWhy"])
        self.assertTrue(engine.estate("osd"), "it still observes and answers")
        filler.unlink()
        wait_until(lambda: engine.ctl("engine")["engine"]["acting"], "it acts again", 20)
        run = engine.submit(flow)
        engine.wait_run(run, "done", seconds=60)
        self.assertEqual(self.pool_digests("landing"), digests)
        after = engine.ctl("audit", "verify")
        self.assertTrue(after["ok"])
        self.assertGreater(after["records"], before["records"])
        engine.kill9()
        engine.start()
        self.assertEqual(engine.run(run)["state"], "done")


if __name__ == "__main__":
    main()
