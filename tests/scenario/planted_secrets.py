#!/usr/bin/python3
"""Secrets planted wherever one can come in are found in no log, no file of the state folder, no answer and no
command line. No laboratory is needed: what Luigi and the worker say is said by programs of this test."""
import json
import os
import pathlib
import stat
import tempfile
import threading

from harness import Ctl, Engine, Scenario, main, wait_until

MARK = "PlanteD"
CEPHX = "AQBn0aZm" + MARK + "xxxxxxxxxxxxxxxxxxxxxxx=="
# What a task, a worker or an exception may print; each holds the mark once.
LINES = [
    f"password={MARK}", f"db_password: {MARK}", f'{{"user": "a", "password": "{MARK} x", "n": 1}}',
    f'{{"body": "{{\\"secret\\": \\"{MARK}\\"}}"}}', f"{{'token': '{MARK}'}}", f"DB_PASSWORD={MARK}",
    f"DB_PASSWORD {MARK}", f"AWS_SECRET_ACCESS_KEY {MARK}", f"psql --password {MARK}", f"psql --password={MARK}",
    f"mysql -u root -p {MARK} db", f"['psql', '--password', '{MARK}']", f"http://lab:{MARK}@host/x",
    f"http://host/x?a=1&access_token={MARK}", f"https://h/b?X-Amz-Date=1&X-Amz-Signature={MARK}",
    f"Authorization: Bearer {MARK}123", f"Authorization: AWS AK:{MARK}", f"Cookie: session={MARK}",
    f"\tkey = {CEPHX}", f"got {CEPHX} back", f"<secretKey>{MARK}</secretKey>", f"machine h password {MARK}1",
    "-----BEGIN RSA PRIVATE KEY-----", f"MIIE{MARK}", "-----END RSA PRIVATE KEY-----", "  \"password\":", f"    \"{MARK}\"",
    f'{{"name": "db_password", "value": "{MARK} x"}}', "- name: DB_PASSWORD", f"  value: {MARK}", "tokens:", f"  - {MARK}", f"  - {MARK}2",
    f'<property name="password">{MARK}</property>', f"Config(password=SecretStr('{MARK}'))", f"db.password[prod]={MARK}",
    f"ALTER USER a IDENTIFIED BY '{MARK}'", f"got github_pat_{MARK}{MARK}{MARK} back", f"lab:{MARK}@10.0.0.1:5432",
    f'{{"to": "password\\u003d{MARK}"}}', f"jdbc:oracle:thin:scott/{MARK}@//db:1521/x", f"Passwort: {MARK}",
    "Traceback (most recent call last)", f"RuntimeError: login failed: password={MARK}",
]
# Luigi names its tasks with all their parameters, HIDDEN ones too.
LUIGI_LINES = [
    f"INFO: [pid 1] Worker Worker(salt=1, pid=1) running   Job(date=2026-01-01, pin={MARK}-1)",
    f"INFO: Informed scheduler that task   Job_2026_01_01_{MARK}_9806e499bd   has status   PENDING",
    f"the pin {MARK}-1 is wrong",
]
PROGRAM = """#!/usr/bin/python3
import sys
for line in {lines!r}:
    print(line, file=sys.{stream}, flush=True)
open({started!r}, "w").close()
open({gate!r}).read()
sys.exit(30)
"""


