#!/usr/bin/env python3
"""POST /api/v1/posts of an urgent post -> webhook of the route accepted, durable in between: bench/page_latency.py [N]. Needs build/release.
Prints p50 and p99 of the daemon, the disk's own fdatasync p99, and Alertmanager (group_wait 0) in the same run where it is installed."""
import http.client
import http.server
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("EARSHOT_BUILD", ROOT / "build/release"))
N = int(sys.argv[1]) if len(sys.argv) > 1 else 300
arrived = {}
seen = threading.Condition()


class Hook(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        now = time.perf_counter()
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        keys = []
        if isinstance(body, dict) and "cases" in body:
            keys = [case["url"] for case in body["cases"]]
        elif "alerts" in body:
            keys = [alert["labels"]["n"] for alert in body["alerts"]]
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
        with seen:
            for key in keys:
                arrived.setdefault(key, now)
            seen.notify_all()

    def log_message(self, *_):
        pass


def port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))] * 1000


def wait_for(key):
    with seen:
        if not seen.wait_for(lambda: key in arrived, timeout=10):
            raise SystemExit(f"{key} never arrived")
    return arrived[key]


def fdatasync_p99(folder):
    file = os.open(folder / "sync", os.O_CREAT | os.O_RDWR)
    os.write(file, b"x" * 4096 * 64)
    os.fsync(file)
    times = []
    for i in range(300):
        os.pwrite(file, b"y" * 4096, (i % 64) * 4096)
        before = time.perf_counter()
        os.fdatasync(file)
        times.append(time.perf_counter() - before)
    return percentile(times, 0.99)


def earshot(folder, hook):
    listen = port()
    (folder / "earshot.yaml").write_text(f"""
company: {{name: Brightwave}}
sources: [{{name: push, type: push}}]
people: [{{id: jo, contact: [{{via: desk}}]}}]
escalations: [{{name: standard, steps: [{{notify: ["person:jo"], after: 0m}}]}}]
route: {{team: care, escalation: standard, receivers: [hook]}}
receivers: [{{name: hook, type: webhook, url: "http://127.0.0.1:{hook}/"}}, {{name: desk, type: log}}]
network: {{allow: ["127.0.0.1/32"], insecure_http: true}}
store: {{type: sqlite, path: {folder}/bench.db}}
web: {{listen: "127.0.0.1:{listen}", open_on_loopback: true}}
log: {{level: error}}
""")
    daemon = subprocess.Popen([BUILD / "earshotd", "--config", folder / "earshot.yaml"])
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", listen), 0.1).close()
                break
            except OSError:
                time.sleep(0.05)
        api = http.client.HTTPConnection("127.0.0.1", listen)
        times = []
        for i in range(N + 20):
            url = f"https://x.example/{i}"
            post = {"id": str(i), "url": url, "author": {"id": f"a{i}"}, "text": f"Smoke came out of my Brightwave lamp number {i} and the plug melted, my hand is burnt"}
            post["text"] += " " + " ".join(f"{(i * 7919 + k) * 2654435761 % 2**32:x}" for k in range(30))
            before = time.perf_counter()
            api.request("POST", "/api/v1/posts", json.dumps(post))
            api.getresponse().read()
            at = wait_for(url)
            if i >= 20:
                times.append(at - before)
            time.sleep(0.01)
        return times
    finally:
        daemon.terminate()
        daemon.wait()


def alertmanager(folder, hook):
    program = shutil.which("prometheus-alertmanager")
    if not program:
        return None
    listen = port()
    (folder / "am.yml").write_text(f"route: {{receiver: hook, group_wait: 0s, group_by: ['n']}}\nreceivers:\n- name: hook\n  webhook_configs: [{{url: 'http://127.0.0.1:{hook}/'}}]\n")
    peer = subprocess.Popen([program, f"--config.file={folder}/am.yml", f"--storage.path={folder}/am", f"--web.listen-address=127.0.0.1:{listen}", "--cluster.listen-address=", "--log.level=error"])
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", listen), 0.1).close()
                break
            except OSError:
                time.sleep(0.05)
        api = http.client.HTTPConnection("127.0.0.1", listen)
        times = []
        for i in range(N):
            before = time.perf_counter()
            api.request("POST", "/api/v2/alerts", json.dumps([{"labels": {"alertname": "a", "n": f"am{i}"}}]), {"Content-Type": "application/json"})
            api.getresponse().read()
            times.append(wait_for(f"am{i}") - before)
            time.sleep(0.01)
        return times
    finally:
        peer.terminate()
        peer.wait()


def main():
    hook = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=hook.serve_forever, daemon=True).start()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="earshot-bench-", dir=ROOT / "build"))
    try:
        sync = fdatasync_p99(folder)
        ours = earshot(folder, hook.server_port)
        peer = alertmanager(folder, hook.server_port)
        out = {"bench": "page_latency", "n": N, "p50_ms": round(percentile(ours, 0.5), 2), "p99_ms": round(percentile(ours, 0.99), 2), "fdatasync_p99_ms": round(sync, 2)}
        if peer:
            out |= {"alertmanager_p50_ms": round(percentile(peer, 0.5), 2), "alertmanager_p99_ms": round(percentile(peer, 0.99), 2)}
        print(json.dumps(out))
    finally:
        shutil.rmtree(folder)


main()
