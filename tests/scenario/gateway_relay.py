"""Stands before a gateway as a proxy does, and fails or holds back the requests it is told to."""
import http.client
import http.server
import threading


class GatewayRelay:
    """`trouble(method, path)` says what becomes of a request: None, it is passed on; a status and an S3 code, it is refused
    with them; "hold", it gets no answer until `passes()`."""

    def __init__(self, endpoint):
        self.trouble = lambda method, path: None
        self.met = 0
        self.free = threading.Event()
        relay = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def serve(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                trouble = relay.trouble(self.command, self.path)
                relay.met += trouble is not None
                if trouble == "hold":
                    relay.free.wait()
                    self.close_connection = True
                    return
                if trouble:
                    status, code = trouble
                    self.answer(status, {"Retry-After": "5"}, f"<Error><Code>{code}</Code></Error>".encode())
                    return
                onward = http.client.HTTPConnection(endpoint.split("://")[1], timeout=120)
                try:
                    onward.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
                    for name, value in self.headers.items():
                        if name.lower() not in ("connection", "expect"):
                            onward.putheader(name, value)
                    onward.endheaders(body)
                    answer = onward.getresponse()
                    length = answer.getheader("Content-Length")
                    told = {name: value for name, value in answer.getheaders()
                            if name.lower() not in ("connection", "transfer-encoding", "content-length", "date", "server")}
                    self.answer(answer.status, told, answer.read(), length if self.command == "HEAD" else None)
                except OSError:
                    self.close_connection = True
                finally:
                    onward.close()

            def answer(self, status, headers, body, length=None):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if status not in (204, 304):
                    self.send_header("Content-Length", length or str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = serve

            def log_message(self, *_):
                """Its log is of no interest."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.endpoint = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def fails(self, trouble):
        self.free.clear()
        self.met = 0
        self.trouble = trouble

    def passes(self):
        self.trouble = lambda method, path: None
        self.free.set()

    def stop(self):
        self.passes()
        self.server.shutdown()
        self.server.server_close()
