"""Helpers of the tests in this folder: a folder with a configuration, earshotd by its pid, its API, a webhook receiver that verifies
Standard Webhooks signatures, a feed host, and the counting of checks. Python standard library only, loopback only."""
import base64
import faulthandler
import hashlib
import hmac
import http.client
import http.server
import json
import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from xml.sax.saxutils import escape

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SERVERS = os.path.join(ROOT, "tests", "servers")
FULL = os.environ.get("EARSHOT_MODE", "normal") == "full"
KEY = b"0123456789abcdef0123456789abcdef"
SECRET = "whsec_" + base64.b64encode(KEY).decode()
faulthandler.dump_traceback_later(float(os.environ.get("EARSHOT_LIMIT", "600")), exit=True)  # a test that hangs says where
SMOKE = "Smoke came out of my Brightwave Glow lamp and the plug melted, my daughter burnt her hand"


def program(name):
    """The path of one of Earshot's programs."""
    build = os.environ.get("EARSHOT_BUILD", os.path.join(ROOT, "build", "release"))
    path = os.path.join(build, name)
    if not os.access(path, os.X_OK):
        print(f"{path} is not built\n0 passed, 1 failed")
        sys.exit(1)
    return path


def unit_tests_of(room):
    """The program with the unit tests of a room that was built last, of whatever preset; None where there is none."""
    built = [os.path.join(ROOT, "build", preset, "tests", "test_" + room) for preset in ("dev", "asan", "release")]
    return max((it for it in built if os.access(it, os.X_OK)), key=os.path.getmtime, default=None)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def wait_for(what, seconds=20.0, step=0.05):
    """The first true answer of what(), or its last one when the time is over."""
    until = time.monotonic() + seconds
    while True:
        answer = what()
        if answer or time.monotonic() > until:
            return answer
        time.sleep(step)


class Checks:
    """Counts checks, prints one line for each."""

    def __init__(self):
        self.good = self.bad = 0

    def that(self, good, name, why=""):
        if good:
            self.good += 1
        else:
            self.bad += 1
        print(("ok   " if good else "FAIL ") + name + (f": {why}" if why and not good else ""), flush=True)
        return bool(good)

    def end(self):
        print(f"{self.good} passed, {self.bad} failed")
        sys.exit(1 if self.bad else 0)


class Folder:
    """A temporary folder; write() makes files that nobody else may read."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="earshot-e2e-")
        os.chmod(self.path, 0o755)  # nginx reads as a user of its own

    def write(self, name, text):
        path = os.path.join(self.path, name)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
            out.write(text)
        return path

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if os.environ.get("EARSHOT_KEEP"):
            print("kept: " + self.path)
        else:
            shutil.rmtree(self.path, ignore_errors=True)


def config(port, sources, receivers, contact="hook", extra=""):
    """A configuration (YAML is a superset of JSON). jo is on call and told of pages by `contact`."""
    return f"""mode: live
company: {{name: Brightwave, handles: ["@Brightwave"], products: [{{name: Glow}}]}}
principals:
  - {{id: ceo, name: M. Lind, title: chief executive, handles: ["@brightwave_ceo"], delegate: kim}}
sources: {json.dumps(sources)}
people:
  - {{id: jo, name: Jo Adler, contact: [{{via: {contact}}}], notify: {{page: [{contact} now], queue: [{contact} now]}}, manager: kim}}
  - {{id: kim, name: Kim Brandt, contact: [{{via: {contact}}}], notify: {{page: [{contact} now]}}}}
schedules:
  - {{name: care, zone: UTC, layers: [{{people: [jo]}}]}}
escalations:
  - {{name: standard, steps: [{{notify: ["schedule:care"], after: 0m}}]}}
