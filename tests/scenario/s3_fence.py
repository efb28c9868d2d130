#!/usr/bin/python3
"""A copy into S3 is killed in the middle: its key is taken back, the next attempt finishes, every byte is there."""
import json
import os
import signal
import subprocess

from harness import Scenario, main, wait_until


class S3Fence(Scenario):
    def test_kill_and_go_on(self):
        digests = self.make_files("landing", 600, 128 * 1024)
        engine = self.engine(stall_after="4s").start()
        engine.wait_keys("ingest")
        wait_until(lambda: (engine.fact("rgw.vega/gateway/rgw.vega") or {}).get("facts", {}).get("answers"), "the gateway answers")
        run = engine.submit(self.flow("publish", [
            f"publish: {{ move: {{ from: \"file:{self.dir}/landing\", to: \"s3://rgw.vega/catalog/fenced/\", inFlight: 2 }} }}"]))
        wait_until(lambda: engine.task(run, "publish")["objectsDone"] > 20, "the copy is under way")
        [pid] = engine.workers()
        os.kill(pid, signal.SIGKILL)
        row = engine.wait_task(run, "publish", "done", seconds=90)
        self.assertEqual(row["attempt"], 2)
        self.assertGreater(row["objectsKept"], 0)
        self.assertEqual(self.bucket_digests("fenced/"), digests)
        # No key of an attempt is left at the gateway: only the laboratory's own.
        told = subprocess.run(["radosgw-admin", "-c", self.env["CEPH_CONF"], "-n", "client.rgw.vega", "user", "info", "--uid=lab"],
                              capture_output=True, text=True, check=True).stdout
        keys = json.loads(told)["keys"]
        self.assertEqual([key["access_key"][:2] == "SL" for key in keys].count(True), 0, "attempts' keys were taken back")

    def test_an_upload_of_a_killed_worker_is_aborted(self):
        digests = self.make_files("large", 1, 250 * 1024 * 1024)
        engine = self.engine("large-state", stall_after="10s").start()
        engine.wait_keys("ingest")
        wait_until(lambda: (engine.fact("rgw.vega/gateway/rgw.vega") or {}).get("facts", {}).get("answers"), "the gateway answers")
        run = engine.submit(self.flow("large", [
            f"publish: {{ move: {{ from: \"file:{self.dir}/large\", to: \"s3://rgw.vega/catalog\", inFlight: 1 }} }}",
            "check: { needs: [publish], verify: { of: publish } }"]))
        wait_until(lambda: engine.task(run, "publish")["bytesDone"] > 40 << 20, "some parts are there")
        self.assertEqual(len(self.open_uploads()), 1)
        [pid] = engine.workers()
        os.kill(pid, signal.SIGKILL)
        engine.wait_run(run, "done", seconds=120)
        self.assertEqual(engine.task(run, "publish")["attempt"], 2)
        self.assertEqual(self.open_uploads(), [], "the killed worker's upload was aborted")
        self.assertEqual({key: value for key, value in self.bucket_digests().items() if "/" not in key}, digests)
        self.assertIn("-", self.bucket().Object("part-00000").e_tag, "it was written in parts")

    def open_uploads(self):
        return [upload.id for upload in self.bucket().multipart_uploads.all()]


if __name__ == "__main__":
    main()
