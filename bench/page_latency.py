#!/usr/bin/env python3
"""POST /api/v1/posts of an urgent post -> webhook of the route accepted, durable in between. Needs build/release.

    bench/page_latency.py [N] [--open-cases CASES] [--pause SECONDS]

Prints p50 and p99 of the daemon, the disk's own fdatasync p99, and Alertmanager (group_wait 0) in the same run where it is installed.
With --open-cases so many pages that nobody has taken lie open before it is measured (100,000 active alerts there), every post comes
after a pause, so that the auditor's rounds fall into the measured time, and memory and the worst stall of the event loop are printed."""
import argparse
import http.client
import http.server
import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("EARSHOT_BUILD", ROOT / "build/release"))
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


def wait_for_all(keys, what):
    """All have arrived; gives up when nothing has come for a minute."""
    there, moved = 0, time.monotonic()
    while there < len(keys):
        time.sleep(0.5)
        with seen:
            now = sum(key in arrived for key in keys)
        if now > there:
            there, moved = now, time.monotonic()
        elif time.monotonic() > moved + 60:
            raise SystemExit(f"{what}: {there} of {len(keys)} arrived, then nothing for a minute")


def memory_mib(pid):
    """Resident memory now and at its highest, MiB."""
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    found = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.startswith(("VmRSS", "VmHWM"))}
    return found["VmRSS"] / 1024, found["VmHWM"] / 1024


def connect(listen):
    for _ in range(400):
        try:
            socket.create_connection(("127.0.0.1", listen), 0.1).close()
            break
        except OSError:
            time.sleep(0.05)
    return http.client.HTTPConnection("127.0.0.1", listen)


def ask(api, method, path, body=None, kind="application/json"):
    api.request(method, path, body, {"Content-Type": kind} if body else {})
    answer = api.getresponse()
    text = answer.read()
    if answer.status >= 300:
        raise SystemExit(f"{method} {path}: {answer.status} {text[:200]}")
    return text


def complaint(i):
    """An urgent post whose words are like no other's."""
    words = " ".join(f"{(i * 7919 + k) * 2654435761 % 2**32:x}" for k in range(30))
    return {"id": str(i), "url": f"https://x.example/{i}", "author": {"id": f"a{i}"},
            "text": f"Smoke came out of my Brightwave lamp number {i} and the plug melted, my hand is burnt {words}"}


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


def metric(api, name):
    for line in ask(api, "GET", "/metrics").decode().splitlines():
        if line.startswith(name + " "):
            return float(line.split()[1])
    return None


def fill_earshot(api, count):
    for first in range(0, count, 500):
        lines = "\n".join(json.dumps(complaint(10**7 + i)) for i in range(first, min(first + 500, count)))
        ask(api, "POST", "/api/v1/posts", lines, "application/x-ndjson")
    wait_for_all([f"https://x.example/{10**7 + i}" for i in range(count)], "earshot")
    api.close()
    while any(row["depth"] for row in json.loads(ask(api, "GET", "/api/v1/outbox"))):
        time.sleep(1)


def measure(count, pause, send):
    """Milliseconds from the request to the webhook, of every message but the first 20."""
    times = []
    for i in range(count + 20):
        before = time.perf_counter()
        at = wait_for(send(i))
        if i >= 20:
            times.append(at - before)
        time.sleep(pause)
    return times