class PlantedSecrets(Scenario):
    @classmethod
    def setUpClass(cls):
        cls.dir = pathlib.Path(tempfile.mkdtemp(prefix="sl-"))

    def program(self, name, stream, lines):
        path, gate = self.dir / name, self.dir / (name + ".gate")
        os.mkfifo(gate)
        path.write_text(PROGRAM.format(lines=lines, stream=stream, started=str(self.dir / (name + ".started")), gate=str(gate)))
        path.chmod(stat.S_IRWXU)
        return path, gate

    def command_lines(self):
        found = b""
        for entry in pathlib.Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                try:
                    found += (entry / "cmdline").read_bytes()
                except OSError:
                    pass
        return found

    def test_are_found_nowhere(self):
        luigi, luigi_gate = self.program("luigi", "stdout", LUIGI_LINES + LINES)
        worker, worker_gate = self.program("worker", "stderr", LINES)
        (self.dir / "in").mkdir()
        (self.dir / "in" / "a").write_text("a")
        config = self.dir / "config.yaml"
        config.write_text(
            "profile: { name: scenario, colour: moss }\nconnections:\n"
            f"  luigid: {{ type: luigi, url: \"http://lab:{MARK}@127.0.0.1:9\", program: \"{luigi}\" }}\n")
        engine = Engine(config, self.dir / "state")
        self.engines.append(engine)
        engine.start("--debug", "--worker", str(worker))
        seen = []

        def ask(*arguments):
            try:
                seen.append(json.dumps(engine.ctl(*arguments)))
            except Ctl as refused:
                seen.append(refused.out + refused.err)  # not the command line, which this test has written
                return False
            return True

        def submit(name, task):
            path = self.dir / f"{name}.yaml"
            path.write_text(f"flow: {name}\ntasks:\n  t: {task}\n# password: {MARK}\n")
            ask("flow", "check", str(path))
            return ask("flow", "submit", str(path), "--reason", f"because password={MARK} and http://a:{MARK}@h/")

        for number, param in enumerate((f"password: {MARK}", f"url: \"http://lab:{MARK}@h\"", f"line: \"--token {MARK}\"",
                                        f"text: '{{\"api_key\": \"{MARK}\"}}'", f"pem: \"{CEPHX}\"")):
            self.assertFalse(submit(f"refused-{number}", f"{{ luigi: {{ connection: luigid, module: m, task: Job, params: {{ {param} }} }} }}"))
        self.assertFalse(submit("refused-url", f"{{ move: {{ from: \"s3://lab:{MARK}@rgw/b/\", to: \"file:{self.dir}/x\" }} }}"))
        self.assertFalse(submit("refused-text", f"{{ approve: {{ message: \"password={MARK}?\" }} }}"))
        self.assertTrue(submit("luigi", "{ luigi: { connection: luigid, module: m, task: Job, params: { date: \"2026-01-01\" } } }"))
        self.assertTrue(submit("move", f"{{ move: {{ from: \"file:{self.dir}/in\", to: \"file:{self.dir}/out\" }} }}"))
        for name in ("luigi", "worker"):
            wait_until((self.dir / (name + ".started")).exists, f"{name} has said all")
        running = self.command_lines()
        self.assertIn(str(luigi).encode(), running)
        self.assertNotIn(MARK.encode(), running)

        def logged(run, last):
            ask("flow", "log", run, "t")
            return last in seen[-1]

        wait_until(lambda: logged("R-1", "login failed") and logged("R-2", "login failed"), "both logs are written")
        for run in ("R-1", "R-2"):
            ask("flow", "show", run)
            ask("doctor", run)
        ask("estate")
        for gate in (luigi_gate, worker_gate):
            threading.Thread(target=lambda name=gate: open(name, "w").close(), daemon=True).start()
        engine.wait_run("R-1", "failed", "stalled")
        self.assertIn("login failed", json.dumps(engine.task("R-1", "t")["error"]))
        for arguments in (("flow", "show", "R-1"), ("flow", "show", "R-2"), ("flow", "list"), ("doctor", "R-1"),
                          ("audit", "list"), ("engine",)):
            ask(*arguments)
        self.assertEqual([text[max(0, text.find(MARK) - 80):][:160] for text in seen if MARK in text], [])

        def holders():
            return [str(path) for path in engine.state.rglob("*") if path.is_file() and MARK.encode() in path.read_bytes()]

        self.assertEqual(holders(), [])  # the engine runs: its write-ahead logs are among them
        engine.stop()
        self.assertEqual(holders(), [])


if __name__ == "__main__":
    main()