route: {{team: care, escalation: standard}}
receivers: {json.dumps(receivers)}
network: {{allow: ["127.0.0.1/32"], insecure_http: true}}
web: {{listen: "127.0.0.1:{port}", open_on_loopback: true}}
log: {{level: info, format: logfmt}}
{extra}
"""


class Daemon:
    """earshotd in a folder. Its log is appended to earshotd.log there."""

    def __init__(self, folder, port):
        self.folder, self.port, self.process, self.options = folder, port, None, []
        self.config = os.path.join(folder.path, "earshot.yaml")
        self.db = os.path.join(folder.path, "earshot.db")

    def launch(self, wrapper=(), environment=None):
        with open(os.path.join(self.folder.path, "earshotd.log"), "ab") as log:
            self.process = subprocess.Popen([*wrapper, program("earshotd"), "--config", self.config, "--store", self.db, *self.options],
                                            stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=self.folder.path,
                                            start_new_session=bool(wrapper), env={**os.environ, **(environment or {})})
        return self

    def start(self, seconds=30):
        self.launch()
        if not wait_for(lambda: self.ready() or self.process.poll() is not None, seconds) or self.process.poll() is not None:
            raise RuntimeError("earshotd did not start:\n" + self.log()[-2000:])
        return self

    def ready(self):
        try:
            return self.call("GET", "/-/ready", timeout=2)[0] == 200
        except (OSError, http.client.HTTPException):
            return False

    def log(self):
        with open(os.path.join(self.folder.path, "earshotd.log"), encoding="utf-8", errors="replace") as file:
            return file.read()

    def running(self):
        return self.process is not None and self.process.poll() is None

    def readers(self):
        """The processes it has begun to read what strangers send."""
        found = []
        try:
            for task in os.listdir(f"/proc/{self.process.pid}/task"):
                with open(f"/proc/{self.process.pid}/task/{task}/children", encoding="ascii") as file:
                    found += [int(pid) for pid in file.read().split()]
        except OSError:
            pass  # it has just ended
        return found

    def kill(self):
        """kill -9; of the whole group where it runs under a tracer of its own."""
        if self.process is None:
            return
        if self.running():
            if os.getpgid(self.process.pid) == self.process.pid:
                os.killpg(self.process.pid, signal.SIGKILL)
            else:
                self.process.kill()
        self.process.wait()

    def stop(self, seconds=25):
        """SIGTERM; the exit code, or None when it had to be killed."""
        if not self.running():
            return self.process.returncode if self.process else None
        self.process.terminate()
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            return None

    def stop_traced(self, seconds=25):
        """SIGTERM to the daemon below a tracer; the exit code."""
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children", encoding="ascii") as file:
            for pid in file.read().split():
                os.kill(int(pid), signal.SIGTERM)
        return self.process.wait(seconds)

    def call(self, method, path, body=None, headers=None, timeout=20):
        """(status, text, headers) of one request."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            given = dict(headers or {})
            if body is not None and not isinstance(body, (str, bytes)):
                body = json.dumps(body)
                given.setdefault("Content-Type", "application/json")
            link.request(method, path, body=body, headers=given)
            answer = link.getresponse()
            return answer.status, answer.read().decode("utf-8", "replace"), dict(answer.getheaders())
        finally:
            link.close()

    def get(self, path):
        status, text, _ = self.call("GET", path, headers={"X-Earshot-Person": "jo"})
        return json.loads(text) if status == 200 else {}

    def cases(self):
        return self.get("/api/v1/cases?state=all&limit=500").get("items", [])

    def rows(self, sql, *values):
        """Rows of the database, read beside the daemon."""
        link = sqlite3.connect(f"file:{self.db}?mode=ro", uri=True, timeout=20)
        try:
            link.row_factory = sqlite3.Row
            return [dict(row) for row in link.execute(sql, values)]
        finally:
            link.close()


