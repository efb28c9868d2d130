"""A client of the protocol written from its document alone, with nothing but the standard library."""
import hashlib
import hmac
import json
import os
import pathlib
import socket
import struct


class Closed(Exception):
    """The engine closed the WebSocket with this code."""

    def __init__(self, code, reason):
        super().__init__(f"closed with {code}: {reason}")
        self.code, self.reason = code, reason


def proof(side, token, engine_id, engine_nonce, client_nonce):
    fields = (f"sluice 2 {side}", engine_id, engine_nonce, client_nonce)
    data = b"".join(b"%d:%s" % (len(field.encode()), field.encode()) for field in fields)
    return hmac.new(token.encode(), data, hashlib.sha256).hexdigest()


class WireClient:
    """A WebSocket to a port of this machine; hello has arrived."""

    def __init__(self, port, source="127.0.0.1"):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=20, source_address=(source, 0))
        self.stream = self.socket.makefile("rb")
        self.socket.sendall(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode())
        if b"101" not in self.stream.readline():
            raise ConnectionError("no WebSocket")
        while self.stream.readline().strip():
            pass
        self.hello = self.receive()["params"]
        self.next_id = 0

    @classmethod
    def of(cls, state):
        """The engine of a state folder, with the owner's proof."""
        endpoint = json.loads((pathlib.Path(state) / "endpoint.json").read_text())
        client = cls(int(endpoint["url"].rsplit(":", 1)[1]))
        client.identify((pathlib.Path(state) / "token").read_text().strip())
        return client

    def identify(self, token, **more):
        nonce = os.urandom(32).hex()
        made = proof("client", token, self.hello["engineId"], self.hello["nonce"], nonce)
        answer = self.call("identify", {"protocol": 2, "nonce": nonce, "proof": made, "client": "wire_client.py", **more})
        if answer["result"]["proof"] != proof("engine", token, self.hello["engineId"], self.hello["nonce"], nonce):
            raise ConnectionError("this is not the engine")
        return answer["result"]

    def call(self, method, params):
        self.next_id += 1
        self.send_text(json.dumps({"jsonrpc": "2.0", "id": self.next_id, "method": method, "params": params}).encode())
        while True:
            message = self.receive()
            if message.get("id") == self.next_id:
                return message

    def send_text(self, payload):
        self.send_frame(1, payload)

    def send_binary(self, payload):
        self.send_frame(2, payload)

    def send_frame(self, opcode, payload):
        size = len(payload)
        length = (struct.pack("!B", 0x80 | size) if size < 126 else struct.pack("!BH", 0x80 | 126, size) if size < 65536
                  else struct.pack("!BQ", 0x80 | 127, size))
        # A mask of zeros leaves the payload as it is.
        self.socket.sendall(bytes([0x80 | opcode]) + length + b"\0\0\0\0" + payload)

    def receive(self):
        """The next message; a close is raised."""
        while True:
            head = self.stream.read(2)
            if len(head) < 2:
                raise Closed(1006, "the connection ended")
            opcode, size = head[0] & 15, head[1]
            if size == 126:
                [size] = struct.unpack("!H", self.stream.read(2))
            elif size == 127:
                [size] = struct.unpack("!Q", self.stream.read(8))
            payload = self.stream.read(size)
            if opcode == 8:
                raise Closed(struct.unpack("!H", payload[:2])[0], payload[2:].decode())
            if opcode == 1:
                return json.loads(payload)

    def close_code(self):
        try:
            while True:
                self.receive()
        except Closed as closed:
            return closed.code

    def close(self):
        self.stream.close()
        self.socket.close()
