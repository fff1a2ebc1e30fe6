#!/usr/bin/env python3
"""Start with a million stored posts: seconds from exec to /-/ready, in a cold and in a warm page cache, and the memory of the idle daemon
ten seconds later: bench/start.py [POSTS]. Needs build/release. The cold start needs root (drop_caches); without it, it is null."""
import http.client
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("EARSHOT_BUILD", ROOT / "build/release"))
POSTS = sys.argv[1] if len(sys.argv) > 1 else "1000000"


def port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def start(folder, listen):
    """(the daemon, seconds until it is ready)"""
    before = time.perf_counter()
    daemon = subprocess.Popen([BUILD / "earshotd", "--config", folder / "earshot.yaml"])
    while True:
        try:
            link = http.client.HTTPConnection("127.0.0.1", listen, timeout=1)
            link.request("GET", "/-/ready")
            if link.getresponse().status == 200:
                return daemon, time.perf_counter() - before
        except OSError:
            pass
        time.sleep(0.002)


def stop(daemon):
    daemon.terminate()
    daemon.wait()


def rss_mib(pid):
    return round(int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{pid}/status").read()).group(1)) / 1024, 1)


def main():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="earshot-bench-", dir=ROOT / "build"))
    try:
        data, listen = folder / "data", port()
        subprocess.run([BUILD / "bench/intake", data, POSTS, "0"], check=True)
        (folder / "earshot.yaml").write_text(f"""
company: {{name: Brightwave}}
sources: [{{name: push, type: push}}]
people: [{{id: jo, contact: [{{via: desk}}]}}]
escalations: [{{name: standard, steps: [{{notify: ["person:jo"], after: 0m}}]}}]
route: {{team: care, escalation: standard}}
receivers: [{{name: desk, type: log}}]
store: {{type: sqlite, path: {data}/intake.db}}
web: {{listen: "127.0.0.1:{listen}", open_on_loopback: true}}
log: {{level: error}}
""")
        cold = None
        try:
            os.sync()
            pathlib.Path("/proc/sys/vm/drop_caches").write_text("3")
            daemon, cold = start(folder, listen)
            stop(daemon)
        except OSError:
            pass
        daemon, warm = start(folder, listen)
        time.sleep(10)
        idle = rss_mib(daemon.pid)
        stop(daemon)
        print(json.dumps({"bench": "start", "posts": int(POSTS), "database_mib": round((data / "intake.db").stat().st_size / 2**20), "ready_cold_s": cold and round(cold, 3),
                          "ready_warm_s": round(warm, 3), "idle_rss_mib": idle}))
    finally:
        shutil.rmtree(folder)


main()
