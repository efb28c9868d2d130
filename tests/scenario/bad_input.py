#!/usr/bin/python3
"""Bad input and broken surroundings: a clear error each, nothing stored or lost, and the run can be reset."""
import json
import os
import socket
import struct
import subprocess

from harness import BIN, Ctl, Scenario, main, wait_until


class BadInput(Scenario):
    with_rgw = True

    def setUp(self):
        super().setUp()
        self.e = self.engine(self.id().rsplit(".", 1)[1], stall_after="3s").start()

    def copy(self, name, source, target, more=""):
        return self.flow(name, [f"copy: {{ move: {{ from: \"{source}\", to: \"{target}\"{more} }} }}"])

    def failure(self, run):
        wait_until(lambda: self.e.task(run, "copy")["state"] in ("failed", "stalled"), f"{run} stops", 60)
        row = self.e.task(run, "copy")
        return row["error"] or row["blocked"]["error"]

    def assertClear(self, error):
        for part in ("message", "cause", "correction"):
            self.assertTrue(error[part], json.dumps(error))

    @staticmethod
    def close_code(port, message):
        """Sends one text message after a WebSocket handshake. Returns the code the engine closes with."""
        with socket.create_connection(("127.0.0.1", port), timeout=10) as s, s.makefile("rb") as answer:
            s.sendall(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode())
            if b"101" not in answer.readline():
                raise AssertionError("no WebSocket")
            while answer.readline().strip():
                pass
            mask = os.urandom(4)
            size = struct.pack("!B", 0x80 | len(message)) if len(message) < 126 else struct.pack("!BH", 0x80 | 126, len(message))
            s.sendall(b"\x81" + size + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(message)))
            while True:
                opcode, length = struct.unpack("!BB", answer.read(2))
                if length == 126:
                    [length] = struct.unpack("!H", answer.read(2))
                elif length == 127:
                    [length] = struct.unpack("!Q", answer.read(8))
                payload = answer.read(length)
                if opcode & 0xF == 8:
                    return struct.unpack("!H", payload[:2])[0]

    def test_a_wrong_flow_file_names_the_place_and_stores_nothing(self):
        path = self.dir / "wrong.yaml"
        path.write_text("flow: x\ntasks:\n  a:\n    needs: [b]\n    move: { from: nowhere, to: \"rados://vega/landing\" }\n")
        done = subprocess.run([BIN / "sluicectl", "flow", "check", path, "--state-dir", self.e.state], capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 4)
        self.assertIn(f"{path}:5:19:", done.stdout + done.stderr)
        self.assertIn("expected", done.stdout + done.stderr)
        with self.assertRaises(Ctl) as refused:
            self.e.submit(path)
        self.assertEqual(refused.exception.code, 4)
        self.assertEqual(self.e.ctl("flow", "list")["runs"], [])

    def test_an_unknown_pool(self):
        self.make_files("some", 5, 1000)
        self.e.wait_keys("ingest")
        run = self.e.submit(self.copy("pool", f"file:{self.dir}/some", "rados://vega/nosuchpool"))
        error = self.failure(run)
        self.assertClear(error)
        self.assertIn("nosuchpool", json.dumps(error))
        self.ceph("pool", "nosuchpool")
        self.e.ctl("flow", "reset", run, "--yes", timeout=120)
        self.e.wait_run(run, "done", seconds=60)

    def test_a_refused_key(self):
        self.make_files("some", 5, 1000)
        self.e.wait_keys("ingest")
        [name] = [r["name"] for r in wait_until(lambda: [r for r in self.e.estate("auth-entity") if r["facts"]["entity"].startswith("client.ingest.")], "the role's entity", 30)]
        key = self.e.state / "secrets" / "cephx" / "vega"
        [path] = key.iterdir()
        good = path.read_bytes()
        path.write_bytes(b"AQAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAA==")
        run = self.e.submit(self.copy("key", f"file:{self.dir}/some", "rados://vega/landing/key/"))
        self.assertClear(self.failure(run))
        path.write_bytes(good)
        os.chmod(path, 0o600)
        self.e.ctl("flow", "reset", run, "--yes", timeout=120)
        self.e.wait_run(run, "done", seconds=60)
        self.assertTrue(name)

    def test_a_dead_gateway(self):
        self.make_files("some", 5, 1000)
        self.e.wait_keys("ingest")
        self.ceph("kill", "rgw")
        run = self.e.submit(self.copy("gateway", f"file:{self.dir}/some", "s3://rgw.vega/catalog/dead/"))
        self.e.wait_run(run, "stalled", "failed", seconds=60)
        self.assertClear(self.failure(run))
        self.ceph("start", "rgw")
        wait_until(lambda: (self.e.fact("rgw.vega/gateway/rgw.vega") or {}).get("facts", {}).get("answers"), "the gateway answers", 40)
        self.e.reset_if_held_up(run)

    def test_a_failed_copy_is_explained_and_the_others_are_finished(self):
        self.make_files("big", 1, 300 << 20)
        for i in range(20):
            (self.dir / "big" / f"small-{i}").write_bytes(b"small")
        self.e.wait_keys("ingest")
        run = self.e.submit(self.copy("big", f"file:{self.dir}/big", "rados://vega/train/big/"))
        error = self.failure(run)
        self.assertClear(error)
        self.assertIn("20 of 21, 1 not: ", error["message"])
        self.assertIn("314572800 bytes", error["cause"])
        wait_until(lambda: self.e.doctor(run)["rule"] == "R1", "the doctor names what the worker reported", 20)
        case = self.e.doctor(run)
        self.assertIn("too large", case["findings"][0]["title"])
        self.assertEqual(case["remedy"]["steps"][0], self.failure(run)["correction"].rstrip("."))
        self.assertNotIn("part-00000", self.pool_digests("train", "big/"), "known before the first byte")
        (self.dir / "big" / "part-00000").unlink()
        self.e.kill9()
        self.e.start()
        plan = self.e.ctl("flow", "reset", run)["plan"]
        self.assertEqual(plan["tasks"][0]["dropped"], [])
        self.assertEqual(plan["tasks"][0]["kept"]["objects"], 20)
        self.e.ctl("flow", "reset", run, "--yes", timeout=120)
        self.e.wait_run(run, "done", seconds=60)
        self.assertEqual(len(self.pool_digests("train", "big/")), 20)
        wait_until(lambda: self.e.doctor(run)["id"] is None, "nothing is wrong with a run that is done", 20)

    def test_a_cancelled_run_has_no_case(self):
        self.e.wait_keys("ingest")
        run = self.e.submit(self.copy("missing", f"file:{self.dir}/missing", "rados://vega/train/missing/"))
        self.assertClear(self.failure(run))
        wait_until(lambda: self.e.run(run)["caseId"], "a case is opened", 20)
        self.e.ctl("flow", "cancel", run, "--yes", timeout=60)
        wait_until(lambda: not self.e.run(run)["caseId"], "the case is closed", 20)
        self.assertIsNone(self.e.doctor(run)["id"])

    def test_an_existing_object_is_not_overwritten(self):
        files = self.make_files("some", 5, 1000)
        self.e.wait_keys("ingest")
        with self.rados() as cluster, cluster.open_ioctx("train") as ioctx:
            ioctx.write_full("there/part-00002", b"somebody's data")
        run = self.e.submit(self.copy("there", f"file:{self.dir}/some", "rados://vega/train/there/"))
        error = self.failure(run)
        self.assertClear(error)
        self.assertIn("part-00002", json.dumps(error))
        with self.rados() as cluster, cluster.open_ioctx("train") as ioctx:
            self.assertEqual(ioctx.read("there/part-00002"), b"somebody's data")
            ioctx.remove_object("there/part-00002")
        self.e.ctl("flow", "reset", run, "--yes", timeout=120)
        self.e.wait_run(run, "done", seconds=60)
        self.assertEqual(self.pool_digests("train", "there/"), files)

    def test_garbage_is_closed_and_the_engine_goes_on(self):
        url = json.loads((self.e.state / "endpoint.json").read_text())["url"]
        port = int(url.rsplit(":", 1)[1])
        for garbage in (b"\0" * 4096, b"GET / HTTP/1.1\r\n\r\n", os.urandom(65536), b"{" * 10000):
            with socket.create_connection(("127.0.0.1", port), timeout=5) as s:
                s.sendall(garbage)
                s.settimeout(3)
                try:
                    s.recv(4096)
                except OSError:
                    pass
        for message, code in ((b"GET / HTTP/1.1", 4000), (b"{\"jsonrpc\":", 4000), (b"[" * 10000, 4000),
                              (b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"engine.get\"}", 4001)):
            self.assertEqual(self.close_code(port, message), code, message[:40])
        self.assertEqual(self.e.ctl("engine")["engine"]["id"], "engine")
        token = self.e.state / "token"
        right = token.read_text()
        token.write_text("0" * 64)
        wait_until(lambda: token.read_text().strip() not in ("0" * 64, right.strip()), "the engine makes another token", 10)
        wait_until(self.e.answers, "its clients are served with that", 10)

    def test_a_second_engine_may_look_but_not_act(self):
        self.e.wait_lease()
        other = self.engine("other").start()
        row = wait_until(lambda: (lambda f: f if f and f["facts"]["lease"].get("state") == "other" else None)(other.fact("vega/connection/vega")),
                         "the other engine is named", 30)
        self.assertFalse(row["facts"]["canAct"])
        self.assertTrue(row["facts"]["whyNot"])
        wait_until(lambda: other.estate("ceph-pool"), "it sees the cluster all the same")


if __name__ == "__main__":
    main()