def earshot(folder, hook, want):
    listen = port()
    (folder / "earshot.yaml").write_text(f"""
company: {{name: Brightwave}}
sources: [{{name: push, type: push}}]
storms: {{at_least: 0, author_cases: 0}}
people: [{{id: jo, contact: [{{via: desk}}]}}, {{id: kim, contact: [{{via: desk}}]}}]
escalations: [{{name: standard, steps: [{{notify: ["person:jo"], after: 0m}}, {{notify: ["person:kim"], after: 12h}}]}}]
route: {{team: care, escalation: standard, receivers: [hook]}}
receivers: [{{name: hook, type: webhook, url: "http://127.0.0.1:{hook}/"}}, {{name: desk, type: log}}]
network: {{allow: ["127.0.0.1/32"], insecure_http: true}}
store: {{type: sqlite, path: {folder}/bench.db}}
web: {{listen: "127.0.0.1:{listen}", open_on_loopback: true}}
log: {{level: error}}
""")
    daemon = subprocess.Popen([BUILD / "earshotd", "--config", folder / "earshot.yaml"])
    try:
        api = connect(listen)
        if want.open_cases:
            fill_earshot(api, want.open_cases)
            open_now = json.loads(ask(api, "GET", "/api/v1/cases?limit=1"))["total"]
            if open_now != want.open_cases:
                raise SystemExit(f"{open_now} cases are open, {want.open_cases} were wanted")
            time.sleep(65)  # the stall of the last minute shall not be that of filling
            api.close()  # the server has done so after a while of silence; the next request opens it anew

        def send(i):
            post = complaint(i)
            ask(api, "POST", "/api/v1/posts", json.dumps(post))
            return post["url"]

        times = measure(want.n, want.pause, send)
        now, most = memory_mib(daemon.pid)
        more = {"rss_mib": round(now, 1), "rss_most_mib": round(most, 1),
                "worst_stall_ms": round((metric(api, "earshot_loop_stall_seconds") or 0) * 1000, 1),
                "findings": metric(api, "earshot_audit_findings")}
        return times, more
    finally:
        daemon.terminate()
        daemon.wait()


def alertmanager(folder, hook, want):
    program = shutil.which("prometheus-alertmanager")
    if not program:
        return None
    listen = port()
    (folder / "am.yml").write_text(f"route: {{receiver: hook, group_wait: 0s, group_by: ['n']}}\nreceivers:\n- name: hook\n  webhook_configs: [{{url: 'http://127.0.0.1:{hook}/'}}]\n")
    peer = subprocess.Popen([program, f"--config.file={folder}/am.yml", f"--storage.path={folder}/am", f"--web.listen-address=127.0.0.1:{listen}", "--cluster.listen-address=", "--log.level=error"])
    ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 6 * 3600))

    def alert(n):
        return {"labels": {"alertname": "a", "n": n}, "endsAt": ends}

    try:
        api = connect(listen)
        for first in range(0, want.open_cases, 500):
            ask(api, "POST", "/api/v2/alerts", json.dumps([alert(f"full{i}") for i in range(first, min(first + 500, want.open_cases))]))
        if want.open_cases:
            wait_for_all([f"full{i}" for i in range(want.open_cases)], "alertmanager")
            time.sleep(5)
            api.close()

        def send(i):
            ask(api, "POST", "/api/v2/alerts", json.dumps([alert(f"am{i}")]))
            return f"am{i}"

        times = measure(want.n, want.pause, send)
        now, most = memory_mib(peer.pid)
        return times, {"alertmanager_rss_mib": round(now, 1), "alertmanager_rss_most_mib": round(most, 1)}
    finally:
        peer.terminate()
        peer.wait()


def figures(times, prefix=""):
    return {f"{prefix}p50_ms": round(percentile(times, 0.5), 2), f"{prefix}p99_ms": round(percentile(times, 0.99), 2),
            f"{prefix}worst_ms": round(max(times) * 1000, 2)}


def main():
    words = argparse.ArgumentParser()
    words.add_argument("n", nargs="?", type=int, default=300)
    words.add_argument("--open-cases", type=int, default=0)
    words.add_argument("--pause", type=float, default=0.01, help="seconds between two posts")
    want = words.parse_args()
    hook = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=hook.serve_forever, daemon=True).start()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="earshot-bench-", dir=ROOT / "build"))
    try:
        sync = fdatasync_p99(folder)
        ours, more = earshot(folder, hook.server_port, want)
        out = {"bench": "page_latency", "n": want.n, "open_cases": want.open_cases, **figures(ours), "fdatasync_p99_ms": round(sync, 2), **more}
        arrived.clear()
        peer = alertmanager(folder, hook.server_port, want)
        if peer:
            out |= figures(peer[0], "alertmanager_") | peer[1]
        print(json.dumps(out))
    finally:
        shutil.rmtree(folder)


main()