class Server:
    """An HTTP server on a free port in a thread; `answer(handler, body)` answers each request."""

    def __init__(self, answer):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                try:
                    answer(self, body)
                except (BrokenPipeError, ConnectionResetError):
                    self.close_connection = True

            do_GET = do_POST = do_HEAD = do_PUT = do_PATCH = handle_one

            def log_message(self, *_):
                pass

        class Quiet(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass  # a killed client is what these tests are about

        self.server = Quiet(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def reply(handler, status, body=b"", kind="application/json"):
    handler.send_response(status)
    handler.send_header("Content-Type", kind)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


def signature_holds(headers, body):
    """Standard Webhooks, symmetric: base64(HMAC-SHA256(key, id.timestamp.body)) is one of the signatures."""
    signed = f"{headers.get('webhook-id')}.{headers.get('webhook-timestamp')}.".encode() + body
    want = "v1," + base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
    fresh = abs(time.time() - float(headers.get("webhook-timestamp") or 0)) < 300
    return fresh and want in (headers.get("webhook-signature") or "").split()


class Webhook(Server):
    """Takes webhooks; one line of JSON a request goes to `path`: t, key, result (accepted, bad_signature, a fault's name).
    `slow`: seconds it waits between accepting and answering, so that a kill falls between."""

    def __init__(self, path, slow=0.0):
        self.path, self.slow, self.faults, self.lock = path, slow, [], threading.Lock()
        self.slow_all = 0.0  # seconds it waits every time
        super().__init__(self.take)

    def take(self, handler, body):
        key = handler.headers.get("webhook-id")
        with self.lock:
            fault = self.faults.pop(0) if self.faults else None
        good = signature_holds(handler.headers, body)
        result = "bad_signature" if not good else str(fault) if fault else "accepted"
        with self.lock, open(self.path, "a", encoding="utf-8") as out:
            out.write(json.dumps({"t": time.time(), "key": key, "result": result, "body": body.decode("utf-8", "replace")}) + "\n")
        if result == "accepted" and self.slow:
            time.sleep(random.random() * self.slow)
        time.sleep(self.slow_all)
        reply(handler, 401 if not good else fault if fault else 204)

    def log(self):
        with self.lock:
            if not os.path.exists(self.path):
                return []
            with open(self.path, encoding="utf-8") as file:
                return [json.loads(line) for line in file]


class FeedHost(Server):
    """Serves a growing RSS feed at /rss. Every item is logged to `path` once an answer with it has been sent whole."""

    def __init__(self, path):
        self.path, self.items, self.shown, self.lock = path, [], 0, threading.Lock()
        super().__init__(self.serve)

    def add(self, guid, author, text):
        with self.lock:
            self.items.append((guid, author, text, time.time()))

    def empty(self, path):
        """Forgets everything; what is served from now on is logged to `path`."""
        with self.lock:
            self.path, self.items, self.shown = path, [], 0

    def serve(self, handler, _):
        with self.lock:
            items = list(self.items)
        parts = ['<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Letters</title>']
        for guid, author, text, at in reversed(items):
            when = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(at))
            parts.append(f'<item><guid isPermaLink="false">{escape(guid)}</guid><title>Letter {escape(guid)}</title>'
                         f"<dc:creator>{escape(author)}</dc:creator><pubDate>{when}</pubDate>"
                         f"<description>{escape(text)}</description></item>")
        parts.append("</channel></rss>")
        reply(handler, 200, "".join(parts).encode(), "application/rss+xml")
        with self.lock, open(self.path, "a", encoding="utf-8") as out:
            for item in items[self.shown:]:
                out.write(json.dumps({"t": time.time(), "guid": item[0]}) + "\n")
            self.shown = max(self.shown, len(items))


class Shell:
    """A server of tests/servers by its script; starting it is a check of its own."""

    def __init__(self, script, port, root, **environment):
        self.command = ["bash", os.path.join(SERVERS, script)]
        self.port, self.environment = str(port), dict(os.environ, SRV_ROOT=root, **environment)

    def run(self, what, *more, seconds=300):
        return subprocess.run([*self.command, what, self.port, *more], env=self.environment, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=seconds, check=False)

    def stop(self):
        self.run("stop", "--purge", seconds=60)
