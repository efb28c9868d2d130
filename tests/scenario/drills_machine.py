#!/usr/bin/python3
"""Stalls provoked on the machine itself: a real luigid and what it holds back, and file systems that take no writes.
No Ceph cluster is needed."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request

from disk_full import may_mount as may_mount_tmpfs
from harness import LAB, Engine, Scenario, figure, main, wait_until


class Machine(Scenario):
    """One luigid and one engine for all; each test cleans up after itself."""

    @classmethod
    def setUpClass(cls):
        cls.dir = pathlib.Path(tempfile.mkdtemp(prefix="sl-"))
        try:
            cls.lab_run("luigi-lab", "--dir", cls.dir, "up")
            cls.env = cls.read_env("luigi-lab")
            cls.url = cls.env["SLUICE_LAB_LUIGI_URL"]
            config = cls.dir / "machine.yaml"
            config.write_text(
                "profile: { name: scenario, colour: moss }\nconnections:\n"
                f"  luigid: {{ type: luigi, url: \"{cls.url}\", program: \"{cls.env['SLUICE_LAB_LUIGI_PROGRAM']}\", "
                f"pythonPath: \"{cls.env['SLUICE_LAB_LUIGI_PYTHONPATH']}\" }}\n"
                "defaults: { stallAfter: 6s }\n")
            cls.e = Engine(config, cls.dir / "state")
            cls.e.start()
        except BaseException:
            cls.tearDownClass()
            raise

    @classmethod
    def tearDownClass(cls):
        if getattr(cls, "e", None):
            cls.e.stop()
        subprocess.run([LAB / "luigi-lab", "--dir", cls.dir, "down"], capture_output=True, check=False)
        shutil.rmtree(cls.dir, ignore_errors=True)

    def setUp(self):
        super().setUp()
        self.addCleanup(lambda: self.tell_logs(self.e))

    def give_up_roles(self):
        """There are none."""

    def ask(self, method, **arguments):
        query = urllib.parse.urlencode({"data": json.dumps(arguments)})
        with urllib.request.urlopen(f"{self.url}/api/{method}?{query}", timeout=10) as answer:
            return json.load(answer)["response"]

    def typed(self, command):
        """As a person copies it."""
        done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False, timeout=30)
        self.assertEqual(done.returncode, 0, f"{command}: {done.stderr}")
        return done.stdout

    def features(self, day, seconds="0.2", fail=""):
        run = self.e.submit(self.flow(f"day-{day}", [
            f"features: {{ luigi: {{ connection: luigid, module: sluice_lab, task: Features, params: {{ date: \"2026-02-{day:02}\", "
            f"out: \"{self.dir}/out\", seconds: \"{seconds}\"{', fail: ' + fail if fail else ''} }} }} }}"]))
        self.addCleanup(self.cancel, run)
        return run

    def cancel(self, run):
        if self.e.run(run)["state"] not in ("done", "cancelled"):
            self.e.ctl("flow", "cancel", run, "--yes", timeout=60)
            self.e.wait_run(run, "done", "cancelled", seconds=60)

    def named(self, run, rule, seconds=60):
        """Nobody asks for it: the case is there, and names the cause with evidence and with help."""
        began = time.monotonic()

        def look():
            case_id = self.e.run(run).get("caseId")
            case = next((one for one in self.e.ctl("cases")["cases"] if one["id"] == case_id), None)
            return case if case and case["rule"] == rule and case["verdict"] == "confirmed" else None
        case = wait_until(look, f"{run} has a case that names {rule}", seconds)
        figure(f"machine: {rule} {case['summary'].split('. ')[0]}: after {time.monotonic() - began:.1f} s")
        case = self.e.doctor(run)  # with all its findings
        confirmed = [one for one in case["findings"] if one["verdict"] == "confirmed"]
        self.assertEqual({one["rule"] for one in confirmed}, {rule}, json.dumps(case, indent=1)[:6000])
        self.assertTrue(confirmed[0]["evidence"] and case["remedy"]["steps"])
        return case

    # Luigi

    def test_luigi_task_that_hangs(self):
        run = self.features(1, seconds="600")
        case = self.named(run, "R64")
        self.assertIn("Extract", case["summary"])
        self.assertIn("step 1 of 10", json.dumps(case["findings"]))
        self.assertIn(f"sluicectl flow reset {run}", case["remedy"]["commands"])
        wchan = next(command for command in case["remedy"]["commands"] if command.startswith("cat /proc/"))
        self.assertIn("luigi", pathlib.Path(f"/proc/{wchan.split('/')[2]}/cmdline").read_text())
        self.typed(wchan)

    def test_paused_luigid(self):
        self.ask("pause")
        self.addCleanup(self.ask, "unpause")
        began = time.monotonic()
        subject = "luigid/connection/luigid"
        case = wait_until(lambda: next((one for one in self.e.ctl("cases")["cases"]
                                        if one["subject"] == subject and one["phase"] != "verify"), None), "a case without a run", 40)
        figure(f"machine: R55 paused luigid: a case after {time.monotonic() - began:.1f} s, without a run")
        self.assertEqual((case["rule"], case["verdict"], case["runs"]), ("R55", "confirmed", []))
        run = self.features(2)
        self.named(run, "R55")
        self.assertEqual(self.e.run(run)["caseId"], case["id"], "the run joined it")
        self.typed(case["remedy"]["commands"][0])
        self.e.wait_run(run, "done", seconds=60)
        wait_until(lambda: "over after" in json.dumps(self.e.doctor(case["id"])["timeline"]), "it is over", 40)

    def test_disabled_task(self):
        environment = {**os.environ, "PYTHONPATH": self.env["SLUICE_LAB_LUIGI_PYTHONPATH"], "LUIGI_CONFIG_PATH": str(self.dir / "luigi" / "luigi.cfg")}
        arguments = [self.env["SLUICE_LAB_LUIGI_PROGRAM"], "--module", "sluice_lab", "Extract", "--scheduler-url", self.url, "--date", "2026-02-03",
                     "--half", "morning", "--out", f"{self.dir}/out", "--fail", "Extract"]

        def disabled():
            subprocess.run(arguments, env=environment, cwd=self.dir, capture_output=True, check=False, timeout=60)
            return [task for task in self.ask("task_list", status="DISABLED", upstream_status="") if "2026_02_03" in task]
        wait_until(disabled, "luigid disables it", 60)
        run = self.features(3)
        case = self.named(run, "R56")
        # Its id may tell a parameter that is not shown, so there is no command to copy.
        self.assertIn("Re-enable", json.dumps(case["remedy"]["steps"], ensure_ascii=False))
        for task in self.ask("task_list", status="DISABLED", upstream_status=""):
            self.ask("re_enable_task", task_id=task)
        self.e.wait_run(run, "done", seconds=90)

    # files

    def move(self, name, source, to):
        run = self.e.submit(self.flow(name, [f"copy: {{ move: {{ from: \"file:{source}\", to: \"file:{to}\", inFlight: 2 }} }}"]))
        self.addCleanup(self.cancel, run)
        return run

    def files(self, name, count=20):
        if not (self.dir / name).exists():
            self.make_files(name, count, 100_000)
        return self.dir / name

    def full_destination(self):
        tiny = self.dir / "tiny"
        tiny.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "sluice-test", tiny], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", tiny], check=True)
        run = self.move("full", self.files("landing"), tiny / "in")
        self.named(run, "R62")
        subprocess.run(["mount", "-o", "remount,size=16m", tiny], check=True)
        self.e.wait_run(run, "done", seconds=60)

    def read_only_destination(self):
        frozen = self.dir / "frozen"
        frozen.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m,ro", "sluice-test", frozen], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", frozen], check=True)
        run = self.move("read-only", self.files("landing"), frozen / "in")
        case = self.named(run, "R62")
        self.assertIn("read-only", case["summary"])
        subprocess.run(["mount", "-o", "remount,rw", frozen], check=True)
        self.e.wait_run(run, "done", seconds=60)

    if may_mount_tmpfs():
        test_full_destination = full_destination
        test_read_only_destination = read_only_destination


if __name__ == "__main__":
    main()
