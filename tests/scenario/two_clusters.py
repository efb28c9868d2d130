#!/usr/bin/python3
"""Two Ceph clusters, both with an osd.0: every id carries its connection."""
import pathlib
import shutil
import subprocess
import tempfile

from harness import LAB, Scenario, main, wait_until


class TwoClusters(Scenario):
    with_rgw = False

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.vega = (cls.dir, cls.env)
        cls.other_dir = pathlib.Path(tempfile.mkdtemp(prefix="sl-"))
        try:
            cls.lab_run("ceph-lab", "--dir", cls.other_dir, "up", "--no-rgw", "--osds", "3")
            cls.dir = cls.other_dir
            cls.other = cls.read_env("ceph-lab")
        finally:
            cls.dir = cls.vega[0]

    @classmethod
    def tearDownClass(cls):
        if hasattr(cls, "other_dir"):
            subprocess.run([LAB / "ceph-lab", "--dir", cls.other_dir, "down"], capture_output=True, check=False)
            shutil.rmtree(cls.other_dir, ignore_errors=True)
        super().tearDownClass()

    def test_ids_carry_their_connection(self):
        atlas = (f"  atlas: {{ type: ceph, conf: \"{self.other['CEPH_CONF']}\", entity: client.sluice, "
                 f"keyring: \"{self.other['SLUICE_LAB_KEYRING']}\", cephPool: sluice, pollMs: 500 }}\n")
        engine = self.engine(extra_connections=atlas).start()
        engine.wait_lease("vega")
        engine.wait_lease("atlas")
        wait_until(lambda: engine.fact("vega/osd/0") and engine.fact("atlas/osd/0"), "both have an osd.0")
        subprocess.run([LAB / "ceph-lab", "--dir", self.other_dir, "kill", "osd.0"], check=True, capture_output=True)
        wait_until(lambda: not engine.fact("atlas/osd/0")["facts"]["up"], "atlas has lost its osd.0", 40)
        self.assertTrue(engine.fact("vega/osd/0")["facts"]["up"], "vega has not")
        fsids = {row["connection"]: row["facts"]["fsid"] for row in engine.estate("cluster")}
        self.assertEqual(len(set(fsids.values())), 2)
        wait_until(lambda: engine.fact("vega/health/vega")["facts"]["redundancy"]["word"] == "full", "vega is whole", 20)
        wait_until(lambda: engine.fact("atlas/health/atlas")["facts"]["redundancy"]["word"] != "full", "atlas is not", 20)


if __name__ == "__main__":
    main()
